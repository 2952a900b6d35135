from __future__ import annotations

from posixpath import basename, dirname

from dfadvise.about.brought import brought_by
from dfadvise.about.needs import FILES, MANIFESTS, NOTHING, needs_of
from dfadvise.editing import dropping
from dfadvise.editing.mountedits import with_mounts
from dfadvise.editing.moving import has_comment
from dfadvise.effects import effects_of
from dfadvise.knowledge.language_managers import frozen_by_env, holds_to_lock
from dfadvise.managers.manifests import is_manifest
from dfadvise.managers.packages import value_of
from dfadvise.memory import may_look
from dfadvise.paths import is_below
from dfadvise.rule import Finding, Fix, Rule, Saving
from dfadvise.syntax.instructions import Copy, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.about.brought import Brought
    from dfadvise.about.needs import Need
    from dfadvise.stages import Stage

INSTALLERS = (".deb", ".rpm", ".apk", ".whl", ".run", ".msi", ".gem", ".pkg")
GEMS = ("tally:ruby/prefer-gemfile-bind-mounts",)


class OneRunCopy(Rule):
    """A file is copied into the image for one RUN alone.

    Why:
        A bind mount shows a RUN files of the build context without a layer for them: the image is free of what only
        the build needs, and the cache treats a change of them the same.

    Bad:
        FROM python:3.13
        COPY requirements.txt /tmp/requirements.txt
        RUN pip install -r /tmp/requirements.txt

    Good:
        FROM python:3.13
        RUN --mount=type=bind,source=requirements.txt,target=/tmp/requirements.txt pip install -r /tmp/requirements.txt

    Good (needed later):
        FROM python:3.13
        COPY requirements.txt /tmp/requirements.txt
        RUN pip install -r /tmp/requirements.txt
        CMD ["pip", "check", "-r", "/tmp/requirements.txt"]

    Good (a script does with it what nobody knows):
        FROM python:3.13
        COPY requirements.txt /tmp/requirements.txt
        RUN pip install -r /tmp/requirements.txt && ./finish.sh

    Good (the whole project):
        FROM python:3.13
        WORKDIR /app
        COPY . .
        RUN pip install -r requirements.txt

    Variants:
        not onbuild: what is held back is read in another image

    Fix:
        unsafe: the COPY becomes a mount of the RUN. Not when the RUN may write to the file, or a comment is about
        the COPY.
    """

    on = ("stage",)
    keywords = ("COPY", "ADD")
    severity = "info"
    default = "off"
    aliases = GEMS

    def check(self, stage: Stage) -> Iterator[Finding]:
        for copy in stage.instructions:
            if not isinstance(copy, Copy) or copy.origin is not None or copy.heredocs:
                continue
            found = brought_by(copy)
            if not found or not all(_is_candidate(each) for each in found):
                continue
            if not may_look(stage.file, "reader of a copy"):
                return
            reader = _only_reader(stage, copy, found)
            if reader is None:
                continue
            gems = any(basename(each.source or "").startswith(("Gemfile", "gems.")) for each in found)
            names = ", ".join(each.source or "" for each in found)
            context = stage.file.context
            size = sum(context.size_of(each.source or "") for each in found) if context is not None else 0
            yield self.finding(
                copy.args_span,
                f"only the RUN on line {reader.line} reads {names}",
                copy,
                aliases=GEMS if gems else (),
                related=[("read here", reader.name_span)],
                saving=Saving(size, basis="context") if size else None,
                fix=_mounted(copy, reader, found),
            )


def _is_candidate(each: Brought) -> bool:
    """Whether a file is a manifest or an installer, at a place that is known."""
    if each.tree or each.source is None or each.target is None or "$" in each.target:
        return False
    return is_manifest(each.source) or each.source.endswith(INSTALLERS)


