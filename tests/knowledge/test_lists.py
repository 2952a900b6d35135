"""Lists of packages, commands, hosts and names; manifests and frontends."""

import pytest

from dfadvise.knowledge import ecosystems, frontend, lists, packages
from dfadvise.knowledge.hosts import DEAD_MARKS, dead_host, redirects, split_url, vulnerable
from dfadvise.knowledge.language_managers import (
    LANGUAGE_MANAGERS,
)
from dfadvise.knowledge.support import Support, supports

BY_NAME = {manager.name: manager for manager in LANGUAGE_MANAGERS}


def support_end(name: str, tag: str | None) -> Support | None:
    """The first support to end below an image; None when none is known to end."""
    found = [each for each in supports(name, tag) if each.end is not None]
    return min(found, key=lambda each: each.end or "") if found else None


# Ecosystems


def test_every_row_of_ecosystems_is_complete() -> None:
    assert [row.name for row in ecosystems.ECOSYSTEMS] == [
        "node",
        "node static",
        "python",
        "go",
        "rust",
        "java",
        "dotnet",
        "php",
        "ruby",
        "c",
    ]
    for row in ecosystems.ECOSYSTEMS:
        assert row.build
        assert row.copies
        assert row.run_image or row.display
        assert not any("skipTests" in command for command in row.build)
        assert ecosystems.ecosystem(row.name) is row
    shown = {row.name for row in ecosystems.ECOSYSTEMS if row.display}
    assert shown == {"node static", "ruby", "c"}


# Lists


@pytest.mark.parametrize(
    ("manager", "word", "tool"),
    [
        ("apt", "build-essential", True),
        ("apt", "gcc-12", True),
        ("apt", "gcc-12-base", False),
        ("apt", "g++", True),
        ("apt", "libssl-dev=3.0.*", True),
        ("apt", "libssl3", False),
        ("apt", "openjdk-17-jdk-headless", True),
        ("apt", "openjdk-17-jre-headless", False),
        ("apt", "makedev", False),
        ("apk", "build-base", True),
        ("apk", "libffi-dev~=3", True),
        ("apk", "$PHPIZE_DEPS", True),
        ("apk", "openjdk17-jdk", True),
        ("apk", "openjdk17-jre", False),
        ("apk", "libgcc", False),
        ("dnf", "gcc-c++", True),
        ("dnf", "openssl-devel-3.0.7", True),
        ("yum", "Development Tools", True),
        ("dnf", "java-17-openjdk-devel", True),
        ("dnf", "java-17-openjdk", False),
        ("npm", "gcc", False),
    ],
)
def test_build_tools(manager: str, word: str, tool: bool) -> None:
    assert packages.is_build_tool(manager, word) is tool


@pytest.mark.parametrize(
    ("word", "why"),
    [
        ("vim", "person"),
        ("htop=3.2*", "person"),
        ("linux-image-amd64", "host"),
        ("nvidia-driver-535", "host"),
        ("vim-tiny-data", None),
        ("curl", None),
        ("sudoku", None),
    ],
)
def test_needless(word: str, why: str | None) -> None:
    assert packages.needless(word) == why


def test_closed_packages() -> None:
    assert packages.is_closed("tzdata")
    assert packages.is_closed("fonts-noto")
    assert packages.is_closed("libjpeg62-turbo")
    assert not packages.is_closed("curl")
    assert not packages.is_closed("python3")


def test_no_musl_build() -> None:
    assert packages.lacks_musl_build("pip", "torch==2.4")
    assert packages.lacks_musl_build("npm", "playwright@1")
    assert not packages.lacks_musl_build("pip", "torchmetrics")
    assert not packages.lacks_musl_build("npm", "torch")
    assert not packages.lacks_musl_build("pip", "numpy")


@pytest.mark.parametrize(
    ("pattern", "text", "matched"),
    [
        ("*.log", "a.log", True),
        ("*.log", ".log", True),
        ("gcc*", "gcc", True),
        ("openjdk-*-jdk*", "openjdk-17-jdk", True),
        ("openjdk-*-jdk*", "openjdk-jdk", False),
        ("a*a", "a", False),
        ("a*b*c", "axbxc", True),
        ("a*b*c", "acb", False),
        ("*", "", True),
        ("", "", True),
        ("x", "y", False),
    ],
)
def test_matches(pattern: str, text: str, matched: bool) -> None:
    assert packages.matches(pattern, text) is matched


