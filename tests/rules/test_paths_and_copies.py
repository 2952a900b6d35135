"""Paths, COPY and ADD, volumes and owners."""

import pytest

from dfadvise.testing import Bench, context_of
from rule_answers import RULES, codes, findings, fixed, levels, marks, places, shown_marks

BASE = "FROM debian:12\n"


# --- paths ---


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("FROM golang\nWORKDIR app\n", [2]),
        ("FROM golang\nWORKDIR app\nWORKDIR b\n", [2]),
        ("FROM golang\nWORKDIR /app\nWORKDIR b\n", []),
        ("FROM golang AS a\nWORKDIR /app\nFROM a\nWORKDIR b\n", []),
        ("FROM golang\nENV A=/app\nWORKDIR $A\n", []),
        ("FROM golang\nENV A=app\nWORKDIR $A\n", [3]),
        ("FROM golang\nWORKDIR $A/b\n", []),
        ("FROM golang\nWORKDIR C:/app\n", [2]),
        ("FROM golang\nWORKDIR '/app'\n", []),
        ("FROM golang AS a\nONBUILD WORKDIR rel\nFROM a\nWORKDIR x\n", [3]),
    ],
)
def test_relative_workdir(text, lines):
    assert places("relative-path", text, "WorkdirRelativePath") == lines


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("FROM golang\nWORKDIR app\n", "warning"),
        ("FROM golang\nWORKDIR /a\nWORKDIR app\n", "style"),
        ("FROM golang\nWORKDIR C:/app\n", "style"),
        ("FROM scratch\nCOPY a b\n", "style"),
        ("FROM golang\nCOPY a b\n", "warning"),
        ("FROM golang\nADD a ./\n", "warning"),
        ("FROM golang\nONBUILD COPY a b\n", "warning"),
    ],
)
def test_levels_of_relative_paths(text, severity):
    assert levels("relative-path", text) == [severity]


@pytest.mark.parametrize(
    "text",
    [
        "FROM golang\nCOPY a $B\n",
        "FROM golang\nCOPY a 'c:\\b'\n",
        'FROM golang\nCOPY ["a", "/b"]\n',
        "FROM golang\nWORKDIR /x\nCOPY a b\n",
        "FROM golang\nONBUILD COPY a b\nWORKDIR /x\n",
        "FROM golang\nONBUILD WORKDIR /x\nONBUILD COPY a b\n",
        "FROM mcr.microsoft.com/windows/nanoserver:ltsc2022\nWORKDIR C:/app\n",
    ],
)
def test_absolute_enough(text):
    assert findings("relative-path", text) == []


@pytest.mark.parametrize(
    ("line", "new"),
    [
        ("WORKDIR app", "WORKDIR /app"),
        ('WORKDIR "./app"', 'WORKDIR "/app"'),
        ("COPY a .", "COPY a /"),
        ("COPY a ./b/", "COPY a /b/"),
        ("WORKDIR ../app", None),
        ("WORKDIR ~/app", None),
    ],
)
def test_leading_slash_on_a_base_that_ends_at_the_root(line, new):
    assert fixed("relative-path", BASE + line + "\n") == BASE + (new or line) + "\n"
    assert fixed("relative-path", "FROM golang\n" + line + "\n") == "FROM golang\n" + line + "\n"


@pytest.mark.parametrize(
    ("line", "severity"),
    [
        ("COPY a b /app", "error"),
        ('COPY ["a", "b", "/app"]', "error"),
        ("COPY a <<EOF /app\nx\nEOF", "error"),
        ("COPY a b .", "style"),
        ("COPY a b $DIR", "style"),
    ],
)
def test_several_sources(line, severity):
    assert levels("missing-destination-slash", BASE + line + "\n") == [severity]


@pytest.mark.parametrize("line", ["COPY a b", "COPY a b ./", 'COPY a b "/x/"', "ENV D=/x/\nCOPY a b $D"])
def test_directory_or_one_source(line):
    assert findings("missing-destination-slash", BASE + line + "\n") == []


def test_slash_goes_inside_the_quotes():
    assert fixed("missing-destination-slash", BASE + 'COPY ["a", "b", "/x"]\n') == BASE + 'COPY ["a", "b", "/x/"]\n'
    variable = BASE + "ENV D=/x\nCOPY a b /y/$D\n"
    assert fixed("missing-destination-slash", variable) == variable


