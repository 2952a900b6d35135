from __future__ import annotations

from dfadvise.about.lasting import undone
from dfadvise.rule import Finding, Rule
from dfadvise.secret.flow import removed_after
from dfadvise.secret.keymaking import MENTIONS, made_keys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.secret.keymaking import Made
    from dfadvise.shell import ShellCommand
    from dfadvise.syntax.instructions import Run


class BakedPrivateKey(Rule):
    """A private key is made while the image is built.

    Why:
        Every container of the image has the same key, and everybody who can pull the image has it too: hosts can be
        imitated, connections read. A key belongs to one container: it is made when that starts, or brought by its
        runtime.

    Bad (host keys):
        FROM alpine:3.22
        RUN apk add --no-cache openssh && ssh-keygen -A

    Bad (a certificate for tests):
        FROM nginx:1.29
        RUN openssl req -x509 -nodes -newkey rsa:2048 -keyout /etc/ssl/key.pem -out /etc/ssl/cert.pem -subj /CN=app

    Bad (made by a package):
        FROM debian:13
        RUN apt-get update && apt-get install -y openssh-server

    Good (removed, to be made at the start):
        FROM debian:13
        RUN apt-get update && apt-get install -y openssh-server && rm -f /etc/ssh/ssh_host_*

    Good (made at the start):
        FROM alpine:3.22
        CMD ["sh", "-c", "ssh-keygen -A && exec /usr/sbin/sshd -D"]

    Good (no key of its own):
        FROM debian:13
        RUN ssh-keyscan github.com >> /etc/ssh/ssh_known_hosts && ssh-keygen -F github.com -f /etc/ssh/ssh_known_hosts

    Good (only a builder has it):
        FROM alpine:3.22 AS test
        RUN ssh-keygen -t ed25519 -N '' -f /root/.ssh/id_ed25519 && ./test

        FROM alpine:3.22
        COPY app /app

    Fix:
        none: who makes the key instead is for the author to say.
    """

    on = ("RUN",)
    severity = "warning"
    security = "6.5"
    mentions = MENTIONS

    def check(self, run: Run) -> Iterator[Finding]:
        if not run.stage.ships:
            return
        for made in made_keys(run):
            if removed_after(run, made.command, made.keys) or _removed_later(run, made):
                continue
            where = f" {made.keys[0]}" if made.keys and "$" not in made.keys[0] and made.keys[0][:1] in "/~" else ""
            yield self.finding(made.span, f"{made.what} makes a private key{where} that all containers share")


def _removed_later(run: Run, made: Made) -> bool:
    """Whether a later step removes host keys: no container uses what the layer below still holds."""
    return any("ssh_host" in key for key in made.keys) and undone(run, made.command, "ssh host keys", _removes)


def _removes(command: ShellCommand) -> bool:
    if command.program not in ("rm", "shred", "find"):
        return False
    return any("ssh_host" in word.partial for word in command.words[1:])
