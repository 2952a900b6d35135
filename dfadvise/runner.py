"""The job that the commands share: which files, under which settings, with which rules and which context."""

from __future__ import annotations

import os
import sys

from dfadvise.commands.options import DEFAULT_LEVEL, UsageError
from dfadvise.commands.settings import settings_of
from dfadvise.config import ConfigError, Configs
from dfadvise.contextroot import Contexts
from dfadvise.discovery import begins_as_dockerfile, find, read_list, reported
from dfadvise.packs import load_packs
from dfadvise.results import FileResult, Place
from dfadvise.rule import RANK
from dfadvise.selection import SHELLCHECK_RULE, Selection
from dfadvise.source import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.commands.options import Arguments
    from dfadvise.config import Config
    from dfadvise.discovery import Excludes, Found
    from dfadvise.engine import Engine
    from dfadvise.packs import PackError
    from dfadvise.rule import Finding, Rule
    from dfadvise.stages import Dockerfile

MAX_SIZE = 32 << 20
PROBE = 1024  # bytes looked at to tell a binary file


class ReadError(Exception):
    """A file that cannot be read as a Dockerfile; the text is to be read behind the file's name."""


class Setup:
    """The rules under one configuration.

    Args:
        config: The configuration, with the command line's options over it.
        errors: Gets what is wrong with the packs.

    Raises:
        ConfigError: It names a rule or an option that does not exist.

    Attributes:
        rules: The rules that run, by id.
        threshold: The level that makes the exit status 1.
        build_args: Values of build arguments.
    """

    __slots__ = ("_engines", "build_args", "config", "rules", "selection", "threshold")

    def __init__(self, config: Config, errors: list[PackError]) -> None:
        self.config = config
        self.threshold = config.fail_on or DEFAULT_LEVEL
        self.build_args = {**_platform_args(config.platform), **config.build_args}
        self.selection = Selection(load_packs(config.rule_packs, errors, lazy=True), config)
        self.rules: dict[str, Rule] = {each.id: each(config.settings(each)) for each in self.selection.rules()}
        self._engines: dict[tuple[int, bool], Engine] = {}

    def _made(self, selection: Selection, for_fixes: bool = False) -> Engine:
        # ShellCheck is a process of its own, and its fixes are for people to weigh.
        rules = list(self.rules.values())
        if selection is not self.selection:
            rules = [self.rules.get(rule.id) or rule(self.config.settings(rule)) for rule in selection.rules()]
        if for_fixes:
            rules = [rule for rule in rules if rule.id != SHELLCHECK_RULE]
        from dfadvise import preload

        preload.load("lint")
        from dfadvise.engine import Engine

        return Engine(rules, selection, selection.vocabulary)

    def engine(self, path: str, for_fixes: bool = False) -> Engine:
        """The engine for a file, after `per-file-ignores`.

        Args:
            path: The file.
            for_fixes: Leave out the rules whose fixes are only ever shown.
        """
        selection = self.selection.for_file(path)
        key = (id(selection), for_fixes)
        engine = self._engines.get(key)
        if engine is None:
            engine = self._engines[key] = self._made(selection, for_fixes)
        return engine

    def model(self, source: Source) -> Dockerfile:
        """The model of a text, without its context."""
        from dfadvise import preload

        preload.load("model")
        from dfadvise.stages import Dockerfile

        config = self.config
        file = Dockerfile(
            source,
            build_args=self.build_args,
            target=config.target,
            targets=config.targets,
            named_contexts=[name.lower() for name in config.build_contexts],
            today=config.today,
        )
        file.options = config.shared
        return file

    def fails(self, result: FileResult) -> bool:
        """Whether a finding stands at or above the threshold."""
        if self.threshold == "never":
            return False
        limit = RANK[self.threshold]
        return any(RANK[finding.severity] <= limit for finding in result.findings)


