"""What the commands of a RUN do to files: written, removed, stored again, downloaded, unpacked.

Only what a command surely or very likely does is listed; a command in a branch is marked uncertain. Programs that
are not known here do something nobody can tell: `is_known` says so, and rules that need to be sure ask it.
"""

from __future__ import annotations

from posixpath import basename, join

from dfadvise.paths import word_path
from dfadvise.syntax.words import UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dfadvise.shell import ShellCommand, ShellWord
    from dfadvise.source import Span
    from dfadvise.syntax.instructions import Instruction, Run

ADDS, REMOVES, REWRITES, DOWNLOADS, EXTRACTS, INSTALLS = (
    "adds",
    "removes",
    "rewrites",
    "downloads",
    "extracts",
    "installs",
)
# Programs that touch no file, or none that lasts.
HARMLESS = frozenset(
    """[ [[ test true false : echo printf set shopt export unset cd pushd popd pwd exit return local readonly read
    umask ulimit alias unalias trap wait sleep date uname nproc whoami id groups hostname env printenv which type
    hash command cat head tail grep egrep fgrep awk gawk cut tr sort uniq wc seq expr basename dirname readlink
    realpath ls stat du df file diff cmp md5sum sha1sum sha256sum sha512sum b2sum xargs jq yq getconf dpkg-query
    dpkg-architecture lsb_release arch nc ping ldd ldconfig sync strings od xxd hexdump cksum tput clear kill ps
    free uptime getent locale java node ruby perl""".split()
)
# Those of them that write nothing themselves; what they are given to run may do anything.
INTERPRETERS = frozenset(("java", "node", "ruby", "perl", "xargs"))
FILE_PROGRAMS = frozenset(
    """rm rmdir unlink mv cp install ln touch mkdir chmod chown chgrp tee curl wget tar bsdtar unzip gunzip gzip
    bunzip2 bzip2 unxz xz unzstd zstd git sed truncate dd find rsync patch strip upx""".split()
)
_ARCHIVE = (".tar", ".tgz", ".tbz", ".tbz2", ".txz", ".tar.gz", ".tar.bz2", ".tar.xz", ".tar.zst", ".zip", ".whl")


class Effect:
    """One thing that a step does to the file system.

    Attributes:
        kind: "adds" (new content), "removes", "rewrites" (content that was there is stored again), "downloads",
            "extracts" (path is the folder, `origin` the archive), "installs" (packages; no path).
        path: The absolute path, wildcards and unknown parts as written; None when it is not known.
        tree: Whether everything below the path is meant.
        certain: Whether it surely happens when the step runs.
        command: The command; None for COPY, ADD and WORKDIR.
        span: The place of the word or instruction that says so.
        origin: Where the content comes from: a source path, a URL.
        size: Bytes, when known, with `basis`.
    """

    __slots__ = ("basis", "certain", "command", "kind", "origin", "path", "size", "span", "tree")

    def __init__(
        self,
        kind: str,
        path: str | None,
        span: Span,
        tree: bool = False,
        certain: bool = True,
        command: ShellCommand | None = None,
        origin: str | None = None,
        size: int | None = None,
        basis: str | None = None,
    ) -> None:
        self.kind = kind
        self.path = path
        self.span = span
        self.tree = tree
        self.certain = certain
        self.command = command
        self.origin = origin
        self.size = size
        self.basis = basis

    def __repr__(self) -> str:
        return f"Effect({self.kind} {self.path}{'/**' if self.tree else ''}{'' if self.certain else ' ?'})"


def is_known(command: ShellCommand) -> bool:
    """Whether what a command does to files is known here."""
    return command.program in HARMLESS or command.program in FILE_PROGRAMS or command.is_assignment


def home_of(instruction: Instruction) -> str | None:
    """The home of the user in force: root's, or that of a HOME that is set; None when it is not known."""
    home = instruction.stage.lookup("HOME", instruction)
    if home and UNKNOWN not in home:
        return home
    user = instruction.stage.user_at(instruction)
    if user in ("root", "0") or (user is None and _starts_as_root(instruction)):
        return "/root"
    return None


def _starts_as_root(instruction: Instruction) -> bool:
    from dfadvise.knowledge.base_users import not_root

    stage = instruction.stage
    base = stage.base
    if base is None or base.name is None or stage.sets_user_before(instruction):
        return False
    return not not_root(base.name, base.tag)


def effects_of(run: Run) -> list[Effect]:
    """What a RUN does, in order of execution.

    Args:
        run: The instruction; mounts are not taken into account here.
    """
    home = home_of(run)
    return [effect for command, cwd in directories(run, home) for effect in _effects(command, cwd, home)]


