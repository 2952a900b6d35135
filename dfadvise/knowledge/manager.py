"""What a package manager is: the shape of the tables in package_managers and language_tables."""

from __future__ import annotations

from dfadvise.knowledge.options import FALSE, NONE, TRUE, config_value, option_at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TAKEN = "2026-11-24"  # the day on which the sizes in the tables were measured or read


class Leftover:
    """What a manager leaves in the layer.

    Args:
        kind: "lists" (indexes), "archives" (packages), "cache" or "docs".
        paths: The folder, and where else it can be by version, user or configuration: emptying the one in use is
            enough. `~` is the home of the user who runs the manager, `$NAME` a variable's value.
        low: Bytes to expect at least; None when nobody measured.
        high: Bytes to expect at most; None when nobody measured.
        share: The part of what it installs that the cache holds, as (least, most); None when nobody measured.
        date: The day the numbers were taken.
    """

    __slots__ = ("date", "high", "kind", "low", "paths", "share")

    def __init__(
        self,
        kind: str,
        *paths: str,
        low: int | None = None,
        high: int | None = None,
        share: tuple[float, float] | None = None,
    ) -> None:
        self.kind = kind
        self.paths = paths
        self.low = low
        self.high = high
        self.share = share
        self.date = TAKEN if low is not None or share is not None else None


class Cleanup:
    """A command that takes back what a manager left; removing the paths themselves always counts too.

    Args:
        words: The words after the program, in order: `("clean", "all")`; an option counts in any bundle.
        removes: The kinds of Leftover that are gone afterwards.
        flags: Options of which one must be there.
        programs: The programs that do it; empty for the manager's own.
        piped: Whether it does nothing unless an answer is piped into it.
    """

    __slots__ = ("flags", "piped", "programs", "removes", "words")

    def __init__(
        self,
        *words: str,
        removes: tuple[str, ...] = ("cache",),
        flags: tuple[str, ...] = (),
        programs: tuple[str, ...] = (),
        piped: bool = False,
    ) -> None:
        self.words = words
        self.removes = removes
        self.flags = flags
        self.programs = programs
        self.piped = piped