class Job:
    """What the command line asks for.

    Args:
        arguments: The command line.

    Raises:
        UsageError: An option or the file of `--config` cannot be used.

    Attributes:
        notes: Things to tell the user once.
        pack_errors: Rule files that could not be used.
        contexts: The build contexts of the files.
    """

    __slots__ = ("_configs", "_setups", "arguments", "contexts", "notes", "pack_errors")

    def __init__(self, arguments: Arguments) -> None:
        self.arguments = arguments
        self.notes: list[str] = []
        self.pack_errors: list[PackError] = []
        self._setups: dict[int, Setup | ConfigError] = {}
        self.contexts = Contexts()
        try:
            self._configs = Configs(arguments.one("config"), arguments.flag("isolated"), settings_of(arguments))
        except ConfigError as problem:
            raise UsageError(str(problem)) from problem

    def survey(self) -> tuple[list[Found], list[tuple[str, str]]]:
        """Find the files, and try the configuration of each.

        Returns:
            The files to work on, and (path, message) for all that cannot be worked on.

        Raises:
            UsageError: There are several, and one image.
        """
        found, listed, notes = search(self.arguments, self._configs.excludes)
        self.notes += notes
        files: list[Found] = []
        problems = dict.fromkeys(listed)
        for each in found:
            try:
                self.setup(each)
            except ConfigError as problem:
                problems[reported(problem.path), problem.told] = None
            else:
                files.append(each)
        for error in self.pack_errors:
            problems[reported(error.path), error.told] = None
        if len(files) > 1 and self.arguments.one("image") is not None:
            raise UsageError(f"`--image` goes with one Dockerfile, and {len(files)} are named or found")
        return files, list(problems)

    @property
    def today(self) -> str:
        """The latest day that a configuration sets; the real one when none does."""
        days = [each.config.today for each in self._setups.values() if isinstance(each, Setup)]
        from time import strftime

        return max((day for day in days if day), default="") or strftime("%Y-%m-%d")

    def place_of(self, found: Found) -> str:
        """The path that decides about configuration and context; "-" for standard input without a name."""
        if found.path != "-":
            return found.path
        return self.arguments.one("stdin-filename") or "-"

    def setup(self, found: Found) -> Setup:
        """The rules and settings for a file.

        Raises:
            ConfigError: Its configuration cannot be used.
            UsageError: An option of the command line cannot be used.
        """
        config = self._configs.of(self.place_of(found))
        made = self._setups.get(id(config))
        if made is None:
            try:
                made = Setup(config, self.pack_errors)
            except ConfigError as problem:
                if problem.path.startswith("--"):
                    raise UsageError(str(problem)) from problem
                made = problem
            self._setups[id(config)] = made
        if isinstance(made, ConfigError):
            raise made
        return made

    def rules(self) -> dict[str, Rule]:
        """Every rule that runs for some file, by id."""
        found: dict[str, Rule] = {}
        for setup in self._setups.values():
            if isinstance(setup, Setup):
                found.update(setup.rules)
        return found

    def model(self, source: Source, found: Found) -> Dockerfile:
        """The model of a text that stands in a file's place, with its context."""
        setup = self.setup(found)
        file = setup.model(source)
        file.context = self.contexts.of(file, self.place_of(found), setup.config.context)
        return file

    def built_model(self, source: Source, found: Found) -> Dockerfile:
        """The model of a file as it stands, with the image that was built from it, if one is given.

        Raises:
            UsageError: The image cannot be read, or was built from another file.
        """
        file = self.model(source, found)
        image = self.arguments.one("image")
        if image is not None:
            from dfadvise.commands.measured import image_of

            file.image = image_of(self.arguments, image, file)
        return file

    def lint(self, source: Source, found: Found) -> FileResult:
        """Lint a file as it stands."""
        model = self.built_model(source, found)
        result = self.setup(found).engine(self.place_of(found)).lint(model)
        from dfadvise.secret.signs import may_hide

        if may_hide(result):
            from dfadvise.secret.redact import note_secrets

            note_secrets(result, model)
        else:
            result.secrets = []
        return result

    def lint_for_fixes(self, source: Source, found: Found) -> FileResult:
        """Lint a text for what can be fixed: without the rules whose fixes are only ever shown."""
        return self.setup(found).engine(self.place_of(found), True).lint(self.model(source, found))

    def prefetch(self, batch: list[Found]) -> None:
        """Have ShellCheck look at the scripts of several files at once; what goes wrong here is told later."""
        models: list[Dockerfile] = []
        for found in batch:
            try:
                if SHELLCHECK_RULE in self.setup(found).rules and found.path != "-":
                    models.append(self.setup(found).model(Source.from_bytes(read(found), found.reported)))
            except Exception:
                continue
        if models:
            from dfadvise.shellcheck import prefetch

            prefetch(models)

    def forget_contexts(self) -> None:
        """Look at the disk anew from now on."""
        self.contexts.forget()


