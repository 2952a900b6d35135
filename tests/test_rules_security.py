"""The security rules beyond their docstrings: what they must say and must not say in files as people write them."""

import time

import pytest

from dfadvise import packs
from dfadvise.base.users import accounts
from dfadvise.source import Source
from dfadvise.stages import Dockerfile
from dfadvise.testing import Bench

RULES = {rule.id: rule for rule in packs.load_packs()}


def findings(rule, text, root=None, **options):
    return Bench(RULES[rule], root=root, options=options).findings(text)


def levels(rule, text, **options):
    return [finding.severity for finding in findings(rule, text, **options)]


def codes(rule, text, **options):
    return {alias for finding in findings(rule, text, **options) for alias in finding.aliases}


def shown(rule, text, **options):
    """What is said to those who did not ask for weaker readings."""
    return [f for f in findings(rule, text, **options) if f.severity != "style"]


class TestMissingUser:
    @pytest.mark.parametrize(
        "text",
        [
            'FROM ubuntu\nCMD ["/bin/bash", "--login"]\n',
            'FROM debian\nCMD ["python3.11"]\n',
            'FROM php:8\nCMD ["php", "-a"]\n',
            'FROM debian\nENTRYPOINT ["bash"]\n',
            'FROM debian\nRUN apk add --no-cache su-exec\nCMD ["/start"]\n',
            'FROM debian\nCOPY --from=tianon/gosu /gosu /usr/local/bin/\nCMD ["/start"]\n',
            'FROM fedora\nCMD ["/usr/sbin/init"]\n',
            'FROM debian\nCMD ["setpriv", "--reuid=1000", "--", "app"]\n',
            "FROM redis:8\n",
            'FROM mysql:8\nCMD ["mysqld"]\n',
            "FROM ghcr.io/linuxserver/baseimage-alpine:3.22\nEXPOSE 80\n",
        ],
        ids=[
            "login",
            "python",
            "php -a",
            "entrypoint",
            "su-exec",
            "gosu",
            "init",
            "setpriv",
            "redis",
            "mysql",
            "linuxserver",
        ],
    )
    def test_root_that_is_meant_is_only_told_to_those_who_ask(self, text):
        assert levels("missing-user", text) == ["style"]
        assert "sonar:S6471" not in codes("missing-user", text)

    @pytest.mark.parametrize(
        "text",
        [
            'FROM gcr.io/distroless/java17-debian12:debug-nonroot\nENTRYPOINT ["/app"]\n',
            'FROM gcr.io:443/distroless/static-debian12:nonroot\nENTRYPOINT ["/app"]\n',
            'FROM bitnami/node\nCMD ["node", "app"]\n',
            'FROM public.ecr.aws/lambda/python:3.13\nCMD ["app.handler"]\n',
            'FROM mcr.microsoft.com/windows/nanoserver:ltsc2025\nCMD ["app.exe"]\n',
            'FROM ${BASE}\nCMD ["app"]\n',
            'RUN true\nCMD ["app"]\n',
            'FROM debian\nUSER $SOMEBODY\nCMD ["app"]\n',
        ],
        ids=["nonroot", "port", "bitnami", "lambda", "nanoserver", "unknown", "fragment", "any user"],
    )
    def test_says_nothing(self, text):
        assert findings("missing-user", text) == []

    @pytest.mark.parametrize(
        "text",
        [
            'FROM debian\nCMD ["php"]\n',
            'FROM debian\nENTRYPOINT ["bash"]\nCMD ["script.sh"]\n',
            "FROM debian\nARG START\nCMD ${START}\n",
            'FROM postgres:17\nENTRYPOINT ["/own.sh"]\n',
            'FROM alpine AS base\nCMD ["bash"]\nFROM base\nCMD ["app"]\n',
            'FROM registry.example.com/distroless/static:nonroot\nENTRYPOINT ["/app"]\n',
        ],
        ids=["program", "script", "variable", "own entrypoint", "replaced shell", "another registry"],
    )
    def test_warns(self, text):
        assert levels("missing-user", text) == ["warning"]

    def test_an_image_to_build_on_is_only_a_note(self):
        assert levels("missing-user", "FROM debian\nRUN apt-get update\n") == ["info"]
        assert levels("missing-user", "FROM debian\nEXPOSE 80\n") == ["warning"]
        assert levels("missing-user", 'FROM debian\nONBUILD USER app\nCMD ["app"]\n') == ["info"]

    def test_is_told_of_the_last_from(self):
        text = 'FROM alpine AS builder\nRUN id\nFROM builder\nCMD ["app"]\n'
        [finding] = findings("missing-user", text)
        assert text[finding.span.start : finding.span.end] == "builder"
        assert text[: finding.span.start].count("\n") == 2

    def test_reads_the_entrypoint_script_of_the_context(self, tmp_path):
        (tmp_path / "docker").mkdir()
        text = 'FROM debian\nCOPY docker/ /usr/local/bin/\nENTRYPOINT ["/usr/local/bin/entrypoint.sh"]\n'
        (tmp_path / "docker" / "entrypoint.sh").write_text('#!/bin/sh\nexec "$@"\n')
        assert levels("missing-user", text, root=str(tmp_path)) == ["warning"]
        (tmp_path / "docker" / "entrypoint.sh").write_text('#!/bin/sh\nexec su-exec app "$@"\n')
        assert levels("missing-user", text, root=str(tmp_path)) == ["style"]

    def test_no_user_is_put_in_that_a_later_step_would_run_as(self):
        text = 'FROM debian\nRUN useradd app\nCMD ["app"]\nRUN apt-get update\n'
        [finding] = findings("missing-user", text)
        assert finding.fix is None

    def test_no_user_is_invented(self):
        assert findings("missing-user", 'FROM debian\nCMD ["app"]\n')[0].fix is None
        two = 'FROM debian\nRUN useradd a && useradd b\nCMD ["app"]\n'
        assert findings("missing-user", two)[0].fix is None
        distroless = 'FROM gcr.io/distroless/static-debian12\nCOPY app /\nENTRYPOINT ["/app"]\n'
        fixed = Bench(RULES["missing-user"]).fixed(distroless)
        assert fixed == distroless.replace("ENTRYPOINT", "USER 65532:65532\nENTRYPOINT")

    @pytest.mark.parametrize(
        ("lines", "fix"),
        [
            ('CMD ["app"]\n', True),
            ('CMD ["/usr/sbin/sshd", "-D"]\n', False),
            ('COPY start.sh /\nENTRYPOINT ["/start.sh"]\nCMD ["app"]\n', False),
            ('ENTRYPOINT ["docker-entrypoint"]\nCMD ["app"]\n', False),
            ('CMD ["/usr/bin/supervisord", "-n"]\n', False),
            ('RUN apt-get install -y gosu\nCMD ["app"]\n', False),
            ('RUN apk add su-exec\nENTRYPOINT ["su-exec", "app", "app"]\n', False),
            ('CMD ["php-fpm8.2"]\n', False),
            ("EXPOSE 80\n", False),
        ],
    )
    def test_root_may_be_needed(self, lines, fix):
        [finding] = findings("missing-user", f"FROM debian:12\nRUN useradd app\n{lines}")
        assert (finding.fix is not None) is fix


