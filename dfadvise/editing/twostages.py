"""The two-stage form of a file that ships its toolchain: built where it is now, run on an image without it.

It is an edit that keeps every line: the first stage gets a name, and behind the build a second stage begins. It is
offered as one to apply only where all that the second stage needs is known; else it is there to be looked at.
"""

from __future__ import annotations

from posixpath import dirname

from dfadvise.base.bases import base_of
from dfadvise.base.linking import c_packages, has_c_compiler, uses_cgo
from dfadvise.editing.keywords import as_behind, keyword
from dfadvise.knowledge.ecosystems import ecosystem
from dfadvise.knowledge.tags import DEBIAN_SUITES, UBUNTU_SUITES, version
from dfadvise.managers.packages import action_of, actions
from dfadvise.managers.products import stage_products
from dfadvise.paths import clean, resolve
from dfadvise.rule import Edit, Fix
from dfadvise.source import Span
from dfadvise.syntax.instructions import Add, Copy, Env, Healthcheck, Onbuild, Run, Single

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.base.bases import Base
    from dfadvise.knowledge.base_images import BuildImage
    from dfadvise.managers.packages import Action
    from dfadvise.managers.products import Product
    from dfadvise.shells.startup import Startup
    from dfadvise.stages import Stage
    from dfadvise.syntax.instructions import Instruction

BUILD = "build"
# What an instruction before the build says about the image, so that the second stage has to say it again.
_META = frozenset(("ENV", "LABEL", "EXPOSE", "VOLUME", "STOPSIGNAL"))
# What only the build reads.
_BUILD_ENV = ("GO", "CGO_", "CARGO_", "RUST", "MAVEN_", "GRADLE_", "DEBIAN_FRONTEND", "NUGET_")
# Packages that a build fetches its sources with, or that the second image has too.
_FOR_BUILDING = frozenset(("git", "make", "ca-certificates", "tzdata", "bash", "curl", "wget", "openssh-client", "upx"))
_READ_AT_RUN = ("templates", "static", "public", "assets", "web", "views", "migrations", "config", "configs", "locales")
_STATIC = "gcr.io/distroless/static-debian13:nonroot"
_JAVA_WORDS = ("jdk", "openjdk", "temurin", "corretto", "eclipse")
# Users that the static image knows.
_STATIC_USERS = frozenset(("root", "nobody", "nonroot"))


def two_stages(stage: Stage, build: BuildImage, startup: Startup) -> Fix | None:
    """The two-stage form of a file.

    Args:
        stage: The stage that ships, which stands on the toolchain image itself.
        build: The toolchain image.
        startup: What a container starts.

    Returns:
        A fix to apply where every condition holds, one to show where the shape of the file allows it; else None.
    """
    base = base_of(stage)
    from_ = stage.from_
    if base is None or from_ is None or from_.image is None or stage.parent is not None or len(stage.file.stages) > 1:
        return None
    product = _only_product(stage)
    if product is not None and product.command.instruction.stage is stage:
        made = _generated(stage, base, product, startup)
        if made is not None:
            return made
    return _sketch(stage, base, build, product)


def _only_product(stage: Stage) -> Product | None:
    """The product of a stage, when just one command builds one."""
    found = [
        product for product in stage_products(stage) if product.kind in ("go", "cargo", "nuget", "maven", "gradle")
    ]
    return found[0] if len(found) == 1 else None


def _generated(stage: Stage, base: Base, product: Product, startup: Startup) -> Fix | None:
    run = product.command.instruction
    program = _started_path(stage, startup)
    if program is None or product.path is None or "$" in product.path or not isinstance(run, Run):
        return None
    if not _ends_its_run(product) or not _is_plain(stage, run):
        return None
    if product.kind in ("go", "cargo") and _has_other_files(stage):
        return None
    edits: list[Edit] = []
    if product.kind == "go" and not product.is_folder and program == product.path:
        image: str | None = _STATIC
        copied = product.path
        action = action_of(product.command)
        if action is None or not _can_be_static(stage, action, edits) or not _knows_users(stage):
            return None
    elif product.kind == "cargo" and dirname(program) == product.path:
        image, copied = _debian(base), program
        if c_packages(stage):
            return None
    elif product.kind in ("maven", "gradle") and program.startswith(product.path + "/") and program.endswith(".jar"):
        image, copied = _jre(base), program
    elif product.kind == "nuget" and program.startswith(product.path + "/"):
        image, copied = _aspnet(base), product.path
    else:
        return None
    if image is None:
        return None
    again = _said_again(stage, run)
    if again is None:
        return None
    lines = _second_stage(stage, image, again, copied)
    return _fix(stage, run, lines, edits, "unsafe")


