"""What a build said of its steps: BuildKit's progress as `--progress=plain` and `--progress=rawjson` write it.

Plain: a step of its own number, `#5 [build 2/4] RUN make` where it begins or goes on after others, then what it says,
each line with the number in front and, from a command, the seconds since it began; at its end `#5 DONE 3.1s`,
`#5 CACHED`, `#5 ERROR: ...` or `#5 CANCELED`; `#5 ...` where another step is shown. Raw JSON: an object a line, whose
`vertexes` have a digest, a name, `started`, `completed`, `cached` and `error`, told anew whenever one changes.
A step may end several times: newer builders then tell the sum, older ones the last stretch, so the longest counts.

The names of steps: `[build 2/4] RUN make`, `[stage-1 2/4]` for a stage without a name, `[2/4]` where it is the only
one, `[linux/arm64 build 2/4]` with several platforms, `[linux/amd64->arm64 build 2/4]` where one builds for another,
and the target in front where bake or compose build several. Source: BuildKit's own code, and logs of a real engine,
read 2026-11-24.
"""

from __future__ import annotations

import codecs
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, BinaryIO

CHUNK = 1 << 20
# A line that is longer is cut; no name of a step is.
MOST_LINE = 8 << 20
MOST_NAME = 64 << 10
MOST_STEPS = 100_000
MOST_TEXT = 64 << 20  # bytes of names, over all builds of a file
_MOST_STRETCHES = 100
_SHORT = 0.05  # to look into the cache takes a moment, too

DONE, CACHED, FAILED, CANCELED, OPEN = "done", "cached", "failed", "canceled", "open"

# What a job's log puts before each line: the time, and GitLab's number of the stream.
_STAMP = re.compile(
    rb"\[?(?:\d{4}-\d\d-\d\d[T ])?\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?\]?(?: \d\d[OE])?[ \t+]+"
)
# GitHub's own client puts the names of job and step before that.
_JOB = re.compile(rb"[^\t]{1,200}\t[^\t]{1,200}\t(?:\xef\xbb\xbf)?(?=\d{4}-\d\d-\d\dT)")
_ANSI = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
_PLACE = re.compile(r"\[([^\[\]\n]{0,300}?)\s{0,20}(\d{1,9})/(\d{1,9})\] (.*)", re.DOTALL)
_INTERNAL = re.compile(r"\[(?:[^\[\]\n]{0,300} )?internal\] (.*)", re.DOTALL)
_SECONDS = re.compile(r"DONE(?: (\d{1,9}(?:\.\d{1,9})?)s)?$")
_TIME = re.compile(r"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)(\.\d{1,12})?(Z|[+-]\d\d:\d\d)$")
_DEFINITION = "load build definition"


class LogError(Exception):
    """A log that says nothing of steps; the text is to be read behind the file's name."""


class LogStep:
    """One step as the log tells of it.

    Args:
        name: Its name as printed.

    Attributes:
        internal: What the builder does by itself, such as `load build context`; empty for all else.
        words: What stands before the number: stage, target or both; empty for a lone stage, and for what has no number.
        platform: What it builds for, as `linux/arm64`; empty when it is not told.
        place, total: Its number within the stage, counted from 1, and of how many; 0 for what has none.
        text: What it does, as `RUN make`.
        seconds: How long it took; None when the log does not say, or not the whole of it.
        state: done, cached, failed, canceled, or open where the log ends before it.
    """

    __slots__ = (
        *("_cached", "_end", "_stretches", "_told"),
        *("internal", "name", "place", "platform", "text", "total", "words"),
    )

    def __init__(self, name: str) -> None:
        self.name = name
        self.internal = self.platform = ""
        self.words: tuple[str, ...] = ()
        self.place = self.total = 0
        self.text = name
        self._end = OPEN
        self._cached = False
        self._told: float | None = None
        self._stretches: dict[float, float] = {}
        numbered = _PLACE.match(name)
        if numbered is not None:
            words = numbered[1].split()
            self.platform = next((_target(word) for word in words if "/" in word), "")
            self.words = tuple(word for word in words if "/" not in word)
            self.place, self.total, self.text = int(numbered[2]), int(numbered[3]), numbered[4].strip()
            return
        own = _INTERNAL.match(name)
        if own is not None:
            self.internal = self.text = own[1].strip()

    @property
    def state(self) -> str:
        """How it ended."""
        if self._end == DONE and self._cached and self._measured() < _SHORT:
            return CACHED
        return self._end

    @property
    def seconds(self) -> float | None:
        """How long it took, in seconds; None when it is not told, and for one that came from the cache."""
        known = self._told is not None or self._stretches
        return round(self._measured(), 3) if self.state == DONE and known else None

    def _measured(self) -> float:
        if self._told is not None:
            return self._told
        total, reached = 0.0, float("-inf")
        for start, end in sorted(self._stretches.items()):
            total += max(0.0, end - max(start, reached))
            reached = max(reached, end)
        return total

    def done(self, seconds: float | None) -> None:
        """It ended, after so many seconds where they are told."""
        self._end = DONE
        if seconds is not None:
            self._told = max(seconds, self._told or 0.0)

    def ran(self, start: float, end: float) -> None:
        """It ran from one moment to another."""
        self._end = DONE
        if start in self._stretches or len(self._stretches) < _MOST_STRETCHES:
            self._stretches[start] = max(end, self._stretches.get(start, end))

    def cached(self) -> None:
        """It came from the cache."""
        self._end, self._cached = DONE, True

    def failed(self, state: str) -> None:
        """It came to no good end."""
        self._end = state

    @property
    def ended(self) -> bool:
        """Whether the log has its end."""
        return self._end != OPEN

    def __repr__(self) -> str:
        return f"LogStep({self.name!r}, {self.state}, {self.seconds})"