# --- ADD ---


@pytest.mark.parametrize(
    ("line", "severity"),
    [
        ("ADD a.conf /etc/", "info"),
        ("ADD app.zip /x/", "info"),
        ("ADD *.jar /x/", "info"),
        ("ADD a.conf https://example.org/b /x/", "style"),
        ("ADD a.conf b.tar.gz /x/", "style"),
        ("ADD $FILE /x/", "style"),
        ("ARG V\nADD app-$V.jar /x/", "info"),
    ],
)
def test_add(line, severity):
    assert levels("add-for-local-file", BASE + line + "\n") == [severity]


@pytest.mark.parametrize(
    "line",
    [
        "ADD a.tar.zst /",
        "ADD 'a.tgz' /",
        "ADD https://example.org/a /a",
        "ADD git@example.org:a/b.git /a",
        "ADD --keep-git-dir https://example.org/a.git /a",
        "ADD --unpack=true a /a",
        "ARG V\nADD rootfs-$V.tar.xz /",
        "ARG V\nADD https://example.org/$V /a",
        "COPY a b",
    ],
)
def test_add_for_what_it_is_for(line):
    assert findings("add-for-local-file", BASE + line + "\n") == []


def test_add_is_judged_by_content():
    bench = Bench(RULES["add-for-local-file"])
    with context_of({"plain": "text", "dir/a": "a", "odd": 1}) as root:
        with open(f"{root}/odd", "wb") as stream:
            stream.write(b"\x1f\x8b\x08" + b"x" * 20)
        bench.root = root
        assert bench.findings(BASE + "ADD odd /x/\n") == []
        assert bench.fixed(BASE + "ADD plain /x/\n", unsafe=False) == BASE + "COPY plain /x/\n"
        assert bench.fixed("from a\nadd dir /x/\n", unsafe=False) == "from a\ncopy dir /x/\n"
    absent = BASE + "ADD absent /x/\n"
    assert fixed("add-for-local-file", absent, unsafe=False) == absent
    wild = BASE + "ADD * /x/\n"
    assert fixed("add-for-local-file", wild) == wild


# --- write-after-volume ---


@pytest.mark.parametrize(
    ("text", "place"),
    [
        pytest.param("FROM a\nVOLUME /d\nRUN chown b /d\n", "/d", id="chown"),
        pytest.param("FROM a\nVOLUME /d\nCOPY x.txt /d/x.txt\n", "/d/x.txt", id="COPY"),
        pytest.param('FROM a\nVOLUME ["/d", "/e"]\nADD x.txt /e/\n', "/e/", id="exec form"),
        pytest.param("FROM a\nWORKDIR /d\nVOLUME /d\nRUN echo x > y\n", "y", id="working directory"),
        pytest.param("FROM a AS b\nVOLUME /d\nFROM b\nCOPY x.txt /d/x.txt\n", "/d/x.txt", id="a stage below"),
    ],
)
def test_write_after_volume(text, place):
    assert marks("write-after-volume", text) == [("info", place)]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("FROM a\nCOPY x /d/x\nVOLUME /d\n", id="before"),
        pytest.param("FROM a\nVOLUME /d\nCOPY x /data/x\n", id="a longer name"),
        pytest.param("FROM a\nVOLUME /d\nRUN rm -rf /d/x\n", id="removal"),
        pytest.param("FROM a\nVOLUME $D\nCOPY x /d/x\n", id="unknown volume"),
        pytest.param("FROM a\nVOLUME /d\nCOPY x $T\n", id="unknown target"),
        pytest.param("FROM a AS b\nVOLUME /d\nCOPY x /d/x\nFROM c\nCOPY --from=b /y /y\n", id="does not ship"),
        pytest.param("FROM a\nVOLUME /d\nRUN --mount=type=cache,target=/d echo x > /d/y\n", id="under a mount"),
        pytest.param('FROM a\nVOLUME /d\nCMD ["sh", "-c", "echo > /d/x"]\n', id="at run time"),
    ],
)
def test_write_that_lasts(text):
    assert marks("write-after-volume", text) == []


