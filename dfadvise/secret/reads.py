"""Secret files that one step of a build reads: a secret mount instead of the copy."""

from __future__ import annotations

from posixpath import basename

from dfadvise.editing import dropping
from dfadvise.editing.edits import without
from dfadvise.editing.mountedits import with_mounts
from dfadvise.effects import directories, home_of
from dfadvise.knowledge.frontend import DEFAULT, frontend_version, supported
from dfadvise.knowledge.manager import words
from dfadvise.managers.cachedirs import is_root, uid_of
from dfadvise.managers.packages import actions
from dfadvise.paths import covers, is_below, resolve, word_path
from dfadvise.rule import Edit, Fix
from dfadvise.source import Span
from dfadvise.syntax.instructions import Copy, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.secret.files import SecretFile
    from dfadvise.shell import ShellCommand, ShellWord
    from dfadvise.syntax.instructions import Instruction

_NODE = words("npm yarn yarn-berry pnpm bun")
# Which package managers read a file when they install, and which other programs, by its name.
_READERS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    **dict.fromkeys((".npmrc", ".yarnrc", ".yarnrc.yml"), (_NODE, frozenset[str]())),
    **dict.fromkeys((".netrc", "_netrc"), (words("pip uv poetry go npm bundler composer"), words("curl wget git"))),
    "pip.conf": (words("pip uv"), frozenset()),
    ".pypirc": (frozenset(), words("twine")),
    ".git-credentials": (words("go npm pip uv bundler composer cargo"), words("git")),
    "settings.xml": (words("maven"), words("mvn mvnw")),
    **dict.fromkeys(("nuget.config", "NuGet.config", "NuGet.Config"), (words("nuget"), words("nuget"))),
    "auth.json": (words("composer"), frozenset()),
    "credentials.toml": (words("cargo"), frozenset()),
    "kubeconfig": (frozenset(), words("kubectl helm")),
    **dict.fromkeys(
        ("id_rsa", "id_dsa", "id_ecdsa", "id_ed25519"),
        (words("go npm yarn pnpm pip uv poetry bundler composer cargo"), words("git ssh scp rsync sftp ssh-add")),
    ),
}
_CHANGING = words("chmod chown chgrp mv cp install sed ln tee")
_FLAGS = words("chown chmod link")


def mount_fix(file: SecretFile, removed: bool = False) -> Fix | None:
    """A secret mount on the one RUN that reads a copied secret file, the copy and its removals taken away.

    Args:
        file: A file that a COPY of the build context brings.
        removed: Whether it has to be removed later, which shows that nothing else needs it.

    Returns:
        None where it is not one RUN that reads it, or something else may.
    """
    copy = file.instruction
    if not isinstance(copy, Copy) or file.effect.tree or copy.origin is not None or copy.heredocs:
        return None
    if copy.outer is not None or "$" in file.path or any(flag.name not in _FLAGS for flag in copy.flags):
        return None
    readers: list[Run] = []
    edits: list[Edit] = []
    removals = 0
    for later in copy.stage.after(copy):
        if not isinstance(later, Run):
            if _mentions(later, file.path):
                return None
            continue
        found = _looked_at(later, file.path)
        if found is None:
            return None
        reads, dropped = found
        edits += dropped
        removals += len(dropped)
        if reads:
            readers.append(later)
    if len(readers) != 1 or readers[0].stage is not copy.stage or (removed and not removals):
        return None
    if not removals and basename(file.path) not in _READERS:
        return None  # the container may read it
    mount = _mount(readers[0], file)
    deletion = _deletion(copy, file)
    if mount is None or deletion is None or _is_copied_on(copy, file.path):
        return None
    name = basename(file.path).lstrip(".")
    title = f"Mount {basename(file.name)} as a secret (docker build --secret id={name},src={file.name})"
    return Fix(title, [deletion, mount, *edits])


