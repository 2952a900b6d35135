"""The test kit for rules: a rule's docstring is its test, for the default pack and for yours alike.

A docstring has a title line and sections, each a heading with a colon and an indented body:

    Why:      what it costs to leave it.
    Options:  TOML for the blocks that follow: `today`, `target`, `build-args.NAME`, `rules.ID.OPTION`.
    Files:    the build context for the blocks that follow: `path`, `path: content` or `path: <N bytes>`.
    Bad:      a Dockerfile with the finding. A heading may say more: `Bad (heredoc):`.
    Good:     a Dockerfile without it; at least as many of these as of the bad ones.
    Fixed:    what the fix makes of the Bad block before it, when that is none of the Good ones.
    Fix:      `safe`, `unsafe`, `display` or `none`, and why.
    Variants: `not NAME: why`, for a variant that cannot apply.

Each block is run as it stands and in five variants: `crlf`, `backtick` (the other escape character),
`onbuild` (every instruction under ONBUILD), `no-newline` (at the end) and `second-stage` (one more before it).
"""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager

from dfadvise.context import BuildContext
from dfadvise.engine import Engine
from dfadvise.fixing import fix
from dfadvise.results import FileResult
from dfadvise.source import Source
from dfadvise.stages import Dockerfile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import CodeType
    from typing import Any

    from dfadvise.rule import Finding, Rule

VARIANTS = ("plain", "crlf", "backtick", "onbuild", "no-newline", "second-stage")
SECTIONS = ("Why", "Options", "Files", "Bad", "Good", "Fixed", "Fix", "Variants", "Note")


class Block:
    """A Dockerfile in a docstring.

    Attributes:
        kind: "Bad" or "Good".
        name: What the heading adds, or its number.
        text: The Dockerfile.
        files: The context: path to content (text) or size (bytes).
        options: The options in force.
        fixed: What the fix makes of it, when a Fixed section follows.
    """

    __slots__ = ("files", "fixed", "kind", "name", "options", "text")

    def __init__(self, kind: str, name: str, text: str, files: dict[str, str | int], options: dict[str, Any]) -> None:
        self.kind = kind
        self.name = name
        self.text = text
        self.files = files
        self.options = options
        self.fixed: str | None = None


class Documentation:
    """A docstring taken apart.

    Attributes:
        title: The first line.
        why: The reason.
        blocks: The Bad and Good blocks in order.
        fix: The Fix section.
        excluded: Variants that cannot apply, with the reason.
        problems: What is wrong with the docstring itself.
    """

    __slots__ = ("blocks", "excluded", "fix", "problems", "sections", "title", "why")

    def __init__(self, docstring: str) -> None:
        self.problems: list[str] = []
        self.sections: list[tuple[str, str, str]] = []
        self.title, sections = split_sections(docstring)
        self.why = self.fix = ""
        self.blocks: list[Block] = []
        self.excluded: dict[str, str] = {}
        files: dict[str, str | int] = {}
        options: dict[str, Any] = {}
        for heading, extra, body in sections:
            self.sections.append((heading, extra, body))
            if heading == "Why":
                self.why = body
            elif heading == "Fix":
                self.fix = body
            elif heading == "Files":
                files = _files(body)
            elif heading == "Options":
                options = self._options(body)
            elif heading == "Variants":
                self._variants(body)
            elif heading == "Fixed":
                bad = [block for block in self.blocks if block.kind == "Bad"]
                if bad:
                    bad[-1].fixed = body + "\n"
            elif heading in ("Bad", "Good"):
                name = extra or str(1 + sum(block.kind == heading for block in self.blocks))
                self.blocks.append(Block(heading, name, body + "\n", files, options))
        self._check()

    def _check(self) -> None:
        bad = sum(block.kind == "Bad" for block in self.blocks)
        good = len(self.blocks) - bad
        if not self.why:
            self.problems.append("has no Why section")
        if not bad:
            self.problems.append("has no Bad section")
        if good < bad:
            self.problems.append(f"has {bad} Bad blocks but only {good} Good ones")
        if not self.fix.startswith(("safe", "unsafe", "display", "none")):
            self.problems.append("has no Fix section that starts with safe, unsafe, display or none")

    def _options(self, body: str) -> dict[str, Any]:
        import sys

        toml: Any = __import__("tomllib" if sys.version_info >= (3, 11) else "tomli")
        try:
            return dict(toml.loads(body))
        except ValueError as problem:
            self.problems.append(f"has an Options section that is no TOML: {problem}")
            return {}

    def _variants(self, body: str) -> None:
        for line in body.splitlines():
            name, colon, reason = line.removeprefix("not ").partition(":")
            if not line.startswith("not ") or not colon or name.strip() not in VARIANTS or not reason.strip():
                self.problems.append(f"has a Variants line that is not `not NAME: why`: {line}")
                continue
            self.excluded[name.strip()] = reason.strip()


