from __future__ import annotations

from dfadvise.base.toolchainuse import build_tools
from dfadvise.managers.installs import InstallRun, last_places, package_name
from dfadvise.managers.packages import inner, option_value
from dfadvise.rule import Edit, Finding, Fix, Rule, Weighs
from dfadvise.source import Span
from dfadvise.syntax.instructions import Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.managers.packages import Action
    from dfadvise.rule import Severity
    from dfadvise.shell import ShellWord
    from dfadvise.stages import Dockerfile

# Names of stages that are there to build in.
_BUILDERS = frozenset(
    ("build", "builder", "dev", "devel", "development", "ci", "sdk", "toolchain", "devcontainer", "test")
)
# Headers that only a compiler needs; others come with a library that programs load.
_NO_LIBRARY = frozenset(("musl-dev", "libc-dev", "libc6-dev", "linux-headers", "linux-libc-dev"))


class BuildToolsShipped(Rule):
    """Compilers and headers are installed into the image that ships.

    Why:
        Once the program is built, nothing uses them: they are hundreds of megabytes to pull, and tools for whoever
        breaks in. Built in a stage of its own, or removed in the same RUN, they leave nothing behind.

    Bad:
        FROM python:3.12-slim
        RUN apt-get update && apt-get install -y --no-install-recommends gcc libpq-dev && rm -rf /var/lib/apt/lists/*
        RUN pip install --no-cache-dir psycopg2
        CMD ["python", "-m", "app"]

    Bad (removed in a layer that cannot give the bytes back):
        FROM alpine:3.22
        RUN apk add --no-cache gcc musl-dev
        COPY main.c /
        RUN gcc -o /main /main.c
        CMD ["/main"]

    Bad (all in one RUN):
        FROM node:24-alpine
        COPY package.json package-lock.json ./
        RUN apk add --no-cache make g++ && npm ci
        CMD ["node", "app.js"]

    Fixed:
        FROM node:24-alpine
        COPY package.json package-lock.json ./
        RUN apk add --no-cache --virtual .build-deps make g++ && npm ci && apk del .build-deps
        CMD ["node", "app.js"]

    Good (removed in the same RUN):
        FROM node:24-alpine
        COPY package.json package-lock.json ./
        RUN apk add --no-cache --virtual .build-deps make g++ && npm ci && apk del .build-deps
        CMD ["node", "app.js"]

    Good (marked as not wanted for itself):
        FROM debian:13-slim
        COPY main.c /
        RUN apt-get update && apt-get install -y --mark-auto gcc && gcc -o /m /main.c && apt-get autoremove --purge -y
        CMD ["/m"]

    Good (a stage of its own):
        FROM python:3.12-slim AS build
        RUN apt-get update && apt-get install -y --no-install-recommends gcc libpq-dev && rm -rf /var/lib/apt/lists/*
        RUN pip wheel -w /wheels psycopg2
        FROM python:3.12-slim
        RUN --mount=type=bind,from=build,source=/wheels,target=/wheels pip install --no-cache-dir /wheels/*.whl
        CMD ["python", "-m", "app"]

    Good (it runs the compiler):
        FROM debian:13-slim
        RUN apt-get update && apt-get install -y make gcc libc6-dev
        ENTRYPOINT ["make"]

    Variants:
        not onbuild: nothing says what the child image starts

    Fix:
        unsafe: removed at the end of the RUN, when everything that compiles is in it and no library goes along.
    """

    on = ("file",)
    severity = "warning"
    aliases = ("tally:prefer-multi-stage-build",)

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        from dfadvise.about.mentions import distinct

        lowered = distinct(text).lower()
        parts = """build- gcc g++ clang llvm make ninja meson autoconf libtool pkg-config pkgconf bison flex gfortran
            nasm cargo rust golang jdk maven gradle -dev rpm-build linux-headers kernel-headers phpize
            development""".split()
        if any(part in lowered for part in parts):
            return True
        # Two names are short enough to be a part of anything.
        for name in ("go", "ant"):
            at = lowered.find(name)
            while at >= 0:
                if (
                    not lowered[max(0, at - 1) : at].isalnum()
                    and not lowered[at + len(name) : at + len(name) + 1].isalnum()
                ):
                    return True
                at = lowered.find(name, at + 1)
        return False

    def check(self, file: Dockerfile) -> Iterator[Finding]:
        stage = file.exported
        if stage is None or not _BUILDERS.isdisjoint(stage.name_words):
            return
        instructions = list(stage.chain_instructions())
        runs = [
            InstallRun(run) if isinstance(run := inner(each), Run) and not run.is_opaque else None
            for each in instructions
        ]
        if not any(build_tools(action) for here in runs if here is not None for action in here.actions):
            return
        from dfadvise.base.bases import base_of
        from dfadvise.base.toolchainuse import starts_toolchain
        from dfadvise.base.users import is_interactive
        from dfadvise.knowledge.base_images import build_image
        from dfadvise.shells.startup import Startup

        base = base_of(stage)
        startup = Startup(stage)
        if (base is not None and build_image(base.name, base.tag) is not None) or starts_toolchain(startup):
            return
        severity: Severity = "warning" if startup.is_set and not is_interactive(startup) else "info"
        started = set(startup.words())
        removed_at, compiled_at = last_places(instructions, runs, stage)
        for place, here in enumerate(runs):
            if here is None:
                continue
            held_back = here.run is not instructions[place]
            for action in here.actions:
                tools = [word for word in build_tools(action) if not here.removes(word, action)]
                if not tools or any(package_name(word) in started for word in tools):
                    continue
                # That the bytes stay all the same is another rule's message.
                if any(removed_at.get(package_name(word), -1) > place for word in tools):
                    continue
                fix = None
                if severity == "warning" and not held_back and compiled_at <= place:
                    fix = _fix(action, tools, here)
                yield self.finding(
                    tools[0].span,
                    f"{_listed(tools)} in the image",
                    instructions[place],
                    "info" if held_back else severity,
                    self.aliases,
                    fix=fix,
                    weighs=Weighs("packages", (here.run,), manager=action.manager.name, names=map(package_name, tools)),
                )


