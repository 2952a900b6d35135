"""Secret files that a stage writes into its layers, and those that a later layer removes too late.

The name of a file says what it is for; where its content can be seen (in a known context, in a heredoc, in what echo
writes) the content decides.
"""

from __future__ import annotations

from posixpath import basename, join, normpath

from dfadvise.about.mentions import distinct
from dfadvise.effects import ADDS, REMOVES, Effect, effects_of
from dfadvise.knowledge.secret_files import POINTING, secret_file
from dfadvise.layers import Hidden, chain_layers, copy_effects, mounted
from dfadvise.memory import remembered
from dfadvise.paths import clean, is_below, resolve
from dfadvise.syntax.instructions import Arg, Copy, Env, Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.source import Span
    from dfadvise.stages import Stage
    from dfadvise.syntax.instructions import Instruction

# How many files of a copied folder are named, and how many are read for it.
_MOST = 5
_MOST_READ = 60
_FOLDERS = frozenset(("/", "/tmp", "/root", "/usr/local/bin", "/usr/bin", "/etc", "/opt", "/var", "/home"))
# Programs that write what stands in the command, or nothing.
_SPEAKING = frozenset(("echo", "printf", "cat", "tee", "touch", "truncate"))


class SecretFile:
    """A secret file in a layer.

    Attributes:
        name: What to call it: its source in the context, or its path in the image.
        path: Its path in the image.
        grade: "error" or "warning".
        kind: What such a file holds, in words.
        instruction: The instruction that writes it.
        effect: What wrote it.
        seen: Whether its content was seen.
        alias: Whether a variable that scanners know points to it.
        guessed: Whether its name alone says so, since its content was not there to be read.
    """

    __slots__ = ("alias", "effect", "grade", "guessed", "instruction", "kind", "name", "path", "seen")

    def __init__(
        self,
        name: str,
        path: str,
        grade: str,
        kind: str,
        instruction: Instruction,
        effect: Effect,
        seen: bool = False,
        alias: bool = False,
        guessed: bool = False,
    ) -> None:
        self.name = name
        self.path = path
        self.grade = grade
        self.kind = kind
        self.instruction = instruction
        self.effect = effect
        self.seen = seen
        self.alias = alias
        self.guessed = guessed

    def __repr__(self) -> str:
        return f"SecretFile({self.name}, {self.path}, {self.grade})"

    @property
    def span(self) -> Span:
        """The place to report."""
        return self.effect.span

    @property
    def cause(self) -> tuple[object, ...]:
        """What rules about this one file share."""
        return written_cause(self.instruction, self.effect, self.name)


def written_cause(instruction: Instruction, effect: Effect | None, name: str) -> tuple[object, ...]:
    """The cause of findings about a file that an instruction writes: the file of a COPY, the command of a RUN."""
    if effect is not None and effect.command is not None:
        return ("written", id(effect.command))
    return ("written", id(instruction), name)


class Removed:
    """A secret file that a later layer removes: the file and what removes it."""

    __slots__ = ("by", "file", "later")

    def __init__(self, file: SecretFile, by: Effect, later: Instruction) -> None:
        self.file = file
        self.by = by
        self.later = later


def secret_files(stage: Stage) -> list[SecretFile]:
    """The secret files that the instructions of a stage itself write and do not remove at once.

    Args:
        stage: The stage; what it stands on is not looked at.
    """
    memo = remembered(stage.file)
    slot = ("secret files", stage.index)
    if slot not in memo:
        # Stages only copy from earlier ones, so in this order nothing has to wait for another.
        for each in stage.file.stages[: stage.index + 1] or [stage]:
            here = ("secret files", each.index)
            if here not in memo:
                memo[here] = list(_of_stage(each))
    found: list[SecretFile] = memo[slot]
    return found


def _of_stage(stage: Stage) -> Iterator[SecretFile]:
    folders = set(_FOLDERS)
    pointed = _pointed(stage)
    for instruction in stage.instructions:
        if instruction.keyword == "WORKDIR":
            folders.add(stage.symbolic_workdir_at(instruction, after=True))
        elif isinstance(instruction, Copy):
            effects = copy_effects(instruction, folders)
            for effect in effects:
                yield from _of_copy(instruction, effect, pointed)
            if not effects and instruction.target is not None and _names_pointer(instruction):
                # Nobody knows where that is, but it is where credentials are.
                path = instruction.target.text
                for word in instruction.sources[:1]:
                    effect = Effect(ADDS, path, word.span, origin=word.text)
                    yield SecretFile(word.text, path, "warning", "credentials", instruction, effect, alias=True)
        elif isinstance(instruction, Run):
            yield from _of_run(instruction)