def _has_other_files(stage: Stage) -> bool:
    """Whether the context, where it is there to see, holds what a program is likely to read when it runs."""
    context = stage.file.context
    return context is not None and any(context.exists(name) for name in _READ_AT_RUN)


def _started_path(stage: Stage, startup: Startup) -> str | None:
    """The absolute path of what is started: the program, or the file that java or dotnet is given."""
    started = startup.entrypoint or startup.cmd
    if started is None or started.form != "exec" or not started.args or started.stage is not stage:
        return None
    words = [word.text for word in started.args]
    if any("$" in word for word in words):
        return None
    name = words[0]
    if name == "java":
        name = words[words.index("-jar") + 1] if "-jar" in words[:-1] else ""
    elif name == "dotnet":
        name = words[1] if len(words) > 1 else ""
    elif "/" not in name:
        return None  # looked up in PATH
    path = resolve(name, stage.symbolic_workdir_at(started)) if name else None
    return None if path is None or "$" in path else path


def _ends_its_run(product: Product) -> bool:
    """Whether nothing in the RUN comes behind the build."""
    script = product.command.script
    return script.is_chain and product.command.item == len(script.items) - 1 and not product.command.contexts


def _is_plain(stage: Stage, run: Run) -> bool:
    """Whether nothing behind the build changes the system, and nothing before it but what a build needs."""
    behind = False
    for instruction in stage.instructions:
        if instruction is run:
            behind = True
            continue
        if isinstance(instruction, Onbuild) or instruction.keyword == "SHELL":
            return False
        if isinstance(instruction, Run):
            if behind or instruction.is_opaque or not _only_fetches(instruction):
                return False
        elif behind and isinstance(instruction, Copy | Add):
            return False
        elif isinstance(instruction, Healthcheck) and instruction.kind == "CMD":
            return False  # what it runs may be missing there
        elif not behind and instruction.keyword in ("CMD", "ENTRYPOINT", "USER"):
            return False
        if behind and instruction.keyword != "FROM" and "$" in instruction.body.text:
            return False  # a variable of the first stage
    return True


def _only_fetches(run: Run) -> bool:
    """Whether a RUN only installs what a build needs, or fetches dependencies."""
    commands = {id(action.command) for action in actions(run)}
    for action in actions(run):
        if action.manager.system and action.installs:
            if any(word.partial.partition("=")[0] not in _FOR_BUILDING for word in action.operands):
                return False
        elif not action.manager.system and action.effect not in ("download", "clean"):
            return False
    return all(id(command) in commands or command.program in ("rm", "mkdir", "echo") for command in run.all_commands())


def _can_be_static(stage: Stage, action: Action, edits: list[Edit]) -> bool:
    """Whether a Go program runs without a C library; puts cgo off where that is needed."""
    if c_packages(stage):
        return False
    if has_c_compiler(stage) and uses_cgo(action):
        word = action.command.words[0]
        if action.command.wrappers or word.script.form == "exec":
            return False
        edits.append(Edit(Span(word.span.start, word.span.start), "CGO_ENABLED=0 "))
    return True


def _knows_users(stage: Stage) -> bool:
    """Whether each USER is a number, or a name that the static image knows."""
    for instruction in stage.instructions:
        if isinstance(instruction, Single) and instruction.keyword == "USER":
            user = instruction.value.partition(":")[0]
            if not user.isdecimal() and user not in _STATIC_USERS:
                return False
    return True