def _target(platform: str) -> str:
    """The platform that a step builds for: linux/arm64 of `linux/amd64->arm64`."""
    own, arrow, other = platform.partition("->")
    if not arrow:
        return own
    system = own.partition("/")[0]
    return other if other.startswith(f"{system}/") or other.count("/") > 1 else f"{system}/{other}"


class Build:
    """One build of a log.

    Attributes:
        steps: Its steps by number or digest, in the order in which they are first named.
    """

    __slots__ = ("steps",)

    def __init__(self) -> None:
        self.steps: dict[str, LogStep] = {}

    @property
    def numbered(self) -> list[LogStep]:
        """The steps that are lines of a Dockerfile."""
        return [step for step in self.steps.values() if step.place]


def read_log(stream: BinaryIO) -> list[Build]:
    """The builds that a log tells of, in order, with at least one step of a Dockerfile each.

    Args:
        stream: The log, read once from its beginning to its end and never held as a whole.

    Raises:
        LogError: It has no such step, or more than any build has.
        OSError: It cannot be read.
    """
    reader = _Reader()
    for line in _lines(stream):
        reader.line(line)
    builds = [build for build in reader.builds if build.numbered]
    if not builds:
        raise LogError(reader.why())
    return builds


class _Reader:
    __slots__ = ("_build", "_seen", "_steps", "_text", "builds")

    def __init__(self) -> None:
        self.builds: list[Build] = []
        self._begin()
        self._steps = self._text = 0
        # What else the file may be: nothing at all, a terminal's output, the classic builder's.
        self._seen: set[str] = set()

    def why(self) -> str:
        """What is wrong with a log without steps."""
        again = "save it with docker build --progress=plain . 2> FILE"
        if "classic" in self._seen:
            return f"is the log of the classic builder, which tells no times; with DOCKER_BUILDKIT=1, {again}"
        if "terminal" in self._seen:
            return f"was written for a terminal; {again}"
        if not self._seen:
            return f"is empty; {again}"
        return f"has no step of a build by BuildKit; {again}"

    def line(self, line: bytes) -> None:
        """Take in a line."""
        if line[:1] not in (b"#", b"{"):
            if b"\x1b" in line:
                line = _ANSI.sub(b"", line)
            line = line.lstrip(b" \t\r\xef\xbb\xbf")
            job = _JOB.match(line)
            if job is not None:
                line = line[job.end() :]
            stamp = _STAMP.match(line)
            if stamp is not None:
                line = line[stamp.end() :]
            if line[:1] not in (b"#", b"{"):
                self._other(line)
                return
        if line[:1] == b"{":
            self._object(line)
            return
        number, _, rest = line.partition(b" ")
        # What a command prints, which is nearly all of a long log.
        if b"0" <= rest[:1] <= b"9":
            return
        if len(number) < 8 and number[1:].isdigit():
            if b"\x1b" in rest:
                rest = _ANSI.sub(b"", rest)
            self._plain(number.decode(), rest[:MOST_NAME].decode("utf-8", "replace").strip())

    def _other(self, line: bytes) -> None:
        if not line.strip():
            return
        self._seen.add("text")
        if line.startswith((b"=> ", b"[+] Building")):
            self._seen.add("terminal")
        elif line.startswith(b"Step ") and b"/" in line[:12]:
            self._seen.add("classic")

    def _begin(self) -> None:
        self._build = Build()
        self.builds.append(self._build)

    def _add(self, key: str, name: str) -> LogStep:
        self._steps += 1
        self._text += len(name)
        if self._steps > MOST_STEPS or self._text > MOST_TEXT:
            raise LogError(f"has more than {MOST_STEPS} steps, or {MOST_TEXT >> 20} MiB of their names")
        step = self._build.steps[key] = LogStep(name)
        return step

    def _plain(self, number: str, text: str) -> None:
        self._seen.add("text")
        if number == "#0":
            # The builder says which one it is before anything else.
            if text.startswith("building with ") and self._build.steps:
                self._begin()
            return
        step = self._build.steps.get(number)
        if text.startswith("["):
            if step is not None and step.name.startswith("[") and (step.name != text or _begins_anew(step)):
                self._begin()
                step = None
            if step is None or step.name != text:
                self._add(number, text)
            return
        if step is None:
            # The log begins in the midst of a step, or this is one with a name of another kind.
            if text and text != "..." and not text.startswith(("DONE", "CACHED", "ERROR", "CANCELED", "sha256:")):
                self._add(number, text)
            return
        if text == "CACHED":
            step.cached()
        elif text == "CANCELED":
            step.failed(CANCELED)
        elif text == "ERROR" or text.startswith("ERROR:"):
            step.failed(FAILED)
        elif text.startswith("DONE"):
            told = _SECONDS.match(text)
            if told is not None:
                step.done(float(told[1]) if told[1] else None)

    def _object(self, line: bytes) -> None:
        self._seen.add("text")
        if b'"vertexes"' not in line:
            return
        import json

        try:
            status = json.loads(line)
        except (ValueError, RecursionError):
            return
        vertexes = status.get("vertexes") if isinstance(status, dict) else None
        for vertex in vertexes if isinstance(vertexes, list) else ():
            if isinstance(vertex, dict):
                self._vertex(vertex)

    def _vertex(self, vertex: dict[str, Any]) -> None:
        digest, name = vertex.get("digest"), vertex.get("name")
        if not isinstance(digest, str) or not isinstance(name, str) or not digest or not name:
            return
        name, digest = name[:MOST_NAME].strip(), digest[:200]
        step = self._build.steps.get(digest)
        if step is None:
            alike = (each for each in self._build.steps.values() if each.name == name)
            if _DEFINITION in name and any(map(_begins_anew, alike)):
                self._begin()
            step = self._add(digest, name)
        start, end = _moment(vertex.get("started")), _moment(vertex.get("completed"))
        if end is None:
            return
        if vertex.get("error"):
            canceled = isinstance(vertex["error"], str) and vertex["error"].endswith("context canceled")
            step.failed(CANCELED if canceled else FAILED)
            return
        if vertex.get("cached") is True:
            step.cached()
        if start is not None and end >= start:
            step.ran(start, end)


