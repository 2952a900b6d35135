"""Which files of a build context are dependency manifests, and which of them a COPY brings.

A manifest or lock file says what to install. Settings, documents, certificates and packages ("quiet" files) change
seldom, and installs may read them. Everything else is a source: the files that people edit all day.
"""

from __future__ import annotations

from posixpath import basename

from dfadvise.gopath import PatternError, clean, has_wildcard
from dfadvise.gopattern import glob_steps, run
from dfadvise.knowledge.language_managers import LANGUAGE_MANAGERS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.context import BuildContext
    from dfadvise.gopattern import Step
    from dfadvise.syntax.instructions import Instruction

MANIFEST, QUIET, SOURCE = "manifest", "quiet", "source"
MOST_FILES = 20_000  # files of a folder that are looked at; a larger one surely holds sources

# Managers that are not in the tables, whose manifests are manifests all the same.
_OTHERS = frozenset(
    """mix.exs mix.lock rebar.config rebar.lock pubspec.yaml pubspec.lock Package.swift Package.resolved build.sbt
    project.clj deps.edn stack.yaml stack.yaml.lock cabal.project cabal.project.freeze conanfile.txt conanfile.py
    vcpkg.json Podfile Podfile.lock bower.json elm.json shard.yml shard.lock pdm.lock pixi.toml pixi.lock deno.json
    deno.lock lerna.json nx.json turbo.json rush.json Gemfile.next Chart.yaml Chart.lock requirements.yml
    galaxy.yml renv.lock DESCRIPTION cpanfile cpanfile.snapshot Manifest.toml Project.toml opam dune-project""".split()
)
_LITERAL = _OTHERS | {
    name for manager in LANGUAGE_MANAGERS for name in manager.manifests if not has_wildcard(name) and "/" not in name
}
_patterns: list[list[Step]] = []
_NO_WILDCARDS = {ord(character): None for character in "*?[]"}
# Folders that hold nothing but what installs read.
_FOLDERS = frozenset(
    """.yarn .mvn gradle wrapper patches requirements reqs constraints .cargo .bundle prisma .composer
    .config .npm wheels wheelhouse packages-lock""".split()
)
_QUIET_FOLDERS = frozenset(
    """conf config configs conf.d etc keys certs cert certificates ssl gpg rootfs root overlay licenses docs doc patch
    .github apt apk yum.repos.d sources.list.d ca-certificates s6 s6-overlay""".split()
)
_ENDINGS = frozenset(
    """.md .txt .rst .adoc .lock .toml .cfg .ini .conf .cnf .yml .yaml .json .jsonc .json5 .xml .properties .env .crt
    .pem .key .asc .gpg .list .sources .repo .pub .cer .der .p12 .pfx .jks .patch .diff .deb .rpm .apk .whl .tgz .gz
    .bz2 .xz .zst .zip .tar .jar .war .so .dll .exe .bin .msi .pkg .tmpl .template .j2 .tpl .example .sample .in .pth
    .pref .preferences .csv .tsv .pdf .png .jpg .svg .ico .ttf .otf .rules .service .socket .desktop .plist .sum .sig
    .sha256 .sha512 .md5 .license .rc .lic .reg .config""".split()
)
_QUIET_NAMES = frozenset(
    """LICENSE LICENCE COPYING NOTICE README CHANGELOG AUTHORS CONTRIBUTORS VERSION MANIFEST.in Makefile.config
    Aptfile Brewfile packages apt-packages htaccess env crontab motd hosts""".split()
)


def is_manifest(path: str) -> bool:
    """Whether a path in the context is a dependency manifest or lock file, or lies in a folder of such.

    Args:
        path: The path; wildcards count by the manifest names that they match.
    """
    name = basename(path)
    fits = _glob_of_manifests(name) if has_wildcard(name) else _is_name(name)
    return fits or any(part in _FOLDERS for part in path.split("/")[:-1])


