"""sarif-om objects as plain dictionaries, by the library's own metadata.

The serialiser that comes with the library copies every object deeply and takes 14 times as long.
"""

from __future__ import annotations

from attr import NOTHING, Factory, fields

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# A missing level means the rule's own level, not the schema's default: it is always written.
_ALWAYS = ("level",)

_plans: dict[type, list[tuple[str, str, object]]] = {}


def plain(value: Any) -> Any:
    """The value with objects as dictionaries under their SARIF names, without what is unset or a default."""
    if value is None or isinstance(value, (str, int, float)):
        return value
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    found = {}
    held = value.__dict__
    for name, written, default in _plan(type(value)):
        item = held[name]
        if item is not None and (item != default or name in _ALWAYS):
            found[written] = plain(item)
    return found


def _plan(kind: type) -> list[tuple[str, str, object]]:
    plan = _plans.get(kind)
    if plan is None:
        plan = _plans[kind] = []
        for field in fields(kind):
            default = field.default
            if isinstance(default, Factory):  # type: ignore[arg-type]
                default = default.factory()
            written = field.metadata.get("schema_property_name", field.name)
            plan.append((field.name, written, None if default is NOTHING else default))
    return plan
