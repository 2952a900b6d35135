"""Secrets that are written out."""

import time

import pytest

from dfadvise.secret.redact import Secrets
from dfadvise.secret.scan import scan
from dfadvise.testing import Bench
from rule_answers import findings, levels, messages, under
from secret_samples import ALNUM, AWS_ID, AWS_KEY, BASE, GITHUB, HEX, PASSWORD, PEM, SECRETS, told

TOKENS = {
    "AWS": AWS_ID,
    "GitHub": GITHUB,
    "GitHub fine-grained": "github_pat_" + (ALNUM * 2)[:22] + "_" + (ALNUM * 2)[:59],
    "GitLab": "glpat-" + ALNUM[:20],
    "npm": "npm_" + ALNUM[:36],
    "PyPI": "pypi-AgEIcHlwaS5vcmc" + (ALNUM * 2)[:60],
    "RubyGems": "rubygems_" + HEX[:48],
    "Slack": "xoxb-123456789012-1234567890123-" + ALNUM[:24],
    "Google": "AIza" + ALNUM[:35],
    "Stripe": "sk_live_" + ALNUM[:24],
    "SendGrid": "SG." + ALNUM[:22] + "." + ALNUM[:43],
    "Twilio": "SK" + HEX[:32],
    "Anthropic": "sk-ant-api03-" + (ALNUM * 2)[:93] + "AA",
    "OpenAI": "sk-proj-" + ALNUM[:40] + "T3BlbkFJ" + ALNUM[:40],
    "Hugging Face": "hf_" + "".join(char for char in ALNUM * 2 if char.isalpha())[:34],
    "Docker Hub": "dckr_pat_" + ALNUM[:27],
    "DigitalOcean": "dop_v1_" + HEX,
    "Vault": "hvs." + (ALNUM * 2)[:95],
    "Terraform Cloud": ALNUM[:14] + ".atlasv1." + (ALNUM * 2)[:67],
    "Databricks": "dapi" + HEX[:32],
    "Grafana": "glsa_" + ALNUM[:32] + "_" + HEX[:8],
    "Doppler": "dp.pt." + ALNUM[:43],
    "Pulumi": "pul-" + HEX[:40],
    "Artifactory": "AKCp" + (ALNUM * 2)[:69],
    "Azure": "abC8Q~" + ALNUM[:31],
    "JSON web token": "eyJ" + ALNUM[:20] + ".eyJ" + ALNUM[:40] + "." + ALNUM[:43],
}


@pytest.mark.parametrize("token", TOKENS.values(), ids=TOKENS)
@pytest.mark.parametrize(
    "line",
    [
        "ENV A={}",
        'ARG A="{}"',
        "RUN deploy --with {} now",
        "LABEL key={}",
        'CMD ["run", "{}"]',
        "# {}",
        "RUN <<E\nx={}\nE",
    ],
    ids=["ENV", "ARG", "RUN", "LABEL", "CMD", "comment", "heredoc"],
)
def test_a_token_is_found_wherever_it_stands(token, line):
    text = BASE + line.format(token) + "\n"
    assert under("secret-value", text) == [token]
    assert levels("secret-value", text) == ["error"]


@pytest.mark.parametrize(
    "line",
    [
        "ENV AWS_SECRET_ACCESS_KEY=" + AWS_KEY,
        "RUN aws configure set aws_secret_access_key " + AWS_KEY,
        'RUN echo \'{"aws_secret_access_key": "' + AWS_KEY + "\"}' > /c",
    ],
)
def test_a_key_without_a_format_is_told_by_its_name(line):
    assert under("secret-value", BASE + line + "\n") == [AWS_KEY]


@pytest.mark.parametrize(
    "text",
    [
        "COPY <<EOF /k.pem\n" + PEM + "EOF",
        'RUN echo "' + PEM.replace("\n", "\\n\\\n").strip() + '" > /k.pem',
        'ENV KEY="' + PEM.replace("\n", "\\n") + '"',
    ],
    ids=["document", "continued", "one line"],
)
def test_a_private_key_with_its_body(text):
    assert levels("secret-value", BASE + text + "\n") == ["error"]


