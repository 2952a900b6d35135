"""Modes of files, paths of the system, steps with privileges."""

import pytest

from rule_answers import findings, fixed, levels


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
        assert (
            fixed("privileged-build-step", text)
            == "FROM a\nARG N=host\nRUN --mount=type=tmpfs,target=/tmp \\\n    make\n"
        )
        assert levels("privileged-build-step", text.replace("=host \\", "=$N \\")) == ["warning"]


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
