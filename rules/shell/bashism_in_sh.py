from __future__ import annotations

from dfadvise.knowledge.sh_syntax import CONSTRUCTS
from dfadvise.rule import Edit, Finding, Fix, Rule
from dfadvise.shells.bashisms import bashisms, may_hold
from dfadvise.shells.interpreters import dialect_of, has_pipefail, interpreter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.shell import Script
    from dfadvise.shells.bashisms import Use
    from dfadvise.stages import Dockerfile
    from dfadvise.syntax.instructions import Run

_MENDED = {"equals": ("==", "=", "Use ="), "source": ("source", ".", "Use . for source")}


class BashismInSh(Rule):
    """The shell syntax is bash's, and the sh of this stage is not bash.

    Why:
        RUN runs /bin/sh, which is dash on Debian and Ubuntu and BusyBox ash on Alpine. What they do not know is a
        syntax error at best; at worst it is plain text, or a test that is false without anybody noticing.

    Bad (a test):
        FROM debian:12
        RUN if [ "$(uname -m)" == "x86_64" ]; then touch /amd64; fi

    Good (a test):
        FROM debian:12
        RUN if [ "$(uname -m)" = "x86_64" ]; then touch /amd64; fi

    Bad (source):
        FROM python:3.12-slim
        RUN python -m venv /venv && source /venv/bin/activate && pip install .

    Good (source):
        FROM python:3.12-slim
        RUN python -m venv /venv && . /venv/bin/activate && pip install .

    Bad (BusyBox):
        FROM alpine:3.22
        RUN mkdir -p /srv/{a,b}

    Good (BusyBox knows the double bracket):
        FROM alpine:3.22
        RUN if [[ -f /etc/alpine-release ]]; then touch /alpine; fi

    Good (sh is bash):
        FROM rockylinux:9
        RUN if [[ -f /etc/os-release ]]; then source /etc/os-release; fi

    Good (bash was asked for):
        FROM debian:12
        SHELL ["/bin/bash", "-o", "pipefail", "-c"]
        RUN [[ -f /etc/os-release ]] && source /etc/os-release

    Fix:
        unsafe: `==` becomes `=` and `source` becomes `.`; the rest has to be written anew, or run by bash.
    """

    on = ("RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK")
    aliases = (
        *("SC3010", "SC3014", "SC3030", "SC3046", "SC2112", "SC2113", "SC3011", "SC3001", "SC3020", "SC3009"),
        *("SC3060", "SC3057", "SC3040"),
    )

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        marks = ("{", "[[", "==", "=(", "<(", ">(", "source", "function", "<<<", "&>", "pipefail")
        return any(mark in text for mark in marks)

    def check(self, run: Run) -> Iterator[Finding]:
        if not may_hold(run.body.text) and not any(may_hold(heredoc.content) for heredoc in run.heredocs):
            return
        for script in run.all_scripts():
            sh = interpreter(script) if script.form != "exec" else None
            # `su -c` runs the shell of the user, which nobody knows here.
            if sh in ("dash", "ash") and not any("su" in command.wrappers for command in script.commands[:1]):
                yield from self.in_script(script, str(sh))

    def in_script(self, script: Script, sh: str) -> Iterator[Finding]:
        where = f"{sh}, which is /bin/sh here" if dialect_of(script)[0] == "sh" else sh
        for use in bashisms(script):
            construct = CONSTRUCTS[use.kind]
            effect = construct.breaks.get(sh)
            if effect is None or (use.kind == "pipefail" and has_pipefail(script) is not False):
                continue
            code = construct.code
            if use.kind == "function" and not _has_parentheses(script.text, use.end):
                code = "SC2113"
            span = script.span(use.start, use.end)
            yield self.finding(
                span,
                f"{construct.name} {effect} in {where}",
                severity="error" if sh in construct.fatal else "warning",
                aliases=(code,),
                fix=_fix(script, use),
                cause=(code, script.instruction.file.source.line(span.start)),
            )


def _has_parentheses(text: str, at: int) -> bool:
    """Whether `function name` goes on with `()`: ShellCheck has a code of its own for each form."""
    words = text[at : at + 200].split(None, 1)
    rest = words[0] + (words[1][:1] if len(words) > 1 else "") if words else ""
    return "(" in rest


def _fix(script: Script, use: Use) -> Fix | None:
    mended = _MENDED.get(use.kind)
    if mended is None or not script.joined.is_contiguous(use.start, use.end):
        return None
    old, new, title = mended
    span = script.span(use.start, use.end)
    if script.instruction.file.source.slice(span) != old:
        return None
    if use.kind == "source":
        # Without a slash, `.` looks for the file in PATH, not in the working directory.
        argument = script.text[use.end : use.end + 500].split(None, 1)
        if not argument or "/" not in argument[0]:
            return None
    return Fix(title, [Edit(span, new)])
