"""Formats of secrets that can be told by their looks: tokens, private keys, passwords in URLs.

Sources: what the services themselves publish about the formats of their tokens, read 2026-11-24. Every quantifier is
bounded and every pattern starts at the edge of a word, so that a text of any shape is read in linear time.
"""

from __future__ import annotations


class Format:
    """A format of secrets.

    Attributes:
        name: What it is, as people say it, with its article.
        keywords: Texts of which one is in every secret of the format; without them nothing else is looked at.
        pattern: A regular expression; its first group is the secret.
        entropy: The least Shannon entropy of the secret, in bits a character.
        codes: Foreign codes of the scanners that know the format.
    """

    __slots__ = ("codes", "entropy", "keywords", "name", "pattern")

    def __init__(self, name: str, keywords: str, pattern: str, entropy: float, codes: tuple[str, ...]) -> None:
        self.name = name
        self.keywords = tuple(keywords.split())
        self.pattern = _START + pattern + _END
        self.entropy = entropy
        self.codes = codes


KICS, TALLY = "kics:passwords_and_secrets", "tally:secrets-in-code"
_BOTH, _TALLY, _NONE = (KICS, TALLY), (TALLY,), ()
# No letter or digit on either side, and no more of what tokens are made of.
_START, _END = "(?<![A-Za-z0-9])", "(?![A-Za-z0-9_])"

