from __future__ import annotations

from bisect import bisect_right

from dfadvise.about.freshness import is_moving_clone, moving_part, settles
from dfadvise.about.removals import FOREVER
from dfadvise.editing.edits import is_literal
from dfadvise.editing.keywords import keyword
from dfadvise.effects import FILE_PROGRAMS, HARMLESS
from dfadvise.knowledge.frontend import DEFAULT, frontend_version, supported
from dfadvise.knowledge.lists import deliberate, volatile
from dfadvise.managers.cachedirs import is_root
from dfadvise.managers.packages import inner, reading
from dfadvise.memory import remembered
from dfadvise.rule import Edit, Finding, Fix, Rule
from dfadvise.syntax.instructions import Arg, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.shell import Redirect, ShellCommand
    from dfadvise.stages import Dockerfile, Stage

ADD_GIT_HOSTS = ("github.com", "gitlab.com", "bitbucket.org", "codeberg.org")
CLONE_VALUES = ("--depth", "--branch", "-b", "-j", "--jobs")
NOTHING, PERHAPS, HISTORY = range(3)
# Longer files than this are no person's.
MOST = 300
SIMPLE_CLONE = frozenset(("--depth", "--depth=1", "-b", "--branch", "--single-branch", "-q", "--quiet", "--no-tags"))


class StaleRun(Rule):
    """The text of a step stays the same and its result does not, so the cache keeps serving an old one.

    Why:
        A RUN is run again when its text or something above it changes, never because a repository or a file on a
        server has. What it fetched the first time stays until the cache is lost, and then comes in another version.

    Bad (a repository without a version):
        # syntax=docker/dockerfile:1
        FROM debian:12
        RUN git clone --depth 1 https://github.com/example/tool.git /opt/tool

    Good:
        # syntax=docker/dockerfile:1
        FROM debian:12
        ADD https://github.com/example/tool.git /opt/tool

    Bad (a later step looks for another commit):
        # syntax=docker/dockerfile:1
        FROM debian:12
        RUN git clone https://github.com/example/tool.git /opt/tool
        RUN cd /opt/tool && git merge origin/next

    Good (a tag):
        FROM debian:12
        RUN git clone --depth 1 --branch v1.2.0 https://github.com/example/tool.git /opt/tool

    Good (a commit is checked out):
        FROM debian:12
        RUN git clone https://github.com/example/tool.git /opt/tool && cd /opt/tool && git checkout 4f5d2c1

    Good (a commit of a branch):
        FROM debian:12
        RUN git clone -b master https://example.com/tool.git /opt/tool && cd /opt/tool && git reset --hard 4f5d2c1

    Bad (a moving download):
        FROM debian:12
        RUN curl -fsSLo /usr/local/bin/tool https://github.com/example/tool/releases/latest/download/tool

    Good (a release):
        FROM debian:12
        RUN curl -fsSLo /usr/local/bin/tool https://github.com/example/tool/releases/download/v1.2.0/tool

    Bad (a date in the image):
        FROM debian:12
        RUN echo "built $(date)" > /etc/build-info

    Good (the cache is broken on purpose):
        FROM debian:12
        ARG CACHEBUST
        RUN echo "built $(date)" > /etc/build-info

    Good (a component of the archive, no branch):
        FROM debian:12
        RUN curl -fsSLO https://deb.example.org/debian/pool/main/c/curl/curl_8.deb

    Fix:
        unsafe: ADD asks the server for the commit, and takes part in the cache with it. Only for one plain clone over
        https, as root, on a frontend that knows it, when no later step may look for other commits: ADD brings the last
        one alone.
    """

    on = ("RUN",)
    severity = "info"
    aliases = ("tally:prefer-add-git",)

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        from dfadvise.about.mentions import distinct

        lowered = distinct(text).lower()
        if "git" in lowered and "clone" in lowered:
            return True
        if ("curl" in lowered or "wget" in lowered) and any(
            part in lowered for part in ("latest", "nightly", "main", "master", "head", "develop", "trunk")
        ):
            return True
        # `date` as a program, whose output goes somewhere.
        return any(f"{before}date" in lowered for before in "\n(`/;&|\"'=@") and (">" in text or "|" in text)

    def check(self, run: Run) -> Iterator[Finding]:
        found = list(self._find(run))
        if found and not _is_busted(run):
            yield from found

    def _find(self, run: Run) -> Iterator[Finding]:
        commands = reading(run).commands
        settled: list[int] = []
        if run.file.source.text.find("git", run.span.start, run.span.end) >= 0:
            settled = [place for place, each in enumerate(commands) if settles(each)]
        for place, command in enumerate(commands):
            program = command.program
            if program == "git" and command.subcommand == "clone":
                following = bisect_right(settled, place)
                later = commands[settled[following]] if following < len(settled) else None
                if is_moving_clone(command, later):
                    message = "git clone takes whatever is there the first time, and the cache keeps it"
                    yield self.finding(command.argv_span, message, aliases=self.aliases, fix=_added(run, command))
            elif program in ("curl", "wget"):
                for word in command.words[1:]:
                    part = moving_part(word)
                    if part:
                        message = f"what {part} stands for moves on, and the cache keeps the first download"
                        yield self.finding(word.span, message)
                        break
            elif program == "date" and _writes_date(command, commands[place + 1 : place + 6]):
                message = "the date is that of the first build, until the cache is lost"
                yield self.finding(command.argv_span, message)


