"""The tokenizer reads a file as BuildKit's parser does: the same instructions, lines, flags, arguments, heredocs."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dfadvise.source import Source, Span
from dfadvise.syntax.tokenizer import Tree, parse


def tree(text: str | bytes) -> Tree:
    return parse(Source(text) if isinstance(text, str) else Source.from_bytes(text))


def rows(text: str) -> list[tuple[str, int, int]]:
    return [(i.keyword, i.line, i.end_line) for i in tree(text).instructions]


def one(text: str):
    """The only instruction of a text."""
    (instruction,) = tree(text).instructions
    return instruction


def args(text: str) -> list[str]:
    return [word.text for word in one(text).args]


def problems(text: str) -> list[tuple[int, str]]:
    return [(problem.line, problem.message) for problem in tree(text).problems]


# --- lines and continuations -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FROM a\nRUN b\n", [("FROM", 1, 1), ("RUN", 2, 2)]),
        ("FROM a\r\nRUN b \\\r\n  c\r\n", [("FROM", 1, 1), ("RUN", 2, 3)]),
        ("from a\n\n\nrun b", [("FROM", 1, 1), ("RUN", 4, 4)]),
        ("\ufeffFROM a\n", [("FROM", 1, 1)]),
        ("   FROM a\n\tRUN b\n", [("FROM", 1, 1), ("RUN", 2, 2)]),
        ("RUN a \\\n  # note\n\n \t\n  b\nUSER c\n", [("RUN", 1, 5), ("USER", 6, 6)]),
        ("RUN a \\ \t\n b\n", [("RUN", 1, 2)]),
        ("RUN a \\\n# the end \\\n b\nUSER c\n", [("RUN", 1, 3), ("USER", 4, 4)]),
        ("RUN a \\", [("RUN", 1, 1)]),
        ("RUN a \\\n\n\n", [("RUN", 1, 3)]),
        ("R\\\nUN a\n", [("RUN", 1, 2)]),
        ("\\\nRUN a\n", [("RUN", 1, 2)]),
        ("RUN a \\\n# swallows the next\nUSER c\n", [("RUN", 1, 3)]),
        # No continuation: two escapes, other white space behind one, a lone CR inside a line.
        ("RUN a \\\\\nUSER b\n", [("RUN", 1, 1), ("USER", 2, 2)]),
        ("RUN a \\\\\\\nUSER b\n", [("RUN", 1, 1), ("USER", 2, 2)]),
        ("RUN a \\\f\nUSER b\n", [("RUN", 1, 1), ("USER", 2, 2)]),
        ("RUN a \\\xa0\nUSER b\n", [("RUN", 1, 1), ("USER", 2, 2)]),
        ("RUN a\rUSER b\n", [("RUN", 1, 1)]),
        ("RUN a `\nUSER b\n", [("RUN", 1, 1), ("USER", 2, 2)]),
    ],
)
def test_where_instructions_start_and_end(text, expected):
    assert rows(text) == expected


def test_continued_lines_are_joined_with_nothing_between():
    assert args("RUN a\\\nb \\\n\n  c  \n") == ["ab   c"]


def test_only_a_newline_ends_a_line():
    assert rows("RUN a\u2028b\x85c\x0cd\nUSER e\n") == [("RUN", 1, 1), ("USER", 2, 2)]


def test_a_no_break_space_does_not_end_a_keyword():
    assert one("RUN\xa0a b\n").keyword == "RUN\xa0A"
    assert one("RUN\v\f a\n").keyword == "RUN"


@pytest.mark.parametrize("text", ["", "\n", "# only a comment\n", "\ufeff", "  \n\t\n# x"])
def test_a_file_with_no_instructions_is_refused(text):
    assert [message for _, message in problems(text)] == ["file with no instructions"]


def test_a_physical_line_has_a_limit_and_a_logical_one_has_none():
    message = "dockerfile line greater than max allowed size of 65535"
    fits = "RUN " + "x" * (65536 - 5) + "\n"
    assert problems(fits) == []
    assert problems("FROM a\n" + fits.replace("x\n", "xx\n")) == [(2, message)]
    assert problems("RUN " + "é" * 32767 + "\n") == [(1, message)]
    assert problems("RUN a\\\n" + "x" * 40000 + "\\\n" + "x" * 40000 + "\n") == []


# --- comments and directives -------------------------------------------------------------------------------------


def test_comments_belong_to_the_instruction_below_or_around_them():
    parsed = tree("# one\n\n  # two\nFROM a\nRUN b \\\n  # three\n  c\n# four\n")
    from_, run = parsed.instructions
    assert [c.text for c in from_.comments] == ["# one", "# two"]
    assert [(c.text, c.line, c.kind) for c in run.inner_comments] == [("# three", 6, "inside")]
    assert run.comments == []
    assert [c.text for c in parsed.comments] == ["# one", "# two", "# three", "# four"]
    assert [parsed.source.slice(c.span) for c in parsed.comments] == ["# one", "# two", "# three", "# four"]


def test_a_number_sign_within_a_line_is_no_comment():
    assert args("RUN a # b\n") == ["a # b"]


@pytest.mark.parametrize(
    ("text", "escape"),
    [
        ("# escape=`\n", "`"),
        ("# escape = `  \n", "`"),
        ("#ESCAPE=`\n", "`"),
        ("# syntax=docker/dockerfile:1\n# check=skip=all\n# escape=`\n", "`"),
        ("\ufeff# escape=`\r\n", "`"),
        ("  # escape=`\n", "`"),
        ("# escape=\\\n", "\\"),
        ("# hello\n# escape=`\n", "\\"),
        ("# other=1\n# escape=`\n", "\\"),
        ("\n# escape=`\n", "\\"),
        ("FROM x\n# escape=`\n", "\\"),
        ("#!/bin/x\n# escape=`\n", "\\"),
        ("# escape=x\n", "\\"),
        ("# escape=\n", "\\"),
    ],
)
def test_the_escape_directive(text, escape):
    assert tree(text + "FROM a\n").escape == escape


def test_directives_in_force_and_their_places():
    parsed = tree("# syntax = docker/dockerfile:1 \n# Check=skip=A;error=true\nFROM a\n# escape=`\n")
    assert [(d.name, d.value, d.line) for d in parsed.directives] == [
        ("syntax", "docker/dockerfile:1", 1),
        ("check", "skip=A;error=true", 2),
    ]
    assert parsed.source.slice(parsed.directives[0].value_span) == "docker/dockerfile:1"
    assert parsed.directive("escape") is None


def test_directives_that_are_refused():
    assert problems("# escape=`\n# escape=`\nFROM a\n") == [(2, "only one escape parser directive can be used")]
    assert problems("# escape=x\nFROM a\n") == [(1, "invalid escape token 'x' does not match ` or \\")]
    assert problems("# note=1\n# note=1\nFROM a\n") == []


def test_with_the_backtick_a_backslash_is_plain_text():
    parsed = tree("# escape=`\nFROM a\nCOPY x C:\\\nRUN b `\n c\n")
    assert [(i.keyword, i.end_line) for i in parsed.instructions] == [("FROM", 2), ("COPY", 3), ("RUN", 5)]


# --- flags -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "flags", "body"),
    [
        ("COPY --from=a --chown=1:2 b c", ["--from=a", "--chown=1:2"], "b c"),
        ('RUN --mount="type=cache,target=/a b" x', ["--mount=type=cache,target=/a b"], "x"),
        ("RUN --network=none\\\n --security=x y", ["--network=none", "--security=x"], "y"),
        ("COPY --link a b", ["--link"], "a b"),
        ("ADD --a\\ b c d", ["--a b"], "c d"),
        ("RUN a --b", [], "a --b"),
        ("RUN -- --b", [], "--b"),
        ("RUN -x", [], "-x"),
        ("RUN --a", ["--a"], ""),
    ],
)
def test_flags_stand_before_the_arguments(text, flags, body):
    instruction = one(text)
    assert [flag.text for flag in instruction.flags] == flags
    assert instruction.body.text == body


def test_a_flag_has_a_name_and_a_value():
    chown, link = one("COPY --chown=a=b --link c d").flags
    assert (chown.name, chown.value, link.name, link.value) == ("chown", "a=b", "link", None)


# --- arguments ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "form", "expected"),
    [
        ('RUN ["a", "b c"]', "exec", ["a", "b c"]),
        ('CMD [ "a" ,"\\u00e9\\n\\"" ]', "exec", ["a", 'é\n"']),
        ('CMD ["\\ud83d\\ude00", "\\ud83d"]', "exec", ["\U0001f600", "\ufffd"]),
        ("ENTRYPOINT []", "exec", []),
        ('RUN ["a", \\\n  # note\n  "b"]', "exec", ["a", "b"]),
        ('COPY ["a b", "c"]', "exec", ["a b", "c"]),
        ('VOLUME ["/a", "/b"]', "exec", ["/a", "/b"]),
        ('SHELL ["sh", "-c"]', "exec", ["sh", "-c"]),
        # Anything that is no JSON is shell text.
        ("RUN ['a']", "shell", ["['a']"]),
        ('RUN ["a"] && b', "shell", ['["a"] && b']),
        ('RUN ["a",]', "shell", ['["a",]']),
        ('RUN ["a" "b"]', "shell", ['["a" "b"]']),
        ('RUN ["a\tb"]', "shell", ['["a\tb"]']),
        ('RUN ["\\x"]', "shell", ['["\\x"]']),
        ("RUN [ -f a ] || b", "shell", ["[ -f a ] || b"]),
        ('COPY ["a", b] c', "shell", ['["a",', "b]", "c"]),
        ("RUN  a  b ", "shell", ["a  b"]),
        ('COPY "a b" c', "shell", ['"a', 'b"', "c"]),
        ("FROM --platform=x a AS b", None, ["a", "AS", "b"]),
        ("EXPOSE 80 443/tcp", None, ["80", "443/tcp"]),
        ('ARG A B=1 C="x y"', None, ["A", "B=1", 'C="x y"']),
        ("WORKDIR /a  b ", None, ["/a  b"]),
        ("USER a:b", None, ["a:b"]),
        ("STOPSIGNAL", None, []),
        ('ENV A=1 B="x y" C=\\ z', None, ["A", "1", "B", '"x y"', "C", "\\ z"]),
        ("ENV key a  b=c", None, ["key", "a  b=c"]),
        ("LABEL a= b='1'", None, ["a", "", "b", "'1'"]),
    ],
)
def test_arguments_are_split_as_in_a_build(text, form, expected):
    instruction = one(text)
    assert instruction.form == form
    assert [word.text for word in instruction.args] == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ENV a", "ENV must have two arguments"),
        ("LABEL a", "LABEL must have two arguments"),
        ("ENV a=1 b", 'Syntax error - can\'t find = in "b". Must be of the form: name=value'),
        ('CMD ["a", 1]', "when using JSON array syntax, arrays must be comprised of strings only"),
        ("RUN [1]", "when using JSON array syntax, arrays must be comprised of strings only"),
        ('COPY ["a", null]', "when using JSON array syntax, arrays must be comprised of strings only"),
        ('HEALTHCHECK CMD ["a", {}]', "when using JSON array syntax, arrays must be comprised of strings only"),
        ("ONBUILD ENV a", "ENV must have two arguments"),
    ],
)
def test_arguments_that_are_refused(text, message):
    assert problems("FROM x\n" + text) == [(2, message)]


@pytest.mark.parametrize(
    "text",
    ["FROM", "RUN", "ENV", "COPY a", "FOO bar", "FROM a b c d", "CMD [NaN]", "EXPOSE x", "ONBUILD", "HEALTHCHECK"],
)
def test_what_the_parser_alone_accepts(text):
    assert problems(text) == []


def test_healthcheck_keeps_kind_and_command_apart():
    check = one("HEALTHCHECK --interval=3s CMD curl a || exit 1")
    assert (check.kind, args("HEALTHCHECK CMD a b"), check.form) == ("CMD", ["a b"], "shell")
    assert [f.text for f in check.flags] == ["--interval=3s"]
    assert one("HEALTHCHECK none").kind == "NONE"
    assert [w.text for w in one('HEALTHCHECK CMD ["a", "b"]').args] == ["a", "b"]


def test_onbuild_holds_an_instruction():
    outer = one("ONBUILD COPY --from=x a \\\n  b")
    inner = outer.inner
    assert (inner.keyword, inner.line, inner.end_line, inner.outer) == ("COPY", 1, 2, outer)
    assert [w.text for w in inner.args] == ["a", "b"]
    assert one("ONBUILD").inner is None


def test_pairs_know_the_old_form():
    assert [(p.key, p.value, p.legacy) for p in one("ENV a b c").pairs] == [("a", "b c", True)]
    assert [(p.key, p.value, p.legacy) for p in one("ENV a=b").pairs] == [("a", "b", False)]
    assert [(p.key, p.value) for p in one("ARG a b=").pairs] == [("a", None), ("b", "")]


# --- heredocs ----------------------------------------------------------------------------------------------------


def heredocs(text: str) -> list[tuple[str, str, bool, bool]]:
    return [(h.name, h.content, h.expand, h.chomp) for i in tree(text).instructions for h in i.heredocs]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("RUN <<EOF\na\n b\nEOF\n", [("EOF", "a\n b\n", True, False)]),
        ("RUN <<EOF\nEOF", [("EOF", "", True, False)]),
        ("RUN <<'EOF'\n$a\nEOF\n", [("EOF", "$a\n", False, False)]),
        ('RUN <<"E F"\na\nE F\n', [("E F", "a\n", False, False)]),
        ("RUN <<E\\OF\na\nEOF\n", [("EOF", "a\n", False, False)]),
        ("RUN <<-EOF\n\ta\n\t\tEOF\n", [("EOF", "\ta\n", True, True)]),
        ("RUN << EOF\na\nEOF\n", [("EOF", "a\n", True, False)]),
        ("RUN cat <<A 3<<B > c\n1\nA\n2\nB\n", [("A", "1\n", True, False), ("B", "2\n", True, False)]),
        ("COPY <<a <<b /d/\nb\na\n\nb\n", [("a", "b\n", True, False), ("b", "\n", True, False)]),
        ("ADD --chmod=1 <<f /g\nh\nf\n", [("f", "h\n", True, False)]),
        ("ONBUILD RUN <<E\na\nE\n", [("E", "a\n", True, False)]),
        ("RUN a \\\n <<E\nb\\\nE\n", [("E", "b\\\n", True, False)]),
        ("RUN <<E\r\na\r\nE\r\n", [("E", "a\r\n", True, False)]),
        ("RUN <<E\n# no comment\n E\nE \nE\n", [("E", "# no comment\n E\nE \n", True, False)]),
    ],
)
def test_heredocs(text, expected):
    found = [
        (h.name, h.content, h.expand, h.chomp)
        for i in tree(text).instructions
        for h in (i.inner if i.keyword == "ONBUILD" else i).heredocs
    ]
    assert found == expected
    assert problems(text) == []
    assert rows(text)[0][2] == text.rstrip("\r\n").count("\n") + 1


@pytest.mark.parametrize(
    "line",
    [
        "RUN cat <<<EOF",
        'RUN echo "<<EOF"',
        "RUN echo '<<EOF'",
        "RUN a<<EOF",
        "RUN echo $((1<<2))",
        "RUN echo don't <<EOF",
        'RUN ["cat", "<<EOF"]',
        "CMD cat <<EOF",
        "ENV a <<EOF",
        "ENTRYPOINT <<EOF",
        "RUN a \\<<EOF",
        "RUN <<",
        "ONBUILD CMD <<EOF",
    ],
)
def test_what_is_no_heredoc(line):
    text = line + "\nUSER x\nEOF\n"
    assert heredocs(text) == []
    assert [row[0] for row in rows(text)][1:] == ["USER", "EOF"]


def test_an_arithmetic_shift_with_spaces_is_a_heredoc_without_an_end():
    assert problems("RUN echo $((1 << 2))\nUSER a\n") == [(1, "unterminated heredoc")]


def test_reading_goes_on_behind_a_heredoc_without_an_end():
    parsed = tree("FROM a\nRUN <<E\nls\nUSER b\nCMD c\n")
    assert [p.message for p in parsed.problems] == ["unterminated heredoc"]
    assert [i.keyword for i in parsed.instructions] == ["FROM", "RUN", "USER", "CMD"]


def test_heredocs_are_lexed_with_the_backslash_under_the_backtick_too():
    text = "# escape=`\nFROM a\nRUN <<E\\OF\n$x\nEOF\n"
    assert heredocs(text) == [("EOF", "$x\n", False, False)]


def test_copy_leaves_heredocs_out_of_its_sources():
    copy = one("COPY a <<B /c/\nx\nB\n")
    assert [w.text for w in copy.sources] == ["a"]
    assert copy.target.text == "/c/"


# --- places ------------------------------------------------------------------------------------------------------


def test_spans_of_words_across_continuations():
    text = "# c\nCOPY --from=b \\\n   # note\n   one \\\n\n   two/\n"
    parsed = tree(text)
    copy = parsed.instructions[0]
    cut = parsed.source.slice
    assert [cut(w.span) for w in copy.args] == ["one", "two/"]
    assert cut(copy.flags[0].span) == "--from=b"
    assert cut(copy.name_span) == "COPY"
    assert cut(copy.args_span) == "one \\\n\n   two/"
    assert cut(copy.span) == text[4:-1]
    assert [cut(s) for s in copy.empty_lines] == ["\n"]


def test_spans_of_pairs_and_heredocs():
    text = "ENV a=1 \\\n  b='x y'\nRUN <<E\nz\nE\n"
    env, run = tree(text).instructions
    source = Source(text)
    assert [(source.slice(p.key_span), source.slice(p.value_span)) for p in env.pairs] == [("a", "1"), ("b", "'x y'")]
    (heredoc,) = run.heredocs
    spans = (heredoc.word_span, heredoc.body_span, heredoc.end_span)
    assert [source.slice(s) for s in spans] == ["<<E", "z\n", "E"]
    assert source.slice(run.span) == "RUN <<E\nz\nE"


# --- any text ----------------------------------------------------------------------------------------------------

PIECES = (
    *("a", "E", "\\", "`", "'", '"', "$", "[", "]", "{", "}", ",", "=", ":", "-", "#", "<", ">", " ", "\t", "\r", "\f"),
    *("\n", "\n", "\n", " \\\n", "<<E", "E\n", "RUN ", "COPY ", "ENV ", "ONBUILD ", "--", "# escape=`\n", '["a"]'),
    *("FROM a\n", "${", "\\\\", "é", "\xa0", "\u2028", "\udcff", "\ufeff"),
)
TEXTS = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)


def all_spans(parsed: Tree):
    for comment in parsed.comments:
        yield comment.span
    for problem in parsed.problems:
        yield problem.span
    for directive in parsed.directives:
        yield directive.span
        yield directive.value_span
    for outer in parsed.instructions:
        instruction = outer
        while instruction is not None:
            yield from (instruction.span, instruction.name_span, instruction.args_span)
            yield from (word.span for word in instruction.args)
            yield from (flag.span for flag in instruction.flags)
            yield from instruction.empty_lines
            for heredoc in instruction.heredocs:
                yield from (heredoc.word_span, heredoc.body_span, heredoc.end_span)
            for pair in getattr(instruction, "pairs", ()):
                yield from (pair.key_span, pair.value_span, pair.span)
            instruction = getattr(instruction, "inner", None)


@settings(max_examples=250, deadline=None)
@given(TEXTS)
@example("RUN <<E\n")
@example("\\")
@example("ONBUILD " * 30)
@example("ENV " + "\\\n" * 5)
def test_any_text_is_read_and_every_place_is_in_it(text):
    parsed = tree(text)
    size, lines = len(parsed.source.text), parsed.source.text.count("\n") + 1
    for span in all_spans(parsed):
        assert 0 <= span.start <= span.end <= size
    last = 0
    for instruction in parsed.instructions:
        assert last < instruction.line <= instruction.end_line <= lines
        last = instruction.end_line
        assert Span(0, size).contains(instruction.span)
    assert parsed.instructions or parsed.problems


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60))
@example(b"\xef\xbb\xbfFROM a\r\n\xff")
@example(b"\xef\xbb\xbf\xef\xbb\xbfFROM a")
def test_any_bytes_come_back_as_they_were(data):
    source = Source.from_bytes(data)
    parse(source)
    assert source.encode() == data


LARGE = {
    "lines": "RUN a\n" * 20000,
    "continuations": "RUN a \\\n" + "  && b \\\n" * 20000,
    "heredocs": "RUN " + "<<E " * 3000 + "\n",
    "open heredocs": "RUN <<E\nx\n" * 3000,
    "pairs": "ENV " + "a=b " * 20000,
    "json": "RUN [" + '"a",' * 20000 + '"b"]',
    "brackets": "RUN " + "[" * 50000,
    "onbuild": "ONBUILD " * 5000,
    "comments": "#\n" * 20000 + "FROM a",
    "blank lines": "RUN a \\\n" + "\n" * 20000 + "b",
}


@pytest.mark.parametrize("text", LARGE.values(), ids=LARGE)
def test_large_files_take_linear_time(text):
    start = time.process_time()
    tree(text)
    # Twenty times what it takes on a slow machine; what grows with the square takes minutes.
    assert time.process_time() - start < 5