# Tokens in one run of letters, digits and `_-.~`, with a keyword in it.
TOKENS: tuple[Format, ...] = (
    Format(
        "an AWS access key id", "AKIA ASIA ABIA ACCA A3T", "((?:A3T[A-Z0-9]|A[KS]IA|ABIA|ACCA)[A-Z2-7]{16})", 3, _BOTH
    ),
    Format("a GitHub token", "ghp_ gho_ ghu_ ghs_ ghr_", "(gh[pousr]_[0-9A-Za-z]{36})", 3, _BOTH),
    Format("a GitHub token", "github_pat_", r"(github_pat_\w{82})", 3, _TALLY),
    Format(
        "a GitLab token",
        "glpat- gldt- glrt- glptt- glft- glsoat- glcbt- glagent-",
        r"(gl(?:pat|dt|rt|ptt|ft|soat|cbt|agent)-[\w.-]{20,64})",
        3,
        _BOTH,
    ),
    Format("an npm token", "npm_", "(npm_[A-Za-z0-9]{36})", 3, _TALLY),
    Format("a PyPI token", "pypi-AgEIcHlwaS5vcmc", r"(pypi-AgEIcHlwaS5vcmc[\w-]{50,1000})", 3, _TALLY),
    Format("a RubyGems token", "rubygems_", "(rubygems_[a-f0-9]{48})", 2, _TALLY),
    Format("a NuGet key", "oy2", "(oy2[a-z0-9]{43})", 3.5, _NONE),
    Format("a crates.io token", "cio", "(cio[A-Za-z0-9]{32})", 4, _NONE),
    Format("a Clojars token", "CLOJARS_", "(CLOJARS_[a-z0-9]{60})", 2, _TALLY),
    Format("a Slack token", "xoxb-", r"(xoxb-\d{10,13}-\d{10,13}[A-Za-z0-9-]{0,40})", 3, _BOTH),
    Format("a Slack token", "xoxp- xoxe-", r"(xox[pe](?:-\d{10,13}){3}-[A-Za-z0-9-]{28,34})", 2, _BOTH),
    Format("a Slack token", "xapp-", r"(xapp-\d-[A-Z0-9]{1,20}-\d{1,20}-[a-z0-9]{1,80})", 2, _TALLY),
    Format("a Google API key", "AIza", r"(AIza[\w-]{35})", 4, _BOTH),
    Format("a Google OAuth token", "ya29.", r"(ya29\.[\w-]{40,1000})", 3, (KICS,)),
    Format("a Google client secret", "GOCSPX-", r"(GOCSPX-[\w-]{28})", 3, _NONE),
    Format("a Stripe key", "sk_ rk_", "((?:sk|rk)_(?:test|live|prod)_[A-Za-z0-9]{10,99})", 2, _BOTH),
    Format("a Square token", "sq0atp-", r"(sq0atp-[\w-]{22,60})", 2, _BOTH),
    Format("a SendGrid key", "SG.", r"(SG\.[\w-]{16,32}\.[\w-]{32,64})", 3, _TALLY),
    Format("a Twilio key", "SK", "(SK[0-9a-fA-F]{32})", 3, _BOTH),
    Format("a Mailchimp key", "-us", r"([0-9a-f]{32}-us\d{1,2})", 3, _BOTH),
    Format("a Telegram bot token", "AA", r"(\d{8,10}:AA[\w-]{33})", 3, _BOTH),
    Format("a Shopify token", "shpat_ shpca_ shppa_ shpss_", "(shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32})", 2, _TALLY),
    Format("an Anthropic key", "sk-ant-", r"(sk-ant-(?:api03|admin01)-[\w-]{93}AA)", 3, _TALLY),
    Format(
        "an OpenAI key", "T3BlbkFJ", r"(sk-(?:(?:proj|svcacct|admin)-)?[\w-]{20,74}T3BlbkFJ[\w-]{20,74})", 3, _TALLY
    ),
    Format("an OpenRouter key", "sk-or-v1-", "(sk-or-v1-[0-9a-f]{64})", 3, _NONE),
    Format("a Groq key", "gsk_", "(gsk_[A-Za-z0-9]{52})", 3, _NONE),
    Format("a Replicate token", "r8_", "(r8_[A-Za-z0-9]{37})", 3, _NONE),
    Format("a Perplexity key", "pplx-", "(pplx-[A-Za-z0-9]{48})", 3, _TALLY),
    Format("a Hugging Face token", "hf_", "(hf_[A-Za-z]{34})", 3, _TALLY),
    Format("a Hugging Face token", "api_org_", "(api_org_[A-Za-z]{34})", 3, _TALLY),
    Format("a Docker Hub token", "dckr_pat_ dckr_oat_", r"(dckr_[po]at_[\w-]{27,32})", 3, _NONE),
    Format("a DigitalOcean token", "dop_v1_ doo_v1_ dor_v1_", "(do[por]_v1_[a-f0-9]{64})", 3, _TALLY),
    Format("a Vault token", "hvs.", r"(hvs\.[\w-]{90,120})", 3.5, _TALLY),
    Format("a Vault token", "hvb.", r"(hvb\.[\w-]{138,300})", 3.5, _TALLY),
    Format("a Terraform Cloud token", ".atlasv1.", r"([A-Za-z0-9]{14}\.atlasv1\.[\w=-]{60,70})", 3.5, _TALLY),
    Format("a Databricks token", "dapi", r"(dapi[a-f0-9]{32}(?:-\d)?)", 3, _TALLY),
    Format("a Grafana token", "glsa_", "(glsa_[A-Za-z0-9]{32}_[A-Fa-f0-9]{8})", 3, _TALLY),
    Format("a Grafana token", "glc_", "(glc_[A-Za-z0-9+/]{32,400}={0,3})", 3, _TALLY),
    Format("a Doppler token", "dp.pt. dp.st.", r"(dp\.(?:pt|st)\.[\w.-]{40,80})", 2, _TALLY),
    Format("a Pulumi token", "pul-", "(pul-[a-f0-9]{40})", 2, _TALLY),
    Format("an Artifactory key", "AKCp", "(AKCp[A-Za-z0-9]{69})", 4, _TALLY),
    Format("an Artifactory token", "cmVmd", "(cmVmd[A-Za-z0-9]{59})", 4, _TALLY),
    Format("an Azure client secret", "Q~", r"([\w~.-]{3}\dQ~[\w~.-]{31,34})", 3, _TALLY),
    Format("an Atlassian token", "ATATT3", r"(ATATT3[\w=-]{100,300})", 3.5, _TALLY),
    Format("a Postman key", "PMAK-", "(PMAK-[a-f0-9]{24}-[a-f0-9]{34})", 3, _TALLY),
    Format("a New Relic key", "NRAK-", "(NRAK-[A-Z0-9]{27})", 3, _TALLY),
    Format("a Sentry token", "sntrys_ sntryu_", r"(sntry[su]_[\w+/=-]{40,400})", 3, _TALLY),
    Format("a Linear key", "lin_api_", "(lin_api_[A-Za-z0-9]{40})", 2, _TALLY),
    Format("a PlanetScale token", "pscale_", r"(pscale_(?:tkn|pw|oauth)_[\w=.-]{32,64})", 3, _TALLY),
    Format("a Tailscale key", "tskey-", "(tskey-[a-z]{3,10}-[A-Za-z0-9]{8,40}(?:-[A-Za-z0-9]{8,60})?)", 3, _NONE),
    Format("an age key", "AGE-SECRET-KEY-1", "(AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58})", 3, _TALLY),
    Format(
        "a JSON web token",
        "eyJ",
        r"(ey[A-Za-z0-9]{17,2000}\.ey[A-Za-z0-9/\\_-]{17,4000}\.[A-Za-z0-9/\\_-]{10,2000})",
        3,
        _BOTH,
    ),
)
# The rest: the keyword stands anywhere in the text.
OTHERS: tuple[Format, ...] = (
    Format(
        "a Slack webhook",
        "hooks.slack.com/",
        r"(hooks\.slack\.com/(?:services|workflows|triggers)/[\w+/]{43,56})",
        3,
        _BOTH,
    ),
    Format("an Azure storage key", "AccountKey=", r"AccountKey=([A-Za-z0-9+/]{86}==)", 4, _NONE),
    Format(
        "an AWS secret key",
        "aws_secret AWS_SECRET awsSecret aws-secret AWS-SECRET AwsSecret AWSSecret",
        r"""(?:aws|AWS|Aws)[_-]?(?:secret|SECRET|Secret)[\w.-]{0,20}["']?[ \t]{0,4}[=: \t][ \t]{0,4}["']?"""
        r"([A-Za-z0-9/+]{40})(?![/+=])",
        4,
        _BOTH,
    ),
)

