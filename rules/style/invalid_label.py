from __future__ import annotations

from dfadvise.rule import Finding, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.syntax.instructions import Label

GRAMMAR = ("DL3048", "tally:labels/valid-key")
RESERVED = ("com.docker.", "io.docker.", "org.dockerproject.")
CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789.-_/")
# Labels of one commit or one moment, with the code of the tool that reports them.
STALE = {
    "org.opencontainers.image.revision": ("tally:labels/no-buildx-git-overlap",),
    "org.opencontainers.image.created": (),
    "org.opencontainers.image.base.digest": ("tally:labels/no-stale-base-digest",),
    "org.label-schema.vcs-ref": (),
    "org.label-schema.build-date": (),
}


class InvalidLabel(Rule):
    """A label's key breaks Docker's rules for keys, or its value can only go stale.

    Why:
        Docker's guidelines give keys of lower-case letters, digits, dots and dashes, and keep some namespaces to
        themselves; filters and other tools rely on that. A commit, a date or a digest that is written out is that of
        another build from the next one on.

    Bad (a character):
        FROM debian:12
        LABEL My_Label!="x"

    Bad (a reserved namespace):
        FROM debian:12
        LABEL com.docker.example="x"

    Bad (a moment):
        FROM debian:12
        LABEL org.opencontainers.image.created="2026-03-01T10:26:33Z"

    Good:
        FROM debian:12
        LABEL com.example.my-label="x" maintainer="A. Writer"

    Good (a namespace of its own):
        FROM debian:12
        LABEL com.example.docker="x" org.opencontainers.image.title="App"

    Good (given at build time):
        FROM debian:12
        ARG CREATED
        LABEL org.opencontainers.image.created=$CREATED

    Fix:
        none: what reads the label has to change with it.
    """

    on = ("LABEL",)
    severity = "style"
    default = "off"
    aliases = (*GRAMMAR, "tally:labels/no-stale-base-digest", "tally:labels/no-buildx-git-overlap")

    def check(self, label: Label) -> Iterator[Finding]:
        for pair in label.pairs:
            key = label.expand(pair.key)
            shown = pair.key.strip("\"'") if key is None else key
            aliases = GRAMMAR if label.outer is None else ()
            wrong = _wrong(shown)
            if wrong:
                yield self.finding(pair.key_span, f"label key `{shown}` {wrong}", aliases=aliases)
            elif shown in STALE and pair.value and "$" not in pair.value and pair.value.strip("\"'"):
                codes = STALE[shown] if label.outer is None else ()
                message = f"label `{shown}` is written out, so it stays the same from build to build"
                yield self.finding(pair.span, message, aliases=codes)


def _wrong(key: str) -> str:
    """What is wrong with a key."""
    if not key:
        return "is empty"
    if key.startswith(RESERVED):
        return "is in a namespace that Docker keeps to itself"
    odd = next((char for char in key if char not in CHARACTERS), None)
    if odd is not None:
        return f"has `{odd}`" if not odd.isupper() else "has capitals"
    if not "a" <= key[0] <= "z":
        return "does not start with a letter"
    if key[-1] in ".-_/":
        return "does not end in a letter or digit"
    if ".." in key or "--" in key:
        return "has two separators in a row"
    return ""
