"""`dfadvise rules`: a list of the rules."""

from __future__ import annotations

import os

from dfadvise.commands.options import UsageError
from dfadvise.commands.output import OutputError, complain, write
from dfadvise.config import ConfigError, Configs
from dfadvise.docs import by_family, codes_of, fix_kind, table, title
from dfadvise.packs import load_packs
from dfadvise.selection import Vocabulary

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from dfadvise.commands.options import Arguments
    from dfadvise.packs import PackError
    from dfadvise.rule import Rule

VERSION = 1
# Whose codes the list names; `explain` names all.
SHOWN = ("DL",)


def run(arguments: Arguments) -> int:
    """List rules.

    Returns:
        The exit status.
    """
    rules, problems = load(arguments)
    if arguments.operands:
        vocabulary = Vocabulary(rules)
        wanted: dict[str, type[Rule]] = {}
        for name in arguments.operands:
            resolved = vocabulary.resolve(name)
            if resolved is None:
                raise UsageError(f"unknown rule `{name}`{vocabulary.suggest(name)}")
            wanted.update((rule.id, rule) for rule in resolved[1])
        rules = list(wanted.values())
    families = by_family(rules)
    form = arguments.one("format") or "text"
    if form == "json":
        text = _json([rule for members in families.values() for rule in members])
    elif form == "markdown":
        text = "\n".join(f"## {family}\n\n{table(members)}" for family, members in families.items())
    else:
        text = "\n".join(listing(members) for members in families.values())
        number = len(rules)
        text += f"\n{number} {'rule' if number == 1 else 'rules'}; `dfadvise explain RULE` says more\n"
    try:
        write(text)
    except OutputError as problem:
        problems.append(str(problem))
    for line in problems:
        complain(line)
    return 2 if problems else 0


def load(arguments: Arguments) -> tuple[list[type[Rule]], list[str]]:
    """The rules in force in the working directory, and what is wrong with rule files.

    Raises:
        UsageError: The configuration cannot be used.
    """
    try:
        options = {"profile": arguments.one("profile")}
        configs = Configs(arguments.one("config"), arguments.flag("isolated"), options)
        packs = configs.of(os.path.join(os.curdir, "Dockerfile")).rule_packs
    except ConfigError as problem:
        raise UsageError(str(problem)) from problem
    errors: list[PackError] = []
    rules = load_packs(packs, errors)
    return rules, [str(error) for error in errors]


def listing(rules: Sequence[type[Rule]]) -> str:
    """The rules of a family as lines: id, severity, fix, title and the codes that others have for it."""
    width = max(len(rule.id) for rule in rules)
    lines = [f"{rules[0].family}:"]
    for rule in rules:
        level = rule.severity if rule.default == "on" else f"{rule.severity} ({rule.default})"
        known = codes_of(rule, SHOWN)
        tail = f" ({' '.join(known)})" if known else ""
        lines.append(f"  {rule.id:<{width}}  {level:<13} {fix_kind(rule) or '-':<7} {title(rule)}{tail}")
    return "\n".join(lines) + "\n"


def _json(rules: Sequence[type[Rule]]) -> str:
    from dfadvise.docs import markdown
    from dfadvise.report.dump import dump

    return dump(
        {
            "version": VERSION,
            "rules": [
                {
                    "id": rule.id,
                    "family": rule.family,
                    "title": title(rule),
                    "severity": rule.severity,
                    "default": rule.default,
                    "fix": fix_kind(rule) or None,
                    "aliases": list(rule.aliases),
                    "options": sorted(rule.options),
                    "pack": rule.pack,
                    "documentation": markdown(rule),
                }
                for rule in rules
            ],
        }
    )
