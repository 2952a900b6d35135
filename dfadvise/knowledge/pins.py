"""Whether a word of an install command names a version, in each package manager's own form.

The forms are those of the managers' documentation. What is no package from an index (paths, archives, URLs) needs
no version and counts as pinned, as does every word that cannot carry one (groups, removals).
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_ARCHIVES = (".whl", ".tar.gz", ".tgz", ".tar", ".tar.bz2", ".tar.xz", ".zip", ".gem", ".egg")
_SPECIFIERS = ("==", "~=", "!=", ">=", "<=", ">", "<", "===")
_PATHS = (".", "/", "~", "file:")


def pinned(manager: str, word: str) -> bool:
    """Whether a word needs no version or has one.

    Args:
        manager: The manager's name, as in the tables.
        word: An operand of its install command, without quotes.

    Returns:
        True also for managers whose forms are not known: nothing can be said about them.
    """
    form = _FORMS.get(manager)
    # `{}` is what find and xargs put in: nothing is known of it.
    return form is None or not word or "{}" in word or form(word)


def _apt(word: str) -> bool:
    # `name=version`, `name/release`, `./file.deb`; `name-` removes.
    return "=" in word or "/" in word or word.endswith((".deb", "-"))


def _apk(word: str) -> bool:
    # `!name` is a conflict, `so:`, `cmd:` and `pc:` are virtual names.
    return any(mark in word for mark in "=~><:/") or word[0] in "!." or word.endswith(".apk")


def _rpm(word: str) -> bool:
    # A part after a dash that starts with a digit is the version, as in httpd-2.4.6; `@name` is a group.
    if word[0] in "@/-" or word.endswith(".rpm") or "://" in word or any(mark in word for mark in "=<>*("):
        return True
    return ":" in word or any(part[:1].isdigit() for part in word.split("-")[1:])


def _zypper(word: str) -> bool:
    return any(mark in word for mark in "=<>/") or word.endswith(".rpm") or word[0] in "+-!" or ":" in word


def _pip(word: str) -> bool:
    if word.startswith(("git+", "hg+", "svn+", "bzr+")):
        return "@" in word.partition("://")[2].partition("/")[2]
    if any(mark in word for mark in _SPECIFIERS) or "/" in word or word.endswith(_ARCHIVES):
        return True
    return word.startswith(_PATHS) or "@" in word


def _npm(word: str) -> bool:
    if "://" in word or word.startswith(("git@", "github:", "gitlab:", "bitbucket:", "gist:")):
        return "#" in word or word.endswith(_ARCHIVES)
    if word.startswith(_PATHS) or word.endswith(_ARCHIVES):
        return True
    if "/" in word and word[0] != "@":
        return "#" in word  # owner/repository on GitHub
    return "@" in word[1:]


def _gem(word: str) -> bool:
    return ":" in word or word.endswith(".gem") or word[0] in "./"


def _go(word: str) -> bool:
    if word.startswith((".", "/")) or word in ("all", "std", "cmd", "tool", "work") or word.endswith(".go"):
        return True
    version = word.rpartition("@")[2] if "@" in word else ""
    return bool(version) and version not in ("latest", "none")


def _cargo(word: str) -> bool:
    return "@" in word or word[0] in "./"


def _composer(word: str) -> bool:
    return ":" in word or "=" in word or "/" not in word or " " in word


def _conda(word: str) -> bool:
    return any(mark in word for mark in "=<>/") or word.endswith((".conda", ".tar.bz2"))


_FORMS: dict[str, Callable[[str], bool]] = {
    "apt": _apt,
    "apk": _apk,
    "dnf": _rpm,
    "yum": _rpm,
    "zypper": _zypper,
    "pip": _pip,
    "pipx": _pip,
    "uv": _pip,
    "poetry": _pip,
    "pipenv": _pip,
    "conda": _conda,
    "npm": _npm,
    "yarn": _npm,
    "yarn-berry": _npm,
    "pnpm": _npm,
    "bun": _npm,
    "gem": _gem,
    "bundler": _gem,
    "go": _go,
    "cargo": _cargo,
    "composer": _composer,
}
