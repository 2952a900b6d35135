"""Build logs of a real engine: every step is on its line, the times add up, and a rebuild takes what was foretold."""

import http.server
import io
import os
import threading
import time
from pathlib import Path

import pytest

from dfadvise.buildlog import read_log
from dfadvise.source import Source
from dfadvise.stages import Dockerfile
from dfadvise.timing import Timing
from progress_trace import Tap

DATA = Path(__file__).parent.parent / "data" / "buildlog"
CASES = {
    "stages": (DATA / "Dockerfile").read_text(),
    "one": "FROM debian:12\nWORKDIR /app\nCOPY . .\nRUN sleep 0.3\nRUN sleep 0.5\n",
    "values": (
        "ARG TAG=12\nFROM debian:${TAG} AS Build\nARG N=0.2\nENV D=/opt/x\nWORKDIR ${D}\nRUN sleep $N\n"
        'COPY ["src.txt", "${D}/"]\nRUN N=0.3; sleep "${N:-1}" \\\n\n  # why\n  && echo \\$N\n'
        'SHELL ["/bin/bash", "-c"]\n'
        "USER nobody\nRUN true\nRUN true\n"
    ),
    "triggers": (
        "FROM debian:12 AS base\nONBUILD RUN sleep 0.3\nONBUILD COPY src.txt /s\nRUN echo base\n"
        "FROM base\nRUN cat /s\nFROM base AS other\nRUN sleep 0.2\nCOPY --from=1 /s /t\n"
    ),
    "shared": (
        "FROM debian:12 AS a\nRUN sleep 0.3\nRUN echo a > /a\nFROM debian:12 AS b\nRUN sleep 0.3\nRUN echo b > /b\n"
        "FROM scratch\nCOPY --from=a /a /\nCOPY --from=b /b /\n"
    ),
    "mounts": (
        "FROM debian:12 AS tools\nRUN sleep 0.4; echo x > /x\nFROM debian:12\n"
        "RUN --mount=type=bind,from=tools,source=/x,target=/x --mount=type=tmpfs,target=/t cat /x\n"
        "RUN --mount=type=bind,target=/c ls /c\n"
    ),
}


class Builder:
    """Builds a folder and listens."""

    def __init__(self, engine, folder):
        self.engine = engine
        self.folder = folder

    def build(self, *options, fails=False):
        """Build; the log as plain and as raw JSON, and how long it took in seconds."""
        path = f"{self.engine.root}/tap.{time.monotonic_ns()}"
        tap = Tap(path, self.engine.environment["DOCKER_HOST"].removeprefix("unix://"))
        kept = self.engine.environment
        self.engine.environment = {**kept, **tap.environment}
        try:
            begin = time.monotonic()
            done = self.engine.docker(
                *("build", "--network=host", "--progress=plain", *options, str(self.folder)), check=not fails
            )
            took = time.monotonic() - begin
        finally:
            self.engine.environment = kept
            tap.close()
            os.unlink(path)
        assert bool(done.returncode) == fails
        return done.stderr, tap.rawjson().encode(), took


@pytest.fixture
def builder(engine, tmp_path):
    (tmp_path / "src.txt").write_text("one\n")
    return Builder(engine, tmp_path)


def timing_of(text, *logs):
    return Timing(Dockerfile(Source(text)), read_log(io.BytesIO(b"".join(logs))))


def lines_of(timing):
    return [node for node in timing.nodes if node.instruction is not None]


@pytest.mark.parametrize("name", CASES)
def test_every_step_is_on_its_line(builder, name):
    text = CASES[name]
    (builder.folder / "Dockerfile").write_text(text)
    plain, raw, took = builder.build("--no-cache")
    for form in (plain, raw):
        timing = timing_of(text, form)
        assert timing.unmapped == []
        assert {node.state for node in lines_of(timing)} <= {"done", "cached"}, [
            (node.instruction.line, node.state) for node in lines_of(timing)
        ]
        # What sleeps has slept where the log says so.
        for node in lines_of(timing):
            command, _, duration = node.instruction.body.text.partition(" ")
            if command == "sleep" and duration.replace(".", "").isdigit():
                assert float(duration) <= node.seconds < float(duration) + 2
        chain = sum(timing.nodes[at].seconds or 0 for at in timing.path.chain)
        assert timing.path.seconds == pytest.approx(chain)
        # The longest chain takes no longer than the build took: printed times are rounded to tenths.
        assert timing.path.seconds <= took + 0.05 * len(timing.path.chain)
    one, two = timing_of(text, plain), timing_of(text, raw)
    for a, b in zip(one.nodes, two.nodes, strict=True):
        assert (a.seconds or 0) == pytest.approx(b.seconds or 0, abs=0.1)

    plain, raw, _ = builder.build()
    for form in (plain, raw):
        assert {n.state for n in lines_of(timing_of(text, form)) if n.instruction.keyword not in ("FROM",)} == {
            "cached"
        }


def test_a_rebuild_takes_what_was_foretold(builder):
    text = CASES["stages"]
    (builder.folder / "Dockerfile").write_text(text)
    cold = builder.build("--no-cache")[0]
    (builder.folder / "src.txt").write_text(f"two {time.time_ns()}\n")
    warm, _, took = builder.build()
    before, after = timing_of(text, cold), timing_of(text, warm)
    ran = {node.instruction.line for node in lines_of(after) if node.state == "done"}
    assert ran >= {14, 15, 16}
    assert not ran & {4, 5, 11}
    foretold = before.cost(node.instruction for node in lines_of(before) if node.instruction.line in ran)
    assert foretold == pytest.approx(after.path.seconds, abs=0.8)
    assert foretold <= took + 0.5


def test_a_build_that_fails_tells_what_it_did(builder):
    text = "FROM debian:12\nRUN sleep 0.3\nRUN sleep 0.1; false\nRUN echo never\n"
    (builder.folder / "Dockerfile").write_text(text)
    plain, raw, _ = builder.build("--no-cache", fails=True)
    for form in (plain, raw):
        timing = timing_of(text, form)
        assert [node.state for node in lines_of(timing)][2:] in (["failed", "missing"], ["failed", "open"])
        assert [node.seconds for node in lines_of(timing)][2:] == [None, None]
        assert 0.3 <= lines_of(timing)[1].seconds < 2


class Slow(http.server.BaseHTTPRequestHandler):
    """Half a second for a file."""

    def do_GET(self):
        time.sleep(0.5)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *arguments):
        return


def test_a_download_is_what_its_add_waits_for(builder):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Slow)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    text = f"FROM debian:12\nADD http://127.0.0.1:{server.server_port}/a.tgz /a\n"
    (builder.folder / "Dockerfile").write_text(text)
    plain, raw, _ = builder.build("--no-cache")
    server.shutdown()
    for form in (plain, raw):
        timing = timing_of(text, form)
        download = next(node for node in timing.nodes if node.name.startswith("http://127.0.0.1"))
        assert download.state == "done"
        # This client's plain output tells the last stretch of a step only, which comes after the download.
        if form is raw:
            assert download.seconds >= 0.5
            assert timing.path.seconds >= 0.5
        assert not any(name.startswith("http") for name, _ in timing.beside)
