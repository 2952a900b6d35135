"""What is said about an image against what a real engine built, saved, lists and exports."""

import io
import json
import stat
import subprocess
import sys
import tarfile

import pytest

from dfadvise.image.filesystem import FileSystem, Folder, Other, Stored
from dfadvise.image.layer import Scanner
from dfadvise.image.manifests import images_of
from dfadvise.image.reading import analyses_of
from dfadvise.image.store import open_store
from dfadvise.image.tar import FILE, FOLDER, HARD_LINK, LINK, OTHER, Budget
from dfadvise.source import Source
from dfadvise.stages import Dockerfile

FILES = {
    "a.bin": "a" * 30000,
    "b.txt": "b" * 2000,
    "package.json": "{}",
    "dir/one": "1" * 500,
    "dir/sub/two": "2" * 700,
    "credentials": "aws_secret_access_key = wJalrXUtnFEMIK7MDENGbPxRfiCYzQ8TgHs1kLm2\n",
}

CASES = {
    "deleted": "FROM debian:12\nCOPY dir /opt/dir\nRUN rm -rf /opt/dir\nRUN rm /etc/debian_version\n",
    "opaque": "FROM debian:12\nCOPY dir /opt/dir\nRUN rm -rf /opt/dir && mkdir /opt/dir && echo new > /opt/dir/new\n",
    "owner": "FROM debian:12\nCOPY dir /opt/dir\nRUN chown -R 1000 /opt/dir && chmod 700 /opt/dir/one\n",
    "overwritten": "FROM debian:12\nCOPY a.bin /x\nCOPY b.txt /x\nRUN echo more >> /x\n",
    "moved": "FROM debian:12\nCOPY dir /opt/dir\nRUN mv /opt/dir /opt/moved\n",
    "replaced": "FROM debian:12\nCOPY dir /d\nRUN rm -rf /d && echo file > /d\nRUN rm /d && mkdir /d\n",
    "hard-links": "FROM debian:12\nRUN echo content > /one && ln /one /two\nRUN rm /one\nRUN chmod 600 /two\n",
    "links": "FROM debian:12\nRUN mkdir /real && ln -s /real /link\nCOPY b.txt /link/b.txt\nRUN rm /link\n",
    "again": "FROM debian:12\nRUN mkdir /d && echo x > /d/x\nRUN rm -rf /d\nRUN mkdir /d && echo y > /d/y\n",
    "nothing": "FROM debian:12\nRUN true\nWORKDIR /\nENV A=b\n",
    "modes": "FROM debian:12\nRUN cp /bin/true /su && chmod 4755 /su && mkdir -m 777 /o && install -m 666 /su /o/f\n",
}

# Counted by hand: the bytes that nobody can see, as (path, bytes, cause, step that added, step that hid).
COPIED = [("opt/dir/one", 500), ("opt/dir/sub/two", 700)]
WASTE = {
    # Debian's own file: "12.", a number of two digits and a line break.
    "deleted": [(*each, "deleted", 1, 2) for each in COPIED] + [("etc/debian_version", 6, "deleted", 0, 3)],
    "opaque": [(*each, "deleted", 1, 2) for each in COPIED],
    "owner": [(*each, "metadata", 1, 2) for each in COPIED],
    "overwritten": [("x", 30000, "overwritten", 1, 2), ("x", 2000, "overwritten", 2, 3)],
    "moved": [(*each, "deleted", 1, 2) for each in COPIED],
    "replaced": [("d/one", 500, "deleted", 1, 2), ("d/sub/two", 700, "deleted", 1, 2), ("d", 5, "overwritten", 2, 3)],
    # One of two names goes, its content stays; a new mode stores that content again.
    "hard-links": [("one", 8, "metadata", 1, 3)],
    "links": [],
    "again": [("d/x", 2, "deleted", 1, 2)],
    "nothing": [],
    "modes": [],
}
KINDS = {FILE: stat.S_IFREG, HARD_LINK: stat.S_IFREG, FOLDER: stat.S_IFDIR, LINK: stat.S_IFLNK}

LINES = """\
ARG BASE=debian:12
FROM $BASE AS build
RUN echo built > /out.txt

FROM $BASE
ARG TOKEN=abc
ARG DIR=/opt/app
ENV APP=/srv
WORKDIR /app
COPY a.bin dir/ ./
COPY package.json $DIR/
COPY --from=build /out.txt $APP/
RUN set -ex; \\
    mkdir -p /d && \\
    # a comment
    cp a.bin /d/b.bin
RUN ["touch", "/exec form"]
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
RUN chmod 600 /app/a.bin && \\
    ln /d/b.bin /d/c.bin
RUN rm -rf /d && mkdir /d
COPY credentials /root/.aws/credentials
USER nobody
RUN true
USER root
RUN rm /root/.aws/credentials
WORKDIR sub
EXPOSE 80
CMD ["sleep", "1"]
"""
MADE = [None, 9, 10, 11, 12, 13, 17, 19, 21, 22, 24, 26, 27]


