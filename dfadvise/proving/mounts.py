"""What a declared change may do to the mounts of a RUN: who shares a cache, whose it is, how open a secret is."""

from __future__ import annotations

from dfadvise.managers.cachedirs import is_root, target_of, uid_of
from dfadvise.syntax.instructions import Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.syntax.mounts import Mount

_OWNER = frozenset(("uid", "gid"))


def mounts_difference(old: Run, new: Run) -> str | None:
    """Why the flags of two RUNs differ by more than how a mount is shared; None when they do not.

    Args:
        old: The RUN as it was.
        new: The RUN with the fix.
    """
    ours = [flag.text for flag in old.flags if flag.name != "mount"]
    theirs = [flag.text for flag in new.flags if flag.name != "mount"]
    if ours != theirs or len(old.mounts) != len(new.mounts):
        return "the flags changed"
    for one, other in zip(old.mounts, new.mounts, strict=True):
        if one.options != other.options:
            reason = _mount(new, one, other)
            if reason is not None:
                return reason
    return None


def _mount(run: Run, old: Mount, new: Mount) -> str | None:
    names = {*old.options, *new.options}
    changed = {name for name in names if old.options.get(name) != new.options.get(name)}
    if old.type == "cache":
        if not changed <= {"sharing", "id", *_OWNER}:
            return "the mount itself changed"
        if "sharing" in changed and new.options.get("sharing") != "locked":
            return "the cache would be locked less"
        if "id" in changed:
            return _other_cache(run, old, new)
        if changed & _OWNER:
            return _other_owner(run, old, new)
        return None
    if old.type in ("secret", "ssh") and changed == {"mode"}:
        return _other_mode(run, old, new)
    return "the mount itself changed"


def _other_cache(run: Run, old: Mount, new: Mount) -> str | None:
    """A cache with a name of its own starts empty; no other step of the stage may look for what is in the old one."""
    if "id" in old.options or not new.options["id"]:
        return "the cache has a name already"
    target = target_of(run, new)
    for stage in run.stage.chain:
        for instruction in stage.instructions:
            if isinstance(instruction, Run) and instruction is not run:
                for mount in instruction.mounts:
                    same = mount.type == "cache" and target_of(instruction, mount) == target
                    if same and mount.options.get("id") != new.options["id"]:
                        return f"line {instruction.line} has the same cache under another name"
    return None


def _other_owner(run: Run, old: Mount, new: Mount) -> str | None:
    if not _OWNER.isdisjoint(old.options):
        return "the mount has an owner already"
    owner = uid_of(run)
    if owner is None or new.options.get("uid") != owner[0] or new.options.get("gid", owner[1]) != owner[1]:
        return "the owner is not known to be the user of the step"
    return None


def _other_mode(run: Run, old: Mount, new: Mount) -> str | None:
    """A mode that is open to fewer, where the user of the step still reads it as its owner."""
    before, after = old.options.get("mode", ""), new.options.get("mode", "")
    if not _is_octal(before) or not _is_octal(after) or int(after, 8) & ~int(before, 8):
        return "the mode opens more than before"
    if int(before, 8) >> 6 != int(after, 8) >> 6:
        return "the owner's part of the mode changed"
    owner = uid_of(run)
    if is_root(run) or (owner is not None and owner[0] == old.options.get("uid")):
        return None
    return "the user of the step is not known to own it"


def _is_octal(text: str) -> bool:
    return bool(text) and not text.strip("01234567")
