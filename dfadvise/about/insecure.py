"""Where a file switches the check of certificates or of package signatures off: options, variables, settings.

Source: the tools' own manuals, read 2026-11-24. Only a setting that belongs to the very command counts.
"""

from __future__ import annotations

from dfadvise.knowledge.manager import words
from dfadvise.knowledge.options import FALSE, TRUE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.shell import ShellCommand, ShellWord
    from dfadvise.source import Span

CURL, WGET, PIP = ("CKV2_DOCKER_2",), ("CKV2_DOCKER_3",), ("CKV2_DOCKER_4",)
NPM, YUM = ("CKV2_DOCKER_13",), ("CKV2_DOCKER_15",)
_RPM_MANAGERS = words("yum dnf dnf5 microdnf tdnf yum-config-manager dnf-config-manager")
_LOCAL = ("localhost", "127.", "[::1]", "0.0.0.0")


class Switch:
    """A place that switches a check off.

    Attributes:
        tool: Whose check: "curl", "pip", ...
        text: What does it, for people to read.
        words: The words that say it, the place to report.
        letter: The option's letter when it stands in a bundle (`-fkL`); else empty.
        codes: What other tools call it.
        key: What a later setting would name to switch it on again; empty when it ends with the command.
    """

    __slots__ = ("codes", "key", "letter", "text", "tool", "words")

    def __init__(
        self,
        tool: str,
        text: str,
        words: list[ShellWord],
        codes: tuple[str, ...] = (),
        key: str = "",
        letter: str = "",
    ) -> None:
        self.tool = tool
        self.text = text
        self.words = words
        self.codes = codes
        self.key = key
        self.letter = letter

    def __repr__(self) -> str:
        return f"Switch({self.tool}: {self.text})"

    @property
    def span(self) -> Span:
        """From the first to the last word."""
        return self.words[0].span.to(self.words[-1].span)


def tls_off(command: ShellCommand) -> list[Switch]:
    """What in a command switches the check of certificates off.

    Args:
        command: Any command.
    """
    program = command.program or ""
    reader = _TLS.get(program)
    if reader is None:
        if not program.startswith(("pip", "python")):
            return []
        reader = _pip
    return list(reader(command))


def tls_off_by_variable(name: str, value: str | None) -> tuple[str, tuple[str, ...]] | None:
    """Whether a variable switches the check of certificates off.

    Args:
        name: The variable's name.
        value: Its value; None when it is not known.

    Returns:
        The tool and what other tools call it; None when it does not.
    """
    if name == "GIT_SSL_NO_VERIFY":
        return "git", ("CKV2_DOCKER_14",)  # whatever its value
    if name in ("PIP_TRUSTED_HOST", "UV_INSECURE_HOST"):
        return ("pip" if name[0] == "P" else "uv", ("CKV2_DOCKER_16",) if name[0] == "P" else ()) if value else None
    if value is None:
        return None
    if name == "PYTHONHTTPSVERIFY":
        return ("Python", ("CKV2_DOCKER_5",)) if value == "0" else None
    if name == "NODE_TLS_REJECT_UNAUTHORIZED":
        return ("Node.js", ("CKV2_DOCKER_6",)) if value == "0" else None
    if name.lower() == "npm_config_strict_ssl":
        return ("npm", ("CKV2_DOCKER_12",)) if value == "false" else None
    if name in ("YARN_STRICT_SSL", "YARN_ENABLE_STRICT_SSL", "CONDA_SSL_VERIFY"):
        return (name.partition("_")[0].lower(), ()) if value.lower() in FALSE else None
    return None


def _curl(command: ShellCommand) -> Iterator[Switch]:
    if _asks_itself(command):
        return
    word = command.flag("--insecure", "-k")
    if word is not None:
        bundled = word.partial not in ("-k", "--insecure")
        yield Switch("curl", "-k" if bundled else word.partial, [word], CURL, letter="k" if bundled else "")


def _wget(command: ShellCommand) -> Iterator[Switch]:
    word = command.flag("--no-check-certificate")
    if word is not None and not _asks_itself(command):
        yield Switch("wget", "--no-check-certificate", [word], WGET)
    for option, value in command.option_words("--check-certificate"):
        if (value or "").lower() in FALSE:
            yield Switch(command.program or "", f"{option.partial}", [option])


def _asks_itself(command: ShellCommand) -> bool:
    """Whether every URL of a command is one of this machine."""
    urls = [word.partial for word in command.words[1:] if "://" in word.partial]
    return bool(urls) and all(url.partition("://")[2].startswith(_LOCAL) for url in urls)