@pytest.fixture
def folder(tmp_path):
    for path, content in FILES.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(content)
    return tmp_path


def saved(engine, tag, path):
    engine.docker("save", "-o", str(path), tag)
    return str(path)


def layers_of(path):
    """The layers of the only image of an archive."""
    with open(path, "rb", buffering=0) as file:
        store = open_store(file, Budget(), Scanner(Budget(), []), lambda _: None)
        (image,), problems = images_of(store)
        assert problems == []
        return [store.layer(part.name) for part in image.parts]


def files_of(path):
    """The file system of the only image of an archive."""
    files = FileSystem()
    for layer in layers_of(path):
        files.apply(layer)
    return files


def tarred(path):
    """What the program `tar` lists of each layer, as [(type and mode, owner, bytes, name and where it leads)]."""
    found = []
    with tarfile.open(path) as archive:
        for name in json.load(archive.extractfile("manifest.json"))[0]["Layers"]:
            command = ["tar", "--numeric-owner", "--quoting-style=literal", "-tvf", "-"]
            done = subprocess.run(command, input=archive.extractfile(name).read(), capture_output=True, check=True)
            rows = [line.split(None, 5) for line in done.stdout.decode().splitlines()]
            # Device nodes, whose numbers stand in the place of the size, are the base's alone.
            kept = [(row[0], row[1], row[2], clean(row[5])) for row in rows if row[0][0] not in "bcp"]
            found.append([row for row in kept if row[3]])
    return found


def clean(name):
    """A name as `tar` prints it, without the folder that it is relative to."""
    before, arrow, target = name.partition(" link to ")
    return before.removeprefix("./") + arrow + target.removeprefix("./")


def told(entry):
    """An entry as `tar` lists it."""
    mode, uid, gid, _ = entry.access
    name = entry.path + {FOLDER: "/", LINK: f" -> {entry.link}", HARD_LINK: f" link to {entry.link}"}.get(
        entry.kind, ""
    )
    letters = stat.filemode(KINDS[entry.kind] | mode)
    return letters if entry.kind != HARD_LINK else f"h{letters[1:]}", f"{uid}/{gid}", str(entry.size), name


def exported(engine, tag):
    """What a container of an image sees, as {path: (kind, size or target, mode, owner)}."""
    container = engine.docker("create", tag, "true").stdout.decode().strip()
    try:
        data = engine.docker("export", container).stdout
    finally:
        engine.docker("rm", container)
    found = {}
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        for member in archive:
            path = member.name.strip("/")
            if member.islnk():
                found[path] = found[member.linkname.strip("/")]
            elif member.issym():
                found[path] = ("link", member.linkname)
            elif member.isdir():
                found[path] = ("folder", member.mode & 0o7777, member.uid)
            elif member.isfile():
                found[path] = ("file", member.size, member.mode & 0o7777, member.uid)
    # The engine puts these into every container.
    own = (".dockerenv", "etc/hostname", "etc/hosts", "etc/resolv.conf", "etc/mtab")
    return {
        path: value
        for path, value in found.items()
        if path not in own and path.partition("/")[0] not in ("dev", "proc", "sys")
    }


def seen(files):
    found = {}
    for path, node in files.walk():
        if isinstance(node, Stored):
            found[path] = ("file", node.size, node.access[0], node.access[1])
        elif isinstance(node, Folder):
            found[path] = ("folder", node.access[0], node.access[1])
        elif isinstance(node, Other) and node.link:
            found[path] = ("link", node.link)
    own = ("etc/hostname", "etc/hosts", "etc/resolv.conf", "etc/mtab")
    return {
        path: value
        for path, value in found.items()
        if path not in own and path.partition("/")[0] not in ("dev", "proc", "sys")
    }


