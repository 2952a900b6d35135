"""Labels: their keys and the schema that a configuration asks for."""

import pytest

from dfadvise.about.labels import is_mail, is_semver, is_time, is_url
from rule_answers import codes, findings, marks

# --- label-schema-violation ---

SCHEMA = {"label-schema": {"name": "text", "url": "url"}}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("FROM a\n", ["DL3049", "sonar:S7028"], id="missing"),
        pytest.param("FROM a\nLABEL name=b url=c\n", ["DL3052"], id="no URL"),
        pytest.param("FROM a\nLABEL name='' url=http://c/\n", ["DL3051"], id="empty"),
        pytest.param("FROM a\nLABEL name=b url=\n", ["DL3051", "DL3052"], id="empty and no URL"),
        pytest.param("FROM a\nLABEL name=b url=http://c/ x=y\n", [], id="more than asked for"),
        pytest.param("FROM a\nARG U\nLABEL name=$U url=$U\n", [], id="unknown values"),
        pytest.param("FROM a\nARG U=nonsense\nLABEL name=b url=$U\n", ["DL3052"], id="known value"),
        pytest.param('FROM a\nLABEL "name"="b"\nLABEL "url" "http://c/"\n', [], id="quotes"),
        pytest.param("FROM a AS b\nLABEL name=b url=http://c/\nFROM b\n", [], id="inherited"),
        pytest.param("FROM a AS b\nFROM c\nLABEL name=b url=http://c/\nCOPY --from=b /x /x\n", [], id="copied from"),
        pytest.param("LABEL url=x\n", ["DL3052"], id="a fragment"),
        pytest.param("FROM a\nONBUILD LABEL url=x\nLABEL name=b url=http://c/\n", [], id="a child's"),
    ],
)
def test_label_schema(text, expected):
    assert sorted(codes("label-schema-violation", text, settings=SCHEMA)) == expected


def test_label_schema_speaks_of_what_is_exported():
    text = "FROM a AS b\nRUN c\nFROM d\nLABEL name=e url=http://f/\n"
    assert marks("label-schema-violation", text, settings=SCHEMA) == [("style", "a AS b"), ("style", "a AS b")]
    assert marks("label-schema-violation", "FROM a\nRUN c\nFROM d\n", settings=SCHEMA)[-1] == ("info", "d")


def test_strict_labels():
    text = "FROM a\nLABEL name=b url=http://c/ nmae=d x=y\n"
    found = findings("label-schema-violation", text, settings={**SCHEMA, "strict-labels": True})
    assert [finding.aliases for finding in found] == [("DL3050",), ("DL3050",)]
    assert found[0].message == "label `nmae` is not in the schema, perhaps `name` is meant"


def test_no_schema_no_findings():
    assert marks("label-schema-violation", "FROM a\nLABEL b=''\n") == []


@pytest.mark.parametrize(
    ("kind", "value", "severity"),
    [
        ("rfc3339", "2026-03-01", "info"),
        ("spdx", "Apache 2", "info"),
        ("spdx", "MIT OR Apache-2.0", "style"),
        ("spdx", "apache-2.0", "style"),
        ("hash", "abcdef", "info"),
        ("hash", "abcdef0123", "style"),
        ("hash", "ABCDEF0", "info"),
        ("semver", "v1.2.3", "info"),
        ("semver", "1.2", "info"),
        ("email", "A. Writer", "info"),
    ],
)
def test_label_type(kind, value, severity):
    text = f'FROM a\nLABEL x="{value}"\n'
    assert [each[0] for each in marks("label-schema-violation", text, settings={"label-schema": {"x": kind}})] == [
        severity
    ]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("text", "anything"),
        ("rfc3339", "2026-03-01T10:26:33.564595127+01:00"),
        ("spdx", "BSD-3-Clause"),
        ("spdx", "GPL-3.0-or-later"),
        ("hash", "2dbfae9"),
        ("hash", "2dbfae92dbfae92dbfae92dbfae92dbfae92dbfa"),
        ("semver", "2.0.1-rc1"),
        ("email", "a.writer+x@example.com"),
        ("url", "https://example.com/a?b#c"),
    ],
)
def test_label_of_its_type(kind, value):
    assert marks("label-schema-violation", f'FROM a\nLABEL x="{value}"\n', settings={"label-schema": {"x": kind}}) == []


def test_types_of_values():
    for text in ("http://a", "https://u:p@a:8/x", "ssh://git@a/b.git", "mailto:a@b", "urn:isbn:1", "file:///a"):
        assert is_url(text), text
    for text in ("", "a", "a.b/c", "://a", "http:", "http://", "http:/a", "1a:b", "http://a b", "http://é/"):
        assert not is_url(text), text
    for text in ("2026-02-28T00:00:00Z", "2026-12-31t23:59:60z", "2026-01-01 00:00:00.1-23:59"):
        assert is_time(text), text
    for text in ("", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:00:00",
                 "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00+1:00", "x026-01-01T00:00:00Z"):  # fmt: skip
        assert not is_time(text), text
    for text in ("0.0.0", "1.2.3-a.1+b.01", "1.0.0--"):
        assert is_semver(text), text
    for text in ("", "1", "1.2.3.4", "01.2.3", "1.2.3-", "1.2.3-01", "1.2.3+", "1.2.x"):
        assert not is_semver(text), text
    for text in ("a@b", "a.b@c.de", '"a b"@c.de', "a@[127.0.0.1]"):
        assert is_mail(text), text
    for text in ("", "a", "@b", "a@", "a b@c", ".a@b", "a..b@c", "a@b..c", "A <a@b.c>"):
        assert not is_mail(text), text


# --- invalid-label ---


@pytest.mark.parametrize(
    "key", ["com.docker.x", "io.docker.x", "org.dockerproject.x", "A", "a_b!", "1a", ".a", "a.", "a..b", "a--b", "a$b"]
)
def test_invalid_label(key):
    assert sorted(codes("invalid-label", f"FROM x\nLABEL {key}=y\n")) == ["DL3048", "tally:labels/valid-key"]


@pytest.mark.parametrize("key", ["a", "a1", "com.example.a-b_c", "org.valid-key.label3", "maintainer", '"a.b"'])
def test_valid_label(key):
    assert marks("invalid-label", f"FROM x\nLABEL {key}=y\n") == []


def test_label_that_goes_stale():
    image = "FROM x\nLABEL org.opencontainers.image"
    assert sorted(codes("invalid-label", f"{image}.base.digest=sha256:abc\n")) == ["tally:labels/no-stale-base-digest"]
    assert sorted(codes("invalid-label", f"{image}.revision=abc\n")) == ["tally:labels/no-buildx-git-overlap"]
    assert len(marks("invalid-label", f"{image}.created=2026-01-01\n")) == 1
    for rest in (".created=$CREATED", ".revision=${REV}", '.revision=""', ".version=1.2.3"):
        assert marks("invalid-label", image + rest + "\n") == []
