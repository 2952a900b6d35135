from __future__ import annotations

from dfadvise.about.sizes import human
from dfadvise.base.bases import base_of
from dfadvise.knowledge.base_users import leaves_lastlog
from dfadvise.rule import Edit, Finding, Fix, Rule, Saving, Weighs
from dfadvise.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.syntax.instructions import Run

# One record of /var/log/lastlog, in bytes; the file has a record for every id up to the highest.
RECORD = 292
LARGE = 100_000


class SparseLastlog(Rule):
    """useradd with a large user id makes a huge log file.

    Why:
        useradd writes a record for the new user into /var/log/lastlog and faillog, which have one for every id
        below it too. For a large id the file is gigabytes long; it is sparse on disk, but a layer stores it in full.
        From shadow 4.13 on, in Debian 12 and Ubuntu 24.04, it writes no record where there was none.

    Bad:
        FROM ubuntu:22.04
        RUN useradd --create-home -u 1234567 app

    Good:
        FROM ubuntu:22.04
        RUN useradd --no-log-init --create-home -u 1234567 app

    Good (a useradd that leaves the file alone):
        FROM debian:12
        RUN useradd --create-home -u 1234567 app

    Good (a small id):
        FROM ubuntu:22.04
        RUN useradd --create-home -u 10001 app

    Good (busybox has no such file):
        FROM alpine:3.22
        RUN adduser -D -u 1234567 app

    Fix:
        safe: adds --no-log-init; only the log record is left out.
    """

    on = ("RUN",)
    mentions = ("useradd",)
    severity = "warning"
    aliases = ("DL3046", "kics:44fbf45c")

    def check(self, run: Run) -> Iterator[Finding]:
        for command in run.commands("useradd"):
            if command.has_flag("-l", "--no-log-init"):
                continue
            for option, value in command.option_words("-u", "--uid"):
                if value is None or not value.isdigit() or len(value) < 6 or int(value[:18]) < LARGE:
                    continue
                program = command.words[0]
                fix = None
                if run.file.source.slice(program.span) == program.raw:
                    edit = Edit(Span(program.span.end, program.span.end), " --no-log-init")
                    fix = Fix("Add --no-log-init", [edit], "safe", "+flag")
                size = int(value[:18]) * RECORD
                base = base_of(run.stage)
                harmless = base is not None and leaves_lastlog(base.distribution, base.release)
                message = f"user id {value} makes /var/log/lastlog {human(size)} long"
                if harmless:
                    message = f"user id {value} would make /var/log/lastlog {human(size)} long on an older release"
                costs = run.stage.ships and not harmless
                yield self.finding(
                    option.span,
                    message,
                    severity=None if costs else "style",
                    aliases=self.aliases,
                    saving=Saving(size, basis="table") if costs else None,
                    fix=fix,
                    weighs=Weighs("stored", (run,), ("/var/log/lastlog", "/var/log/faillog")),
                )
                break
