"""The nearest `dfadvise.toml`, or `[tool.dfadvise]` of a pyproject.toml, above each Dockerfile.

Reading a configuration runs nothing. The one key that leads to code is `rule-packs`: the rules of the folders
it names are imported, as any linter's local plugins are. `--isolated` keeps a repository's own file out.
"""

from __future__ import annotations

import os
import sys

from dfadvise.faults import FileError
from dfadvise.patterns import matches

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any, NoReturn

    from dfadvise.rule import Rule, Severity

# Top-level keys that rules read: a rule that has an option of that name gets the value.
SHARED = ("trusted-registries", "label-schema", "strict-labels", "target", "targets", "platform", "today")
FILE = "dfadvise.toml"
PYPROJECT = "pyproject.toml"
TABLE = "[tool.dfadvise"
MAX_SIZE = 1 << 20
# `fix` in `[rules.<id>]`: apply unsafe ones too, safe ones alone, none.
FIX = ("always", "safe", "never")


class ConfigError(FileError):
    """A setting that cannot be used, in a file or an option of the command line."""


class Layer:
    """What one place selects: a configuration file, or the command line over it.

    Attributes:
        select: Names that replace what came before; None when the place does not say.
        extend: Names added to it.
        ignore: Names taken out of it.
        command_line: Whether the place is the command line.
    """

    __slots__ = ("command_line", "extend", "ignore", "select")

    def __init__(
        self,
        select: list[str] | None = None,
        extend: Iterable[str] = (),
        ignore: Iterable[str] = (),
        command_line: bool = False,
    ) -> None:
        self.select = select
        self.extend = list(extend)
        self.ignore = list(ignore)
        self.command_line = command_line


