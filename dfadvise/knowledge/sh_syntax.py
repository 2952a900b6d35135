"""What /bin/sh takes beyond POSIX, by what it is: dash (Debian, Ubuntu), BusyBox ash (Alpine), bash (RHEL, SUSE).

Measured with dash 0.5.12, BusyBox 1.35 and bash 5.2 as `--posix`, 2026-11-24, one construct at a time.
"""

from __future__ import annotations

from dfadvise.knowledge.tags import version

# Those that the last command of their `-c` takes the place of, as with exec; in dash 0.5.12 it runs below them.
# Measured as above, with `sleep 1` and `true && sleep 1`.
REPLACED = frozenset(("bash", "ash"))


class Construct:
    """A construct that not every sh has.

    Args:
        code: ShellCheck's code for it in a script for sh.
        name: What to call it in a message.
        breaks: What each sh that lacks it does with it, by kind of sh.
        fatal: The kinds of sh where that stops the script or the command: a syntax error or no such command.
    """

    __slots__ = ("breaks", "code", "fatal", "name")

    def __init__(self, code: str, name: str, fatal: str, **breaks: str) -> None:
        self.code = code
        self.name = name
        self.breaks = breaks
        self.fatal = frozenset(fatal.split())


_SYNTAX = "is a syntax error"
_SUBSTITUTION = "is a bad substitution"

CONSTRUCTS = {
    "test": Construct("SC3010", "[[", "dash", dash="is no command"),
    "equals": Construct("SC3014", "== in a test", "", dash="is an error that makes the test false"),
    "array": Construct("SC3030", "an array", "dash ash", dash=_SYNTAX, ash=_SYNTAX),
    "source": Construct("SC3046", "source", "dash", dash="is no command"),
    "function": Construct("SC2112", "the function keyword", "dash", dash=_SYNTAX),
    "here-string": Construct("SC3011", "<<<", "dash ash", dash=_SYNTAX, ash=_SYNTAX),
    "process": Construct("SC3001", "process substitution", "dash", dash=_SYNTAX),
    "both-outputs": Construct("SC3020", "&>", "", dash="runs the command in the background"),
    "braces": Construct("SC3009", "a brace expansion", "", dash="is plain text", ash="is plain text"),
    "replace": Construct("SC3060", "${v/a/b}", "dash", dash=_SUBSTITUTION),
    "slice": Construct("SC3057", "${v:0:1}", "dash", dash=_SUBSTITUTION),
    "pipefail": Construct("SC3040", "pipefail", "dash", dash="is an illegal option"),
}

# The first releases whose dash has `set -o pipefail`: Debian's package 0.5.12-7 brought it.
_PIPEFAIL_SINCE = {"debian": (13,), "ubuntu": (25, 4)}


def dash_has_pipefail(family: str, release: str) -> bool | None:
    """Whether the dash of a release has `set -o pipefail`; None when it is not known.

    Args:
        family: "debian" or "ubuntu".
        release: "12", "22.04"; empty when the tag does not tell.
    """
    since = _PIPEFAIL_SINCE.get(family)
    numbers = version(release)
    return numbers >= since if since is not None and numbers else None


# ShellCheck's codes for constructs beyond POSIX that each sh takes all the same; bash takes them all. 2028 is about
# the escapes of a plain echo, which dash expands.
_TAKEN = {
    "dash": frozenset((2028, 3012, 3013, 3043)),
    "ash": frozenset(
        (
            *(2112, 2113, 3001, 3003, 3010, 3012, 3013, 3014, 3018, 3019, 3020, 3021, 3036, 3037, 3038, 3039, 3040),
            *(3043, 3046, 3048, 3051, 3052, 3057, 3060),
        )
    ),
}
_BASH = frozenset((2039, 2112, 2113))


def takes(sh: str | None, code: int, text: str = "") -> bool:
    """Whether a kind of sh is known to take what a ShellCheck code says POSIX lacks.

    Args:
        sh: "dash", "ash" or "bash"; None takes nothing for sure.
        code: The code's number.
        text: What the finding stands on, where that decides.
    """
    if sh == "bash":
        return 3000 <= code < 4000 or code in _BASH
    if sh == "dash":
        if code == 3037:
            return text in ("-n", '"-n"', "'-n'")
        if code == 3045:
            return text == "-p"
    if sh == "ash" and code == 3028:
        return text.strip("${}") in ("RANDOM", "HOSTNAME")
    return code in _TAKEN.get(sh or "", ())
