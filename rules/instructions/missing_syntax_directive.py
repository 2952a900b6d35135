from __future__ import annotations

from dfadvise.about.directives import Head
from dfadvise.about.features import features, is_supported
from dfadvise.knowledge.frontend import DEFAULT, NEEDS, frontend_version, is_labs
from dfadvise.rule import Edit, Finding, Fix, Rule
from dfadvise.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.about.features import Feature
    from dfadvise.rule import Severity
    from dfadvise.stages import Dockerfile

NEWEST = "docker/dockerfile:1"


class MissingSyntaxDirective(Rule):
    """The file uses a feature that the frontend which builds it may not have.

    Why:
        Without `# syntax=` the builder reads the file with the frontend that was built into it, and an older engine
        refuses newer flags. With the line it fetches the named frontend, so the same file builds everywhere. The option
        `frontend` names the oldest one that has to do without the line: 1.4 is that of Docker 23, the first engine with
        BuildKit as its default.

    Bad:
        FROM debian:12
        ADD --checksum=sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d https://example.com/a /a

    Good:
        # syntax=docker/dockerfile:1
        FROM debian:12
        ADD --checksum=sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d https://example.com/a /a

    Bad (an older one is named):
        # syntax=docker/dockerfile:1.4
        FROM debian:12
        HEALTHCHECK --start-interval=2s CMD ["true"]

    Good (a new one is named):
        # syntax=docker/dockerfile:1
        FROM debian:12
        HEALTHCHECK --start-interval=2s CMD ["true"]

    Good (old enough):
        FROM debian:12
        RUN --mount=type=cache,target=/var/cache/apt apt-get update
        COPY --link <<EOF /etc/motd
        hello
        EOF

    Options:
        rules.missing-syntax-directive.frontend = "1.10"

    Good (the option):
        FROM debian:12
        COPY app-${VERSION%.*}.txt /app.txt

    Fix:
        unsafe: `# syntax=docker/dockerfile:1`, which is fetched from Docker Hub.

    Variants:
        not onbuild: it would make the directive's block another one
        not backtick: a directive before it is no first line any more
    """

    on = ("file",)
    mentions = (
        "--mount",
        "--network",
        "--security",
        "--device",
        "--link",
        "--parents",
        "--exclude",
        "--checksum",
        "--unpack",
        "--start-interval",
        "--chmod",
        "onbuild",
        "<<",
        "${",
        ".git",
        "git:",
        "git@",
        "ssh:",
    )
    severity = "info"
    options = {"frontend": "1.4"}

    def check(self, file: Dockerfile) -> Iterator[Finding]:
        if file.source.path.rpartition("/")[2].startswith("Containerfile") or "BUILDKIT_SYNTAX" in file.build_args:
            # Buildah has no frontends.
            return
        used = list(features(file))
        if not used:
            return
        head = Head(file)
        if head.syntax is None:
            version, labs = _version(str(self.settings["frontend"])), False
        else:
            named = frontend_version(head.syntax.partition(" ")[0])
            if named is None:
                return
            version, labs = named, is_labs(head.syntax)
        missing = [feature for feature in used if not is_supported(feature, version, labs)]
        if not missing:
            return
        newest = max(missing, key=lambda feature: NEEDS[feature.name])
        others = {feature.name: feature for feature in reversed(missing) if feature.name != newest.name}
        related = [(f"{each.name} needs {each.needs}", each.span) for each in reversed(others.values())]
        needs = f"{newest.name} needs Dockerfile frontend {newest.needs}"
        message = f"{needs}, and the file names {(head.syntax or 'none').partition(' ')[0]}"
        severity: Severity = "info" if head.syntax is None else "error"
        outer = newest.instruction.outer or newest.instruction
        fix = _fix(file, head, newest)
        yield self.finding(newest.span, message, outer, severity, related=related, fix=fix)


def _version(text: str) -> tuple[int, int]:
    major, _, minor = text.partition(".")
    minor = minor.partition(".")[0]
    if major.isdecimal() and minor.isdecimal() and major.isascii() and minor.isascii() and len(minor) < 6:
        return int(major), int(minor)
    return DEFAULT


def _fix(file: Dockerfile, head: Head, newest: Feature) -> Fix | None:
    if newest.name == "RUN --device":
        return None
    source = file.source
    if head.syntax is None:
        at = source.starts[1] if head.has_shebang else 0
        return Fix("Name the newest frontend", [Edit(Span(at, at), f"# syntax={NEWEST}{source.newline}")])
    reference = head.syntax.partition(" ")[0]
    line = source.line_span(head.lines["syntax"])
    at = source.text.find(reference, line.start, line.end)
    if at < 0 or "@" in reference:
        return None
    return Fix("Name the newest frontend", [Edit(Span(at, at + len(reference)), NEWEST)])
