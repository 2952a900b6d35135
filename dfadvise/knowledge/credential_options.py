"""Where command lines take credentials, and which commands keep them on disk.

Source: the programs' own manuals and `--help`, read 2026-11-24.
"""

from __future__ import annotations

from dfadvise.knowledge.manager import words
from dfadvise.knowledge.secret_names import name_words

# How an option's value holds the secret: all of it; behind a colon; in a header; attached to a short option;
# behind `pass:`; behind a percent sign.
WHOLE, AFTER_COLON, HEADER, ATTACHED, PASS, AFTER_PERCENT = "whole", "colon", "header", "attached", "pass", "percent"


def _options(text: str, kind: str = WHOLE) -> dict[str, str]:
    return dict.fromkeys(text.split(), kind)


_CURL = {
    **_options("-u --user -U --proxy-user", AFTER_COLON),
    **_options("-H --header --proxy-header", HEADER),
    **_options("--oauth2-bearer --pass"),
}
_MYSQL = {"-p": ATTACHED, "--password": WHOLE}
_REGISTRY = _options("-p --password")
# Options by program.
OPTIONS: dict[str, dict[str, str]] = {
    "curl": _CURL,
    "wget": {
        **_options("--header", HEADER),
        **_options("--password --http-password --ftp-password --proxy-password"),
    },
    "aria2c": {**_options("--header", HEADER), **_options("--http-passwd --ftp-passwd")},
    "http": _options("-a --auth", AFTER_COLON),
    "https": _options("-a --auth", AFTER_COLON),
    **dict.fromkeys(
        ("mysql", "mysqldump", "mysqladmin", "mysqlimport", "mariadb", "mariadb-dump", "mariadb-admin"), _MYSQL
    ),
    **dict.fromkeys(("mongo", "mongosh", "mongodump", "mongorestore", "mongoimport"), _options("-p --password")),
    "redis-cli": _options("-a --pass"),
    "sshpass": _options("-p"),
    "sqlcmd": _options("-P"),
    "smbclient": _options("-U --user", AFTER_PERCENT),
    **dict.fromkeys(("ldapsearch", "ldapadd", "ldapmodify"), _options("-w")),
    "openssl": _options("-passin -passout -pass", PASS),
    "ssh-keygen": _options("-N"),
    "keytool": _options("-storepass -keypass -srcstorepass -deststorepass -srckeypass -destkeypass -new"),
    "twine": _options("-p --password"),
    **dict.fromkeys(("docker", "podman", "nerdctl", "buildah", "crane", "oras"), _REGISTRY),
    "helm": _options("-p --password"),
    "skopeo": {**_REGISTRY, **_options("--creds --src-creds --dest-creds", AFTER_COLON)},
    "az": _options("-p --password --federated-token"),
    "doctl": _options("-t --access-token"),
    **dict.fromkeys(("kubectl", "oc"), _options("--token --password")),
    **dict.fromkeys(("dotnet", "nuget"), _options("-p --password -Password -ApiKey --api-key -k")),
    "conan": _options("-p --password"),
    "cf": _options("-p"),
    "zip": _options("-P --password"),
    "unzip": _options("-P"),
    "7z": _options("-p", ATTACHED),
    **dict.fromkeys(("useradd", "usermod"), _options("-p --password")),
    "gpg": _options("--passphrase"),
    "gpg2": _options("--passphrase"),
}
# Of these programs the options count behind these subcommands only.
ONLY: dict[str, frozenset[str]] = {
    **dict.fromkeys(
        ("docker", "podman", "nerdctl", "buildah", "oras", "skopeo"), words("login copy inspect delete sync")
    ),
    "crane": words("login auth"),
    "helm": words("login add registry repo"),
    "az": words("login"),
    "doctl": words("auth"),
    **dict.fromkeys(("dotnet", "nuget"), words("add update push setapikey")),
    "conan": words("user login"),
    "cf": words("login auth"),
    "twine": words("upload"),
}
# The secret is the operand at this index behind these words.
OPERANDS: tuple[tuple[str, tuple[str, ...], int], ...] = (
    ("rabbitmqctl", ("add_user",), 1),
    ("rabbitmqctl", ("change_password",), 1),
    ("mysqladmin", ("password",), 0),
    ("mariadb-admin", ("password",), 0),
    ("neo4j-admin", ("set-initial-password",), 0),
    ("neo4j-admin", ("dbms", "set-initial-password"), 0),
    ("cargo", ("login",), 0),
    ("vault", ("login",), 0),
    ("wandb", ("login",), 0),
    ("snyk", ("auth",), 0),
    ("ngrok", ("authtoken",), 0),
    ("ngrok", ("config", "add-authtoken"), 0),
    ("cf", ("auth",), 1),
    ("poetry", ("config", "http-basic."), 1),
    ("poetry", ("config", "pypi-token."), 0),
    ("composer", ("config", "http-basic."), 1),
    ("composer", ("config", "github-oauth."), 0),
    ("composer", ("config", "gitlab-token."), 0),
    ("composer", ("config", "gitlab-oauth."), 0),
    ("composer", ("config", "bearer."), 0),
    ("mc", ("alias", "set"), 3),
    ("mc", ("config", "host", "add"), 3),
    ("aws", ("configure", "set", "aws_access_key_id"), 0),
    ("aws", ("configure", "set", "aws_secret_access_key"), 0),
    ("aws", ("configure", "set", "aws_session_token"), 0),
)
# Commands that read the secret from standard input.
FROM_INPUT: tuple[tuple[str, str, str], ...] = (
    *(
        (program, "login", "--password-stdin")
        for program in ("docker", "podman", "nerdctl", "buildah", "skopeo", "oras")
    ),
    ("helm", "registry", "--password-stdin"),
    ("gh", "auth", "--with-token"),
    ("glab", "auth", "--stdin"),
    ("vault", "login", "-"),
    ("git", "credential", "approve"),
    ("cargo", "login", ""),
)
# Where programs keep what they are given; `~` is the home of whoever runs them.
KEPT: dict[str, tuple[str, ...]] = {
    "npm": ("~/.npmrc",),
    "pnpm": ("~/.npmrc", "~/.config/pnpm"),
    "yarn": ("~/.yarnrc.yml", "~/.yarnrc", "~/.npmrc"),
    "pip": ("~/.config/pip", "~/.pip", "/etc/pip.conf"),
    "poetry": ("~/.config/pypoetry",),
    "composer": ("~/.composer", "~/.config/composer", "~/auth.json"),
    "bundle": ("~/.bundle", "/usr/local/bundle/config"),
    "gem": ("~/.gemrc", "~/.gem"),
    "nuget": ("~/.nuget", "~/.config/NuGet"),
    "dotnet": ("~/.nuget", "~/.config/NuGet"),
    "cargo": ("~/.cargo", "/usr/local/cargo/credentials.toml"),
    "conan": ("~/.conan", "~/.conan2"),
    "aws": ("~/.aws",),
    "gcloud": ("~/.config/gcloud",),
    "az": ("~/.azure",),
    "doctl": ("~/.config/doctl",),
    **dict.fromkeys(("docker", "crane", "oras"), ("~/.docker",)),
    **dict.fromkeys(
        ("podman", "nerdctl", "buildah", "skopeo"), ("~/.docker", "~/.config/containers", "/run/containers")
    ),
    "helm": ("~/.config/helm",),
    **dict.fromkeys(("kubectl", "oc"), ("~/.kube",)),
    "vault": ("~/.vault-token",),
    "gh": ("~/.config/gh",),
    "glab": ("~/.config/glab-cli",),
    "git": ("~/.gitconfig", "~/.config/git", "~/.git-credentials", "/etc/gitconfig"),
    "wandb": ("~/.netrc",),
    "snyk": ("~/.config/configstore",),
    "ngrok": ("~/.config/ngrok", "~/.ngrok2"),
    "cf": ("~/.cf",),
    "mc": ("~/.mc",),
    **dict.fromkeys(("huggingface-cli", "hf"), ("~/.cache/huggingface", "~/.huggingface")),
}
# The commands of a program that keep something; None for all with a credential.
KEEPING: dict[str, frozenset[str] | None] = {
    **dict.fromkeys(("docker", "podman", "nerdctl", "buildah", "skopeo", "oras"), words("login")),
    "crane": words("auth"),
    "helm": words("registry repo"),
    "az": words("login"),
    "doctl": words("auth"),
    "dotnet": words("nuget"),
    "nuget": words("sources add update setapikey"),
    **dict.fromkeys(("kubectl", "oc"), words("config login")),
    "git": words("config clone remote submodule credential"),
    **dict.fromkeys(("npm", "pnpm", "yarn", "pip"), words("config set c")),
    "poetry": words("config"),
    "composer": words("config"),
    "bundle": words("config"),
    "gem": words("sources"),
    "conan": words("user remote"),
    "mc": words("alias config"),
    **dict.fromkeys(("huggingface-cli", "hf"), words("login")),
    "aws": words("configure"),
    **dict.fromkeys(("gcloud", "gh", "glab", "vault", "wandb", "snyk", "ngrok", "cf", "cargo")),
}
# Words of a later command of the same program that take it back.
UNDOING = words("unset --unset --unset-all --remove-section delete rm remove logout revoke clear set-url deinit")