def _of_copy(copy: Copy, effect: Effect, pointed: dict[str, str]) -> Iterator[SecretFile]:
    path, origin = effect.path, effect.origin or ""
    if path is None or effect.kind != ADDS or "://" in origin:
        return
    if copy.origin is not None:
        yield from _from_stage(copy, effect)
        if effect.tree:
            return
    elif effect.tree and copy.file.context is not None:
        yield from _in_folder(copy, effect, pointed)
        return
    elif effect.tree and not _is_named(origin):
        return
    alias = path in pointed or _names_pointer(copy)
    graded = _grade(path, origin) or (("warning", "credentials") if alias else None)
    if graded is None:
        return
    # Few files come so far, and what follows stands on much.
    from dfadvise.secret.content import holds_secret
    from dfadvise.secret.context import beside, expanded, text_of

    held: bool | None = None
    document = next((each for each in copy.heredocs if origin == "<<" + each.name), None)
    if document is not None:
        held = holds_secret(path, expanded(copy, document))
    elif copy.origin is None:
        text = text_of(copy.file.context or beside(copy.file), origin)
        held = holds_secret(path if secret_file(origin) is None else origin, text) if text is not None else None
    if held is False or (held is None and graded[0] == "ask"):
        return
    grade = "warning" if graded[0] == "ask" else graded[0]
    name = path if document is not None or copy.origin is not None or not origin else origin
    yield SecretFile(name, path, grade, graded[1], copy, effect, bool(held), alias, held is None and document is None)


def _is_named(origin: str) -> bool:
    """Whether a source without an ending is one of the well-known files or folders: `.aws/credentials`, `.ssh`."""
    name = basename(origin)
    return secret_file(origin) is not None and (name.startswith(".") or name in ("credentials", "kubeconfig"))


def _grade(*paths: str) -> tuple[str, str] | None:
    """What the name of a file says of it, in the image or where it comes from."""
    for path in paths:
        graded = secret_file(path) if path and not path.startswith("<<") else None
        if graded is not None:
            return graded
    return None


def _pointed(stage: Stage) -> dict[str, str]:
    """The files that variables of a stage's chain point to, by path."""
    found: dict[str, str] = {}
    if not any(name in stage.file.source.text for name in POINTING):
        return found
    for each in stage.chain_instructions():
        if not isinstance(each, Arg | Env):
            continue
        for pair in each.pairs:
            value = each.expand(pair.value) if pair.key in POINTING and pair.value else None
            path = resolve(value, each.stage.symbolic_workdir_at(each)) if value else None
            if path is not None:
                found[path] = pair.key
    return found


def _names_pointer(copy: Copy) -> bool:
    """Whether the target of a COPY is such a variable."""
    text = copy.target.text.strip('"') if copy.target is not None else ""
    return text.startswith("$") and text[1:].strip("{}") in POINTING


def _in_folder(copy: Copy, effect: Effect, pointed: dict[str, str]) -> Iterator[SecretFile]:
    """The secret files of a folder that is copied from the context, as it is on disk."""
    context = copy.file.context
    if context is None:
        return
    from dfadvise.secret.context import candidates, text_of

    folder = effect.origin or "."
    start = "" if folder in ("", ".") else folder + "/"
    target = effect.path or "/"
    found = [each for each in candidates(copy.file, context) if each[0].startswith(start)]
    for path in pointed:
        source = start + path[len(target.rstrip("/")) + 1 :]
        if is_below(path, target) and path != target and context.exists(source) and context.is_sent(source):
            found.append((source, ("warning", "credentials")))
    seen: set[str] = set()
    if found:
        from dfadvise.secret.content import holds_secret
    for name, graded in found[:_MOST_READ]:
        text = text_of(context, name)
        held = holds_secret(name, text) if text is not None else None
        if held is False or (held is None and graded[0] == "ask") or name in seen:
            continue
        seen.add(name)
        path = join(target, name[len(start) :])
        grade = "warning" if graded[0] == "ask" else graded[0]
        yield SecretFile(name, path, grade, graded[1], copy, effect, bool(held), path in pointed, held is None)
        if len(seen) >= _MOST:
            return


def _from_stage(copy: Copy, effect: Effect) -> Iterator[SecretFile]:
    """The secret files that a folder of another stage holds."""
    source = next((edge.stage for edge in copy.stage.edges if edge.instruction is copy), None)
    if source is None or not effect.tree or effect.path is None:
        return
    folder = clean("/" + (effect.origin or ""))
    count = 0
    for stage in source.chain:
        for each in secret_files(stage):
            if not is_below(each.path, folder) or _is_gone(each, source):
                continue
            path = normpath(join(effect.path, each.path[len(folder.rstrip("/")) + 1 :]))
            yield SecretFile(each.path, path, each.grade, each.kind, copy, effect, each.seen, guessed=each.guessed)
            count += 1
            if count >= _MOST:
                return


def _is_gone(file: SecretFile, stage: Stage) -> bool:
    """Whether the stage removes a file again before another one copies from it."""
    return any(each.file.cause == file.cause and each.file.path == file.path for each in removed_files(stage))


