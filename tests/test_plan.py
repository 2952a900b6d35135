"""The normal form of a build: what may look different, and what may not be different."""

import pytest

from dfadvise.context import BuildContext
from dfadvise.plan import normal_form
from dfadvise.proving.difference import difference
from dfadvise.proving.tokens import tokens
from dfadvise.proving.words import Scope, meaning
from dfadvise.source import Source
from dfadvise.stages import Dockerfile


def plan(text, context=None):
    return normal_form(Dockerfile(Source(text), context=context))


EQUAL = {
    "formatting": ("RUN a   b&&c\n", "run a b \\\n  && c\n"),
    "comments": ("RUN a && b\nCOPY c /d\n", "# x\nRUN a \\\n# y\n && b # z\nCOPY c /d\n"),
    "blank lines": ("RUN a\nCOPY b /c\n", "RUN a\n\n\nCOPY   b \\\n\n  /c\n"),
    "line endings": ("RUN a \\\n b\nENV c=d\n", "RUN a \\\r\n b\r\nENV c=d\r\n"),
    "casing": (
        "FROM a AS Build\nFROM b\nCOPY --from=build b /c\n",
        "from a as build\nfrom b\ncopy --from=BUILD b /c\n",
    ),
    "a stage by number": ("FROM a AS x\nFROM b\nCOPY --from=x b /c\n", "FROM a AS x\nFROM b\nCOPY --from=0 b /c\n"),
    "a mount from a stage": (
        "FROM a AS X\nFROM b\nRUN --mount=from=X,target=/x b\n",
        "FROM a AS x\nFROM b\nRUN --mount=from=x,target=/x b\n",
    ),
    "merged": ("RUN apt-get update\nRUN apt-get install -y git\n", "RUN apt-get update && apt-get install -y git\n"),
    "split in three": ("RUN mkdir /a && touch /a/b && rm /c\n", "RUN mkdir /a\nRUN touch /a/b\nRUN rm /c\n"),
    "merged around what stays": ("RUN a\nRUN mkdir b\nRUN rm c\nRUN d\n", "RUN a\nRUN mkdir b && rm c\nRUN d\n"),
    "maintainer": ("MAINTAINER Ann <a@b.c>\n", 'LABEL org.opencontainers.image.authors="Ann <a@b.c>"\n'),
    "old ENV": ("ENV A b  c\nRUN x\n", 'ENV A="b  c"\nRUN x\n'),
    "old ENV with quotes": ("ENV A \"b\" 'c d'\nRUN x\n", 'ENV A="b c d"\nRUN x\n'),
    "old ENV with a default": ("ENV A ${B:-c} d\nRUN x\n", 'ENV A="${B:-c} d"\nRUN x\n'),
    "old LABEL": ("LABEL a b c\n", 'LABEL a="b c"\n'),
    "labels in one": ("LABEL a=b\nLABEL c=d e=f\n", "LABEL c=d a=b\nLABEL e=f\n"),
    "variables in one": ("ENV A=1\nENV B=2\nRUN x\n", "ENV A=1 B=2\nRUN x\n"),
    "the order of variables": ("ENV A=1\nENV B=2\nRUN x\n", "ENV B=2\nENV A=1\nRUN x\n"),
    "a variable or its value": ("ENV A=/x\nWORKDIR $A/y\n", "ENV A=/x\nWORKDIR /x/y\n"),
    "a command that nobody hears of": ("CMD a\nENTRYPOINT b\nCMD c\n", "ENTRYPOINT b\nCMD c\n"),
    "a variable that nobody sees": ("ENV A=1\nCOPY b /c\nENV A=2\nRUN x\n", "COPY b /c\nENV A=2\nRUN x\n"),
    "a held back command": ("ONBUILD CMD a\nONBUILD CMD b\n", "ONBUILD CMD b\n"),
    "a slash behind several": ("COPY a b /c\n", "COPY a b /c/\n"),
    "a quoted slash behind several": ('COPY a b "/c"\n', 'COPY a b "/c/"\n'),
    "a slash behind a variable": ("ARG D\nCOPY a b $D/c\n", "ARG D\nCOPY a b $D/c/\n"),
    "a relative target": ("WORKDIR /a\nCOPY b c/\n", "WORKDIR /a\nCOPY b ./c/\n"),
    "ADD of folders": ("ADD . /a/\nADD b/ /c/\n", "COPY . /a/\nCOPY b/ /c/\n"),
    "a platform that is the default": ("FROM --platform=$TARGETPLATFORM a\n", "FROM a\n"),
    "ports": ("EXPOSE 80 90/UDP\n", "EXPOSE 90/udp\nEXPOSE 80/tcp\n"),
    "mount names": ("RUN --mount=type=cache,dst=/a b\n", "RUN --mount=target=/a,type=cache b\n"),
    "exec form": ('CMD ["a","b"]\n', 'CMD [ "a", "b" ]\n'),
    "a heredoc script": ("RUN <<E\na  b\n# c\nE\n", "RUN <<E\na b\n\nE\n"),
    "the time of metadata": ("LABEL a=b\nRUN c\nCMD d\n", "CMD d\nRUN c\nLABEL a=b\n"),
}
FORMS_OF_OTHER = {
    "another command": ("RUN a\n", "RUN b\n"),
    "another order": ("RUN rm /a\nRUN mkdir /b\n", "RUN mkdir /b\nRUN rm /a\n"),
    "a cleaner more": ("RUN mkdir /a\n", "RUN mkdir /a && rm /b\n"),
    "quotes with blanks": ('RUN echo "a  b"\n', 'RUN echo "a b"\n'),
    "a comment sign in a word": ("RUN a #b\n", "RUN a '#b'\n"),
    "another operator": ("RUN a && b\n", "RUN a; b\n"),
    "a newline where it counts": ("RUN <<E\na\nb\nE\n", "RUN <<E\na b\nE\n"),
    "words of a loop": ("RUN for x in a b; do c; done\n", "RUN for x in a d; do c; done\n"),
    "a pattern of a case": ("RUN case $x in a) b;; esac\n", "RUN case $x in c) b;; esac\n"),
    "a nested subshell": ("RUN ((a))\n", "RUN ( (a) )\n"),
    "a descriptor": ("RUN a 2>b\n", "RUN a 2 >b\n"),
    "a directory that is lost": ("RUN cd /a && rm b\n", "RUN cd /a\nRUN rm b\n"),
    "a variable that is lost": ("RUN A=1 && mkdir b\n", "RUN A=1\nRUN mkdir b\n"),
    "an exported variable": ("RUN export A=1\nRUN mkdir b\n", "RUN export A=1 && mkdir b\n"),
    "shell options": ("RUN set -e && mkdir a\nRUN mkdir b\n", "RUN set -e && mkdir a && mkdir b\n"),
    "a mask": ("RUN umask 077 && mkdir a\nRUN mkdir b\n", "RUN umask 077 && mkdir a && mkdir b\n"),
    "an assignment in an expansion": ("RUN echo ${A:=b}\nRUN rm $A\n", "RUN echo ${A:=b} && rm $A\n"),
    "a service": ("RUN service x start\nRUN mkdir a\n", "RUN service x start && mkdir a\n"),
    "an unknown program": ("RUN ./start\nRUN mkdir a\n", "RUN ./start && mkdir a\n"),
    "a hosts file": ("RUN echo a >> /etc/hosts\nRUN mkdir a\n", "RUN echo a >> /etc/hosts && mkdir a\n"),
    "merged over `;`": ("RUN mkdir a; mkdir b\nRUN mkdir c\n", "RUN mkdir a; mkdir b && mkdir c\n"),
    "merged over `||`": ("RUN mkdir a || mkdir b\nRUN mkdir c\n", "RUN mkdir a || mkdir b && mkdir c\n"),
    "merged into a comment": ("RUN mkdir a # x\nRUN mkdir c\n", "RUN mkdir a # x && mkdir c\n"),
    "merged mounts": (
        "RUN --mount=type=tmpfs,target=/a mkdir b\nRUN mkdir c\n",
        "RUN --mount=type=tmpfs,target=/a mkdir b && mkdir c\n",
    ),
    "another user": ("USER a\nRUN b\n", "USER c\nRUN b\n"),
    "a user too early": ("RUN b\nUSER a\n", "USER a\nRUN b\n"),
    "the last user": ("RUN b\nUSER a\n", "RUN b\n"),
    "another directory": ("WORKDIR /a\nRUN b\n", "WORKDIR /c\nRUN b\n"),
    "another shell": ('SHELL ["/bin/bash", "-c"]\nRUN a\n', 'SHELL ["/bin/bash", "-ec"]\nRUN a\n'),
    "a variable more": ("RUN a\n", "ENV A=1\nRUN a\n"),
    "a variable less": ("ENV A=1\nRUN a\n", "RUN a\n"),
    "another value": ("ENV A=1\nRUN a\n", "ENV A=2\nRUN a\n"),
    "the old value": ("ENV A=1\nENV B=$A\nRUN x\n", "ENV A=1 B=$A\nRUN x\n"),
    "an ARG is no value": ("ARG A=1\nWORKDIR /$A\n", "ARG A=1\nWORKDIR /1\n"),
    "another default": ("ENV A ${B:-c}\nRUN x\n", "ENV A=${B:-d}\nRUN x\n"),
    "an ARG behind a RUN": ("ARG A\nRUN a\n", "RUN a\nARG A\n"),
    "another ARG for FROM": ("ARG A=1\nFROM a:$A\nRUN x\n", "ARG A=2\nFROM a:$A\nRUN x\n"),
    "quotes that were meant": ('ENV A "b"\nRUN x\n', 'ENV A="\\"b\\""\nRUN x\n'),
    "another base": ("FROM a:1\n", "FROM a:2\n"),
    "another stage": ("FROM a AS x\nFROM b AS y\nFROM x\n", "FROM a AS x\nFROM b AS y\nFROM y\n"),
    "another platform": ("FROM --platform=$BUILDPLATFORM a\n", "FROM a\n"),
    "another source": ("COPY a /b\n", "COPY c /b\n"),
    "another owner": ("COPY --chown=a b /c\n", "COPY --chown=d b /c\n"),
    "another mode": ("COPY --chmod=755 b /c\n", "COPY --chmod=750 b /c\n"),
    "a slash behind one": ("COPY a /c\n", "COPY a /c/\n"),
    "another relative target": ("WORKDIR /a\nCOPY b c\n", "WORKDIR /d\nCOPY b c\n"),
    "ADD of an archive": ("ADD a.tar /b/\n", "COPY a.tar /b/\n"),
    "ADD of a file that may be one": ("ADD a /b/\n", "COPY a /b/\n"),
    "ADD of an address": ("ADD https://a.b/c /d/\n", "COPY https://a.b/c /d/\n"),
    "COPY of another image": ("COPY --from=a b /c\n", "COPY --from=d b /c\n"),
    "the text of a copied document": ("COPY <<E /a\nb  c\nE\n", "COPY <<E /a\nb c\nE\n"),
    "the name of a document": ("COPY <<A /a/\nb\nA\n", "COPY <<B /a/\nb\nB\n"),
    "another document": ("RUN cat <<E\na\nE\n", "RUN cat <<E\nb\nE\n"),
    "a mount": ("RUN --mount=type=cache,target=/a b\n", "RUN b\n"),
    "another target": ("RUN --mount=type=cache,target=/a b\n", "RUN --mount=type=cache,target=/c b\n"),
    "the network": ("RUN --network=none a\n", "RUN a\n"),
    "a port": ("EXPOSE 80\n", "EXPOSE 80/udp\n"),
    "a label": ("LABEL a=b\n", "LABEL a=c\n"),
    "the last label": ("LABEL a=b\nLABEL a=c\n", "LABEL a=c\nLABEL a=b\n"),
    "a command": ("CMD a\n", "CMD b\n"),
    "a form": ('CMD ["a"]\n', "CMD a\n"),
    "the shell of a command": ('SHELL ["/b", "-c"]\nCMD a\n', 'CMD a\nSHELL ["/b", "-c"]\n'),
    "a health check": ("HEALTHCHECK CMD a\n", "HEALTHCHECK --interval=5s CMD a\n"),
    "no health check": ("HEALTHCHECK CMD a\n", "HEALTHCHECK NONE\n"),
    "a stop signal": ("STOPSIGNAL TERM\n", "STOPSIGNAL INT\n"),
    "a volume": ("VOLUME /a\n", ""),
    "a volume above what it hides": ("VOLUME /a\nRUN touch /a/b\n", "RUN touch /a/b\nVOLUME /a\n"),
    "a trigger": ("ONBUILD RUN a\n", "ONBUILD RUN b\n"),
    "a trigger less": ("ONBUILD RUN a\n", ""),
    "a trigger at once": ("ONBUILD RUN a\n", "RUN a\n"),
    "a word that stops the build": ("USER a\nUSER b\n", 'USER "a\nUSER b\n'),
    "a stage name": ("FROM a AS b\n", "FROM a AS c\n"),
}


