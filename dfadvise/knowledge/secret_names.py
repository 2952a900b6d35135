"""Names of variables that hold secrets.

`buildkit_secret_name` is BuildKit's own check, to the letter. `secret_name` splits names into words, knows exact names
that every tool of a trade uses, and leaves out what only points at a secret. The other tools' heuristics are there to
say which of them would report a name too. Written down 2026-11-24.
"""

from __future__ import annotations

from dfadvise.knowledge.manager import words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_BUILDKIT_DENY = words("apikey auth credential credentials key password pword passwd secret token")
_BUILDKIT_ALLOW = words("public file version")

# Names that hold a secret whatever their words say, each with the document of its program that says so, all read
# 2026-11-24.
_SOURCES = {
    "PGPASSWORD": "PostgreSQL manual, libpq, Environment Variables",
    "MYSQL_PWD": "MySQL manual, Environment Variables",
    "REDISCLI_AUTH": "Redis documentation, Redis CLI: Host, port, password, and database",
    "SQLCMDPASSWORD": "go-sqlcmd, built-in scripting variables",
    "SSHPASS": "sshpass(1), -e",
    **dict.fromkeys(
        ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"),
        "AWS CLI user guide, Configuring environment variables",
    ),
    "AZURE_CLIENT_SECRET": "Azure SDK, EnvironmentCredential",
    "AZURE_STORAGE_CONNECTION_STRING": "Azure SDK for Ruby, Azure::Storage::Common::Default",
    "B2_APPLICATION_KEY": "B2 Command Line Tool, release notes of 1.4.2",
    "KAGGLE_KEY": "kagglehub README, Authenticate",
    "DOCKER_AUTH_CONFIG": "GitLab documentation, Authenticate with registry in Docker-in-Docker",
    "GH_TOKEN": "GitHub CLI manual, gh environment",
    "GITHUB_PAT": "gitcreds and gh for R, gh_token",
    "HF_TOKEN": "huggingface_hub documentation, Environment variables",
    "NPM_TOKEN": "npm documentation, Docker and private modules",
    "COMPOSER_AUTH": "Composer documentation, CLI: COMPOSER_AUTH",
    "SONAR_LOGIN": "sonar-scanner-cli image, entry point of version 4",
    "SECRET_KEY_BASE": "Rails API, Rails::Application#secret_key_base",
    "RAILS_MASTER_KEY": "Rails, the generated config/environments/production.rb",
}
EXACT = frozenset(_SOURCES)
# Build tools put these before a name to show it to the browser; the name stays what it is.
_EXACT_PREFIXES = ("VITE_", "REACT_APP_")
_SECRET_WORDS = words(
    "APIKEY CREDENTIAL CREDENTIALS PASS PASSPHRASE PASSWD PASSWORD PSW PWD PWORD SECRET TOKEN DSN PAT"
)
# What a KEY belongs to for it to be a secret.
_ENTITIES = words(
    "API ACCESS SECRET PRIVATE SSH DEPLOY ENCRYPTION SIGNING MASTER ACCOUNT STORAGE AUTH OAUTH CLIENT JWT"
    " HMAC AES RSA TLS SSL SESSION LICENSE SUBSCRIPTION ADMIN SERVICE APP AWS AZURE GCP GITHUB GITLAB NPM"
)
_NOT_LAST = words(
    "FILE PATH DIR URL URI HOST NAME ID TTL SIZE LENGTH TYPE MODE METHOD ALGORITHM VERSION EXPIRY ENABLED DUMMY"
)
# Every name of a secret has one of these in it.
_PARTS = (
    *("PASS", "PWD", "SECRET", "TOKEN", "KEY", "CRED", "PAT", "PSW", "DSN", "AUTH", "PW", "LOGIN", "BUNDLE_"),
    "CONNECTION_STRING",
)
# The shell's own variables.
_SHELL = words("PWD OLDPWD")
_BUNDLE_SETTINGS = words("BUILD LOCAL MIRROR GEM DISABLE")
_PLACEHOLDERS = words(
    "changeme change-me change_me changeit example placeholder dummy test testing xxx xxxx todo none null"
    " secret password your-token-here yourtoken yourpassword foobar foo bar set_me set-me setme"
)
_PLACEHOLDER_PARTS = ("changeme", "change-me", "change_me", "example", "placeholder", "dummy", "your-", "your_")


