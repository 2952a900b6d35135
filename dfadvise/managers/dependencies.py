"""What the manifests of a build context ask for: packages alone, or the project's own files as well.

The files are read as text, line by line, for the few words that decide: nothing is parsed in full, nothing is run.
"""

from __future__ import annotations

from posixpath import dirname, join, normpath

from dfadvise.gopath import has_wildcard
from dfadvise.knowledge.language_managers import NODE
from dfadvise.knowledge.toolchain_tables import BUNDLER, CARGO, COMPOSER, GO, GRADLE, MAVEN, NUGET

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dfadvise.context import BuildContext
    from dfadvise.knowledge.manager import Manager

_PYTHON = frozenset(("poetry", "uv"))
# Scripts that npm and its like run while they install a project.
_LIFECYCLE = ("preinstall", "install", "postinstall", "preprepare", "prepare", "postprepare", "prepublish")
# They set up git hooks or check the package manager, and read nothing of the project.
_HARMLESS_SCRIPTS = (
    "husky",
    "npx husky",
    "is-ci || husky",
    "npx only-allow",
    "only-allow",
    "npx -y only-allow",
    "npx --yes only-allow",
    "simple-git-hooks",
    "lefthook",
    "corepack",
    "echo",
)
_MOST_INCLUDES = 20


class Dependencies:
    """What is known of a project's manifests.

    Attributes:
        files: The manifests and lock files that are in the context and sent, as paths in it, in the manager's order.
        sources: Why an install reads more than them ("a local package", "a workspace", "a lifecycle script", ...);
            "" when it does not, as far as these files tell.
        none: Whether they surely ask for no packages at all.
        two_steps: Whether these files are all that an install of the dependencies reads, and it can be one by itself.
    """

    __slots__ = ("files", "none", "sources", "two_steps")

    def __init__(self) -> None:
        self.files: list[str] = []
        self.sources = ""
        self.none = False
        self.two_steps = True

    def __repr__(self) -> str:
        return f"Dependencies({self.files}, {self.sources!r})"


def dependencies(manager: Manager, context: BuildContext, folder: str, named: tuple[str, ...] = ()) -> Dependencies:
    """What the manifests in a folder of the context ask for.

    Args:
        manager: The package manager that reads them.
        context: The build context.
        folder: The folder in it.
        named: Manifests that the command itself names, as paths in the context (`-r requirements.txt`); the
            manager's usual names are looked for when there are none.
    """
    found = Dependencies()
    folder = normpath(folder)
    if named:
        found.files = [path for path in named if context.has(path)]
    else:
        for name in manager.manifests:
            found.files.extend(_sent(context, folder, name))
        found.files = list(dict.fromkeys(found.files))
    if manager.name in ("pip", "conda") or named:
        _requirements(found, context)
        return found
    reader = _READERS.get(manager.name)
    if reader is not None and found.files:
        reader(found, context, folder)
    return found


def _sent(context: BuildContext, folder: str, name: str) -> list[str]:
    path = normpath(join(folder, name))
    if has_wildcard(name):
        return sorted(match for match in context.glob(path) if context.has(match))
    if context.has(path):
        return [path]
    # Folders such as .mvn or patches count when something of them is sent.
    return [path] if context.exists(path) and context.count_of(path) else []


def _text(context: BuildContext, folder: str, name: str) -> str:
    return context.read_text(join(folder, name)) or ""


def _requirements(found: Dependencies, context: BuildContext) -> None:
    """Requirement files and what they include."""
    seen = dict.fromkeys(found.files)
    pending = list(found.files)
    while pending and len(seen) <= _MOST_INCLUDES:
        path = pending.pop(0)
        if path.endswith((".toml", ".py", ".cfg")):
            continue
        for line in _lines(context.read_text(path) or ""):
            line = line.removeprefix("- ").strip()
            for flag in ("-r", "--requirement", "-c", "--constraint"):
                if line.startswith(flag) and line[len(flag) : len(flag) + 1] in (" ", "=", "\t"):
                    other = normpath(join(dirname(path), line[len(flag) + 1 :].strip()))
                    if "://" not in line and other not in seen:
                        seen[other] = None
                        pending.append(other)
            local = line.startswith((".", "/", "file:", "-f .", "-f /")) or "@ file:" in line
            editable = line.startswith(("-e ", "--editable")) and "+" not in line.partition("#")[0]
            links = line.startswith("--find-links") and "://" not in line
            if local or editable or links:
                found.sources = "a local package"
    found.files = [path for path in seen if context.has(path)]


def _lines(text: str) -> Iterator[str]:
    for line in text.splitlines():
        line = line.strip()
        if line and not line.startswith("#"):
            yield line


def _node(found: Dependencies, context: BuildContext, folder: str) -> None:
    text = _text(context, folder, "package.json")
    if not text:
        return
    packages = _text(context, folder, "pnpm-workspace.yaml")
    if '"workspaces"' in text or "packages:" in packages or context.has("lerna.json", folder):
        found.sources = "a workspace"
    elif any(f'"{scheme}:' in text for scheme in ("file", "link", "portal", "workspace")):
        found.sources = "a local package"
    elif _has_folder(context, folder, ".yarn/cache"):
        found.sources = "vendored packages"
    else:
        for name in _LIFECYCLE:
            script = _script(text, name)
            if script and not script.startswith(_HARMLESS_SCRIPTS):
                found.sources = f"the {name} script"
                break
    found.none = not any(f'"{key}"' in text for key in ("dependencies", "devDependencies", "optionalDependencies"))