class TestRootUser:
    def test_a_builder_is_only_told_to_those_who_ask(self):
        text = "FROM debian AS base\nUSER root\nFROM scratch\nUSER app\n"
        assert levels("root-user", text) == ["style"]
        assert codes("root-user", text) == {"DL3002"}

    def test_root_comes_down_the_chain(self):
        text = "FROM debian AS base\nUSER root\nFROM base\nRUN true\n"
        assert levels("root-user", text) == ["warning"]
        assert not findings("missing-user", text)

    @pytest.mark.parametrize("user", ["root", "0", "root:root", "0:0", "ContainerAdministrator", '"0"'])
    def test_names_of_root(self, user):
        assert levels("root-user", f"FROM debian\nUSER {user}\nCMD app\n") == ["warning"]

    @pytest.mark.parametrize("user", ["rooty", "10", "app:root", "app:0", "$U"])
    def test_names_of_others(self, user):
        assert findings("root-user", f"FROM debian\nUSER {user}\nCMD app\n") == []

    def test_the_other_tools_names(self):
        assert "CKV_DOCKER_8" in codes("root-user", "FROM a\nUSER root\nCMD app\n")
        assert "CKV_DOCKER_8" not in codes("root-user", "FROM a\nUSER 0\nCMD app\n")


class TestNamedUser:
    def test_levels(self):
        text = "FROM debian\nUSER first\nUSER last\n"
        assert levels("named-user", text) == ["style", "info"]

    @pytest.mark.parametrize("user", ["1000", "0", "1000:app", "${UID}"])
    def test_numbers_and_unknown(self, user):
        assert findings("named-user", f"FROM debian\nUSER {user}\n") == []

    def test_windows_has_names_only(self):
        text = "FROM mcr.microsoft.com/windows/servercore:ltsc2025\nUSER ContainerUser\n"
        assert findings("named-user", text) == []

    def test_an_argument_is_enough_for_the_other_tool(self):
        assert codes("named-user", "FROM a\nARG U=app\nUSER $U\n") == set()
        assert codes("named-user", "FROM a\nENV U=app\nUSER $U\n") == {"DL3066"}


class TestAccounts:
    @pytest.mark.parametrize(
        ("command", "name", "uid", "groups"),
        [
            ("useradd -ms /bin/bash -u 1001 app", "app", "1001", []),
            ("useradd --uid=1001 -G docker,video app", "app", "1001", ["docker", "video"]),
            ("useradd -rmG sudo app", "app", None, ["sudo"]),
            ("adduser -D -u 1001 -G staff app", "app", "1001", []),
            ("adduser --system --uid 101 --group app", "app", "101", []),
            ("useradd app && usermod -aG docker app", "app", None, ["docker"]),
            ("useradd app && adduser app docker", "app", None, ["docker"]),
            ("adduser -D app && addgroup app docker", "app", None, ["docker"]),
            ("useradd app && gpasswd -a app docker", "app", None, ["docker"]),
            ("echo 'app:x:1001:1001::/home/app:/bin/sh' >> /etc/passwd", "app", "1001", []),
        ],
    )
    def test_what_commands_do_to_users(self, command, name, uid, groups):
        file = Dockerfile(Source(f"FROM debian\nRUN {command}\n"))
        account = accounts(file.stages[0])[name]
        assert account.uid == uid
        assert [group for group, _ in account.groups] == groups

    def test_a_deleted_user_is_gone(self):
        file = Dockerfile(Source("FROM node\nRUN useradd app\nRUN userdel -r app\n"))
        assert accounts(file.stages[0]) == {}

    def test_unknown_names_are_left_out(self):
        file = Dockerfile(Source("FROM debian\nARG NAME\nRUN useradd -m $NAME && for u in a b; do useradd $u; done\n"))
        assert accounts(file.stages[0]) == {}


