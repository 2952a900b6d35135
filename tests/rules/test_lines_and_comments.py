"""Continuations, comments, white space and the order of lists."""

import pytest

from rule_answers import codes, fixed, marks, shown_marks

# --- broken-continuation ---


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("FROM a\nRUN b \\\nCOPY c d\n", ("error", "COPY"), id="COPY"),
        pytest.param("FROM a\nRUN b && \\\n  # c\nRUN d\n", ("error", "RUN"), id="behind a comment"),
        pytest.param("FROM a\nENV A=b \\\n    C=d \\\n\nRUN e\n", ("error", "RUN"), id="behind an empty line"),
        pytest.param('FROM a\nCMD ["b"] \\\nEXPOSE 80\n', ("error", "EXPOSE"), id="CMD"),
        pytest.param("FROM a\nRUN \\\nCOPY c d\n", ("error", "COPY"), id="nothing before it"),
        pytest.param("FROM a\nRUN b # c \\\n && d\n", ("error", "# c"), id="commented out"),
        pytest.param("FROM a\nRUN if b; then \\\n c; # d \\\n fi\n", ("error", "# d"), id="half a construct"),
        pytest.param("FROM a\nHEALTHCHECK CMD b # c \\\n || exit 1\n", ("error", "# c"), id="HEALTHCHECK"),
        pytest.param("FROM a\nRUN apt-get install curl\\\nwget\n", ("warning", "curl"), id="fused"),
        pytest.param("FROM a\nRUN apt-get install curl\\\n-y\n", ("warning", "curl"), id="fused with an option"),
    ],
)
def test_broken_continuation(text, expected):
    assert marks("broken-continuation", text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("FROM a\nHEALTHCHECK --interval=5s \\\n  CMD b\n", id="CMD of HEALTHCHECK"),
        pytest.param("FROM a\nONBUILD \\\n  RUN b\n", id="body of ONBUILD"),
        pytest.param("FROM a\nENV A=b \\\n    USER=c \\\n    CMD=d\n", id="keys"),
        pytest.param("FROM a\nRUN psql -c 'CREATE \\\nUSER x \\\nADD y'\n", id="in quotes"),
        pytest.param('FROM a\nLABEL d="one \\\nRUN two"\n', id="in a label"),
        pytest.param("FROM a\nRUN b \\\n  run c \\\n  Add d\n", id="no capitals"),
        pytest.param("FROM a\nRUN b && \\\n  CMD=c d && \\\n  $RUN e\n", id="not alone"),
        pytest.param("FROM a\nRUN <<EOF\nb \\\nCOPY c d\nEOF\n", id="heredoc"),
        pytest.param("FROM a\nRUN b  # c\n", id="a comment at the end"),
        pytest.param("FROM a\nRUN b \\\n && c  # d \\\n\n", id="nothing behind the comment"),
        pytest.param("FROM a\nRUN b \\\n # c \\\n && d\n", id="comment lines"),
        pytest.param("FROM a\nRUN b$# ${#c} a#b \\\n '# d' \"# e\" \\# \\\n && f\n", id="other hashes"),
        pytest.param('FROM a\nSHELL ["cmd", "/S", "/C"]\nRUN b # c \\\n && d\n', id="another shell"),
        pytest.param("FROM a\nRUN printf 'a\\n\\\nb\\n\\\nc'\n", id="split text"),
        pytest.param("FROM a\nRUN wget http://x/yy\\\nzz && a=b\\\nc\n", id="split address"),
        pytest.param("FROM a\nRUN a &&\\\nb;\\\nc\n", id="operators"),
        pytest.param("FROM a\nRUN a \\\n\\\n b\n", id="a lone backslash"),
        pytest.param("FROM a\nRUN echo 'x \\\nCOPY a b\n", id="an open quote"),
    ],
)
def test_continuation_that_is_meant(text):
    assert marks("broken-continuation", text) == []


def test_swallowed_instruction_is_freed():
    assert fixed("broken-continuation", "FROM a\nRUN b \\\nCOPY c d\n") == "FROM a\nRUN b\nCOPY c d\n"
    assert fixed("broken-continuation", "# escape=`\nFROM a\nRUN b `\r\nCOPY c d\n") == (
        "# escape=`\nFROM a\nRUN b\r\nCOPY c d\n"
    )


def test_fused_words_get_a_blank():
    assert fixed("broken-continuation", "FROM a\nRUN b c\\\nd\n") == "FROM a\nRUN b c \\\nd\n"


# --- trailing-comment ---


