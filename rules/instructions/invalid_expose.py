from __future__ import annotations

from dfadvise.about.ports import HIGHEST, ports
from dfadvise.rule import Edit, Finding, Fix, Rule
from dfadvise.syntax.expansions import triggers
from dfadvise.syntax.instructions import From, Words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.about.ports import Port
    from dfadvise.stages import Dockerfile
    from dfadvise.syntax.instructions import Instruction, Word

RANGE = ("DL3011", "DS-0008", "kics:71bf8cf8", "semgrep:invalid-port")
MAPPING = "ExposeInvalidFormat"


class InvalidExpose(Rule):
    """EXPOSE names something that is no container port.

    Why:
        EXPOSE documents ports of the container: a number or a range up to 65535, with tcp, udp or sctp. The build
        stops at most other things; a host port or an address is dropped without a word, since only `docker run -p`
        can map ports.

    Bad (a mapping):
        FROM nginx:1.29
        EXPOSE 8080:80

    Good:
        FROM nginx:1.29
        EXPOSE 80

    Bad (no port):
        FROM nginx:1.29
        EXPOSE 80800

    Bad (a protocol of another layer):
        FROM nginx:1.29
        EXPOSE 80/http

    Good (ranges and protocols):
        FROM coredns/coredns:1.12.0
        EXPOSE 53/udp 53/tcp 8000-8010

    Good (a variable):
        FROM nginx:1.29
        ARG PORT
        EXPOSE $PORT

    Fix:
        unsafe: the container port of a mapping.
    """

    on = ("EXPOSE", "FROM")
    keywords = ("EXPOSE",)
    severity = "error"
    aliases = (*RANGE, MAPPING)

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        for each in file.walk():
            for word in each.args if each.keyword == "EXPOSE" else ():
                port = word.text.removesuffix("/tcp").removesuffix("/udp")
                if not (port.isascii() and port.isdigit() and len(port) < 5):
                    return True
        return False

    def check(self, node: Instruction) -> Iterator[Finding]:
        if isinstance(node, From):
            yield from self._triggers(node)
            return
        for word, port in ports(node):
            yield from self._port(node, word, port)

    def _port(self, expose: Instruction, word: Word, port: Port) -> Iterator[Finding]:
        refusal = port.refusal
        cause = ("expose", word.span.start)
        if refusal == "range":
            yield self.finding(word.span, f"{port.text} is above {HIGHEST}", aliases=RANGE, cause=cause)
        elif refusal == "protocol":
            message = f"`{port.protocol}` is no protocol of EXPOSE"
            yield self.finding(word.span, message, cause=cause)
        elif refusal == "number":
            yield self.finding(word.span, f"`{port.text}` is no port", cause=cause)
        elif port.host is not None:
            what = "an address" if ":" in port.host or "." in port.host else "a host port"
            message = f"`{port.text}` names {what}, which EXPOSE drops"
            aliases = (MAPPING,) if expose.outer is None else ()
            fix = None
            if expose.file.source.slice(word.span) == port.text:
                protocol = port.text[port.text.rindex(":") + 1 + len(port.port) :]
                fix = Fix(f"Expose {port.port}", [Edit(word.span, port.port + protocol)])
            yield self.finding(word.span, message, aliases=aliases, fix=fix)

    def _triggers(self, from_: From) -> Iterator[Finding]:
        for body in triggers(from_.stage):
            if not isinstance(body, Words) or body.keyword != "EXPOSE":
                continue
            for word in body.args:
                for text in (from_.stage.expand(word.text, from_) or "").split():
                    if ":" in text:
                        message = f"an ONBUILD of the base exposes `{text}`"
                        yield self.finding(from_.name_span, message, severity="style", aliases=(MAPPING,))