@pytest.mark.parametrize(
    ("name", "has_default", "changes"),
    [
        ("GIT_COMMIT", False, True),
        ("BUILD_DATE", True, True),
        ("git_sha", False, True),
        ("CI_PIPELINE_ID", False, True),
        ("GITHUB_SHA", False, True),
        ("VCS_REF", False, True),
        ("VERSION", False, True),
        ("VERSION", True, False),
        ("APP_VERSION", True, False),
        ("GIT_SSL_NO_VERIFY", True, False),
        ("GIT_TERMINAL_PROMPT", True, False),
        ("PYTHON_VERSION", False, False),
        ("DEBIAN_RELEASE", False, False),
        ("BUILD_TYPE", False, False),
        ("UPDATE", False, False),
    ],
)
def test_volatile(name: str, has_default: bool, changes: bool) -> None:
    assert lists.volatile(name, has_default) is changes


def test_deliberate_and_base_names() -> None:
    assert lists.deliberate("CACHEBUST")
    assert lists.deliberate("bust_cache")
    assert not lists.deliberate("ROBUST_MODE")
    assert lists.base_env("JAVA_HOME")
    assert lists.base_env("PHP_INI_DIR")
    assert not lists.base_env("PHPRC")
    assert not lists.base_env("MY_VAR")


@pytest.mark.parametrize(
    ("command", "is_pointless"),
    [
        ("/usr/bin/top", True),
        ("vim x", True),
        ("docker ps", True),
        ("docker build", False),
        ("systemctl status x", True),
        ("systemctl enable x", False),
        ("echo top", False),
        ("apt-get install vim", False),
        ("", False),
    ],
)
def test_pointless(command: str, is_pointless: bool) -> None:
    assert lists.pointless(command.split()) is is_pointless


def test_pointless_gpu_query() -> None:
    assert lists.pointless(["python3", "-c", "import torch; print(torch.cuda.is_available())"])
    assert not lists.pointless(["python3", "-c", "print(1)"])


@pytest.mark.parametrize(
    ("command", "what", "word"),
    [
        ("apt-key add -", "apt-key", "apt-key"),
        ("go get github.com/a/b", "go get of programs", "get"),
        ("poetry install --no-dev", "poetry --no-dev", "--no-dev"),
        ("npm install --production", "npm --production", "--production"),
        ("npm ci --only=prod", "npm --only", "--only=prod"),
        ("bundle install --without test", "bundle install --without", "--without"),
        ("bundle install --jobs 4 --deployment", "bundle install --deployment", "--deployment"),
        ("python3 setup.py install", "setup.py install", "setup.py"),
        ("easy_install pip", "easy_install", "easy_install"),
        ("pip install --install-option=x y", "pip --install-option", "--install-option=x"),
        ("composer install --no-suggest", "composer --no-suggest", "--no-suggest"),
        ("dnf config-manager --add-repo https://x", "dnf config-manager --add-repo", "--add-repo"),
        ("corepack enable", "corepack", "corepack"),
    ],
)
def test_retired_commands(command: str, what: str, word: str) -> None:
    words = command.split()
    found = lists.retired_command(words)
    assert found is not None
    assert found[0].what == what
    assert words[found[1]] == word
    assert found[0].replacement


@pytest.mark.parametrize(
    "command",
    [
        "npm ci --omit=dev",
        "yarn install --production",
        "go get",
        "go install x@v1",
        "poetry install --only main",
        "bundle config set without test",
        "python setup.py build",
        "python app.py install",
        "pip install x",
        "echo apt-key",
        "",
    ],
)
def test_current_commands(command: str) -> None:
    assert lists.retired_command(command.split()) is None


def test_unverified_versions_say_so() -> None:
    assert not lists.COREPACK.verified
    assert lists.APT_KEY.verified


@pytest.mark.parametrize(
    ("url", "suites", "successor"),
    [
        ("ha.pool.sks-keyservers.net", (), "keys.openpgp.org or keyserver.ubuntu.com"),
        ("hkp://pool.sks-keyservers.net:80", (), "keys.openpgp.org or keyserver.ubuntu.com"),
        ("https://dl.bintray.com/x", (), None),
        ("https://apt.kubernetes.io/", (), "pkgs.k8s.io"),
        ("https://packages.cloud.google.com/apt", ("kubernetes-xenial", "main"), "pkgs.k8s.io"),
        ("http://mirrorlist.centos.org/?release=7", (), None),
        ("http://security.debian.org/debian-security", ("buster/updates", "main"), "Debian's archive"),
        ("http://ftp.de.debian.org/debian", ("stretch-backports", "main"), "Debian's archive"),
        ("git://github.com/a/b.git", (), "https://github.com"),
        ("http://repo1.maven.org/maven2", (), "https"),
        ("https://k8s.gcr.io/v2/x", (), "registry.k8s.io"),
    ],
)
def test_dead_hosts(url: str, suites: tuple[str, ...], successor: str | None) -> None:
    found = dead_host(url, suites)
    assert found is not None
    assert found.successor == successor
    assert any(mark in " ".join((url, *suites)) for mark in DEAD_MARKS)


