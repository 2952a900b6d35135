from __future__ import annotations

from dfadvise.about import transfers
from dfadvise.about.downloads import verified, verifies
from dfadvise.editing.edits import behind
from dfadvise.knowledge.hosts import redirects, split_url
from dfadvise.managers.packages import inner, reading
from dfadvise.memory import remembered
from dfadvise.rule import Finding, Fix, Rule
from dfadvise.syntax.instructions import Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.shell import ShellCommand
    from dfadvise.stages import Dockerfile, Stage

_TALLY = ("tally:curl-should-follow-redirects",)


class UncheckedHttpStatus(Rule):
    """curl takes an error page for the file that was asked for.

    Why:
        Without --fail curl succeeds whatever the server answers, so "404 Not Found" is saved, unpacked or run in the
        place of the file. Without --location a redirect does the same: an empty page is saved.

    Bad:
        FROM debian:13
        RUN curl -sSL https://example.com/tool -o /usr/local/bin/tool

    Fixed:
        FROM debian:13
        RUN curl -f -sSL https://example.com/tool -o /usr/local/bin/tool

    Bad (a pipe):
        FROM debian:13
        RUN curl https://example.com/install.sh | sh

    Fixed:
        FROM debian:13
        RUN curl -f https://example.com/install.sh | sh

    Bad (a host that redirects):
        FROM debian:13
        RUN curl -fO https://github.com/example/tool/releases/download/v1/tool.tgz

    Fixed:
        FROM debian:13
        RUN curl -L -fO https://github.com/example/tool/releases/download/v1/tool.tgz

    Good:
        FROM debian:13
        RUN curl -fsSL https://example.com/tool -o /usr/local/bin/tool

    Good (somebody looks at the status, or at nothing):
        FROM debian:13
        RUN curl -s -o /dev/null -w '%{http_code}' https://example.com && curl -I https://example.com
        HEALTHCHECK CMD curl http://localhost:8080/

    Good (the content is verified):
        FROM debian:13
        RUN curl -sSLO https://example.com/a.tgz && echo "0123abcd  a.tgz" | sha256sum -c -

    Good (a later RUN verifies it):
        FROM debian:13
        RUN curl -sSLo /usr/bin/tool https://example.com/tool && curl -sSLo /tmp/tool.sig https://example.com/tool.sig
        RUN minisign -Vqm /usr/bin/tool -x /tmp/tool.sig -P RWTx5Zr1tiHQLwG9keckT0c45M3AGeHD6IvimQHpyRywVWGbP1aVSGav

    Good (options that nobody knows):
        FROM debian:13
        ARG CURL_FLAGS
        RUN curl $CURL_FLAGS https://example.com/a.tgz -o a.tgz && curl -K settings https://example.com/b.tgz -o b.tgz

    Good (no web server):
        FROM debian:13
        RUN curl -o a.txt file:///etc/motd && curl ftp://ftp.example.com/b.tgz -o b.tgz

    Fix:
        unsafe: `-f` and `-L`, for downloads alone; what was saved without anybody noticing then stops the build.
    """

    on = ("RUN",)
    mentions = ("curl",)
    severity = "warning"
    aliases = _TALLY

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        from dfadvise.managers.packages import programs_in

        return "curl" in programs_in(file)

    def check(self, run: Run) -> Iterator[Finding]:
        commands = reading(run).commands
        asking = [each for each in commands if each.program == "curl" and transfers.asks_over_http(each)]
        checked = verified(commands) if asking else frozenset[int]()
        for command in asking:
            yield from self._curl(command, id(command) in checked or _is_verified_later(run, command))

    def _curl(self, command: ShellCommand, checked: bool) -> Iterator[Finding]:
        if transfers.holds_unknown_options(command):
            return
        goes_on = not transfers.follows_redirects(command)
        if transfers.keeps_body(command) and not transfers.looks_at_answer(command) and not checked:
            problems, options = [], []
            codes: tuple[str, ...] = ()
            if not transfers.fails_on_errors(command):
                problems.append("without --fail, curl succeeds on an HTTP error and the error page is used")
                options.append("-f")
            host = _redirecting(command) if goes_on else None
            if host is not None:
                problems.append(f"curl does not follow the redirect of {host}")
                options.append("-L")
                codes, goes_on = _TALLY, False
            if problems:
                message = "; ".join(problems)
                yield self.finding(command.words[0].span, message, aliases=codes, fix=_fix(command, options))
        if goes_on:
            message = "curl does not follow redirects"
            yield self.finding(command.words[0].span, message, severity="style", aliases=_TALLY)


def _is_verified_later(run: Run, command: ShellCommand) -> bool:
    """Whether a later RUN verifies a file that a command names."""
    names = {
        word.partial.rpartition("/")[2] for word in command.words[1:] if "/" in word.partial or "." in word.partial
    }
    verified_at = _verifying(run.stage)
    return any(verified_at.get(name, -1) > run.index for name in names)


def _verifying(stage: Stage) -> dict[str, int]:
    """The index of the last RUN of a stage that verifies something, by each name in it."""
    memo = remembered(stage.file)
    slot = ("verifying", stage.index)
    if slot not in memo:
        found = memo[slot] = {}
        for instruction in stage.instructions:
            later = inner(instruction)
            if not isinstance(later, Run):
                continue
            commands = reading(later).commands
            if any(map(verifies, commands)):
                # `echo "0123abcd  /usr/bin/tool" | sha256sum -c` names it in another command.
                words = [word.partial for other in commands for word in other.words[1:]]
                found.update((part, instruction.index) for word in words for part in word.replace("/", " ").split())
    verified_at: dict[str, int] = memo[slot]
    return verified_at


def _redirecting(command: ShellCommand) -> str | None:
    """The host of the first URL that answers with a redirect."""
    for word in transfers.targets(command):
        if redirects(word.partial):
            return split_url(word.partial)[1]
    return None


def _fix(command: ShellCommand, options: list[str]) -> Fix | None:
    if not transfers.is_plain_get(command):
        return None
    text = " ".join(options)
    edit = behind(command.words[0], text if command.script.form != "exec" else '", "'.join(options))
    return Fix(f"Add {text}", [edit]) if edit is not None else None
