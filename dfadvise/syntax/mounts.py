"""The `--mount` of a RUN, field by field."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.syntax.instructions import Flag


class Mount:
    """A `--mount` of a RUN.

    Attributes:
        options: Raw option values by canonical name (type, from, source, target, readonly, id, sharing,
            required, size, mode, uid, gid, env); a bare option has the value "true".
        flag: The flag it was read from.
        type: bind (the default), cache, tmpfs, secret or ssh; None when unknown.
    """

    __slots__ = ("flag", "options")

    _NAMES = {"src": "source", "dst": "target", "destination": "target", "ro": "readonly", "rw": "readwrite"}

    def __init__(self, flag: Flag) -> None:
        self.flag = flag
        self.options: dict[str, str] = {}
        for field in csv_fields(flag.value or ""):
            name, equals, value = field.partition("=")
            name = name.strip().lower()
            self.options[self._NAMES.get(name, name)] = value if equals else "true"

    @property
    def type(self) -> str:
        """The kind of mount, raw."""
        return self.options.get("type", "bind").lower()

    @property
    def target(self) -> str | None:
        """The raw target; ssh and secret mounts may have none."""
        return self.options.get("target")

    @property
    def writable(self) -> bool:
        """Whether the RUN can write there: cache and tmpfs unless `ro`, bind only with `rw`."""
        if "readwrite" in self.options:
            return self.options["readwrite"].lower() != "false"
        if "readonly" in self.options:
            return self.options["readonly"].lower() == "false"
        return self.type in ("cache", "tmpfs")


def csv_fields(text: str) -> list[str]:
    """The fields of one CSV record, quotes resolved; BuildKit reads `--mount` so."""
    if '"' not in text:
        return text.split(",")
    fields: list[str] = []
    current: list[str] = []
    quoted = False
    for char in text:
        if char == '"':
            quoted = not quoted
        elif char == "," and not quoted:
            fields.append("".join(current))
            current = []
        else:
            current.append(char)
    fields.append("".join(current))
    return fields
