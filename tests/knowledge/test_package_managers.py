"""The tables of package managers: what their commands do, and what they leave."""

import re

import pytest

from dfadvise.knowledge.language_managers import (
    LANGUAGE_MANAGERS,
)
from dfadvise.knowledge.options import config_value, first_operand, operands, option_at
from dfadvise.knowledge.package_managers import (
    APT,
    DNF,
    SYSTEM_MANAGERS,
    emptied,
    system_manager,
    system_use,
)
from dfadvise.knowledge.support import Support, supports

BY_NAME = {manager.name: manager for manager in LANGUAGE_MANAGERS}


def support_end(name: str, tag: str | None) -> Support | None:
    """The first support to end below an image; None when none is known to end."""
    found = [each for each in supports(name, tag) if each.end is not None]
    return min(found, key=lambda each: each.end or "") if found else None


ALL_MANAGERS = (*SYSTEM_MANAGERS, *LANGUAGE_MANAGERS)


# Options


@pytest.mark.parametrize(
    ("command", "found"),
    [
        ("apt-get install -t sid curl", ["install", "curl"]),
        ("apt-get install -yt sid curl", ["install", "curl"]),
        ("apt-get install -tsid curl", ["install", "curl"]),
        ("apt-get install --target-release=sid curl", ["install", "curl"]),
        ("apt-get -o A=b install -- -odd", ["install", "-odd"]),
        ("apt-get install -t", ["install"]),
        ("apt-get", []),
    ],
)
def test_operands_leave_option_values_out(command: str, found: list[str]) -> None:
    words = command.split()
    assert [words[at] for at in operands(words, 1, APT.before)] == found
    first = first_operand(words, 1, APT.before)
    assert (words[first] if first >= 0 else None) == (found[0] if found else None)


@pytest.mark.parametrize(
    ("command", "names", "at"),
    [
        ("npm ci --omit dev", ("--omit=dev",), 2),
        ("npm ci --omit=dev", ("--omit=dev",), 2),
        ("npm ci --omit=optional", ("--omit=dev",), -1),
        ("apt-get -qqy install x", ("-y",), 1),
        ("apt-get install -t y x", ("-y",), -1),  # y is a release here
        ("apt-get install -o y=-y x", ("-y",), -1),
        ("yarn --production=false", ("--production",), -1),
        ("yarn --production=true", ("--production",), 1),
        ("npm i -- --production", ("--production",), -1),
        ("npm i", (), -1),
    ],
)
def test_option_at(command: str, names: tuple[str, ...], at: int) -> None:
    values = APT.before if command.startswith("apt") else frozenset({"--omit"})
    assert option_at(command.split(), names, values) == at


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('APT::Install-Recommends "false";', "false"),
        ("APT::Install-Recommends=0", "0"),
        ("apt::install-recommends=true\nAPT::Install-Recommends=false", "false"),
        ("APT::Install-Recommends", None),
        ("APT::Install-Recommends-Important=1", None),
        ("", None),
    ],
)
def test_config_value_reads_words_and_files(text: str, value: str | None) -> None:
    assert config_value(text, "apt::install-recommends") == value


# System package managers


@pytest.mark.parametrize(
    ("command", "effect"),
    [
        ("apt-get update", "apt refresh"),
        ("apt-get -qq -o Acquire::Retries=3 install -y curl", "apt install"),
        ("/usr/bin/apt-get install -y curl", "apt install"),
        ("apt install -t bookworm-backports git", "apt install"),
        ("aptitude -y safe-upgrade", "apt upgrade"),
        ("apt-get upgrade curl", "apt upgrade"),
        ("apt-get dist-upgrade", "apt release-upgrade"),
        ("apt-get purge -y --auto-remove gcc", "apt remove"),
        ("apk add --no-cache -t .build gcc", "apk install"),
        ("apk --no-cache --virtual .build add gcc", "apk install"),
        ("apk -X https://x/main add gcc", "apk install"),
        ("apk upgrade", "apk upgrade"),
        ("apk upgrade musl", "apk install"),
        ("apk del .build", "apk remove"),
        ("dnf -y --enablerepo epel install x", "dnf install"),
        ("dnf group install -y tools", "dnf install"),
        ("dnf module enable nodejs:20", "dnf install"),
        ("microdnf install -y x", "dnf install"),
        ("tdnf install -y x", "dnf install"),
        ("yum update -y", "yum upgrade"),
        ("yum update -y bash", "yum install"),
        ("yum makecache", "yum refresh"),
        ("zypper -n in curl", "zypper install"),
        ("zypper -D /etc/repos ref", "zypper refresh"),
        ("zypper in -D curl", "zypper install"),
        ("zypper dup", "zypper release-upgrade"),
        ("pacman -Sy --noconfirm git", "pacman install"),
        ("pacman --noconfirm -Syu", "pacman upgrade"),
        ("pacman -Syy", "pacman refresh"),
        ("pacman --sync --refresh git", "pacman install"),
        ("pacman -Rns git", "pacman remove"),
        ("pacman -U ./x.pkg.tar.zst", "pacman install"),
        ("pacman -Scc", "pacman clean"),
    ],
)
def test_system_use(command: str, effect: str) -> None:
    use = system_use(command.split())
    assert use is not None
    assert f"{use.manager.name} {use.effect}" == effect