class TestDroppedUserGroups:
    def test_a_user_of_the_base_counts_too(self):
        text = "FROM php:8-apache\nRUN usermod -aG video www-data\nUSER www-data:www-data\n"
        assert levels("dropped-user-groups", text) == ["warning"]

    def test_by_number(self):
        text = "FROM debian\nRUN useradd -u 1001 -G video app\nUSER 1001:1001\n"
        assert levels("dropped-user-groups", text) == ["warning"]

    def test_the_one_group_that_is_kept(self):
        text = "FROM debian\nRUN useradd -u 1001 -G video app\nUSER app:video\n"
        assert findings("dropped-user-groups", text) == []


class TestSudo:
    @pytest.mark.parametrize(
        "run",
        [
            "apt-get update && sudo apt-get install -y a",
            "echo a | sudo tee /etc/a",
            "bash -c 'sudo make install'",
            "if true; then sudo -E make; fi",
            "A=1 /usr/bin/sudo make",
            "sudo -iu app",
            '["sudo", "make"]',
        ],
    )
    def test_in_any_place(self, run):
        assert levels("sudo-command", f"FROM debian\nRUN {run}\n") == ["warning"]

    @pytest.mark.parametrize(
        "run", ["apt-get install -y sudo", "apt-get install sudoku", "echo sudo make", "visudo -c"]
    )
    def test_words(self, run):
        assert findings("sudo-command", f"FROM debian\nRUN {run}\n") == []

    def test_other_tools_look_at_run_alone(self):
        assert codes("sudo-command", 'FROM a\nCMD ["sudo", "app"]\n') == set()

    @pytest.mark.parametrize(
        ("text", "is_fixed"),
        [
            ("FROM debian\nRUN sudo make\n", True),
            ("FROM debian\nUSER app\nUSER root\nRUN sudo make\n", True),
            ("FROM debian\nUSER app\nRUN sudo make\n", False),
            ("FROM debian\nRUN sudo -u app make\n", False),
            ("FROM debian\nENV A=1\nRUN sudo make\n", False),
            ("FROM debian AS base\nARG A\nFROM base\nRUN sudo make\n", False),
            ("FROM python\nRUN sudo make\n", False),
            ("FROM debian\nRUN echo 'sudo make' | sh && sudo A=1 make\n", False),
        ],
    )
    def test_is_only_deleted_where_it_does_nothing(self, text, is_fixed):
        assert any(f.fix is not None for f in findings("sudo-command", text)) is is_fixed


class TestFileModes:
    @pytest.mark.parametrize(
        "mode", ["777", "0777", "666", "002", "o+w", "a+rwx", "ugo+rwx", "a=rw", "u+s", "g+s", "+s", "4755", "2755"]
    )
    def test_dangerous(self, mode):
        assert levels("dangerous-file-mode", f"FROM debian\nRUN chmod -R {mode} /srv\n") == ["warning"]

    @pytest.mark.parametrize(
        "mode", ["755", "0644", "1777", "o-w", "a+x", "g+w", "u=rwx,go=rx", "g=u", "u-s", "a+rwXt", "-w", "+x", "$MODE"]
    )
    def test_harmless(self, mode):
        assert findings("dangerous-file-mode", f"FROM debian\nRUN chmod {mode} /srv\n") == []

    def test_the_umask_decides_on_a_bare_plus(self):
        assert levels("dangerous-file-mode", "FROM debian\nRUN chmod +w /srv/a\n") == ["style"]

    @pytest.mark.parametrize(
        ("run", "count"),
        [
            ("mkdir -m 777 /srv/a", 1),
            ("mkdir -pm 0777 /srv/a", 1),
            ("mkdir -m 2775 /srv/a", 0),
            ("install -m 4755 tool /usr/bin/", 1),
            ("install -m755 tool /usr/bin/", 0),
            ("install -d -m 0777 /srv/a", 1),
            ("find /srv -type d -exec chmod 777 {} +", 1),
            ("chmod 777 /tmp /var/tmp/x", 0),
            ("chmod --reference=/etc/a /srv/b", 0),
            ("echo chmod 777 /srv", 0),
        ],
    )
    def test_commands(self, run, count):
        assert len(findings("dangerous-file-mode", f"FROM debian\nRUN {run}\n")) == count

    def test_each_flag_of_a_copy(self):
        text = "FROM debian\nARG M=002\nADD --chmod=000 --chmod=$M a b\nCOPY --chmod=008 a b\nCOPY --chmod=u+x a b\n"
        [finding] = findings("dangerous-file-mode", text)
        assert text[finding.span.start : finding.span.end] == "--chmod=$M"

    def test_a_builder_is_only_told_to_those_who_ask(self):
        text = "FROM debian AS a\nCOPY --chmod=777 a b\nFROM debian\nCOPY --from=a b b\n"
        assert levels("dangerous-file-mode", text) == ["style"]


class TestAccountPassword:
    @pytest.mark.parametrize(
        ("run", "code"),
        [
            ("echo 'root:x1' | chpasswd", "CKV2_DOCKER_17"),
            ("chpasswd < /tmp/list", "CKV2_DOCKER_17"),
            ("passwd -d root", "DKL-LI-0001"),
            ("usermod -p '' app", "DKL-LI-0001"),
            ("echo x1 | passwd --stdin root", None),
            ("useradd -p $(openssl passwd -1 x1) app", None),
        ],
    )
    def test_sets(self, run, code):
        [finding] = findings("account-password", f"FROM debian\nRUN {run}\n")
        assert finding.aliases == ((code,) if code else ())

    @pytest.mark.parametrize(
        "run",
        [
            "useradd -p '*' app",
            "usermod -p ! app",
            "passwd -l root",
            "echo 'app:*' | chpasswd -e",
            "adduser --disabled-password app",
            "mkdir -p passwd",
            "cat /etc/passwd",
        ],
    )
    def test_sets_none(self, run):
        assert findings("account-password", f"FROM debian\nRUN {run}\n") == []


