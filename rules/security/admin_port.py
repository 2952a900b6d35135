from __future__ import annotations

from dfadvise.about.ports import ports
from dfadvise.rule import Finding, Fix, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.about.ports import Port
    from dfadvise.syntax.instructions import Word, Words

PORTS = {22: "SSH", 23: "Telnet", 3389: "remote desktop", 5800: "VNC over HTTP", 5900: "VNC"}
SSH_ALIASES = ("DS-0004", "CKV_DOCKER_1", "kics:5907595b")


class AdminPort(Rule):
    """A port for remote administration is exposed.

    Why:
        A container is replaced, not logged in to: `docker exec` and `kubectl exec` give a shell without a daemon, a
        password and a port that the network can reach.

    Bad:
        FROM debian:13
        EXPOSE 8080 22
        CMD ["/usr/sbin/sshd", "-D"]

    Good:
        FROM debian:13
        EXPOSE 8080
        CMD ["/usr/sbin/sshd", "-D"]

    Bad (in a range):
        FROM ubuntu:24.04
        EXPOSE 5900-5910/tcp

    Good (another protocol, other ports):
        FROM debian:13
        EXPOSE 22/udp 2222 222

    Good (a variable that nobody knows):
        FROM debian:13
        ARG PORT
        EXPOSE $PORT

    Options:
        rules.admin-port.allow = [22]

    Good (a port that is allowed):
        FROM debian:13
        EXPOSE 8080 22

    Fix:
        unsafe: deletes the port.
    """

    on = ("EXPOSE",)
    keywords = ("EXPOSE",)
    severity = "warning"
    security = "5.0"
    aliases = (*SSH_ALIASES, "sonar:S6473")
    options = {"allow": []}

    def check(self, expose: Words) -> Iterator[Finding]:
        for word, port in ports(expose):
            named = next((number for number in _admin(port) if not self.allows(str(number))), None)
            if named is None:
                continue
            yield self.finding(
                word.span,
                f"port {named} is for {PORTS[named]}",
                severity=None if expose.stage.ships else "style",
                aliases=(*(SSH_ALIASES if named == 22 else ()), "sonar:S6473"),
                fix=_fix(expose, word, port.text),
            )


def _fix(expose: Words, word: Word, text: str) -> Fix | None:
    from dfadvise.about.strays import has_strays
    from dfadvise.editing import cutting, dropping

    if text != word.text or "-" in text or has_strays(expose):
        return None
    if len(expose.args) == 1 and dropping.strands_comment(expose.outer or expose):
        return None
    edit = cutting.word(expose, word)
    return Fix(f"Delete port {text}", [edit]) if edit is not None else None


def _admin(port: Port) -> list[int]:
    """The administration ports in a specification."""
    if port.refusal is not None or port.protocol.lower() != "tcp":
        return []
    first, _, last = port.port.partition("-")
    return [number for number in PORTS if int(first) <= number <= int(last or first)]
