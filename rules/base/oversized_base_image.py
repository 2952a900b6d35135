from __future__ import annotations

from dfadvise.about.sizes import human
from dfadvise.base.bases import base_of, from_of
from dfadvise.knowledge.base_images import alternatives, smaller_sibling
from dfadvise.knowledge.manager import words
from dfadvise.managers.packages import actions, inner
from dfadvise.rule import Edit, Finding, Fix, Rule, Saving
from dfadvise.syntax.instructions import Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.base.bases import Base
    from dfadvise.knowledge.base_images import Sibling
    from dfadvise.source import Span
    from dfadvise.stages import Dockerfile, Stage
    from dfadvise.syntax.instructions import From

# What the full image has beyond its slim sibling, by name.
_BUILDPACK = words(
    "curl wget git gpg gcc g++ cc make unzip xz hg svn bzr ssh scp ssh-keygen ssh-keyscan ssh-agent autoconf automake"
    " patch file ps pgrep pkill top free pkg-config mysql_config pg_config convert identify ld ar strip objdump readelf"
)
_JDK = words(
    "javac jar jlink jdeps jcmd jstack jmap jstat jshell jpackage javadoc jarsigner mvn mvnw mvnd gradle gradlew"
    " ant sbt lein"
)
_ONLY_BIG = {
    "python": _BUILDPACK,
    "node": _BUILDPACK | {"python", "python3"},
    "ruby": _BUILDPACK,
    "perl": _BUILDPACK,
    "eclipse-temurin": _JDK,
    "debian": words("man"),
    "nvidia/cuda": words("nvcc cuda-gdb nsys ncu"),
    "nvcr.io/nvidia/cuda": words("nvcc cuda-gdb nsys ncu"),
}
# Packages of an index that have no wheel, so that pip compiles them.
_COMPILED = words("psycopg2 mysqlclient uwsgi python-ldap pycairo pygraphviz pylibmc flash-attn apex deepspeed")


# Managers of an image whose packages are sources, which need its compiler.
COMPILING = {"ruby": ("gem", "bundler", "bundle"), "perl": ("cpan", "cpanm", "cpm", "carton")}


class OversizedBaseImage(Rule):
    """The base image has a smaller sibling of the same version and system.

    Why:
        The full images of languages bring compilers, headers and version control for building; a program that only
        runs uses none of it. Every byte is pulled, stored and scanned on each host.

    Bad:
        FROM python:3.12-bookworm
        COPY app.py /app.py
        CMD ["python", "/app.py"]

    Bad (a JDK that only runs):
        FROM eclipse-temurin:21-jdk
        COPY app.jar /app.jar
        CMD ["java", "-jar", "/app.jar"]

    Good:
        FROM python:3.12-slim-bookworm
        COPY app.py /app.py
        CMD ["python", "/app.py"]

    Good (a JRE):
        FROM eclipse-temurin:21-jre
        COPY app.jar /app.jar
        CMD ["java", "-jar", "/app.jar"]

    Good (it compiles):
        FROM python:3.12
        RUN apt-get update && apt-get install -y libpq-dev
        RUN pip install psycopg2

    Good (it uses what the big one has):
        FROM node:24
        RUN git clone --depth 1 https://github.com/example/app.git /app

    Good (only to build with):
        FROM python:3.12 AS build
        RUN pip wheel -w /wheels .
        FROM python:3.12-slim
        COPY --from=build /wheels /wheels

    Fix:
        unsafe: the sibling's tag; what is compiled while installing, or started by a script, may miss something.
        None where gems or packages of CPAN are installed, many of which are compiled.
    """

    on = ("file",)
    mentions = ("python", "node", "ruby", "perl", "debian", "temurin", "cuda")
    severity = "info"
    aliases = ("tally:gpu/prefer-runtime-final-stage",)
    yields_to = ("build-image-shipped",)

    def check(self, file: Dockerfile) -> Iterator[Finding]:
        stage = file.exported
        base = base_of(stage) if stage is not None else None
        if stage is None or base is None:
            return
        sibling = smaller_sibling(base.name, base.tag)
        from_ = from_of(stage)
        if sibling is None or from_ is None or from_.image is None or _is_needed(stage.chain[0], base):
            return
        yield self.finding(
            from_.image.span,
            _message(base, sibling),
            from_,
            aliases=self.aliases if "cuda" in base.name else (),
            related=list(_alternatives(stage, base, from_.image.span)),
            saving=None if sibling.saved is None else Saving(sibling.saved, basis="table"),
            fix=None if _may_compile(stage.chain[0], base) else _fix(from_, sibling),
            cause=("base", id(from_)),
        )