def _pip(command: ShellCommand) -> Iterator[Switch]:
    found = list(_valued(command, ("--trusted-host",)))
    if found:
        yield Switch("pip", "--trusted-host", [word for group in found for word in group], PIP)
    texts = [word.partial for word in command.words]
    if "config" in texts and "set" in texts:
        for word in command.words:
            if word.partial.endswith("trusted-host") and not word.is_flag:
                yield Switch("pip", "trusted-host", [word], PIP, key="trusted-host")


def _uv(command: ShellCommand) -> Iterator[Switch]:
    found = list(_valued(command, ("--allow-insecure-host", "--trusted-host")))
    if found:
        yield Switch("uv", found[0][0].partial.partition("=")[0], [word for group in found for word in group])


def _valued(command: ShellCommand, names: tuple[str, ...]) -> Iterator[list[ShellWord]]:
    """The words of each use of options that take a value."""
    for place, word in enumerate(command.words):
        if word.partial in names:
            yield command.words[place : place + 2]
        elif word.partial.startswith(tuple(name + "=" for name in names)):
            yield [word]


def _node(command: ShellCommand) -> Iterator[Switch]:
    """npm, yarn and pnpm: `config set strict-ssl false` in any spelling, and the option."""
    program = command.program or ""
    operands = command.operands
    texts = [word.partial for word in operands]
    verb = 1 if texts[:1] and texts[0] in ("config", "c") else 0
    if texts[verb : verb + 1] == ["set"]:
        rest = operands[verb + 1 :]
        for place, word in enumerate(rest):
            key, equals, value = word.partial.partition("=")
            if key.lower() not in ("strict-ssl", "enablestrictssl"):
                continue
            if not equals and place + 1 < len(rest):
                value = rest[place + 1].partial
            if value.lower() == "false":
                last = word if equals else rest[place + 1]
                yield Switch(program, f"{key} false", [word, last] if last is not word else [word], NPM, key=key)
    for word in command.words[1:]:
        if word.partial in ("--strict-ssl=false", "--no-strict-ssl"):
            yield Switch(program, word.partial, [word])


def _git(command: ShellCommand) -> Iterator[Switch]:
    found = command.words
    for place, word in enumerate(found):
        name, equals, value = word.partial.partition("=")
        if name.lower().rpartition(".")[2] != "sslverify" or not name.lower().startswith("http."):
            continue
        if equals:
            if value.lower() in FALSE:
                before = found[place - 1]
                option = [before, word] if before.partial in ("-c", "--config") else [word]
                yield Switch("git", f"{name}={value}", option)
        elif place + 1 < len(found) and found[place + 1].partial.lower() in FALSE:
            lasting = command.has_flag("--global", "--system")
            text = f"{name} {found[place + 1].partial}"
            yield Switch("git", text, [word, found[place + 1]], key="sslverify" if lasting else "")


def _yum(command: ShellCommand) -> Iterator[Switch]:
    program = command.program or ""
    managing = "config-manager" in program or any(word.partial == "config-manager" for word in command.operands[:1])
    for group in _valued(command, ("--setopt",)):
        setting = group[-1].partial.removeprefix("--setopt=")
        name, _, value = setting.partition("=")
        if name.rpartition(".")[2] == "sslverify" and value.lower() in FALSE:
            lasting = managing and command.has_flag("--save")
            yield Switch(
                program.partition("-")[0], setting, group, YUM if managing else (), key="sslverify" if lasting else ""
            )


def _apt(command: ShellCommand) -> Iterator[Switch]:
    for group in _options(command):
        name, _, value = group[-1].partial.removeprefix("-o").partition("=")
        lower = name.strip().lower()
        verifying = lower.startswith("acquire::") and lower.endswith(("::verify-peer", "::verify-host"))
        if verifying and value.strip('"').lower() in FALSE:
            yield Switch("apt", f"{name.strip()}={value}", group)


def _options(command: ShellCommand) -> Iterator[list[ShellWord]]:
    """The `-o Name=value` options of apt, each with all its words."""
    for place, word in enumerate(command.words):
        if word.partial in ("-o", "--option"):
            yield command.words[place : place + 2]
        elif word.partial.startswith(("-o", "--option=")) and "::" in word.partial:
            yield [word]