@pytest.mark.parametrize("name", EQUAL)
def test_these_build_the_same_image(name):
    one, other = (text if text.lower().startswith(("from", "arg")) else "FROM debian\n" + text for text in EQUAL[name])
    assert difference(plan(one), plan(other)) is None
    assert difference(plan(other), plan(one)) is None
    assert plan(one) == plan(other)


@pytest.mark.parametrize("name", FORMS_OF_OTHER)
def test_these_do_not(name):
    one, other = (
        text if text.lower().startswith(("from", "arg")) and "FROM" in text else "FROM debian\n" + text
        for text in FORMS_OF_OTHER[name]
    )
    assert difference(plan(one), plan(other))
    assert difference(plan(other), plan(one))
    assert plan(one) != plan(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("# syntax=docker/dockerfile:1\nFROM a\n", "# syntax=docker/dockerfile:1.4\nFROM a\n"),
        ("# check=error=true\nFROM a\n", "FROM a\n"),
    ],
)
def test_directives_count(one, other):
    assert plan(one) != plan(other)


def test_the_escape_directive_counts_by_what_it_makes_of_the_text():
    assert plan("# escape=`\nFROM a\nRUN b `\n c\n") == plan("FROM a\nRUN b \\\n c\n")


def test_a_difference_is_told_in_words_with_its_line():
    text = "FROM a\nENV A=1\nRUN b\nCOPY c /d\n"
    assert difference(plan(text), plan(text.replace("A=1", "A=2"))) == "the environment of the stage on line 1 changed"
    assert difference(plan(text), plan(text.replace("RUN b", "RUN e"))) == (
        "line 3: the commands or their order changed"
    )
    assert difference(plan(text), plan(text.replace("c /d", "c /e"))) == "line 4: the arguments changed"
    assert difference(plan(text), plan(text.replace("RUN b\n", ""))) == "line 3: a step is missing"
    assert difference(plan(text), plan(text.replace("RUN b", "USER b\nRUN b\nUSER c"))) == (
        "the user of the stage on line 1 changed"
    )
    assert difference(plan(text + "USER c\n"), plan(text.replace("RUN b", "USER b\nRUN b") + "USER c\n")) == (
        "line 3: the step changed, or the user, directory or shell that it runs with"
    )
    assert difference(plan(text), plan(text + "COPY x /y\n")) == "line 4: a step was added"
    one = "FROM a\nENV A=1\nRUN b\nENV A=2\n"
    assert difference(plan(one), plan(one.replace("A=1", "A=3"))) == "line 3: the variable A changed"


