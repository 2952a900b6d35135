from __future__ import annotations

from dfadvise.base.bases import base_of
from dfadvise.managers.packages import actions, is_answered, is_configured, is_switched, reading
from dfadvise.rule import Finding, Fix, Rule
from dfadvise.syntax.instructions import Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.managers.packages import Action
    from dfadvise.rule import Severity
    from dfadvise.shell import ShellCommand

ASKING = frozenset(("install", "upgrade", "release-upgrade", "remove"))
YES = {"apt": "-y", "dnf": "-y", "yum": "-y", "zypper": "-y", "pacman": "--noconfirm", "conda": "-y"}
# zypper's other verbs know its answer only before them.
ZYPPER_VERBS = frozenset(("install", "in", "remove", "rm", "update", "up", "dist-upgrade", "dup", "patch"))
KEY_MODES = ("-A", "-R", "-y", "-l", "-F", "-H", "-e", "-i", "-p", "-s", "-k", "-K", "-r", "-D", "-Y", "-B", "-Q", "-L")
KEY_GENERATION = (
    *("--gen-key", "--full-gen-key", "--full-generate-key", "--quick-gen-key"),
    *("--quick-generate-key", "--generate-key"),
)
# Of Debian's adduser and BusyBox' those that ask nothing.
ADDUSER_QUIET = ("--gecos", "--comment", "--disabled-password", "--disabled-login", "--system", "-D", "-S")
# Managers of the systems whose adduser asks.
FAMILIES = ("apt", "apk")


class InteractiveCommand(Rule):
    """A command asks and nobody answers.

    Why:
        A build has no keyboard: a package manager that asks whether to go on stops the build or does nothing, and so do
        adduser, ssh-keygen and gpg when they want a password.

    Bad:
        FROM debian:12
        RUN apt-get update && apt-get install curl

    Good:
        FROM debian:12
        RUN apt-get update && apt-get install -y curl

    Bad (removal):
        FROM fedora:43
        RUN dnf remove vim

    Good (removal):
        FROM fedora:43
        RUN dnf remove -y vim

    Good (an answer is piped in):
        FROM debian:12
        RUN apt-get update && yes | apt-get install curl

    Good (quiet enough to mean yes):
        FROM debian:12
        RUN apt-get update && apt-get install -qq curl

    Good (system account):
        FROM debian:12
        RUN adduser --system app && adduser app audio

    Fix:
        safe: the manager's own option behind the verb. adduser, ssh-keygen and gpg get none.
    """

    on = ("RUN",)
    mentions = ("apt", "dnf", "yum", "zypper", "pacman", "conda", "mamba", "adduser", "ssh-keygen", "gpg")
    severity = "warning"
    aliases = (
        *("DL3014", "DL3030", "DL3034", "DL3038", "DS-0021", "kics:77783205", "kics:7ebd323c", "kics:6e19193a"),
        *("kics:45e1fca5", "semgrep:missing-assume-yes-switch", "semgrep:missing-dnf-assume-yes-switch"),
        *("semgrep:missing-yum-assume-yes-switch", "semgrep:missing-zypper-no-confirm-switch"),
    )

    def check(self, run: Run) -> Iterator[Finding]:
        for action in actions(run):
            if asks(action):
                codes = known_codes(action)
                if always_agrees(action):
                    message = f"{action.text} has no option that answers"
                    yield self.finding(action.verb_word.span, message, severity="style", aliases=codes)
                    continue
                message = f"{action.text} asks before it goes on"
                yield self.finding(action.verb_word.span, message, aliases=codes, fix=answer(action))
        for command in reading(run).commands:
            question = QUESTIONS.get(command.program or "")
            if question is not None and not is_answered(command):
                found = question(command)
                if found is not None:
                    message, severity = found
                    yield self.finding(command.words[0].span, message, severity=severity)


def asks(action: Action) -> bool:
    """Whether a manager asks here and gets no answer."""
    manager = action.manager
    if not manager.asks or action.effect not in ASKING or action.verb in manager.quiet_verbs or action.is_idle:
        return False
    if manager.answers_yes(action.argv) or is_answered(action.command) or action.may_hold_options:
        return False
    if manager.name == "conda":
        return not (is_switched(action, ("CONDA_ALWAYS_YES", "MAMBA_ALWAYS_YES")) or is_set(action, "always_yes"))
    return not (manager.yes_config and is_set(action, manager.yes_config))


def always_agrees(action: Action) -> bool:
    """Whether it is a microdnf that asks nothing; Fedora's is another name of dnf5, which does."""
    base = base_of(action.command.instruction.stage)
    return action.program == "microdnf" and (base is None or base.distribution != "fedora")


def is_set(action: Action, key: str) -> bool:
    return is_configured(action, key, True)


def known_codes(action: Action) -> tuple[str, ...]:
    """The foreign codes: the tools look at installs, hadolint at zypper's removals too."""
    manager = action.manager
    if action.effect == "install":
        return action.codes("interactive-command")
    return ("DL3034",) if manager.name == "zypper" and action.effect == "remove" else ()


def answer(action: Action) -> Fix | None:
    """The option that says yes, where the manager takes it."""
    manager = action.manager
    option, word = YES[manager.name], action.verb_word
    if manager.name == "zypper" and action.verb not in ZYPPER_VERBS:
        option, word = "--non-interactive", action.command.words[0]
    from dfadvise.editing.edits import behind

    edit = behind(word, option)
    return Fix(f"Add {option}", [edit], "safe", "+flag") if edit is not None else None


def adduser(command: ShellCommand) -> tuple[str, Severity | None] | None:
    base = base_of(command.instruction.stage)
    family = base.distribution if base is not None else None
    if command.has_flag(*ADDUSER_QUIET) or len(command.operands) != 1 or command.operands[0].text is None:
        return None
    # Elsewhere adduser is another name of useradd, which asks nothing.
    if family is None:
        run = command.instruction
        used = [each.manager.name for each in actions(run)] if isinstance(run, Run) else []
        family = next((name for name in FAMILIES if name in used), None)
    if family not in ("debian", "ubuntu", "alpine", "busybox", *FAMILIES):
        return None
    return "adduser asks for a password and a name", None


def ssh_keygen(command: ShellCommand) -> tuple[str, Severity | None] | None:
    words = command.words[1:]
    if any(word.text is None and word.is_flag for word in words) or command.has_flag(*KEY_MODES):
        return None
    lacks = [
        what
        for what, option in (("a file", "-f"), ("a passphrase", "-N"))
        if not any(True for _ in command.option_words(option)) and not command.has_flag(option)
    ]
    return (f"ssh-keygen asks for {' and '.join(lacks)}", None) if lacks else None


def gpg(command: ShellCommand) -> tuple[str, Severity | None] | None:
    if command.has_flag("--batch", "--version", "--help"):
        return None
    if command.has_flag(*KEY_GENERATION):
        return "gpg asks when it makes a key without --batch", None
    return "gpg without --batch may ask", "style"


def add_apt_repository(command: ShellCommand) -> tuple[str, Severity | None] | None:
    if command.has_flag("-y", "--yes", "--help", "-L", "--list"):
        return None
    return "add-apt-repository asks before it adds", "style"


QUESTIONS = {
    "adduser": adduser,
    "ssh-keygen": ssh_keygen,
    "gpg": gpg,
    "gpg2": gpg,
    "add-apt-repository": add_apt_repository,
    "apt-add-repository": add_apt_repository,
}
