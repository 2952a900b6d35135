"""What bases that nobody had tried yet taught: zypper's repositories, the oldest releases, RPM images, late prunes."""

import pytest

from rule_answers import applicability, findings, lines, messages, shown_levels

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
        "nvidia/cudagl:10.1-devel-ubuntu18.04",
        "nvcr.io/nvidia/cudagl:9.2-runtime-centos7",
        "nvidia/opengl:1.2-glvnd-runtime-ubuntu18.04",
    ],
)
def test_the_oldest_releases(image):
    assert shown_levels("expired-base-image", f"FROM {image}\n") == ["warning"]


@pytest.mark.parametrize(
    "image",
    [
        "opensuse/leap:16.0",
        "opensuse/tumbleweed",
        "opensuse/archive:42.3",
        "oraclelinux:9",
        "example.com/ubuntu:lucid",
        "nvidia/cudagl:11.3.0-devel",
        "nvidia/cudagl:12.5.1-devel-ubuntu24.04",
        "atinfinity/cudagl:10.1-devel-ubuntu18.04",
        "nvidia/opengl",
    ],
)
def test_releases_that_are_supported_or_not_known(image):
    assert findings("expired-base-image", f"FROM {image}\n") == []


def test_what_took_the_place_of_opensuse():
    def told(image):
        return messages("expired-base-image", f"FROM {image}\n")[0]

    assert told("opensuse/leap:42.3") == "opensuse leap 42.3 is out of support, 16.0 is supported until 2027-10-31"
    assert told("opensuse:42.3") == "opensuse gets no more images since 2019-07, opensuse/leap took its place"
    assert told("opensuse:tumbleweed").endswith(", opensuse/tumbleweed took its place")


RPM_IMAGES = [
    "fedora:43",
    "quay.io/fedora/fedora-minimal:43",
    "rockylinux:9",
    "rockylinux/rockylinux:9-minimal",
    "almalinux:10",
    "almalinux/9-base",
    "centos",
    "centos:7",
    "quay.io/centos/centos:stream9",
    "oraclelinux:9-slim",
    "amazonlinux:2023",
    "ubi9",
    "ubi9/ubi",
    "registry.access.redhat.com/ubi8-init:latest",
    "redhat/ubi9-micro",
    "opensuse/leap:16.0",
    "opensuse/tumbleweed",
]
FOREIGN = ["apt-get install -y sudo", "apt install -y sudo", "apk add sudo", "pacman -Sy --noconfirm sudo"]


@pytest.mark.parametrize("image", RPM_IMAGES)
@pytest.mark.parametrize("command", FOREIGN)
def test_managers_of_other_packages_on_rpm_images(image, command):
    assert shown_levels("missing-program", f"FROM {image}\nRUN {command}\n") == ["error"]


@pytest.mark.parametrize("image", RPM_IMAGES)
@pytest.mark.parametrize(
    "before",
    [
        "RUN yum install -y epel-release && yum install -y apt",
        "RUN dnf install -y apt",
        "RUN zypper -n in zypper-aptitude",
        "RUN microdnf install -y pacman",
        "RUN rpm -i https://example.com/apt.rpm",
        "COPY --from=tools / /",
        "COPY tools/ /usr/local/bin/",
        "COPY apt-get apt apk pacman /usr/local/bin/",
        "COPY --chmod=755 setup.sh /\nRUN /setup.sh",
        "RUN curl -fsSL https://example.com/setup.sh | sh",
        "RUN curl -fsSL https://example.com/a.tar.gz | tar xz -C /usr",
    ],
)
def test_what_may_bring_them(image, before):
    # The image may lack what brings them too, such as tar or zypper.
    for command in FOREIGN:
        text = f"FROM {image}\n{before}\nRUN {command}\n"
        last = text.count("\n")
        assert last not in lines("missing-program", text)


@pytest.mark.parametrize(
    "text",
    [
        "FROM example.com/fedora:43\nRUN apt-get install -y sudo\n",
        "FROM quay.io/startx/fedora:latest\nRUN apt-get install -y sudo\n",
        "FROM quay.io/fedora/s2i-core:40\nRUN apt-get install -y sudo\n",
        "FROM registry.access.redhat.com/ubi8/nodejs-16\nRUN apk add sudo\n",
        "ARG BASE\nFROM ${BASE}\nRUN apt-get install -y sudo\n",
        "FROM centos:7\nRUN command -v apt-get && apt-get install -y sudo || yum install -y sudo\n",
        "FROM opensuse/leap:16.0\nRUN zypper -n in sudo\n",
        "FROM centos:7\nRUN yum install -y sudo wget\nRUN wget --version && git --version\n",
        "FROM centos:7\nRUN wget --version && git --version && make\n",
        "FROM archlinux\nRUN pacman -Sy --noconfirm sudo\n",
        "FROM centos:7\nRUN if [ -x /usr/bin/apt-get ]; then apt-get install -y sudo; fi\n",
    ],
)
def test_what_is_not_told_of_rpm_images(text):
    assert findings("missing-program", text) == []


CENTOS = "FROM centos:8\nRUN "