def _script(text: str, name: str) -> str:
    """The text of a script in package.json; "" when there is none."""
    key = f'"{name}"'
    at = text.find(key, max(0, text.find('"scripts"')))
    if at < 0:
        return ""
    rest = text[at + len(key) : at + len(key) + 400].lstrip()
    if not rest.startswith(":"):
        return ""
    rest = rest[1:].lstrip()
    return rest[1:].partition('"')[0].strip() if rest.startswith('"') else ""


def _has_folder(context: BuildContext, folder: str, name: str) -> bool:
    path = normpath(join(folder, name))
    return context.exists(path) and context.count_of(path) > 0


def _python(found: Dependencies, context: BuildContext, folder: str) -> None:
    section = ""
    dependent = False
    for line in _lines(_text(context, folder, "pyproject.toml")):
        if line.startswith("["):
            section = line.strip("[] ")
            if section == "tool.uv.workspace":
                found.sources = "a workspace"
            continue
        compact = line.replace(" ", "")
        depends = "dependencies" in section or section.startswith(("tool.uv.sources", "tool.poetry.group"))
        if depends and ("{path=" in compact or ",path=" in compact or "workspace=true" in compact):
            found.sources = "a local package"
        if "file://" in compact or "@file:" in compact:
            found.sources = "a local package"
        if compact in ("package-mode=false", "package=false"):
            found.two_steps = False
        dependent = dependent or "dependencies" in section or compact.startswith("dependencies=")
    found.none = not dependent


def _pipenv(found: Dependencies, context: BuildContext, folder: str) -> None:
    for line in _lines(_text(context, folder, "Pipfile")):
        compact = line.replace(" ", "")
        if "{path=" in compact or ",path=" in compact or "{file=" in compact:
            found.sources = "a local package"


def _bundler(found: Dependencies, context: BuildContext, folder: str) -> None:
    for name in ("Gemfile", "gems.rb"):
        for line in _lines(_text(context, folder, name)):
            if line.startswith(("gemspec", "path ")) or "path:" in line or ":path" in line:
                found.sources = "a local gem"
            elif line.startswith(("eval", "instance_eval", "require_relative", "load ")) or "File.read" in line:
                found.sources = "files that the Gemfile reads"
    if _has_folder(context, folder, "vendor/cache"):
        found.sources = "vendored packages"


def _composer(found: Dependencies, context: BuildContext, folder: str) -> None:
    compact = _text(context, folder, "composer.json").replace(" ", "")
    if '"type":"path"' in compact or '"type":"artifact"' in compact:
        found.sources = "a local package"
    found.none = '"require' not in compact


def _go(found: Dependencies, context: BuildContext, folder: str) -> None:
    if context.has("modules.txt", join(folder, "vendor")):
        found.sources = "vendored packages"
    if context.has("go.work", folder):
        found.sources = "a workspace"
    text = _text(context, folder, "go.mod")
    for line in _lines(text):
        if "=> ." in line or "=> /" in line:
            found.sources = "a local module"
    found.none = bool(text) and "require" not in text


def _cargo(found: Dependencies, context: BuildContext, folder: str) -> None:
    section = ""
    dependent = False
    for line in _lines(_text(context, folder, "Cargo.toml")):
        if line.startswith("["):
            section = line.strip("[] ")
            dependent = dependent or "dependencies." in section
            continue
        if section == "workspace" and line.startswith("members"):
            found.sources = "a workspace"
        if "dependencies" in section:
            dependent = True
            compact = line.replace(" ", "")
            if "{path=" in compact or ",path=" in compact or compact.startswith("path="):
                found.sources = "a local crate"
    if _has_folder(context, folder, "vendor") and "vendor" in _text(context, folder, ".cargo/config.toml"):
        found.sources = "vendored packages"
    found.none = not dependent


def _maven(found: Dependencies, context: BuildContext, folder: str) -> None:
    text = _text(context, folder, "pom.xml")
    if "<modules>" in text:
        found.sources = "a workspace"
    elif "<systemPath>" in text or "file://" in text:
        found.sources = "a local package"
    found.two_steps = "<relativePath>" not in text


def _gradle(found: Dependencies, context: BuildContext, folder: str) -> None:
    for name in ("settings.gradle", "settings.gradle.kts"):
        for line in _lines(_text(context, folder, name)):
            if line.startswith(("include", "project(")):
                found.sources = "a workspace"
    for name in ("build.gradle", "build.gradle.kts"):
        text = _text(context, folder, name)
        if "fileTree(" in text or "files(" in text or "project(" in text or "apply from" in text:
            found.sources = "a local package"
    if _has_folder(context, folder, "buildSrc"):
        found.sources = "its own plugins"


def _nuget(found: Dependencies, context: BuildContext, folder: str) -> None:
    text = "".join(context.read_text(path) or "" for path in found.files[:_MOST_INCLUDES] if path.endswith("proj"))
    if "<HintPath>" in text:
        found.sources = "a local package"
    # The referenced projects are restored too, wherever they are.
    found.two_steps = "<ProjectReference" not in text and "<Import " not in text
    found.none = bool(text) and "<PackageReference" not in text and "<ProjectReference" not in text


_READERS: dict[str, Callable[[Dependencies, BuildContext, str], None]] = {
    **dict.fromkeys(NODE, _node),
    **dict.fromkeys(_PYTHON, _python),
    "pipenv": _pipenv,
    BUNDLER.name: _bundler,
    COMPOSER.name: _composer,
    GO.name: _go,
    CARGO.name: _cargo,
    MAVEN.name: _maven,
    GRADLE.name: _gradle,
    NUGET.name: _nuget,
}
