"""What is said about images: the true file system, dive's score, waste, secrets, packages, and lines of Dockerfiles."""

from __future__ import annotations

import hashlib
import io
import json
import os
import random
import tarfile
from pathlib import Path

import pytest

from dfadvise.image.filesystem import FileSystem, Folder, Other, Stored
from dfadvise.image.layer import Scanner
from dfadvise.image.reading import analyses_of
from dfadvise.image.tar import Budget
from dfadvise.report.image import as_json, as_markdown, as_text
from dfadvise.source import Source
from dfadvise.stages import Dockerfile

# A folder with the archives that dive tests itself with.
SHARED = Path(os.environ.get("DFADVISE_DIVE_IMAGES", "dive-images"))


def layer(*entries):
    """A layer: (path, content) for a file, "path/" for a folder, (path, "->", target) for a link, (path, "=", target)
    for a hard link; a dict at the end sets attributes."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for entry in entries:
            words = (entry,) if isinstance(entry, str) else entry
            info = tarfile.TarInfo(words[0])
            if isinstance(words[-1], dict):
                for key, value in words[-1].items():
                    setattr(info, key, value)
                words = words[:-1]
            content = b""
            if len(words) == 1 and words[0].endswith("/"):
                info.type, info.mode = tarfile.DIRTYPE, info.mode | 0o111
            elif len(words) == 3:
                info.type = tarfile.SYMTYPE if words[1] == "->" else tarfile.LNKTYPE
                info.linkname = words[2]
            elif len(words) == 2:
                content = words[1] if isinstance(words[1], bytes) else words[1].encode()
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return stream.getvalue()


def image(path, *layers, history=None, config=None):
    """Write an image as `docker save` does."""
    steps = [{"created_by": f"step {number}"} for number in range(len(layers))] if history is None else history
    digests = [hashlib.sha256(each).hexdigest() for each in layers]
    document = {"architecture": "amd64", "os": "linux", "config": config or {}, "history": steps}
    document["rootfs"] = {"type": "layers", "diff_ids": [f"sha256:{each}" for each in digests]}
    text = json.dumps(document).encode()
    name = hashlib.sha256(text).hexdigest()
    manifest = [{"Config": f"{name}.json", "RepoTags": ["app:1"], "Layers": [f"{each}/layer.tar" for each in digests]}]
    parts = {f"{name}.json": text, "manifest.json": json.dumps(manifest).encode()}
    parts.update({f"{digest}/layer.tar": each for digest, each in zip(digests, layers, strict=True)})
    with tarfile.open(path, "w") as archive:
        for name, content in parts.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return str(path)


@pytest.fixture
def analysed(tmp_path):
    def run(*layers, dockerfile=None, **options):
        file = Dockerfile(Source(dockerfile)) if dockerfile is not None else None
        found, problems = analyses_of(image(tmp_path / "image.tar", *layers, **options), file=file)
        assert problems == []
        return found[0]

    return run


def hidden(analysis):
    return [
        (each.path, each.size, each.cause, each.added_by, each.hidden_by)
        for each in analysis.waste
        if each.hidden_by is not None
    ]


def kinds(analysis):
    return {(each.kind, each.path) for each in analysis.findings}


# The file system


def test_a_deleted_file_stays_stored(analysed):
    analysis = analysed(layer(("a", "x" * 1000), ("b", "y" * 500)), layer((".wh.a", "")))
    assert (analysis.stored, analysis.visible, analysis.efficiency) == (1500, 500, 500 / 1500)
    assert hidden(analysis) == [("a", 1000, "deleted", 0, 1)]
    assert analysis.layers[1].change.removed == ["a"]


def test_an_overwritten_file_is_told_from_one_that_is_stored_again(analysed):
    analysis = analysed(
        layer(("a", "x" * 100), ("b", "y" * 50), ("c", "z" * 9)),
        layer(("a", "n" * 70), ("b", "y" * 50, {"uid": 1000}), ("new", "q")),
    )
    assert hidden(analysis) == [("a", 100, "overwritten", 0, 1), ("b", 50, "metadata", 0, 1)]
    change = analysis.layers[1].change
    assert (change.added, change.modified, change.metadata, change.removed) == (1, 120, 50, [])


def test_an_opaque_folder_hides_what_lower_layers_have_in_it(analysed):
    analysis = analysed(
        layer("d/", ("d/a", "x" * 10), ("d/same", "y" * 20), ("other", "z")),
        layer("d/", ("d/.wh..wh..opq", ""), ("d/new", "n" * 5), ("d/same", "y" * 20)),
    )
    assert hidden(analysis) == [("d/same", 20, "metadata", 0, 1), ("d/a", 10, "deleted", 0, 1)]
    assert analysis.layers[1].change.removed == ["d/a"]


def test_a_whiteout_hides_nothing_of_its_own_layer(analysed):
    # The order in the archive does not matter.
    analysis = analysed(layer(("d/a", "old")), layer(("d/b", "new"), (".wh.d", "")), layer(("e", "e")))
    assert hidden(analysis) == [("d/a", 3, "deleted", 0, 1)]
    assert analysis.visible == 4


def test_a_folder_that_becomes_a_file_takes_its_content_with_it(analysed):
    analysis = analysed(layer("d/", ("d/a", "x" * 30), ("d/e/b", "y" * 20)), layer(("d", "z" * 7)))
    assert sorted(hidden(analysis)) == [("d/a", 30, "deleted", 0, 1), ("d/e/b", 20, "deleted", 0, 1)]
    assert analysis.visible == 7


def test_a_file_that_becomes_a_folder_is_gone(analysed):
    analysis = analysed(layer(("d", "x" * 30)), layer("d/", ("d/a", "y" * 2)))
    assert hidden(analysis) == [("d", 30, "overwritten", 0, 1)]


def test_a_hard_link_keeps_the_content(analysed):
    analysis = analysed(layer(("a", "x" * 100), ("b", "=", "a")), layer((".wh.a", "")))
    assert (analysis.stored, analysis.visible, hidden(analysis)) == (100, 100, [])
    analysis = analysed(layer(("a", "x" * 100), ("b", "=", "a")), layer((".wh.a", "")), layer((".wh.b", "")))
    assert hidden(analysis) == [("a", 100, "deleted", 0, 2)]


def test_changing_the_owner_of_hard_links_is_metadata(analysed):
    analysis = analysed(layer(("a", "x" * 100), ("b", "=", "a")), layer(("a", "x" * 100, {"uid": 5}), ("b", "=", "a")))
    assert hidden(analysis) == [("a", 100, "metadata", 0, 1)]
    assert analysis.visible == 100


def test_links_folders_and_whiteouts_of_nothing_cost_nothing(analysed):
    analysis = analysed(
        layer(("l", "->", "/etc"), "d/", ("f", "x")), layer((".wh.l", ""), (".wh.nothing", ""), ("d/.wh..wh..opq", ""))
    )
    assert hidden(analysis) == []
    assert analysis.layers[1].change.removed == ["l"]


def test_paths_never_lead_out_of_the_root():
    for name in ("../../etc/passwd", "/etc/passwd", "./etc//passwd", "etc/./x/../passwd"):
        found = Scanner(Budget(), []).scan(io.BytesIO(layer((name, "x"))))
        assert [entry.path for entry in found.entries] == ["etc/passwd"]


def reference(layers):
    """The visible files as {path: content}, by the most literal reading of the specification."""
    seen = {}
    for entries in layers:
        for path, _ in entries:
            folder, _, name = path.rpartition("/")
            if name == ".wh..wh..opq":
                gone = folder + "/" if folder else ""
                seen = {known: value for known, value in seen.items() if not known.startswith(gone) or known == folder}
            elif name.startswith(".wh."):
                gone = f"{folder}/{name[4:]}".lstrip("/")
                seen = {
                    known: value for known, value in seen.items() if known != gone and not known.startswith(gone + "/")
                }
        for path, content in entries:
            if path.rpartition("/")[2].startswith(".wh."):
                continue
            for known in list(seen):
                if known.startswith(path + "/") or path.startswith(known + "/"):
                    del seen[known]
            seen[path] = content
    return seen


def test_the_file_system_is_that_of_a_literal_reading():
    generator = random.Random(7)
    for _ in range(300):
        layers = []
        for _ in range(generator.randint(1, 5)):
            entries = {}
            for _ in range(generator.randint(0, 6)):
                depth = generator.randint(1, 3)
                parts = [generator.choice("abc") for _ in range(depth)]
                kind = generator.random()
                if kind < 0.2:
                    parts[-1] = ".wh." + parts[-1]
                elif kind < 0.3:
                    parts[-1] = ".wh..wh..opq"
                path = "/".join(parts)
                # A layer holds no file and folder of one name.
                if any(path.startswith(each + "/") or each.startswith(path + "/") for each in entries):
                    continue
                entries[path] = "" if ".wh." in path else generator.choice(("x", "yy", "zzz"))
            layers.append(list(entries.items()))
        files = FileSystem()
        scanner = Scanner(Budget(), [])
        stored = 0
        for entries in layers:
            files.apply(scanner.scan(io.BytesIO(layer(*entries))))
            stored += sum(len(content) for _, content in entries)
        wanted = reference(layers)
        visible = {path: node.size for path, node in files.walk() if isinstance(node, Stored)}
        assert visible == {path: len(content) for path, content in wanted.items()}, layers
        assert files.size == stored
        assert files.visible == sum(map(len, wanted.values()))


def test_paths_are_found_through_links_to_folders():
    files = FileSystem()
    entries = (
        ("usr/bin/ls", "x"),
        ("bin", "->", "usr/bin"),
        ("abs", "->", "/usr"),
        ("loop", "->", "loop"),
        ("up/l", "->", ".."),
    )
    files.apply(Scanner(Budget(), []).scan(io.BytesIO(layer(*entries))))
    assert files.resolve("bin/ls") == "usr/bin/ls"
    assert files.resolve("abs/bin/ls") == "usr/bin/ls"
    assert files.resolve("up/l/usr/bin/ls") == "usr/bin/ls"
    assert files.resolve("loop/x") is None
    assert files.resolve("usr/nothing") is None
    assert isinstance(files.find("usr/bin"), Folder)
    assert isinstance(files.find("bin"), Other)


# dive's score


@pytest.mark.parametrize(
    ("last", "score"),
    [
        pytest.param([], 2000 / 3000, id="overwritten"),
        pytest.param([(".wh.a", "")], 1000 / 3000, id="file removed"),
        pytest.param([(".wh.d", "")], 3000 / 4000, id="folder removed: the score goes up"),
        pytest.param([("d/.wh..wh..opq", "")], 2000 / 3000, id="opaque: not seen"),
    ],
)
def test_the_score_is_what_dive_makes_of_it(analysed, last, score):
    layers = [layer(("a", "x" * 1000), "d/", ("d/f", "y" * 1000)), layer(("a", "z" * 1000))]
    analysis = analysed(*layers, *([layer(*last)] if last else []))
    assert analysis.score.efficiency == pytest.approx(score)


def test_an_image_of_one_layer_has_no_share_that_the_user_wastes(analysed):
    analysis = analysed(layer(("a", "x")))
    assert analysis.score.user_wasted is None
    assert (analysis.score.efficiency, analysis.efficiency, analysis.user_wasted) == (1.0, 1.0, 0.0)


def test_an_empty_image_is_efficient(analysed):
    analysis = analysed(layer())
    assert (analysis.stored, analysis.efficiency, analysis.score.efficiency) == (0, 1.0, 1.0)


@pytest.mark.skipif(not SHARED.is_dir(), reason="DFADVISE_DIVE_IMAGES is not set")
def test_the_published_figures_of_dive():
    (analysis,), problems = analyses_of(str(SHARED / "test-docker-image.tar"))
    score = analysis.score
    assert problems == []
    assert score.efficiency == 0.9844212134184309
    assert (score.size, score.user_size, score.wasted) == (1220598, 66237, 32025)
    assert score.user_wasted == 0.4834911001404049
    assert analysis.stored - analysis.visible == 32025
    assert sum(each.size for each in analysis.waste if each.hidden_by is not None) == 32025
    assert [each.line for each in analysis.layers] == [None] * 14
    assert [each.base for each in analysis.layers] == [True] + [False] * 13


# What need not be there


def test_what_need_not_be_there_is_found_by_the_tables_of_the_linter(analysed):
    analysis = analysed(
        layer(
            ("var/lib/apt/lists/deb.debian.org_Packages", "x" * 90),
            ("var/cache/apt/pkgcache.bin", "x" * 80),
            ("root/.cache/pip/http/a", "x" * 70),
            ("home/app/.npm/_cacache/b", "x" * 60),
            ("gems/cache/rails.gem", "x" * 50),
            ("app/.git/HEAD", "ref"),
            ("app/.mypy_cache/x", "x"),
            ("usr/lib/python3/dist-packages/numpy/tests/test_a.py", "x" * 40),
            ("usr/share/doc/bash/README", "x" * 30),
            ("usr/share/locale/de/x.mo", "x" * 20),
            ("usr/include/stdio.h", "x" * 10),
            ("usr/lib/libz.a", "x" * 9),
            ("tmp/build.log", "x" * 8),
            ("var/log/dpkg.log", "x" * 7),
        ),
        config={"Env": ["GEM_HOME=/gems"]},
    )
    assert kinds(analysis) == {
        ("cache", "var/lib/apt/lists"),
        ("cache", "var/cache/apt"),
        ("cache", "root/.cache/pip"),
        ("cache", "home/app/.npm"),
        ("cache", "gems/cache"),
        ("repository", "app/.git"),
        ("tool files", "app/.mypy_cache"),
        ("tests", "usr/lib/python3/dist-packages/numpy/tests"),
        ("documentation", "usr/share/doc"),
        ("locales", "usr/share/locale"),
        ("headers", "usr/include"),
        ("static libraries", "usr/lib"),
        ("temporary files", "tmp"),
        ("logs", "var/log"),
    }
    caches = [(each.path, each.size, each.hidden_by) for each in analysis.waste if each.cause == "cache"]
    assert caches[0] == ("var/lib/apt/lists", 90, None)
    assert analysis.wasted == 0


def test_what_an_application_needs_is_left_alone(analysed):
    analysis = analysed(
        layer(
            ("app/tests/data", "x"),
            ("app/node_modules/test/index.js", "x"),
            ("app/node_modules/lodash/index.js", "x"),
            ("app/.venv/bin/python", "x"),
            ("app/vendor/a.php", "x"),
            ("app/docs/index.html", "x"),
            ("app/dist/app.js", "x"),
            ("app/.gitignore", "x"),
            ("srv/.git", "gitdir: elsewhere"),
            ("root/.cache/huggingface/model", "x"),
        )
    )
    assert analysis.findings == []


def test_what_is_under_a_whiteout_is_hidden_and_no_finding(analysed):
    analysis = analysed(layer(("var/lib/apt/lists/x", "x" * 90)), layer(("var/lib/apt/lists/.wh.x", "")))
    assert analysis.findings == []
    assert hidden(analysis) == [("var/lib/apt/lists/x", 90, "deleted", 0, 1)]


def test_copies_count_from_the_second_on(analysed):
    big = bytes(range(256)) * 100
    analysis = analysed(
        layer(("a", big), ("b", "=", "a"), ("licence", "x" * 2000), ("licence2", "x" * 2000)),
        layer(("c/a", big), ("d", big[:-1] + b"x")),
    )
    copies = [each for each in analysis.findings if each.kind == "duplicate"]
    assert [(each.path, each.original, each.size, each.layer) for each in copies] == [("c/a", "a", len(big), 1)]


def test_a_cache_that_is_linked_from_costs_nothing(analysed):
    analysis = analysed(
        layer(
            ("root/.cache/uv/archive/a.so", "x" * 50),
            ("app/site-packages/a.so", "=", "root/.cache/uv/archive/a.so"),
            ("root/.cache/uv/wheels/b", "y" * 5),
        )
    )
    assert [(each.kind, each.path, each.size) for each in analysis.findings] == [("cache", "root/.cache/uv", 5)]


def test_loose_modes(analysed):
    analysis = analysed(
        layer(
            ("bin/su", "x", {"mode": 0o4755}),
            ("etc/open", "x", {"mode": 0o666}),
            ("data/", {"mode": 0o777}),
            ("tmp/", {"mode": 0o1777}),
            ("bin/ls", "x", {"mode": 0o755}),
            ("bin/text", "x", {"mode": 0o4644}),
            ("bin/ping", "x", {"mode": 0o755, "pax_headers": {"SCHILY.xattr.security.capability": "x"}}),
            ("link", "->", "/etc/open"),
        )
    )
    assert kinds(analysis) == {
        ("set-id", "bin/su"),
        ("world-writable", "etc/open"),
        ("world-writable", "data"),
        ("capabilities", "bin/ping"),
    }


# Secrets

KEY = (
    "-----BEGIN RSA PRIVATE KEY-----\n"
    + "MIIEpAIBAAKCAQEAx7Vd0Qm3Zk9sYtJ4LwRb2NcPfHgTuEoXi5\n" * 4
    + "-----END RSA PRIVATE KEY-----\n"
)
TOKEN = "ghp_a8sD92kLmQp03ZxcVbN7tYuIoP1aSdFgHj4K"


def test_secrets_are_found_by_name_and_by_value_and_under_whiteouts(analysed):
    analysis = analysed(
        layer(
            ("app/server.key", KEY),
            ("app/notes.txt", f"token {TOKEN}\n"),
            ("root/.npmrc", f"//registry.npmjs.org/:_authToken=npm_{TOKEN[4:]}\n"),
        ),
        layer(("root/.wh..npmrc", "")),
    )
    found = {(each.path, each.layer, each.hidden_by) for each in analysis.secrets}
    assert found == {("app/server.key", 0, None), ("app/notes.txt", 0, None), ("root/.npmrc", 0, 1)}


def test_what_only_looks_like_a_secret_is_none(analysed):
    analysis = analysed(
        layer(
            ("etc/ssl/ca.pem", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"),
            ("root/.npmrc", "registry=https://registry.example.com\n"),
            ("app/.env.example", "PASSWORD=changeme\n"),
            ("empty.key", ""),
            ("usr/lib/python3/dist-packages/x/test.py", f"token = '{TOKEN}'\n"),
        )
    )
    assert analysis.secrets == []


def test_keys_that_come_with_a_package_are_public(analysed):
    listing = "/.\n/usr/share/x/server.key\n"
    status = "Package: x\nStatus: install ok installed\nVersion: 1\n\n"
    package = [("var/lib/dpkg/status", status), ("var/lib/dpkg/info/x.list", listing), ("usr/share/x/server.key", KEY)]
    assert analysed(layer(*package)).secrets == []
    changed = analysed(layer(*package), layer(("usr/share/x/server.key", KEY + "\n")))
    assert [(each.path, each.layer) for each in changed.secrets] == [("usr/share/x/server.key", 1)]


def test_no_report_holds_the_value_of_a_secret(analysed):
    analysis = analysed(
        layer(("app/.env", f"API_TOKEN={TOKEN}\n"), ("k.key", KEY)),
        layer(("x", "x")),
        history=[
            {"created_by": "COPY . / # buildkit"},
            {"created_by": f"RUN |2 NPM_TOKEN=hunter2 two words A=b /bin/sh -c DB_PASSWORD=s3cretX curl {TOKEN}"},
        ],
        config={"Env": ["DB_PASSWORD=s3cretX", "MODE=fast"], "Labels": {"x": TOKEN}},
    )
    for text in (as_json([analysis], []), as_markdown([analysis], []), as_text([analysis], False, None)):
        for value in (TOKEN, "hunter2", "two words", "s3cretX", "MIIEpAIBAAKCAQEA"):
            assert value not in text
        assert "NPM_TOKEN" in text.replace("\\", "")
    where = [each.name for each in analysis.config_secrets]
    assert where == ["variable DB_PASSWORD", "label x", "history, argument NPM_TOKEN", "history"]


# Packages


def test_bytes_by_package(analysed):
    record = 'flask/app.py,sha256=x,5\n"flask/a,b.py",,\n../../../bin/flask,,\nflask-3.0.dist-info/RECORD,,\n'
    site = "usr/lib/python3.12/site-packages"
    conda = json.dumps({"name": "zlib", "version": "1.3", "files": ["lib/libz.so"]})
    analysis = analysed(
        layer(
            ("var/lib/dpkg/status", "Package: bash\nStatus: install ok installed\nVersion: 5.2\n\n"),
            ("var/lib/dpkg/info/bash.list", "/.\n/bin\n/bin/bash\n/missing\n"),
            ("usr/bin/bash", "x" * 100),
            ("bin", "->", "usr/bin"),
            ("var/lib/dpkg/status.d/tz", "Package: tzdata\nVersion: 2024\n"),
            ("var/lib/dpkg/status.d/tz.md5sums", "d41d8cd98f00b204e9800998ecf8427e  usr/share/zoneinfo/UTC\n"),
            ("usr/share/zoneinfo/UTC", "x" * 11),
            ("lib/apk/db/installed", "P:musl\nV:1.2\nF:lib\nR:ld.so\n\nP:empty\nV:1\n"),
            ("lib/ld.so", "x" * 90),
            (f"{site}/flask/app.py", "x" * 50),
            (f"{site}/flask/a,b.py", "x" * 5),
            (f"{site}/flask/__pycache__/app.cpython-312.pyc", "x" * 20),
            (f"{site}/flask-3.0.dist-info/RECORD", record),
            ("usr/bin/flask", "x" * 3),
            ("app/node_modules/@babel/core/index.js", "x" * 30),
            ("app/node_modules/a/node_modules/b/index.js", "x" * 29),
            ("app/node_modules/.bin/tool", "x"),
            ("usr/local/bundle/gems/rails-7.1.2/lib/rails.rb", "x" * 28),
            ("usr/local/bundle/gems/nokogiri-1.16.0-x86_64-linux/a.so", "x" * 27),
            ("app/lib/guava-33.0.jar", "x" * 26),
            ("opt/conda/conda-meta/zlib-1.3-h.json", conda),
            ("opt/conda/lib/libz.so", "x" * 25),
        )
    )
    found = {(each.manager, each.name, each.version): each.size for each in analysis.packages}
    assert found == {
        ("dpkg", "bash", "5.2"): 100,
        ("dpkg", "tzdata", "2024"): 11,
        ("apk", "musl", "1.2"): 90,
        ("pip", "flask", "3.0"): 78 + len(record),
        ("npm", "@babel/core", ""): 30,
        ("npm", "b", ""): 29,
        ("gem", "rails", "7.1.2"): 28,
        ("gem", "nokogiri", "1.16.0-x86_64-linux"): 27,
        ("jar", "guava", "33.0"): 26,
        ("conda", "zlib", "1.3"): 25 + len(conda),
    }


def test_build_tools_are_packages(analysed):
    status = (
        "Package: gcc-12\nStatus: install ok installed\nVersion: 1\n\nPackage: bash\nStatus: install ok installed\n"
    )
    analysis = analysed(
        layer(
            ("var/lib/dpkg/status", status),
            ("var/lib/dpkg/info/gcc-12.list", "/usr/bin/gcc\n"),
            ("var/lib/dpkg/info/bash.list", "/usr/bin/bash\n"),
            ("usr/bin/gcc", "x" * 9),
            ("usr/bin/bash", "x" * 9),
        )
    )
    assert [(each.kind, each.path, each.package) for each in analysis.findings] == [("build tools", "gcc-12", True)]


# Lines

DOCKERFILE = """\
ARG BASE=debian:12
FROM $BASE AS build
RUN echo built > /out.txt