def _mount(run: Run, file: SecretFile) -> Edit | None:
    directive = run.file.tree.directive("syntax")
    version = frontend_version(directive.value) if directive is not None else DEFAULT
    if version is None or not supported("RUN --mount", version) or run.outer is not None:
        return None
    name = basename(file.path).lstrip(".")
    if any(char in file.path + file.name for char in ", \"'\t"):
        return None
    owner = ""
    if is_root(run) is False:
        number = uid_of(run)
        if number is None:
            return None
        owner = f",uid={number[0]}"
    return with_mounts(run, [f"type=secret,id={name},target={file.path}{owner}"])


def _deletion(copy: Copy, file: SecretFile) -> Edit | None:
    """The source of the file taken out of its COPY, or the whole COPY."""
    sources = copy.sources
    place = next((at for at, word in enumerate(sources) if word.span == file.span), None)
    if place is None or copy.inner_comments:
        return None
    if len(sources) == 1:
        return dropping.instruction(copy)
    if copy.form == "exec" or any(char in sources[place].text for char in "*?["):
        return None
    if len(sources) == 2 and not copy.args[-1].text.endswith(("/", ".")):
        return None  # one file alone would be given that name
    # Each source has a blank behind it: the target comes last.
    following = copy.args[place + 1].span.start
    gap = copy.file.source.slice(Span(sources[place].span.end, following))
    if gap.strip(" \t\r\n" + copy.file.escape):
        return None
    return Edit(Span(sources[place].span.start, following), "")


def _looked_at(run: Run, path: str) -> tuple[bool, list[Edit]] | None:
    """Whether a RUN reads a file, and the edits that take its removals away; None when it does more with it."""
    home = home_of(run)
    name = basename(path)
    managers, programs = _READERS.get(name, (frozenset(), frozenset()))
    reads = any(action.manager.name in managers and action.installs for action in actions(run))
    edits: list[Edit] = []
    if run.is_opaque and name in run.file.source.slice(run.span):
        return None
    for command, cwd in directories(run, home):
        if command.program in programs:
            reads = True
        if command.program in ("rm", "unlink", "shred"):
            word = _removal_of(command, path, cwd, home)
            if word is None:
                continue
            alone = len(command.operands) == 1
            edit = dropping.command(command) if alone else without(command, word)
            if edit is None or word_path(word, cwd, home) != path:
                return None
            edits.append(edit)
            continue
        if _names(command, path, cwd, home):
            if command.program in _CHANGING:
                return None
            reads = True
    return reads, edits


def _removal_of(command: ShellCommand, path: str, cwd: str | None, home: str | None) -> ShellWord | None:
    """The operand of an `rm` that reaches a file; None when the `rm` is about others."""
    recursive = command.has_flag("-r", "-R", "--recursive")
    for word in command.operands:
        target = word_path(word, cwd, home)
        if target is not None and covers(target, path, recursive):
            return word
    return None


def _names(command: ShellCommand, path: str, cwd: str | None, home: str | None) -> bool:
    """Whether a command names a file, in a word or behind a redirection."""
    name = basename(path)
    targets = [each.target for each in command.redirects if each.target is not None]
    for word in (*command.words[1:], *targets):
        if name in word.partial or name in word.raw:
            found = word_path(word, cwd, home)
            if found is None or found == path or name in word.partial:
                return True
    return False


def _mentions(instruction: Instruction, path: str) -> bool:
    """Whether an instruction that is no RUN names a file, or a COPY puts something over it."""
    return basename(path) in instruction.file.source.slice(instruction.span)


def _is_copied_on(copy: Copy, path: str) -> bool:
    """Whether another stage copies or mounts the file from this one."""
    for stage in copy.file.stages:
        for edge in stage.edges:
            if edge.stage is None or copy.stage not in edge.stage.chain:
                continue
            if not isinstance(edge.instruction, Copy):
                return True
            for word in edge.instruction.sources:
                source = edge.instruction.expand(word.text)
                whole = resolve("/" + source.lstrip("/"), "/") if source is not None else None
                if whole is None or is_below(path, whole):
                    return True
    return False
