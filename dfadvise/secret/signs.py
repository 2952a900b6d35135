"""What nothing secret can do without: the questions that cost little, asked before the tables of secrets are loaded.

Most files hold no secret, and reading the tables takes longer than reading such a file. Every answer here errs on the
side of yes.
"""

from __future__ import annotations

from dfadvise.about.mentions import distinct
from dfadvise.source import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.results import FileResult

SHOWN = 4  # characters of a secret that may be shown
# Of these one is in every secret that `secret.scan` tells by its looks, but for a password in a URL: in the words of
# at least LEAST characters that tokens are, or anywhere.
LEAST = 20
LOOKS = (
    *("AKIA", "ASIA", "ABIA", "ACCA", "A3T", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"),
    *("glpat-", "gldt-", "glrt-", "glptt-", "glft-", "glsoat-", "glcbt-", "glagent-", "npm_", "pypi-AgEIcHlwaS5vcmc"),
    *("rubygems_", "oy2", "cio", "CLOJARS_", "xoxb-", "xoxp-", "xoxe-", "xapp-", "AIza", "ya29.", "GOCSPX-", "sk_"),
    *("rk_", "sq0atp-", "SG.", "SK", *(f"-us{digit}" for digit in "0123456789"), "AA", "shpat_", "shpca_", "shppa_"),
    *(
        "shpss_",
        "sk-ant-",
        "sk-or-v1-",
        "T3BlbkFJ",
        "gsk_",
        "r8_",
        "pplx-",
        "hf_",
        "api_org_",
        "dckr_",
        "dop_v1_",
        "doo_v1_",
    ),
    *("dor_v1_", "hvs.", "hvb.", ".atlasv1.", "dapi", "glsa_", "glc_", "dp.pt.", "dp.st.", "pul-", "AKCp", "cmVmd"),
    *("Q~", "ATATT3", "PMAK-", "NRAK-", "sntrys_", "sntryu_", "lin_api_", "pscale_", "tskey-", "AGE-SECRET-KEY-1"),
    "eyJ",
)
ELSEWHERE = (
    *("PRIVATE KEY", "hooks.slack.com/", "AccountKey=", "aws_secret", "AWS_SECRET", "awsSecret", "aws-secret"),
    *("AWS-SECRET", "AwsSecret", "AWSSecret"),
)

# Of these one is in every name that `knowledge.secret_names.secret_name` takes for a secret's, in lower case; but for
# those that are so by the word PAT, which is a part of PATH.
NAMES = (
    *("pass", "pwd", "pword", "secret", "token", "key", "cred", "psw", "dsn", "auth", "login", "bundle_"),
    "connection_string",
)
# And in every name that any other tool does.
_ANY_NAMES = (*NAMES, "private", "username", "usr", "cert", "api", "access")
# What else there may be in a command line or a text that holds a credential, in lower case: options, texts, programs
# (of which a line of `distinct` may end).
_HANDED = (
    *("bearer", "x-jfrog", "extraheader", "identified", "<master>", "http-basic", "redis-cli", "sqlcmd", "smbclient"),
    *("ldap", "doctl", "rabbitmqctl", "neo4j", "ngrok", "aws", "gcloud", "debconf"),
    *(program + end for program in ("http", "https", "mc") for end in "\n,<>"),
)
# Both of these: programs, and the beginning of their options.
_OPTIONS = (
    (("curl",), ("-u",)),
    (("zip",), ("-p",)),
    (("nuget", "dotnet"), ("-p", "-k")),
    (("bundle",), ("config",)),
    (
        (
            *("mysql", "mariadb", "mongo", "7z", "twine", "podman", "nerdctl", "buildah", "crane", "oras", "skopeo"),
            *("helm", "conan", "useradd", "usermod"),
            *(program + end for program in ("docker", "cf") for end in "\n,<>"),
        ),
        ("-p",),
    ),
)

# Of these one is in every file that sets a variable or option with a secret's name, as `secret.redact` looks for it.
SETTINGS = (
    *("pass", "pwd", "pword", "secret", "token", "apikey", "api_key", "api-key", "_key", "_auth", "credential", "psw"),
    *("dsn", "_pat", "_login", "bundle_", "connection_string"),
)
# And of these one is in every command line that is handed a credential in another way, as it looks for that: those in
# one word, and others.
WORDS = (
    *("Authorization:", "authorization:", "-Token:", "-TOKEN:", "-Key:", "-KEY:", "oauth2-bearer", "extraheader"),
    *("ldap", "rabbitmqctl", "storepass", "keypass", "pass:", "chpasswd", "--passw", "sqlcmd", "twine"),
    *("authToken", "AuthToken", "http-basic", "-token.", "-oauth.", "token:", "authtoken", "initial-password"),
    *("smbclient", "AUTHORIZATION:", "nuget", "skopeo", "vncpasswd", "debconf-set", "IDENTIFIED"),
)
COMMANDS = (
    *("creds ", "sshpass -", "redis-cli -", "mysql -", "mysqladmin -", "mysqldump -", "mariadb -", "mongo -"),
    *("mongosh -", " login ", "htpasswd -", "useradd -p", "usermod -p", "useradd --p", "configure set"),
    *("bundle config", "http --auth", "mc alias", "host add", "useradd -m -p", "useradd -rp", "identified by"),
    *("PASSWORD '", "password '"),
)

_BLANKED = {code: " " for code in range(128) if not (chr(code).isalnum() or chr(code) in "_-.~")}
_looking: tuple[str, bool] | None = None
_handing: tuple[str, bool] | None = None
_shown: tuple[FileResult, Source] | None = None


def names_secret(name: str) -> bool:
    """Whether the name of a variable may be a secret's, to anybody."""
    lower = name.lower()
    return any(part in lower for part in _ANY_NAMES) or _holds_pat(name, lower)


def names_any(text: str) -> bool:
    """Whether a text may hold the name of a variable that is a secret's."""
    text = distinct(text)
    lower = text.lower()
    return any(part in lower for part in NAMES) or _holds_pat(text, lower)


def hands_any(text: str) -> bool:
    """Whether a text may hold a command that is handed a credential, or writes one; several rules ask of one text."""
    global _handing
    if _handing is None or _handing[0] is not text:
        _handing = (text, _hands_any(text))
    return _handing[1]


def _hands_any(text: str) -> bool:
    words = distinct(text)
    if ("://" in words and "@" in words) or names_any(text):
        return True
    lower = words.lower()
    if any(part in lower for part in _HANDED):
        return True
    return any(
        any(program in lower for program in programs) and any(option in lower for option in options)
        for programs, options in _OPTIONS
    )


def _holds_pat(text: str, lower: str) -> bool:
    """Whether PAT is a word of any name in a text: `GITHUB_PAT`, `gitPat`, but not `PATH`."""
    at = lower.find("pat")
    if len(text) != len(lower):
        return at >= 0
    while at >= 0:
        following = text[at + 3 : at + 4]
        # A name's word ends where its case changes.
        changes = text[at + 2].islower() or text[at + 4 : at + 5].islower()
        if not following.isalpha() or (following.isupper() and changes):
            return True
        at = lower.find("pat", at + 1)
    return False


def looks_secret(text: str) -> bool:
    """Whether a text may hold what `secret.scan` finds; asked of one text twice."""
    global _looking
    if _looking is None or _looking[0] is not text:
        _looking = (text, _looks_secret(text))
    return _looking[1]


def _looks_secret(text: str) -> bool:
    words = distinct(text)
    if ("://" in words and "@" in words) or any(part in text for part in ELSEWHERE):
        return True
    # Short words go first: what is left of most files is next to nothing.
    long = "\n".join([word for word in words.translate(_BLANKED).split() if len(word) >= LEAST])
    return any(part in long for part in LOOKS)


def sets_secret(text: str) -> bool:
    """Whether a text may set a variable or an option with a secret's name."""
    lower = distinct(text).lower()
    return any(part in lower for part in SETTINGS)


def hands_secret(text: str) -> bool:
    """Whether a text may hold a command line that is handed a credential."""
    if "curl" in text and (" -u" in text or "--user" in text or " -U" in text or "--proxy-user" in text):
        return True
    words = distinct(text)
    return any(part in words for part in WORDS) or any(part in text for part in COMMANDS)


def may_hide(result: FileResult) -> bool:
    """Whether a report may have to hide anything of a file."""
    if result.secrets is not None:
        return bool(result.secrets)
    if result.hides or any(finding.hides for finding in (*result.findings, *result.suppressed)):
        return True
    text = result.source.text if result.source is not None else ""
    return sets_secret(text) or looks_secret(text) or hands_secret(text)


def shown_source(result: FileResult) -> Source:
    """The text of a file as it may be shown: every character in its place, stars over secrets."""
    global _shown
    if _shown is None or _shown[0] is not result:
        source = result.source or Source("")
        if may_hide(result):
            from dfadvise.secret.redact import secrets_of

            text = secrets_of(result).masked()
            source = source if text is source.text else Source(text, source.path)
        _shown = (result, source)
    return _shown[1]
