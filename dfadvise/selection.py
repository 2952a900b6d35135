"""Which rules run and which findings show: select, ignore, per-file-ignores and severity.

A name is `all`, `default`, a family, a rule's id or a foreign code (`DL3008`, `SC2086`, `kics:fd54f200`);
letter case does not count. Selecting a code selects its rule, for the findings that carry it. The narrowest
name decides: `all` < `default` < family < rule < code. Of two equally narrow ones ignoring wins, so a finding
that stands for several codes is hidden when one of them is ignored. The command line goes over the
configuration: `--select` starts afresh, the other options add. `per-file-ignores` hides what was selected.
"""

from __future__ import annotations

from dfadvise.config import ConfigError, suggestion
from dfadvise.patterns import matches
from dfadvise.rule import RANK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from dfadvise.config import Config, Layer
    from dfadvise.rule import Finding, Rule, Severity

# How narrow a name is.
ALL, DEFAULT, FAMILY, RULE, CODE = range(5)
# What a finding is: left out, shown unless it is at style, shown.
HIDDEN, USUAL, NAMED = range(3)
SHELLCHECK_RULE = "shellcheck-finding"


def is_shellcheck_code(name: str) -> bool:
    """Whether a name has the shape of a ShellCheck code; there are too many of them for a list."""
    return len(name) == 6 and name[:2].upper() == "SC" and name[2:].isdecimal()


class Vocabulary:
    """Every name by which rules are called.

    Args:
        rules: All rules there are, of every pack.

    Attributes:
        rules: The rules by id.
        families: The rules of each family.
        codes: The rules that carry each foreign code, by the code in lower case. `shellcheck-finding`, and
            any rule with the alias `SC*`, carries every ShellCheck code.
    """

    __slots__ = ("_shellcheck", "_spelling", "codes", "families", "rules")

    def __init__(self, rules: Iterable[type[Rule]]) -> None:
        self.rules: dict[str, type[Rule]] = {}
        self.families: dict[str, list[type[Rule]]] = {}
        self.codes: dict[str, list[type[Rule]]] = {}
        self._shellcheck: list[type[Rule]] = []
        self._spelling: list[str] = []
        for rule in rules:
            self.rules[rule.id] = rule
            self.families.setdefault(rule.family, []).append(rule)
            if rule.id == SHELLCHECK_RULE or "SC*" in rule.aliases:
                self._shellcheck.append(rule)
            for code in rule.aliases:
                self.codes.setdefault(code.lower(), []).append(rule)

    def resolve(self, name: str) -> tuple[int, list[type[Rule]]] | None:
        """How narrow a name is, and the rules it calls; None for an unknown one."""
        lower = name.lower()
        if lower in self.rules:
            return RULE, [self.rules[lower]]
        if lower in self.families:
            return FAMILY, self.families[lower]
        if lower == "all":
            return ALL, list(self.rules.values())
        if lower == "default":
            return DEFAULT, [rule for rule in self.rules.values() if rule.default != "off"]
        found = self.codes.get(lower)
        if is_shellcheck_code(lower):
            found = [*(found or ()), *(rule for rule in self._shellcheck if rule not in (found or ()))]
        return (CODE, found) if found is not None else None

    def suggest(self, name: str) -> str:
        """`, did you mean ...` with the nearest name, or nothing; a number has no near one."""
        if name[-4:].isdecimal():
            return ""
        if not self._spelling:
            codes = {code for rule in self.rules.values() for code in rule.aliases}
            self._spelling = [*self.rules, *self.families, "all", "default", *sorted(codes)]
        return suggestion(name, self._spelling)


def names_of(finding: Finding) -> list[str]:
    """The names, in lower case, by which a finding is selected, ignored or suppressed, `default` aside."""
    return ["all", finding.family, finding.rule, *map(str.lower, finding.aliases)]


