from __future__ import annotations

from dfadvise.base.defaults import default_images
from dfadvise.base.reference import is_reference
from dfadvise.rule import Edit, Finding, Fix, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.rule import Severity
    from dfadvise.stages import Dockerfile


class InvalidBaseImage(Rule):
    """FROM names no valid image without build arguments.

    Why:
        A plain `docker build` stops here, and so do tools that read the file without your build arguments. A default
        for the argument keeps both working.

    Bad (capitals):
        FROM Debian:12

    Good:
        FROM debian:12

    Bad (no default):
        ARG VERSION
        FROM debian:${VERSION}

    Good (a default):
        ARG VERSION=12
        FROM debian:${VERSION}

    Good (with a suffix that may be empty):
        ARG VARIANT
        FROM debian:12${VARIANT}

    Fix:
        unsafe: lower case, when that is all that is wrong.
    """

    on = ("file",)
    severity = "error"
    aliases = ("InvalidDefaultArgInFrom",)
    yields_to = ("undefined-variable",)

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        for stage in file.stages:
            word = stage.from_.image if stage.from_ is not None else None
            if word is None:
                continue
            name, _, tag = word.text.partition(":")
            parts = [*name.replace("/", "-").replace(".", "-").split("-"), *tag.replace(".", "-").split("-")]
            if not tag and ":" not in word.text:
                parts.pop()
            # Most are just words of small letters and digits with one mark between them.
            if (
                len(word.text) > 60
                or name != name.lower()
                or not all(part.isascii() and part.isalnum() for part in parts)
            ):
                return True
        return False

    def check(self, file: Dockerfile) -> Iterator[Finding]:
        said: set[str] = set()
        for image in default_images(file):
            if is_reference(image.text):
                continue
            word = image.word
            message = f"`{word.text}` is no valid image name"
            if image.open_arguments:
                names = ", ".join(f"`{name}`" for name in image.open_arguments)
                message = f"`{word.text}` is no valid image name without a value for {names}"
            elif not image.text:
                message = f"`{word.text}` is empty"
            severity: Severity | None = None
            if image.open_arguments:
                # One finding for each argument; what it does to other stages is the same.
                severity = "style" if said.issuperset(image.open_arguments) else "info"
                said.update(image.open_arguments)
            fix = None
            lowered = word.text.lower()
            if "$" not in word.text and is_reference(lowered) and file.source.slice(word.span) == word.text:
                fix = Fix("Write it in lower case", [Edit(word.span, lowered)])
            yield self.finding(
                word.span,
                message,
                image.from_,
                severity,
                self.aliases,
                fix=fix,
                cause=("base", id(image.from_)),
            )
