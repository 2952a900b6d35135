"""Plain scripts: read without the grammar, to the same end as with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from dfadvise.cli import main
from dfadvise.shell import Script
from dfadvise.shells import grammar, plain
from shell_samples import script

PLAIN = (
    "make",
    " make  install ",
    "apt-get update && apt-get install -y curl=1.0 2>/dev/null || echo 'no luck' ; rm -rf /x",
    "a | b 2>&1 | c > x && d || e",
    "a |& b; c &",
    "a & b",
    "set -ex; cd /x; ./configure --prefix=/usr CFLAGS='-O2 -g'",
    "A=1",
    "A=1 B=\"x y\" C= D='z'",
    'A=1 B="$A/x" make "$B" $A ${A} ${U:-none} x$A"y"\'z\'',
    "$A b",
    "${A}/bin/tool b",
    '"quoted program" b',
    'export A=b C D="e" && echo $A > /x && export PATH=$PATH:/opt/bin',
    "unset A B; readonly C=1; local D",
    "[ -f /x ] && echo there",
    '[ ! -d /x ] || [ "$A" = b ] || [ $A -gt 1 ] 2>/dev/null',
    '[ -n "$(ls /x)" ] && a',
    'echo $(date) "$(a | b && c)" x$(d)y; e',
    'echo "$(a "$(b \'c\')" d)" $(e; f) ',
    'V=$(cat x) W="$(cat y)/z" && curl -o /x $V',
    "> /x",
    "A=1 > /x b",
    "a </x >>/y 2>>/z &>/w 3<v",
    "a >/x b >/y c",
    "sudo -E env A=1 sh -c 'b && c | d' | xargs -0 rm",
    "find . -name '*.c' -exec rm {} \\; -print",
    "sed -i -e 's/a$/b/' -e \"s|x|$A|\" [a-z]*.{c,h} ~/y /z?",
    "echo '`a`' '$(b)' '$' \"$\" a$ \\$A \"\\$A\" \"\\`\" ",
    "pip install 'a[b]>=1,<2' \"c~=3\" d[e]",
    "echo é “ü” 'ß' $A",
    "printf '%s\\n' 'a(b)' \"c(d)\" e=f g+=h",
    "a -- -b --c=d +e @f %g ^h ,i :j /k .l",
    "echo $1 $@ $# $? $$ $! $- $* $0",
    'bash -c "echo $A && ls"',
    "$(A=2; b $A) $(export A=3; c $A); d $A",
    "A=1 B=$A a $B",
    "A=1 | b; a $A",
    "A=1 & a $A",
    "a || A=1; a $A",
    "unset A; a $A",
    "S='s t' E=; $S a$S $S$A \"$S\" 'q r'$S $E $E$E \"$E\" >$S b",
    "time a; exec b; command -v c; eval d",
)
# What only the grammar reads.
BEYOND = (
    "if a; then b; fi",
    "for x in a b; do c; done",
    "while a; do b; done",
    "case $a in b) c;; esac",
    "f() { a; }; f",
    "{ a; b; } > /x",
    "(a; b)",
    "! a",
    "a `b`",
    "a $'b\\n' c",
    "a <(b)",
    "a=(b c)",
    "a $((1 + 2))",
    "[[ -f a ]] && b",
    "a ${b%%c}",
    "a ${b//c/d}",
    "a[1]=b",
    "a+=b",
    "a $(if b; then c; fi)",
    "[ a -a b ]",
    "[ -f a",
    'a "b',
    "a 'b",
    "a &&",
    "&& a",
    "a ;; b",
    "a >",
    "a >&-",
    "a > 2> b",
    "a <3>b",
    "a \\",
)
# What shells give to a program; B is "s t", C is empty.
RUN = {
    "p $(#a)\nq $A)": [["q", "va"], ["p", None]],
    "p $(A=2; q $A)": [[], ["q", None], ["p", None]],
    "$B q": [["s", "t", "q"]],
    "p x$B $B$A \"$B\"$A 'a b'$B é$B": [["p", "xs", "t", "s", "tva", "s tva", "a bs", "t", "és", "t"]],
    "p $C$C \"$C\" $C'' x$C": [["p", "", "", "x"]],
    "$C p": [["p"]],
    "p >$B q": [["p", "q"]],
    "p \"a\\\nb'c\\\nd'\" 'e\\\nf'": [["p", "ab'cd'", "e\\\nf"]],
    "p 'a'\\\n\"b\"": [["p", "ab"]],
    "A=1 B=$A p": [["p"]],
    "A=1 | p; q $A": [[], ["p"], ["q", None]],
    "{ A=1; } | p; q $A": [[], ["p"], ["q", None]],
    "A=1 & p $A": [[], ["p", None]],
    "p || A=1; q $A": [["p"], [], ["q", None]],
    "p && A=1; q $A": [["p"], [], ["q", "1"]],
    "time A=1 p": [["p"]],
    "unset A; p $A": [["unset", "A"], ["p", None]],
    "if p; then unset A; fi; q $A": [["p"], ["unset", "A"], ["q", None]],
}
NAMED = (*PLAIN, *BEYOND)


def told(found: Script) -> list[object]:
    """All that a script says of itself."""
    number = {id(command): place for place, command in enumerate(found.commands)}
    items = [
        (each.kind, each.start, each.end, each.before, each.after, [number[id(command)] for command in each.commands])
        for each in found.items
    ]
    commands = [
        (
            [(word.raw, word.partial, word.quoted, word.start, word.end) for word in each.words],
            (each.program, each.wrappers, [word.raw for word in each.wrapper_words]),
            [(name, value and (value.raw, value.partial, value.start)) for name, value in each.assignments],
            [(to.operator, to.fd, to.target and (to.target.raw, to.target.partial)) for to in each.redirects],
            (each.before, each.after, each.contexts, each.start, each.end, each.item, each.errexit),
            number.get(id(each.parent)),
            number.get(id(each.pipe_from)),
            each.body and each.body.text,
        )
        for each in found.commands
    ]
    return [found.opaque, items, commands]


@pytest.mark.skipif(not grammar.available(), reason=grammar.MISSING)
@pytest.mark.parametrize("text", NAMED)
def test_a_plain_script_says_what_the_grammar_says(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    by_hand = told(script("RUN " + text, "ENV A=va\n"))
    monkeypatch.setattr(plain, "statements", lambda text: None)
    assert by_hand == told(script("RUN " + text, "ENV A=va\n"))


@pytest.mark.skipif(not grammar.available(), reason=grammar.MISSING)
@pytest.mark.parametrize("text", RUN)
def test_words_are_those_that_a_shell_hands_over(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    document, before = f"RUN <<END\n{text}\nEND", 'ENV A=va B="s t" C=""\n'
    by_hand = script(document, before)
    assert [command.texts for command in by_hand.commands] == RUN[text]
    monkeypatch.setattr(plain, "statements", lambda text: None)
    assert told(script(document, before)) == told(by_hand)


def test_a_target_is_one_word_and_a_value_before_a_command_is_not_known_to_the_next() -> None:
    assert script("RUN p >$B", 'ENV B="s t"\n').commands[0].redirects[0].target.text == "s t"  # type: ignore[union-attr]
    assert script("RUN A=1 B=$A p", "ENV A=va\n").commands[0].assigned == {"A": "1", "B": None}


@pytest.mark.skipif(not grammar.available(), reason=grammar.MISSING)
@pytest.mark.parametrize(
    "text",
    ["a\nb && \\\n  c\n\n# d\ne | # f\n  g\n", "set -e\nA=1\nexport B=$A\ncd /x\n./y $B > z\n", "a && # b\nc\n"],
)
def test_so_do_the_lines_of_a_document(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    line = f"RUN <<EOF\n{text}EOF"
    assert plain.statements(text) is not None
    by_hand = told(script(line))
    monkeypatch.setattr(plain, "statements", lambda text: None)
    assert by_hand == told(script(line))


@pytest.mark.parametrize("text", PLAIN)
def test_plain_scripts_need_no_grammar(text: str) -> None:
    assert plain.statements(text) is not None


@pytest.mark.parametrize("text", BEYOND)
def test_what_is_more_than_plain_commands_is_left_to_the_grammar(text: str) -> None:
    assert plain.statements(text) is None


def test_without_the_grammar_plain_scripts_are_read_and_others_are_opaque(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grammar, "_parser", None)
    monkeypatch.setattr(grammar, "_failed", True)
    assert script("RUN a && b").commands[1].program == "b"
    assert script("RUN if a; then b; fi").opaque


@pytest.mark.parametrize(("run", "told"), [("pip install b && c", False), ("if a; then pip install b; fi", True)])
def test_a_line_is_told_where_the_grammar_was_wanted_alone(
    run: str,
    told: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(grammar, "_parser", None)
    # What is not installed is not found.
    monkeypatch.setattr(grammar, "_failed", False)
    monkeypatch.setattr(grammar, "_extension", lambda package: (_ for _ in ()).throw(ImportError(package)))
    (tmp_path / "Dockerfile").write_text(f"FROM python:3.13\nRUN {run}\n")
    assert main(["lint", "--isolated", "--no-cache", "--fail-on", "never", str(tmp_path)]) == 0
    out, err = capsys.readouterr()
    assert (grammar.MISSING in out + err) == told
    assert ("package-cache-left" in out) != told


def test_deep_and_long_scripts_are_no_trouble() -> None:
    assert plain.statements("a $(" * 5_000) is None
    assert plain.statements("a " + "$(b " * 9 + ")" * 9) is None
    found = plain.statements(" && ".join(["a"] * 20_000))
    assert found is not None
    assert len(found[0].children) == 39_999
    assert plain.statements('a "' + "\\" * 20_001) is None
