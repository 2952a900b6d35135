"""Every rule's docstring is run: Bad gives a finding, Good gives none, fixes do what they say, in all variants."""

import pytest

from dfadvise import packs, testing
from dfadvise.engine import Engine
from dfadvise.rule import Rule
from dfadvise.source import Source
from dfadvise.stages import Dockerfile

RULES = packs.load_packs()
CASES = [(rule, block, name) for rule in RULES for block, name in testing.cases(rule)]
EVERYTHING = """\
ARG V=1
FROM --platform=linux/amd64 debian:12 AS a
ENV A=b C d
LABEL a=b
ENV E f
RUN --mount=type=cache,target=/c,from=x cu\\

rl "x" && git clone y > z | tee `date` $(w)
COPY a b c
FROM a as b
ADD --chown=app:app --from=a /x ["y", "z"]
WORKDIR x
USER app
VOLUME /v
EXPOSE 80
STOPSIGNAL 9
SHELL ["sh", "-c"]
HEALTHCHECK CMD x
ENTRYPOINT x ~ $Y
CMD ["y", "$Z"]
ONBUILD RUN x
MAINTAINER y
NOTHING
"""


@pytest.mark.parametrize(
    ("rule", "block", "variant"),
    CASES,
    ids=[
        f"{rule.id}-{block.kind if block else 'doc'}-{block.name if block else ''}-{name}"
        for rule, block, name in CASES
    ],
)
def test_docstring(rule, block, variant):
    assert testing.run_case(rule, block, variant) is None


def test_every_rule_says_what_it_is():
    for rule in RULES:
        assert rule.title if isinstance(rule, object) else True
        assert rule.on, rule.id
        assert rule.default in ("on", "off", "cfg"), rule.id


@pytest.mark.parametrize(
    "rule", [rule for rule in RULES if rule.concerns is not Rule.concerns], ids=lambda rule: rule.id
)
def test_what_a_rule_looks_for_beforehand_fails_nowhere(rule):
    for text in ("", "FROM a\n", EVERYTHING):
        assert rule.concerns(Dockerfile(Source(text)), text) in (True, False)


class Outright(Engine):
    """Asks every rule, whatever it says of itself beforehand."""

    def silent(self, file, result):
        return set()


def test_what_rules_say_beforehand_costs_no_finding():
    rules = [rule() for rule in RULES if rule.default != "cfg" and rule.id != "shellcheck-finding"]
    ahead, outright = Engine(rules), Outright(rules)
    texts = sorted({block.text for _, block, _ in CASES if block is not None})
    for text in texts[::2]:
        # Mixed letters in keywords, and every other line cut within a word.
        lines = [line[:1].swapcase() + line[1:] for line in text.split("\n")]
        cut = [
            line if at % 2 else line[: len(line) // 2] + "\\\n" + line[len(line) // 2 :]
            for at, line in enumerate(lines)
        ]
        for each in (text, "\n".join(cut)):
            found = [[repr(f) for f in engine.lint(Dockerfile(Source(each))).findings] for engine in (ahead, outright)]
            assert found[0] == found[1], each