@pytest.mark.parametrize(
    "command",
    [
        "apt-cache search install",
        "apt-get",
        "apt-get -y",
        "apt list --installed",
        "apt-mark hold x",
        "apk info",
        "apk",
        "dnf module list",
        "dnf list install",
        "dnf config-manager --enable x",
        "rpm -i x.rpm",
        "zypper search x",
        "pacman -Ss git",
        "pacman -Qi git",
        "pacman",
        "echo apt-get install",
        "apt-get \0",
        "",
    ],
)
def test_system_use_is_silent(command: str) -> None:
    assert system_use(command.split(" ") if command else []) is None


def test_system_manager() -> None:
    assert system_manager("dnf5") is DNF
    assert system_manager("pip") is None


def test_verb_position() -> None:
    use = system_use("apt-get -o A=b install -y curl".split())
    assert use is not None
    assert (use.at, use.start) == (3, 4)


@pytest.mark.parametrize(
    ("command", "answered"),
    [
        ("apt-get install -y x", True),
        ("apt-get install --assume-yes x", True),
        ("apt-get install -qq x", True),
        ("apt-get -q -q install x", True),
        ("apt-get -q=2 install x", True),
        ("apt-get --quiet --quiet install x", True),
        ("apt-get -o APT::Get::Assume-Yes=true install x", True),
        ("apt-get -o APT::Get::Assume-Yes=false install x", False),
        ("apt-get -q install x", False),
        ("apt-get -q=1 install x", False),
        ("apt-get install yes", False),
        ("apt-get install --no-install-recommends x", False),
        ("apk add x", True),
        ("dnf install -y x", True),
        ("dnf install --setopt=assumeyes=1 x", True),
        ("dnf install --setopt=assumeyes=0 x", False),
        ("yum install x", False),
        ("zypper --non-interactive install x", True),
        ("zypper install -y x", True),
        ("zypper install x", False),
        ("pacman -S --noconfirm x", True),
        ("pacman -S x", False),
    ],
)
def test_answers_yes(command: str, answered: bool) -> None:
    words = command.split()
    manager = system_manager(words[0])
    assert manager is not None
    assert manager.answers_yes(words) is answered


@pytest.mark.parametrize(
    ("command", "left_out"),
    [
        ("apt-get install --no-install-recommends x", True),
        ("apt-get install -o APT::Install-Recommends=false x", True),
        ('apt-get install -o APT::Install-Recommends="0" x', True),
        ("apt-get install -o APT::Install-Recommends=true x", False),
        ("apt-get install x", False),
        ("dnf install --setopt=install_weak_deps=False x", True),
        ("dnf --setopt install_weak_deps=0 install x", True),
        ("dnf install --setopt=install_weak_deps=True x", False),
        ("zypper in --no-recommends x", True),
        ("zypper in x", False),
    ],
)
def test_leaves_extras_out(command: str, left_out: bool) -> None:
    words = command.split()
    manager = system_manager(words[0])
    assert manager is not None
    assert manager.leaves_extras_out(words) is left_out


@pytest.mark.parametrize(
    ("command", "manager", "kinds"),
    [
        ("apt-get clean", "apt", ("archives",)),
        ("apt-get dist-clean", "apt", ("lists", "archives")),
        ("apt-get autoclean", "apt", ()),
        ("dnf clean all", "dnf", ("cache",)),
        ("dnf -y clean all", "dnf", ("cache",)),
        ("dnf clean metadata", "dnf", ()),
        ("dnf clean all", "yum", ("cache",)),  # yum is dnf from EL 8 on
        ("yum clean all", "zypper", ()),
        ("zypper cc -a", "zypper", ("cache",)),
        ("npm cache clean --force", "npm", ("cache",)),
        ("npm cache clean", "npm", ()),  # does nothing without --force
        ("npm cache clean --force", "pnpm", ()),
        ("conda clean -afy", "conda", ("cache",)),
        ("conda clean --all -y", "conda", ("cache",)),
        ("conda clean -ty", "conda", ()),
        ("mamba clean -a", "conda", ("cache",)),
        ("pip cache purge", "pip", ("cache",)),
        ("pip cache list", "pip", ()),
        ("yarn cache clean", "yarn", ("cache",)),
        ("pnpm store prune", "pnpm", ("cache",)),
        ("uv cache clean", "uv", ("cache",)),
        ("composer clear-cache", "composer", ("cache",)),
        ("go clean -modcache -cache", "go", ("cache",)),
        ("go clean -testcache", "go", ()),
        ("apk del gcc", "apk", ()),
    ],
)
def test_emptied(command: str, manager: str, kinds: tuple[str, ...]) -> None:
    row = next(row for row in ALL_MANAGERS if row.name == manager)
    assert emptied(command.split(), row) == kinds