class TestSystemPaths:
    @pytest.mark.parametrize(
        "line",
        [
            'WORKDIR "/proc/self/fd/1"',
            "WORKDIR /srv/../proc",
            "VOLUME /dev/shm /data",
            "COPY a b /sys/x/",
            "ADD a /dev/",
        ],
    )
    def test_is_an_error(self, line):
        assert levels("system-path-target", f"FROM debian\n{line}\n") == ["error"]

    @pytest.mark.parametrize(
        "line",
        [
            "WORKDIR /development",
            "WORKDIR $HOME/dev",
            "COPY . proc/",
            "VOLUME data",
            "COPY --from=a /dev/x /srv/",
            "ADD a $X",
        ],
    )
    def test_says_nothing(self, line):
        assert findings("system-path-target", f"FROM debian\n{line}\n") == []

    def test_where_nothing_breaks_it_is_no_error(self):
        assert levels("system-path-target", "FROM a\nCOPY --from=b /x /dev/null\n") == ["style"]
        assert levels("system-path-target", "FROM a\nCOPY vmlinuz /boot/\n") == ["info"]

    def test_the_path_below_a_workdir(self):
        assert levels("system-path-target", "FROM debian\nWORKDIR /\nCOPY a dev/\n") == ["error"]


class TestAdminPort:
    @pytest.mark.parametrize("port", ["22", "22/tcp", "20-25", "23", "3389", "5800", "5900", "$P", "80 22", "22/$T"])
    def test_speaks(self, port):
        assert levels("admin-port", f"FROM a\nARG P=22\nARG T=TCP\nEXPOSE {port}\n") == ["warning"]

    @pytest.mark.parametrize("port", ["22/udp", "222", "33891", "$Q", "FOO", "24-30", "22/sctp"])
    def test_says_nothing(self, port):
        assert findings("admin-port", f"FROM a\nEXPOSE {port}\n") == []

    def test_the_last_port_takes_the_instruction_along(self):
        assert Bench(RULES["admin-port"]).fixed("FROM a\nEXPOSE 22\nCMD b\n") == "FROM a\nCMD b\n"
        assert Bench(RULES["admin-port"]).fixed("FROM a\nEXPOSE 22 80\n") == "FROM a\nEXPOSE 80\n"


class TestTls:
    @pytest.mark.parametrize(
        ("run", "code"),
        [
            ("curl --insecure https://a.example", "CKV2_DOCKER_2"),
            ("echo -n -Lv && curl -sSLk https://a.example", "CKV2_DOCKER_2"),
            ("wget -q --no-check-certificate https://a.example", "CKV2_DOCKER_3"),
            ("pip3 install a --trusted-host=pypi.org", "CKV2_DOCKER_4"),
            ("python -m pip install --trusted-host pypi.org a", "CKV2_DOCKER_4"),
            ("PYTHONHTTPSVERIFY='0' python a.py", "CKV2_DOCKER_5"),
            ("env NODE_TLS_REJECT_UNAUTHORIZED=0 npm ci", "CKV2_DOCKER_6"),
            ("export npm_config_strict_ssl=false && npm ci", "CKV2_DOCKER_12"),
            ('npm c set "strict-ssl" false', "CKV2_DOCKER_13"),
            ("yarn config set strict-ssl=false", "CKV2_DOCKER_13"),
            ("GIT_SSL_NO_VERIFY=0 git clone https://a.example/a", "CKV2_DOCKER_14"),
            ("yum-config-manager --save --setopt=epel.sslverify=0", "CKV2_DOCKER_15"),
        ],
    )
    def test_codes(self, run, code):
        assert codes("tls-verification-off", f"FROM debian\nRUN {run}\n") == {code}

    @pytest.mark.parametrize(
        "run",
        [
            "git -c http.sslVerify=false clone https://a.example/a",
            "git config http.sslverify false",
            "apt-get -o Acquire::https::Verify-Peer=false update",
            "dnf install -y --setopt=sslverify=no a",
            "conda config --set ssl_verify no",
            "echo insecure >> ~/.curlrc",
            "printf '[global]\\ntrusted-host=a.example\\n' > /etc/pip.conf",
            "echo 'Acquire::https::Verify-Peer \"false\";' > /etc/apt/apt.conf.d/99",
            "npm install --strict-ssl=false",
        ],
    )
    def test_spellings(self, run):
        assert len(shown("tls-verification-off", f"FROM debian\nRUN {run}\n")) == 1

    @pytest.mark.parametrize(
        "run",
        [
            "curl -lol https://a.example",
            "curl https://a.example | grep -k x; grep -k y",
            "curl -k https://localhost:8443/",
            "wget -O --no-check-certificate.txt https://a.example",
            "npm install strict-ssl false",
            "npm config get strict-ssl || false",
            "NODE_TLS_REJECT_UNAUTHORIZED=1 npm ci",
            "git config --global http.sslVerify true",
            "yum-config-manager --save --setopt=sslverify=1",
            "echo --insecure",
            "echo 'trusted-host' > /srv/readme.txt",
        ],
    )
    def test_says_nothing(self, run):
        assert findings("tls-verification-off", f"FROM debian\nRUN {run}\n") == []

    @pytest.mark.parametrize(
        ("text", "level"),
        [
            ("FROM a\nENV GIT_SSL_NO_VERIFY=1\n", "error"),
            ("FROM a\nENV GIT_SSL_NO_VERIFY=1\nENV GIT_SSL_NO_VERIFY=\n", "warning"),
            ("FROM a AS b\nENV GIT_SSL_NO_VERIFY=1\nFROM a\n", "warning"),
            ("FROM a\nARG GIT_SSL_NO_VERIFY=1\n", "warning"),
            ("FROM a\nRUN npm config set strict-ssl false\n", "error"),
            ("FROM a\nRUN npm config set strict-ssl false && npm ci && npm config set strict-ssl true\n", "warning"),
            ("FROM a\nRUN npm config set strict-ssl false\nRUN npm ci && npm config delete strict-ssl\n", "warning"),
            ("FROM a\nRUN npm config set strict-ssl false && npm ci && rm ~/.npmrc\n", "warning"),
            ("FROM a\nRUN git config --global http.sslVerify false\nRUN git clone x\n", "error"),
            ("FROM a\nCOPY <<EOF /etc/pip.conf\n[global]\ntrusted-host = a.example\nEOF\n", "error"),
        ],
    )
    def test_what_stays_in_the_image_is_an_error(self, text, level):
        assert levels("tls-verification-off", text)[0] == level

    @pytest.mark.parametrize(
        ("run", "fixed"),
        [
            ("curl -fkL https://a.example", "curl -fL https://a.example"),
            ("curl -k https://a.example", "curl https://a.example"),
            ("pip install --trusted-host a.example b", "pip install b"),
            ("npm ci && npm config set strict-ssl false && true", "npm ci && true"),
        ],
    )
    def test_fixes(self, run, fixed):
        bench = Bench(RULES["tls-verification-off"])
        assert bench.fixed(f"FROM debian\nRUN {run}\n") == f"FROM debian\nRUN {fixed}\n"