class Config:
    """The settings that hold for a file; every one has a default.

    Attributes:
        path: The configuration file; None without one.
        root: The folder that `exclude` and `per-file-ignores` are relative to.
        given: The checked values by their keys.
        layers: What the file, its profile and the command line select, in that order.
        rule_packs: Folders, absolute.
        context, build_contexts: Local folders absolute, remote ones as written.
        options: The tables `[rules.<id>]` by id.

    The other attributes are the keys of the file with `_` for `-`; a text that is not set is None.
    """

    __slots__ = (
        *(
            "build_args",
            "build_contexts",
            "context",
            "exclude",
            "fail_on",
            "given",
            "label_schema",
            "layers",
            "options",
        ),
        *("path", "per_file_ignores", "platform", "profile", "profiles", "root", "rule_packs", "severity", "shared"),
        *("strict_labels", "target", "targets", "text", "today", "trusted_registries"),
    )

    def __init__(
        self, values: Mapping[str, Any] | None = None, path: str | None = None, text: str = "", root: str = ""
    ) -> None:
        """Check and take over the values of a file.

        Raises:
            ConfigError: A key is unknown or its value has the wrong type.
        """
        self.path = path
        self.text = text
        self.root = root or os.getcwd()
        given = self.given = self._checked(values) if values else {}
        folder = os.path.dirname(os.path.abspath(path)) if path else self.root
        self.layers = [Layer(given.get("select"), given.get("extend-select", ()), given.get("ignore", ()))]
        self.fail_on: str | None = given.get("fail-on")
        self.exclude: list[str] = given.get("exclude", [])
        self.severity: dict[str, Severity] = given.get("severity", {})
        self.per_file_ignores: dict[str, list[str]] = given.get("per-file-ignores", {})
        self.trusted_registries: list[str] = given.get("trusted-registries", [])
        self.label_schema: dict[str, str] = given.get("label-schema", {})
        self.strict_labels: bool = given.get("strict-labels", False)
        self.rule_packs = [os.path.join(folder, pack) for pack in given.get("rule-packs", ())]
        self.profile: str | None = given.get("profile")
        self.profiles: dict[str, dict[str, Any]] = given.get("profiles", {})
        self.target: str | None = given.get("target")
        self.targets: list[str] = given.get("targets", [])
        self.platform: str | None = given.get("platform")
        self.build_args: dict[str, str] = given.get("build-args", {})
        contexts: dict[str, str] = given.get("build-contexts", {})
        self.build_contexts = {name: _place(folder, place) for name, place in contexts.items()}
        self.context = _place(folder, given["context"]) if "context" in given else None
        self.today: str | None = given.get("today")
        self.options: dict[str, dict[str, Any]] = given.get("rules", {})
        self.shared: dict[str, Any] = {key: given[key] for key in SHARED if key in given}

    def _checked(self, values: Mapping[str, Any]) -> dict[str, Any]:
        from dfadvise.settings import CHECKS, RENAMED, WrongError

        given: dict[str, Any] = {}
        for key, value in values.items():
            check = CHECKS.get(key)
            if check is None:
                near = RENAMED.get(key.lower())
                hint = f", did you mean `{near}`" if near else suggestion(key, CHECKS)
                self.refuse(key, f"unknown key `{key}`{hint}")
            try:
                given[key] = check(value)
            except WrongError as problem:
                word = problem.word if problem.word is not None else key
                self.refuse(word, f"`{key}` {problem}")
        return given

    def fix_of(self, rule: str) -> str | None:
        """Which fixes of a rule are applied, whatever the command line says: one of FIX; None when it decides."""
        found: str | None = self.options.get(rule, {}).get("fix")
        return found

    def refuse(self, word: str, reason: str) -> NoReturn:
        """Raise a ConfigError for the line of the file on which a word stands."""
        raise ConfigError(self.path or "configuration", line_of(self.text, word), reason)

    def over(self, options: Mapping[str, Any]) -> Config:
        """These settings with those of a profile and of the command line over them.

        Args:
            options: Values by the keys of the file, for the options that were given: `select` starts the
                selection afresh, `ignore`, `extend-select`, `build-args`, `build-contexts` and `exclude` add.

        Raises:
            ConfigError: There is no such profile.
        """
        base = self._profiled(options.get("profile"))
        merged = Config.__new__(Config)
        for name in Config.__slots__:
            setattr(merged, name, getattr(base, name))
        merged.shared = dict(base.shared)
        select, extend, ignore = options.get("select"), options.get("extend-select"), options.get("ignore")
        if select is not None or extend or ignore:
            merged.layers = [*base.layers, Layer(select, extend or (), ignore or (), command_line=True)]
        for key, value in options.items():
            name = key.replace("-", "_")
            if key in ("select", "extend-select", "ignore") or value is None:
                continue
            if key in ("build-args", "build-contexts"):
                value = {**getattr(base, name), **value}
            elif key == "exclude":
                value = [*base.exclude, *value]
            setattr(merged, name, value)
            if key in SHARED:
                merged.shared[key] = value
        return merged

    def _profiled(self, asked: str | None) -> Config:
        """These settings with a profile's over them: the one that is asked for, else the file's own choice."""
        name = self.profile if asked is None else asked
        if name is None:
            return self
        found = self.profiles.get(name)
        if found is None:
            known = suggestion(name, self.profiles) or (
                f", known are {', '.join(self.profiles)}" if self.profiles else ""
            )
            if asked is None:
                self.refuse("profile", f"unknown profile `{name}`{known}")
            where = "" if self.path else ": no configuration was found"
            raise ConfigError(self.path or "--profile", None, f"unknown profile `{name}`{known}{where}")
        from dfadvise.profiles import over

        merged = Config(over(self.given, found), self.path, self.text, self.root)
        merged.layers = [
            *self.layers,
            Layer(found.get("select"), found.get("extend-select", ()), found.get("ignore", ())),
        ]
        merged.profile = name
        return merged

    def excludes(self, path: str) -> bool:
        """Whether `exclude` leaves out a file or folder."""
        if not self.exclude:
            return False
        relative = self.relative(path)
        return relative is not None and any(matches(pattern, relative) for pattern in self.exclude)

    def relative(self, path: str) -> str | None:
        """The path from `root` on, with `/`; None when it lies elsewhere."""
        full, root = os.path.abspath(path), os.path.join(self.root, "")
        if not full.startswith(root):
            return None
        return full[len(root) :].replace(os.sep, "/")

    def settings(self, rule: type[Rule]) -> dict[str, Any]:
        """A rule's own settings: its table, over the top-level keys that it has an option for."""
        if not rule.options:
            return {}
        shared = {key: value for key, value in self.shared.items() if key in rule.options}
        return {**shared, **self.options.get(rule.id, {})}

    def check_options(self, rules: Iterable[type[Rule]]) -> None:
        """Hold the tables `[rules.<id>]` against the rules.

        Raises:
            ConfigError: A rule or an option is unknown, or a value has another type than its default.
        """
        if not self.options:
            return
        from dfadvise.settings import kind_of

        known = {rule.id: rule for rule in rules}
        for name, table in self.options.items():
            rule = known.get(name)
            if rule is None:
                self.refuse(name, f"unknown rule `{name}` in `rules`{suggestion(name, known)}")
            for key, value in table.items():
                if key == "fix":
                    if value not in FIX:
                        self.refuse(key, f"`fix` of the rule `{name}` is {value!r}, not one of {', '.join(FIX)}")
                    continue
                if key not in rule.options:
                    has = suggestion(key, rule.options) if rule.options else ", it has none"
                    self.refuse(key, f"unknown option `{key}` of the rule `{name}`{has}")
                expected = kind_of(rule.options[key])
                if expected is not None and kind_of(value) != expected:
                    self.refuse(key, f"`{key}` of the rule `{name}` is not {expected}")
                if key == "allow" and not all(isinstance(each, (str, int)) for each in value):
                    self.refuse(key, f"`allow` of the rule `{name}` is not a list of strings or numbers")