def _of_run(run: Run) -> Iterator[SecretFile]:
    """The secret files that commands write."""
    memo = remembered(run.file)
    if "mentions secrets" not in memo:
        memo["mentions secrets"] = _mentions(distinct(run.file.source.text))
    if not memo["mentions secrets"] or not _mentions(run.file.source.slice(run.span)):
        return
    targets = mounted(run)
    effects = effects_of(run)
    for effect in effects:
        if effect.kind != ADDS or effect.path is None or effect.tree:
            continue
        graded = secret_file(effect.path)
        if graded is None or graded[0] == "ask" or any(is_below(effect.path, target) for target in targets):
            continue
        if _says_secret(run, effect) and not _removed_at_once(effects, effect):
            yield SecretFile(effect.path, effect.path, *graded, run, effect)


# Parts of the names and folders of secret files; without them no command writes one.
_MENTIONS = (
    *(".npmrc", ".pypirc", "netrc", ".envrc", ".terraformrc", ".yarnrc", ".pem", ".key", ".p12", ".pfx", ".pkcs12"),
    *(".jks", ".ppk", ".keystore", ".kdbx", ".psafe3", ".ovpn", "credential", ".env", "id_", "secret", ".ssh", ".aws"),
    *(".docker", ".kube", "kubeconfig", "gcloud", ".azure", ".gnupg", ".gem", ".cargo", "auth.json", "account.json"),
    *("firebase", "settings.xml", ".my.cnf", ".htpasswd", ".vault-token", ".pgpass", ".private_key", "tfstate"),
    *("passwords.txt", "password.txt", ".boto", ".s3cfg", "-sa.json", "settings-security", "gcp-key"),
)


def _mentions(text: str) -> bool:
    return any(part in text for part in _MENTIONS)


def _says_secret(run: Run, effect: Effect) -> bool:
    """Whether a command writes a credential, as far as what it writes can be seen."""
    from dfadvise.secret.content import holds_secret
    from dfadvise.secret.flow import secrets_of
    from dfadvise.secret.stores import stored

    command = effect.command
    secrets = secrets_of(run)
    if command is None or command.program not in _SPEAKING:
        # Of other programs only those that copy keep the promise of a name: that of what they copy.
        origin = effect.origin or ""
        copies = command is not None and command.program in ("cp", "mv", "install")
        return copies and bool(origin) and (_grade(origin) is not None or secrets.reads_mount(origin) is not None)
    for each in stored(run):
        if each.command is not command:
            continue
        value = each.value
        if value is None or any(secrets.names_secret(name, command) for name in value.names):
            return True
        known = any(secrets.origin(name, command) in ("arg", "env", "mount") for name in value.names)
        if each.certain and (known or (value.is_literal and holds_secret(effect.path or "", value.text) is not False)):
            return True
    return False


def _removed_at_once(effects: list[Effect], effect: Effect) -> bool:
    """Whether the same layer removes what it wrote."""
    assert effect.path is not None
    place = next((at for at, each in enumerate(effects) if each.path == effect.path and each.kind == effect.kind), 0)
    return any(
        other.kind == REMOVES
        and other.path is not None
        and (other.path == effect.path or (other.tree and is_below(effect.path, other.path)))
        for other in effects[place + 1 :]
    )


def removed_files(stage: Stage) -> list[Removed]:
    """The secret files of a stage's chain that a later layer removes.

    Args:
        stage: The last stage of the chain.
    """
    memo = remembered(stage.file)
    slot = ("removed secrets", stage.index)
    found: list[Removed] | None = memo.get(slot)
    if found is None:
        files = [file for each in stage.chain for file in secret_files(each)]
        hidden = [each for each in chain_layers(stage).hidden if each.by.kind == REMOVES] if files else []
        found = memo[slot] = _removals(files, hidden)
    return found


def _removals(files: list[SecretFile], hidden: list[Hidden]) -> list[Removed]:
    by_place: dict[tuple[int, int], list[SecretFile]] = {}
    for file in files:
        by_place.setdefault((id(file.instruction), file.span.start), []).append(file)
    found: list[Removed] = []
    seen: set[int] = set()
    for each in hidden:
        path = each.by.path
        if path is None or not each.by.certain:
            continue
        for file in by_place.get((id(each.layer.instruction), each.write.span.start), ()):
            reached = file.path == path or (each.by.tree and is_below(file.path, path))
            if id(file) not in seen and (reached or (each.certain and not each.write.tree)):
                seen.add(id(file))
                found.append(Removed(file, each.by, each.later.instruction))
    return found


def removed_from_folder(stage: Stage) -> list[Removed]:
    """Secret files that a removal names one by one, inside a folder that was copied from an unseen context.

    `rm` without `-f` fails when the file is not there, so the file was copied.

    Args:
        stage: The last stage of the chain.
    """
    found: list[Removed] = []
    for each in chain_layers(stage).hidden:
        path, command = each.by.path, each.by.command
        instruction = each.layer.instruction
        if each.by.kind != REMOVES or path is None or not each.write.tree or command is None:
            continue
        if not isinstance(instruction, Copy) or instruction.origin is not None:
            continue
        if instruction.file.context is not None or command.has_flag("-f", "--force") or not each.by.certain:
            continue
        graded = secret_file(path)
        if graded is None or graded[0] == "ask":
            continue
        file = SecretFile(basename(path), path, *graded, instruction, each.write)
        found.append(Removed(file, each.by, each.later.instruction))
    return found