def _only_reader(stage: Stage, copy: Copy, found: list[Brought]) -> Run | None:
    """The one RUN that reads the files; None when another one may, or they may be needed later."""
    paths = [each.target for each in found if each.target is not None]
    readers: list[Run] = []
    later_copy = False
    for each in stage.after(copy):
        if isinstance(each, Run):
            if each.is_opaque or each.outer is not None:
                return None
            needs = needs_of(each)
            if any(need.kind not in (NOTHING, FILES, MANIFESTS) for need in needs):
                # Once a later copy has brought the files anew, whoever reads them reads those.
                if later_copy:
                    continue
                return None
            if not later_copy and any(_reads(need, path) for need in needs for path in paths):
                readers.append(each)
        elif isinstance(each, Copy) and each.origin is None:
            again = [
                all(other.place_of(file.target or "") == file.source for file in found) for other in brought_by(each)
            ]
            later_copy = later_copy or any(again)
        elif each.keyword == "ONBUILD":
            return None
    if len(readers) != 1 or (not later_copy and _is_needed(stage, copy, readers[0], paths)):
        return None
    return readers[0]


def _reads(need: Need, path: str) -> bool:
    if any(is_below(path, each) for each in need.paths):
        return True
    return need.kind == MANIFESTS and not need.paths and need.folder == dirname(path)


def _is_needed(stage: Stage, copy: Copy, reader: Run, paths: list[str]) -> bool:
    """Whether the image, or another stage, may need the files: what package.json and Gemfiles are for."""
    if any(
        basename(path).startswith(("package.json", "Gemfile", "pyproject", "go.", "Cargo", "composer"))
        for path in paths
    ):
        return True
    folders = [dirname(path) for path in paths]
    for other in stage.file.stages:
        for edge in other.edges:
            if edge.stage is not None and stage in edge.stage.chain and isinstance(edge.instruction, Copy):
                for word in edge.instruction.sources:
                    source = edge.instruction.expand(word.text)
                    if source is None or any(is_below(path, "/" + source.strip("/")) for path in paths):
                        return True
    if not stage.ships:
        return False
    whole = stage.file.source
    read = whole.slice(copy.span) + whole.slice(reader.span)
    names = [basename(path) for path in paths]
    # Whatever stands in the working directory may be meant to stay, and what is named again is read again.
    inside = any(folder == stage.symbolic_workdir_at(stage.instructions[-1]) for folder in folders)
    return inside or any(whole.text.count(name) > read.count(name) for name in names)


def _mounted(copy: Copy, reader: Run, found: list[Brought]) -> Fix | None:
    if copy.stage is not reader.stage or reader.form != "shell":
        return None
    if has_comment(copy):
        return None  # it would stand above nothing
    if any(flag.name != "chown" for flag in copy.flags):
        return None
    for effect in effects_of(reader):
        if effect.path is None or any(is_below(each.target or "/", effect.path) for each in found):
            return None
    for need in needs_of(reader):
        action = need.action
        if need.kind == MANIFESTS and action is not None:
            held = any(
                frozen_by_env(action.manager, name, value_of(action, name) or "") for name in action.manager.frozen_env
            )
            if action.manager.name != "pip" and not holds_to_lock(action.use, action.argv) and not held:
                return None  # it may write the lock file
    cwd = reader.stage.symbolic_workdir_at(reader)
    mounts = []
    for each in found:
        if each.target is None or each.source is None:
            return None
        name = each.target[len(cwd.rstrip("/")) + 1 :] if is_below(each.target, cwd) else each.target
        if "," in each.source + name or " " in each.source + name or "$" in each.source + name:
            return None
        mounts.append(f"type=bind,source={each.source},target={name}")
    if cwd == "/" and any(not mount.partition("target=")[2].startswith("/") for mount in mounts):
        mounts = [mount.replace("target=", "target=/") for mount in mounts]
    return Fix("Mount it for that RUN", [dropping.instruction(copy), with_mounts(reader, mounts)])
