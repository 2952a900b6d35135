"""The dated tables: what tells that they are old, and what tells what has changed since."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from dfadvise.cli import main
from dfadvise.knowledge import base_images, refresh, support

DATED = "FROM debian:9\nUSER 1000\n"


@pytest.mark.parametrize(
    ("day", "old"), [(f"{support.TAKEN[:4]}-12-31", False), (f"{int(support.TAKEN[:4]) + 2}-01-01", True)]
)
def test_tables_older_than_a_year_are_told(day, old, tmp_path, monkeypatch, capsys):
    (tmp_path / "Dockerfile").write_text(DATED)
    (tmp_path / "dfadvise.toml").write_text(f"today = {day}\n")
    monkeypatch.chdir(tmp_path)
    main(["lint", "--select", "expired-base-image", "--format", "json"])
    told = capsys.readouterr().err
    assert (f"the support dates are of {support.TAKEN}, more than a year ago" in told) is old


def test_who_asks_no_table_hears_nothing(tmp_path, monkeypatch, capsys):
    (tmp_path / "Dockerfile").write_text("FROM debian\nMAINTAINER me\n")
    (tmp_path / "dfadvise.toml").write_text("today = 2040-01-01\n")
    monkeypatch.chdir(tmp_path)
    main(["lint", "--select", "deprecated-maintainer"])
    assert "year" not in capsys.readouterr().err


class Answers(BaseHTTPRequestHandler):
    support: dict[str, list[dict[str, object]]]
    sizes: dict[str, int]

    def do_GET(self):
        kind, _, name = self.path[1:].partition("/")
        if kind == "support":
            body: object = self.support.get(name, [])
        elif kind == "token":
            body = {"token": "x"}
        else:
            repository, _, tag = name.partition("/manifests/")
            image = repository.removeprefix("library/")
            if tag.startswith("sha256:"):
                body = {"layers": [{"size": self.sizes[tag.removeprefix("sha256:")]}]}
            else:
                entry = {"digest": f"sha256:{image}:{tag}", "platform": {"os": "linux", "architecture": "amd64"}}
                body = {"manifests": [{"digest": "sha256:other", "platform": {"os": "windows"}}, entry]}
        data = json.dumps(body).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    Answers.support = {}
    Answers.sizes = dict(base_images.measured())
    served = HTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=served.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{served.server_port}"
    served.shutdown()
    served.server_close()


def asked(server: str) -> int:
    return refresh.main(
        ["--support", f"{server}/support/{{product}}", "--registry", server, "--token", f"{server}/token/{{name}}"]
    )


def test_nothing_has_changed(server, capsys):
    assert asked(server) == 0
    assert capsys.readouterr().out == ""


def test_what_has_changed_is_told(server, capsys):
    Answers.support = {
        "fedora": [{"cycle": "43", "eol": "2026-12-31"}, {"cycle": "90", "eol": False}, {"cycle": "20", "eol": True}],
        "go": [{"cycle": "1.26", "eol": False}],
    }
    Answers.sizes["debian:trixie"] *= 2
    assert asked(server) == 1
    assert capsys.readouterr().out.splitlines() == [
        "support: fedora 43 ends 2026-12-31, not 2026-12-09",
        "support: fedora 90 is new, ends on no known day",
        "size: debian:trixie has 98.6 MB, not 49.3 MB",
    ]


def test_a_source_that_does_not_answer(capsys):
    assert asked("http://127.0.0.1:1") == 2
    assert capsys.readouterr().err.count("no usable answer") == 2