def _listed(tools: list[ShellWord]) -> str:
    names = list(dict.fromkeys(package_name(word) for word in tools))
    if len(names) == 1:
        return f"{names[0]} stays"
    if len(names) > 4:
        return f"{', '.join(names[:3])} and {len(names) - 3} more stay"
    return f"{', '.join(names[:-1])} and {names[-1]} stay"


def _fix(action: Action, tools: list[ShellWord], here: InstallRun) -> Fix | None:
    """Remove the packages at the end of the RUN, when all that compiles is in it and no library goes along."""
    if here.compiles_at <= action.place or any(
        word.text is None or (package_name(word).endswith("-dev") and package_name(word) not in _NO_LIBRARY)
        for word in tools
    ):
        return None
    from dfadvise.editing import edits

    names = " ".join(word.partial for word in tools)
    if action.manager.name == "apk":
        if len(tools) != len(action.operands) or not edits.stands_in_file(action.verb_word):
            return None
        if option_value(action, ("-t", "--virtual")) is not None:
            return None
        end = edits.append(action.command, "apk del .build-deps", at_end=True)
        last = _last_option(action)
        if end is None or last is None:
            return None
        return Fix("Remove them in the same RUN", [Edit(Span(last, last), " --virtual .build-deps"), end])
    if action.manager.name != "apt":
        return None
    end = edits.append(action.command, f"apt-get purge -y --auto-remove {names}", at_end=True)
    return Fix("Remove them in the same RUN", [end]) if end is not None else None


def _last_option(action: Action) -> int | None:
    """Where an option goes: behind the last of those that follow the verb, before the first package."""
    from dfadvise.editing.edits import is_literal

    place = action.verb_word
    for word in action.command.words[action.use.start :]:
        if not word.is_flag:
            break
        place = word
    return place.span.end if is_literal(place) else None