def test_pacman_clean_up_needs_a_piped_answer() -> None:
    pacman = system_manager("pacman")
    assert pacman is not None
    assert [cleanup.piped for cleanup in pacman.cleanups] == [True]


# All managers


@pytest.mark.parametrize("manager", ALL_MANAGERS, ids=lambda manager: manager.name)
def test_manager_rows_hold_together(manager) -> None:  # type: ignore[no-untyped-def]
    assert manager.sharing == ("locked" if manager.system else manager.sharing)
    assert manager.rank in (1, 2, 3)
    assert manager.default_verb == "" or manager.default_verb in manager.verbs
    assert set(manager.frozen_verbs) <= set(manager.verbs)
    assert set(manager.quiet_verbs) <= set(manager.verbs)
    assert set(manager.locks) <= set(manager.manifests)
    effects = {"install", "upgrade", "release-upgrade", "refresh", "remove", "download", "compile", "clean"}
    assert set(manager.verbs.values()) <= effects
    assert all(option.startswith("-") for option in manager.before | manager.after)
    for leftover in manager.leftovers:
        assert leftover.paths
        assert (leftover.date is None) == (leftover.low is None and leftover.share is None)
    if manager.leftovers:
        assert manager.cleanup
        assert manager.mounts
    for codes in manager.aliases.values():
        assert all(re.fullmatch(r"DL\d{4}|DS-\d{4}|DKL-DI-\d{4}|(kics|semgrep|tally|slim):\S+", code) for code in codes)


def test_sizes_are_only_those_that_were_measured() -> None:
    sized = {
        (manager.name, leftover.kind)
        for manager in ALL_MANAGERS
        for leftover in manager.leftovers
        if leftover.low is not None
    }
    shared = {manager.name for manager in ALL_MANAGERS for leftover in manager.leftovers if leftover.share}
    assert sized == {("apt", "lists")}
    assert shared == {"pip", "npm"}


def test_locked_caches() -> None:
    locked = {manager.name for manager in ALL_MANAGERS if manager.sharing == "locked"}
    assert locked == {"apt", "apk", "dnf", "yum", "zypper", "pacman", "conda", "gradle", "yarn"}


@pytest.mark.parametrize(
    ("manager", "rule", "variants", "codes"),
    [
        ("apt", "package-cache-left", (), "DL3009 kics:df746b39 semgrep:remove-package-lists DKL-DI-0005"),
        ("apt", "package-cache-left", ("archives",), "semgrep:remove-package-cache"),
        ("apt", "system-upgrade", ("dist-upgrade",), "DS-0024 semgrep:avoid-apt-get-upgrade DKL-DI-0003"),
        ("apt", "system-upgrade", ("upgrade",), "semgrep:avoid-apt-get-upgrade DKL-DI-0003"),
        ("dnf", "package-cache-left", ("dnf",), "DL3040 DS-0019 kics:295acb63 semgrep:missing-dnf-clean-all"),
        ("dnf", "package-cache-left", ("microdnf",), "DL3040 DS-0027 kics:295acb63 semgrep:missing-dnf-clean-all"),
        ("yum", "interactive-command", (), "DL3030 kics:6e19193a semgrep:missing-yum-assume-yes-switch"),
        ("zypper", "system-upgrade", ("dup",), "DL3035"),
        ("yarn", "unpinned-package", ("add",), "DL3016 kics:e36d8880"),
        ("yarn", "unpinned-package", ("install",), ""),
        ("apk", "recommended-packages", (), ""),
        ("pip", "package-cache-left", (), "DL3042 kics:f2f903fb semgrep:missing-pip-no-cache-dir"),
    ],
)
def test_codes(manager: str, rule: str, variants: tuple[str, ...], codes: str) -> None:
    row = next(row for row in ALL_MANAGERS if row.name == manager)
    assert row.codes(rule, *variants) == tuple(codes.split())
