"""dfadvise: a Dockerfile linter and optimisation advisor that models the build.

The public names are loaded on first use (PEP 562), so that `dfadvise --version` stays instant.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.rule import Edit as Edit
    from dfadvise.rule import Finding as Finding
    from dfadvise.rule import Fix as Fix
    from dfadvise.rule import Rule as Rule
    from dfadvise.rule import Saving as Saving
    from dfadvise.source import Source as Source
    from dfadvise.source import Span as Span
    from dfadvise.stages import Dockerfile as Dockerfile
    from dfadvise.syntax.parser import DockerfileParser as DockerfileParser

__version__ = "0.1.0"

_PUBLIC = {
    "Dockerfile": "dfadvise.stages",
    "DockerfileParser": "dfadvise.syntax.parser",
    "Edit": "dfadvise.rule",
    "Finding": "dfadvise.rule",
    "Fix": "dfadvise.rule",
    "Rule": "dfadvise.rule",
    "Saving": "dfadvise.rule",
    "Source": "dfadvise.source",
    "Span": "dfadvise.source",
}

__all__ = [
    "Dockerfile",
    "DockerfileParser",
    "Edit",
    "Finding",
    "Fix",
    "Rule",
    "Saving",
    "Source",
    "Span",
    "__version__",
]


def __getattr__(name: str) -> object:
    """Import a public name when it is first asked for."""
    module = _PUBLIC.get(name)
    if module is None:
        raise AttributeError(f"module 'dfadvise' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(module), name)
