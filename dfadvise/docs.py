"""The documentation of rules, from their docstrings: for a terminal, and as Markdown.

`python -m dfadvise.docs` writes docs/rules.md and the table in README.md; with `--check` it writes nothing and exits
with 1 when one of them is out of date.
"""

from __future__ import annotations

from dfadvise.testing import split_sections

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dfadvise.rule import Rule

BEGIN, END = "<!-- rules: begin -->", "<!-- rules: end -->"
CODE = ("Bad", "Good", "Fixed")
HEADINGS = {
    "Bad": "Reported",
    "Good": "Not reported",
    "Fixed": "After the fix",
    "Options": "With these options",
    "Files": "With these files in the build context",
}
DEFAULTS = {"on": "on by default", "off": "off by default", "cfg": "silent until it is configured"}
# Whose codes the tables name, for those who come from there; all others stand with the rule itself.
TABLED = ("DL",)
INTRODUCTION = """\
# Rules

Number of rules: {count}. Each says what it is about, with Dockerfiles that it reports and that it does not; these
examples are its tests. `dfadvise explain RULE` shows the same.

- **Severity** is that of the plain case: `error` (the build fails, a secret leaks, the container breaks), `warning`
  (bytes, time or safety are lost), `info` (advice) or `style` (shown only when selected).
- **Fix**: `safe` ones are applied by `dfadvise fix`, `unsafe` ones need `--unsafe`, `display` ones are only shown.
- A rule that is *off* runs only when it is selected by name, family or `all`.
"""


def fix_kind(rule: type[Rule]) -> str:
    """What the Fix section begins with: "safe", "unsafe", "display", or "" when there is no fix."""
    for heading, _, body in split_sections(rule.__doc__ or "")[1]:
        if heading == "Fix":
            kind = body.partition(":")[0].strip().partition(" ")[0].strip(".,;")
            return kind if kind in ("safe", "unsafe", "display") else ""
    return ""


def title(rule: type[Rule]) -> str:
    """The first line of the docstring, without its full stop."""
    return split_sections(rule.__doc__ or "")[0].rstrip(".") or rule.id


def facts(rule: type[Rule]) -> str:
    """Family, severity, default and fix as one line."""
    kind = fix_kind(rule)
    return ", ".join([rule.family, rule.severity, DEFAULTS[rule.default], f"{kind} fix" if kind else "no fix"])


def codes_of(rule: type[Rule], prefixes: tuple[str, ...]) -> list[str]:
    """Its foreign codes with one of the prefixes."""
    return [code for code in rule.aliases if code.startswith(prefixes) and code[-1:].isdigit()]


def _parts(rule: type[Rule]) -> list[tuple[str, str, str]]:
    """(heading, note to it, text) of what is worth reading; how the tests vary is not."""
    found = []
    for heading, extra, body in split_sections(rule.__doc__ or "")[1]:
        if heading != "Variants":
            found.append((HEADINGS.get(heading, heading), extra, body))
    return found


def _options(rule: type[Rule]) -> list[str]:
    """The options as lines of TOML with their defaults."""
    return [f"{name} = {_toml(value)}" for name, value in rule.options.items()]


def _toml(value: object) -> str:
    from json import dumps

    if isinstance(value, dict):
        inside = ", ".join(f"{dumps(str(key))} = {_toml(each)}" for key, each in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, (list, tuple, set, frozenset)):
        return f"[{', '.join(_toml(each) for each in value)}]"
    return '""' if value is None else dumps(value)


def plain(rule: type[Rule]) -> str:
    """The documentation of a rule for a terminal."""
    lines = [rule.id, f"{title(rule)}.", "", f"  {facts(rule)}"]
    for heading, extra, body in _parts(rule):
        lines += ["", f"{heading} ({extra})" if extra else heading]
        lines += [f"    {line}".rstrip() for line in body.splitlines()]
    if rule.options:
        lines += ["", f"Options, in [rules.{rule.id}] of the configuration, with their defaults"]
        lines += [f"    {line}" for line in _options(rule)]
    lines += ["", "Not wanted"]
    lines += [f"    in one place: # dfadvise: ignore[{rule.id}] and the reason, on the line above"]
    lines += [f'    everywhere: ignore = ["{rule.id}"] in dfadvise.toml']
    if rule.aliases:
        lines += ["", "Also known as", *_filled("    ", ", ".join(rule.aliases))]
    return "\n".join(lines) + "\n"


