"""Edits on the `--mount` flags of a RUN, in place."""

from __future__ import annotations

from dfadvise.rule import Edit
from dfadvise.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.source import Source
    from dfadvise.syntax.instructions import Mount, Run

_TARGETS = ("target", "dst", "destination")


def with_option(source: Source, mount: Mount, option: str) -> Edit | None:
    """Add an option such as `sharing=locked` at the end of a mount.

    Args:
        source: The file's text.
        mount: The mount.
        option: The option.

    Returns:
        An insertion; None where the flag does not stand in the file as it is read (quotes, continuations).
    """
    flag = mount.flag
    if source.slice(flag.span) != flag.text:
        return None
    return Edit(Span(flag.span.end, flag.span.end), "," + option)


def with_value(source: Source, mount: Mount, names: tuple[str, ...], value: str) -> Edit | None:
    """Change the value of an option of a mount.

    Args:
        source: The file's text.
        mount: The mount.
        names: The names that the option may go by.
        value: The new value.

    Returns:
        A replacement of the value; None where the option is not written so, or the flag not as it is read.
    """
    flag = mount.flag
    if source.slice(flag.span) != flag.text or '"' in flag.text:
        return None
    at = len("--mount=")
    for field in flag.text[at:].split(","):
        name, equals, old = field.partition("=")
        if equals and name.strip().lower() in names:
            start = flag.span.start + at + len(name) + 1
            return Edit(Span(start, start + len(old)), value)
        at += len(field) + 1
    return None


def with_target(source: Source, mount: Mount, path: str) -> Edit | None:
    """Change where a mount is; see `with_value`."""
    return with_value(source, mount, _TARGETS, path)


def with_mounts(run: Run, mounts: list[str]) -> Edit:
    """Put mounts in front of everything else in a RUN.

    Args:
        run: The RUN.
        mounts: Their values: `type=cache,target=/root/.npm`.
    """
    at = run.name_span.end
    return Edit(Span(at, at), "".join(f" --mount={mount}" for mount in mounts))
