"""Why packages are in an image: asked for, needed, recommended, to build with, or of the base."""

from __future__ import annotations

import json
import zipfile

from image_samples import layer


def status(**packages):
    """dpkg's status of packages, each with its relations."""
    parts = [
        f"Package: {name}\nStatus: install ok installed\nVersion: 1\n{relations}\n"
        for name, relations in packages.items()
    ]
    return "\n".join(parts)


def debian(**packages):
    """The files of packages, a file of ten bytes each."""
    found = [("var/lib/dpkg/status", status(**packages))]
    for name in packages:
        found += [(f"var/lib/dpkg/info/{name}.list", f"/usr/bin/{name}\n"), (f"usr/bin/{name}", "x" * 10)]
    return found


def reasons(analysis, manager):
    return {each.name: (each.why, each.because) for each in analysis.packages if each.manager == manager}


def test_debian_packages_by_who_asked_and_who_needs_them(analysed):
    base = debian(bash="")
    above = {
        "bash": "",
        "curl": "Depends: libcurl (>= 7), zlib | zlib-ng\nRecommends: certs",
        "libcurl": "Depends: virtual-tls:any",
        "openssl": "Provides: virtual-tls (= 3)",
        "zlib": "",
        "certs": "Depends: ca-tool",
        "ca-tool": "",
        "gcc": "Depends: cpp, zlib",
        "cpp": "",
        "lost": "",
    }
    states = "\n".join(
        f"Package: {name}\nArchitecture: amd64\nAuto-Installed: 1\n"
        for name in above
        if name not in ("bash", "curl", "gcc")
    )
    analysis = analysed(
        layer(*base),
        layer(*debian(**above), ("var/lib/apt/extended_states", states)),
        history=[{"created_by": "#(nop) ADD file:1 in / "}, {"created_by": "RUN /bin/sh -c apt-get install curl gcc"}],
        dockerfile="FROM debian\nRUN apt-get install curl gcc\n",
    )
    assert reasons(analysis, "dpkg") == {
        "bash": ("base image", ""),
        "curl": ("asked for", ""),
        "libcurl": ("dependency", "curl"),
        "openssl": ("dependency", "libcurl"),
        "zlib": ("dependency", "curl"),
        "certs": ("recommended", "curl"),
        "ca-tool": ("recommended", "certs"),
        "gcc": ("build-only", ""),
        "cpp": ("build-only", "gcc"),
        "lost": ("", ""),
    }


def test_apk_packages_by_the_world_file(analysed):
    installed = (
        "P:curl\nV:8\nD:so:libz.so.1 !old\nF:usr/bin\nR:curl\n\n"
        "P:zlib\nV:1\np:so:libz.so.1=1.3\nF:lib\nR:libz.so.1\n\n"
        "P:.build-deps\nV:0\nD:make\n\nP:make\nV:4\nF:usr/bin\nR:make\n"
    )
    files = [("lib/apk/db/installed", installed), ("usr/bin/curl", "x"), ("lib/libz.so.1", "x"), ("usr/bin/make", "x")]
    analysis = analysed(layer(*files, ("etc/apk/world", "curl>8\nmake\n")))
    assert reasons(analysis, "apk") == {
        "curl": ("asked for", ""),
        "zlib": ("dependency", "curl"),
        "make": ("build-only", ""),
    }
    # Without the file nobody knows.
    assert reasons(analysed(layer(*files)), "apk") == dict.fromkeys(("curl", "zlib", "make"), ("", ""))


def test_python_projects_by_their_mark(analysed):
    def project(name, needs="", asked=False):
        info = f"site-packages/{name}-1.0.dist-info"
        yield (f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{needs}\n\nlong: text")
        yield (f"{info}/RECORD", f"{name}.py,,\n")
        yield (f"site-packages/{name}.py", "x" * 9)
        if asked:
            yield (f"{info}/REQUESTED", "")

    flask = list(project("flask", "Requires-Dist: Jinja_Two (>=3)\nRequires-Dist: odd ; extra == 'x'", asked=True))
    analysis = analysed(layer(*flask, *project("jinja.two"), *project("odd")))
    assert reasons(analysis, "pip") == {
        "flask": ("asked for", ""),
        "jinja.two": ("dependency", "flask"),
        "odd": ("", ""),
    }


def test_node_packages_have_versions_and_reasons(analysed):
    def package(path, version, **needs):
        name = path.rpartition("node_modules/")[2]
        yield (f"{path}/package.json", json.dumps({"name": name, "version": version, **needs}))
        yield (f"{path}/index.js", "x" * 10)

    root = {"dependencies": {"express": "^5"}, "devDependencies": {"jest": "*"}}
    analysis = analysed(
        layer(
            ("app/package.json", json.dumps(root)),
            *package("app/node_modules/express", "5.1.0", dependencies={"@scope/debug": "4"}),
            *package("app/node_modules/@scope/debug", "4.4.0"),
            *package("app/node_modules/jest", "30.0.0", dependencies={"chalk": "5"}),
            *package("app/node_modules/chalk", "5.0.0"),
            *package("app/node_modules/express/node_modules/chalk", "4.0.0"),
            *package("usr/lib/node_modules/pm2", "6.0.0"),
            ("app/node_modules/odd/package.json", "[" * 100_000),
        )
    )
    found = {(each.name, each.version): each.why for each in analysis.packages if each.manager == "npm"}
    assert found == {
        ("express", "5.1.0"): "asked for",
        ("@scope/debug", "4.4.0"): "dependency",
        ("jest", "30.0.0"): "development",
        ("chalk", "5.0.0"): "development",
        ("chalk", "4.0.0"): "development",
        ("pm2", "6.0.0"): "asked for",
        ("odd", ""): "",
    }


def test_gems_count_what_was_compiled_for_them(analysed):
    ruby = "usr/local/bundle"
    needs = 's.add_runtime_dependency(%q<nokogiri>.freeze, [">= 1"])'
    spec = f'Gem::Specification.new do |s|\n  s.name = "rails".freeze\n  {needs}\nend\n'
    analysis = analysed(
        layer(
            (f"{ruby}/gems/rails-8.0.0/lib/rails.rb", "x" * 10),
            (f"{ruby}/specifications/rails-8.0.0.gemspec", spec),
            (f"{ruby}/gems/nokogiri-1.18.9/lib/nokogiri.rb", "x" * 10),
            (f"{ruby}/extensions/x86_64-linux/3.4.0/nokogiri-1.18.9/nokogiri.so", "x" * 70),
        )
    )
    found = {(each.name, each.version): (each.size, each.why) for each in analysis.packages}
    assert found[("nokogiri", "1.18.9")] == (80, "dependency")
    assert found[("rails", "8.0.0")][1] == "asked for"


def test_jars_tell_their_version_by_their_manifest(analysed, tmp_path):
    path = tmp_path / "x.jar"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\r\nImplementation-Version: 2.7.1\r\n")
    data = path.read_bytes()
    analysis = analysed(
        layer(("app/tool.jar", data), ("app/cut.jar", data[:30]), ("app/odd.jar", b"PK\3\4" + b"\xff" * 99))
    )
    found = {(each.manager, each.name, each.version) for each in analysis.packages}
    assert found == {("jar", "tool", "2.7.1"), ("jar", "cut", ""), ("jar", "odd", "")}


def test_circles_of_needs_end(analysed):
    packages = {f"p{number}": f"Depends: p{(number + 1) % 3000}" for number in range(3000)}
    analysis = analysed(layer(("etc/x", "x")), layer(*debian(**packages)))
    assert {why for why, _ in reasons(analysis, "dpkg").values()} <= {"asked for", "base image"}