def _filled(lead: str, text: str) -> list[str]:
    from dfadvise.commands.usage import WIDTH, wrapped

    rows = wrapped(text, WIDTH - len(lead))
    return [lead + rows[0], *(" " * len(lead) + row for row in rows[1:])]


def markdown(rule: type[Rule]) -> str:
    """The documentation of a rule as a section of a Markdown page."""
    lines = [f"### {rule.id}", "", f"{title(rule)}.", "", f"*{facts(rule)}*"]
    if rule.aliases:
        lines += ["", "Also known as " + ", ".join(f"`{code}`" for code in rule.aliases) + "."]
    for heading, extra, body in _parts(rule):
        lines += ["", f"**{heading}**" + (f" ({extra})" if extra else "")]
        if heading in ("Why", "Fix", "Note"):
            lines += ["", body]
        else:
            fence = "```"
            while fence in body:
                fence += "`"
            language = "toml" if heading == HEADINGS["Options"] else "text"
            if heading in (HEADINGS[each] for each in CODE):
                language = "dockerfile"
            lines += ["", fence + language, body, fence]
    if rule.options:
        lines += ["", "**Options**", "", "```toml", f"[rules.{rule.id}]", *_options(rule), "```"]
    return "\n".join(lines) + "\n"


def table(rules: Sequence[type[Rule]], link: str = "") -> str:
    """The rules as a Markdown table.

    Args:
        rules: The rules.
        link: The page that documents them; empty for the page that the table is on.
    """
    lines = ["| rule | severity | fix | what it reports | hadolint |", "| --- | --- | --- | --- | --- |"]
    for rule in rules:
        level = rule.severity if rule.default == "on" else f"{rule.severity}, {rule.default}"
        known = " ".join(codes_of(rule, TABLED))
        text = title(rule).replace("|", "\\|")
        lines.append(f"| [{rule.id}]({link}#{rule.id}) | {level} | {fix_kind(rule)} | {text} | {known} |")
    return "\n".join(lines) + "\n"


def page(rules: Sequence[type[Rule]]) -> str:
    """All rules as one Markdown page: a table and a section a rule, by family."""
    families = by_family(rules)
    parts = [INTRODUCTION.format(count=len(rules))]
    for family, members in families.items():
        parts += [f"## {family}\n", table(members), *(markdown(rule) for rule in members)]
    return "\n".join(parts)


def by_family(rules: Iterable[type[Rule]]) -> dict[str, list[type[Rule]]]:
    """The rules by family, in order of name."""
    families: dict[str, list[type[Rule]]] = {}
    for rule in sorted(rules, key=lambda each: (each.family, each.id)):
        families.setdefault(rule.family, []).append(rule)
    return families


def in_readme(text: str, rules: Sequence[type[Rule]]) -> str:
    """A README with the tables between its two marks written anew; as it was when the marks are missing."""
    begin, end = text.find(BEGIN), text.find(END)
    if begin < 0 or end < begin:
        return text
    parts = [f"**{name}**\n\n{table(members, 'docs/rules.md')}" for name, members in by_family(rules).items()]
    return text[: begin + len(BEGIN)] + "\n\n" + "\n".join(parts) + "\n" + text[end:]


def main() -> int:
    """Write the pages of the checkout, or with `--check` compare them."""
    import os
    import sys

    from dfadvise.packs import load_packs

    rules = load_packs()
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    stale = []
    for name in (os.path.join("docs", "rules.md"), "README.md"):
        path = os.path.join(root, name)
        old = ""
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                old = file.read()
        new = page(rules) if name != "README.md" else in_readme(old, rules)
        if new == old:
            continue
        stale.append(name)
        if "--check" not in sys.argv:
            with open(path, "w", encoding="utf-8", newline="\n") as file:
                file.write(new)
    if stale:
        print("out of date:" if "--check" in sys.argv else "written:", *stale)
    return int(bool(stale) and "--check" in sys.argv)


if __name__ == "__main__":
    raise SystemExit(main())
