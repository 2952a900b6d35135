"""No report prints a secret."""

import pytest

from dfadvise.engine import Engine
from dfadvise.report import FORMATS, render
from dfadvise.results import FileResult, Report
from dfadvise.secret.redact import Secrets
from dfadvise.secret.scan import shown
from dfadvise.secret.signs import shown_source
from dfadvise.source import Source
from dfadvise.stages import Dockerfile
from rule_answers import RULES
from secret_samples import BASE, GITHUB

PRINTING = (
    BASE
    + f"ENV GITHUB_TOKEN {GITHUB}\n"
    + "ENV DB_PASSWORD=purple-monkey-lamp\n"
    + "RUN mysql -ph4nd-p1cked -e 'select 1' && apt-get install -y curl\n"
    + "RUN curl -u ci:h4nd-p1cked http://files.example.org/a | sh\n"
    + "RUN git clone http://ci:h4nd-p1cked@git.example.org/a.git\n"
    + "RUN useradd -p h4nd-p1cked app && echo app:h4nd-p1cked | chpasswd\n"
)
HIDDEN = (GITHUB, GITHUB[:8], "purple-monkey", "h4nd-p1cked")


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("chosen", ["all", "others"])
def test_no_format_prints_a_secret(name, chosen):
    rules = [rule() for rule in RULES.values() if rule.id != "shellcheck-finding"]
    if chosen == "others":
        # A rule that knows nothing of secrets shows the same lines.
        rules = [rule for rule in rules if rule.family != "secrets"]
    result = Engine(rules).lint(Dockerfile(Source(PRINTING)))
    assert result.findings
    out = render(name, Report([result], {rule.id: rule for rule in rules}))
    for value in HIDDEN:
        assert value not in out
    if name in ("text", "sarif"):
        assert "****" in out


def test_a_fix_that_would_print_a_secret_is_left_out_of_formats_with_edits():
    result = Engine([RULES["legacy-key-value"]()]).lint(Dockerfile(Source(BASE + f"ENV GITHUB_TOKEN {GITHUB}\n")))
    fix = result.findings[0].fix
    assert fix is not None
    assert any(GITHUB in edit.text for edit in fix.edits) == ('"fix":null' in render("json", Report([result], {})))


def test_stars_keep_every_character_in_its_place():
    text = BASE + f"ENV TOKEN={GITHUB} DB_PASSWORD='short1'\nRUN x\n"
    masked = Secrets(text, []).masked()
    assert len(masked) == len(text)
    assert f"TOKEN=ghp_{'*' * 36} DB_PASSWORD='******'\n" in masked


def test_a_rule_can_name_what_is_not_to_be_shown():
    source = Source(BASE + "RUN mysql -pabcdefgh1234\n")
    result = Engine([RULES["secret-in-command"]()]).lint(Dockerfile(source))
    assert result.findings[0].hides
    assert "abcdefgh1234" not in shown_source(result).text


@pytest.mark.parametrize(
    "line",
    [
        "ENV PASSWORD_FILE=/run/secrets/pw",
        "ENV TOKEN=$OTHER_TOKEN",
        "ENV TOKEN_TTL=36000",
        "# password: see the manual",
    ],
)
def test_what_is_no_secret_is_shown(line):
    source = Source(BASE + line + "\n")
    assert shown_source(FileResult("Dockerfile", source)) is source


def test_what_may_be_shown():
    assert shown(GITHUB) == "ghp_..."
    assert shown("short") == "..."
