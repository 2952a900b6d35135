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
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest

BASES = (
    "debian:12",
    "debian:12-slim",
    "debian:bookworm-slim",
    "node:22-slim",
    "python:3.13-slim",
    "node:18",
    "golang:1.26",
)

# How Debian's official images set apt: packages and indexes are not kept, lists stay compressed. Read there 2026-11-24.
EMPTY = '"rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb /var/cache/apt/*.bin || true"'
APT = {
    "docker-clean": f"""\
DPkg::Post-Invoke {{ {EMPTY}; }};
APT::Update::Post-Invoke {{ {EMPTY}; }};
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
""",
    "docker-gzip-indexes": 'Acquire::GzipIndexes "true";\n',
    "docker-no-languages": 'Acquire::Languages "none";\n',
}
# Python and Node.js from Debian's packages, where the official images have them; npm is its own release.
LANGUAGES = {
    "python:3.13-slim-bookworm": """\
RUN apt-get update && apt-get install -y --no-install-recommends python3-pip python3-venv python-is-python3 \\
    && rm -rf /var/lib/apt/lists/* /usr/lib/python3*/EXTERNALLY-MANAGED
""",
    "node:22-bookworm-slim": """\
RUN apt-get update && apt-get install -y --no-install-recommends nodejs && rm -rf /var/lib/apt/lists/*
ADD https://registry.npmjs.org/npm/-/npm-10.9.0.tgz /tmp/npm.tgz
RUN cd /usr/local/lib && mkdir -p node_modules/npm && tar -xzf /tmp/npm.tgz --strip-components=1 -C node_modules/npm \\
    && ln -s ../lib/node_modules/npm/bin/npm-cli.js ../bin/npm && rm /tmp/npm.tgz
""",
}
# What a machine says about its network, which builds need to know as well.
NETWORK = ("http_proxy", "https_proxy", "no_proxy", "PIP_INDEX_URL", "npm_config_registry")
AUTHORITIES = os.environ.get("SSL_CERT_FILE", "")


class Engine:
    """A running engine."""

    def __init__(self, socket, client, root):
        self.environment = {**os.environ, "DOCKER_HOST": f"unix://{socket}", "DOCKER_BUILDKIT": "1"}
        self.client = client
        self.root = root
        self.numbers = count(1)
        # The names of the images that builds start from.
        self.bases = [*BASES]

    def docker(self, *arguments, check=True, **options):
        done = subprocess.run(
            [self.client, *arguments], env=self.environment, capture_output=True, timeout=300, **options
        )
        if check and done.returncode:
            raise AssertionError(done.stderr.decode(errors="replace")[-3000:])
        return done

    def build(self, folder, *options, dockerfile="Dockerfile"):
        """Build a folder; the image's name and the steps as (text, cached)."""
        tag = f"test{next(self.numbers)}"
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
    for name, text in APT.items():
        with open(f"{folder}/etc/apt/apt.conf.d/{name}", "w") as stream:
            stream.write(text)
    if os.path.isfile(AUTHORITIES):
        # Debian's package ca-certificates takes up what lies here.
        place = f"{folder}/usr/local/share/ca-certificates"
        os.makedirs(place)
        shutil.copy(AUTHORITIES, f"{place}/machine.crt")
    packer = subprocess.Popen(["tar", "-C", folder, "-c", "."], stdout=subprocess.PIPE)
    engine.docker("import", "-", BASES[0], stdin=packer.stdout)
    packer.wait()
    for name in BASES[1:]:
        engine.docker("tag", BASES[0], name)


@pytest.fixture(scope="session")
def languages(engine):
    """The engine, with images of Python and Node.js."""
    settings = [f'ENV {name}="{os.environ[name]}"' for name in NETWORK if name in os.environ]
    folder = f"{engine.root}/languages"
    os.makedirs(folder)
    if os.path.isfile(AUTHORITIES):
        place = "/usr/local/share/ca-certificates/machine.crt"
        settings.append(f"ENV PIP_CERT={place} NODE_EXTRA_CA_CERTS={place}")

    def make(tag):
        with open(f"{folder}/{tag}", "w") as stream:
            stream.write("\n".join((f"FROM {BASES[0]}", *settings, LANGUAGES[tag])))
        engine.docker("build", "--network=host", "-t", tag, "-f", f"{folder}/{tag}", folder)

    with ThreadPoolExecutor() as pool:
        list(pool.map(make, LANGUAGES))
    engine.bases += LANGUAGES
    return engine