class Selection:
    """What a configuration and the command line choose.

    Args:
        rules: All rules there are, of every pack.
        config: The settings.

    Raises:
        ConfigError: A name, or a rule or option in `[rules.<id>]`, is unknown.
    """

    __slots__ = ("_files", "_layers", "_levels", "_of_files", "_states", "config", "vocabulary")

    def __init__(self, rules: Iterable[type[Rule]], config: Config, vocabulary: Vocabulary | None = None) -> None:
        self.config = config
        self.vocabulary = vocabulary or Vocabulary(rules)
        config.check_options(self.vocabulary.rules.values())
        self._layers: list[tuple[bool, dict[str, int], dict[str, int]]] = []
        for layer in config.layers:
            self._add(layer)
        narrow = self._narrowness(config.severity, None)
        self._levels = {
            name.strip().lower(): (-narrow[name.strip().lower()], RANK[level], level)
            for name, level in config.severity.items()
        }
        self._files = {pattern: self._narrowness(names, None) for pattern, names in config.per_file_ignores.items()}
        self._of_files: dict[tuple[str, ...], Selection] = {}
        self._states: dict[tuple[str, tuple[str, ...]], int] = {}

    def _add(self, layer: Layer) -> None:
        typed = layer.command_line
        chosen = self._narrowness(layer.select or (), "--select" if typed else None)
        chosen.update(self._narrowness(layer.extend, "--extend-select" if typed else None))
        ignored = self._narrowness(layer.ignore, "--ignore" if typed else None)
        if layer.select is not None:
            # What came before no longer counts.
            self._layers.clear()
        self._layers.append((layer.select is not None, chosen, ignored))

    def _narrowness(self, names: Iterable[str], option: str | None) -> dict[str, int]:
        """Each name in lower case with how narrow it is."""
        found: dict[str, int] = {}
        for name in names:
            resolved = self.vocabulary.resolve(name.strip())
            if resolved is None:
                reason = f"unknown rule `{name}`{self.vocabulary.suggest(name)}"
                if option is not None:
                    raise ConfigError(option, None, reason)
                self.config.refuse(name, reason)
            found[name.strip().lower()] = resolved[0]
        return found

    def rules(self, rules: Iterable[type[Rule]] | None = None) -> list[type[Rule]]:
        """The rules that can show a finding.

        Args:
            rules: The rules to choose from; all when left out.
        """
        every = self.vocabulary.rules.values() if rules is None else rules
        called = {
            rule.id
            for _, chosen, _ in self._layers
            for name, narrow in chosen.items()
            if narrow == CODE and (resolved := self.vocabulary.resolve(name))
            for rule in resolved[1]
        }
        return [rule for rule in every if rule.id in called or self._state(rule.id, rule.family, ())]

    def visible(self, finding: Finding) -> bool:
        """Whether a finding shows; at style severity only when a name other than `default` chose it."""
        state = self._state_of(finding)
        return state == NAMED or (state == USUAL and finding.severity != "style")

    def fits(self, finding: Finding) -> bool:
        """Whether a finding would show if it were not at style severity."""
        return self._state_of(finding) != HIDDEN

    def _state_of(self, finding: Finding) -> int:
        key = (finding.rule, finding.aliases)
        state = self._states.get(key)
        if state is None:
            aliases = tuple(map(str.lower, finding.aliases))
            state = self._states[key] = self._state(finding.rule, finding.family, aliases)
        return state

    def _state(self, rule: str, family: str, codes: tuple[str, ...]) -> int:
        names = ("all", family, rule, *codes)
        known = self.vocabulary.rules.get(rule)
        usual = known is None or known.default != "off"
        state = USUAL if usual else HIDDEN
        for replaces, chosen, ignored in self._layers:
            if replaces:
                state = HIDDEN
            best = max((chosen[name] for name in names if name in chosen), default=-1)
            worst = max((ignored[name] for name in names if name in ignored), default=-1)
            if usual and best < DEFAULT and "default" in chosen:
                # `default` says nothing about findings at style; `all` beside it does.
                best, named = DEFAULT, best == ALL
            else:
                named = True
            if usual and "default" in ignored:
                worst = max(worst, DEFAULT)
            if best >= 0 and best > worst:
                state = NAMED if named else max(state, USUAL)
            elif worst >= 0:
                state = HIDDEN
        return state

    def severity(self, finding: Finding) -> Severity:
        """The severity after the configuration's `severity` table, where the narrowest name decides.

        Of several codes the gravest level counts. A finding that its rule lowered to style keeps that level,
        unless the rule itself is at style.
        """
        if not self._levels:
            return finding.severity
        rule = self.vocabulary.rules.get(finding.rule)
        if finding.severity == "style" and (rule is None or rule.severity != "style"):
            return finding.severity
        names = names_of(finding)
        if rule is None or rule.default != "off":
            names.append("default")
        found = [self._levels[name] for name in names if name in self._levels]
        return min(found)[2] if found else finding.severity

    def for_file(self, path: str) -> Selection:
        """The selection for one file, after `per-file-ignores`.

        Args:
            path: The file, relative to the working directory or absolute.
        """
        if not self._files:
            return self
        relative = self.config.relative(path)
        if relative is None:
            return self
        key = tuple(pattern for pattern in self._files if matches(pattern, relative))
        if not key:
            return self
        found = self._of_files.get(key)
        if found is None:
            found = self._of_files[key] = Selection.__new__(Selection)
            for name in Selection.__slots__:
                setattr(found, name, getattr(self, name))
            ignored = {name: narrow for pattern in key for name, narrow in self._files[pattern].items()}
            found._layers = [*self._layers, (False, {}, ignored)]
            found._states = {}
        return found
