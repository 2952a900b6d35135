"""What an engine's API says of a build while it runs, as `--progress=rawjson` would write it.

The client of Debian's docker.io does not know rawjson. The engine sends the very same messages to any client, as
protobuf in its stream of JSON; a client that knows rawjson writes each as one object a line. So a socket in between
listens, and what it heard is put into that form here. Source: `api/services/control/control.proto` and
`client/graph.go` of BuildKit, read 2026-11-24.
"""

import base64
import json
import socket
import threading
from datetime import datetime, timezone


class Tap:
    """A socket that hands everything on to another one, and keeps what comes back."""

    def __init__(self, path, engine):
        self.engine = engine
        self.heard = []
        self.server = socket.socket(socket.AF_UNIX)
        self.server.bind(path)
        self.server.listen()
        self.environment = {"DOCKER_HOST": f"unix://{path}"}
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self.server.accept()
            except OSError:
                return
            back = socket.socket(socket.AF_UNIX)
            back.connect(self.engine)
            kept = []
            self.heard.append(kept)
            threading.Thread(target=_pass, args=(client, back, None), daemon=True).start()
            threading.Thread(target=_pass, args=(back, client, kept), daemon=True).start()

    def close(self):
        self.server.close()

    def rawjson(self):
        """What was heard of builds, as rawjson."""
        lines = []
        for kept in self.heard:
            for word in b"".join(kept).split(b'"moby.buildkit.trace","aux":"')[1:]:
                status = _status(base64.b64decode(word.partition(b'"')[0]))
                lines.append(json.dumps(status, separators=(",", ":")) + "\n")
        return "".join(lines)


def _pass(source, target, kept):
    try:
        while data := source.recv(65536):
            if kept is not None:
                kept.append(data)
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        return


def _fields(data):
    """The fields of a protobuf message as (number, value)."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        if key & 7 == 0:
            value, at = _varint(data, at)
        else:
            assert key & 7 == 2, key
            size, at = _varint(data, at)
            value, at = data[at : at + size], at + size
        yield key >> 3, value


def _varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def _time(data):
    parts = dict(_fields(data))
    moment = datetime.fromtimestamp(parts.get(1, 0), timezone.utc)
    fraction = f".{parts.get(2, 0):09d}".rstrip("0").rstrip(".")
    return f"{moment:%Y-%m-%dT%H:%M:%S}{fraction}Z"


def _text(data):
    return data.decode()


VERTEX = {1: ("digest", _text), 2: ("inputs", _text), 3: ("name", _text), 4: ("cached", bool)}
VERTEX |= {5: ("started", _time), 6: ("completed", _time), 7: ("error", _text)}
STATUS = {1: ("id", _text), 2: ("vertex", _text), 3: ("name", _text), 4: ("current", int), 5: ("total", int)}
STATUS |= {6: ("timestamp", _time), 7: ("started", _time), 8: ("completed", _time)}
LOG = {1: ("vertex", _text), 2: ("timestamp", _time), 3: ("stream", int)}
LOG |= {4: ("data", lambda data: base64.b64encode(data).decode())}


def _status(data):
    found = {}
    for number, value in _fields(data):
        name, known = {1: ("vertexes", VERTEX), 2: ("statuses", STATUS), 3: ("logs", LOG)}[number]
        entry = {}
        for inner, content in _fields(value):
            key, read = known[inner]
            if key == "inputs":
                entry.setdefault(key, []).append(read(content))
            else:
                entry[key] = read(content)
        found.setdefault(name, []).append(entry)
    return found