@pytest.mark.parametrize(
    "line",
    [
        "RUN grep -q -- '-----BEGIN RSA "
        + "PRIVATE KEY-----' /etc/x && echo 'this is the key that was looked for here'",
        'RUN sed -n "/-----BEGIN ' + 'PRIVATE KEY-----/,/-----END PRIVATE KEY-----/p" all.pem > key.pem',
        "ENV KEY=AKIAIOSFODNN7EXAMPLE",
        "ENV TOKEN=ghp_" + "x" * 36,
        "ENV TOKEN=glpat-your-token-here-please",
        "ENV NODE_SHA256=" + HEX,
        "ENV GPG_KEY=A035C8C19219BA821ECEA86B64E628F8D684696D",
        "ARG COMMIT=da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "RUN echo ${{ secrets.TOKEN }} {{ token }} %TOKEN%",
        "RUN npm_config_build_from_source_with_a_very_long_name=1 npm ci",
        "COPY --from=docker.io/library/debian:13@sha256:" + HEX + " /a /a",
        "RUN skopeo copy docker://debian:13@sha256:" + HEX + " oci:/x",
        "RUN git clone https://$USER:$PASSWORD@git.example.org/a.git",
        "RUN git clone https://git@git.example.org/a.git ssh://git@host/x",
        "RUN curl ftp://anonymous:me@ftp.example.org/a",
        "RUN echo 'postgres://<user>:<password>@host/db'",
    ],
)
def test_what_is_no_secret(line):
    assert findings("secret-value", BASE + line + "\n") == []


@pytest.mark.parametrize(
    ("url", "severity"),
    [
        ("https://ci:" + PASSWORD + "@git.example.org/a.git", "error"),
        ("https://$USER:" + PASSWORD + "@git.example.org/a.git", "error"),
        ("redis://:" + PASSWORD + "@cache:6379/0", "error"),
        ("postgres://postgres:postgres@db:5432/app", "warning"),
        ("mysql://root:password@db/app", "warning"),
        ("postgres://user:pass@localhost:5432/dummy", "style"),
    ],
)
def test_a_password_in_a_url_by_what_it_is_worth(url, severity):
    assert levels("secret-value", BASE + f"ENV DATABASE_URL={url}\n") == [severity]


def test_a_token_in_a_url_is_one_finding():
    assert under("secret-value", BASE + f"RUN git clone https://x-access-token:{GITHUB}@github.com/a/b\n") == [GITHUB]


def test_where_a_value_ends_up_is_said():
    builder = f"FROM golang:1.26 AS build\nENV TOKEN={GITHUB}\nFROM scratch\nCOPY --from=build /a /a\n"
    assert messages("secret-value", BASE + f"ENV T={GITHUB}\n") == [
        "a GitHub token (ghp_...) is in the image's configuration"
    ]
    assert messages("secret-value", BASE + f"RUN x {GITHUB}\n") == [
        "a GitHub token (ghp_...) is in the image's history"
    ]
    assert messages("secret-value", builder) == [
        "a GitHub token (ghp_...) is not in the image, but in exported caches and provenance"
    ]
    assert messages("secret-value", BASE + f"COPY <<E /x\n{GITHUB}\nE\n") == [
        "a GitHub token (ghp_...) is in a layer of the image"
    ]
    assert messages("secret-value", f"# {GITHUB}\n" + BASE) == ["a GitHub token (ghp_...) is in this file"]
    assert messages("secret-value", f"ARG T={GITHUB}\nFROM debian:13\n") == ["a GitHub token (ghp_...) is in this file"]
    assert messages("secret-value", f"ARG T={GITHUB}\nFROM debian:13\nARG T\n") == [
        "a GitHub token (ghp_...) is in the image's history"
    ]


def test_one_value_is_one_visible_finding():
    text = BASE + f"ENV GITHUB_TOKEN={GITHUB}\nRUN curl -H 'Authorization: token {GITHUB}' https://example.org/\n"
    assert told(text) == [("secret-value", "error")]


HOSTILE = {
    "tokens": "ghp_" * 250_000,
    "one word": "A" * 1_000_000,
    "URLs": "://a:" * 200_000,
    "colons": "://" + ":" * 1_000_000 + "@",
    "headers": ("-----BEGIN " + "PRIVATE KEY-----") * 37_000,
    "keys": ("-----BEGIN " + "PRIVATE KEY-----\n" + "A" * 64 + '"') * 10_000,
    "web tokens": ("eyJ" + "A" * 20 + ".ey" + "A" * 18 + "-") * 22_000,
    "long web token": "eyJ" + "A" * 20 + ".eyJ" + "B" * 1_000_000,
    "blanks": "aws_secret" + " " * 1_000_000,
    "names": "AWS_SECRET" * 100_000,
    "assignments": "PASSWORD=" * 110_000,
    "options": "--password " * 90_000,
    "long name": "--" + "password-" * 110_000 + "=x",
    "quotes": 'TOKEN="' * 140_000,
    "hexadecimal": "0" * 1_000_000 + "-us1",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_megabyte_is_read_in_linear_time(text):
    start = time.process_time()
    scan(text)
    Secrets(text, [])
    assert time.process_time() - start < 5


def test_many_secrets_take_linear_time():
    text = BASE + "".join(f"RUN x {GITHUB[:-5]}{number:05} y\n" for number in range(3000))
    start = time.process_time()
    assert len(Bench(*SECRETS).findings(text)) >= 200
    assert time.process_time() - start < 20
