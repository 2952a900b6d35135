"""`dfadvise image` on the command line."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys

import pytest

from dfadvise.cli import main
from image_samples import packed
from secret_samples import PEM

LAYER_KEYS = {
    *("index", "digest", "created_by", "line", "base", "bytes", "added_bytes", "modified_bytes", "removed_paths"),
}
IMAGE_KEYS = {
    *("name", "stored_bytes", "visible_bytes", "efficiency", "dive_efficiency", "layers", "waste", "secrets"),
    "details",
}


def saved(path, layers, steps, name="app:1"):
    digests = [hashlib.sha256(each).hexdigest() for each in layers]
    config = {"architecture": "amd64", "os": "linux", "rootfs": {"diff_ids": [f"sha256:{each}" for each in digests]}}
    config["history"] = [{"created_by": step} for step in steps]
    text = json.dumps(config).encode()
    manifest = [{"Config": "c.json", "RepoTags": [name], "Layers": [f"{each}.tar" for each in digests]}]
    parts = {f"{digest}.tar": each for digest, each in zip(digests, layers, strict=True)}
    path.write_bytes(packed({**parts, "c.json": text, "manifest.json": json.dumps(manifest).encode()}))
    return str(path)


@pytest.fixture
def archive(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Dockerfile").write_text("FROM debian:12\nCOPY a /a\nRUN rm /a && touch /b\n")
    layers = [packed({"etc/os": b"x" * 100}), packed({"a": b"x" * 600, "app/.npmrc": b"_password=c2VjcmV0LXBhc3M=\n"})]
    layers.append(packed({".wh.a": b"", "b": b"", "app/.wh..npmrc": b""}))
    steps = [
        "/bin/sh -c #(nop) ADD file:1 in / ",
        "COPY a /a # buildkit",
        "RUN /bin/sh -c rm /a && touch /b # buildkit",
    ]
    return saved(tmp_path / "app.tar", layers, steps)


def run(capsys, *words):
    status = main(["image", *words])
    out, err = capsys.readouterr()
    return status, out, err


def test_json_keeps_to_the_contract(archive, capsys):
    status, out, err = run(capsys, archive, "--format", "json", "--dockerfile", "Dockerfile")
    assert (status, err) == (0, "")
    document = json.loads(out)
    assert set(document) == {"version", "images", "errors"}
    assert (document["version"], document["errors"]) == (1, [])
    (image,) = document["images"]
    assert set(image) == IMAGE_KEYS
    assert (image["name"], image["stored_bytes"], image["visible_bytes"]) == ("app:1", 727, 100)
    assert image["efficiency"] == pytest.approx(100 / 727)
    assert all(set(each) == LAYER_KEYS for each in image["layers"])
    assert [(each["line"], each["base"]) for each in image["layers"]] == [(None, True), (2, False), (3, False)]
    assert image["layers"][2]["removed_paths"] == ["/a", "/app/.npmrc"]
    assert image["waste"] == [
        {"path": "/a", "bytes": 600, "cause": "deleted", "added_by": 1, "hidden_by": 2},
        {"path": "/app/.npmrc", "bytes": 27, "cause": "deleted", "added_by": 1, "hidden_by": 2},
    ]
    assert image["secrets"] == [{"path": "/app/.npmrc", "layer": 1, "hidden_by": 2, "kind": "credentials"}]
    for layer in image["layers"]:
        assert layer["bytes"] == layer["added_bytes"] + layer["modified_bytes"]


def test_text_and_markdown_name_the_lines(archive, capsys):
    for form in ("text", "markdown"):
        status, out, err = run(capsys, archive, "--format", form, "--dockerfile", "Dockerfile")
        assert (status, err) == (0, "")
        assert "app:1" in out
        assert "line 2" in out
        assert "line 3" in out
        assert "\x1b" not in out


def test_names_from_an_image_do_not_steer_the_terminal(tmp_path, capsys):
    layers = [packed({"a\x1b[2Jb": b"x" * 20}), packed({".wh.a\x1b[2Jb": b""})]
    path = saved(tmp_path / "i.tar", layers, ["COPY \x1b[31m /", "RUN \x9b x"], "app\x1b]0;x\x07")
    for form in ("text", "markdown", "json"):
        out = run(capsys, path, "--format", form)[1]
        assert "\x1b" not in out
        assert "\x9b" not in out


def test_a_report_goes_to_a_file(archive, tmp_path, capsys):
    assert run(capsys, archive, "--format", "json", "-o", "report.json") == (0, "", "")
    assert json.loads((tmp_path / "report.json").read_text())["version"] == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--min-efficiency", "0.9"], "app:1: efficiency 0.1376 is below 0.9"),
        (["--min-efficiency", "90%"], "app:1: efficiency 0.1376 is below 0.9"),
        (["--max-waste", "600"], "app:1: 627 B wasted are more than 600 B"),
        (["--max-waste", "0.5kB"], "app:1: 627 B wasted are more than 500 B"),
        (["--max-waste", "5%"], "app:1: the share wasted, 0.8624, is more than 0.05"),
        (["--max-waste", "0.05"], "app:1: the share wasted, 0.8624, is more than 0.05"),
        (["--max-size", "700"], "app:1: 727 B stored are more than 700 B"),
        (["--max-user-wasted", "0.1"], "app:1: the share wasted above the base image, 1.0000, is more than 0.1"),
    ],
)
def test_thresholds_fail(archive, capsys, words, message):
    status, out, err = run(capsys, archive, *words)
    assert status == 1
    assert "app:1" in out
    assert err == f"dfadvise: {message}\n"


def test_thresholds_that_are_kept(archive, capsys):
    words = ("--min-efficiency", "0.1", "--max-waste", "1 KiB", "--max-user-wasted", "100%")
    assert run(capsys, archive, *words)[0] == 0


@pytest.mark.parametrize(
    "words",
    [
        ["--min-efficiency", "90"],
        ["--min-efficiency", "high"],
        ["--min-efficiency", "nan"],
        ["--max-user-wasted", "-1"],
        ["--max-waste", "20XB"],
        ["--max-waste", "-5"],
        ["--dockerfile", "missing"],
        ["--format", "sarif"],
        ["--image-name", "other:1"],
        ["--platform", "linux/arm64"],
        ["second.tar"],
    ],
)
def test_what_cannot_be_done_is_one_line(archive, capsys, words):
    status, out, err = run(capsys, archive, *words)
    assert (status, out) == (2, "")
    assert err.startswith("dfadvise: ")
    assert err.count("\n") == 1


def test_what_cannot_be_read_is_in_the_report_too(tmp_path, capsys):
    (tmp_path / "x.tar").write_text("no archive\n")
    status, out, err = run(capsys, str(tmp_path / "x.tar"), "--format", "json")
    assert status == 2
    assert err == f"dfadvise: {tmp_path}/x.tar is no tar archive\n"
    assert json.loads(out)["errors"] == [{"path": f"{tmp_path}/x.tar", "message": "is no tar archive"}]


def test_standard_input(archive):
    with open(archive, "rb") as file:
        data = file.read()
    command = [sys.executable, "-m", "dfadvise", "image", "-", "--format", "json", "--image-name", "app:1"]
    done = subprocess.run(command, input=data, capture_output=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["images"][0]["stored_bytes"] == 727
    done = subprocess.run(command, input=data[:3000], capture_output=True, timeout=60)
    assert done.returncode == 2
    assert done.stderr == b"dfadvise: standard input ends early\n"


def test_only_text_loads_the_library_for_tables(archive):
    probe = "import sys; from dfadvise.cli import main; main(sys.argv[1:]); print('rich' in sys.modules)"
    for form, loaded in (("json", "False"), ("markdown", "False"), ("text", "True")):
        command = [sys.executable, "-c", probe, "image", archive, "--format", form]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert done.stdout.splitlines()[-1] == loaded


def test_rules_of_dive_are_held_against_its_own_numbers(archive, tmp_path, capsys, monkeypatch):
    (tmp_path / "rules.yaml").write_text("rules:\n  lowestEfficiency: 0.99\n  highestWastedBytes: 20B\n")
    status, _, err = run(capsys, archive, "--ci-config", "rules.yaml")
    assert status == 1
    assert "dive's efficiency" in err
    assert "the true one is 0.1376 (rules.yaml: lowestEfficiency)" in err
    assert "in truth it is 627 B (rules.yaml: highestWastedBytes)" in err
    off = 'rules:\n  lowest-efficiency: disabled\n  highest-wasted-bytes: off\n  highest-user-wasted-percent: ""\n'
    (tmp_path / ".dive-ci").write_text(off)
    assert run(capsys, archive, "--ci-config", ".dive-ci")[::2] == (0, "")
    (tmp_path / ".dive-ci").write_text("rules:\n  lowestEfficiency: 0.99\n")
    monkeypatch.delenv("CI", raising=False)
    assert run(capsys, archive)[0] == 0
    monkeypatch.setenv("CI", "true")
    assert run(capsys, archive)[0] == 1


@pytest.mark.parametrize(
    "text",
    ["rules: [", "rules: 5", "rules:\n  lowestEfficiency: high\n", "rules:\n  highestWastedBytes: 20XB\n", None],
)
def test_rules_of_dive_that_cannot_be_used_are_one_line(archive, tmp_path, capsys, text):
    if text is not None:
        (tmp_path / "ci.yaml").write_text(text)
    status, out, err = run(capsys, archive, "--ci-config", "ci.yaml")
    assert (status, out) == (2, "")
    assert err.count("\n") == 1
    assert "ci.yaml" in err


def test_a_secret_fails(tmp_path, capsys):
    layers = [packed({"root/.ssh/id_rsa": PEM.encode()}), packed({"root/.ssh/.wh.id_rsa": b""})]
    path = saved(tmp_path / "i.tar", layers, ["COPY id_rsa /root/.ssh/", "RUN rm /root/.ssh/id_rsa"], "app:1")
    assert run(capsys, path)[0] == 0
    status, _, err = run(capsys, path, "--fail-on-secret")
    assert (status, err) == (1, "dfadvise: app:1: there is 1 secret in it\n")


def test_merges_in_a_dive_file_do_not_multiply(archive, tmp_path, capsys):
    lines = ["a0: &a0 {x: 1}"]
    lines += [f"a{number}: &a{number} {{<<: [*a{number - 1}, *a{number - 1}]}}" for number in range(1, 60)]
    off = "{lowestEfficiency: off, highestUserWastedPercent: off, <<: *a59}"
    (tmp_path / "bomb").write_text("\n".join([*lines, f"rules: {off}", ""]))
    status, _, err = run(capsys, archive, "--ci-config", str(tmp_path / "bomb"))
    assert (status, err) == (0, "")