def buildkit_secret_name(key: str) -> bool:
    """Whether BuildKit's SecretsUsedInArgOrEnv takes a name for a secret's.

    Args:
        key: The name, as written.
    """
    parts = key.lower().split("_")
    return any(part in _BUILDKIT_DENY for part in parts) and not any(part in _BUILDKIT_ALLOW for part in parts)


def secret_name(name: str) -> str | None:
    """Whether a variable's name is a secret's.

    Args:
        name: The name.

    Returns:
        "exact" for the well-known names; "word" when a word says so; "key" for a KEY of nobody knows what, which
        counts only with a literal value in ENV; None for all others.
    """
    upper = name.upper()
    if upper in EXACT or _is_bundle_host(upper):
        return "exact"
    for prefix in _EXACT_PREFIXES:
        if upper.startswith(prefix) and upper[len(prefix) :] in EXACT:
            return "exact"
    if upper in _SHELL:
        return None
    parts = [part for part in name_words(name) if not part.isdigit()]
    if not parts or "PUBLIC" in parts or parts[-1] in _NOT_LAST:
        return None
    if not _SECRET_WORDS.isdisjoint(parts) or parts[-1] == "AUTH":
        return "word"
    if parts[-1] != "KEY":
        return None
    return "word" if len(parts) > 1 and parts[-2] in _ENTITIES else "key"


def sets_secret(name: str) -> bool:
    """Whether what a variable or option of this name is set to is a secret: not the method that `AUTH=basic` sets."""
    if not may_be_secret(name):
        return False
    grade = secret_name(name)
    if grade == "exact" or name.upper().endswith(("PASSWORD", "PASSWD")):
        return True
    return grade == "word" and name_words(name)[-1] != "AUTH"


def may_be_secret(name: str) -> bool:
    """Whether a variable's name holds any part of what names of secrets are made of: a question that costs little."""
    upper = name.upper()
    return any(part in upper for part in _PARTS)


def harmless_value(name: str, value: str) -> bool:
    """Whether a value shows that the variable holds no secret, whatever its name says.

    Args:
        name: The variable's name.
        value: Its value, without quotes, as written.

    Returns:
        True for nothing, switches, numbers, other variables, paths, URLs without user info, and the public ids of
        GPG keys.
    """
    text = value.strip()
    lower = text.lower()
    if not text or lower in ("true", "false", "yes", "no", "on", "off") or _is_number(text):
        return True
    if _is_reference(text):
        return True
    if text.startswith(("/", "./", "../", "~/")) or (
        len(text) > 2 and text[1:3] in (":\\", ":/") and text[0].isalpha()
    ):
        return True
    if "://" in text:
        authority = text.partition("://")[2].partition("/")[0]
        return "@" not in authority
    if name.upper().endswith(("GPG_KEY", "GPG_KEYS")):
        return all(len(word) in (16, 40) and _is_hex(word) for word in text.split())
    return False


def placeholder_value(value: str) -> bool:
    """Whether a value only stands where a secret will: changeme, example, <token>, xxx.

    Args:
        value: The value, without quotes, as written.
    """
    lower = value.strip().lower()
    # `**None**`, `__SET_ME__`
    bare = lower.strip("*_<>[]{}")
    if bare in _PLACEHOLDERS or lower in _PLACEHOLDERS or (lower.startswith("<") and lower.endswith(">")):
        return True
    return (len(lower) > 1 and len(set(lower)) == 1) or any(part in lower for part in _PLACEHOLDER_PARTS)


def name_words(name: str) -> list[str]:
    """The words of a name in capitals: split at `_`, `-`, `.`, at digits and where the case changes.

    `apiKey`, `API_KEY` and `api-key` give API and KEY, `OAUTH2Token` gives OAUTH, 2 and TOKEN.
    """
    found: list[str] = []
    word = ""
    for at, letter in enumerate(name):
        if letter in "_-.":
            found.append(word)
            word = ""
            continue
        before = name[at - 1] if word else ""
        starts = bool(word) and (
            letter.isdigit() != before.isdigit()
            or (letter.isupper() and before.islower())
            or (letter.isupper() and before.isupper() and name[at + 1 : at + 2].islower())
        )
        if starts:
            found.append(word)
            word = ""
        word += letter
    found.append(word)
    return [part.upper() for part in found if part]


