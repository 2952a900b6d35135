from __future__ import annotations

from dfadvise.about.labels import AUTHORS
from dfadvise.editing.keywords import keyword
from dfadvise.rule import Edit, Finding, Fix, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.syntax.instructions import Single


class DeprecatedMaintainer(Rule):
    """MAINTAINER is deprecated.

    Why:
        It fills one field that few tools read and that holds one value. A label is kept and shown like any other
        metadata, and inherited.

    Bad:
        FROM debian:12
        MAINTAINER Jane Doe <jane@example.org>

    Good:
        FROM debian:12
        LABEL org.opencontainers.image.authors="Jane Doe <jane@example.org>"

    Good (only an argument):
        FROM debian:12
        LABEL role="MAINTAINER"

    Fix:
        safe: the label of the OCI image specification for the same text. None where a stage has several, of which
        the last one counts, or has the label.

    Variants:
        not onbuild: MAINTAINER is refused there
    """

    on = ("MAINTAINER",)
    keywords = ("MAINTAINER",)
    severity = "info"
    aliases = (
        *("DL4000", "MaintainerDeprecated", "DS-0022", "CKV_DOCKER_6", "kics:99614418"),
        *("semgrep:maintainer-is-deprecated", "sonar:S6586"),
    )

    def check(self, maintainer: Single) -> Iterator[Finding]:
        if maintainer.outer is None:
            message = "MAINTAINER is deprecated"
            yield self.finding(maintainer.name_span, message, aliases=self.aliases, fix=_fix(maintainer))


def _fix(maintainer: Single) -> Fix | None:
    text = maintainer.value
    source, escape = maintainer.file.source, maintainer.file.escape
    stage = maintainer.stage
    if not text or stage.from_ is None or source.slice(maintainer.args_span) != text:
        return None
    for other in stage.instructions:
        if other.keyword == "MAINTAINER" and other is not maintainer:
            return None
        if other.keyword == "LABEL" and any(word.text.strip("\"'") == AUTHORS for word in other.args):
            return None
    if len(text) > 1 and text[0] == text[-1] == '"' and '"' not in text[1:-1]:
        # Those quotes stand in the metadata now; nobody meant them to.
        text = text[1:-1]
    for char in (escape, '"', "$"):
        text = text.replace(char, escape + char)
    label = keyword("LABEL", maintainer.file)
    edits = [Edit(maintainer.name_span, label), Edit(maintainer.args_span, f'{AUTHORS}="{text}"')]
    return Fix(f"Write it as the label {AUTHORS}", edits, "safe", "meta")