def _begins_anew(step: LogStep) -> bool:
    """Whether to hear of a step again is to hear of another build: each reads its Dockerfile once."""
    return step.ended and step.internal.startswith(_DEFINITION)


def _moment(text: object) -> float | None:
    """A time of RFC 3339 as seconds; None for none."""
    found = _TIME.match(text) if isinstance(text, str) else None
    if found is None:
        return None
    from datetime import datetime

    zone = "+00:00" if found[3] == "Z" else found[3]
    try:
        whole = datetime.fromisoformat(found[1] + zone).timestamp()
    except (ValueError, OverflowError):
        return None
    # Go's zero time stands for none.
    return whole + float(found[2] or 0) if whole > 0 else None


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    """The lines of a file without their ends; of one that is very long only the beginning."""
    held = b""
    cut = False
    for chunk in _chunks(stream):
        parts = chunk.split(b"\n")
        if len(parts) > 1:
            yield (held if cut else held + parts[0]).rstrip(b"\r")
            for part in parts[1:-1]:
                yield part.rstrip(b"\r")
            held, cut = parts[-1], False
        elif not cut:
            held += chunk
            cut = len(held) > MOST_LINE
    if held:
        yield held.rstrip(b"\r")


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    """The bytes of a file, as UTF-8 where it is UTF-16: PowerShell's `>` writes that."""
    chunk = stream.read(CHUNK)
    while len(chunk) == 1:
        more = stream.read(CHUNK)
        chunk += more
        if not more:
            break
    if not chunk.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        while chunk:
            yield chunk
            chunk = stream.read(CHUNK)
        return
    decoder = codecs.getincrementaldecoder("utf-16")("replace")
    while chunk:
        yield decoder.decode(chunk).encode("utf-8", "replace")
        chunk = stream.read(CHUNK)
