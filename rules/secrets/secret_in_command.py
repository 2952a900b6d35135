from __future__ import annotations

from dfadvise.managers.packages import reading
from dfadvise.memory import remembered
from dfadvise.rule import Finding, Rule
from dfadvise.secret.stores import handed, literals_in, sets_up, stored
from dfadvise.syntax.instructions import Copy, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.rule import Severity
    from dfadvise.secret.credential import Credential
    from dfadvise.shell import ShellCommand
    from dfadvise.stages import Dockerfile
    from dfadvise.syntax.instructions import Commanding

_TRIVY, _DOCKLE, _TALLY = "DS-0031", "CIS-DI-0010", "tally:secrets-in-code"
_NAMED = "password"  # what such a text calls it, one way or another
_WRITING = frozenset(("echo", "printf", "cat", "tee"))
_BUILD = "tally:ruby/prefer-secret-mounts-for-build-credentials"


class SecretInCommand(Rule):
    """A command line carries a credential.

    Why:
        The text of every step is kept in the image's history, and so are the build arguments that it sees, whether or
        not the files that it made are removed again. A secret mount brings a value to one RUN and leaves it nowhere.

    Bad (a literal):
        FROM debian:13
        RUN curl -u ci:tr0ub4dor-3 -O https://files.example.org/app.tar.gz

    Bad (a build argument):
        # syntax=docker/dockerfile:1
        FROM debian:13
        ARG CREDS
        RUN curl -H "Authorization: Bearer $CREDS" -O https://files.example.org/app.tar.gz

    Fixed:
        # syntax=docker/dockerfile:1
        FROM debian:13
        RUN --mount=type=secret,id=creds,env=CREDS curl -H "Authorization: Bearer $CREDS" -O https://files.example.org/app.tar.gz

    Bad (a variable of one command):
        FROM postgres:17
        RUN PGPASSWORD=tr0ub4dor-3 psql -h db.example.org -f schema.sql

    Bad (at run time):
        FROM redis:8
        HEALTHCHECK CMD redis-cli -a tr0ub4dor-3 ping

    Good (a secret mount):
        # syntax=docker/dockerfile:1
        FROM debian:13
        RUN --mount=type=secret,id=creds,env=CREDS \\
            curl -H "Authorization: Bearer $CREDS" -O https://files.example.org/app.tar.gz

    Good (a mounted file):
        FROM debian:13
        RUN --mount=type=secret,id=netrc,target=/root/.netrc curl --netrc -O https://files.example.org/app.tar.gz

    Good (a reference that the program fills in):
        FROM node:22-slim
        RUN npm config set '//registry.npmjs.org/:_authToken' '${NPM_TOKEN}'

    Good (nothing secret):
        FROM debian:13
        RUN curl -H "Accept: application/json" https://example.org/ && adduser --disabled-password --gecos '' app

    Fix:
        unsafe: a secret mount instead of the build argument, where only RUNs of this stage name it; the build must then
        be given the secret.
    """

    on = ("RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK", "COPY", "ADD")
    severity = "error"
    security = "7.5"
    aliases = (_TRIVY, _DOCKLE, _TALLY, _BUILD)
    yields_to = ("secret-value", "account-password")

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        from dfadvise.secret.signs import hands_any

        return hands_any(text)

    def check(self, instruction: Commanding | Copy) -> Iterator[Finding]:
        if isinstance(instruction, Copy):
            yield from self._documents(instruction)
            return
        commands = reading(instruction).commands if isinstance(instruction, Run) else instruction.all_commands()
        for command in commands:
            for credential in handed(command):
                finding = self._judge(instruction, credential)
                if finding is not None:
                    yield finding
                    break
        if isinstance(instruction, Run):
            yield from self._texts(instruction)

    def _judge(self, instruction: Commanding, credential: Credential) -> Finding | None:
        worth = credential.worth
        command, value = credential.command, credential.value
        program = command.program or "a variable"
        if worth is None:
            return None
        if worth == "variable":
            return self._from_argument(instruction, credential) if isinstance(instruction, Run) else None
        from dfadvise.knowledge.credential_options import ACCOUNTS
        from dfadvise.secret.flow import reach_of
        from dfadvise.secret.scan import cause_at
        from dfadvise.secret.weight import is_seen_by_scanners, is_stand_in

        reach = reach_of(instruction)
        severity: Severity = "error" if worth == "secret" else "warning" if reach.ships else "info"
        if command.assignments and credential.name and is_stand_in(command):
            severity = "style"
        what = "a credential" if worth == "secret" else "a credential that is easily guessed"
        named = credential.what == credential.name or credential.what.split(" ")[0] == program
        place = credential.what if named else f"{credential.what} of {program}"
        return self.finding(
            value.span,
            f"{place} has {what}, which is {reach.text}",
            severity=severity,
            aliases=self._codes(instruction, command, worth == "secret" and is_seen_by_scanners(credential)),
            cause=("password", id(command)) if program in ACCOUNTS else cause_at(instruction.file, value.span),
            hides=(value.span,),
        )

    def _from_argument(self, run: Run, credential: Credential) -> Finding | None:
        from dfadvise.secret.flow import graded, reach_of, secrets_of
        from dfadvise.secret.weight import mount_for

        command = credential.command
        secrets = secrets_of(run)
        argument = next((name for name in credential.value.names if secrets.origin(name, command) == "arg"), None)
        if argument is None or (credential.kept and run.stage.ships):
            return None  # what a program keeps is for secret-persisted to say
        memo = remembered(run.file)
        slot = ("secret argument", run.stage.index, argument)
        first = memo.setdefault(slot, id(command)) == id(command)
        severity: Severity = graded("warning", run.stage) if first else "style"
        return self.finding(
            credential.value.span,
            f"{credential.what} of {command.program} has the build argument {_shown(argument)}, whose value is "
            f"{reach_of(run).text}",
            severity=severity,
            aliases=self._codes(run, command, False),
            fix=mount_for(run, argument) if first else None,
        )

    def _texts(self, run: Run) -> Iterator[Finding]:
        """Literal credentials that echo and its like write into files."""
        for each in stored(run):
            value = each.value
            if value is None or not each.certain or not value.is_literal or each.command.program not in _WRITING:
                continue
            from dfadvise.secret.flow import graded, reach_of
            from dfadvise.secret.scan import cause_at
            from dfadvise.secret.weight import is_random_setting, literal_level

            severity = literal_level(value.text)
            if severity is None:
                continue
            yield self.finding(
                value.span,
                f"{each.what} is given a credential, which is {reach_of(run).text}",
                severity=severity if severity == "error" else graded(severity, run.stage),
                aliases=(_DOCKLE, *([_TALLY] if is_random_setting(run.file, value.span, _NAMED) else [])),
                cause=cause_at(run.file, value.span),
                hides=(value.span,),
            )

    def _documents(self, copy: Copy) -> Iterator[Finding]:
        """Literal credentials in the documents of a COPY, and build arguments in the URLs of an ADD."""
        if not copy.heredocs and not any("@" in word.text for word in copy.sources):
            return
        from dfadvise.secret.flow import graded, reach_of
        from dfadvise.secret.scan import cause_at
        from dfadvise.secret.weight import argument_in_url

        for name, span in literals_in(copy):
            yield self.finding(
                span,
                f"{name} is given a credential, which is {reach_of(copy, document=True).text}",
                severity="error" if copy.stage.ships else "info",
                cause=cause_at(copy.file, span),
                hides=(span,),
            )
        for word in copy.sources:
            argument = argument_in_url(copy, word.text) if "://" in word.text and "@" in word.text else None
            if argument is not None:
                yield self.finding(
                    word.span,
                    f"the URL has the build argument {argument}, whose value is {reach_of(copy).text}",
                    severity=graded("warning", copy.stage),
                )

    def _codes(self, instruction: Commanding, command: ShellCommand, literal: bool) -> tuple[str, ...]:
        codes = [_DOCKLE, *([_TALLY] if literal else [])]
        if isinstance(instruction, Run) and command.program in ("bundle", "bundler", "gem"):
            codes.append(_BUILD)
        from dfadvise.secret.flow import secrets_of

        if isinstance(instruction, Run) and sets_up(command) and not secrets_of(instruction).has_mounts:
            codes.insert(0, _TRIVY)
        return tuple(codes)


def _shown(argument: str) -> str:
    return argument if argument.isidentifier() else "in a substitution"
