"""The cache model against a real engine: which steps run again after an edit, and which come from the cache."""

import pytest

from dfadvise.buildcache import CacheModel, Change
from dfadvise.context import BuildContext
from dfadvise.source import Source
from dfadvise.stages import Dockerfile

FILES = {
    "package.json": '{"name": "x"}\n',
    "src/app.js": "run()\n",
    "README.md": "hello\n",
    ".dockerignore": "README.md\n",
}
NODE = "FROM node:22-slim\nWORKDIR /app\n"
EDITS = {"source": ("src/app.js", "run(2)\n"), "manifest": ("package.json", '{"name": "y"}\n')}

CASES = {
    "copy-all-first": NODE + "COPY . .\nRUN echo install\nRUN echo build\n",
    "manifests-first": NODE + "COPY package.json .\nRUN echo install\nCOPY . .\nRUN echo build\n",
    "source-only": NODE + "COPY src src\nRUN echo build\n",
    "metadata-between": NODE + "COPY src src\nENV A=b\nLABEL c=d\nRUN echo build\nCMD true\n",
    "workdir-behind": NODE + "COPY . .\nWORKDIR /other\nRUN echo x\n",
    "builder": (
        "FROM node:22-slim AS build\nCOPY src /src\nRUN cp /src/app.js /out.js\n"
        "FROM node:22-slim\nRUN echo tools\nCOPY --from=build /out.js /app.js\nRUN echo last\n"
    ),
    "builder-same-output": (
        "FROM node:22-slim AS build\nCOPY src /src\nRUN echo fixed > /out.js\n"
        "FROM node:22-slim\nCOPY --from=build /out.js /app.js\nRUN echo last\n"
    ),
    "chain": (
        "FROM node:22-slim AS base\nCOPY package.json /\nRUN echo deps\nFROM base\nCOPY src /src\nRUN echo build\n"
    ),
    "bind-mount": NODE + "RUN --mount=type=bind,source=package.json,target=/p cat /p\nCOPY src src\nRUN echo build\n",
    "bind-mount-of-all": NODE + "RUN --mount=type=bind,target=/ctx echo x\nRUN echo y\n",
    "nothing": NODE + "RUN echo x\n",
    "cache-mount": NODE + "COPY package.json .\nRUN --mount=type=cache,target=/c echo install\nCOPY src src\n",
}


@pytest.mark.parametrize("kind", EDITS)
@pytest.mark.parametrize("name", CASES)
def test_edits(engine, tmp_path, name, kind):
    text = CASES[name]
    folder = lay_out(tmp_path, text, f"{name} {kind}")
    engine.build(folder)
    _, before = engine.build(folder)
    assert all(cached for step, cached in before.items() if not step.startswith("FROM")), "cached whole"
    path, content = EDITS[kind]
    (tmp_path / path).write_text(f"{content} {name} {kind}")
    _, after = engine.build(folder)
    compare(text, folder, after, Change(kind, path))


@pytest.mark.parametrize(
    "text",
    [
        "FROM node:22-slim\nRUN echo a\nARG V\nRUN echo b\nRUN echo c\n",
        "FROM node:22-slim\nARG V\nCOPY src /src\nRUN echo b\n",
        "FROM node:22-slim\nARG V=1\nENV W=$V\nWORKDIR /x\nRUN echo b\n",
        "FROM node:22-slim\nARG OTHER\nRUN echo b\n",
        "FROM node:22-slim\nARG V\nCOPY src /$V\nRUN echo b\n",
        "FROM node:22-slim\nARG V\nLABEL v=$V\nCOPY src /src\n",
        "ARG V\nFROM node:22-slim\nRUN echo b\n",
        "FROM node:22-slim AS a\nARG V\nRUN echo a\nFROM a\nRUN echo b\n",
    ],
)
def test_build_arguments(engine, tmp_path, text):
    folder = lay_out(tmp_path, text, text)
    engine.build(folder, "--build-arg", "V=one")
    _, after = engine.build(folder, "--build-arg", "V=two")
    compare(text, folder, after, Change("argument", "V"))


def test_what_is_ignored_changes_nothing(engine, tmp_path):
    text = CASES["copy-all-first"]
    folder = lay_out(tmp_path, text, "ignored")
    engine.build(folder)
    (tmp_path / "README.md").write_text("other\n")
    _, after = engine.build(folder)
    compare(text, folder, after, Change("source", "README.md"))


def lay_out(tmp_path, text, mark):
    """The context; the mark in its files keeps the cases apart in the cache of one engine."""
    for path, content in FILES.items():
        full = tmp_path / path
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_text(content if path == ".dockerignore" else f"{content}// {mark}\n")
    (tmp_path / "Dockerfile").write_text(text)
    return str(tmp_path)


def compare(text, folder, after, change):
    """The steps that were not cached are those that the model says; "maybe" may go either way."""
    file = Dockerfile(Source(text), context=BuildContext(folder, f"{folder}/Dockerfile", True))
    sure, maybe = set(), set()
    for stage in file.stages:
        if stage.ships or stage.feeds:
            for rerun in CacheModel(stage).reruns(change):
                (sure if rerun.certain else maybe).add(rerun.instruction.line)
    for stage in file.stages:
        for instruction in stage.instructions:
            if instruction.keyword not in ("RUN", "COPY", "ADD", "WORKDIR"):
                continue
            words = " ".join([flag.text for flag in instruction.flags] + [word.text for word in instruction.args])
            step = next((cached for log, cached in after.items() if same(log, instruction.keyword, words)), None)
            assert step is not None, (instruction, after)
            if instruction.line in sure:
                assert not step, f"line {instruction.line} came from the cache, the model says it runs again"
            elif instruction.line not in maybe:
                assert step, f"line {instruction.line} ran again, the model says it is cached"


def same(log, keyword, words):
    """Whether a line of the build's log is an instruction; variables are expanded there."""
    if "$" in words:
        return log.startswith(f"{keyword} {words.partition('$')[0]}")
    return log == f"{keyword} {words}"
