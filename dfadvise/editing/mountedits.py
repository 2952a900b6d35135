"""Edits on the `--mount` flags of a RUN, in place."""

from __future__ import annotations

from dfadvise.editing.chainshape import shape_of
from dfadvise.rule import Edit
from dfadvise.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from dfadvise.source import Source
    from dfadvise.syntax.instructions import Run
    from dfadvise.syntax.mounts import Mount

_TARGETS = ("target", "dst", "destination")
_COLUMNS = 120  # of a line that holds more than one mount, or a mount and a command


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


def with_mounts(run: Run, mounts: list[str], others: Sequence[Edit] = ()) -> Edit:
    """Put mounts in front of everything else in a RUN, on lines of their own where one would grow too long.

    Args:
        run: The RUN.
        mounts: Their values: `type=cache,target=/root/.npm`.
        others: What else is changed in the RUN, which may shorten its line.
    """
    source = run.file.source
    at = run.name_span.end
    flags = [f" --mount={mount}" for mount in mounts]
    line = source.line_text(source.line(at))
    rest = line[at - source.starts[source.line(at) - 1] :]
    length = len(line) + sum(map(len, flags))
    end = source.line_span(source.line(at)).end
    for edit in others:
        if at <= edit.span.start and edit.span.end <= end:
            length += len(edit.text) - (edit.span.end - edit.span.start)
    in_lines = bool(run.flags) and rest.rstrip().endswith(run.file.escape)
    in_lines = in_lines and source.line(run.body.span(0, 1).start) > source.line(at)
    if length <= _COLUMNS and not in_lines:
        return Edit(Span(at, at), "".join(flags))
    gap = f" {run.file.escape}{source.newline}{shape_of((run,)).indent}"
    text = gap.join(flag.lstrip() for flag in flags)
    if rest.strip() == run.file.escape:
        return Edit(Span(at, at), " " + text)
    return Edit(Span(at, at + len(rest) - len(rest.lstrip())), f" {text}{gap}")
