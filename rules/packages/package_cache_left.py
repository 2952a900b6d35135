from __future__ import annotations

from dfadvise.managers.leftovers import is_mounted, left_by
from dfadvise.managers.packages import actions, cache_cause, reading
from dfadvise.managers.programs import may_install
from dfadvise.rule import Finding, Fix, Rule, Weighs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.managers.leftovers import Left
    from dfadvise.stages import Dockerfile
    from dfadvise.syntax.instructions import Run

WHAT = {"lists": "package index", "archives": "downloaded packages", "cache": "cache"}
# Verbs that the foreign tools know, where they know only some.
KNOWN_VERBS = {"pip": ("install",), "yarn": ("install",), "yarn-berry": ("install",)}


class PackageCacheLeft(Rule):
    r"""A package manager leaves its cache or package lists in the layer.

    Why:
        What a manager downloads to work with stays in the layer of the RUN, and in every image that is built on it:
        19 to 50 MB of lists for apt, about as much as node_modules for npm. A later RUN that deletes it only hides it.

    Bad:
        FROM debian:12
        RUN apt-get update && apt-get install -y --no-install-recommends curl

    Good:
        FROM debian:12
        RUN apt-get update && apt-get install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/*

    Bad (no switch):
        FROM alpine:3.22
        RUN apk add curl

    Good (a switch):
        FROM alpine:3.22
        RUN apk add --no-cache curl

    Bad (over several lines):
        FROM node:22
        COPY package.json package-lock.json ./
        RUN npm ci \
            --omit=dev

    Good (cleaned up in the same RUN):
        FROM node:22
        COPY package.json package-lock.json ./
        RUN npm ci \
            --omit=dev \
            && npm cache clean --force

    Bad (yarn, of which the project may bring another version):
        FROM node:22
        COPY . .
        RUN yarn install

    Good (only what yarn 1 leaves):
        FROM node:22
        COPY . .
        RUN yarn install && rm -rf /usr/local/share/.cache/yarn

    Good (a cache mount takes it):
        FROM python:3.13
        RUN --mount=type=cache,target=/root/.cache/pip pip install flask==3.1.0

    Fix:
        safe: the manager's own switch, where its version is known to have it, else a clean-up behind its last command.
        Unsafe when a later step that nobody can read may need the lists, and for caches that are also where a build
        finds its dependencies; none when a later step surely needs them, or the RUN only fetches the index.
    """

    on = ("RUN",)
    severity = "warning"
    aliases = (
        *("DL3009", "DL3019", "DL3032", "DL3036", "DL3040", "DL3042", "DL3060"),
        *("DS-0015", "DS-0019", "DS-0020", "DS-0025", "DS-0027", "DKL-DI-0004", "DKL-DI-0005"),
        *("kics:df746b39", "kics:ae9c56a6", "kics:295acb63", "kics:00481784", "kics:38300d1a", "kics:f2f903fb"),
        *("kics:9e13082c", "semgrep:remove-package-lists", "semgrep:remove-package-cache"),
        *("semgrep:missing-apk-no-cache", "semgrep:missing-dnf-clean-all", "semgrep:missing-yum-clean-all"),
        *("semgrep:missing-zypper-clean", "semgrep:missing-pip-no-cache-dir", "tally:ruby/leftover-bundler-cache"),
    )
    yields_to = ("late-cleanup",)

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        from dfadvise.managers.packages import actions_in

        return any(action.manager.leftovers for action in actions_in(file))

    def check(self, run: Run) -> Iterator[Finding]:
        for left in left_by(run):
            if _is_used_later(left):
                continue
            from dfadvise.savings import saving_of

            ships = run.stage.ships
            what = " and ".join(WHAT[kind] for kind in left.kinds)
            if left.manager.name == "apt":
                what = what.replace("index", "lists")
            action = left.actions[0]
            yield self.finding(
                action.span,
                f"{action.text} leaves its {what} in the layer",
                severity=None if ships else "style",
                aliases=codes(left),
                saving=saving_of(left) if ships else None,
                fix=mend(left) if ships else None,
                cause=cache_cause(run, left.manager),
                weighs=Weighs("stored", (run,), left.paths),
            )