def split_sections(docstring: str) -> tuple[str, list[tuple[str, str, str]]]:
    """Title and sections of a docstring, each as (heading, text in parentheses, body without its indent)."""
    lines = docstring.strip("\n").splitlines()
    title = lines[0].strip() if lines else ""
    rest = lines[1:]
    indent = min((len(line) - len(line.lstrip()) for line in rest if line.strip()), default=0)
    sections: list[tuple[str, str, list[str]]] = []
    for line in rest:
        stripped = line[indent:].rstrip()
        heading, extra = _heading(stripped)
        if heading:
            sections.append((heading, extra, []))
        elif sections:
            sections[-1][2].append(stripped)
    return title, [(heading, extra, _dedent(body)) for heading, extra, body in sections]


def _heading(line: str) -> tuple[str, str]:
    if not line.endswith(":") or line[:1].isspace():
        return "", ""
    word, _, extra = line[:-1].partition(" (")
    return (word, extra.rstrip(")")) if word in SECTIONS else ("", "")


def _dedent(lines: list[str]) -> str:
    indent = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return "\n".join(line[indent:] for line in lines).strip("\n")


def _files(body: str) -> dict[str, str | int]:
    files: dict[str, str | int] = {}
    for line in body.splitlines():
        path, colon, content = line.partition(": ")
        content = content.strip()
        if content.startswith("<") and content.endswith(" bytes>"):
            files[path.strip()] = int(content[1:-7].replace("_", "").replace(",", ""))
        elif path.strip():
            files[path.strip()] = content.replace("\\n", "\n") + "\n" if colon else ""
    return files


def variant(text: str, name: str) -> str | None:
    """A Dockerfile in one of the variants; None when it cannot be put so."""
    if name == "crlf":
        return text.replace("\n", "\r\n")
    if name == "no-newline":
        return text.rstrip("\n")
    if name == "backtick":
        if "`" in text or "<<" in text or text.lstrip("# ").startswith("escape"):
            return None
        lines = [line[:-1] + "`" if line.endswith("\\") else line for line in text.split("\n")]
        return "# escape=`\n" + "\n".join(lines)
    file = Dockerfile(Source(text))
    if name == "second-stage":
        if not file.stages or file.stages[0].from_ is None:
            return None
        at = file.stages[0].from_.span.start
        return text[:at] + "FROM scratch AS other-stage\nLABEL other=stage\n\n" + text[at:]
    if name == "onbuild":
        parts, at = [], 0
        for instruction in file.instructions:
            if instruction.stage.index >= 0 and instruction.keyword not in ("FROM", "ONBUILD", "MAINTAINER"):
                parts.append(text[at : instruction.span.start] + "ONBUILD ")
                at = instruction.span.start
        return "".join(parts) + text[at:] if parts else None
    return text


@contextmanager
def context_of(files: Mapping[str, str | int]) -> Iterator[str | None]:
    """A folder with files for a test; None when there are none."""
    if not files:
        yield None
        return
    with tempfile.TemporaryDirectory() as root:
        for path, content in files.items():
            full = os.path.join(root, path)
            os.makedirs(os.path.dirname(full) if not path.endswith("/") else full, exist_ok=True)
            if path.endswith("/"):
                continue
            with open(full, "wb") as stream:
                if isinstance(content, int):
                    stream.truncate(content)
                else:
                    stream.write(content.encode("utf-8"))
        yield root


class Bench:
    """Runs rules over a text, as `dfadvise lint --select all` would.

    Args:
        rules: The rule classes.
        root: The build context, or None.
        options: `today`, `target`, `build-args`, and `rules` with the rules' own options by id.
    """

    def __init__(self, *rules: type[Rule], root: str | None = None, options: Mapping[str, Any] | None = None) -> None:
        self.options = dict(options or {})
        settings = self.options.get("rules", {})
        self.engine = Engine([rule(settings.get(rule.id)) for rule in rules])
        self.root = root

    def model(self, source: Source) -> Dockerfile:
        """The model of a text under the options."""
        context = None
        if self.root is not None:
            context = BuildContext(self.root, os.path.join(self.root, "Dockerfile"), True)
        return Dockerfile(
            source,
            build_args=self.options.get("build-args"),
            target=self.options.get("target"),
            targets=self.options.get("targets", ()),
            context=context,
            today=self.options.get("today"),
        )

    def findings(self, text: str) -> list[Finding]:
        """The findings in a text.

        Raises:
            AssertionError: A rule raised.
        """
        result = self.engine.lint(self.model(Source(text)))
        if result.internal:
            raise AssertionError("; ".join(result.internal))
        return result.findings

    def is_unasked(self, rule: type[Rule], text: str) -> bool:
        """Whether a rule says of itself that it has nothing to say of a text."""
        return rule.id in self.engine.silent(self.model(Source(text)), FileResult(""))

    def fixed(self, text: str, unsafe: bool = True) -> str:
        """The text after fixing; `display` fixes are never applied."""

        def wanted(finding: Finding) -> str | None:
            kind = finding.fix.applicability if finding.fix else "display"
            return None if kind == "safe" or (unsafe and kind == "unsafe") else ""

        outcome = fix(Source(text), lambda s: self.engine.lint(self.model(s)), self.model, wanted)
        proofs = [each.reason for each in outcome.refused if each.reason.startswith("the proof")]
        if proofs:
            raise AssertionError("; ".join(proofs))
        return outcome.source.text


