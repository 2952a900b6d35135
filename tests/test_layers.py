"""The layer model on text alone; tests/engine holds it against a real engine."""

import pytest

from dfadvise.context import BuildContext
from dfadvise.effects import effects_of
from dfadvise.layers import chain_layers
from dfadvise.paths import covers, matches, resolve
from dfadvise.source import Source
from dfadvise.stages import Dockerfile


def layers(text, root=None):
    context = BuildContext(str(root), None, True) if root else None
    file = Dockerfile(Source(text), context=context)
    return chain_layers(file.exported)


def effects(commands, prefix="FROM debian:12\n"):
    file = Dockerfile(Source(f"{prefix}RUN {commands}\n"))
    run = file.instructions[-1]
    return [(e.kind, e.path, e.tree) for e in effects_of(run)]


@pytest.mark.parametrize(
    ("commands", "expected"),
    [
        ("rm -rf /a /b", [("removes", "/a", True), ("removes", "/b", True)]),
        ("rm -f /a/*.deb", [("removes", "/a/*.deb", False)]),
        ("cd /x && touch y", [("adds", "/x/y", False)]),
        ("(cd /x && touch y) && touch /z", [("adds", "/x/y", False), ("adds", "/z", False)]),
        ("echo a > /etc/f && echo b >> /etc/g", [("adds", "/etc/f", False), ("adds", "/etc/g", False)]),
        ("echo a > /dev/null 2>&1", []),
        ("curl -fsSL -o /t/a.tgz https://x.io/a.tgz", [("downloads", "/t/a.tgz", False)]),
        ("curl -fsSLo /t/a.tgz https://x.io/a.tgz", [("downloads", "/t/a.tgz", False)]),
        ("curl -sSL https://x.io/a.tgz -o/t/a.tgz", [("downloads", "/t/a.tgz", False)]),
        ("wget -qO/t/a.tgz https://x.io/a.tgz", [("downloads", "/t/a.tgz", False)]),
        ("curl -fsSL https://x.io/a.tgz | tar -xzC /opt -f -", [("extracts", "/opt", True)]),
        ("curl -fsSLO https://x.io/d/a.tgz", [("downloads", "/$WORKDIR/a.tgz", False)]),
        ("curl -fsSL https://x.io/a.tgz | tar xz -C /opt", [("extracts", "/opt", True)]),
        ("wget -q https://x.io/a.zip -O /t/a.zip", [("downloads", "/t/a.zip", False)]),
        ("wget -qO- https://x.io/a | sh", []),
        ("tar -xzf /a.tgz -C /opt --strip-components=1", [("extracts", "/opt", True)]),
        ("tar czf /a.tgz /opt", []),
        ("unzip -q /a.zip -d /opt", [("extracts", "/opt", True)]),
        ("git clone https://x.io/y.git", [("downloads", "/$WORKDIR/y", True)]),
        ("git clone --depth 1 -b v1 https://x.io/y.git /src", [("downloads", "/src", True)]),
        ("mv /a /b", [("removes", "/a", True), ("adds", "/b", True)]),
        ("cp /a /b/", [("adds", "/b/a", False)]),
        ("chown -R app:app /srv", [("rewrites", "/srv", True)]),
        ("chmod 755 /a /b", [("rewrites", "/a", False), ("rewrites", "/b", False)]),
        ("sed -i s/a/b/ /etc/f", [("rewrites", "/etc/f", False)]),
        ("sed s/a/b/ /etc/f", []),
        ("find / -name '*.pyc' -delete", [("removes", "//*", True)]),
        ("rm $UNKNOWN", []),
        ("rm ~/x", [("removes", "/root/x", False)]),
    ],
)
def test_effects(commands, expected):
    assert effects(commands) == expected


def test_home_of_an_unknown_user_is_unknown():
    assert effects("rm ~/x", "FROM debian:12\nUSER app\n") == []
    assert effects("rm ~/x", "FROM debian:12\nENV HOME=/h\nUSER app\n") == [("removes", "/h/x", False)]