def test_an_archive_in_the_context_is_no_copy(tmp_path):
    (tmp_path / "plain").write_text("x")
    (tmp_path / "packed").write_bytes(b"\x1f\x8b\x08 and more")
    context = BuildContext(str(tmp_path), None, True)
    assert plan("FROM a\nADD plain /b/\n", context) == plan("FROM a\nCOPY plain /b/\n", context)
    assert plan("FROM a\nADD packed /b/\n", context) != plan("FROM a\nCOPY packed /b/\n", context)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a  b&&c", ["a", "b", "&&", "c"]),
        ("a 'b  c' \"d  e\"", ["a", "'b  c'", '"d  e"']),
        ('a "b$(c  d)e" f', ["a", '"b$(', "c", "d", ')e"', "f"]),
        ("a $(b $(c  d))", ["a", "$(", "b", "$(", "c", "d", ")", ")"]),
        ("a `b  c`", ["a", "`b  c`"]),
        ("a ${b:-c  d} $((1 +  2))", ["a", "${b:-c  d}", "$((1 +  2))"]),
        ("a 2>&1 >b", ["a", "2>&", "1", ">", "b"]),
        ("a # b\n\n# c\nd\n", ["a", "\n", "d"]),
        ("a#b \\# 'c #'", ["a#b", "\\#", "'c #'"]),
        ("a &&\n\n  b", ["a", "&&", "b"]),
        ("a \\\n  b\\\nc", ["a", "bc"]),
        (
            "cat <<A <<-B\n x  y\nA\n\tz\n\tB\nd",
            ["cat", "<<", "A", "<<-", "B", "\n", "\n x  y\nA", "\n\tz\n\tB", "\n", "d"],
        ),
        ("case a in b) c;; esac", ["case", "a", "in", "b", ")", "c", ";;", "esac"]),
        ("f() { a=(b   c); }", ["f", "(", ")", "{", "a=(", "b", "c", ")", ";", "}"]),
    ],
)
def test_tokens(text, expected):
    assert list(tokens(text).texts) == expected