def _is_needed(bottom: Stage, base: Base) -> bool:
    """Whether anything that stands on the image compiles, installs build tools or uses what only this image has."""
    from dfadvise.base.toolchainuse import build_tools, compiles, uses

    instructions = [inner(instruction) for instruction in bottom.descendants()]
    if uses(instructions, _ONLY_BIG.get(base.name, frozenset())) is not None:
        return True
    for instruction in instructions:
        if not isinstance(instruction, Run):
            continue
        if instruction.is_opaque or compiles(instruction) is not None:
            return True
        for action in actions(instruction):
            if action.effect == "compile" or build_tools(action):
                return True
            # Sources from version control are fetched by git and built on the spot.
            for word in action.operands:
                if word.partial.startswith(("git+", "git:", "git@")) or word.partial.partition("=")[0] in _COMPILED:
                    return True
        for command in instruction.all_commands():
            if command.words and (_is_script(command.words[0].partial) or command.words[0].raw[1:2] == ":"):
                return True
    return False


def _may_compile(bottom: Stage, base: Base) -> bool:
    """Whether something is installed on the image that is compiled as often as not: gems, packages of CPAN."""
    managers = COMPILING.get(base.name, ())
    if not managers:
        return False
    for instruction in map(inner, bottom.descendants()):
        if isinstance(instruction, Run):
            if any(action.manager.name in managers and action.effect != "clean" for action in actions(instruction)):
                return True
            if any(command.program in managers for command in instruction.all_commands()):
                return True
    return False


def _is_script(program: str) -> bool:
    """Whether a program is a file that the build itself brought, which may use anything."""
    return program.startswith(("./", "../")) or program.endswith((".sh", ".bash", ".py", ".pl"))


def _message(base: Base, sibling: Sibling) -> str:
    name = f"{sibling.name}:{sibling.tag}"
    measured = "" if sibling.measured in ("", base.label) else f", as measured on {sibling.measured}"
    if sibling.size is not None and sibling.sibling_size is not None:
        sizes = f"{human(sibling.sibling_size)} instead of {human(sibling.size)}, compressed{measured}"
        return f"{base.label} has a smaller sibling, {name}: {sizes}"
    if sibling.sibling_size is not None:
        return f"{base.label} has a smaller sibling, {name}: {human(sibling.sibling_size)} compressed{measured}"
    return f"{base.label} has a smaller sibling, {name}"


def _alternatives(stage: Stage, base: Base, place: Span) -> Iterator[tuple[str, Span]]:
    """A note for each smaller image of another kind: its size, and what this very file would have to change."""
    from dfadvise.base.moves import obstacles

    for other in alternatives(base.name, base.tag):
        size = f" ({'about ' if other.about else ''}{human(other.size)})" if other.size is not None else ""
        found = obstacles(stage, other.kind)
        changes = "; ".join(text for text, _ in found[:3]) or "nothing in this file stands against it"
        span = next((span for _, span in found if span is not None), place)
        yield f"{other.image}{size}: {changes}", span


def _fix(from_: From, sibling: Sibling) -> Fix | None:
    word = from_.image
    if word is None or "$" in word.text or "@" in word.text or from_.file.source.slice(word.span) != word.text:
        return None
    repository, colon, tag = word.text.rpartition(":")
    if not colon or "/" in tag:
        repository = word.text
    return Fix(f"Use the tag {sibling.tag}", [Edit(word.span, f"{repository}:{sibling.tag}")])