@pytest.mark.parametrize("name", CASES)
def test_files_sizes_and_lines_are_those_of_the_engine(engine, folder, name):
    (folder / "Dockerfile").write_text(CASES[name])
    tag, _ = engine.build(str(folder))
    path = saved(engine, tag, folder / "image.tar")

    real, ours = exported(engine, tag), seen(files_of(path))
    assert {path: value for path, value in ours.items() if real.get(path) != value} == {}
    assert set(real) - set(ours) == set()

    for listing, layer in zip(tarred(path), layers_of(path), strict=True):
        assert listing == [told(each) for each in layer.entries if each.path and each.kind != OTHER]

    (analysis,), problems = analyses_of(path, file=Dockerfile(Source(CASES[name])))
    assert problems == []
    waste = [(each.path, each.size, each.cause, each.added_by, each.hidden_by) for each in analysis.waste]
    assert sorted(each for each in waste if each[4] is not None) == sorted(WASTE[name])
    assert analysis.wasted == sum(size for _, size, *_ in WASTE[name])
    listed = engine.docker("history", "--human=false", "--format", "{{.Size}} {{.CreatedBy}}", tag).stdout.decode()
    sizes = [int(line.partition(" ")[0]) for line in reversed(listed.splitlines())]
    # Of an imported base the engine counts the lengths of symbolic links, too.
    sizes[0] -= sum(len(each.link) for each in layers_of(path)[0].entries if each.kind == LINK)
    made = [layer.change.size for layer in analysis.layers]
    # History lists steps that make no layer as well, with no bytes.
    assert [size for size in sizes if size] == [size for size in made if size]
    lines = [number for number, line in enumerate(CASES[name].splitlines(), 1) if line.startswith(("RUN", "COPY"))]
    assert [layer.line for layer in analysis.layers] == [None, *lines]
    assert [layer.base for layer in analysis.layers] == [True] + [False] * len(lines)
    assert analysis.notes == []


def test_what_deleting_and_changing_owners_cost(engine, folder):
    (folder / "Dockerfile").write_text("FROM debian:12\nCOPY a.bin /a\nCOPY dir /d\nRUN chown -R 1 /d\nRUN rm /a\n")
    tag, _ = engine.build(str(folder))
    (analysis,), _ = analyses_of(saved(engine, tag, folder / "image.tar"))
    waste = {
        (each.path, each.size, each.cause, each.added_by, each.hidden_by) for each in analysis.waste if each.hidden_by
    }
    assert waste == {
        ("a", 30000, "deleted", 1, 4),
        ("d/one", 500, "metadata", 2, 3),
        ("d/sub/two", 700, "metadata", 2, 3),
    }
    assert analysis.wasted == 31200


@pytest.mark.parametrize("builder", ["1", "0"], ids=["buildkit", "classic"])
def test_every_layer_has_its_line_whatever_the_builder(engine, folder, builder):
    (folder / "Dockerfile").write_text(LINES)
    usual = engine.environment["DOCKER_BUILDKIT"]
    engine.environment["DOCKER_BUILDKIT"] = builder
    try:
        engine.docker("build", "--network=host", "-t", f"lines{builder}", str(folder))
    finally:
        engine.environment["DOCKER_BUILDKIT"] = usual
    path = saved(engine, f"lines{builder}", folder / "image.tar")
    (analysis,), _ = analyses_of(path, file=Dockerfile(Source(LINES)))
    # The classic builder makes no layer where nothing changes.
    made = MADE if builder == "1" else [line for line in MADE if line not in (24, 27)]
    assert [layer.line for layer in analysis.layers] == made
    assert analysis.notes == []
    (secret,) = [each for each in analysis.secrets if each.path.endswith("credentials")]
    assert [made[index] for index in (secret.layer, secret.hidden_by)] == [22, 26]
    assert "abc" not in "".join(layer.created_by for layer in analysis.layers)


def test_packages_add_up_to_what_dpkg_lists(engine, folder):
    (folder / "Dockerfile").write_text("FROM debian:12\nRUN dpkg-query -f '${Package}\\n' -W > /names\n")
    tag, _ = engine.build(str(folder))
    path = saved(engine, tag, folder / "image.tar")
    with tarfile.open(path) as archive:
        names = None
        for member in archive:
            if member.name.endswith("layer.tar") and member.isfile():
                with tarfile.open(fileobj=archive.extractfile(member)) as layer:
                    if "names" in layer.getnames():
                        names = layer.extractfile("names").read().decode().split()
    (analysis,), _ = analyses_of(path)
    found = [each for each in analysis.packages if each.manager == "dpkg"]
    # Some packages are nothing but their entry.
    assert {each.name for each in found} <= set(names)
    assert len(found) > 0.9 * len(names)
    assert sum(each.size for each in found) > 0.9 * analysis.visible


def test_docker_save_through_a_pipe(engine, folder):
    (folder / "Dockerfile").write_text(CASES["deleted"])
    tag, _ = engine.build(str(folder))
    saving = subprocess.Popen([engine.client, "save", tag], env=engine.environment, stdout=subprocess.PIPE)
    command = [sys.executable, "-m", "dfadvise", "image", "-", "--dockerfile", str(folder / "Dockerfile")]
    done = subprocess.run(command, stdin=saving.stdout, capture_output=True, text=True, timeout=120)
    saving.stdout.close()
    assert saving.wait(timeout=30) == 0
    assert (done.returncode, done.stderr) == (0, "")
    assert f"{tag}:latest" in done.stdout
    (row,) = [line.split() for line in done.stdout.splitlines() if "/opt/dir/ (2 files)" in line]
    assert row[-4:] == ["line", "2", "line", "3"]