@pytest.mark.parametrize(
    "text",
    [
        'a "b',
        "a 'b",
        "a $'b\\'  c'",
        "ls !(a  b)",
        'a "$(case b in c) d;; esac)"',
        "a <(b  c)",
        "{fd}>a  b",
        '"${a:-"b  c"}"',
        "cat <<A\nb  c\n",
        "a $(b",
        "`a  b",
    ],
)
def test_what_is_hard_to_read_is_kept_as_it_is(text):
    found = tokens(text)
    assert found.is_raw
    assert tokens(text.replace("  ", " ")).texts != found.texts or "  " not in text


def test_hostile_texts_do_no_harm():
    for text in ("$(" * 5000, '"$(' * 5000, "${" * 50_000, "(" * 50_000, "`" * 50_001, "<<" * 5000, "a\\" * 9999):
        assert tokens(text).texts
    doubling = "FROM a\nENV A=xxxxxxxxxx\n" + "ENV A=$A$A$A\n" * 60 + "RUN b\n"
    assert plan(doubling) == plan(doubling)
    assert plan(doubling) != plan(doubling.replace("xxxxxxxxxx", "xxxxxxxxxy"))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("$A/x", "1/x", True),
        ('"a b"', "a b", True),
        ("${B}x", '"$B"x', True),
        ("$B", "2", False),
        ("${C:-d} e", '"${C:-d} e"', True),
        ("${C:-d}", "${C:-e}", False),
        ("${C:-d}", "$C", False),
        ("'${C:-d}'", "\\${C:-d}", True),
        ("'$A'", "$A", False),
        ("$A$B", "1$B", True),
        ("${B", "${B", True),
        ("${B", "${C", False),
    ],
)
def test_meanings(one, other, same):
    scope = Scope()
    scope.set_env("A", "=1")
    scope.set_arg("B", "=2")
    assert (meaning(one, scope, "\\") == meaning(other, scope, "\\")) is same


def test_a_large_file_takes_no_long_time():
    from time import perf_counter

    lines = ["FROM debian"]
    for number in range(3000):
        lines += [f"ENV V{number}=$V{number - 1}x", f"RUN apt-get update && rm f{number}", "COPY a /b"]
    text = "\n".join(lines)
    start = perf_counter()
    assert difference(plan(text), plan(text.replace("V2999=", "V2999=y"))) is not None
    assert perf_counter() - start < 20