@pytest.mark.parametrize(
    "script",
    [
        "dnf check-update || : ; dnf install -y wget && dnf clean all",
        "dnf check-update || true\nRUN dnf install -y wget",
        "if dnf makecache; then echo there; fi; dnf install -y wget",
        "yum install -y a || echo none; yum install -y b",
    ],
)
def test_an_install_behind_a_guarded_command_fails_without_mirrors(script):
    assert shown_levels("expired-base-image", f"{CENTOS}{script}\n") == ["error"]


@pytest.mark.parametrize(
    "script",
    [
        "dnf check-update || :",
        "dnf check-update || true; dnf install -y wget || true",
        "dnf check-update || sed -i s/mirror/vault/ /etc/yum.repos.d/*.repo; dnf install -y wget",
        "if ! dnf makecache; then curl -o /etc/yum.repos.d/c.repo https://example.com/c.repo; fi; dnf install -y wget",
        "yum -y update || :\nCOPY c.repo /etc/yum.repos.d/\nRUN yum install -y wget",
    ],
)
def test_guarded_commands_and_other_mirrors_stay_a_warning(script):
    assert shown_levels("expired-base-image", f"{CENTOS}{script}\n") == ["warning"]


@pytest.mark.parametrize(
    "command",
    [
        "addrepo -G http://example.com/r/ r",
        "ar -fG http://example.com/r/ r",
        "ar --no-gpgcheck --refresh http://example.com/r.repo",
    ],
)
def test_a_repository_without_signatures_over_http(command):
    assert shown_levels("clear-text-download", ZYPPER + command + "\n") == ["warning"]


@pytest.mark.parametrize(
    "command",
    [
        "addrepo http://example.com/r/ r",
        "ar -f --gpgcheck http://example.com/r/ r",
        "ar -G https://example.com/r/ r",
        "ar -G http://mirror.lan/r/ r",
        "mr -G r && echo http://example.com/",
    ],
)
def test_repositories_that_are_signed_encrypted_or_near(command):
    assert shown_levels("clear-text-download", ZYPPER + command + "\n") == []


NODE = 'FROM node:22-slim\nWORKDIR /app\nCOPY . .\n{}\nCMD ["node", "dist/server.js"]\n'


@pytest.mark.parametrize(
    ("runs", "by"),
    [
        ("RUN npm ci\nRUN npx tsc && npm prune --omit=dev", "npm prune"),
        ("RUN npm ci\nRUN npm run build\nRUN npm prune --production", "npm prune"),
        ("RUN npm ci\nRUN npm run build\nRUN npm prune --omit dev", "npm prune"),
        ("RUN yarn install --frozen-lockfile\nRUN yarn build && npm prune --production", "npm prune"),
        ("RUN pnpm install --frozen-lockfile\nRUN pnpm build && pnpm prune --prod", "pnpm prune"),
        ("RUN npm ci && npm run build\nRUN npm ci --omit=dev", "npm ci"),
        ("RUN --mount=type=cache,target=/root/.npm npm ci\nRUN ./build.sh\nRUN npm prune --omit=dev", "npm prune"),
    ],
)
def test_dependencies_that_a_later_layer_hides(runs, by):
    told = messages("dev-dependencies-shipped", NODE.format(runs))
    assert len(told) == 1
    assert told[0].endswith(f"development dependencies that {by} only hides, in a later layer")
    assert applicability("dev-dependencies-shipped", NODE.format(runs)) == [None]


@pytest.mark.parametrize(
    "runs",
    [
        "RUN npm ci && npx tsc && npm prune --omit=dev",
        "RUN npm ci\nRUN npx tsc",
        "RUN npm ci\nRUN npx tsc && npm prune",
        "RUN npm ci\nRUN npx tsc && npm prune typescript --omit=dev",
        "RUN npm ci\nRUN npx tsc && npm prune --omit=dev --dry-run",
        "RUN npm ci\nRUN npx tsc && cd web && npm prune --omit=dev",
        'RUN npm ci\nRUN npx tsc; if [ -n "$CI" ]; then npm prune --omit=dev; fi',
        "RUN npm ci\nRUN npm run build --production",
        "RUN npm ci --omit=dev\nRUN npm prune --omit=dev",
        "RUN --mount=type=cache,target=/app/node_modules npm ci\nRUN npx tsc && npm prune --omit=dev",
    ],
)
def test_dependencies_that_no_later_layer_hides(runs):
    assert findings("dev-dependencies-shipped", NODE.format(runs)) == []


def test_hidden_dependencies_are_left_out_where_nothing_has_a_use_for_them():
    def fixable(runs):
        return applicability("dev-dependencies-shipped", NODE.format(runs))

    assert fixable("RUN npm ci\nRUN npm prune --omit=dev") == ["unsafe"]
    assert fixable("RUN npm ci\nRUN ./make.sh\nRUN npm prune --omit=dev") == [None]
    assert fixable("RUN npm ci && ./make.sh\nRUN npm prune --omit=dev") == [None]


def test_a_stage_that_does_not_ship_may_prune_late():
    build = NODE.format("RUN npm ci\nRUN npx tsc && npm prune --omit=dev").replace("-slim", " AS build")
    text = f'{build}FROM node:22-slim\nCOPY --from=build /app /app\nCMD ["node", "/app/dist/server.js"]\n'
    assert findings("dev-dependencies-shipped", text) == []