class TestSignatures:
    @pytest.mark.parametrize(
        ("run", "expected"),
        [
            ("apk --allow-untrusted add a", {"CKV2_DOCKER_7"}),
            ("apt-get install -y --allow-unauthenticated a", {"CKV2_DOCKER_8"}),
            ("apt-get install -y --force-yes a", {"CKV2_DOCKER_11"}),
            ("tdnf install -y --nogpgcheck a", {"CKV2_DOCKER_9"}),
            ("rpm -i --nodigest --nosignature a.rpm", {"CKV2_DOCKER_10"}),
            ("apt-get -o APT::Get::AllowUnauthenticated=true install a", set()),
            ("zypper --no-gpg-checks install a", set()),
            ("sed -i 's/gpgcheck=1/gpgcheck=0/' /etc/yum.repos.d/a.repo", set()),
            (
                "echo 'deb [arch=amd64 trusted=yes] https://a.example x main' | tee /etc/apt/sources.list.d/a.list",
                set(),
            ),
        ],
    )
    def test_speaks(self, run, expected):
        assert findings("package-signature-off", f"FROM debian\nRUN {run}\n")
        assert codes("package-signature-off", f"FROM debian\nRUN {run}\n") == expected

    @pytest.mark.parametrize(
        "run",
        [
            "apk add a | grep -- --allow-untrusted",
            "apt-get update && echo --allow-unauthenticated",
            "dnf install -y a || echo --nogpgcheck",
            "echo 'repo_gpgcheck=0' >> /etc/yum.repos.d/a.repo",
            "sed -i 's/gpgcheck=0/gpgcheck=1/' /etc/yum.repos.d/a.repo",
            "echo 'deb [trusted=yes] file:/repo ./' > /etc/apt/sources.list",
            "echo 'deb [trusted=yes] https://a.example ./' > /srv/example.txt",
        ],
    )
    def test_says_nothing(self, run):
        assert findings("package-signature-off", f"FROM debian\nRUN {run}\n") == []

    @pytest.mark.parametrize(
        ("run", "fix"),
        [
            ("apk add --allow-untrusted tool", True),
            ("apk add --root /out --initdb --allow-untrusted tool", False),
            ("apk add -p /out --allow-untrusted tool", False),
            ("apk add --allow-untrusted glibc.apk", False),
            ("yum install -y --nogpgcheck https://example.com/a.rpm", False),
            ("dnf install -y --installroot=/out --nogpgcheck tool", False),
        ],
    )
    def test_what_has_no_key_stays(self, run, fix):
        [finding] = findings("package-signature-off", f"FROM a\nRUN {run}\n")
        assert (finding.fix is not None) is fix


