"""The cheap questions before the tables of secrets say yes to all that the tables know."""

from __future__ import annotations

import pytest

from dfadvise.knowledge import credential_options as known
from dfadvise.knowledge.secret_names import EXACT, secret_name, tools_reporting
from dfadvise.knowledge.secret_values import LEAST_TOKEN, OTHERS, TOKENS
from dfadvise.secret import signs

_VALUES = {known.HEADER: "Authorization: x", known.PASS: "pass:x"}
_LINES = [
    *(
        f"{program} {verb} {option}{'' if kind == known.ATTACHED else ' '}'{_VALUES.get(kind, 'a:b%c')}'"
        for program, options in known.OPTIONS.items()
        for option, kind in options.items()
        for verb in sorted(known.ONLY.get(program, ("",)))
    ),
    *(f"{program} {' '.join(verbs)} a b c" for program, verbs, _ in known.OPERANDS),
    *(f"echo x | {program} {verb} {option}" for program, verb, option in known.FROM_INPUT),
    *(f"echo x | {program}" for program in known.READING),
    *(f"{program} {' '.join((*verbs, *options))}" for program, verbs, options in known.SETTING_UP),
    *(f"any -H '{name}: x'" for name in known.HEADER_NAMES),
    *(f'psql -c "{statement}x\'"' for statement in known.STATEMENTS),
    "curl https://user:name@example.org/",
    "npm config set //registry.example.org/:_auth x",
    "git -c http.extraheader=x clone",
    "bundle config gems.example.org user:name",
]


@pytest.mark.parametrize("line", _LINES)
def test_every_way_to_hand_a_credential_has_a_sign(line: str) -> None:
    assert signs.hands_any(f"FROM x\nRUN {line}\n")


@pytest.mark.parametrize("keyword", [keyword for each in (*TOKENS, *OTHERS) for keyword in each.keywords])
def test_every_format_has_a_sign(keyword: str) -> None:
    # Mailchimp's `-us` stands before a number.
    assert signs.LEAST == LEAST_TOKEN
    assert signs.looks_secret(f"x {keyword}1".ljust(LEAST_TOKEN + 2, "a"))


@pytest.mark.parametrize(
    "name",
    [
        *sorted(EXACT),
        *(f"X_{word}_Y2" for word in ("APIKEY", "CREDENTIAL", "PASS", "PSW", "PWD", "PWORD", "SECRET", "TOKEN", "DSN")),
        *("PAT", "GITHUB_PAT", "gitPat", "patHub", "PAT2", "PATHs", "X-PAT.Y", "apiKey", "BUNDLE_GEMS__EXAMPLE__COM"),
    ],
)
def test_every_name_of_a_secret_has_a_sign(name: str) -> None:
    assert secret_name(name) is not None
    assert signs.names_any(f"ENV {name}=x")
    assert signs.names_secret(name)


@pytest.mark.parametrize("name", ["USR", "DB_USERNAME", "CERT", "MY_API", "ACCESS", "PRIVATE"])
def test_so_has_every_name_that_others_report(name: str) -> None:
    assert tools_reporting("ARG", name, True, "x")
    assert signs.names_secret(name)


@pytest.mark.parametrize("text", ["ENV PATH=/usr/bin", "ENV PYTHONPATH=/app", "RUN patch -p1", "ARG Path", "spatial"])
def test_a_path_is_no_sign(text: str) -> None:
    assert not signs.names_any(text)


@pytest.mark.parametrize(
    "text", ["FROM node:22\nCOPY package.json .\nRUN npm install && npm run build\n", "FROM scratch\nCMD make start\n"]
)
def test_a_plain_file_has_none(text: str) -> None:
    assert not signs.hands_any(text)
    assert not signs.looks_secret(text)
    assert not signs.sets_secret(text)
    assert not signs.hands_secret(text)