def cases(rule: type[Rule]) -> list[tuple[Block | None, str]]:
    """The cases of a rule: (block, variant), and (None, "docstring") for the docstring itself."""
    documentation = Documentation(rule.__doc__ or "")
    found: list[tuple[Block | None, str]] = [(None, "docstring")]
    for block in documentation.blocks:
        for name in VARIANTS:
            if name not in documentation.excluded and variant(block.text, name) is not None:
                found.append((block, name))
    return found


def run_case(rule: type[Rule], block: Block | None, name: str) -> str | None:
    """Run one case.

    Args:
        rule: The rule class, as the pack loader gives it.
        block: The block; None for the docstring itself.
        name: The variant.

    Returns:
        What went wrong; None when nothing did.
    """
    documentation = Documentation(rule.__doc__ or "")
    if block is None:
        unknown = _unknown_names(rule.concerns.__code__)
        if unknown:
            return f"`concerns` knows no name of its module, and uses {', '.join(unknown)}"
        if documentation.problems:
            return "; ".join(documentation.problems)
        return None if documentation.fix.startswith("none") or _has_fix(rule, documentation) else "never gives a fix"
    text = variant(block.text, name)
    if text is None:
        return None
    with context_of(block.files) as root:
        bench = Bench(rule, root=root, options=block.options)
        found = bench.findings(text)
        if rule.severity != "style":
            # Weaker readings, shown only to those who select them, are no part of what a docstring shows.
            found = [finding for finding in found if finding.severity != "style"]
        if block.kind == "Good":
            return f"must not find: {found[0].message}" if found else None
        if not found:
            unasked = bench.is_unasked(rule, text)
            return "finds nothing" + (": by its mentions, keywords or concerns it is not asked" if unasked else "")
        if any(not 0 <= f.span.start <= f.span.end <= len(text) for f in found):
            return "has a finding outside the text"
        if all(finding.fix is None for finding in found):
            return None
        return _check_fix(bench, documentation, block, name, text, found)


def _unknown_names(code: CodeType) -> list[str]:
    """The names that a code takes from its module, and that are none of Python's own."""
    import builtins
    import dis

    found = {each.argval for each in dis.get_instructions(code) if each.opname in ("LOAD_GLOBAL", "LOAD_NAME")}
    found -= set(dir(builtins))
    for inner in code.co_consts:
        if isinstance(inner, type(code)):
            found |= set(_unknown_names(inner))
    return sorted(found)


def _has_fix(rule: type[Rule], documentation: Documentation) -> bool:
    """Whether any of the Bad blocks gets a fix."""
    for block in documentation.blocks:
        with context_of(block.files) as root:
            found = Bench(rule, root=root, options=block.options).findings(block.text)
        if block.kind == "Bad" and any(finding.fix is not None for finding in found):
            return True
    return False


def _check_fix(
    bench: Bench, documentation: Documentation, block: Block, name: str, text: str, found: list[Finding]
) -> str | None:
    if all(finding.fix is None or finding.fix.applicability == "display" for finding in found):
        return None
    if documentation.fix.startswith("none"):
        return "gives a fix that its docstring does not know"
    if all(finding.fix is None or not finding.fix.edits for finding in found):
        return None if any(f.fix and f.fix.creates for f in found) else "has a fix without edits"
    result = bench.fixed(text)
    if result == text:
        return "has a fix that changes nothing"
    if bench.fixed(result) != result:
        return "has a fix that changes its own result again"
    if name == "onbuild":
        return None
    good = [other.text for other in documentation.blocks if other.kind == "Good"]
    expected = [variant(each, name) for each in ([block.fixed] if block.fixed else good)]
    return None if result in expected else f"fixes to something else:\n{result}"
