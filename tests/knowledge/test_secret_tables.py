"""Names and files that hold secrets."""

import re

import pytest

from dfadvise.knowledge import secret_names
from dfadvise.knowledge.language_managers import (
    LANGUAGE_MANAGERS,
)
from dfadvise.knowledge.secret_files import secret_file
from dfadvise.knowledge.support import Support, supports

BY_NAME = {manager.name: manager for manager in LANGUAGE_MANAGERS}


def support_end(name: str, tag: str | None) -> Support | None:
    """The first support to end below an image; None when none is known to end."""
    found = [each for each in supports(name, tag) if each.end is not None]
    return min(found, key=lambda each: each.end or "") if found else None


@pytest.mark.parametrize(
    ("path", "grade"),
    [
        ("id_rsa", "error"),
        (".ssh/id_ed25519", "error"),
        ("C:\\keys\\id_rsa", "error"),
        ("server.pem", "error"),
        ("privkey.pem", "error"),
        ("ca-key.pem", "error"),
        ("server.key", "error"),
        ("ca.key", "error"),
        ("app.p12", "error"),
        ("cert.pfx", "error"),
        ("app.jks", "error"),
        (".npmrc", "error"),
        ("web/.npmrc", "error"),
        (".pypirc", "error"),
        (".netrc", "error"),
        (".git-credentials", "error"),
        (".aws/credentials", "error"),
        (".docker/config.json", "error"),
        (".kube/config", "error"),
        (".config/gcloud/legacy_credentials", "error"),
        ("application_default_credentials.json", "error"),
        (".env", "warning"),
        (".env.production", "warning"),
        (".envrc", "warning"),
        ("kubeconfig", "warning"),
        ("terraform.tfstate", "warning"),
        ("service-account-prod.json", "warning"),
        (".aws/", "warning"),
        (".ssh", "warning"),
        (".m2/settings.xml", "warning"),
        ("run/secrets/token", "warning"),
        ("secrets/db.txt", "warning"),
        ("release.keystore", "warning"),
        ("private.asc", "warning"),
        ("nuget.config", "ask"),
        ("pip.conf", "ask"),
        (".git/", "ask"),
    ],
)
def test_secret_files(path: str, grade: str) -> None:
    found = secret_file(path)
    assert found is not None
    assert found[0] == grade


@pytest.mark.parametrize(
    "path",
    [
        "id_rsa.pub",
        ".ssh/id_rsa.pub",
        ".ssh/known_hosts",
        ".ssh/authorized_keys",
        "ca.pem",
        "rootCA.pem",
        "rds-combined-ca-bundle.pem",
        "cert.pem",
        "fullchain.pem",
        "public.pem",
        "public_key.pem",
        "isrgrootx1.pem",
        "ffdhe4096.pem",
        "tls.crt",
        "cosign.pub",
        "docker.gpg.key",
        "release.key",
        "public.key",
        "mongodb.asc",
        "truststore.jks",
        "debug.keystore",
        ".env.example",
        ".env.local.sample",
        ".env.template",
        ".env.dist",
        ".env.test",
        ".envoy.yaml",
        "environment.yml",
        "settings.py",
        "config/database.yml",
        "config.json",
        "src/secrets/manager.py",
        ".gitignore",
        ".github/workflows/ci.yml",
        "package.json",
        ".",
        "./",
        "/",
        "..",
        "",
        "keys",
        "monkey",
    ],
)
def test_no_secret_files(path: str) -> None:
    assert secret_file(path) is None


BUILDKIT_DENY = re.compile(
    r"(?i)(?:_|^)(?:apikey|auth|credential|credentials|key|password|pword|passwd|secret|token)(?:_|$)"
)
BUILDKIT_ALLOW = re.compile(r"(?i)(?:_|^)(?:public|file|version)(?:_|$)")