def _is_busted(run: Run) -> bool:
    """Whether an argument is in force that changes with each build, on purpose or not."""
    memo = remembered(run.file)
    stage: Stage | None = run.stage
    limit = run.index
    while stage is not None:
        slot = ("stale-run.busted", stage.index, run.outer is not None and stage is run.stage)
        if slot not in memo:
            memo[slot] = next((each.index for each in _arguments(stage, slot[2]) if _changes(each)), FOREVER)
        if memo[slot] < limit:
            return True
        stage, limit = stage.parent, FOREVER
    return False


def _arguments(stage: Stage, held: bool) -> Iterator[Arg]:
    """The ARGs of a stage, with those that it holds back or without."""
    for each in stage.instructions:
        other = inner(each) if held else each
        if isinstance(other, Arg):
            yield other


def _changes(arg: Arg) -> bool:
    for pair in arg.pairs:
        upper = pair.key.upper()
        if deliberate(pair.key) or ("CACHE" in upper and "BUST" in upper):
            return True
        if volatile(pair.key, (pair.value or arg.file.global_args.get(pair.key)) is not None):
            return True
    return False


def _writes_date(command: ShellCommand, commands: list[ShellCommand]) -> bool:
    """Whether the output of `date` ends in a file of the image."""
    if command.has_flag("-d", "--date", "-r", "--reference", "-s", "--set"):
        return False
    if any(_is_lasting(each) for each in command.redirects):
        return True
    if "substitution" not in command.contexts:
        return False
    for other in commands:
        around = other.script is command.script and other.start <= command.start and command.end <= other.end
        if around and other is not command and other.program in ("echo", "printf"):
            return any(_is_lasting(each) for each in other.redirects) or other.after == "|"
    return False


def _is_lasting(redirect: Redirect) -> bool:
    if not redirect.writes or redirect.target is None:
        return False
    return not redirect.target.partial.startswith(("/dev/", "/tmp/", "/proc/"))


def _added(run: Run, command: ShellCommand) -> Fix | None:
    """An ADD in the place of a RUN that clones one repository and does nothing else."""
    directive = run.file.tree.directive("syntax")
    version = frontend_version(directive.value) if directive is not None else DEFAULT
    if version is None or not supported("ADD git", version) or run.outer is not None or run.flags or not is_root(run):
        return None
    script = command.script
    if script.form != "shell" or run.heredocs or run.inner_comments or len(script.commands) != 1 or command.assignments:
        return None
    for word in command.words[1:]:
        if not is_literal(word) or (word.is_flag and word.partial not in SIMPLE_CLONE):
            return None
    targets = command.targets
    address = targets[0].partial
    host, _, path = address.removeprefix("https://").partition("/")
    if not address.startswith("https://") or "@" in host or not path or "#" in address or len(targets) > 2:
        return None
    if not address.endswith(".git"):
        if host not in ADD_GIT_HOSTS:
            return None
        address = address.rstrip("/") + ".git"
    branch = command.option("-b", "--branch")
    address += f"#{branch}" if branch else ""
    folder = targets[1].partial if len(targets) == 2 else path.rstrip("/").rpartition("/")[2].removesuffix(".git")
    history = _reads_history(run)
    if history == HISTORY or (history and not command.has_flag("--depth")):
        return None  # ADD fetches one commit, without the branches
    keep = "--keep-git-dir=true " if history else ""
    return Fix("Add the repository", [Edit(run.span, keyword(f"ADD {keep}{address} {folder}", run.file))])


def _reads_history(run: Run) -> int:
    """Whether a later step looks into .git: git itself does, and anything but plain file work may."""
    if len(run.file.stages) + len(run.stage.instructions) > MOST:
        return HISTORY
    found = NOTHING
    for stage in run.file.stages[run.stage.index :]:
        for each in stage.instructions:
            if not isinstance(each, Run) or (stage is run.stage and each.index <= run.index):
                continue
            for command in each.all_commands():
                if command.program == "git" and command.subcommand not in ("clone", "config"):
                    return HISTORY
                if command.program not in HARMLESS and command.program not in FILE_PROGRAMS:
                    found = PERHAPS
    return found
