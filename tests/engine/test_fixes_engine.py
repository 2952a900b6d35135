"""What fixes do to real images: Dockerfiles built before and after `dfadvise fix`, and what differs between the two."""

import hashlib
import io
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tarfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from fnmatch import fnmatchcase

import pytest

from dfadvise import packs
from dfadvise.docs import fix_kind
from fix_samples import SAMPLES

# What every build writes anew, whatever it does, and why it differs.
FLEETING = {
    "*.gem": "an archive with the time it was made at",
    "*/Dockerfile": "the fixed file itself, in what is copied",
    "/var/log/*": "logs with their times",
    "/var/cache/ldconfig/aux-cache": "inode numbers and times of libraries",
    "/var/cache/apt/*.bin": "times of the index files",
    "/root/.npm/_logs/*": "a log named by its time",
}
CONFIG = (
    *("Env", "Cmd", "Entrypoint", "User", "WorkingDir", "Labels", "Volumes", "ExposedPorts"),
    *("StopSignal", "Shell", "Healthcheck", "OnBuild"),
)
AUTHORS = "org.opencontainers.image.authors"
# Rules with a safe fix that no engine here can build: what they need.
ELSEWHERE: dict[str, str] = {}


def test_every_rule_with_a_safe_fix_is_built():
    rules = {rule.id for rule in packs.load_packs() if fix_kind(rule) == "safe"}
    built = {rule for sample in SAMPLES.values() for rule in sample.fixes.split()}
    assert rules - built == set(ELSEWHERE)


@pytest.mark.parametrize("name", SAMPLES)
def test_fixes(languages, tmp_path, name):
    engine, sample = languages, SAMPLES[name]
    folders = {kind: tmp_path / kind for kind in ("before", "safe", "unsafe")}
    write(sample, folders["before"])
    for kind, options in (("safe", ()), ("unsafe", ("--unsafe",))):
        shutil.copytree(folders["before"], folders[kind])
        applied = fixed(folders[kind], *options)
        assert applied >= set(sample.fixes.split())
    texts = {kind: (folder / "Dockerfile").read_text() for kind, folder in folders.items()}

    def build(kind):
        options = [each.format(folder=folders[kind]) for each in sample.options]
        try:
            return engine.build(str(folders[kind]), *options)[0]
        except AssertionError as error:
            return AssertionError(f"{kind}: {error}\n{texts[kind]}")

    with ThreadPoolExecutor() as pool:
        tags = dict(zip(folders, pool.map(build, folders), strict=True))
    for tag in tags.values():
        if isinstance(tag, AssertionError):
            raise tag
    images = {kind: inspected(engine, tag) for kind, tag in tags.items()}
    print(f"| {name} | " + " | ".join(f"{above_base(engine, image):,}" for image in images.values()) + " |")

    changes = differences(engine, images["before"], images["safe"])
    gone = {path for path, (_, new) in changes.items() if new is None and matches(path, sample.gone)}
    odd = {path: change for path, change in changes.items() if path not in gone and not matches(path, FLEETING)}
    assert odd == {}
    assert [each for each in sample.gone if not any(fnmatchcase(path, each) for path in gone)] == []
    assert facts(images["safe"]) == facts(images["before"])
    outputs = {kind: run(engine, tag) for kind, tag in tags.items()}
    assert outputs["before"][0] == 0
    assert outputs["safe"] == outputs["before"], texts["safe"]
    assert outputs["unsafe"] == outputs["before"], texts["unsafe"]


def write(sample, folder):
    for path, content in {**sample.files, "Dockerfile": sample.text}.items():
        full = folder / path
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_bytes(content.encode() if isinstance(content, str) else content or archive())


def archive():
    """A compressed tar with one file."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as tar:
        member = tarfile.TarInfo("inner.txt")
        member.size = 3
        tar.addfile(member, io.BytesIO(b"abc"))
    return data.getvalue()


def fixed(folder, *options):
    """Fix the Dockerfile of a folder as a user does; the rules whose fixes applied."""
    command = [
        sys.executable,
        "-m",
        "dfadvise",
        "fix",
        "--isolated",
        "--select=all",
        "--ignore=unlinked-copy",
        *options,
    ]
    done = subprocess.run(
        [*command, "--fail-on=never", "Dockerfile"], cwd=folder, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return set(re.findall(r": fixed ([a-z-]+): ", done.stderr))


def inspected(engine, tag):
    return json.loads(engine.docker("image", "inspect", tag).stdout)[0]


def above_base(engine, image):
    """The bytes of the layers that are not those of an image the tests start from."""
    layers, below = image["RootFS"]["Layers"], 0
    for base in json.loads(engine.docker("image", "inspect", *engine.bases).stdout):
        if base["RootFS"]["Layers"] == layers[: len(base["RootFS"]["Layers"])]:
            below = max(below, base["Size"])
    return image["Size"] - below


def facts(image):
    """What a container is started with; the author as the label that takes its place."""
    found = {key: image["Config"].get(key) for key in CONFIG}
    labels = dict(found["Labels"] or {})
    if image["Author"]:
        labels[AUTHORS] = image["Author"]
    return {**found, "Labels": labels}


def run(engine, tag):
    done = engine.docker("run", "--rm", "--network=none", tag, check=False)
    return done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")


@contextmanager
def mounted(engine, image):
    """The file system of an image, as the kernel joins its layers."""
    parts = image["GraphDriver"]["Data"]
    place = f"{engine.root}/view-{image['Id'].partition(':')[2]}"
    os.makedirs(place, exist_ok=True)
    # The kernel wants two layers at least.
    nothing = f"{engine.root}/nothing"
    os.makedirs(nothing, exist_ok=True)
    layers = ":".join(filter(None, (parts["UpperDir"], parts.get("LowerDir"), nothing)))
    subprocess.run(["mount", "-t", "overlay", "overlay", "-o", f"ro,lowerdir={layers}", place], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", place], check=True)


def differences(engine, old, new):
    """The paths that two images do not have alike, as {path: (old, new)}; None is nothing there. Times are left out."""
    if old["Id"] == new["Id"]:
        return {}
    with mounted(engine, old) as one, mounted(engine, new) as other:
        before, after = paths(one), paths(other)
        found = {}
        for path in sorted(before.keys() | after.keys()):
            states = before.get(path), after.get(path)
            if None not in states and same(*states):
                continue
            was, now = described(one + path, states[0]), described(other + path, states[1])
            if was != now:
                found[path] = (was, now)
    return found


def paths(root):
    """What is below a folder, as {path: state}."""
    found = {}
    waiting = [root]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                found[entry.path[len(root) :]] = entry.stat(follow_symlinks=False)
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
    return found


def same(one, other):
    """Whether two states are of the very same file of a layer that both images have."""
    return (one.st_ino, one.st_ctime_ns, one.st_size) == (other.st_ino, other.st_ctime_ns, other.st_size)


def described(path, state):
    """Type, mode, owner and content."""
    if state is None:
        return None
    content = ""
    if stat.S_ISLNK(state.st_mode):
        content = os.readlink(path)
    elif stat.S_ISREG(state.st_mode):
        with open(path, "rb") as stream:
            data = stream.read()
        # Bytecode begins with the time of its source.
        content = hashlib.sha256(data[16:] if path.endswith(".pyc") else data).hexdigest()
    return stat.filemode(state.st_mode), state.st_uid, state.st_gid, content


def matches(path, patterns):
    return any(fnmatchcase(path, pattern) for pattern in patterns)