LEAST_TOKEN = 20
_BLANKED = {code: " " for code in range(128) if not (chr(code).isalnum() or chr(code) in "_-.~")}

# A private key: its first line, with at least this much of its body behind it.
PEM_KEYWORD = "PRIVATE KEY"
PEM = r"-----BEGIN[ A-Z0-9_-]{0,100}PRIVATE KEY(?: BLOCK)?-----"
PEM_END = r"-----END[ A-Z0-9_-]{0,100}PRIVATE KEY(?: BLOCK)?-----"
PEM_LEAST = 64
PEM_MOST = 16_384

# `://user:password@host`; a variable in the password makes it none.
USER_INFO = r"""://([^/\s:@"'<>\\|;]{0,100}):([^/\s@"'<>|;]{1,200})@([A-Za-z0-9$%_{\[][^/\s"'<>|;:]{0,200})"""

# Parts that say that a token is none.
_NOT_MEANT = ("example", "dummy", "fake", "placeholder", "xxxxx", "changeme", "your", "redacted", "0123456789")
_WORDS_FOR_PASSWORDS = frozenset(
    "password passwd pass pwd secret user username postgres postgresql root admin administrator guest mysql mariadb"
    " mongo mongodb redis rabbitmq test testing dev development demo local localhost sa app db database docker"
    " prisma changeme change-me example dummy fake placeholder xxx xxxx none null token foo bar foobar build ci"
    " 1234 12345 123456 12345678 unused none somesecret abc abc123 hello me".split()
)
_LOCAL_HOSTS = ("localhost", "127.", "0.0.0.0", "[::1]", "host.docker.internal", "example.", "dummy", "fake", "host")


def entropy(text: str) -> float:
    """The Shannon entropy of a text, in bits a character."""
    from math import log2

    size = len(text)
    if not size:
        return 0.0
    return -sum(count / size * log2(count / size) for count in map(text.count, set(text)))


def is_variable(value: str) -> bool:
    """Whether a value is filled in by something else: `$X`, `{{x}}`, `${{ secrets.X }}`, `%X%`, `@X@`, `<x>`."""
    if "$" in value or "{{" in value or "`" in value:
        return True
    first, last = value[:1], value[-1:]
    return (len(value) > 2 and first + last in ("%%", "@@", "<>", "[]", "{}", "__")) or value in ("%s", "***")


def is_meant(value: str) -> bool:
    """Whether a token is not one of those that show what a token looks like."""
    lower = value.lower()
    return not any(part in lower for part in _NOT_MEANT) and len(set(value[4:])) > 3


def url_password(user: str, password: str, host: str) -> str | None:
    """What the password in a URL is worth.

    Args:
        user: What stands before the colon.
        password: What stands between colon and `@`.
        host: What follows, up to the next slash.

    Returns:
        "secret"; "placeholder" for words that stand for a password, or are everybody's default; "local" for those on
        a machine that does not exist; None where there is no password.
    """
    if is_variable(password) or host.startswith("sha256") or user.lower() in ("anonymous", "ftp"):
        return None
    lower = password.lower().strip("-_*.")
    weak = (
        lower in _WORDS_FOR_PASSWORDS
        or len(set(lower)) < 2
        or password == user
        or any(part in lower for part in _NOT_MEANT)
        or "password" in lower
    )
    if not weak:
        return "secret"
    return "local" if host.lower().startswith(_LOCAL_HOSTS) else "placeholder"


def matching(text: str) -> list[Format]:
    """The formats that a text holds a keyword of."""
    # Short words go first: what is left of most files is next to nothing.
    long = " ".join([word for word in text.translate(_BLANKED).split() if len(word) >= LEAST_TOKEN])
    found: list[Format] = []
    for formats, where in ((TOKENS, long), (OTHERS, text)):
        if not where:
            continue
        for each in formats:
            for keyword in each.keywords:
                if keyword in where:
                    found.append(each)
                    break
    return found
