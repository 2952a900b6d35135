"""Users, root and sudo."""

import pytest

from dfadvise.base.accounts import accounts
from dfadvise.source import Source
from dfadvise.stages import Dockerfile
from rule_answers import codes, findings, fixed, levels


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

    def test_a_base_that_nobody_knows_is_only_a_note(self):
        assert levels("missing-user", 'FROM example.com/team/app:3\nCMD ["app"]\n') == ["info"]
        assert levels("missing-user", 'FROM example.com/team/app:3\nRUN useradd app\nCMD ["app"]\n') == ["warning"]

    def test_is_told_of_the_last_from(self):
        text = 'FROM alpine AS builder\nRUN id\nFROM builder\nCMD ["app"]\n'
        [finding] = findings("missing-user", text)
        assert text[finding.span.start : finding.span.end] == "builder"
        assert text[: finding.span.start].count("\n") == 2

    def test_reads_the_entrypoint_script_of_the_context(self, tmp_path):
        (tmp_path / "docker").mkdir()
        text = 'FROM debian\nCOPY docker/ /usr/local/bin/\nENTRYPOINT ["/usr/local/bin/entrypoint.sh"]\n'
        (tmp_path / "docker" / "entrypoint.sh").write_text('#!/bin/sh\nexec "$@"\n')
        assert levels("missing-user", text, str(tmp_path)) == ["warning"]
        (tmp_path / "docker" / "entrypoint.sh").write_text('#!/bin/sh\nexec su-exec app "$@"\n')
        assert levels("missing-user", text, str(tmp_path)) == ["style"]

    def test_no_user_is_put_in_that_a_later_step_would_run_as(self):
        text = 'FROM debian\nRUN useradd app\nCMD ["app"]\nRUN apt-get update\n'
        [finding] = findings("missing-user", text)
        assert finding.fix is None

    def test_no_user_is_invented(self):
        assert findings("missing-user", 'FROM debian\nCMD ["app"]\n')[0].fix is None
        two = 'FROM debian\nRUN useradd a && useradd b\nCMD ["app"]\n'
        assert findings("missing-user", two)[0].fix is None
        distroless = 'FROM gcr.io/distroless/static-debian12\nCOPY app /\nENTRYPOINT ["/app"]\n'
        assert fixed("missing-user", distroless) == distroless.replace("ENTRYPOINT", "USER 65532:65532\nENTRYPOINT")

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
            ("useradd app && gpasswd --add=app docker", "app", None, ["docker"]),
            ("useradd app && gpasswd -Q /mnt -R docker", "app", None, []),
            ("useradd -l app", "app", None, []),
            ("useradd old && usermod -l new old", "old", None, []),
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


class TestSparseLastlog:
    @pytest.mark.parametrize(
        ("base", "level"),
        [
            ("ubuntu:22.04", "warning"),
            ("debian:11", "warning"),
            ("python:3.9-bullseye", "warning"),
            ("rockylinux:9", "warning"),
            ("nobody/knows", "warning"),
            # shadow 4.13 writes no record where there was none.
            ("debian:12", "style"),
            ("debian:trixie-slim", "style"),
            ("ubuntu:24.04", "style"),
            ("python:3.13-slim", "style"),
        ],
    )
    def test_newer_releases_leave_the_file_alone(self, base, level):
        text = f"FROM {base}\nRUN useradd -u 1234567 app\n"
        assert levels("sparse-lastlog", text) == [level]
        (finding,) = findings("sparse-lastlog", text)
        assert (finding.saving is not None) == (level == "warning")
        assert fixed("sparse-lastlog", text) == text.replace("useradd", "useradd --no-log-init")