@pytest.mark.parametrize(
    ("url", "suites"),
    [
        ("keys.openpgp.org", ()),
        ("https://packages.cloud.google.com/apt", ("cloud-sdk", "main")),
        ("http://ftp.de.debian.org/debian", ("bookworm", "main")),
        ("http://archive.debian.org/debian", ("buster", "main")),
        ("https://snapshot.debian.org/archive/debian/20200101T000000Z", ("buster", "main")),
        ("https://github.com/a/b.git", ()),
        ("https://repo1.maven.org/maven2", ()),
        ("https://example.com/sks-keyservers.net", ()),
        ("https://notsks-keyservers.net", ()),
        ("", ()),
    ],
)
def test_living_hosts(url: str, suites: tuple[str, ...]) -> None:
    assert dead_host(url, suites) is None


def test_redirects() -> None:
    assert redirects("https://github.com/a/b/releases/download/v1/x.tar.gz")
    assert redirects("https://github.com/a/b/archive/v1.tar.gz")
    assert redirects("https://downloads.sourceforge.net/x")
    assert redirects("https://golang.org/dl/go1.tar.gz")
    assert not redirects("https://github.com/a/b/raw/main/x")
    assert not redirects("https://golang.org/doc")
    assert not redirects("https://notbit.ly/x")
    assert not redirects("https://example.com/github.com/a/b/releases/x")


def test_split_url() -> None:
    assert split_url("HTTPS://user:pw@Example.com:8443/a?b") == ("https", "example.com", "/a?b")
    assert split_url("example.com") == ("", "example.com", "")


@pytest.mark.parametrize(
    ("text", "cve"),
    [
        ("https://www.openssl.org/source/openssl-3.0.5.tar.gz", "CVE-2022-3602"),
        ("https://github.com/openssl/openssl/archive/refs/tags/openssl-3.0.0.tar.gz", "CVE-2022-3602"),
        ("openssl-1.0.1f.tar.gz", "CVE-2014-0160"),
        ("openssl-1.0.1.tar.gz", "CVE-2014-0160"),
        ("https://x/log4j-core/2.14.1/log4j-core-2.14.1.jar", "CVE-2021-44228"),
        ("https://x/releases/download/v5.6.1/xz-5.6.1.tar.gz", "CVE-2024-3094"),
        ("xz=5.6.0", "CVE-2024-3094"),
    ],
)
def test_vulnerable(text: str, cve: str) -> None:
    found = vulnerable(text)
    assert found is not None
    assert found.cve == cve


@pytest.mark.parametrize(
    "text",
    [
        "openssl-3.0.7.tar.gz",
        "openssl-3.1.0.tar.gz",
        "openssl-1.0.1g.tar.gz",
        "openssl=3.0.2-0ubuntu1.10",  # mended by the distribution
        "pyopenssl-3.0.1",
        "log4j-core-2.17.1.jar",
        "log4j-api-2.14.1.jar",
        "xz-5.4.6.tar.gz",
        "xz-utils",
        "openssl",
        "openssl-",
        "",
    ],
)
def test_not_vulnerable(text: str) -> None:
    assert vulnerable(text) is None


def test_junk() -> None:
    rows = {row.name: row for row in lists.JUNK}
    assert {".git", "node_modules", "__pycache__", "*.log", ".DS_Store"} <= set(rows)
    assert rows["target"].beside == ("Cargo.toml", "pom.xml")
    assert rows["vendor"].managers == ("composer", "bundler")
    assert rows["dist"].built
    assert not rows["*.log"].folder


# Frontend


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("docker/dockerfile:1.4", (1, 4)),
        ("docker/dockerfile:1.7-labs", (1, 7)),
        ("docker.io/docker/dockerfile:1.2.1", (1, 2)),
        ("docker/dockerfile:1.7.0@sha256:abc", (1, 7)),
        ("docker/dockerfile:1", frontend.NEWEST),
        ("docker/dockerfile", frontend.NEWEST),
        ("docker/dockerfile:labs", frontend.NEWEST),
        ("docker/dockerfile:1@sha256:abc", None),
        ("docker/dockerfile:experimental", None),
        ("docker/dockerfile-upstream:master", None),
        ("example.com/frontend:1", None),
        ("docker/dockerfile:", None),
        ("", None),
    ],
)
def test_frontend_version(reference: str, expected: tuple[int, int] | None) -> None:
    assert frontend.frontend_version(reference) == expected


def test_frontend_features() -> None:
    assert frontend.supported("heredoc", frontend.DEFAULT)
    assert not frontend.supported("ADD git", frontend.DEFAULT)
    assert not frontend.supported("RUN --device", frontend.NEWEST)
    assert frontend.supported("RUN --device", frontend.NEWEST, labs=True)
    assert frontend.is_labs("docker/dockerfile:1.7-labs")
    assert not frontend.is_labs("docker/dockerfile:1.7")