def directories(run: Run, home: str | None = None) -> Iterator[tuple[ShellCommand, str | None]]:
    """The commands of a RUN, each with the directory it runs in; None where that is not known.

    Args:
        run: The instruction.
        home: The home of the user, for a bare `cd`.
    """
    for script in run.scripts:
        cwd: str | None = run.stage.symbolic_workdir_at(run)
        # A directory change in a subshell ends with it.
        scopes: list[tuple[int, str | None]] = []
        for command in script.commands:
            depth = command.contexts.count("subshell")
            while scopes and depth < scopes[-1][0]:
                cwd = scopes.pop()[1]
            if command.program in ("cd", "pushd"):
                if depth and (not scopes or scopes[-1][0] < depth):
                    scopes.append((depth, cwd))
                cwd = _changed(command, cwd, home)
                continue
            yield command, cwd


def _changed(command: ShellCommand, cwd: str | None, home: str | None) -> str | None:
    if command.conditional:
        return None
    if not command.operands:
        return home
    if command.operands[0].partial == "-":
        return None
    return word_path(command.operands[0], cwd, home)


def _effects(command: ShellCommand, cwd: str | None, home: str | None) -> Iterator[Effect]:
    certain = not command.conditional
    for redirect in command.redirects:
        if redirect.writes and redirect.target is not None:
            path = word_path(redirect.target, cwd, home)
            if path is not None and not path.startswith("/dev/"):
                yield Effect(ADDS, path, redirect.target.span, certain=certain, command=command)
    reader = _READERS.get(command.program or "")
    if reader is None:
        return
    for effect in reader(command, cwd, home):
        effect.command = command
        effect.certain = effect.certain and certain
        yield effect


def _paths(words: list[ShellWord], cwd: str | None, home: str | None) -> Iterator[tuple[ShellWord, str]]:
    for word in words:
        path = word_path(word, cwd, home)
        if path is not None:
            yield word, path


def _removals(command: ShellCommand, cwd: str | None, home: str | None) -> Iterator[Effect]:
    recursive = command.has_flag("-r", "-R", "--recursive")
    for word, path in _paths(command.operands, cwd, home):
        if path != "{}" and "{}" not in path:
            yield Effect(REMOVES, path, word.span, tree=recursive)


def _additions(command: ShellCommand, cwd: str | None, home: str | None) -> Iterator[Effect]:
    for word, path in _paths(command.operands, cwd, home):
        yield Effect(ADDS, path, word.span)


def _mode_changes(command: ShellCommand, cwd: str | None, home: str | None) -> Iterator[Effect]:
    recursive = command.has_flag("-R", "--recursive")
    operands = command.operands
    if command.option("--reference") is None:
        operands = operands[1:]
    for word, path in _paths(operands, cwd, home):
        if "{}" not in path:
            yield Effect(REWRITES, path, word.span, tree=recursive)


def _targets(command: ShellCommand) -> tuple[list[ShellWord], ShellWord | None, bool]:
    """Sources, target, and whether the target is surely a folder, of cp, mv, install and ln."""
    operands = command.operands
    words = command.words
    for place, word in enumerate(words[:-1]):
        if word.partial in ("-t", "--target-directory"):
            return operands, words[place + 1], True
    if len(operands) < 2:
        return operands, None, False
    target = operands[-1]
    folder = len(operands) > 2 or target.partial.endswith("/") or target.partial in (".", "..")
    return operands[:-1], target, folder


def _copies(command: ShellCommand, cwd: str | None, home: str | None) -> Iterator[Effect]:
    if command.program == "install" and command.has_flag("-d", "--directory"):
        return
    sources, target, folder = _targets(command)
    moved = command.program == "mv"
    tree = moved or command.has_flag("-r", "-R", "-a", "--recursive", "--archive")
    goal = word_path(target, cwd, home) if target is not None else None
    for word in sources:
        source = word_path(word, cwd, home)
        if moved and source is not None:
            yield Effect(REMOVES, source, word.span, tree=True)
        if goal is not None and target is not None:
            name = basename(source or "")
            path = join(goal, name) if folder and name else goal
            yield Effect(ADDS, path, target.span, tree=tree, origin=source)


def _downloads(command: ShellCommand, cwd: str | None, home: str | None) -> Iterator[Effect]:
    urls = [word for word in command.operands if "://" in word.partial or not command.has_flag("-O")]
    url = next((word for word in urls if "://" in word.partial or UNKNOWN in word.partial), None)
    curl = command.program == "curl"
    named = ("-o", "--output") if curl else ("-O", "--output-document")
    folder = command.option("--output-dir") if curl else command.option("-P", "--directory-prefix")
    for option, value in command.option_words(*named):
        place = command.words.index(option)
        following = command.words[place + 1] if place + 1 < len(command.words) else option
        is_value = following.text == value if value is not None else not option.partial.startswith("--")
        word = following if is_value else option
        if value in ("-", "/dev/null", "/dev/stdout"):
            return
        path = word_path(word, cwd, home) if word is not option else None
        if word is option and value:
            from dfadvise.paths import resolve

            path = resolve(value, cwd, home)
        if path is not None:
            yield Effect(DOWNLOADS, path, word.span, origin=url.partial if url else None)
        return
    if url is None or (curl and not command.has_flag("-O", "--remote-name")):
        return
    if not curl and (command.has_flag("-i", "--input-file", "--spider") or command.after in ("|", "|&")):
        return
    name = _file_name(url)
    base = cwd
    if folder is not None:
        from dfadvise.paths import resolve

        base = resolve(folder, cwd, home)
    if name and base is not None:
        yield Effect(DOWNLOADS, join(base, name), url.span, origin=url.partial)


