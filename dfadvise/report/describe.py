"""A rule's docstring as prose for reports."""

from __future__ import annotations

from textwrap import dedent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.rule import Rule

_EXAMPLES = ("Bad", "Good")


def sections(rule: Rule) -> dict[str, str]:
    """The sections of a rule's docstring by their headings, dedented; the text before them under ""."""
    title, _, rest = (rule.__doc__ or "").strip().partition("\n")
    found: dict[str, list[str]] = {"": [title, ""]}
    body = found[""]
    for line in dedent(rest).splitlines():
        heading = line[:-1]
        if line.endswith(":") and heading.isalpha() and heading[0].isupper():
            body = found.setdefault(heading, [])
        else:
            body.append(line)
    return {heading: dedent("\n".join(lines)).strip("\n") for heading, lines in found.items()}


def reason(rule: Rule) -> str:
    """Why the rule is there, as one paragraph; its title where the docstring does not say."""
    return " ".join(sections(rule).get("Why", "").split()) or f"{rule.title}."


def plain(rule: Rule) -> str:
    """The whole docstring, dedented."""
    title, _, rest = (rule.__doc__ or rule.id).strip().partition("\n")
    return f"{title}\n{dedent(rest)}".strip()


def markdown(rule: Rule) -> str:
    """The docstring as Markdown: a heading a section, the examples as code."""
    parts = []
    for heading, text in sections(rule).items():
        if not text.strip():
            continue
        if heading:
            parts.append(f"### {heading}")
        if heading in _EXAMPLES:
            fence = "```"
            while fence in text:
                fence += "`"
            parts.append(f"{fence}dockerfile\n{text}\n{fence}")
        elif heading in ("", "Why", "Fix"):
            parts.append(text.strip())
        else:
            parts.append("\n".join(f"    {line}".rstrip() for line in text.splitlines()))
    return "\n\n".join(parts)