def _conda(command: ShellCommand) -> Iterator[Switch]:
    texts = [word.partial.lower() for word in command.words]
    for place, text in enumerate(texts):
        if text == "ssl_verify" and texts[place + 1 : place + 2] and texts[place + 1] in FALSE:
            yield Switch("conda", "ssl_verify false", command.words[place : place + 2], key="ssl_verify")
        elif text in ("--insecure", "-k") and "install" in texts:
            yield Switch("conda", text, [command.words[place]])


_TLS = {
    "curl": _curl,
    "wget": _wget,
    "wget2": _wget,
    "aria2c": _wget,
    "uv": _uv,
    "git": _git,
    **dict.fromkeys(("npm", "npx", "pnpm", "yarn", "yarnpkg"), _node),
    **dict.fromkeys(_RPM_MANAGERS, _yum),
    **dict.fromkeys(("apt-get", "apt", "aptitude"), _apt),
    **dict.fromkeys(("conda", "mamba", "micromamba"), _conda),
}


def signature_off(command: ShellCommand) -> list[Switch]:
    """What in a command switches the check of package signatures off.

    Args:
        command: Any command.
    """
    program = command.program or ""
    if program == "apk":
        return _flags(command, ("--allow-untrusted",), ("CKV2_DOCKER_7",))
    if program in ("apt-get", "apt", "aptitude"):
        found = _flags(command, ("--allow-unauthenticated",), ("CKV2_DOCKER_8",))
        found += _flags(command, ("--force-yes",), ("CKV2_DOCKER_11",))
        found += _flags(command, ("--allow-insecure-repositories",), ())
        for group in _options(command):
            name, _, value = group[-1].partial.removeprefix("-o").partition("=")
            if name.strip().lower() in _APT_SETTINGS and value.lower() in TRUE:
                found.append(Switch("apt", f"{name.strip()}={value}", group))
        return found
    if program in _RPM_MANAGERS:
        found = _flags(command, ("--nogpgcheck", "--no-gpgchecks", "--no-gpg-checks"), ("CKV2_DOCKER_9",))
        for group in _valued(command, ("--setopt",)):
            name, _, value = group[-1].partial.removeprefix("--setopt=").partition("=")
            if name.rpartition(".")[2] == "gpgcheck" and value.lower() in FALSE:
                found.append(Switch(program, f"{name}={value}", group))
        return found
    if program == "zypper":
        found = _flags(command, ("--no-gpg-checks", "--allow-unsigned-rpm"), ())
        return found + never_checked(command)
    if program == "rpm":
        names = ("--nodigest", "--nosignature", "--noverify", "--nofiledigest")
        return _flags(command, names, ("CKV2_DOCKER_10",))
    return []


_ZYPPER_REPOSITORIES = frozenset(("addrepo", "ar", "modifyrepo", "mr"))
_DISKS = ("/", "./", "file:", "dir:", "iso:", "hd:", "cd:", "dvd:")
# Letters of options that take what follows in their bundle as their value.
_ZYPPER_VALUED = "rtnpm"


def never_checked(command: ShellCommand) -> list[Switch]:
    """What makes zypper check a repository's packages neither now nor later; one on a disk needs no signature.

    Args:
        command: A command of zypper.
    """
    if command.subcommand not in _ZYPPER_REPOSITORIES:
        return []
    texts = [word.partial for word in command.targets]
    if any(text.startswith(_DISKS) and not text.endswith(".repo") for text in texts):
        return []
    found = _flags(command, ("-G", "--no-gpgcheck", "--no-gpgchecks"), ())
    for word in command.words[1:]:
        if word.partial == "--":
            break
        bundle = word.text or ""
        if len(bundle) > 2 and bundle[0] == "-" and bundle[1:].isalpha():
            letters = bundle[1:].partition("G")[0]
            if "G" in bundle and not any(letter in _ZYPPER_VALUED for letter in letters):
                found.append(Switch("zypper", "-G", [word], letter="G"))
    return found


_APT_SETTINGS = words(
    "apt::get::allowunauthenticated acquire::allowinsecurerepositories acquire::allowweakrepositories"
    " acquire::allowdowngradetoinsecurerepositories"
)


def _flags(command: ShellCommand, names: tuple[str, ...], codes: tuple[str, ...]) -> list[Switch]:
    found = []
    for word in command.words[1:]:
        if word.partial == "--":
            break
        name, _, value = word.partial.partition("=")
        if name in names and value.lower() not in FALSE:
            found.append(Switch(command.program or "", name, [word], codes))
    return found