# Programs that read passwords from standard input, and what stands before them there.
READING = {"chpasswd": ":", "vncpasswd": "", "debconf-set-selections": " password "}
DATABASES = words("psql mysql mariadb postgres mysqld mariadbd sqlcmd clickhouse-client")
STATEMENTS = ("identified by '", "password '", "identified with mysql_native_password by '")
# Programs that set the password of an account.
ACCOUNTS = words("useradd usermod chpasswd")
# What stands where no password is.
LOCKED = words("! * !! !* *! x *LK*")

# Trivy's DS-0031: these without a secret mount. (program, words that must be there, options of which one must be)
SETTING_UP: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("aws", ("configure", "set", "aws_access_key_id"), ()),
    ("aws", ("configure", "set", "aws_secret_access_key"), ()),
    ("gcloud", ("auth", "activate-service-account"), ()),
    ("az", ("login",), ("-p", "--password", "--federated-token")),
    ("doctl", ("auth", "init"), ("-t", "--access-token")),
)

# Any program: long options whose name ends so take a secret, unless the name starts with one of the words below.
_LAST_WORDS = words("PASSWORD PASSWD PASSPHRASE TOKEN APIKEY")
_LAST_PAIRS = words(
    "API-KEY ACCESS-KEY SECRET-KEY PRIVATE-KEY AUTH-KEY CLIENT-SECRET API-SECRET APP-SECRET ACCOUNT-KEY MASTER-KEY"
)
NOT_FIRST = words(
    "NO DISABLED DISABLE WITHOUT ENABLE WITH USE SKIP EMPTY ASK PROMPT FORCE GENERATE REQUIRE ALLOW KEEP CREATE"
    " PUBLIC RESET SHOW PRINT HIDE SAVE MAX MIN NUM"
)
# Headers that carry credentials.
HEADER_NAMES = words("authorization proxy-authorization private-token job-token x-jfrog-art-api circle-token")
HEADER_ENDS = ("-key", "-token", "-secret", "-password", "apikey")
SCHEMES = words("bearer basic token apikey digest bot")


def names_credential(name: str) -> bool:
    """Whether the end of a setting's or an option's name says that its value is a credential.

    Args:
        name: `apiToken`, `//registry.example.com/:_authToken`, `db.password`.
    """
    parts = setting_words(name)
    return bool(parts) and (parts[-1] in _LAST_WORDS or "-".join(parts[-2:]) in _LAST_PAIRS)


def is_switched_off(option: str) -> bool:
    """Whether an option says that there is no secret, and takes none: `disabled-password`, `no-token`.

    Args:
        option: Its name, without the dashes before it.
    """
    return setting_words(option)[:1] in (["NO"], ["DISABLED"], ["DISABLE"], ["WITHOUT"])


def setting_words(name: str) -> list[str]:
    """The words of a setting's name in capitals; slashes and colons separate them too."""
    return name_words(name.replace("/", "_").replace(":", "_"))
