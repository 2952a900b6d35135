from __future__ import annotations

from dfadvise.about.ports import ports
from dfadvise.about.stagerefs import stage_references
from dfadvise.editing.keywords import is_lower
from dfadvise.rule import Edit, Finding, Fix, Rule
from dfadvise.source import Span
from dfadvise.syntax.expansions import triggers
from dfadvise.syntax.instructions import From, Healthcheck, Unknown, bodies
from dfadvise.syntax.validate import validate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.about.ports import Port
    from dfadvise.stages import Dockerfile
    from dfadvise.syntax.instructions import Instruction, Word

    Uses = dict[int, list[tuple[str, Span]]]

SONAR = "sonar:S6476"


class InconsistentCase(Rule):
    """Keywords or names are written in mixed case.

    Why:
        Keywords in capitals, all of them, are what readers and tools expect. Stage names and protocols are compared in
        lower case, so capitals in them only hide that two are the same.

    Bad (a keyword):
        FROM debian:12
        run echo hello
        CMD ["true"]

    Good:
        FROM debian:12
        RUN echo hello
        CMD ["true"]

    Bad (as):
        FROM debian:12 as build

    Good (AS):
        FROM debian:12 AS build

    Bad (a stage name):
        FROM debian:12 AS Build
        FROM build
        COPY --from=Build /etc/os-release /

    Good (a stage name):
        FROM debian:12 AS build
        FROM build
        COPY --from=build /etc/os-release /

    Bad (a protocol):
        FROM coredns/coredns:1.12.0
        EXPOSE 53/UDP

    Good (a protocol):
        FROM coredns/coredns:1.12.0
        EXPOSE 53/udp

    Fix:
        safe: upper case for keywords where that is the file's majority, lower case for names and protocols; none in a
        file that the builder refuses, where a keyword may be anything.

    Variants:
        not onbuild: the case of what ONBUILD holds back is nobody's check
    """

    on = ("file",)
    severity = "style"
    default = "off"
    aliases = ("ConsistentInstructionCasing", "FromAsCasing", "StageNameCasing", "ExposeProtoCasing", SONAR)

    def check(self, file: Dockerfile) -> Iterator[Finding]:
        refused: bool | None = None
        for finding in self._findings(file):
            if finding.fix is not None:
                if refused is None:
                    refused = any(not refusal.deferred for refusal in validate(file))
                if refused:
                    finding.fix = None
            yield finding

    def _findings(self, file: Dockerfile) -> Iterator[Finding]:
        lower = is_lower(file)
        uses = stage_references(file)
        for instruction in file.instructions:
            yield from self._keyword(instruction, lower)
            if isinstance(instruction, From):
                yield from self._from(instruction, lower, uses)
                for body in triggers(instruction.stage):
                    for word, port in _ports(body):
                        message = f"an ONBUILD of the base exposes `{port.text}`"
                        related = [("the trigger", word.span)]
                        yield self.finding(
                            instruction.name_span, message, instruction, None, ("ExposeProtoCasing",), related
                        )
            elif isinstance(instruction, Healthcheck):
                yield from self._healthcheck(instruction)
            for each in (instruction, *bodies(instruction)):
                for word, port in _ports(each):
                    yield self._port(each, word, port)

    def _keyword(self, instruction: Instruction, lower: bool) -> Iterator[Finding]:
        name = instruction.name
        if name.isupper() and not lower:
            return
        checked = instruction.stage.index >= 0
        wanted = name.lower() if lower else name.upper()
        aliases: tuple[str, ...] = ("ConsistentInstructionCasing",) if checked and name != wanted else ()
        if not name.isupper():
            aliases += (SONAR,)
        if not aliases or not name.isascii():
            return
        message = f"`{name}` in a file whose keywords are in {'lower' if lower else 'upper'} case"
        fix = None
        if name == wanted:
            message = f"`{name}` is not in upper case"
        elif not lower and not isinstance(instruction, Unknown) and _stands(instruction):
            fix = Fix(f"Write {wanted}", [Edit(instruction.name_span, wanted)], "safe")
        yield self.finding(instruction.name_span, message, instruction, aliases=aliases, fix=fix)

    def _healthcheck(self, instruction: Healthcheck) -> Iterator[Finding]:
        written = instruction.file.source.slice(instruction.kind_span)
        # In a file of lower-case keywords it is like the rest.
        if written != instruction.kind and written.upper() == instruction.kind and instruction.name.isupper():
            fix = Fix(f"Write {instruction.kind}", [Edit(instruction.kind_span, instruction.kind)], "safe")
            message = f"`{written}` behind `{instruction.name}`"
            yield self.finding(instruction.kind_span, message, instruction, aliases=(SONAR,), fix=fix)

    def _from(self, from_: From, lower: bool, uses: Uses) -> Iterator[Finding]:
        if len(from_.args) < 3:
            return
        word, name = from_.args[1], from_.name
        mixed = not name.isupper() and not name.islower()
        as_ = word.text
        unlike = not mixed and as_ != (as_.lower() if name.islower() else as_.upper())
        aliases: tuple[str, ...] = ("FromAsCasing",) if unlike else ()
        if as_.lower() == "as" and as_ != "AS":
            aliases += (SONAR,)
        wanted = as_.lower() if lower else as_.upper()
        if aliases and (unlike or as_ != wanted):
            fix = Fix(f"Write {wanted}", [Edit(word.span, wanted)], "safe") if as_ != wanted and not lower else None
            yield self.finding(word.span, f"`{as_}` behind `{name}`", from_, aliases=aliases, fix=fix)
        if len(from_.args) == 3 and from_.args[2].text != from_.args[2].text.lower():
            yield self._stage_name(from_, from_.args[2], uses)

    def _stage_name(self, from_: From, word: Word, uses: Uses) -> Finding:
        name = word.text
        edits = [Edit(word.span, name.lower())]
        edits += [Edit(place, name.lower()) for raw, place in uses.get(from_.stage.index, ()) if raw == name]
        fix = Fix(f"Write {name.lower()}", edits, "safe") if from_.alias is word else None
        message = f"stage name `{name}` has capitals"
        return self.finding(word.span, message, from_, aliases=("StageNameCasing",), fix=fix)

    def _port(self, expose: Instruction, word: Word, port: Port) -> Finding:
        aliases = ("ExposeProtoCasing",) if expose.outer is None else ()
        fix = None
        if expose.file.source.slice(word.span) == port.text:
            lowered = port.protocol.lower()
            at = Span(word.span.end - len(lowered), word.span.end)
            fix = Fix(f"Write {lowered}", [Edit(at, lowered)], "safe")
        return self.finding(word.span, f"protocol in `{port.text}` has capitals", expose, aliases=aliases, fix=fix)


def _stands(instruction: Instruction) -> bool:
    """Whether the file has the keyword as it is read."""
    return instruction.file.source.slice(instruction.name_span) == instruction.name


def _ports(instruction: Instruction) -> Iterator[tuple[Word, Port]]:
    """The ports of an EXPOSE with a protocol that has capitals."""
    if instruction.keyword == "EXPOSE":
        yield from (each for each in ports(instruction) if each[1].casing)
