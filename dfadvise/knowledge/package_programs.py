"""The programs that common packages bring at most, their dependencies and recommended packages included.

Only programs that base images lack are told (see base_programs). Source: the package lists of Debian 12 and 13,
Ubuntu 24.04 and Alpine 3.22, read 2026-11-24. Packages that are not named here may bring anything.
"""

from __future__ import annotations

from dfadvise.knowledge.manager import words
from dfadvise.knowledge.packages import is_closed, matches, plain_name

_COMPILERS = "gcc g++ make gpg xz file python3"
# package: programs; by format of package. Patterns know `*` only, and the first that fits counts.
_DEB = {
    **{name: name for name in "curl wget unzip jq file less nano telnet sudo gcc make".split()},
    **dict.fromkeys("tzdata locales procps net-tools tini dumb-init gosu apt-transport-https".split(), ""),
    "git": "git less ssh",
    "zip": "zip unzip",
    "xz-utils": "xz",
    "gnupg": "gpg",
    "gnupg2": "gpg",
    "gpg": "gpg",
    "dirmngr": "gpg",
    "g++": "g++ gcc",
    "build-essential": _COMPILERS,
    "cmake": f"cmake {_COMPILERS}",
    "pkg-config": _COMPILERS,
    "openssh-client": "ssh",
    "iputils-ping": "ping",
    "iproute2": "ip",
    "dnsutils": "dig nslookup",
    "bind9-dnsutils": "dig nslookup",
    "netcat": "nc",
    "netcat-openbsd": "nc",
    "netcat-traditional": "nc",
    "vim": "vim",
    "vim-tiny": "vim",
    "man-db": "man less",
    "lsb-release": "lsb_release python3",
    "supervisor": "python3",
    "python3": "python3",
    "python3-venv": "python3 pip pip3",
    "python3-pip": f"pip pip3 {_COMPILERS}",
    "postgresql-client": "gpg python3 systemctl lsb_release",
    "default-mysql-client": "gpg python3 systemctl less",
    "mariadb-client": "gpg python3 systemctl less",
    "ffmpeg": "gpg python3 systemctl file",
    "*-dev": f"systemctl {_COMPILERS}",
    "lib*": "gpg python3 systemctl",
}
_APK = {
    **{name: name for name in "curl git bash gcc make sudo jq openssl".split()},
    **dict.fromkeys(
        "tini dumb-init su-exec tzdata procps coreutils findutils grep sed gawk tar xz gzip zip".split(), ""
    ),
    **dict.fromkeys(
        "unzip rsync wget openssh-client iputils bind-tools nodejs musl-dev linux-headers nginx".split(), ""
    ),
    "gnupg": "gpg",
    "g++": "g++ gcc",
    "build-base": "gcc g++ make bash",
    "cmake": "cmake gcc g++ make bash",
    "shadow": "useradd usermod groupadd",
    "npm": "bash python3",
    "yarn": "bash",
    "python3": "python3 pip pip3",
    "py3-pip": "python3 pip pip3",
    "supervisor": "python3",
    "git-lfs": "git",
    "postgresql-client": "openssl bash",
    "mysql-client": "openssl bash",
    "mariadb-client": "openssl bash",
    "*-dev": "gcc g++ make bash openssl python3",
    "*-libs": "bash openssl python3",
    "lib*": "bash openssl python3",
}
_TABLES = {"apt": _DEB, "apk": _APK}


def programs_of(manager: str, word: str) -> frozenset[str] | None:
    """The programs that a package brings at most.

    Args:
        manager: The system manager's name.
        word: The word of the install command, with or without a version.

    Returns:
        Those of the programs that base images lack; None when anything may come.
    """
    table = _TABLES.get(manager, {})
    name = plain_name(word)
    found = table.get(name)
    if found is None:
        if is_closed(name):
            return frozenset()
        found = next((text for pattern, text in table.items() if "*" in pattern and matches(pattern, name)), None)
    return None if found is None else words(found)
