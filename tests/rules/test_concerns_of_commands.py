"""What rules about commands say of a file before they are loaded holds for the tables that they read afterwards."""

from __future__ import annotations

import pytest

from dfadvise.about.mentions import words_in
from dfadvise.about.wordings import every_wording
from dfadvise.effects import _READERS, REMOVES, REWRITES, effects_of
from dfadvise.knowledge.language_managers import LANGUAGE_MANAGERS
from dfadvise.knowledge.lists import _POINTLESS_PAIRS, _RETIRED_OPTIONS, POINTLESS
from dfadvise.knowledge.package_managers import SYSTEM_MANAGERS
from dfadvise.knowledge.packages import NEEDLESS_HOST, NEEDLESS_PERSON
from dfadvise.managers.devdependencies import _MANAGERS as DEVELOPING
from dfadvise.managers.lockfiles import _VERBS as LOCKED
from dfadvise.shells.bashisms import _MARKS
from dfadvise.source import Source
from dfadvise.stages import Dockerfile
from rule_answers import concerned

_STATE = "cd pushd export unset alias umask ulimit sysctl mount source .".split()
# What is told of the effects of a kind.
ABOUT = {REMOVES: ("late-cleanup", "secret-copied-then-deleted"), REWRITES: ("duplicated-tree",)}
MANAGERS = (*SYSTEM_MANAGERS, *LANGUAGE_MANAGERS)
VERBS = [
    (each, program, verb, each.verbs[verb]) for each in MANAGERS for program in each.programs for verb in each.verbs
]


@pytest.mark.parametrize(("program", "verb"), [(program, verb) for _, program, verb, what in VERBS if what == "remove"])
def test_what_removes_packages_is_a_late_clean_up(program: str, verb: str) -> None:
    assert concerned("late-cleanup", f"FROM a\nRUN {program} {verb} b\n")


@pytest.mark.parametrize(
    "command",
    [
        " ".join((program, *each.words, *each.flags[:1]))
        for manager in MANAGERS
        for each in manager.cleanups
        for program in each.programs or manager.programs
        if program != "uvx"
    ],
)
def test_so_is_what_empties_a_cache(command: str) -> None:
    assert concerned("late-cleanup", f"FROM a\nRUN {command}\n")


@pytest.mark.parametrize("command", ["/bin/rm -r a", "unlink a", "rmdir a", "gunzip a", "unxz a", "find a -delete"])
def test_so_is_what_removes_files(command: str) -> None:
    assert concerned("late-cleanup", f"FROM a\nRUN b && ({command})\n")


@pytest.mark.parametrize(
    ("program", "verb"),
    [(p, verb) for each, p, verb, what in VERBS if each.system and what in ("upgrade", "release-upgrade")],
)
def test_every_upgrade_is_a_concern(program: str, verb: str) -> None:
    assert concerned("system-upgrade", f'FROM a\nRUN ["{program}", "{verb}"]\n')


@pytest.mark.parametrize(
    ("program", "verb"), [(p, verb) for each, p, verb, what in VERBS if each.system and what == "install"]
)
def test_every_system_manager_may_install_again(program: str, verb: str) -> None:
    assert concerned("redundant-package", f"FROM a\nRUN /usr/bin/{program} {verb} x\n")


@pytest.mark.parametrize("each", LANGUAGE_MANAGERS, ids=lambda each: each.name)
def test_every_install_from_a_manifest_is_a_concern(each: object) -> None:
    name, programs = each.name, each.programs  # type: ignore[attr-defined]
    for program in programs:
        if program == "uvx":
            continue
        verb = LOCKED.get(name, ("install",))[0]
        if name in LOCKED or name in ("npm", "yarn", "pnpm", "bun"):
            assert concerned("unlocked-install", f"FROM a\nRUN {program} {verb}\n")
        if name in DEVELOPING:
            assert concerned("dev-dependencies-shipped", f"FROM a\nRUN {program} {verb}\n")


@pytest.mark.parametrize(
    ("program", "verb"), [(p, verb) for each, p, verb, what in VERBS if each.leftovers and what == "install"]
)
def test_every_manager_may_leave_a_cache(program: str, verb: str) -> None:
    assert concerned("package-cache-left", f"FROM a\nRUN sudo /usr/bin/{program} {verb} x\n")


@pytest.mark.parametrize("program", [*_STATE, "tee /etc/hosts; tee", "/etc/init.d/x", "service", "systemctl"])
def test_every_state_that_ends_with_the_run_is_a_concern(program: str) -> None:
    for form in ("RUN x && {} y", "RUN x;{} y", "RUN (x; ! {} y)", "RUN <<E\n{} y\nE"):
        assert concerned("lost-run-effect", f"FROM a\n{form.format(program)}\n")