def _said_again(stage: Stage, run: Run) -> list[str] | None:
    """The lines about the image that stand before the build, for the second stage; None when one holds a variable."""
    lines: list[str] = []
    for instruction in stage.instructions[1 : run.index]:
        if instruction.keyword not in _META:
            continue
        if isinstance(instruction, Env) and all(pair.key.startswith(_BUILD_ENV) for pair in instruction.pairs):
            continue
        text = stage.file.source.slice(instruction.span)
        if "$" in text or "\n" in text:
            return None
        lines.append(text.rstrip())
    folder = stage.symbolic_workdir_at(run)
    if folder not in ("/", "/$WORKDIR"):
        lines.append(keyword(f"WORKDIR {clean(folder)}", stage.file))
    return None if "$" in folder and folder != "/$WORKDIR" else lines


def _debian(base: Base) -> str | None:
    """Debian of the suite below an image, slim."""
    release = base.release if base.distribution == "debian" else None
    suite = next((suite for suite, number in DEBIAN_SUITES.items() if number == release), None)
    return f"debian:{suite}-slim" if suite is not None else None


def _jre(base: Base) -> str | None:
    """The JRE of the Java version in the tag of a Maven or Gradle image."""
    if not base.tag or base.distribution not in ("ubuntu", "debian"):
        return None
    words = base.tag.split("-")
    for place, word in enumerate(words):
        digits = word.removeprefix("jdk")
        named = word.startswith("jdk") or (place and words[place - 1].startswith(_JAVA_WORDS))
        if named and digits.isdecimal() and int(digits) in (8, 11, 17, 21, 25):
            suite = next((f"-{each}" for each in words if each in UBUNTU_SUITES), "")
            return f"eclipse-temurin:{digits}-jre{suite}"
    return None


def _aspnet(base: Base) -> str | None:
    """The runtime with ASP.NET, which runs every other program too."""
    if not base.tag or len(version(base.tag)) != 2 or base.tag.partition("-")[0].count(".") != 1:
        return None
    return f"mcr.microsoft.com/dotnet/aspnet:{base.tag}"


def _name(stage: Stage) -> str:
    alias = stage.from_.alias if stage.from_ is not None else None
    return alias.text if alias is not None else BUILD


def _sketch(stage: Stage, base: Base, build: BuildImage, product: Product | None) -> Fix | None:
    """A second stage to look at, with gaps where the file does not tell."""
    last: Instruction | None = None
    for instruction in stage.instructions[1:]:
        if isinstance(instruction, Onbuild):
            return None
        if isinstance(instruction, Run | Copy):
            last = instruction
    if last is None:
        return None
    row = ecosystem(build.ecosystem or "")
    image = {"rust": _debian(base), "java": _jre(base), "dotnet": _aspnet(base), "go": _STATIC}.get(
        row.name if row else ""
    )
    if image is None:
        image = build.runtime.partition(" or ")[0].replace("{", "<").replace("}", ">")
    known = product.path if product is not None and product.path is not None and "$" not in product.path else None
    source = known or "<what the build writes>"
    return _fix(stage, last, _second_stage(stage, image, [], source), [], "display")


def _second_stage(stage: Stage, image: str, again: list[str], copied: str) -> list[str]:
    """The lines of a stage on an image that copies one path from the build."""
    copy = f"COPY --from={_name(stage)} {copied} {copied}"
    return [keyword(f"FROM {image}", stage.file), *again, keyword(copy, stage.file)]


def _fix(stage: Stage, last: Instruction, lines: list[str], edits: list[Edit], kind: str) -> Fix | None:
    """Name the stage, and begin another one behind an instruction."""
    source, from_ = stage.file.source, stage.from_
    if from_ is None or from_.image is None:
        return None
    if from_.alias is None:
        end = from_.image.span.end
        edits.append(Edit(Span(end, end), f" {as_behind(from_)} {BUILD}"))
    at = source.line_span(last.end_line).end
    newline = source.newline
    edits.append(Edit(Span(at, at), newline + newline + newline.join(lines)))
    return Fix("Build in one stage, run in another", edits, "unsafe" if kind == "unsafe" else "display")
