from __future__ import annotations

from dfadvise.editing.chainshape import shape_of
from dfadvise.rule import Edit, Finding, Fix, Rule
from dfadvise.shells.written import written
from dfadvise.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.editing.chainshape import Shape
    from dfadvise.shell import Script, ShellCommand
    from dfadvise.syntax.instructions import Run

LONG, CHAINED = "sonar:S7020", "tally:newline-per-chained-call"
FORMATTED, WRITTEN = "tally:prefer-formatted-heredocs", "tally:prefer-copy-heredoc"
COLUMNS = 120
COMMANDS = 3
# A line of fewer words cannot be broken where it helps.
WORDS = 7
LINES = 2
SPEAKERS = ("echo", "printf")


class UnreadableRun(Rule):
    r"""A RUN is hard to read: a long line, many commands on one line, a file pieced together by echo.

    Why:
        A change in a long line is hard to see in a review, and a command in the middle of it is easily overlooked.

    Bad:
        FROM debian:12
        RUN apt-get update && apt-get install -y curl && curl -fsSLO https://example.com/a.tgz && tar xzf a.tgz

    Good:
        FROM debian:12
        RUN apt-get update \
            && apt-get install -y curl \
            && curl -fsSLO https://example.com/a.tgz \
            && tar xzf a.tgz

    Bad (a file line by line):
        FROM debian:12
        RUN echo "[server]" > /etc/app.ini && echo "port = 80" >> /etc/app.ini && echo "debug = no" >> /etc/app.ini

    Good (as it will be):
        FROM debian:12
        COPY <<EOF /etc/app.ini
        [server]
        port = 80
        debug = no
        EOF

    Good (an address cannot be broken):
        FROM debian:12
        RUN curl -fsSL -o a.tar.gz --retry 3 https://example.com/releases/download/v1.2.3/a-very-long-name-x86_64-linux.tar.gz

    Fix:
        safe: breaks the line at each `&&`, on the side where the RUN or the file has it; a heredoc is for the author
        to write.
    """

    on = ("RUN",)
    severity = "style"
    default = "off"
    aliases = (LONG, CHAINED, FORMATTED, WRITTEN)

    def check(self, run: Run) -> Iterator[Finding]:
        crowded = _crowded(run)
        yield from self._lines(run, crowded)
        yield from self._files(run)

    def _lines(self, run: Run, crowded: dict[int, str]) -> Iterator[Finding]:
        source = run.file.source
        breaks = _breaks(run)
        for line in range(run.line, run.end_line + 1):
            span = source.line_span(line)
            long = False
            if span.end - span.start > COLUMNS:
                text = source.slice(span)
                long = not text.lstrip().startswith("#") and "://" not in text and len(text.split()) >= WORDS
            if not long and line not in crowded:
                continue
            aliases: tuple[str, ...] = (LONG,) if long else ()
            reasons = [f"{span.end - span.start} columns"] if long else []
            if line in crowded:
                aliases += (CHAINED,) if crowded[line] == "shell" else (FORMATTED,)
                reasons.append(f"more than {COMMANDS} commands")
            if run.outer is not None and line == run.line:
                span = Span(run.outer.name_span.start, span.end)
            edits = breaks.get(line)
            fix = Fix("Break the line at each &&", edits, "safe") if edits else None
            yield self.finding(span, f"line has {' and '.join(reasons)}", aliases=aliases, fix=fix)

    def _files(self, run: Run) -> Iterator[Finding]:
        if ">" not in run.body.text and "tee" not in run.body.text:
            return
        lines: dict[str, int] = {}
        first: dict[str, ShellCommand] = {}
        for each in written(run):
            command = each.command
            if command is None or command.program not in SPEAKERS or command.conditional or not each.text:
                continue
            if each.path.startswith("/dev/"):
                continue
            lines[each.path] = lines.get(each.path, 0) + each.text.rstrip("\n").count("\n") + 1
            first.setdefault(each.path, command)
        for path, command in first.items():
            if lines[path] >= LINES:
                shown = path if path.isprintable() else "a file"
                message = f"{lines[path]} lines of {shown} are written by {command.program}"
                yield self.finding(command.argv_span, message, aliases=(WRITTEN,))


def _crowded(run: Run) -> dict[int, str]:
    """The lines on which too many commands start, with the form of their script."""
    found: dict[int, str] = {}
    source = run.file.source
    for script in run.scripts:
        if script.form == "exec" or len(script.items) <= COMMANDS:
            continue
        counts: dict[int, int] = {}
        for item in script.items:
            line = source.line(script.span(item.start, item.end).start)
            counts[line] = counts.get(line, 0) + 1
        found.update((line, script.form) for line, count in counts.items() if count > COMMANDS)
    return found


def _breaks(run: Run) -> dict[int, list[Edit]]:
    """By line the edits that put a line break before each `&&` between top-level commands."""
    found: dict[int, list[Edit]] = {}
    if len(run.scripts) != 1 or run.has_heredoc:
        return found
    script: Script = run.scripts[0]
    if script.form != "shell" or script.opaque:
        return found
    source = run.file.source
    shape: Shape | None = None
    for before, after in zip(script.items, script.items[1:], strict=False):
        end, start = script.span(before.start, before.end).end, script.span(after.start, after.end).start
        gap = Span(end, start)
        if end <= start and before.after == "&&" and source.slice(gap).strip(" \t") == "&&":
            shape = shape or shape_of((run,))
            found.setdefault(source.line(start), []).append(Edit(gap, shape.gap(run)))
    return found