@pytest.mark.parametrize("name", sorted(NEEDLESS_HOST | NEEDLESS_PERSON))
def test_every_needless_package_is_a_concern(name: str) -> None:
    for form in (name.replace("*", "x"), name.replace("*", "") + "=1.2", name.replace("*", "") + "/bookworm"):
        assert concerned("needless-package", f"FROM a\nRUN apt-get install {form}\n")


@pytest.mark.parametrize("program", sorted(POINTLESS))
def test_every_pointless_program_is_a_concern(program: str) -> None:
    assert concerned("pointless-command", f"FROM a\nRUN x;{program}\n")


@pytest.mark.parametrize("option", [option for _, _, options, _ in _RETIRED_OPTIONS for option in options])
def test_every_retired_option_is_a_concern(option: str) -> None:
    assert concerned("retired-command", f"FROM a\nRUN x {option}\n")
    assert concerned("retired-command", f"FROM a\nRUN x {option.replace('=', ' ')}\n")


@pytest.mark.parametrize("mark", [*_MARKS, "{a,b}", "{1..2}", "${a}"])
def test_every_mark_of_bash_is_a_concern(mark: str) -> None:
    assert concerned("bashism-in-sh", f"FROM a\nRUN x {mark}\n")


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("unmerged-run", "FROM a\nRUN b\n# c\nrun d\n"),
        ("build-residue-left", "FROM a\nRUN d=`mktemp -d`\n"),
        ("build-residue-left", "FROM a\nRUN git clone b && ./setup.py install\n"),
        ("build-residue-left", "FROM a\nRUN tar xf b && cmake --install .\n"),
        ("overwritten-file", "FROM a\nADD git@b:c d\n"),
        ("duplicated-tree", "FROM a\nRUN /bin/sed -i b c\n"),
        ("apt-command", "FROM a\nRUN /usr/bin/apt b\n"),
        ("retired-command", "FROM a\nRUN go -x get b/c\n"),
        ("retired-command", "FROM a\nRUN python3 ./setup.py install\n"),
        ("tls-verification-off", "FROM a\nRUN curl -sko/b/c d\n"),
        ("tls-verification-off", 'FROM a\nENV O="-k"\nRUN curl $O b\n'),
        ("tls-verification-off", 'FROM a\nRUN ["curl","-fkL","b"]\n'),
        ("tls-verification-off", "FROM a\nENV NPM_CONFIG_STRICT_SSL=false\n"),
        ("tls-verification-off", "FROM a\nRUN echo strictSSL: no > .npmrc && yarn config set enableStrictSsl false\n"),
        ("dangerous-file-mode", "FROM a\nRUN install -Dm 777 b c\n"),
        ("dangerous-file-mode", "FROM a\nRUN mkdir --mode=777 b\n"),
        ("piped-installer", "FROM a\nRUN wget -O- b.sh|sh\n"),
        ("piped-installer", "FROM a\nRUN sh -c `curl b.sh`\n"),
        ("ignored-failure", "FROM a\nRUN make; b\n"),
        ("ignored-failure", "FROM a\nRUN <<E\nmake\nb\nE\n"),
        ("ignored-failure", 'FROM a\nRUN ["sh", "-c", "make\\nb"]\n'),
        ("ignored-failure", "FROM a\nRUN (make ; b)\n"),
        ("package-cache-left", "FROM a\nRUN python3 -mpip install b\n"),
        ("package-cache-left", "FROM a\nRUN pip3.12 install b\n"),
        ("ignored-failure", "FROM a\nRUN make && b ${/c}\n"),
        ("ignored-failure", "FROM a\nRUN make && # b\n"),
        ("ignored-failure", "FROM a\nRUN make && b ${${c}}\n"),
        ("lost-run-effect", "FROM a\nRUN . >/dev/null ./b\n"),
        ("lost-run-effect", "FROM a\nRUN b &\n"),
        ("lost-run-effect", "FROM a\nRUN echo b > /etc/hosts\n"),
        ("missing-pipefail", "FROM a\nRUN b || c | d\n"),
        ("missing-pipefail", "FROM a\nRUN b|&c\n"),
    ],
)
def test_spellings_of_a_concern(rule: str, text: str) -> None:
    assert concerned(rule, text)


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("late-cleanup", "FROM a\nRUN npm run format && ./terminal\n"),
        ("unmerged-run", "FROM a\nRUN b\nCOPY c d\nRUN e\n"),
        ("build-residue-left", "FROM a\nRUN pip install -r start.txt\n"),
        ("system-upgrade", "FROM a\nRUN apt-get update && apt-get install -y setup\n"),
        ("apt-command", "FROM a\nRUN rm -rf /var/lib/apt/lists/*\n"),
        ("tls-verification-off", "FROM a\nRUN curl -fsSL b\n"),
        ("dangerous-file-mode", "FROM a\nRUN apt-get install -y --no-install-recommends b\n"),
        ("ignored-failure", "FROM a\nRUN make && b || c\n"),
        ("missing-pipefail", "FROM a\nRUN make || b\n"),
        ("lost-run-effect", "FROM a\nCOPY . /b\nRUN pip install . && c > d 2>&1\n"),
        ("package-cache-left", "FROM a\nRUN make && ./configure\n"),
        ("pointless-command", "FROM a\nRUN wget https://b && npm stop\n"),
    ],
)
def test_most_files_are_none(rule: str, text: str) -> None:
    assert not concerned(rule, text)


