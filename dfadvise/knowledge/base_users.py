"""Images without a shell, the users they have, and images that do not run as root.

Sources: the images' own pages and build files, read 2026-11-24.
"""

from __future__ import annotations

from dfadvise.knowledge.tags import version

# Releases from which on useradd writes no record into lastlog and faillog where they end before it: shadow 4.13.
# Source: pull request 558 of shadow-maint/shadow. Measured 2026-11-24 for the id 1234567: lastlog has 360,493,856 bytes
# then in Debian 11 (passwd 4.8.1), none in Debian 12 (4.13) and 13 (4.17.4).
_LEAVES_LASTLOG = {"debian": (12,), "ubuntu": (24, 4)}

# Hardened images that are there to build on and have a shell.
_DHI_WITH_SHELL = frozenset(("alpine-base", "debian-base", "busybox", "bash"))
_DEBIAN_USERS = {
    "root": 0,
    "daemon": 1,
    "bin": 2,
    "sys": 3,
    "sync": 4,
    "games": 5,
    "man": 6,
    "lp": 7,
    "mail": 8,
    "news": 9,
    "uucp": 10,
    "proxy": 13,
    "www-data": 33,
    "backup": 34,
    "list": 38,
    "irc": 39,
    "_apt": 42,
    "nobody": 65534,
}
_NONROOT = {"root": 0, "nobody": 65534, "nonroot": 65532}
DOTNET_USER = 1654  # `app`, from .NET 8 on

# Interpreters that distroless language images set as ENTRYPOINT.
_INTERPRETERS = (("nodejs", "node"), ("python3", "python3"), ("java", "java"))

_NOT_ROOT = frozenset(
    (
        "jenkins/jenkins",
        "nginxinc/nginx-unprivileged",
        "sonarqube",
        "nodered/node-red",
        "apache/airflow",
        "apache/kafka",
        "quay.io/keycloak/keycloak",
        "haproxy",
        "jetty",
        "kong",
    )
)
_NOT_ROOT_PREFIXES = (
    "bitnami/",
    "bitnamilegacy/",
    "grafana/",
    "docker.elastic.co/",
    "quay.io/jupyter/",
    "jupyter/",
    "confluentinc/cp-",
    "cgr.dev/chainguard/",
)
_UBI_LANGUAGES = (
    "nodejs-",
    "python-",
    "ruby-",
    "php-",
    "perl-",
    "go-toolset",
    "openjdk-",
    "dotnet-",
    "rust-toolset",
)
# Their own entrypoint starts as root and drops to a user of their own.
_DROPS_ROOT = frozenset(
    (
        "postgres",
        "mysql",
        "mariadb",
        "redis",
        "valkey",
        "valkey/valkey",
        "mongo",
        "rabbitmq",
        "memcached",
        "cassandra",
        "elasticsearch",
        "influxdb",
        "ghost",
        "couchdb",
    )
)


def has_no_shell(name: str, tag: str | None) -> bool:
    """Whether an image is known to have no shell.

    Args:
        name: The normalised name.
        tag: The tag; "" for none, None when it is not known.
    """
    if name == "scratch":
        return True
    if tag is None:
        return False
    words = tag.split("-")
    if "/distroless/" in name:
        return "debug" not in words and not name.endswith("/debug")
    if name in ("cgr.dev/chainguard/static", "cgr.dev/chainguard/glibc-dynamic"):
        return words[-1] != "dev"
    if name.startswith("dhi.io/"):
        return "dev" not in words and name[7:] not in _DHI_WITH_SHELL
    return name.startswith("mcr.microsoft.com/dotnet/") and "chiseled" in words


def leaves_lastlog(family: str | None, release: str | None) -> bool:
    """Whether useradd does not make /var/log/lastlog longer for a large id, as far as anybody knows.

    Args:
        family: The family of distributions; None when it is not known.
        release: Its release; None when the tag does not tell.

    Returns:
        True also for Debian and Ubuntu of an unknown release: most tags move with the newest.
    """
    least = _LEAVES_LASTLOG.get(family or "")
    return least is not None and (not release or version(release) >= least)


def users(name: str, tag: str | None) -> dict[str, int] | None:
    """The users in /etc/passwd of an image with their ids.

    Args:
        name: The normalised name.
        tag: The tag; "" for none, None when it is not known.

    Returns:
        All users, {} for scratch; None when they are not known.
    """
    if name == "scratch":
        return {}
    if name.startswith("gcr.io/distroless/") or name in (
        "cgr.dev/chainguard/static",
        "cgr.dev/chainguard/glibc-dynamic",
    ):
        return dict(_NONROOT)
    if name.startswith("mcr.microsoft.com/dotnet/") and tag and "chiseled" in tag.split("-"):
        return {**_DEBIAN_USERS, "app": DOTNET_USER} if version(tag) >= (8,) else dict(_DEBIAN_USERS)
    return None


def entrypoint_interpreter(name: str) -> str | None:
    """The interpreter that an image's own ENTRYPOINT runs, so that CMD holds its arguments only."""
    if not name.startswith("gcr.io/distroless/"):
        return None
    image = name[len("gcr.io/distroless/") :]
    for prefix, interpreter in _INTERPRETERS:
        if image.startswith(prefix) and not image.startswith("java-base"):
            return interpreter
    return None


def not_root(name: str, tag: str | None) -> bool:
    """Whether an image is known to run as another user than root.

    Args:
        name: The normalised name.
        tag: The tag; "" for none, None when it is not known.
    """
    words = (tag or "").split("-")
    if name.startswith("gcr.io/distroless/"):
        return "nonroot" in words
    if name == "haproxy" and tag and (2, 4) > version(tag) > ():
        return False
    if name in _NOT_ROOT or name.startswith(_NOT_ROOT_PREFIXES):
        return True
    if name.startswith("dhi.io/"):
        return tag is not None and "dev" not in words  # the -dev images run as root
    if name.startswith("mcr.microsoft.com/dotnet/"):
        return "chiseled" in words
    host, _, path = name.partition("/")
    image = name.rpartition("/")[2]
    if image.startswith("s2i-"):
        return True
    if host in ("registry.access.redhat.com", "registry.redhat.io") and path.startswith("ubi"):
        return image.startswith(_UBI_LANGUAGES)
    return False


def drops_root(name: str) -> bool:
    """Whether the image's own entrypoint drops root; that holds only while the entrypoint is inherited."""
    return name in _DROPS_ROOT
