"""What has changed since the dated tables were taken: `python -m dfadvise.knowledge.refresh`.

Support dates are held against endoflife.date, sizes of base images against the registry. Differences are printed, one a
line, for whoever maintains the tables; nothing is written. Exit 0: nothing has changed; 1: something has; 2: a source
did not answer.
"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from urllib.error import URLError
from urllib.request import Request, urlopen

from dfadvise.about.sizes import human
from dfadvise.knowledge import base_images, support

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

SUPPORT = "https://endoflife.date/api/{product}.json"
TOKEN = "https://auth.docker.io/token?service=registry.docker.io&scope=repository:{name}:pull"
REGISTRY = "https://registry-1.docker.io"
# Names of products there that differ from those of the tables.
_NAMES = {
    "alpine": "alpine-linux",
    "amazoncorretto": "amazon-corretto",
    "amazonlinux": "amazon-linux",
    "centos stream": "centos-stream",
    "golang": "go",
    "mongo": "mongodb",
    "node": "nodejs",
    "opensuse leap": "opensuse",
    "oraclelinux": "oracle-linux",
    "postgres": "postgresql",
    "ubi": "rhel",
}
_MANIFESTS = (
    "application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json, "
    "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json"
)
_MOST = 20_000_000  # bytes of an answer
_PART = 0.05  # a size that changed by less is the same


def main(words: list[str] | None = None) -> int:
    """Compare and print.

    Args:
        words: The command line; `sys.argv` when None.

    Returns:
        The exit status.
    """
    parser = ArgumentParser(prog="python -m dfadvise.knowledge.refresh", description=__doc__)
    parser.add_argument("--support", default=SUPPORT, help="where support dates are asked for, with {product}")
    parser.add_argument("--registry", default=REGISTRY, help="the registry of the official images")
    parser.add_argument("--token", default=TOKEN, help="where it gives tokens, with {name}; empty for none")
    asked = parser.parse_args(words)
    status = 0
    parts = ((support_changes, (asked.support,)), (size_changes, (asked.registry, asked.token)))
    for changes, where in parts:
        try:
            for line in changes(*where):
                print(line)
                status = max(status, 1)
        except (OSError, URLError, ValueError, KeyError, TypeError) as problem:
            print(f"{changes.__name__.replace('_', ' ')}: no usable answer: {problem}", file=sys.stderr)
            status = 2
    return status


def support_changes(address: str) -> Iterator[str]:
    """Versions whose end of support is another than in the table, and supported ones it does not have.

    Args:
        address: Where they are asked for, with `{product}`.

    Raises:
        OSError: A source did not answer.
        ValueError: An answer is not in the form of endoflife.date.
    """
    for product, (_, dated, _) in support.tables().items():
        ours = dict(dated)
        for each in _json(address.format(product=_NAMES.get(product, product))):
            cycle, end = str(each["cycle"]), each.get("extendedSupport" if product == "debian" else "eol")
            theirs = end if isinstance(end, str) else None
            if cycle in ours and ours[cycle] != theirs and end is not True:
                yield f"support: {product} {cycle} ends {theirs or 'on no known day'}, not {ours[cycle]}"
            elif cycle not in ours and (end is False or (theirs or "") > support.TAKEN):
                yield f"support: {product} {cycle} is new, ends {theirs or 'on no known day'}"


def size_changes(registry: str, token: str) -> Iterator[str]:
    """Base images whose compressed size on amd64 is another than in the table.

    Args:
        registry: The address of the registry.
        token: Where it gives tokens, with `{name}`; empty for none.

    Raises:
        OSError: The registry did not answer.
        ValueError: An answer is no manifest.
    """
    for image, size in base_images.measured():
        now = _size(registry, token, image)
        if abs(now - size) > size * _PART:
            yield f"size: {image} has {human(now)}, not {human(size)}"


def _size(registry: str, token: str, image: str) -> int:
    name, _, tag = image.partition(":")
    name = name if "/" in name else f"library/{name}"
    headers = {"Accept": _MANIFESTS}
    if token:
        headers["Authorization"] = f"Bearer {_json(token.format(name=name))['token']}"
    found = _json(f"{registry}/v2/{name}/manifests/{tag}", headers)
    for each in found.get("manifests", ()):
        platform = each.get("platform", {})
        if (platform.get("os"), platform.get("architecture")) == ("linux", "amd64"):
            found = _json(f"{registry}/v2/{name}/manifests/{each['digest']}", headers)
            break
    return sum(int(layer["size"]) for layer in found["layers"])


def _json(address: str, headers: dict[str, str] | None = None) -> Any:
    if not address.startswith(("https://", "http://")):
        raise ValueError(f"{address} is no address")
    with urlopen(Request(address, headers=headers or {}), timeout=30) as answer:
        return json.loads(answer.read(_MOST))


if __name__ == "__main__":
    sys.exit(main())