FROM $BASE
ARG DIR=/opt/app
ENV APP=/srv
WORKDIR /app
COPY a.bin sub/ ./
COPY --chown=1000 package.json $DIR/
COPY --from=build /out.txt $APP/
RUN set -ex; \\
    mkdir -p /d && \\
    # a comment
    cp a /b
RUN ["touch", "/exec form"]
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
RUN echo | cat
RUN <<EOF
echo one
echo two
EOF
COPY <<'FILE' /etc/x
content
FILE
RUN cat <<A > /x
text
A
CMD ["sleep", "1"]
"""
LINES = [None, 8, 9, 10, 11, 12, 16, 18, 19, 23, 26]
BUILDKIT = [
    ("/bin/sh -c #(nop) ADD file:aa in / ", True),
    ('/bin/sh -c #(nop)  CMD ["bash"]', False),
    ("ARG DIR=/opt/app", False),
    ("ENV APP=/srv", False),
    ("WORKDIR /app", True),
    ("COPY a.bin sub/ ./ # buildkit", True),
    ("COPY --chown=1000 package.json /opt/app/ # buildkit", True),
    ("COPY /out.txt /srv/ # buildkit", True),
    ("RUN |1 DIR=/opt/app /bin/sh -c set -ex;     mkdir -p /d &&     cp a /b # buildkit", True),
    ("RUN |1 DIR=/opt/app touch /exec form # buildkit", True),
    ("SHELL [/bin/bash -o pipefail -c]", False),
    ("RUN |1 DIR=/opt/app /bin/bash -o pipefail -c echo | cat # buildkit", True),
    ("RUN |1 DIR=/opt/app /bin/bash -o pipefail -c echo one\necho two\n # buildkit", True),
    ("COPY <<FILE /etc/x # buildkit", True),
    ("RUN |1 DIR=/opt/app /bin/bash -o pipefail -c cat <<A > /x\ntext\nA # buildkit", True),
    ('CMD ["sleep" "1"]', False),
]
CLASSIC = [
    ("/bin/sh -c #(nop) ADD file:aa in / ", True),
    ('/bin/sh -c #(nop)  CMD ["bash"]', False),
    ("/bin/sh -c #(nop) WORKDIR /app", True),
    ("/bin/sh -c #(nop) COPY multi:fe0b in ./ ", True),
    ("/bin/sh -c #(nop) COPY file:f267 in /opt/app/ ", True),
    ("/bin/sh -c #(nop) COPY file:692f in /srv/ ", True),
    ("|1 DIR=/opt/app /bin/sh -c set -ex;     mkdir -p /d &&     cp a /b", True),
    ("|1 DIR=/opt/app touch /exec form", True),
    ("/bin/bash -o pipefail -c #(nop)  SHELL [/bin/bash -o pipefail -c]", False),
    ("|1 DIR=/opt/app /bin/bash -o pipefail -c echo | cat", True),
]


def from_history(analysed, steps, dockerfile):
    made = [layer((f"f{number}", "x")) for number, (_, makes) in enumerate(steps) if makes]
    history = [{"created_by": text, "empty_layer": not makes} for text, makes in steps]
    return analysed(*made, history=history, dockerfile=dockerfile)


@pytest.mark.parametrize("steps", [pytest.param(BUILDKIT, id="buildkit"), pytest.param(CLASSIC, id="classic")])
def test_layers_are_mapped_to_lines(analysed, steps):
    text = DOCKERFILE if steps is BUILDKIT else DOCKERFILE[: DOCKERFILE.index("RUN <<EOF")]
    analysis = from_history(analysed, steps, text)
    assert [each.line for each in analysis.layers] == LINES[: len(analysis.layers)]
    assert [each.base for each in analysis.layers] == [True] + [False] * (len(analysis.layers) - 1)
    assert analysis.notes == []
    assert analysis.base_known == "dockerfile"


def test_a_changed_instruction_keeps_its_place_and_is_told(analysed):
    text = DOCKERFILE.replace("echo | cat", "echo | tac")
    analysis = from_history(analysed, BUILDKIT, text)
    assert [each.line for each in analysis.layers] == LINES
    assert analysis.notes == ["1 instruction of Dockerfile read otherwise in the history: line 18"]


def test_a_new_instruction_made_no_layer(analysed):
    text = DOCKERFILE.replace("RUN echo | cat\n", "RUN echo | cat\nRUN another\n")
    analysis = from_history(analysed, BUILDKIT, text)
    assert [each.line for each in analysis.layers] == [line + (line > 18) if line else None for line in LINES]
    assert analysis.notes == ["1 instruction of Dockerfile made no layer of the image: line 19"]


def test_the_stage_that_was_built_is_found(analysed):
    text = "FROM a AS one\nRUN first\nRUN second\nFROM one AS two\nRUN third\nFROM b\nRUN other\n"
    steps = [("base", True), ("RUN /bin/sh -c first # buildkit", True), ("RUN /bin/sh -c second # buildkit", True)]
    assert [each.line for each in from_history(analysed, steps, text).layers] == [None, 2, 3]
    steps.append(("RUN /bin/sh -c third # buildkit", True))
    assert [each.line for each in from_history(analysed, steps, text).layers] == [None, 2, 3, 5]


def test_another_dockerfile_maps_nothing(analysed):
    analysis = from_history(analysed, BUILDKIT, "FROM a\nRUN something else\n")
    assert [each.line for each in analysis.layers] == [None] * 11
    assert analysis.notes == ["no layer of the image was made by Dockerfile"]


def test_commands_are_not_matched_by_their_end(analysed):
    analysis = from_history(
        analysed, [("RUN /bin/sh -c make && make install # buildkit", True)], "FROM a\nRUN install\n"
    )
    assert analysis.layers[0].line is None


@pytest.mark.parametrize(
    ("steps", "base"),
    [
        pytest.param(
            [("/bin/sh -c #(nop) ADD file:a in / ", True), ("RUN /bin/sh -c x # buildkit", True)], 1, id="root"
        ),
        pytest.param([("COPY /app / # buildkit", True), ("COPY b / # buildkit", True)], 0, id="scratch"),
        pytest.param([("", True), ("RUN /bin/sh -c x # buildkit", True)], 1, id="imported"),
        pytest.param(
            [("bazel build //base", True), ("bazel build //cc", True), ("COPY a / # buildkit", True)], 2, id="bazel"
        ),
        pytest.param(
            [
                ("# debian.sh --arch 'amd64' out/ 'bookworm'", True),
                ("RUN /bin/sh -c set -eux # buildkit", True),
                ('CMD ["python3"]', False),
                ("RUN /bin/sh -c x # buildkit", True),
                ('CMD ["app"]', False),
            ],
            2,
            id="several layers",
        ),
        pytest.param([("COPY a / # buildkit", True), ('CMD ["app"]', False)], 0, id="CMD at the end"),
    ],
)
def test_the_base_image_is_told_from_the_history(analysed, steps, base):
    analysis = from_history(analysed, steps, None)
    assert sum(each.base for each in analysis.layers) == base
    assert [each.line for each in analysis.layers] == [None] * len(analysis.layers)


def test_a_history_that_does_not_go_with_the_layers_maps_nothing(analysed):
    analysis = analysed(layer(("a", "x")), layer(("b", "x")), history=[{"created_by": "RUN x"}], dockerfile=DOCKERFILE)
    assert [(each.created_by, each.line, each.base) for each in analysis.layers] == [("", None, False)] * 2
    assert analysis.notes == ["the history of the image does not say which step made which layer"]


def test_waste_names_the_line_that_made_it_and_the_line_that_hid_it(analysed):
    text = "FROM scratch\nCOPY a /a\nRUN rm /a\n"
    analysis = analysed(
        layer(("a", "x" * 5)),
        layer((".wh.a", "")),
        history=[{"created_by": "COPY a /a # buildkit"}, {"created_by": "RUN /bin/sh -c rm /a # buildkit"}],
        dockerfile=text,
    )
    (waste,) = analysis.waste
    assert [analysis.layers[index].line for index in (waste.added_by, waste.hidden_by)] == [2, 3]
    shown = as_text([analysis], False, None)
    assert "line 2" in shown
    assert "line 3" in shown
    assert (analysis.hidden_by_user, analysis.user_stored, analysis.user_wasted) == (5, 5, 1.0)
