"""`DockerfileParser` over a text, for its tests."""

from __future__ import annotations

import io

from dfadvise import DockerfileParser


def parser(text: str | bytes, **options) -> DockerfileParser:
    data = text.encode() if isinstance(text, str) else text
    return DockerfileParser(fileobj=io.BytesIO(data), **options)


def shape(text: str | bytes) -> list[tuple[str, int, int, str]]:
    return [(e["instruction"], e["startline"], e["endline"], e["value"]) for e in parser(text).structure]
