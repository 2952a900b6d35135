"""The engine: dispatch, rules that fail, one cause one finding, suppressions."""

import pytest

from dfadvise.engine import Engine
from dfadvise.rule import Rule
from dfadvise.source import Source
from dfadvise.stages import Dockerfile


def make(name, *, on=("RUN",), check=None, **attributes):
    body = {"on": on, "check": check or every, **attributes}
    rule = type(name, (Rule,), body)
    rule.id, rule.family = name, "test"
    return rule()


def every(self, node):
    span = getattr(node, "name_span", None) or node.span
    yield self.finding(span, f"saw {node.keyword}")


def lint(text, *rules):
    return Engine(rules).lint(Dockerfile(Source(text)))


def test_keywords_stages_and_files():
    seen = []

    def note(self, node):
        seen.append((self.id, type(node).__name__))
        return iter(())

    rules = [make(name, on=(on,), check=note) for name, on in (("a", "RUN"), ("b", "stage"), ("c", "file"))]
    lint("FROM a\nRUN x\nONBUILD RUN y\nFROM b\n", *rules)
    assert sorted(seen) == [("a", "Run"), ("a", "Run"), ("b", "Stage"), ("b", "Stage"), ("c", "Dockerfile")]


def test_a_finding_under_onbuild_belongs_to_it():
    found = lint("FROM a\nONBUILD RUN y\n", make("a")).findings
    assert [(f.instruction.keyword, f.instruction.line) for f in found] == [("ONBUILD", 2)]


def test_a_rule_that_raises_costs_only_itself():
    def fail(self, node):
        yield self.finding(node.span, "before")
        raise ValueError("oops")

    result = lint("FROM a\nRUN x\n", make("bad", check=fail), make("good"))
    assert result.internal == ["rule bad failed at line 2: ValueError: oops"]
    assert sorted(f.rule for f in result.findings) == ["bad", "good"]


def test_one_cause_one_visible_finding():
    def caused(self, node):
        yield self.finding(node.span, "m", cause=("c", node.line))

    strong = make("strong", check=caused)
    weak = make("weak", check=caused, yields_to=("strong",))
    found = lint("FROM a\nRUN x\n", weak, strong).findings
    assert {f.rule: f.severity for f in found} == {"strong": "warning", "weak": "style"}
    assert [f.severity for f in lint("FROM a\nRUN x\n", weak).findings] == ["warning"]


@pytest.mark.parametrize(
    "comment", ["# dfadvise: ignore[a]", "# dfadvise: ignore[a] reason", "# dfadvise: ignore-file[test]"]
)
def test_suppressed_findings_are_kept_apart(comment):
    result = lint(f"FROM a\n{comment}\nRUN x\n", make("a"))
    assert result.findings == []
    assert [f.suppressed is not None for f in result.suppressed] == [True]


def test_findings_come_in_order_of_place():
    result = lint("FROM a\nRUN x\nRUN y\n", make("b"), make("a"))
    assert [(f.span.start, f.rule) for f in result.findings] == [(7, "a"), (7, "b"), (13, "a"), (13, "b")]


def test_a_file_without_stages_is_linted():
    assert [f.message for f in lint("RUN x\n", make("a")).findings] == ["saw RUN"]
    assert lint("", make("a")).findings == []


@pytest.mark.parametrize(
    ("text", "attributes", "speaks"),
    [
        ("RUN curl x", {"mentions": ("wget", "curl")}, True),
        ("RUN CURL x", {"mentions": ("curl",)}, True),
        ("RUN curl x", {"mentions": ("CURL",)}, False),
        ("RUN cu\\\nrl x", {"mentions": ("curl",)}, True),
        ("RUN cu\\  \n# comment\nrl x", {"mentions": ("curl",)}, True),
        ("RUN --mo\\\nunt=type=cache,target=/x y", {"mentions": ("--mount",)}, True),
        ("RUN c\"u\"r'l' x", {"mentions": ("curl",)}, True),
        ("RUN <<E\ncu\\\nrl x\nE", {"mentions": ("curl",)}, True),
        ("copy a /", {"keywords": ("COPY",)}, True),
        ("ONBUILD COPY a /", {"keywords": ("COPY",)}, True),
        ("RUN x", {"keywords": ("COPY",)}, False),
        ("RUN x", {"mentions": ("x",), "keywords": ("COPY",)}, False),
        ("EXP\\\n  # comment\nOSE 80", {"mentions": ("expose",)}, True),
    ],
)
def test_a_rule_is_asked_only_where_it_may_have_something_to_say(text, attributes, speaks):
    rule = make("a", on=("file",), check=lambda self, file: iter([self.finding(file.tree.instructions[0].span, "m")]))
    for name, value in attributes.items():
        setattr(type(rule), name, value)
    assert bool(lint(f"FROM a\n{text}\n", rule).findings) is speaks


@pytest.mark.parametrize(
    ("concerns", "speaks"),
    [
        (lambda file, text: len(file.stages) == 1, True),
        (lambda file, text: len(file.stages) > 1, False),
        (lambda file, text: "curl" in text, True),
        (lambda file, text: file.nothing, True),
    ],
)
def test_a_rule_may_look_for_itself_whether_it_is_concerned(concerns, speaks):
    rule = make("a", concerns=staticmethod(concerns))
    assert bool(lint("FROM a\nRUN cu\\\nrl x\n", rule).findings) is speaks


def test_a_look_that_fails_costs_no_finding_and_is_told():
    def concerns(file, text):
        return nothing  # noqa: F821

    result = lint("FROM a\nRUN x\n", make("a", concerns=staticmethod(concerns)))
    assert len(result.findings) == 1
    assert result.internal == ["rule a failed in `concerns`: NameError: name 'nothing' is not defined"]


def test_a_rule_that_waits_for_its_option_is_not_asked_without_it():
    rule = make("a", default="cfg", options={"names": []})
    assert not lint("FROM a\nRUN x\n", rule).findings
    assert lint("FROM a\nRUN x\n", type(rule)({"names": ["b"]})).findings


def test_a_word_may_come_with_a_build_argument():
    rule = make("a", mentions=("curl",))
    file = Dockerfile(Source("FROM a\nARG TOOL\nRUN $TOOL x\n"), {"TOOL": "curl"})
    assert Engine([rule]).lint(file).findings