def _file_name(url: ShellWord) -> str:
    text = url.readable.partition("?")[0].partition("#")[0]
    rest = text.partition("://")[2]
    return basename(rest) if "/" in rest else ""


def _archives(command: ShellCommand, cwd: str | None, home: str | None) -> Iterator[Effect]:
    words = command.words[1:]
    if not words:
        return
    first = words[0].partial
    old_style = not first.startswith("-") and first.isalpha()
    letters = (
        first
        if old_style
        else "".join(word.partial[1:] for word in words if word.is_flag and not word.partial.startswith("--"))
    )
    if not ("x" in letters or command.has_flag("--extract", "--get")):
        return
    archive: ShellWord | None = None
    if old_style and "f" in letters and len(words) > 1:
        archive = words[1]
    for place, word in enumerate(words[:-1]):
        text = word.partial
        bundled = text.startswith("-") and not text.startswith("--") and text.endswith("f")
        if text == "--file" or bundled:
            archive = words[place + 1]
    value = command.option("-C", "--directory")
    from dfadvise.paths import resolve

    folder = resolve(value, cwd, home) if value else (cwd if not command.has_flag("-C", "--directory") else None)
    origin = word_path(archive, cwd, home) if archive is not None and archive.partial != "-" else None
    if folder is not None:
        yield Effect(EXTRACTS, folder, (archive or command.words[0]).span, tree=True, origin=origin)


def _unzips(command: ShellCommand, cwd: str | None, home: str | None) -> Iterator[Effect]:
    if command.has_flag("-l", "-p", "-t", "-Z") or not command.operands:
        return
    from dfadvise.paths import resolve

    value = command.option("-d")
    folder = resolve(value, cwd, home) if value else cwd
    if folder is not None:
        archive = command.operands[0]
        yield Effect(EXTRACTS, folder, archive.span, tree=True, origin=word_path(archive, cwd, home))


def _compressions(command: ShellCommand, cwd: str | None, home: str | None) -> Iterator[Effect]:
    if command.has_flag("-c", "--stdout", "--to-stdout", "-k", "--keep", "-t", "-l"):
        return
    for word, path in _paths(command.operands, cwd, home):
        yield Effect(REMOVES, path, word.span)


def _clones(command: ShellCommand, cwd: str | None, home: str | None) -> Iterator[Effect]:
    if command.subcommand != "clone" or len(command.targets) < 1:
        return
    url = command.targets[0]
    if len(command.targets) > 1:
        path = word_path(command.targets[1], cwd, home)
    else:
        name = _file_name(url).removesuffix(".git") or basename(url.partial.rstrip("/")).removesuffix(".git")
        path = join(cwd, name) if cwd is not None and name and UNKNOWN not in name else None
    if path is not None:
        yield Effect(DOWNLOADS, path, url.span, tree=True, origin=url.partial)


def _edits_in_place(command: ShellCommand, cwd: str | None, home: str | None) -> Iterator[Effect]:
    if not any(
        word.partial.startswith(("-i", "--in-place")) or word.partial in ("-ri", "-Ei") for word in command.words
    ):
        return
    scripted = any(word.partial in ("-e", "--expression", "-f", "--file") for word in command.words)
    operands = command.operands if scripted else command.operands[1:]
    for word, path in _paths(operands, cwd, home):
        yield Effect(REWRITES, path, word.span)


def _found(command: ShellCommand, cwd: str | None, home: str | None) -> Iterator[Effect]:
    if not command.has_flag("-delete"):
        return
    for word in command.words[1:]:
        if word.is_flag or word.partial in ("(", "!", "\\("):
            return
        path = word_path(word, cwd, home)
        if path is not None:
            # Which of the files below is for `-name` and its like to say.
            narrowed = any(each.is_flag and each.partial not in ("-delete", "-mindepth") for each in command.words)
            yield Effect(REMOVES, path + "/*", word.span, tree=True, certain=not narrowed)


_READERS: dict[str, Callable[[ShellCommand, str | None, str | None], Iterator[Effect]]] = {
    "rm": _removals,
    "unlink": _removals,
    "rmdir": _removals,
    "tee": _additions,
    "touch": _additions,
    "truncate": _additions,
    "chmod": _mode_changes,
    "chown": _mode_changes,
    "chgrp": _mode_changes,
    "cp": _copies,
    "mv": _copies,
    "install": _copies,
    "ln": _copies,
    "curl": _downloads,
    "wget": _downloads,
    "tar": _archives,
    "bsdtar": _archives,
    "unzip": _unzips,
    "gunzip": _compressions,
    "gzip": _compressions,
    "bunzip2": _compressions,
    "unxz": _compressions,
    "git": _clones,
    "sed": _edits_in_place,
    "find": _found,
}


def is_archive(path: str) -> bool:
    """Whether a name is that of an archive."""
    return path.lower().endswith(_ARCHIVE)