class TestDownloads:
    @pytest.mark.parametrize(
        "run",
        [
            "curl -O http://a.example/x.tgz",
            "wget -q ftp://a.example/x.tgz",
            "curl -fsSL a.example/install.sh -o /tmp/x",
            "git clone http://a.example/x.git",
            "pip install -i http://a.example/simple x",
            "pip install git+http://a.example/x.git",
            "npm install --registry=http://a.example x",
            "rpm -i http://a.example/x.rpm",
            "yum install -y http://a.example/x.rpm",
            '["curl", "HTTP://a.example/"]',
        ],
    )
    def test_clear_text(self, run):
        assert levels("clear-text-download", f"FROM debian\nRUN {run}\n") == ["warning"]

    @pytest.mark.parametrize(
        "run",
        [
            "curl -O https://a.example/x",
            "curl http://localhost:80/ http://127.0.0.1 http://[::1]:8080/path",
            "curl http://10.0.0.1/ http://192.168.1.1/x http://169.254.169.254/",
            "curl http://service/path http://host.docker.internal:90/ http://x.svc.cluster.local/",
            "curl -x http://proxy.example:3128 https://a.example/",
            "curl -H 'Referer: http://a.example' https://a.example/",
            "pip install --proxy http://proxy.example x",
            "npm config set proxy http://proxy.example",
            "git config --global http.proxy http://proxy.example",
            "apt-get -o Acquire::http::Proxy=http://proxy.example update",
            "echo 'deb http://deb.debian.org/debian trixie main' > /etc/apt/sources.list",
            "apk add -X http://dl-cdn.alpinelinux.org/alpine/edge/testing x",
            "dnf config-manager --add-repo http://a.example/x.repo",
            "grep -r http://a.example/ /etc",
            "echo '<beans xmlns=\"http://www.springframework.org/schema/beans\"/>' > /srv/x.xml",
            "curl http://$HOST/x",
        ],
    )
    def test_not_clear_text(self, run):
        assert findings("clear-text-download", f"FROM debian\nRUN {run}\n") == []

    @pytest.mark.parametrize(
        "check",
        [
            "echo '1234  x.tgz' | sha256sum -c -",
            "gpg --verify x.tgz.asc x.tgz",
            "shasum -a 256 -c x.sum",
            'test "$(sha256sum x.tgz)" = "1234  x.tgz"',
        ],
    )
    def test_what_is_verified_is_only_a_note(self, check):
        text = f"FROM debian\nRUN curl -O http://a.example/x.tgz && {check}\n"
        assert levels("clear-text-download", text) == ["info"]

    def test_https_is_put_in_where_the_host_has_it(self):
        text = "FROM debian\nRUN wget http://archive.apache.org/x.tgz http://a.example/y.tgz\n"
        fixed = Bench(RULES["clear-text-download"]).fixed(text)
        assert fixed == text.replace("http://archive", "https://archive")

    @pytest.mark.parametrize(
        "run",
        [
            "curl -fsSL https://a.example/x | sh",
            "wget -qO- https://a.example/x | bash -s -- -y",
            "wget -O - https://a.example/x | sudo -E bash -",
            "curl https://a.example/x | tee /tmp/x | sh -ex",
            "curl https://a.example/x | python3 - --yes",
            "curl https://a.example/x | php -- --install-dir=/usr/local/bin",
            "curl https://a.example/x | FOO=1 sh /dev/stdin -b",
            'sh -c "$(curl -fsSL https://a.example/x)" "" --yes',
            'eval "$(curl -fsSL https://a.example/x)"',
        ],
    )
    def test_piped_installers(self, run):
        assert levels("piped-installer", f"FROM debian\nRUN {run}\n") == ["info"]

    @pytest.mark.parametrize(
        "run",
        [
            "curl https://a.example/x | python3 -m json.tool",
            "curl https://a.example/x | perl -ne 'print'",
            "curl https://a.example/x | sh -c 'cat > /srv/x'",
            "curl https://a.example/x | bash -n",
            "curl https://a.example/x | tar xz && sh install.sh",
            "echo true | sh",
            'bash install.sh "$(curl -s https://a.example/version)"',
            "VERSION=$(curl -s https://a.example/version) sh build.sh",
        ],
    )
    def test_no_piped_installers(self, run):
        assert findings("piped-installer", f"FROM debian\nRUN {run}\n") == []

    @pytest.mark.parametrize("run", ["curl http://a.example/x | sh", "curl -k https://a.example/x | sh"])
    def test_a_piped_installer_that_anyone_can_replace(self, run):
        assert levels("piped-installer", f"FROM debian\nRUN {run}\n") == ["warning"]

    @pytest.mark.parametrize(
        ("text", "count"),
        [
            ("ADD https://a.example/x /", 1),
            ('ADD ["http://a.example/x", "https://a.example/y", "/"]', 2),
            ("ADD --checksum=sha256:12 https://a.example/x /", 0),
            ("ADD https://github.com/a/b.git#main /", 0),
            ("ADD git@github.com:a/b.git /", 0),
            ("COPY https://a.example/x /", 0),
            ("ADD x.tgz /", 0),
        ],
    )
    def test_unverified(self, text, count):
        assert len(findings("unverified-download", f"FROM debian\n{text}\n")) == count

    @pytest.mark.parametrize(
        "line",
        [
            "RUN dnf install -y openssl-3.0.1-41.el9",
            "RUN apk add openssl=3.0.5-r0",
            "RUN curl -O https://a.example/openssl-1.0.1e-57.el6.x86_64.rpm",
            "RUN echo openssl-3.0.5",
            "ADD https://a.example/pyopenssl-3.0.5.tgz /",
            "RUN curl -O https://a.example/openssl-3.0.7.tgz",
        ],
    )
    def test_not_vulnerable(self, line):
        assert findings("vulnerable-download", f"FROM debian\n{line}\n") == []

    def test_vulnerable_by_tool(self):
        text = "FROM debian\nRUN curl -O https://a.example/openssl-{}.tgz\n"
        assert codes("vulnerable-download", text.format("3.0.5")) == {"kics:5fa731ea"}
        assert codes("vulnerable-download", text.format("3.0.6")) == set()
        assert levels("vulnerable-download", text.format("3.0.6")) == ["error"]


class TestDebugMode:
    @pytest.mark.parametrize(
        "pair", ["DEBUG=1", "APP_DEBUG=true", "RAILS_ENV=development", "XDEBUG_MODE=debug,develop"]
    )
    def test_speaks(self, pair):
        assert levels("debug-mode-shipped", f"FROM a\nENV {pair}\n") == ["info"]

    @pytest.mark.parametrize(
        "pair", ["DEBUG=", "DEBUG=false", "NODE_ENV=production", "VIRTUAL_ENV=dev", "XDEBUG_MODE=off", "DEBUG=$D"]
    )
    def test_says_nothing(self, pair):
        assert findings("debug-mode-shipped", f"FROM a\nENV {pair}\n") == []

    def test_an_image_for_development(self):
        assert findings("debug-mode-shipped", "FROM a AS php-dev\nENV APP_ENV=dev\n") == []