class Configs:
    """Finds the configuration of each file; every folder is looked at once.

    Args:
        explicit: The file of `--config`; it holds for all.
        isolated: Look for no other file.
        options: The command line's settings; see `Config.over`.

    Raises:
        ConfigError: The explicit file cannot be used.
    """

    __slots__ = ("_all", "_folders", "options")

    def __init__(
        self, explicit: str | None = None, isolated: bool = False, options: Mapping[str, Any] | None = None
    ) -> None:
        self.options = options or {}
        self._folders: dict[str, Config | ConfigError] = {}
        self._all: Config | None = None
        if explicit is not None:
            self._all = read(explicit, os.getcwd()).over(self.options)
        elif isolated:
            self._all = Config().over(self.options)

    def of(self, path: str) -> Config:
        """The configuration of a file.

        Raises:
            ConfigError: It cannot be used; the same error for every file it would hold for.
        """
        if self._all is not None:
            return self._all
        folder = os.path.dirname(os.path.abspath(path))
        above: list[str] = []
        while (found := self._folders.get(folder)) is None:
            above.append(folder)
            found = self._in(folder)
            parent = os.path.dirname(folder)
            if found is not None or parent == folder:
                break
            folder = parent
        if found is None:
            found = Config().over(self.options)
        for each in above:
            self._folders[each] = found
        if isinstance(found, ConfigError):
            raise found
        return found

    def excludes(self, path: str) -> bool:
        """Whether the configuration at a file or folder excludes it; a broken one excludes nothing."""
        try:
            return self.of(path).excludes(path)
        except ConfigError:
            return False

    def _in(self, folder: str) -> Config | ConfigError | None:
        """The configuration that a folder itself holds."""
        for name in (FILE, PYPROJECT):
            path = os.path.join(folder, name)
            if not os.path.isfile(path):
                continue
            try:
                if name == FILE or TABLE in _text_of(path):
                    return read(path, folder).over(self.options)
            except ConfigError as problem:
                return problem
        return None


def read(path: str, root: str) -> Config:
    """Read one configuration file.

    Args:
        path: A TOML file; of a pyproject.toml the table `[tool.dfadvise]`.
        root: The folder that the patterns in it are relative to.

    Raises:
        ConfigError: The file cannot be read or used.
    """
    text = _text_of(path)
    toml: Any = __import__("tomllib" if sys.version_info >= (3, 11) else "tomli")
    try:
        values: Any = toml.loads(text)
    except toml.TOMLDecodeError as problem:
        reason, _, place = str(problem).partition(" (at line ")
        line = place.partition(",")[0]
        raise ConfigError(path, int(line) if line.isdigit() else None, f"no valid TOML: {reason}") from problem
    except RecursionError as problem:
        raise ConfigError(path, None, "no valid TOML: nested too deep") from problem
    if os.path.basename(path) == PYPROJECT:
        tool = values.get("tool", {})
        values = tool.get("dfadvise", {}) if isinstance(tool, dict) else {}
        if not isinstance(values, dict):
            raise ConfigError(path, line_of(text, "dfadvise"), "`tool.dfadvise` is not a table")
        # Lines are looked for behind the table's header.
        text = "\n" * text.count("\n", 0, text.find(TABLE)) + text[text.find(TABLE) :]
    return Config(values, path, text, root)


def _text_of(path: str) -> str:
    try:
        with open(path, "rb") as file:
            data = file.read(MAX_SIZE + 1)
    except OSError as problem:
        raise ConfigError(path, None, f"cannot be read: {problem.strerror}") from problem
    if len(data) > MAX_SIZE:
        raise ConfigError(path, None, "is larger than 1 MiB")
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as problem:
        line = data.count(b"\n", 0, problem.start) + 1
        raise ConfigError(path, line, "is not UTF-8") from problem


def line_of(text: str, word: str) -> int | None:
    """The first line, counted from 1, on which a word stands as a key or in quotes; None without one."""
    for number, line in enumerate(text.split("\n"), 1):
        content = line.strip()
        if not content.startswith("#") and word in content:
            key = content.partition("=")[0].strip(" []\t")
            if f'"{word}"' in content or f"'{word}'" in content or word in key.split(".") or word == key:
                return number
    return None


def suggestion(word: str, known: Iterable[str]) -> str:
    """`, did you mean ...` for the nearest of the known words, or nothing."""
    from difflib import get_close_matches

    by_lower = {each.lower(): each for each in known}
    near = get_close_matches(word.lower().replace("_", "-"), by_lower, n=1, cutoff=0.7)
    return f", did you mean `{by_lower[near[0]]}`" if near else ""


def _place(folder: str, place: str) -> str:
    """A build context: a local folder made absolute, anything remote as it is."""
    remote = "://" in place or place.startswith(("target:", "git@"))
    return place if remote else os.path.join(folder, place)
