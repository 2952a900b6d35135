"""Whether a rule file says of its rule what can be meant."""

from __future__ import annotations

import os

from dfadvise.rule import RANK, Rule
from dfadvise.rulefile import PackError, line_of_class, load_file
from dfadvise.syntax.instructions import CLASSES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_Function: Any = type(lambda: None)
# What `on` can name besides keywords.
HOOKS = frozenset(("stage", "file", "suppressions"))
# Words that mean something else where rules are named.
RESERVED = frozenset(("all", "default"))


def load_checked(file: str, pack: str, family: str, families: set[str]) -> type[Rule]:
    """Run a rule file that nobody has looked at yet.

    Args:
        file: The file.
        pack: The name of its pack.
        family: The folder it lies in.
        families: The names of all families of the pack.

    Raises:
        PackError: It cannot be used.
    """
    stem = os.path.basename(file)[:-3]
    if not stem.isascii() or not stem.isidentifier() or stem != stem.lower():
        raise PackError(file, None, "the file name of a rule is made of a-z, 0-9 and _")
    rule = load_file(file, pack, family)
    _check(rule, families)
    if rule.concerns is not Rule.concerns:
        # As the index of the default pack keeps it, so that it does the same with an index and without one.
        rule.concerns = staticmethod(_Function(rule.concerns.__code__, {}))  # type: ignore[method-assign]
    return rule


def _check(rule: type[Rule], families: set[str]) -> None:
    """Refuse a rule whose class attributes cannot be meant."""
    hooks = HOOKS.union(CLASSES)
    reason = None
    if rule.id in RESERVED:
        reason = f"`{rule.id}` is not free as a rule's name"
    elif rule.id in families:
        reason = f"`{rule.id}` is both a rule and a family"
    elif not isinstance(rule.on, tuple) or not rule.on:
        reason = "`on` is not a tuple of keywords"
    elif not hooks.issuperset(rule.on):
        unknown = next(hook for hook in rule.on if hook not in hooks)
        reason = f"`on` names {unknown!r}, which is no keyword, `stage`, `file` or `suppressions`"
    elif rule.severity not in RANK:
        reason = f"`severity` is {rule.severity!r}, not error, warning, info or style"
    elif rule.default not in ("on", "off", "cfg"):
        reason = f"`default` is {rule.default!r}, not on, off or cfg"
    elif not isinstance(rule.aliases, tuple):
        reason = "`aliases` is not a tuple"
    elif not isinstance(rule.yields_to, tuple):
        reason = "`yields_to` is not a tuple"
    elif not isinstance(rule.options, dict):
        reason = "`options` is not a dict"
    elif not isinstance(rule.mentions, tuple) or not all(isinstance(word, str) and word for word in rule.mentions):
        reason = "`mentions` is not a tuple of words"
    elif not isinstance(rule.keywords, tuple) or not CLASSES.keys() >= set(rule.keywords):
        reason = "`keywords` is not a tuple of keywords"
    elif not _stands_alone(next(each.__dict__["concerns"] for each in rule.__mro__ if "concerns" in each.__dict__)):
        reason = "`concerns` is no static method of a file and a text alone"
    if reason is not None:
        raise PackError(rule.path, line_of_class(rule.path, rule.__name__), reason)


def _stands_alone(concerns: object) -> bool:
    """Whether the code of a `concerns` is all of it: it is no closure, and has no arguments besides the two."""
    if not isinstance(concerns, staticmethod) or not isinstance(concerns.__func__, _Function):
        return False
    code = concerns.__func__.__code__
    more = code.co_posonlyargcount or code.co_kwonlyargcount or code.co_flags & 0x0C  # *args, **kwargs
    return code.co_argcount == 2 and not more and not code.co_freevars