class TestHealthcheck:
    def test_chains(self):
        text = "FROM scratch AS a\nFROM a AS b\nFROM b AS c\nFROM c\nHEALTHCHECK NONE\n"
        assert findings("missing-healthcheck", text) == []

    def test_other_stages_are_only_told_to_those_who_ask(self):
        text = "FROM a AS one\nFROM a\nHEALTHCHECK CMD x\n"
        assert levels("missing-healthcheck", text) == ["style"]
        assert codes("missing-healthcheck", text) == {"DL3057"}


class TestWritableExecutable:
    @pytest.mark.parametrize(
        ("copy", "level"),
        [
            ("--chown=app a.py /srv/", "info"),
            ("--chown=1000:1000 a /usr/local/bin/a", "info"),
            ("--chown=app --chmod=755 a.bin2 /srv/a.bin2", "info"),
            ("--chown=app data/ /srv/data/", "style"),
        ],
    )
    def test_levels(self, copy, level):
        assert levels("writable-executable", f"FROM a\nCOPY {copy}\n") == [level]

    @pytest.mark.parametrize(
        "copy", ["a.py /srv/", "--chown=root a.py /srv/", "--chown=0:0 a.py /srv/", "--chown=$U a.py /"]
    )
    def test_says_nothing(self, copy):
        assert findings("writable-executable", f"FROM a\nCOPY {copy}\n") == []

    @pytest.mark.parametrize(
        ("lines", "fix"),
        [
            ("COPY --chown=app a.sh /srv/", True),
            ("COPY --chown=app --chmod=755 a.bin2 /srv/a.bin2", True),
            ("COPY --chown=app --chmod=700 a.sh /srv/", False),
            ("COPY --chown=app a.sh /usr/local/bin/", True),
            ("COPY --chown=app a.conf /etc/a.conf", False),
            ("COPY --chown=app a.py /srv/", False),
            ("COPY --chown=app a.sh /srv/\nRUN chmod +x /srv/a.sh", False),
            ("WORKDIR /srv\nCOPY --chown=app a.sh .\nRUN chmod +x *.sh", False),
            ("COPY --chown=app a.sh /srv/\nRUN chown -R app /srv", False),
            ("COPY --chown=app a.sh /srv/\nRUN touch /srv/b", True),
        ],
    )
    def test_only_what_is_run_loses_its_owner(self, lines, fix):
        found = findings("writable-executable", f"FROM debian:12\n{lines}\n")
        assert [each.fix is not None for each in found] == [fix]


class TestPrivilegedStep:
    @pytest.mark.parametrize("flag", ["--network=other", "--network=HOST", "--network=$X", "--security=sandbox", ""])
    def test_says_nothing(self, flag):
        assert findings("privileged-build-step", f"FROM a\nRUN {flag} make\n") == []

    def test_the_flag_alone_goes(self):
        text = "FROM a\nARG N=host\nRUN --mount=type=tmpfs,target=/tmp \\\n    --network=host \\\n    make\n"
        fixed = Bench(RULES["privileged-build-step"]).fixed(text)
        assert fixed == "FROM a\nARG N=host\nRUN --mount=type=tmpfs,target=/tmp \\\n    make\n"
        assert levels("privileged-build-step", text.replace("=host \\", "=$N \\")) == ["warning"]


class TestSecretVariable:
    @pytest.mark.parametrize(
        ("line", "level"),
        [
            ("ENV DB_PASSWORD=correct-horse", "error"),
            ("ENV MYSQL_PWD 'tr0ub4dor'", "error"),
            ("ARG GITHUB_TOKEN=ghx1234", "error"),
            ("ARG GITHUB_TOKEN", "warning"),
            ("ARG NPM_TOKEN=", "warning"),
            ("ENV API_KEY=changeme", "warning"),
            ("ENV SECRET_KEY_BASE=demo-key-not-for-production", "warning"),
            ("ENV KEY=f00dbeef1234", "warning"),
            ("ENV API_TOKEN=$TOKEN_OF_CI", "style"),
            ("ENV KEY=name", "style"),
            ("ENV PASSWORD=", "style"),
            ("ENV USE_PASSWORD=true", "style"),
            ("ENV SSH_KEY=/etc/ssh/key", "style"),
            ("ENV TOKEN_URL=https://a.example/token", "style"),
            ("ENV DASH_PGP_KEY=52527BEDABE87984", "style"),
            ("ARG VITE_SENTRY_DSN", "style"),
        ],
    )
    def test_levels(self, line, level):
        assert levels("secret-variable", f"FROM debian\n{line}\n") == [level]

    @pytest.mark.parametrize("line", ["ENV MONKEY=1", "ARG VERSION", "ENV PWD=/srv", "ENV COMPASS=north"])
    def test_says_nothing(self, line):
        assert shown("secret-variable", f"FROM debian\n{line}\n") == []

    def test_a_builder_keeps_it_out_of_the_image(self):
        text = "FROM a AS build\nARG TOKEN\nENV DB_PASSWORD=abc123\nFROM a\nCOPY --from=build /x /x\n"
        assert levels("secret-variable", text) == ["info", "info"]

    def test_a_global_argument_is_in_no_history(self):
        text = "ARG NPM_TOKEN\nFROM a\n"
        assert levels("secret-variable", text) == ["style"]
        assert "SecretsUsedInArgOrEnv" not in codes("secret-variable", text)
        assert "DL3064" in codes("secret-variable", text)

    def test_where_buildkit_speaks(self):
        names = "PASSWORD A_KEY_B auth_x API-KEY PUBLIC_KEY KEY_FILE tokens"
        text = "FROM scratch\n" + "".join(f"ENV {name}=\n" for name in names.split())
        spoken = [f for f in findings("secret-variable", text) if "SecretsUsedInArgOrEnv" in f.aliases]
        assert [text[f.span.start : f.span.end] for f in spoken] == ["PASSWORD=", "A_KEY_B=", "auth_x="]

    def test_a_trigger_is_told_where_it_runs(self):
        text = "FROM scratch AS a\nONBUILD ARG TOKEN\nFROM a\n"
        spoken = [f for f in findings("secret-variable", text) if "SecretsUsedInArgOrEnv" in f.aliases]
        assert [text[: f.span.start].count("\n") for f in spoken] == [2]

    @pytest.mark.parametrize(
        "text",
        [
            "FROM a\nARG TOKEN\nRUN fetch $TOKEN\n",
            "# syntax=docker/dockerfile:1.9\nFROM a\nARG TOKEN\nRUN fetch $TOKEN\n",
            "# syntax=docker/dockerfile:1\nFROM a\nARG TOKEN\nENV X=$TOKEN\nRUN fetch $TOKEN\n",
            "# syntax=docker/dockerfile:1\nFROM a AS b\nARG TOKEN\nRUN fetch $TOKEN\nFROM b\nRUN fetch ${TOKEN}\n",
            "# syntax=docker/dockerfile:1\nFROM a\nARG TOKEN\nRUN npm ci\n",
            "# syntax=docker/dockerfile:1\nARG TOKEN\nFROM a\nARG TOKEN\nRUN fetch $TOKEN\n",
        ],
        ids=["frontend", "old frontend", "used elsewhere", "used in a child", "not named", "global"],
    )
    def test_no_mount_where_it_would_not_do(self, text):
        assert all(finding.fix is None for finding in findings("secret-variable", text))

    def test_rails_takes_a_stand_in(self):
        text = "FROM ruby:3.4\nENV SECRET_KEY_BASE=abc123def456\nRUN bundle exec rails assets:precompile\n"
        fixed = Bench(RULES["secret-variable"]).fixed(text)
        assert fixed == "FROM ruby:3.4\nRUN SECRET_KEY_BASE_DUMMY=1 bundle exec rails assets:precompile\n"


