"""What bases that nobody had tried yet taught: zypper's repositories, the oldest releases, RPM images."""

import pytest

from rule_answers import applicability, findings, messages, shown_levels

ZYPPER = "FROM opensuse/leap:16.0\nRUN zypper --non-interactive "


@pytest.mark.parametrize(
    "command",
    [
        "addrepo -G https://example.com/r/ r",
        "addrepo --no-gpgcheck https://example.com/r/ r",
        "ar --no-gpgchecks --refresh https://example.com/r/ r",
        "ar -fG https://example.com/r/ r",
        "ar -cGf https://example.com/r.repo",
        "ar -G /srv/r.repo",
        "modifyrepo -G r",
        "mr --no-gpgcheck r",
        "mr -aG",
    ],
)
def test_a_repository_that_is_never_checked(command):
    assert shown_levels("package-signature-off", ZYPPER + command + "\n") == ["warning"]


@pytest.mark.parametrize(
    "command",
    [
        "addrepo -g https://example.com/r/ r",
        "addrepo --gpgcheck https://example.com/r/ r",
        "ar -nGNOME https://example.com/r/ r",
        "ar -f https://example.com/r/ -- -G",
        "ar -G dir:/srv/rpms r",
        "ar --no-gpgcheck file:///srv/rpms r",
        "ar -fG /srv/rpms r",
        "install -y G",
        "removerepo r && echo zypper ar -G https://example.com/r/ r",
    ],
)
def test_repositories_that_are_checked_or_on_a_disk(command):
    assert findings("package-signature-off", ZYPPER + command + "\n") == []


def test_a_letter_among_others_is_not_deleted_with_them():
    assert applicability("package-signature-off", f"{ZYPPER}mr -aG\n") == [None]
    assert applicability("package-signature-off", f"{ZYPPER}mr -a -G\n") == ["unsafe"]


@pytest.mark.parametrize(
    "image",
    [
        "ubuntu:12.04",
        "ubuntu:10.04",
        "ubuntu:precise",
        "ubuntu:lucid",
        "ubuntu:saucy",
        "buildpack-deps:eoan",
        "debian:squeeze",
        "debian:6",
        "opensuse",
        "opensuse:42.3",
        "opensuse:13.2",
        "opensuse/leap:42.3",
        "oraclelinux:6",
    ],
)
def test_the_oldest_releases(image):
    assert shown_levels("expired-base-image", f"FROM {image}\n") == ["warning"]


@pytest.mark.parametrize(
    "image",
    ["opensuse/leap:16.0", "opensuse/tumbleweed", "opensuse/archive:42.3", "oraclelinux:9", "example.com/ubuntu:lucid"],
)
def test_releases_that_are_supported_or_not_known(image):
    assert findings("expired-base-image", f"FROM {image}\n") == []


def test_what_took_the_place_of_opensuse():
    def told(image):
        return messages("expired-base-image", f"FROM {image}\n")[0]

    assert told("opensuse/leap:42.3") == "opensuse leap 42.3 is out of support, 16.0 is supported until 2027-10-31"
    assert told("opensuse:42.3") == "opensuse gets no more images since 2019-07, opensuse/leap took its place"
    assert told("opensuse:tumbleweed").endswith(", opensuse/tumbleweed took its place")
