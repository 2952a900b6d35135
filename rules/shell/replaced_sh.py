from __future__ import annotations

from dfadvise.editing.keywords import keyword
from dfadvise.rule import Edit, Finding, Fix, Rule
from dfadvise.shells.interpreters import POWERSHELLS, SH_PATHS, dialect_of, sh_replacement

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.shell import ShellCommand, ShellWord
    from dfadvise.syntax.instructions import Run


class ReplacedSh(Rule):
    """Another program takes the place of /bin/sh.

    Why:
        Every script in the image that asks for sh gets another shell, at build time and in the container; a package
        upgrade may put the old one back. The SHELL instruction changes what RUN uses, and nothing else.

    Bad:
        FROM ubuntu:24.04
        RUN ln -sf /bin/bash /bin/sh

    Good:
        FROM ubuntu:24.04
        SHELL ["/bin/bash", "-c"]

    Bad (removed first):
        FROM ubuntu:24.04
        RUN rm /bin/sh && ln -s /bin/bash /bin/sh && apt-get update

    Good (another link):
        FROM ubuntu:24.04
        RUN ln -sf /bin/true /sbin/initctl

    Fix:
        unsafe: a lone link becomes a SHELL instruction; scripts that relied on the other /bin/sh get the real one.
    """

    on = ("RUN",)
    mentions = ("/sh", "dpkg-reconfigure", "powershell", "pwsh")
    severity = "warning"
    aliases = ("DL4005", "kics:8a301064", "semgrep:use-shell-instruction")

    def check(self, run: Run) -> Iterator[Finding]:
        for command in run.all_commands():
            found = sh_replacement(command)
            if found is not None:
                word, target = found
                what = f"{target.raw} takes" if target is not None else "another program takes"
                fix = _fix(run, command, target)
                yield self.finding(word.span, f"{what} the place of {word.text}", aliases=self.aliases, fix=fix)
            elif command.program == "ln":
                # A link to /bin/sh replaces nothing, but hadolint asks about it too.
                for word in command.operands:
                    if word.text in SH_PATHS:
                        message = f"a link names {word.text}"
                        yield self.finding(word.span, message, severity="style", aliases=("DL4005",))
                        break
            elif command.program in POWERSHELLS and command.is_simple and dialect_of(command.script)[0] != "exec":
                message = f"starts {command.program} from another shell"
                yield self.finding(command.words[0].span, message, severity="style", aliases=("kics:8a301064",))


def _fix(run: Run, command: ShellCommand, target: ShellWord | None) -> Fix | None:
    """A SHELL instruction for a RUN that does nothing but remove and link /bin/sh."""
    path = target.text if target is not None else None
    if path is None or run.form != "shell" or run.flags or run.inner_comments or run.heredocs:
        return None
    if command.program != "ln" or not run.scripts[0].is_chain or command is not run.scripts[0].commands[-1]:
        return None
    for other in run.scripts[0].commands[:-1]:
        if other.program not in ("rm", "mv") or not any(word.text in SH_PATHS for word in other.operands):
            return None
    path = path if path.startswith("/") else f"/bin/{path}"
    if not path.replace("/", "").replace("-", "").isalnum():
        return None
    return Fix("Use a SHELL instruction", [Edit(run.span, keyword(f'SHELL ["{path}", "-c"]', run.file))])
