from __future__ import annotations

from dfadvise.about import labels
from dfadvise.base.bases import inherited
from dfadvise.memory import remembered
from dfadvise.rule import Finding, Rule
from dfadvise.spelling import nearest
from dfadvise.stages import Stage
from dfadvise.syntax.instructions import Label

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.rule import Severity
    from dfadvise.syntax.instructions import Pair

MISSING, EXTRA, EMPTY, SONAR = "DL3049", "DL3050", "DL3051", "sonar:S7028"
CODES = {
    "url": "DL3052",
    "rfc3339": "DL3053",
    "spdx": "DL3054",
    "hash": "DL3055",
    "semver": "DL3056",
    "email": "DL3058",
}


class LabelSchemaViolation(Rule):
    """A label does not follow the schema of the configuration.

    Why:
        Tools that look for an image's owner, source or version rely on labels that are there and can be read. The
        option `label-schema` names the labels that every image has, each with the type of its value: text, url,
        rfc3339, spdx, hash, semver or email. With `strict-labels` no others are allowed.

    Options:
        [rules.label-schema-violation]
        strict-labels = true
        label-schema = { title = "text", source = "url", created = "rfc3339", version = "semver" }

    Bad (missing):
        FROM debian:12
        LABEL title="App" source="https://example.com/app" version="1.4.0"

    Bad (not of its type):
        FROM debian:12
        LABEL title="App" source="example.com/app" version="1.4.0" created="2026-03-01T10:26:33Z"

    Bad (empty):
        FROM debian:12
        LABEL title="" source="https://example.com/app" version="1.4.0" created="2026-03-01T10:26:33Z"

    Bad (not in the schema):
        FROM debian:12
        LABEL title="App" source="https://example.com/app" version="1.4.0" created="2026-03-01T10:26:33Z"
        LABEL colour="blue"

    Good:
        FROM debian:12
        LABEL title="App" source="https://example.com/app" version="1.4.0" created="2026-03-01T10:26:33.5+01:00"

    Good (inherited):
        FROM debian:12 AS base
        LABEL title="App" source="https://example.com/app" version="1.4.0" created="2026-03-01T10:26:33Z"
        FROM base
        COPY app /app

    Good (set when the image is built):
        FROM debian:12
        ARG CREATED
        ARG VERSION
        LABEL title="App" source="https://example.com/app" version=$VERSION created=$CREATED

    Good (a stage that only builds):
        FROM golang:1.26 AS build
        RUN go build -o /app .
        FROM debian:12
        LABEL title="App" source="https://example.com/app" version="1.4.0" created="2026-03-01T10:26:33Z"
        COPY --from=build /app /app

    Fix:
        none: what a label should say is not known.

    Variants:
        not onbuild: the labels are those of the child
        not second-stage: the stage before sets a label of its own
    """

    on = ("LABEL", "stage")
    severity = "info"
    default = "cfg"
    aliases = (MISSING, EXTRA, EMPTY, SONAR, *CODES.values())
    options = {"label-schema": {}, "strict-labels": False}

    def check(self, node: Label | Stage) -> Iterator[Finding]:
        schema: dict[str, str] = self.settings["label-schema"]
        if not schema:
            return
        if isinstance(node, Stage):
            yield from self._missing(node, schema)
            return
        for pair in node.pairs:
            key = node.expand(pair.key)
            if key is None:
                continue
            if key in schema:
                yield from self._value(node, pair, key, schema[key] or "text")
            elif self.settings["strict-labels"]:
                near = nearest(key, schema)
                hint = f", perhaps `{near}` is meant" if near else ""
                aliases = (EXTRA,) if node.outer is None else ()
                yield self.finding(pair.key_span, f"label `{key}` is not in the schema{hint}", aliases=aliases)

    def _missing(self, stage: Stage, schema: dict[str, str]) -> Iterator[Finding]:
        if stage.from_ is None:
            return
        here = _labels(stage)
        missing = [key for key in schema if key not in here]
        if not missing:
            return
        exported = stage is stage.file.exported
        severity: Severity | None = None if exported else "style"
        for key in missing:
            if not exported and _serves_a_good_one(stage, key):
                continue
            aliases: tuple[str, ...] = (MISSING,)
            if stage.index == 0 and not any(key in _labels(other) for other in stage.file.stages):
                aliases += (SONAR,)
            message = f"stage {stage.label} has no label `{key}`"
            yield self.finding(stage.from_.args_span, message, stage.from_, severity, aliases)

    def _value(self, label: Label, pair: Pair, key: str, kind: str) -> Iterator[Finding]:
        value = label.expand(pair.value or "")
        if value is None:
            return
        code = CODES.get(kind)
        aliases: tuple[str, ...] = ()
        severity: Severity | None = None
        if not value.strip():
            aliases = (EMPTY,) if code is None else (EMPTY, code)
            message = f"label `{key}` is empty"
        else:
            fit = labels.fits(kind, value)
            if fit == "yes" or code is None:
                return
            aliases = (code,)
            severity = "style" if fit == "nearly" else None
            shown = value if len(value) <= 40 else value[:39] + "…"
            message = f"label `{key}` has `{shown}`, which is {labels.NAMES[kind]}"
            if fit == "nearly":
                message = f"label `{key}` has `{shown}`, which not every tool takes for its type `{kind}`"
        yield self.finding(pair.span, message, None, severity, aliases if label.outer is None else ())


def _labels(stage: Stage) -> frozenset[str]:
    """The labels that a stage ends with, those of the local stages below it included."""
    found: frozenset[str] = inherited(stage, "labels", _with_own)
    return found


def _with_own(stage: Stage, below: frozenset[str] | None) -> frozenset[str]:
    own = [
        label.expand(pair.key) or "" for label in stage.instructions if isinstance(label, Label) for pair in label.pairs
    ]
    return (below or frozenset()).union(own)


def _serves_a_good_one(stage: Stage, key: str) -> bool:
    """Whether a stage that has the label is built from this one, or copies from it."""
    memo = remembered(stage.file)
    slot = ("serves", key)
    if slot not in memo:
        served: set[int] = set()
        for other in stage.file.stages:
            if key not in _labels(other):
                continue
            sources = [edge.stage for edge in other.edges if edge.stage is not None]
            below = other.parent
            while below is not None and below.index not in served:
                served.add(below.index)
                below = below.parent
            served.update(source.index for source in sources)
        memo[slot] = served
    return stage.index in memo[slot]