def test_volume_moves_below_the_last_write():
    text = "FROM a\nVOLUME /d\nCOPY x /d/x\nFROM b\nRUN c\n"
    assert fixed("write-after-volume", text) == text
    text = "FROM a\nVOLUME /d\nRUN chown b /d\nCMD c"
    assert fixed("write-after-volume", text) == "FROM a\nRUN chown b /d\nVOLUME /d\nCMD c"
    text = "FROM a\n\n# kept\nVOLUME /d\n\nRUN touch /d/x\nUSER b\nCOPY y /d/y\n\nCMD c\n"
    assert fixed("write-after-volume", text) == (
        "FROM a\n\nRUN touch /d/x\nUSER b\nCOPY y /d/y\n\n# kept\nVOLUME /d\n\nCMD c\n"
    )
    text = "FROM a\n# kept\nVOLUME /d\nVOLUME /e\nRUN touch /d/x /e/x\n\nCMD c\n"
    assert fixed("write-after-volume", text) == "FROM a\nRUN touch /d/x /e/x\n# kept\nVOLUME /d\nVOLUME /e\n\nCMD c\n"
    text = "FROM a\nARG D=/d\nVOLUME $D\nARG D=/e\nRUN touch /d/x\n"
    assert fixed("write-after-volume", text) == text


# --- unowned-copy ---


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("FROM a\nUSER b\nCOPY c.sh /c.sh\nRUN chmod +x /c.sh\n", "b runs chmod on it", id="chmod"),
        pytest.param(
            "FROM a\nWORKDIR /w\nUSER b\nCOPY . .\nRUN chmod +x ./mvnw\n", "b runs chmod on it", id="in a tree"
        ),
        pytest.param("FROM a\nUSER b\nCOPY . /w\nRUN touch /w/log/x\n", "b writes to /w/log/x", id="writes"),
        pytest.param(
            "FROM a\nUSER 1000:1000\nCOPY . /w\nWORKDIR /w\nRUN yarn install\n", "runs yarn install", id="yarn"
        ),
        pytest.param(
            'FROM ruby:3.3\nWORKDIR /rails\nUSER rails\nCOPY . .\nCMD ["bin/rails", "server"]\n', "Rails", id="Rails"
        ),
    ],
)
def test_copy_that_the_user_has_to_write_to(text, message):
    (finding,) = findings("unowned-copy", text)
    assert finding.severity == "info"
    assert message in finding.message
    assert "tally:copy-after-user-without-chown" in finding.aliases


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("FROM a\nUSER b\nCOPY . /w\n", id="only read"),
        pytest.param("FROM a\nUSER b\nWORKDIR /w\nCOPY . .\nRUN npm ci\n", id="the user's directory"),
        pytest.param("FROM a\nRUN mkdir /w && chown b /w\nUSER b\nCOPY . /w\nRUN touch /w/x\n", id="given away"),
        pytest.param("FROM a\nUSER b\nCOPY . /home/b/w\nRUN touch /home/b/w/x\n", id="home"),
        pytest.param("FROM a\nUSER b\nCOPY c /c\nUSER root\nRUN chmod +x /c\n", id="root again"),
        pytest.param("FROM a\nUSER b\nCOPY c /c\nRUN sudo chmod +x /c\n", id="sudo"),
        pytest.param("FROM a\nUSER b\nCOPY c /c\nRUN chmod +x /c || true\n", id="may fail"),
        pytest.param("FROM a\nUSER b\nCOPY . /w\nRUN npm install -g x\n", id="elsewhere"),
        pytest.param("FROM a AS x\nUSER b\nCOPY c /c\nRUN chmod +x /c\nFROM y\n", id="does not ship"),
    ],
)
def test_copy_that_may_belong_to_root(text):
    assert shown_marks("unowned-copy", text) == []
    assert sorted(codes("unowned-copy", text)) == ["tally:copy-after-user-without-chown"]


@pytest.mark.parametrize(
    "text",
    [
        "FROM a\nUSER b\nCOPY --chown=b c.sh /c.sh\nRUN chmod +x /c.sh\n",
        "FROM a\nUSER root\nCOPY c.sh /c.sh\nRUN chmod +x /c.sh\n",
        "FROM a\nUSER $B\nCOPY c.sh /c.sh\nRUN chmod +x /c.sh\n",
        "FROM a\nCOPY c.sh /c.sh\nUSER b\nRUN true\n",
        "FROM mcr.microsoft.com/windows/nanoserver:ltsc2022\nUSER ContainerUser\nCOPY c /c\n",
    ],
)
def test_copy_that_has_its_owner(text):
    assert marks("unowned-copy", text) == []
