"""What ADD is given: a remote file, an archive that it unpacks, or a local file that COPY would copy alike.

ADD unpacks what holds a tar archive, plain or compressed, whatever its name. Source: moby's archive detection and
BuildKit's ADD (read 2026-11-24).
"""

from __future__ import annotations

from dfadvise.knowledge.frontend import is_remote
from dfadvise.syntax.words import UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.context import BuildContext
    from dfadvise.syntax.instructions import Add, Word

# "plain": sure to be no archive; "file": by its name no archive; "pattern": may match an archive.
LOCAL = frozenset(("plain", "file", "pattern"))

ARCHIVES = (
    *(".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz", ".tbz2", ".tar.xz", ".txz", ".tar.lzma", ".tlz", ".tar.zst"),
    *(".tzst", ".tar.z", ".taz", ".gz", ".bz2", ".xz", ".lzma", ".zst", ".z"),
)
_MAGIC = (b"\x1f\x8b\x08", b"BZh", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd")
_TAR = b"ustar"
_TAR_AT = 257


def kind_of(add: Add, word: Word) -> str:
    """What a source of an ADD is.

    Args:
        add: The instruction.
        word: One of its sources.

    Returns:
        "remote", "archive", "plain", "file", "pattern" (see LOCAL), or "unknown" where a variable hides it.
    """
    text = add.stage.expand_partly(word.text, add)
    if text is None:
        return "remote" if is_remote(word.text.strip("\"'")) else "unknown"
    lowered = text.lower()
    if is_remote(text):
        return "remote"
    if lowered.endswith(ARCHIVES):
        return "archive"
    if UNKNOWN in text:
        # An unknown end may be an archive's, an unknown start an address.
        name = lowered.rpartition("/")[2]
        if text.startswith(UNKNOWN) or UNKNOWN in name.rpartition(".")[2] or "." not in name:
            return "unknown"
        return "file"
    context = add.file.context
    if any(char in text for char in "*?["):
        return _pattern(text, context)
    if text in (".", "./", "/") or text.endswith("/"):
        return "plain"
    return "file" if context is None else _by_content(context, text)


def _pattern(text: str, context: BuildContext | None) -> str:
    if context is not None:
        found = context.glob(text)
        if found and not context.truncated:
            kinds = {_by_content(context, path) for path in found[:100]}
            return "archive" if kinds == {"archive"} else "plain" if kinds == {"plain"} else "pattern"
    name = text.rpartition("/")[2]
    _, dot, ending = name.rpartition(".")
    return "file" if dot and ending.isalnum() else "pattern"


def _by_content(context: BuildContext, path: str) -> str:
    """ "archive" or "plain" for what is on disk; "file" where it cannot be read."""
    if not context.exists(path):
        return "file"
    content = context.read_text(path)
    if content is None:
        return "plain" if _is_folder(context, path) else "file"
    data = content[: _TAR_AT + len(_TAR)].encode("utf-8", "surrogateescape")
    is_archive = data.startswith(_MAGIC) or data[_TAR_AT : _TAR_AT + len(_TAR)] == _TAR
    return "archive" if is_archive else "plain"


def _is_folder(context: BuildContext, path: str) -> bool:
    inside = path.rstrip("/") + "/*"
    return bool(context.glob(inside))