def test_a_branch_is_uncertain():
    file = Dockerfile(Source("FROM debian:12\nRUN if true; then rm /a; fi; test -f /b || touch /b\n"))
    assert [e.certain for e in effects_of(file.instructions[1])] == [False, False]


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("COPY a.txt /x/a.txt\nRUN rm /x/a.txt\n", [("/x/a.txt", "removes", True)]),
        ("COPY a.txt /x/\nRUN rm -rf /x\n", [("/x/a.txt", "removes", True)]),
        ("COPY a.txt b.txt /x/\nRUN rm /x/*.txt\n", [("/x/a.txt", "removes", True), ("/x/b.txt", "removes", True)]),
        ("COPY a.txt /x/a.txt\nRUN chmod 600 /x/a.txt\n", [("/x/a.txt", "rewrites", True)]),
        ("COPY a.txt /x/a.txt\nCOPY b.txt /x/a.txt\n", [("/x/a.txt", "adds", True)]),
        ("WORKDIR /w\nCOPY a.txt .\nRUN rm a.txt\n", [("/w/a.txt", "removes", True)]),
        ("COPY a.txt .\nRUN rm ./a.txt\n", [("/$WORKDIR/a.txt", "removes", True)]),
        # must not: another file, the same RUN, a branch, a mount, another directory
        ("COPY a.txt /x/a.txt\nRUN rm /x/b.txt\n", []),
        ("RUN touch /x && rm /x\n", []),
        ("COPY a.txt /x/a.txt\nRUN test -f /y && rm -f /x/a.txt || true\n", [("/x/a.txt", "removes", True)]),
        ("COPY a.txt /x/a.txt\nRUN if x; then rm /x/a.txt; fi\n", [("/x/a.txt", "removes", False)]),
        ("RUN --mount=type=cache,target=/c touch /c/x\nRUN rm -rf /c/x\n", []),
        ("COPY a.txt /x/a.txt\nWORKDIR /w\nRUN rm a.txt\n", []),
    ],
)
def test_hidden(text, hidden):
    found = layers("FROM debian:12\n" + text).hidden
    assert [(each.write.path, each.by.kind, each.certain) for each in found] == hidden


def test_sizes_come_from_the_context(tmp_path):
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "one").write_bytes(b"x" * 10)
    (tmp_path / "two.txt").write_bytes(b"x" * 5)
    (tmp_path / "three.log").write_bytes(b"x" * 100)
    (tmp_path / ".dockerignore").write_text("*.log\n.dockerignore\n")
    found = layers("FROM scratch\nCOPY d /d\nCOPY . /all\n", tmp_path).layers
    assert [(layer.size, layer.basis) for layer in found] == [(10, "context"), (15, "context")]


def test_only_the_chain_of_the_stage_counts():
    found = layers("FROM debian AS a\nCOPY x /x\nFROM debian\nCOPY y /y\n")
    assert [layer.instruction.line for layer in found.layers] == [4]


def test_workdir_root_makes_no_layer():
    assert [x.instruction.line for x in layers("FROM debian\nWORKDIR /\nWORKDIR /a\nWORKDIR ..\n").layers] == [3]


def test_many_layers_stay_linear():
    text = "FROM x\n" + "".join(f"RUN touch /a/f{i} && rm -f /a/f{i - 1}\n" for i in range(3000))
    assert len(layers(text).hidden) == 2999


@pytest.mark.parametrize(
    ("pattern", "path", "recursive", "expected"),
    [
        ("/a", "/a/b", True, True),
        ("/a", "/a/b", False, False),
        ("/a/*", "/a/b/c", True, True),
        ("/a/*", "/a/.hidden", True, False),
        ("/a/*.deb", "/a/x.deb", False, True),
        ("/a/[xy]*", "/a/yes", False, True),
        ("/a/[!xy]*", "/a/yes", False, False),
        ("/a", "/ab", True, False),
    ],
)
def test_covers(pattern, path, recursive, expected):
    assert covers(pattern, path, recursive) is expected


def test_hostile_patterns_are_fast():
    assert not matches("/" + "*a" * 200 + "b", "/" + "a" * 5000)


def test_resolve():
    assert resolve("../x", "/a/b") == "/a/x"
    assert resolve("~/x", None, "/root") == "/root/x"
    assert resolve("~bob/x", None, "/root") is None
    assert resolve("x", None) is None
    assert resolve("$HOME/x", "/a") is None
