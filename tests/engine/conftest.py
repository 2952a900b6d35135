"""A real Docker engine for the tests in this folder, started and stopped by them.

It needs root, dockerd, a docker client with BuildKit and debootstrap (Debian's `docker.io` and `debootstrap`), and the
network for Debian's packages. Where any of it is missing the tests are skipped with the reason. Nothing is pulled: the
base image is made with debootstrap and tagged with the names that the Dockerfiles use.
"""

import json
import os
import shutil
import subprocess
import tarfile
import time

import pytest

BASES = ("debian:12", "debian:bookworm-slim", "node:22-slim", "python:3.13-slim", "node:18", "golang:1.26")


class Engine:
    """A running engine."""

    def __init__(self, socket, client, root):
        self.environment = {**os.environ, "DOCKER_HOST": f"unix://{socket}", "DOCKER_BUILDKIT": "1"}
        self.client = client
        self.root = root
        self.count = 0

    def docker(self, *arguments, check=True, **options):
        done = subprocess.run(
            [self.client, *arguments], env=self.environment, capture_output=True, timeout=300, **options
        )
        if check and done.returncode:
            raise AssertionError(done.stderr.decode(errors="replace")[-3000:])
        return done

    def build(self, folder, *options, dockerfile="Dockerfile"):
        """Build a folder; the image's name and the steps as (text, cached)."""
        self.count += 1
        tag = f"test{self.count}"
        done = self.docker(
            "build", "--network=host", "--progress=plain", "-t", tag, "-f", f"{folder}/{dockerfile}", *options, folder
        )
        return tag, steps_of(done.stderr.decode(errors="replace"))

    def layers(self, tag):
        """The layers of an image as (history text, {path: size}, [whiteouts]); the base is the first."""
        path = os.path.join(self.root, "image.tar")
        self.docker("save", "-o", path, tag)
        with tarfile.open(path) as archive:
            manifest = json.load(archive.extractfile("manifest.json"))[0]
            config = json.load(archive.extractfile(manifest["Config"]))
            history = [entry for entry in config["history"] if not entry.get("empty_layer")]
            found = []
            for entry, name in zip(history, manifest["Layers"], strict=True):
                files, whiteouts = {}, []
                with tarfile.open(fileobj=archive.extractfile(name)) as layer:
                    for member in layer:
                        full = "/" + member.name.removeprefix("./")
                        folder, _, base = full.rpartition("/")
                        if base.startswith(".wh."):
                            whiteouts.append(f"{folder}/{base[4:]}")
                        else:
                            files[full] = member.size if member.isfile() else -1
                found.append((entry.get("created_by", ""), files, whiteouts))
        os.unlink(path)
        return found


def steps_of(log):
    """The steps of a plain build log as {text of the instruction: whether it was cached}."""
    names, cached = {}, set()
    for line in log.splitlines():
        number, _, rest = line.partition(" ")
        if not number.startswith("#"):
            continue
        if rest.startswith("[") and "internal" not in rest:
            names[number] = rest.partition("] ")[2]
        elif rest == "CACHED":
            cached.add(number)
    return {text: number in cached for number, text in names.items()}


def missing():
    """Why no engine can be started here; None when one can."""
    if os.name != "posix" or os.geteuid() != 0:
        return "starting an engine needs root"
    for program in ("dockerd", "debootstrap"):
        if shutil.which(program) is None:
            return f"{program} is not installed"
    if not os.path.exists("/usr/bin/docker"):
        return "the client of the package docker.io is not installed"
    return None


@pytest.fixture(scope="session")
def engine(tmp_path_factory):
    reason = missing()
    if reason is not None:
        pytest.skip(f"no Docker engine: {reason}")
    root = str(tmp_path_factory.mktemp("engine"))
    socket = f"{root}/docker.sock"
    command = ["dockerd", "--data-root", f"{root}/data", "--exec-root", f"{root}/exec", "-H", f"unix://{socket}"]
    command += ["--pidfile", f"{root}/pid", "--iptables=false", "--bridge=none"]
    with open(f"{root}/log", "wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        engine = Engine(socket, "/usr/bin/docker", root)
        for _ in range(60):
            if engine.docker("info", check=False).returncode == 0:
                break
            if server.poll() is not None:
                break
            time.sleep(0.5)
        if engine.docker("info", check=False).returncode:
            pytest.skip("no Docker engine: dockerd does not start here")
        make_base(engine)
        yield engine
    finally:
        server.terminate()
        server.wait(timeout=30)
        # The engine leaves mounts of its own, which would keep the folder from being removed.
        with open("/proc/mounts") as mounts:
            left = [line.split()[1] for line in mounts if line.split()[1].startswith(f"{root}/")]
        for place in reversed(left):
            subprocess.run(["umount", "-l", place], capture_output=True)
        shutil.rmtree(root, ignore_errors=True)


def make_base(engine):
    """A minimal Debian under the names that the tests use."""
    folder = f"{engine.root}/base"
    done = subprocess.run(
        ["debootstrap", "--variant=minbase", "bookworm", folder, "http://deb.debian.org/debian"],
        capture_output=True,
        timeout=600,
    )
    if done.returncode:
        pytest.skip("no Docker engine: debootstrap cannot reach Debian's packages")
    for path in ("var/lib/apt/lists", "var/cache/apt/archives"):
        for name in os.listdir(f"{folder}/{path}"):
            full = f"{folder}/{path}/{name}"
            if os.path.isfile(full):
                os.unlink(full)
    with open(f"{folder}/etc/apt/apt.conf.d/docker-clean", "w") as stream:
        stream.write('DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb || true"; };\n')
        stream.write('APT::Update::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb || true"; };\n')
    packer = subprocess.Popen(["tar", "-C", folder, "-c", "."], stdout=subprocess.PIPE)
    engine.docker("import", "-", BASES[0], stdin=packer.stdout)
    packer.wait()
    for name in BASES[1:]:
        engine.docker("tag", BASES[0], name)