def search(
    arguments: Arguments, excludes: Excludes | None = None
) -> tuple[list[Found], list[tuple[str, str]], list[str]]:
    """Find the files that a command line names.

    Args:
        arguments: The command line.
        excludes: What the configuration leaves out.

    Returns:
        The files, (path, message) for what is missing, and what to tell about files that were named in vain.

    Raises:
        UsageError: The file of `--files-from` cannot be read.
    """
    paths = list(arguments.operands)
    listing = arguments.one("files-from")
    if listing is not None:
        try:
            paths += read_list(listing)
        except OSError as problem:
            raise UsageError(f"--files-from: {listing} cannot be read: {problem.strerror}") from problem
    elif not paths:
        paths = ["."]
    skipped: list[tuple[str, str]] = []
    files: list[Found] = []
    problems: list[tuple[str, str]] = []
    for found in find(paths, excludes, arguments.one("stdin-filename"), skipped):
        if found.error is not None:
            problems.append((found.reported, found.error))
        else:
            files.append(found)
    named = set(map(reported, paths))
    notes = [f"{path} is not looked at: {reason}" for path, reason in skipped if path in named]
    return files, problems, notes


def read(found: Found) -> bytes:
    """The content of a file, or of standard input.

    Raises:
        ReadError: It cannot be read, is too large, or is no text.
    """
    try:
        if found.path == "-":
            data = sys.stdin.buffer.read(MAX_SIZE + 1)
        else:
            with open(found.path, "rb") as file:
                # A pipe or a device has no size and may have no end.
                whole = 0 < os.fstat(file.fileno()).st_size <= MAX_SIZE
                data = file.read() if whole else file.read(MAX_SIZE + 1)
    except (OSError, ValueError) as problem:
        raise ReadError(f"cannot be read: {getattr(problem, 'strerror', None) or problem}") from problem
    if len(data) > MAX_SIZE:
        raise ReadError(f"is larger than {MAX_SIZE >> 20} MiB")
    head = data[:PROBE]
    if b"\0" in head:
        if head.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise ReadError("is UTF-16 text, which no builder reads")
        if not begins_as_dockerfile(head[: head.index(b"\0")]):
            raise ReadError("is a binary file")
    return data


def reason_of(problem: Exception) -> str:
    """Why the work on a file could not be done, as one line.

    Raises:
        UsageError: It is one, and so about all files.
    """
    if isinstance(problem, UsageError):
        raise problem
    return str(problem) if isinstance(problem, ReadError) else internal_error(problem)


def internal_error(problem: BaseException) -> str:
    """One line about an exception that no input should cause, with the place it came from."""
    trace = problem.__traceback__
    place = ""
    while trace is not None:
        code = trace.tb_frame.f_code
        place = f" at {os.path.basename(code.co_filename)}:{trace.tb_lineno}"
        trace = trace.tb_next
    text = " ".join(str(problem).split())
    return f"internal error{place}: {type(problem).__name__}{': ' + text if text else ''}"


def slim(result: FileResult) -> FileResult:
    """Drop what no report asks for, and a text without findings, so that many results take little memory."""
    for finding in (*result.findings, *result.suppressed):
        _detach(finding)
    result.repeated = []
    result.hides = [(span.start, span.end) for each in (*result.findings, *result.suppressed) for span in each.hides]
    result.internal = [" ".join(message.split()) for message in result.internal]
    if not result.findings and not result.suppressed:
        result.source = None
    return result


def _detach(finding: Finding) -> None:
    held = finding.instruction
    if held is not None:
        place = Place(held.keyword, held.line, held.end_line)
        finding.instruction = place  # type: ignore[assignment]
    finding.cause = finding.weighs = None


def _platform_args(platform: str | None) -> dict[str, str]:
    """The arguments that a build sets by itself for a platform."""
    if not platform:
        return {}
    system, _, rest = platform.partition("/")
    machine, _, variant = rest.partition("/")
    args = {"TARGETPLATFORM": platform, "TARGETOS": system}
    return {**args, "TARGETARCH": machine, "TARGETVARIANT": variant} if machine else args