def test_words_are_found_behind_folders_and_marks() -> None:
    words = words_in("a;/usr/bin/b\t$(c d)\n\"e\"=f,'g' h/ ./i.sh")
    assert words >= {"a", "b", "c", "d", "e", "f", "g", "i.sh"}
    assert "h" not in words


@pytest.mark.parametrize(
    "text",
    [
        "FROM a\nARG B=ap\nRUN ${B}t c\n",
        "FROM a\nENV B=pt\nRUN a$B c\n",
        "FROM a\nRUN B=ap; ${B}t c\n",
        "FROM scratch\nRUN a${B:-pt} c\n",
        "FROM a\nARG B=ap\nRUN $B''t c\n",
        "FROM a\nARG B=apt-x\nRUN ${B%-x} c\n",
        "FROM a\nRUN ap$'t' c\n",
        "FROM a\nRUN /usr/bin/apt.exe c\n",
        'FROM a\nRUN ["\\u0061pt", "c"]\n',
        'FROM a\nRUN ["sh", "-c", "b\\napt c"]\n',
        "FROM a\nARG B=ap\nONBUILD RUN <<E\n${B}t c\nE\n",
    ],
)
def test_words_in_pieces_are_a_concern(text: str) -> None:
    assert concerned("apt-command", text)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("ARG B=ian\nFROM deb$B:12\n", "debian:12"),
        ("FROM a\nENV B=oc\nCOPY c /pr${B}/d\n", "/proc/d"),
        ("FROM a\nARG B=no\nRUN npm config set strict-ssl=$B --str${B}ct\n", "--strnoct"),
        ("FROM a\nARG B=ttp\nADD --checksum=x h$B://c /d\n", "http://c"),
        ("FROM a\nRUN B=x; C=y$B d > e$B\n", "yx"),
        ("FROM a\nRUN B=x; C=y$B d > e$B\n", "ex"),
        ("FROM a\nRUN sud$'o' -E b <<E\nc\nE\n", "sudo b"),
    ],
)
def test_what_variables_make_is_spelled_out(text: str, word: str) -> None:
    assert word in every_wording(Dockerfile(Source(text)))


def test_nothing_is_spelled_out_where_variables_stand_alone() -> None:
    text = "FROM a\nARG B=c\nRUN d $B && $(e) $1 f$UNKNOWN\n"
    assert every_wording(Dockerfile(Source(text))) == f"{text}\n{text}"


@pytest.mark.parametrize(
    ("program", "verb"),
    [(p, verb) for each, p, verb, what in VERBS if each.system and what == "refresh"],
)
def test_every_refresh_of_an_index_is_a_concern(program: str, verb: str) -> None:
    assert concerned("stale-package-index", f"FROM a\nRUN b && /usr/bin/{program} {verb}\n")


@pytest.mark.parametrize("program", sorted(_READERS))
def test_every_effect_on_files_is_a_concern(program: str) -> None:
    for arguments in (
        "b",
        "-r b",
        "b c",
        "-x b",
        "-d b",
        "b -delete",
        "-i s/b/c/ d",
        "-o b https://c/d",
        "clone e/f b",
    ):
        text = f"FROM a\nRUN cd /x && {program} {arguments}\n"
        file = Dockerfile(Source(text))
        kinds = {effect.kind for effect in effects_of(file.instructions[1])}
        for kind, rules in ABOUT.items():
            if kind in kinds:
                # What moves away is no clean-up.
                asked = [rule for rule in rules if (program, rule) != ("mv", "late-cleanup")]
                assert all(concerned(rule, text) for rule in asked), (arguments, kind)


@pytest.mark.parametrize(("program", "verb"), sorted(_POINTLESS_PAIRS))
def test_every_pointless_pair_is_a_concern(program: str, verb: str) -> None:
    assert concerned("pointless-command", f"FROM a\nRUN {program} {verb}\n")
