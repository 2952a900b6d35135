"""What each instruction of a file sets and sees, for the dockerfile-parse view.

The base image is taken for one that sets nothing but `parent_env`; `dfadvise.stages` is the model that knows
what it does not know.
"""

from __future__ import annotations

from dfadvise.syntax.instructions import Arg, Env, From, Label
from dfadvise.syntax.words import WordError, process

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dfadvise.syntax.instructions import Instruction, Pair, Word
    from dfadvise.syntax.tokenizer import Tree

    # Name, value and the pair that says so.
    Settings = list[tuple[str, str, Pair]]

# Characters of variables that are put in, over a whole file: `ENV A=$A$A` doubles with each line.
_MAX_EXPANDED = 1 << 22


class Scope:
    """What a place of the file sees.

    Attributes:
        known: Every variable that has a value, whoever set it last.
        args, envs, labels: The settings by kind; an ARG without a value is the empty string.
    """

    __slots__ = ("args", "envs", "known", "labels")

    def __init__(self, envs: Mapping[str, str]) -> None:
        self.known = dict(envs)
        self.args: dict[str, str] = {}
        self.envs = dict(envs)
        self.labels: dict[str, str] = {}

    def child(self) -> Scope:
        """What a stage that stands on this one starts with."""
        scope = Scope(self.envs)
        scope.known.update(self.known)
        scope.labels.update(self.labels)
        return scope


class Scopes:
    """A walk over a file that keeps track of its variables.

    Args:
        tree: The file.
        build_args: Values given with --build-arg.
        parent_env: The environment of every base image.
    """

    __slots__ = ("build_args", "left", "parent_env", "tree")

    def __init__(self, tree: Tree, build_args: Mapping[str, str], parent_env: Mapping[str, str]) -> None:
        self.tree = tree
        self.build_args = build_args
        self.parent_env = parent_env
        self.left = _MAX_EXPANDED

    def images(self) -> list[str]:
        """The image of each FROM, expanded."""
        known: Mapping[str, str] = {}
        for instruction, _, scope in self.walk(True):
            if isinstance(instruction, From):
                break
            known = scope.known
        words = map(image_of, self.tree.instructions)
        return [self._image(word, known) for word in words if word is not None]

    def walk(self, env_replace: bool) -> Iterator[tuple[Instruction, Settings, Scope]]:
        """Each instruction that has a keyword, with what it sets and the scope behind it.

        Args:
            env_replace: Whether to put variables in; quotes are removed in any case.
        """
        top = scope = Scope({})
        stages: dict[str, Scope] = {}
        for instruction in self.tree.instructions:
            if not instruction.keyword:
                continue
            settings: Settings = []
            if isinstance(instruction, From):
                word = image_of(instruction)
                parent = stages.get(self._image(word, top.known)) if word else None
                scope = parent.child() if parent else Scope(self.parent_env)
                if instruction.alias:
                    stages[instruction.alias.text.lower()] = scope
            elif isinstance(instruction, Arg):
                settings = self._arguments(instruction, env_replace, scope, top)
            elif isinstance(instruction, (Env, Label)):
                # All of one instruction sees what was in force before it.
                known = scope.known if env_replace else None
                settings = [
                    (self._expand(pair.key, known), self._expand(pair.value or "", known), pair)
                    for pair in instruction.pairs
                ]
                values = {name: value for name, value, _ in settings}
                if isinstance(instruction, Env):
                    scope.envs.update(values)
                    scope.known.update(values)
                else:
                    scope.labels.update(values)
            yield instruction, settings, scope

    def _arguments(self, instruction: Arg, env_replace: bool, scope: Scope, top: Scope) -> Settings:
        settings: Settings = []
        known = scope.known if env_replace else None
        for pair in instruction.pairs:
            name = self._expand(pair.key, known)
            value = self.build_args.get(name)
            if value is None and pair.value is not None:
                value = self._expand(pair.value, known)
            if value is None:
                value = top.known.get(name)
            if value is not None:
                scope.known[name] = value
            scope.args[name] = value or ""
            settings.append((name, value or "", pair))
        return settings

    def _image(self, word: Word, known: Mapping[str, str]) -> str:
        platform = {name: value for name, value in self.build_args.items() if name.startswith(("TARGET", "BUILD"))}
        return self._expand(word.text, {**platform, **known})

    def _expand(self, word: str, known: Mapping[str, str] | None) -> str:
        """A word expanded, without `known` its quotes removed only; itself where BuildKit refuses it."""

        def lookup(name: str) -> str | None:
            value = known.get(name) if known is not None else None
            self.left -= len(value or "")
            if self.left < 0:
                raise WordError("values too long")
            return value

        try:
            return process(word, lookup, self.tree.escape, keep_unset=known is None).text
        except WordError:
            return word


def image_of(instruction: Instruction) -> Word | None:
    """The image word of a FROM; None for anything else."""
    return instruction.image if isinstance(instruction, From) else None