# The heuristics of other tools, as their own documentation and behaviour have them.
_HADOLINT_PARTS = ("api_key", "client_key", "password", "private", "secret", "token", "username")
_SEMGREP_PARTS = ("password", "secret", "token", "key", "cert", "api", "auth")
_DOCKLE_PARTS = ("PASS", "SECRET", "KEY", "ACCESS", "TOKEN")
_SONAR_WORDS = words("CREDENTIALS KEY PASS PASSPHRASE PASSWD PASSWORD SECRET TOKEN")
_SONAR_NOT = words("ALLOW DIR EXPIRE EXPIRY FILE ID LOCATION NAME OWNER PATH PUBLIC URL SIZE")
_SONAR_ENTITIES = words(
    "ACCESS ADMIN API AUTH CLIENT DB DATABASE FTP GIT GITHUB GITLAB JDBC JWT LDAP MYSQL NPM OAUTH POSTGRES"
    " PRIVATE REDIS ROOT SECRET SSH USER WEBHOOK"
)


def tools_reporting(keyword: str, name: str, last_stage: bool, value: str | None) -> tuple[str, ...]:
    """The foreign codes of the tools that take a name for a secret's.

    Args:
        keyword: "ARG" or "ENV".
        name: The variable's name.
        last_stage: Whether it stands in the last stage.
        value: Its value as written; None when it has none.

    Returns:
        Codes as findings carry them; the lists of names of some tools are known in part only, so a tool may report
        more than is said here.
    """
    lower, upper = name.lower(), name.upper()
    codes = []
    if upper == "AWS_ACCESS_KEY_ID" or any(part in lower for part in _HADOLINT_PARTS):
        codes.append("DL3064")
    if buildkit_secret_name(name):
        codes.append("SecretsUsedInArgOrEnv")
    if last_stage and _trivy(lower.split("_")):
        codes.append("DS-0031")
    if keyword == "ARG" and any(part in lower for part in _SEMGREP_PARTS):
        codes.append("semgrep:secret-in-build-arg")
    if _sonar(name_words(name)) and not (value is not None and keyword == "ENV" and not value.strip()):
        codes.append("sonar:S6472")
    if value and "GPG_KEY" not in upper and any(part in upper for part in _DOCKLE_PARTS):
        codes.append("CIS-DI-0010")
    return tuple(codes)


def _trivy(parts: Sequence[str]) -> bool:
    return "public" not in parts and any(
        part in _BUILDKIT_DENY or part in ("usr", "psw", "passphrase") for part in parts
    )


def _sonar(parts: Sequence[str]) -> bool:
    if not _SONAR_NOT.isdisjoint(parts):
        return False
    if len(parts) == 1:
        return parts[0] in _SONAR_WORDS
    return any(parts[at] in _SONAR_ENTITIES and parts[at + 1] in _SONAR_WORDS for at in range(len(parts) - 1))


def _is_bundle_host(upper: str) -> bool:
    """Bundler's credentials for a host: BUNDLE_GEMS__EXAMPLE__COM. Source: bundle-config(1), read 2026-11-24."""
    if not upper.startswith("BUNDLE_"):
        return False
    parts = upper[7:].split("__")
    return len(parts) > 1 and parts[0] not in _BUNDLE_SETTINGS and 2 <= len(parts[-1]) <= 4 and parts[-1].isalpha()


def _is_reference(text: str) -> bool:
    """Whether a value is one variable and nothing else; a default in it (`${X:-literal}`) is a literal."""
    if text.startswith("${") and text.endswith("}"):
        inner = text[2:-1]
        return inner.replace("_", "a").isalnum()
    return text[0] == "$" and len(text) > 1 and text[1:].replace("_", "a").isalnum()


def _is_number(text: str) -> bool:
    return text.isascii() and text.removeprefix("-").replace(".", "", 1).isdecimal()


def _is_hex(text: str) -> bool:
    return not text.strip("0123456789abcdefABCDEF")
