"""What need not be in an image: waste, secrets, packages."""

from __future__ import annotations

import json

from dfadvise.report.image import as_json, as_markdown, as_text
from image_samples import hidden, kinds, layer

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
        ("dpkg", "bash", "5.2"): 100 + len("/.\n/bin\n/bin/bash\n/missing\n"),
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