def _is_used_later(left: Left) -> bool:
    """Whether the cache is the store of a toolchain, which something behind the RUN may use."""
    if not left.manager.store:
        return False
    from dfadvise.managers.toolchains import uses_store_later

    return uses_store_later(left.run, left.manager)


def codes(left: Left) -> tuple[str, ...]:
    """The foreign codes that hold for what is left."""
    manager, stage = left.manager, left.run.stage
    if manager.name == "apt":
        found = manager.codes("package-cache-left") if "lists" in left.kinds else ()
        if any(each.verb == "clean" for each in actions(left.run)):
            found = tuple(code for code in found if not code.startswith("kics:"))  # it takes that for all
        if "archives" in left.kinds:
            found += manager.codes("package-cache-left", "archives")
            if "lists" not in left.kinds and is_mounted(left.run, ("/var/lib/apt/lists",)):
                found += ("DL3009",)  # a mount on the lists alone is not enough for it
    else:
        # The tools look at what installs, not at a refresh alone.
        installing = [each for each in left.actions if each.effect != "refresh"]
        verbs = KNOWN_VERBS.get(manager.name)
        if not installing or (verbs and all(each.verb not in verbs for each in installing)):
            return ()
        found = installing[0].codes("package-cache-left", installing[0].program)
        if manager.name == "pip" and all(is_local(each.text) for each in installing[0].operands):
            found = tuple(code for code in found if not code.startswith("semgrep:") or not installing[0].operands)
    if not (stage.ships or stage.children or left.run.outer):
        found = tuple(code for code in found if code not in ("DL3009", "DL3060"))
    return found


def is_local(text: str | None) -> bool:
    """Whether an operand of pip is a folder or file of the project."""
    return text is not None and text.startswith((".", "/"))


def mend(left: Left) -> Fix | None:
    """The switch or the clean-up, as safe as what comes later allows."""
    manager, run = left.manager, left.run
    if manager.system and not _installs_behind(left):
        return None  # the index is what the RUN is for
    from dfadvise.editing.edits import append, behind
    from dfadvise.managers.cleaning import cleanup_command, knows_switch, works_offline
    from dfadvise.managers.indexes import NOBODY, SURELY, later_reader

    store = manager.store
    reader = later_reader(run, manager) if manager.name in ("apt", "apk") else NOBODY
    offline = works_offline(run.file, manager)
    if knows_switch(left):
        word = manager.off[0]
        edits = [behind(each.verb_word, word) for each in left.actions]
        if any(edit is None for edit in edits):
            return None
        return Fix(f"Add {word}", filter(None, edits), "unsafe" if offline else "safe", "+flag")
    command = cleanup_command(left)
    if command is None or reader == SURELY:
        return None
    # A program that nobody knows may install too, so it must run before the lists go.
    lists = "lists" in left.kinds
    behind_all = lists and any(may_install(each) for each in reading(run).commands[left.place + 1 :])
    edit = append(left.last, command, at_end=behind_all)
    if edit is None:
        return None
    hidden = manager.system and not any(each.installs for each in actions(run) if each.manager is manager)
    safe = not (store or offline or reader or hidden)
    return Fix(f"Add {command}", [edit], "safe" if safe else "unsafe", "+clean")


def _installs_behind(left: Left) -> bool:
    """Whether a RUN installs with what it has fetched, or runs what may do so."""
    commands = reading(left.run).commands
    first = left.actions[0].place
    if any(each.installs and each.place >= first for each in actions(left.run) if each.manager is left.manager):
        return True
    return any(may_install(each) for each in commands[first + 1 :])
