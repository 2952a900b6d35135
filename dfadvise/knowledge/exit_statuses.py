"""Programs whose exit status is an answer rather than a failure, and programs that read their input to its end.

Source: each program's manual page or `--help` (POSIX.1-2024, GNU coreutils 9, grep 3, BusyBox 1.37, GnuPG 2.4, jq 1.7),
read 2026-11-24. GNU tar and that of BusyBox read a pipe to its end behind the end of the archive; bsdtar and cpio
do not.
"""

from __future__ import annotations

from dfadvise.knowledge.manager import words
from dfadvise.knowledge.programs import SHELLS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.shell import ShellCommand

# They end with another status than 0 in the normal course of things.
ANSWERS = words(
    "test [ [[ (( let expr grep egrep fgrep zgrep rgrep pgrep pidof which type command hash diff cmp id getent ls"
    " rmdir kill pkill killall read ldd xargs lsof ps dpkg dpkg-query dpkg-divert rpm rpmdb fuser timeout ping nc"
    " systemctl service unzip userdel groupdel deluser delgroup rc-update mountpoint umount ssh-keyscan"
)
_QUESTIONS = {
    "apk": ("info", "list", "search", "version"),
    **dict.fromkeys(("dnf", "yum", "microdnf"), ("check", "check-update", "info", "list", "search")),
    "git": ("diff", "grep", "config", "show-ref", "ls-remote", "rev-parse"),
    "npm": ("audit", "outdated", "ls", "list"),
    "pip": ("check", "show"),
    "pip3": ("check", "show"),
    "pacman": ("-Q", "-Qs"),
}
_FILTERS = words(
    "cat sort wc uniq tac rev nl base64 base32 md5sum sha1sum sha224sum sha256sum sha384sum sha512sum b2sum gunzip"
    " gzip zcat bunzip2 bzip2 bzcat unxz xz xzcat unzstd zstd zstdcat column fold cut tail"
)
_WHOLE = words("tr tee gpg gpg2 apt-key chpasswd debconf-set-selections xargs crontab")
_INTERPRETERS = words("python python2 python3 perl ruby node php")
_QUICK_GREP = ("-q", "--quiet", "--silent", "-m", "--max-count", "-l", "-L", "--files-with-matches")


def may_say_no(command: ShellCommand) -> bool:
    """Whether a command may end with another status than 0 without anything being wrong.

    Args:
        command: The command, with what runs it: `xargs` fails when one of many does.
    """
    if "xargs" in command.wrappers or command.program is None or command.program in ANSWERS:
        return True
    return command.subcommand in _QUESTIONS.get(command.program, ())


def reads_all(command: ShellCommand) -> bool:
    """Whether a command at the end of a pipe is known to read all of it, unless it fails itself.

    Args:
        command: The command; None of its options may make it stop early.
    """
    program = command.program or ""
    arguments = [word.partial for word in command.words[1:]]
    if any(redirect.operator.startswith("<") for redirect in command.redirects):
        return False
    if program in _WHOLE or "xargs" in command.wrappers:
        return True
    if program in _FILTERS:
        return "-" in arguments or not command.operands or program == "tail" or _is_cut(program, command)
    if program == "tar":
        return not any(text.startswith(("--occurrence", "--fast-read")) for text in arguments)
    if program in SHELLS:
        return not command.has_flag("-c") and (not command.operands or command.has_flag("-s") or arguments[0] == "-")
    if program in _INTERPRETERS:
        return not arguments or arguments[0] == "-"
    if program in ("grep", "egrep", "fgrep"):
        return not command.has_flag(*_QUICK_GREP)
    known = all(word.text is not None for word in command.words)
    if program in ("awk", "gawk", "mawk"):
        return known and not any(stop in text for text in arguments for stop in ("exit", "getline"))
    if program == "sed":
        return known and not any(stop in text for text in arguments for stop in "qQ")
    if program == "jq":
        return not command.has_flag("-n", "--null-input") and known and not any("halt" in text for text in arguments)
    return False


def _is_cut(program: str, command: ShellCommand) -> bool:
    """`cut -d ' ' -f 2`, whose values are words of their own."""
    return program == "cut" and all(len(word.partial) < 4 for word in command.operands)