@pytest.mark.parametrize(
    "key",
    "API_KEY apikey git_key MYKEY API-KEY tokens passphrase pwd PUBLIC_KEY TOKEN_FILE TOKEN_VERSION _token_ key AUTH"
    " auth_token AUTHOR my_secret_public VERSION credential CREDENTIALS PWORD _ __ KEY_ _KEY a.key TOKENFILE"
    " PASSWORD_FILES public".split(),
)
def test_buildkit_secret_name_is_buildkits(key: str) -> None:
    expected = bool(BUILDKIT_DENY.search(key)) and not BUILDKIT_ALLOW.search(key)
    assert secret_names.buildkit_secret_name(key) is expected


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("AWS_ACCESS_KEY_ID", "exact"),
        ("OPENAI_API_KEY", "word"),
        ("VITE_OPENAI_API_KEY", "word"),
        ("SECRET_KEY_BASE", "exact"),
        ("MYSQL_PWD", "exact"),
        ("GITHUB_PAT", "exact"),
        ("COMPOSER_AUTH", "exact"),
        ("BUNDLE_GEMS__CONTRIBSYS__COM", "exact"),
        ("DB_PASS", "word"),
        ("apiKey", "word"),
        ("APIKEY", "word"),
        ("OAUTH2_TOKEN", "word"),
        ("OAUTH2Token", "word"),
        ("PASSWORD2", "word"),
        ("SSH_KEY", "word"),
        ("SENTRY_DSN", "word"),
        ("BASIC_AUTH", "word"),
        ("KEY", "key"),
        ("CACHE_KEY", "key"),
        ("TOKEN_FILE", None),
        ("TOKEN_TTL", None),
        ("SECRET_NAME", None),
        ("PASSWORD_FILE", None),
        ("TOKENIZERS_PARALLELISM", None),
        ("GOPRIVATE", None),
        ("AWS_WEB_IDENTITY_TOKEN_FILE", None),
        ("USERNAME", None),
        ("PGPASSWORD", "exact"),
        ("REDISCLI_AUTH", "exact"),
        ("SSHPASS", "exact"),
        ("PGPASSFILE", None),
        ("PUBLIC_KEY", None),
        ("NEXT_PUBLIC_API_KEY", None),
        ("AUTHOR", None),
        ("AUTH_ENABLED", None),
        ("MONKEY", None),
        ("BYPASS", None),
        ("PWD", None),
        ("BUNDLE_BUILD__NOKOGIRI", None),
        ("BUNDLE_GITHUB__HTTPS", None),
        ("BUNDLE_WITHOUT", None),
        ("API_URL", None),
        ("", None),
        ("_", None),
    ],
)
def test_secret_name(name: str, found: str | None) -> None:
    assert secret_names.secret_name(name) == found


@pytest.mark.parametrize(
    ("name", "value", "harmless"),
    [
        ("DB_PASS", "", True),
        ("DB_PASS", "true", True),
        ("DB_PASS", "42", True),
        ("DB_PASS", "$OTHER", True),
        ("DB_PASS", "${OTHER}", True),
        ("DB_PASS", "/run/secrets/db", True),
        ("DB_PASS", "C:\\secrets\\db", True),
        ("DB_TOKEN", "https://example.com/token", True),
        ("GPG_KEY", "7169605F62C751356D054A26A821E680E5FA6305", True),
        ("GPG_KEYS", "A821E680E5FA6305 B821E680E5FA6305", True),
        ("DB_PASS", "hunter2", False),
        ("DB_PASS", "${OTHER:-hunter2}", False),
        ("DB_PASS", "$OTHER-hunter2", False),
        ("DB_URL_PASS", "https://user:hunter2@example.com", False),
        ("API_KEY", "7169605F62C751356D054A26A821E680E5FA6305", False),
        ("GPG_KEY", "hunter2", False),
    ],
)
def test_harmless_value(name: str, value: str, harmless: bool) -> None:
    assert secret_names.harmless_value(name, value) is harmless


@pytest.mark.parametrize(
    "value", ["changeme", "CHANGE-ME", "xxx", "xxxxxxx", "<token>", "example-key", "dummy", "test"]
)
def test_placeholder_value(value: str) -> None:
    assert secret_names.placeholder_value(value)


@pytest.mark.parametrize("value", ["hunter2", "ghp_abcdef", "contest", "s3cr3t!", "x"])
def test_no_placeholder_value(value: str) -> None:
    assert not secret_names.placeholder_value(value)


def test_tools_reporting() -> None:
    codes = secret_names.tools_reporting
    assert codes("ARG", "GITHUB_TOKEN", True, None) == (
        "DL3064",
        "SecretsUsedInArgOrEnv",
        "DS-0031",
        "semgrep:secret-in-build-arg",
        "sonar:S6472",
    )
    assert codes("ENV", "AUTHOR", True, "me") == ()
    assert codes("ARG", "AUTHOR", True, None) == ("semgrep:secret-in-build-arg",)
    assert "DS-0031" not in codes("ENV", "GITHUB_TOKEN", False, "x")
    assert "SecretsUsedInArgOrEnv" not in codes("ENV", "TOKEN_FILE", True, "/x")
    assert codes("ENV", "LANG", True, "C") == ()
