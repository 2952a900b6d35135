from __future__ import annotations

from dfadvise.base.bases import base_of
from dfadvise.base.provisions import Provisions
from dfadvise.managers.packages import inner
from dfadvise.rule import Edit, Finding, Fix, Rule
from dfadvise.source import Span
from dfadvise.syntax.instructions import Copy, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.base.bases import Base
    from dfadvise.shell import ShellCommand, ShellWord
    from dfadvise.stages import Dockerfile
    from dfadvise.syntax.instructions import Instruction

PASSWD = "/etc/passwd"
# Ids that these names have wherever they are.
_IDS = {"root": "0", "nonroot": "65532", "nobody": "65534"}


class UnknownUser(Rule):
    """A user is named that cannot exist there.

    Why:
        Names are looked up in /etc/passwd of the image. Scratch has none, distroless knows root, nobody and nonroot
        alone, and a user that is created later is not there yet: RUN fails, a container does not start, and COPY gives
        the files to root without a word.

    Bad:
        FROM scratch
        COPY server.bin /server.bin
        USER nonroot
        ENTRYPOINT ["/server.bin"]

    Fixed:
        FROM scratch
        COPY server.bin /server.bin
        USER 65532
        ENTRYPOINT ["/server.bin"]

    Bad (the owner of a copy):
        FROM gcr.io/distroless/static-debian13
        COPY --chown=app:app server.bin /server.bin

    Bad (created too late):
        FROM debian:13-slim
        COPY --chown=app:app . /app
        RUN useradd --system app
        USER app

    Good (a number, and a user that is there):
        FROM gcr.io/distroless/static-debian13
        COPY --chown=1000:1000 server.bin /server.bin
        USER nonroot

    Good (a copied passwd):
        FROM debian:13 AS build
        RUN useradd app
        FROM scratch
        COPY --from=build /etc/passwd /etc/passwd
        USER app

    Good (created before, or there in the base):
        FROM debian:13-slim
        COPY --chown=www-data . /app
        RUN useradd --system app || true
        USER app

    Fix:
        unsafe: the number, for root, nobody and nonroot.
    """

    on = ("file",)
    severity = "error"
    aliases = ("tally:named-identity-in-passwdless-stage",)

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        return any(each.keyword == "USER" or any(flag.name == "chown" for flag in each.flags) for each in file.walk())

    def check(self, file: Dockerfile) -> Iterator[Finding]:
        yield from self._absent(file)
        if "useradd" in file.source.text or "adduser" in file.source.text:
            yield from self._created_later(file)

    def _absent(self, file: Dockerfile) -> Iterator[Finding]:
        done: dict[int, Provisions] = {}
        for stage in file.stages:
            base = base_of(stage)
            users = base.users if base is not None else None
            if base is None or users is None:
                continue
            there = Provisions.of(stage, done)
            for instruction in stage.instructions:
                place = _named_user(instruction)
                if place is not None and place[0] not in users and not there.open and not there.may_hold(PASSWD):
                    yield self._finding(*place, instruction, base, users)
                if isinstance(inner(instruction), Run):
                    there.open = True  # it may create users
                else:
                    there.read(instruction)
            if stage.children:
                done[stage.index] = there

    def _finding(
        self, name: str, span: Span, literal: bool, instruction: Instruction, base: Base, users: dict[str, int]
    ) -> Finding:
        known = f", whose users are {', '.join(sorted(users))}" if 0 < len(users) < 5 else ""
        fix = None
        if literal and name in _IDS:
            edits = [Edit(span, _IDS[name])]
            # The group of the same name is not there either.
            behind = Span(span.end, span.end + 1 + len(name))
            if instruction.file.source.slice(behind) == f":{name}":
                edits.append(Edit(behind, f":{_IDS[name]}"))
            fix = Fix(f"Use {_IDS[name]}", edits)
        copies = isinstance(inner(instruction), Copy)
        message = f"there is no user {name} in {base.label}{known}" + (", so root owns the files" if copies else "")
        return self.finding(span, message, instruction, "warning" if copies else None, self.aliases, fix=fix)

    def _created_later(self, file: Dockerfile) -> Iterator[Finding]:
        done: dict[int, _Uses] = {}
        said: set[int] = set()
        for stage in file.stages:
            parent = stage.parent
            below = done.get(parent.index) if parent is not None else None
            # The last stage on another goes on with the same record.
            uses = below if below is not None and parent is not None and parent.children[-1] is stage else _Uses(below)
            for instruction in stage.instructions:
                for name, span, created, at in uses.read(instruction):
                    if span.start not in said:
                        said.add(span.start)
                        # Seen with the engine's own builder: the build goes on, and the files are root's.
                        copies = isinstance(inner(at), Copy)
                        message = f"the user {name} is created only later" + (
                            ", so root owns the files" if copies else ""
                        )
                        related = [("it is created here", created)]
                        yield self.finding(span, message, at, "warning" if copies else None, related=related)
            if stage.children:
                done[stage.index] = uses


class _Uses:
    """Users that are named before anything creates them."""

    __slots__ = ("created", "early", "user")

    def __init__(self, below: _Uses | None) -> None:
        self.created: set[str] = set(below.created) if below else set()
        self.early: dict[str, tuple[Span, Instruction]] = dict(below.early) if below else {}
        self.user: tuple[str, Span, Instruction] | None = below.user if below else None

    def read(self, instruction: Instruction) -> Iterator[tuple[str, Span, Span, Instruction]]:
        place = _named_user(instruction)
        body = inner(instruction)
        if body.keyword == "USER":
            # It matters only once something runs as that user.
            self.user = (place[0], place[1], instruction) if place is not None else None
        elif place is not None and place[0] not in self.created:
            self.early.setdefault(place[0], (place[1], instruction))
        if isinstance(body, Run):
            if self.user is not None and self.user[0] not in self.created:
                self.early.setdefault(self.user[0], self.user[1:])
            yield from self._creations(body)

    def _creations(self, run: Run) -> Iterator[tuple[str, Span, Span, Instruction]]:
        for command in run.all_commands():
            word = _created(command)
            if word is None or word.text is None:
                continue
            name = word.text
            # In a branch it may be there already, which is why it is a branch.
            sure = not command.conditional and not command.failure_handled
            if sure and name in self.early and name not in self.created:
                span, instruction = self.early[name]
                yield name, span, word.span, instruction
            self.created.add(name)


def _named_user(instruction: Instruction) -> tuple[str, Span, bool] | None:
    """The user that a USER or --chown names, its place, and whether the place holds just that name."""
    body = inner(instruction)
    if body.keyword == "USER" and body.args:
        raw, span = body.args[0].text, body.args[0].span
    elif isinstance(body, Copy) and (flag := body.flag("chown")) is not None and flag.value:
        raw, span = flag.value, flag.span
        at = body.file.source.slice(span).find(raw)
        span = Span(span.start + at, span.start + at + len(raw)) if at > 0 else span
    else:
        return None
    text = body.expand(raw)
    name = (text or "").partition(":")[0]
    if not name or name.isdecimal():
        return None
    literal = body.file.source.slice(span) == raw and raw.partition(":")[0] == name
    return name, Span(span.start, span.start + len(name)) if literal else span, literal


def _created(command: ShellCommand) -> ShellWord | None:
    """The word that names the user whom a command creates; `adduser USER GROUP` creates nobody."""
    creates = command.program in ("useradd", "adduser") and len(command.operands) == 1
    return command.operands[0] if creates else None