@pytest.mark.parametrize(
    ("line", "severity"),
    [
        ("ARG A=b # c", "warning"),
        ("ENV A b # c", "warning"),
        ("ENV A=b # c", "error"),
        ("LABEL a b # c", "warning"),
        ("LABEL a=b #c", "error"),
        ("EXPOSE 80 # c", "error"),
        ("COPY a b # c", "error"),
        ("ADD a b #c", "error"),
        ("WORKDIR /a # c", "warning"),
        ("USER a # c", "error"),
        ("VOLUME /a # c", "warning"),
        ("STOPSIGNAL SIGTERM # c", "error"),
    ],
)
def test_trailing_comment(line, severity):
    (finding,) = shown_marks("trailing-comment", f"FROM a\n{line}\n")
    assert finding == (severity, line[line.index("#") :])
    assert fixed("trailing-comment", f"FROM a\n  {line}\n") == (
        f"FROM a\n  {line[line.index('#') :]}\n  {line[: line.index('#')].rstrip()}\n"
    )


def test_trailing_comment_behind_from():
    assert marks("trailing-comment", "FROM a AS b # c\n") == [("error", "# c")]
    assert fixed("trailing-comment", "FROM a # c") == "# c\nFROM a"


@pytest.mark.parametrize(
    "line",
    [
        "RUN a # b",
        "CMD a # b",
        "HEALTHCHECK CMD a # b",
        "ENV A=#fff B='# c' C=\"x # y\" D=x\\ #",
        "ENV A #fff",
        "ENV A Issue #12",
        "LABEL a see #b",
        "COPY a#b c#d",
        "COPY #a #b",
        "ADD https://x/y.git#main /z",
        'COPY ["a # b", "/c"]',
        "WORKDIR /a#b",
        'ENTRYPOINT ["a", "# b"]',
    ],
)
def test_hash_that_is_data(line):
    assert marks("trailing-comment", f"FROM a\n{line}\n") == []


def test_comment_stays_below_a_pragma():
    text = "FROM a\n# hadolint ignore=DL3000\nWORKDIR b # c\n"
    assert marks("trailing-comment", text) == [("warning", "# c")]
    assert fixed("trailing-comment", text) == text


# --- todo-comment ---


@pytest.mark.parametrize("comment", ["# TODO x", "#TODO", "# TODOs", "# a TODO b", "# x (TODO): y"])
def test_todo(comment):
    assert marks("todo-comment", f"FROM a\n{comment}\nRUN b \\\n  {comment}\n  c\n") == [
        ("style", comment),
        ("style", comment),
    ]


@pytest.mark.parametrize("line", ["# todo x", "# AUTODOC", "# MY_TODO_LIST", "RUN echo '# TODO'", "LABEL a=TODO"])
def test_no_todo(line):
    assert marks("todo-comment", f"FROM a\n{line}\n") == []


# --- unreadable-run ---


def test_long_line():
    words = " ".join(["word"] * 30)
    assert sorted(codes("unreadable-run", f"FROM a\nRUN {words}\n")) == ["sonar:S7020"]
    assert sorted(codes("unreadable-run", f"FROM a\nRUN <<EOF\n{words}\nEOF\n")) == ["sonar:S7020"]
    for fine in (f"RUN {'x' * 130}", f"RUN curl {'-a ' * 8} https://x/{'y' * 90}", f"# {words}", f"CMD {words}"):
        assert marks("unreadable-run", f"FROM a\n{fine}\n") == []
    assert marks("unreadable-run", f"FROM a\nRUN a \\\n  # {words}\n  b\n") == []


def test_many_commands_on_a_line():
    assert sorted(codes("unreadable-run", "FROM a\nRUN a && b && c && d\n")) == ["tally:newline-per-chained-call"]
    assert sorted(codes("unreadable-run", "FROM a\nRUN <<EOF\na; b; c; d\nEOF\n")) == [
        "tally:prefer-formatted-heredocs"
    ]
    assert marks("unreadable-run", "FROM a\nRUN a && b && c\n") == []
    assert marks("unreadable-run", "FROM a\nRUN a && b && \\\n  c && d\n") == []
    assert marks("unreadable-run", "FROM a\nRUN (a; b; c; d) && e\n") == []


