"""What the HTML reports share: one page that loads nothing and runs nothing, whatever it shows.

Every text of a file or an image passes `printable` and the escaping of the templates, wherever a template puts it: both
are done by the environment, so that no template can forget them. The page forbids itself scripts and the network.
"""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from dfadvise import __version__
from dfadvise.about.sizes import human
from dfadvise.report.common import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dfadvise.source import Source, Span

MOST_LINES = 2000  # of a file
MOST_CHARS = 400  # of a line or a path
_LEAD = 80  # characters before a place on a line that is too long
_TAB = "    "
_LEAST_SHARE = 1e-3  # of a bar is what is drawn

_environment: Environment | None = None


class Margin:
    """What stands beside an instruction in the margin of its first line.

    Attributes:
        size: Bytes of its layer; None when they are not known, or it makes no layer.
        basis: Where they come from, in a word; empty for an image, where all is measured.
        hidden: Those of them that later layers hide.
        layer: Whether it makes a layer.
        marks: (letter, words, certain) for what runs it again, None for what does not.
    """

    __slots__ = ("basis", "hidden", "layer", "marks", "size")

    def __init__(self) -> None:
        self.size: int | None = None
        self.basis = ""
        self.hidden = 0
        self.layer = False
        self.marks: list[tuple[str, str, bool] | None] = []


def page(template: str, **data: object) -> str:
    """A template of this package with its values filled in.

    Args:
        template: The file's name in `templates`.
        data: Its variables: texts as they are, `Markup` for what is HTML already.
    """
    global _environment
    if _environment is None:
        _environment = Environment(
            loader=PackageLoader("dfadvise.report"),
            autoescape=True,
            undefined=StrictUndefined,
            finalize=_harmless,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            auto_reload=False,
        )
        _environment.filters |= {"clip": clip, "code": code, "prose": prose, "share": share, "size": size}
    return _environment.get_template(template).render(version=__version__, **data)


def _harmless(value: object) -> object:
    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def size(value: int, text: str = "") -> Markup:
    """A size for people, with its bytes for programs."""
    return Markup('<data value="{}">{}</data>').format(value, text or human(value))


def share(part: float) -> str:
    """A share as the width of a bar."""
    return f"{100 * min(max(part, 0.0), 1.0):.3f}".rstrip("0").rstrip(".") + "%"


def clip(text: str, most: int = MOST_CHARS) -> str:
    """A text that is not longer than need be; what was left out is counted."""
    return text if len(text) <= most else f"{text[:most]}… ({len(text) - most} characters more)"


def code(text: str) -> str:
    """A line of a file: tabs as blanks, the rest as it is."""
    return text.replace("\t", _TAB)


def prose(text: str, most: int = 1000) -> Markup:
    """A sentence of ours: what stands in backticks is code; a backtick without a partner stays one."""
    parts = printable(clip(text, most)).split("`")
    if len(parts) % 2 == 0:
        parts[-2:] = ["`".join(parts[-2:])]
    pieces = [Markup("<code>{}</code>" if odd % 2 else "{}").format(part) for odd, part in enumerate(parts)]
    return Markup("").join(pieces)


def segments(parts: Sequence[tuple[str, str, int, int, bool]], total: int) -> list[dict[str, object]]:
    """The parts of a bar.

    Args:
        parts: Their label, name, bytes, hidden bytes, and whether they belong to the base.
        total: Bytes of the whole bar.
    """
    return [
        {"label": label, "name": name, "share": size / total, "hidden": hidden / size, "base": base}
        for label, name, size, hidden, base in parts
        if total and size / total >= _LEAST_SHARE
    ]


def listing(source: Source, margins: Mapping[int, Margin]) -> dict[str, object]:
    """A file with its margin, line by line.

    Args:
        source: The text as it may be shown.
        margins: By line.
    """
    number = len(source.starts)
    # Behind a final newline there is no line.
    if number > 1 and source.starts[-1] == len(source.text):
        number -= 1
    widest = max((margin.size or 0 for margin in margins.values()), default=0)
    lines = [
        {"number": line, "text": clip(source.line_text(line)), "margin": margins.get(line)}
        for line in range(1, min(number, MOST_LINES) + 1)
    ]
    return {"lines": lines if source.text else [], "more": max(0, number - MOST_LINES), "widest": widest}


def frame(source: Source, start: int, end: int, most: int = 8) -> list[tuple[int, tuple[str, str, str]]]:
    """The lines of a span: (number, (before, in, behind the span)); 0 for a number where some are left out.

    Args:
        source: The text as it may be shown.
        start, end: The span, within the text.
        most: Lines that are shown.
    """
    first, last = source.line(start), source.line(max(start, end - 1))
    numbers: Iterable[int] = range(first, last + 1)
    if last - first >= most:
        numbers = [*range(first, first + most - 2), 0, last]
    gap = "", "", ""
    return [(each, _row(source, source.line_span(each), start, end) if each else gap) for each in numbers]


def _row(source: Source, line: Span, start: int, end: int) -> tuple[str, str, str]:
    text = source.text
    left, right = line.start, line.end
    low = min(max(start, left), right)
    if right - left > MOST_CHARS:
        left = max(left, min(low - _LEAD, right - MOST_CHARS))
        right = min(right, left + MOST_CHARS)
    low, high = min(max(low, left), right), min(max(end, left), right)
    if start < line.start:
        # Indentation is not what the span is about.
        low += len(text[low:high]) - len(text[low:high].lstrip())
    before = ("…" if left > line.start else "") + text[left:low]
    return before, text[low : max(low, high)], text[max(low, high) : right] + ("…" if right < line.end else "")
