"""The ports of EXPOSE: `port[-port][/protocol]`, and what people write in their place."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.syntax.instructions import Instruction, Word

HIGHEST = 65535
PROTOCOLS = frozenset(("tcp", "udp", "sctp"))


class Port:
    """One port specification, expanded.

    Attributes:
        text: As it is after expansion.
        host: What stands before the last colon: a host port, an address, or both; None when there is no colon.
        port: The container's port or range, without the protocol.
        protocol: As written; "tcp" when it is left out.
    """

    __slots__ = ("host", "port", "protocol", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        rest, slash, protocol = text.rpartition("/")
        if not slash:
            rest, protocol = text, "tcp"
        host, colon, port = rest.rpartition(":")
        self.host = host if colon else None
        self.port = port
        self.protocol = protocol

    @property
    def refusal(self) -> str | None:
        """Why BuildKit refuses it: "protocol", "number" or "range" (above the highest port); None when it does not."""
        if self.protocol.lower() not in PROTOCOLS:
            return "protocol"
        first, dash, last = self.port.partition("-")
        numbers = [first, last] if dash else [first]
        if not all(number.isascii() and number.isdigit() for number in numbers):
            return "number"
        values = [int(number[:9]) for number in numbers]
        if any(value > HIGHEST for value in values):
            return "range"
        return "number" if dash and values[0] > values[1] else None

    @property
    def casing(self) -> bool:
        """Whether the protocol is one, but not in lower case."""
        return self.protocol.lower() in PROTOCOLS and self.protocol != self.protocol.lower()


def ports(expose: Instruction) -> Iterator[tuple[Word, Port]]:
    """The ports of an EXPOSE, as far as they are known, each with its word; what was meant as a comment is left out."""
    for word in expose.args:
        if word.text.startswith("#"):
            return
        for text in (expose.expand(word.text) or "").split():
            yield word, Port(text)