def test_lines_are_broken_before_the_operator():
    text = "FROM a\nRUN a && b  &&  c && (d && e) || f\n"
    assert fixed("unreadable-run", text) == "FROM a\nRUN a \\\n    && b \\\n    && c \\\n    && (d && e) || f\n"
    backtick = "# escape=`\r\nFROM a\r\nRUN a && b && c && d\r\n"
    assert fixed("unreadable-run", backtick) == (
        "# escape=`\r\nFROM a\r\nRUN a `\r\n    && b `\r\n    && c `\r\n    && d\r\n"
    )
    for kept in ("RUN <<EOF\na && b && c && d\nEOF", "RUN a; b; c; d"):
        assert fixed("unreadable-run", f"FROM a\n{kept}\n") == f"FROM a\n{kept}\n"


def test_file_written_line_by_line():
    assert sorted(codes("unreadable-run", "FROM a\nRUN echo b > /c && echo d >> /c\n")) == ["tally:prefer-copy-heredoc"]
    assert sorted(codes("unreadable-run", "FROM a\nRUN printf 'b\\nc\\n' > /d\n")) == ["tally:prefer-copy-heredoc"]
    for fine in ("echo b > /c", "echo b > /c && echo d > /e", "echo b >> /dev/stderr && echo c >> /dev/stderr",
                 "cat a b > c", "sed -i 's/a/b/' c"):  # fmt: skip
        assert marks("unreadable-run", f"FROM a\nRUN {fine}\n") == []


# --- unsorted-packages ---


def listed(*names, command="apt-get install -y"):
    return f"FROM debian:12\nRUN {command} \\\n    " + " \\\n    ".join(names) + "\n"


@pytest.mark.parametrize("command", ["apt-get install -y", "apk add", "dnf install -y", "pip install"])
def test_unsorted_packages(command):
    text = listed("b", "c", "a", command=command)
    assert marks("unsorted-packages", text) == [("style", "a")]
    assert fixed("unsorted-packages", text) == listed("a", "b", "c", command=command)


@pytest.mark.parametrize(
    "text",
    [
        listed("a", "b", "c"),
        listed("a=9", "a-b=1", "b"),
        listed("A", "b", "C"),
        listed("b", "a"),
        listed("c", "$B", "a"),
        listed("c", "-t x", "b", "a"),
        listed("c", "b a", "d"),
        listed("c", '"b"', "a"),
        "FROM debian:12\nRUN apt-get install -y \\\n  c \\\n  # why\n  b \\\n  a\n",
        "FROM debian:12\nRUN apt-get purge -y \\\n  c \\\n  b \\\n  a\n",
        "FROM debian:12\nRUN echo \\\n  c \\\n  b \\\n  a\n",
    ],
)
def test_packages_that_stay(text):
    assert marks("unsorted-packages", text) == []


# --- untidy-whitespace ---


@pytest.mark.parametrize(
    ("text", "after"),
    [
        pytest.param("FROM a \nRUN b\t\n", "FROM a\nRUN b\n", id="trailing"),
        pytest.param("FROM a\nRUN b \\  \n  c\n", "FROM a\nRUN b \\\n  c\n", id="behind a continuation"),
        pytest.param("# a \nFROM a\n  \nRUN b\n", "# a\nFROM a\n\nRUN b\n", id="comments and empty lines"),
        pytest.param("FROM a", "FROM a\n", id="no line end"),
        pytest.param("FROM a\r\nRUN b", "FROM a\r\nRUN b\r\n", id="no line end, CRLF"),
        pytest.param("FROM a\n\n\nRUN b\n\n\n\n", "FROM a\n\nRUN b\n\n", id="empty lines"),
        pytest.param("FROM  a\nRUN\tb\nONBUILD  RUN   c\n", "FROM a\nRUN b\nONBUILD RUN c\n", id="keywords"),
    ],
)
def test_untidy_whitespace(text, after):
    assert marks("untidy-whitespace", text)
    assert fixed("untidy-whitespace", text, unsafe=False) == after


@pytest.mark.parametrize(
    "text",
    [
        "FROM a\n\nRUN b\n",
        "FROM a\nCOPY <<EOF /f\nb  \n\n\n\tc\nEOF\n",
        'FROM a\nRUN echo "a   b"\n',
        "FROM a\nENV A  b\n",
        "FROM a\nRUN b \\\n\n\n\n  c\n",
        "FROM a\nRUN b \\\n\tc \\\n\t\td\n",
        "FROM a\nRUN \\\n  b\n",
        "",
    ],
)
def test_tidy_whitespace(text):
    assert marks("untidy-whitespace", text) == []


def test_mixed_indentation():
    assert sorted(codes("untidy-whitespace", "FROM a\nRUN b \\\n    c \\\n\td\n")) == ["tally:consistent-indentation"]
    assert sorted(codes("untidy-whitespace", "FROM a\nRUN b \\\n \tc\n")) == ["tally:consistent-indentation"]