def _is_name(name: str) -> bool:
    if name in _LITERAL:
        return True
    if not _patterns:
        globs = dict.fromkeys(glob for manager in LANGUAGE_MANAGERS for glob in manager.manifests if has_wildcard(glob))
        _patterns.extend(map(glob_steps, globs))
    if any(run(steps, name) for steps in _patterns):
        return True
    # `dev-requirements.txt`, `requirements.in`.
    stem, _, ending = name.rpartition(".")
    return ending in ("txt", "in", "pip") and ("requirements" in stem or "constraints" in stem)


def _glob_of_manifests(name: str) -> bool:
    if not any(character.isalpha() for character in name):
        return False
    try:
        steps = glob_steps(name)
    except PatternError:
        return False
    if any(run(steps, literal) for literal in _LITERAL):
        return not name.endswith((".js", ".py", ".rb", ".kts", ".exs"))
    plain = name.translate(_NO_WILDCARDS)
    return _is_name(plain) or _is_name(name.replace("*", "x"))


def kind_of(path: str) -> str:
    """What a file of the context is: "manifest", "quiet" (settings, documents, packages) or "source".

    Args:
        path: Its path; wildcards are judged by what they surely are.
    """
    if is_manifest(path):
        return MANIFEST
    name = basename(path)
    if name in _QUIET_NAMES or (name.startswith(".") and "." not in name[1:]) or "config" in name or "sample" in name:
        return QUIET
    dot = name.rfind(".")
    if dot > 0 and name[dot:].lower() in _ENDINGS:
        return QUIET
    return SOURCE


def folder_kind(path: str) -> str:
    """What a folder of the context holds, judged by its name; the context itself holds sources."""
    name = basename(path.rstrip("/"))
    if name in _FOLDERS:
        return MANIFEST
    return QUIET if name in _QUIET_FOLDERS else SOURCE


def brings(instruction: Instruction, source: str) -> set[str]:
    """The kinds of files that a source word of a COPY, ADD or bind mount brings from the context.

    Args:
        instruction: The instruction.
        source: The word, expanded.

    Returns:
        Kinds as of `kind_of`; empty when the context is there and nothing of it is sent.
    """
    path = clean("/" + source)[1:]
    context = instruction.file.context
    found = in_context(context, path) if context is not None else None
    if found is not None:
        return found
    if has_wildcard(path):
        return {kind_of(path)}
    if not path or "." not in basename(path).lstrip("."):
        # A name without an ending is a folder's, most often.
        return {MANIFEST} if is_manifest(path) else {folder_kind(path)}
    return {kind_of(path)}


def brings_manifest(instruction: Instruction, source: str) -> bool:
    """Whether a source word that brings sources brings a manifest or lock file as well.

    Without a context the whole of it does: where there is such a file, it is in there.

    Args:
        instruction: The COPY, ADD or RUN that the word belongs to.
        source: The word, expanded.
    """
    path = clean("/" + source)[1:]
    context = instruction.file.context
    if context is None:
        return not path
    places = ("" if match == "." else match for match in context.glob(path or "."))
    return any(kind_of(each) == MANIFEST for place in places for each in _files(context, place))


def in_context(context: BuildContext, path: str) -> set[str] | None:
    """The kinds of files under a path of the context; None when nothing there is known."""
    matched = context.glob(path or ".")
    if not matched:
        return None
    found: set[str] = set()
    for match in matched:
        for each in _files(context, "" if match == "." else match):
            found.add(kind_of(each))
            if SOURCE in found:
                # What else is there is asked of `brings_manifest`.
                return found
    return found or None


def _files(context: BuildContext, path: str) -> Iterator[str]:
    """The files under a path that are sent, up to a limit; then one more that stands for the rest."""
    start = path + "/" if path else ""
    count = 0
    for file in context.files():
        if file.is_dir or not file.sent or not (file.path == path or file.path.startswith(start)):
            continue
        yield file.path
        count += 1
        if count > MOST_FILES:
            yield "x"
            return