class TestLooseSecretMode:
    @pytest.mark.parametrize(
        "mount", ["type=secret,id=a,mode=0666", "type=ssh,mode=7", "id=a,required,mode=0604,type=secret"]
    )
    def test_speaks(self, mount):
        assert levels("loose-secret-mode", f"FROM a\nRUN --mount={mount} x\n") == ["warning"]

    @pytest.mark.parametrize(
        "mount",
        [
            "type=secret,id=a",
            "type=secret,id=a,mode=0640",
            "type=cache,target=/a,mode=0666",
            "type=ssh,mode=word",
            "type=ssh,mode=8",
        ],
    )
    def test_says_nothing(self, mount):
        assert findings("loose-secret-mode", f"FROM a\nRUN --mount={mount} x\n") == []

    @pytest.mark.parametrize(
        ("text", "kind"),
        [
            ("FROM debian\nRUN --mount=type=secret,id=a,mode=0444 x\n", "unsafe"),
            ("FROM debian\nRUN --mount=type=secret,id=a,mode=0444 gosu app x\n", None),
            ("FROM a\nUSER app\nRUN --mount=type=secret,id=a,mode=0444 x\n", None),
            ("FROM a\nUSER app\nRUN --mount=type=secret,id=a,mode=0444,uid=1000 x\n", None),
            ("FROM a\nUSER 1000\nRUN --mount=type=secret,id=a,mode=0444,uid=1000 x\n", "safe"),
            ("FROM a\nUSER 1000\nRUN --mount=type=secret,id=a,mode=0444,uid=1001 x\n", None),
            ("FROM a\nARG U=1000\nUSER $U\nRUN --mount=type=secret,id=a,mode=0444 x\n", None),
            ("FROM gcr.io/distroless/base\nUSER nonroot\nRUN --mount=type=secret,id=a,mode=0444 x\n", "unsafe"),
            ("FROM a\nRUN --mount=type=secret,id=a,mode=0444 x\n", None),
        ],
    )
    def test_another_user_may_lean_on_it(self, text, kind):
        [finding] = findings("loose-secret-mode", text)
        assert (finding.fix and finding.fix.applicability) == kind


LARGE = {
    "lines": "FROM debian\n" + "RUN curl -k http://a.example/x.tgz | sudo sh && chmod 777 /srv && useradd a\n" * 3000,
    "variables": "# syntax=docker/dockerfile:1\nFROM debian\n"
    + "".join(f"ARG TOKEN_{n}\nENV X{n}_DEBUG=1 GIT_SSL_NO_VERIFY=1\n" for n in range(3000))
    + "".join(f"RUN x $TOKEN_{n}\n" for n in range(3000)),
    "commands": "FROM debian\nRUN "
    + " && ".join(["curl -O http://a.example/x", "npm config set strict-ssl false", "chmod 777 /srv/x"] * 1500)
    + "\n",
    "words": "FROM debian\nEXPOSE " + "22 " * 5000 + "\nRUN curl " + "http://a.example/x " * 4000 + "\n",
    "users": "FROM debian\n" + "USER app:app\n" * 4000 + "RUN sudo make\n" * 4000,
    "settings": "FROM debian\nRUN echo '" + "gpgcheck " * 20000 + "' > /etc/yum.conf\n",
}


@pytest.mark.parametrize("name", LARGE)
def test_large_files_take_no_time(name):
    own = [
        rule
        for rule in RULES.values()
        if rule.family == "security" or rule.id in ("secret-variable", "loose-secret-mode")
    ]
    bench = Bench(*own)
    started = time.process_time()
    bench.findings(LARGE[name])
    assert time.process_time() - started < 12
