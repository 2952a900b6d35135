"""No regular expression takes more than linear time: each one of the package meets what its kind is slow on."""

import importlib
import pkgutil
import re
import time

import pytest

import dfadvise
from dfadvise.knowledge import secret_values

LONG = 40_000


def modules():
    for info in pkgutil.walk_packages(dfadvise.__path__, "dfadvise."):
        # What refreshes tables looks at pages from outside, by hand.
        if info.name not in ("dfadvise.__main__", "dfadvise.knowledge.refresh"):
            yield importlib.import_module(info.name)


def patterns():
    """Every pattern that stands in a module, in a container of one, or in the table of secrets."""
    found = {
        kind.pattern: re.compile(kind.pattern, re.ASCII) for kind in (*secret_values.TOKENS, *secret_values.OTHERS)
    }
    for module in modules():
        waiting = list(vars(module).values())
        for value in waiting:
            if isinstance(value, re.Pattern):
                found.setdefault(value.pattern, value)
            elif isinstance(value, (list, tuple, set, frozenset)) and len(value) < 2000:
                waiting.extend(value)
            elif isinstance(value, dict) and len(value) < 2000:
                waiting.extend([*value, *value.values()])
    for name in ("PEM", "PEM_END", "USER_INFO"):
        text = getattr(secret_values, name)
        found.setdefault(text, re.compile(text, re.ASCII))
    return found


PATTERNS = patterns()
# Runs of what patterns repeat, and of their beginnings without an end.
PIECES = (
    *(
        "a",
        "A",
        "0",
        " ",
        "\t",
        "=",
        ":",
        "/",
        "@",
        "-",
        "_",
        ".",
        "'",
        '"',
        "\\",
        "$",
        "(",
        "[",
        "#",
        "\n",
        "x ",
        "a1",
    ),
    *(
        "://",
        "a:",
        "a@",
        "a=",
        "--",
        "\\\n",
        "#1 ",
        "sha256:",
        "[a 1/2] ",
        "PASSWORD=",
        "eyJ",
        "ghp_",
        "AKIA",
        "-----BEGIN ",
    ),
)


def literal(pattern):
    """The plain beginning of a pattern, which a hostile text repeats."""
    text = re.match(r"(?:\(\?[:a-zA-Z<!=]+|\\b|\^|\()*([A-Za-z0-9_ :/#-]*)", pattern).group(1)
    return text or "a"


@pytest.mark.parametrize("name", sorted(PATTERNS, key=str), ids=lambda name: repr(name)[:50])
def test_time_is_linear(name):
    pattern = PATTERNS[name]
    as_bytes = isinstance(pattern.pattern, bytes)
    text_of = name.decode("latin-1") if as_bytes else name
    for piece in (*PIECES, literal(text_of), literal(text_of) + " ", literal(text_of) + "="):
        sizes = []
        for size in (LONG // 4, LONG):
            text = piece * (size // len(piece)) + "\0!"
            data = text.encode() if as_bytes else text
            start = time.process_time()
            for _ in pattern.finditer(data):
                pass
            sizes.append(time.process_time() - start)
        # Four times the text may take four times the time, and doubt is given twice.
        assert sizes[1] < 0.05 or sizes[1] < 10 * max(sizes[0], 0.01), (piece, sizes)
