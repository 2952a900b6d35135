"""Whether a step can read over https: the certificates of authorities, which Debian's plain images lack."""

from __future__ import annotations

from dfadvise.base.bases import base_of
from dfadvise.knowledge.base_programs import CERTIFICATES, holds_certificates
from dfadvise.managers.packages import actions
from dfadvise.memory import comes_before
from dfadvise.syntax.instructions import Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from dfadvise.managers.packages import Action
    from dfadvise.memory import Place
    from dfadvise.stages import Stage


def base_holds(stage: Stage) -> bool:
    """Whether the base of a stage is known to hold them."""
    base = base_of(stage)
    return base is not None and holds_certificates(base.name, base.tag or "")


def are_missing(run: Run) -> bool:
    """Whether there are none at a RUN: its base is a plain Debian or Ubuntu, and nothing up to it brings them.

    Args:
        run: The RUN; what it installs itself counts as there.
    """
    base = base_of(run.stage)
    if base is None or base.distribution not in ("debian", "ubuntu") or base_holds(run.stage):
        return False
    return not comes_before(run, 1, "certificates", _first_bringing)


def _first_bringing(stage: Stage) -> Place | None:
    for each in stage.instructions:
        if isinstance(each, Run) and (each.is_opaque or any(map(_brings, actions(each)))):
            return each.index, 0
    return None


def _brings(action: Action) -> bool:
    """Whether an install names them, or something that recommends them without leaving that out."""
    if not action.installs:
        return False
    names = named(action)
    if CERTIFICATES in names or any("$" in name or "\0" in name for name in names):
        return True
    return action.manager.name == "apt" and recommends(names) and not action.manager.leaves_extras_out(action.argv)


def named(action: Action) -> set[str]:
    """The packages that an install names, without versions and releases."""
    return {word.partial.partition("=")[0].partition("/")[0] for word in action.operands}


def recommends(names: Iterable[str]) -> bool:
    """Whether one of some packages of Debian recommends the certificates."""
    from dfadvise.knowledge.base_programs import RECOMMEND_CERTIFICATES

    return not RECOMMEND_CERTIFICATES.isdisjoint(names)