class Manager:
    """A package manager.

    Args:
        name: Its name in findings and options.
        programs: The program names that are it.
        verbs: What each verb does: "install", "upgrade" (everything), "release-upgrade", "refresh" (the index),
            "remove", "clean" (perhaps: see `cleanups`), "download" (for later, without building), "compile" (may
            download too). Two-word verbs hold a blank.
        default_verb: The verb when none is given; empty when that does nothing.
        before: Options before the verb that take the next word as value.
        after: The same after the verb; None means as before it.
        bundled: Whether short options can share one dash.
        system: Whether it installs the system's packages.
        yes: Options that answer its questions.
        yes_config: The setting that does, in lower case, or the name of an environment variable.
        asks: Whether it asks before it installs or removes.
        quiet_verbs: Verbs that never ask.
        extras_off: Options that leave recommended or weak packages out.
        extras_config: The setting that does, in lower case, and the truth value it needs.
        refreshes: Whether an install refreshes the index by itself.
        refresh_flags: Options of an install that make it refresh the index or do without one.
        off: Options that switch the cache off.
        off_env: Environment variables that do, when their value is not one of FALSE.
        off_since: The version that knows the first of `off`.
        moved: Options that move the cache.
        moved_env: Environment variables that do.
        offline: Options that keep it from the network.
        leftovers: What it leaves in the layer.
        cleanups: Accepted clean-up commands besides removing the paths.
        cleanup: The clean-up to insert, as shell text; `{program}` stands for the program that the command used.
        mounts: Where cache mounts go, one mount each; `~` and `$NAME` as in Leftover.
        mount_alternatives: Other targets that serve the purpose as well.
        sharing: The sharing its cache needs: "locked" or "shared".
        manifests: Globs of the files that an install of dependencies reads, lock files included.
        locks: The lock files among them.
        frozen: Options that hold an install to the lock file.
        frozen_env: Environment variables that do.
        frozen_verbs: Verbs that always do.
        production: Options that leave development dependencies out.
        production_env: Environment variables that do, with the value they need ("" for any that is not FALSE).
        rank: Worth of the time it takes, 1 to 3.
        linked: Whether it links from its cache, so that the cache costs nothing in the same layer.
        store: Whether its cache is where programs later look for their dependencies.
        pin_flags: Options that pin what the command installs.
        aliases: Foreign codes by rule id, or by `rule/variant`.
    """

    __slots__ = (
        "after",
        "aliases",
        "asks",
        "before",
        "bundled",
        "cleanup",
        "cleanups",
        "default_verb",
        "extras_config",
        "extras_off",
        "frozen",
        "frozen_env",
        "frozen_verbs",
        "leftovers",
        "linked",
        "locks",
        "manifests",
        "mount_alternatives",
        "mounts",
        "moved",
        "moved_env",
        "name",
        "off",
        "off_env",
        "off_since",
        "offline",
        "pin_flags",
        "production",
        "production_env",
        "programs",
        "quiet_verbs",
        "rank",
        "refresh_flags",
        "refreshes",
        "sharing",
        "store",
        "system",
        "verbs",
        "yes",
        "yes_config",
    )

    def __init__(
        self,
        name: str,
        *programs: str,
        verbs: Mapping[str, str],
        default_verb: str = "",
        before: frozenset[str] = NONE,
        after: frozenset[str] | None = None,
        bundled: bool = True,
        system: bool = False,
        asks: bool = False,
        yes: tuple[str, ...] = (),
        yes_config: str = "",
        quiet_verbs: tuple[str, ...] = (),
        extras_off: tuple[str, ...] = (),
        extras_config: tuple[str, bool] | None = None,
        refreshes: bool = False,
        refresh_flags: tuple[str, ...] = (),
        off: tuple[str, ...] = (),
        off_env: tuple[str, ...] = (),
        off_since: str = "",
        moved: tuple[str, ...] = (),
        moved_env: tuple[str, ...] = (),
        offline: tuple[str, ...] = (),
        leftovers: tuple[Leftover, ...] = (),
        cleanups: tuple[Cleanup, ...] = (),
        cleanup: str = "",
        mounts: tuple[str, ...] = (),
        mount_alternatives: tuple[str, ...] = (),
        sharing: str = "shared",
        manifests: tuple[str, ...] = (),
        locks: tuple[str, ...] = (),
        frozen: tuple[str, ...] = (),
        frozen_env: tuple[str, ...] = (),
        frozen_verbs: tuple[str, ...] = (),
        production: tuple[str, ...] = (),
        production_env: tuple[tuple[str, str], ...] = (),
        rank: int = 2,
        linked: bool = False,
        store: bool = False,
        pin_flags: tuple[str, ...] = (),
        aliases: Mapping[str, tuple[str, ...]] | None = None,
    ) -> None:
        self.name = name
        self.programs = programs
        self.verbs = verbs
        self.default_verb = default_verb
        self.before = before
        self.after = before if after is None else after
        self.bundled = bundled
        self.system = system
        self.asks = asks
        self.yes = yes
        self.yes_config = yes_config
        self.quiet_verbs = quiet_verbs
        self.extras_off = extras_off
        self.extras_config = extras_config
        self.refreshes = refreshes
        self.refresh_flags = refresh_flags
        self.off = off
        self.off_env = off_env
        self.off_since = off_since
        self.moved = moved
        self.moved_env = moved_env
        self.offline = offline
        self.leftovers = leftovers
        self.cleanups = cleanups
        self.cleanup = cleanup
        self.mounts = mounts
        self.mount_alternatives = mount_alternatives
        self.sharing = sharing
        self.manifests = manifests
        self.locks = locks
        self.frozen = frozen
        self.frozen_env = frozen_env
        self.frozen_verbs = frozen_verbs
        self.production = production
        self.production_env = production_env
        self.rank = rank
        self.linked = linked
        self.store = store
        self.pin_flags = pin_flags
        self.aliases = aliases or {}

    def __repr__(self) -> str:
        return f"Manager({self.name})"

    def option_at(self, words: Sequence[str], names: tuple[str, ...]) -> int:
        """The position of the first of these options in a command of this manager, or -1."""
        return option_at(words, names, self.before | self.after, self.bundled) if names else -1

    def answers_yes(self, words: Sequence[str]) -> bool:
        """Whether the command itself answers the manager's questions.

        Args:
            words: The command, program first.
        """
        if not self.asks or self.option_at(words, self.yes) >= 0:
            return True
        if self.yes_config and any(sets(word, self.yes_config, True) for word in words):
            return True
        # apt: two -q, in one word or two, or -q=2, answer yes.
        return self.name == "apt" and sum(_quiet(word) for word in words) > 1

    def leaves_extras_out(self, words: Sequence[str]) -> bool:
        """Whether the command itself leaves recommended or weak packages out."""
        if self.option_at(words, self.extras_off) >= 0:
            return True
        config = self.extras_config
        return config is not None and any(sets(word, config[0], config[1]) for word in words)

    def codes(self, rule: str, *variants: str) -> tuple[str, ...]:
        """The foreign codes that a finding of a rule on this manager carries.

        Args:
            rule: The rule's id.
            variants: What is special about the finding (the program, the verb, the kind of leftover); the first
                that the table knows decides.
        """
        for variant in variants:
            codes = self.aliases.get(f"{rule}/{variant}")
            if codes is not None:
                return codes
        return self.aliases.get(rule, ())


class Use:
    """A command of a package manager.

    Args:
        manager: The manager.
        verb: The verb, as in the manager's table.
        at: The position of the verb's first word; the length of the command when the verb is left out.
        effect: What the verb does, see Manager.
        start: Where the words after the verb begin.
    """

    __slots__ = ("at", "effect", "manager", "start", "verb")

    def __init__(self, manager: Manager, verb: str, at: int, effect: str, start: int) -> None:
        self.manager = manager
        self.verb = verb
        self.at = at
        self.effect = effect
        self.start = start

    def __repr__(self) -> str:
        return f"Use({self.manager.name} {self.verb}: {self.effect})"


def words(text: str) -> frozenset[str]:
    """The words of a table's text."""
    return frozenset(text.split())


def verbs(**effects: str) -> dict[str, str]:
    """A table of verbs: `install="in mod+add"` gives {"in": "install", "mod add": "install"}.

    In the effects `_` stands for a dash, in the verbs `+` for a blank.
    """
    return {
        verb.replace("+", " "): effect.replace("_", "-") for effect, names in effects.items() for verb in names.split()
    }


def sets(text: str, key: str, wanted: bool) -> bool:
    """Whether a word or a configuration file gives a setting that truth value.

    Args:
        text: The word or the file's text.
        key: The setting, in lower case.
        wanted: The truth value asked for.
    """
    value = config_value(text, key)
    return value is not None and value in (TRUE if wanted else FALSE)


def _quiet(word: str) -> int:
    """How many times an apt word says -q."""
    if word == "--quiet":
        return 1
    name, equals, level = word.partition("=")
    if equals:
        return int(level) if name in ("-q", "--quiet") and level.isdigit() and len(level) < 3 else 0
    return word.count("q") if len(word) > 1 and word[0] == "-" and word[1] != "-" and word[1:].isalpha() else 0
