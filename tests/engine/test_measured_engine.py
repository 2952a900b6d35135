"""Savings that `--image` measures against what a real engine built: the bytes of its layers, and of a better build."""

import json
import os

import pytest

from dfadvise.cli import main

APT = "apt-get update && apt-get install -y"
CLEAN = "rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "app" / "deep").mkdir(parents=True)
    (tmp_path / "app" / "big").write_bytes(os.urandom(2_000_000))
    (tmp_path / "app" / "deep" / "bigger").write_bytes(os.urandom(3_000_000))
    (tmp_path / "tidy").write_text(f"{CLEAN}\n")
    return tmp_path


@pytest.fixture
def measured(engine, folder, capsys):
    """Builds a text and lints it with its image: the layers above the base, and the findings by rule."""

    def run(text, *words):
        (folder / "Dockerfile").write_text(text)
        tag, _ = engine.build(str(folder))
        engine.docker("save", "-o", str(folder / "image.tar"), tag)
        main(
            ["lint", str(folder / "Dockerfile"), "--image", str(folder / "image.tar"), "--format", "json", *words],
        )
        out, err = capsys.readouterr()
        assert err == ""
        found = {}
        for each in json.loads(out)["findings"]:
            found.setdefault(each["rule"], []).append(each)
        return engine.layers(tag)[1:], found

    return run


def bytes_of(layer, folder=""):
    return sum(size for path, size in layer[1].items() if size > 0 and path.startswith(folder))


def saving(found, rule):
    (finding,) = found[rule]
    assert finding["saving"]["basis"] == "measured"
    return finding["saving"]["bytes"]


def test_lists_left_are_the_files_of_the_layer(measured):
    layers, found = measured(f"FROM debian:12\nRUN {APT} --no-install-recommends less && rm -f /var/cache/apt/*.bin\n")
    assert saving(found, "package-cache-left") == bytes_of(layers[0], "/var/lib/apt/lists") > 10_000_000


def test_files_stored_again_are_what_the_command_changed(measured):
    layers, found = measured("FROM debian:12\nCOPY app /app\nRUN chown -R 1000 /app\n")
    assert saving(found, "duplicated-tree") == bytes_of(layers[1], "/app") == 5_000_000


def test_files_deleted_too_late_are_what_the_earlier_layer_keeps(measured):
    layers, found = measured("FROM debian:12\nCOPY app /opt/app\nRUN cp /opt/app/big /srv/big\nRUN rm -rf /opt/app\n")
    assert saving(found, "late-cleanup") == bytes_of(layers[0]) == 5_000_000


def test_recommended_packages_are_what_a_build_without_them_saves(measured):
    (more,), found = measured(f"FROM debian:12\nRUN {APT} git && {CLEAN}\n")
    (less,), without = measured(f"FROM debian:12\nRUN {APT} --no-install-recommends git && {CLEAN}\n")
    assert "recommended-packages" not in without
    saved = bytes_of(more) - bytes_of(less)
    print(f"recommended: measured {saving(found, 'recommended-packages')}, a build without them saves {saved}")
    # Databases, logs and what install scripts generate belong to no package: what is told is the least.
    assert 0.9 * saved < saving(found, "recommended-packages") <= saved


def test_build_tools_are_what_a_build_that_removes_them_saves(measured):
    start = f"FROM debian:12\nRUN {APT} --no-install-recommends gcc less && {CLEAN}"
    (more,), found = measured(f'{start}\nCMD ["less"]\n')
    (less,), _ = measured(f'{start} && apt-get purge -y --auto-remove gcc\nCMD ["less"]\n')
    saved = bytes_of(more) - bytes_of(less)
    print(f"build tools: measured {saving(found, 'build-tools-shipped')}, a build without them saves {saved}")
    assert abs(saved - saving(found, "build-tools-shipped")) < 0.03 * saved


def test_a_finding_that_the_image_disproves_says_so(measured):
    text = f"FROM debian:12\nCOPY tidy /\nRUN {APT} --no-install-recommends less && sh /tidy\n"
    _, found = measured(text, "--select", "package-cache-left")
    (finding,) = found["package-cache-left"]
    assert finding["severity"] == "style"
    assert finding["message"].endswith("; the image holds nothing of it")
    assert finding["saving"] == {"bytes": 0, "seconds": None, "basis": "measured", "estimated_bytes": 19_000_000}
    _, found = measured(text)
    assert "package-cache-left" not in found


def test_what_only_the_image_shows_is_a_finding_of_the_rule_for_it(measured):
    (_, layer), found = measured(
        "FROM debian:12\nCOPY app /app\nRUN mkdir -p /root/.cache/pip && cp /app/big /root/.cache/pip/wheel\n"
    )
    assert saving(found, "package-cache-left") == bytes_of(layer, "/root/.cache/pip") == 2_000_000
    (finding,) = found["package-cache-left"]
    assert "2 MB in /root/.cache/pip" in finding["message"]
    assert finding["start"]["line"] == 3


def test_an_image_of_another_file_is_refused(engine, folder, capsys):
    (folder / "Dockerfile").write_text("FROM debian:12\nCOPY app /app\nRUN true\n")
    tag, _ = engine.build(str(folder))
    engine.docker("save", "-o", str(folder / "image.tar"), tag)
    (folder / "Dockerfile").write_text("FROM debian:12\nCOPY app /app\nRUN false\n")
    for command in ("lint", "advise"):
        assert main([command, str(folder / "Dockerfile"), "--image", str(folder / "image.tar")]) == 2
        out, err = capsys.readouterr()
        assert (out, err.count("\n")) == ("", 1)
        assert "line 3 reads otherwise in its history" in err
