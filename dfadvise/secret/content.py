"""Where the credentials are in the text of a settings file, by the format that its name promises.

Sources: the tools' own documentation of their files, read 2026-11-24.
"""

from __future__ import annotations

from posixpath import basename

from dfadvise.knowledge.manager import words
from dfadvise.knowledge.secret_names import harmless_value, placeholder_value, secret_name
from dfadvise.knowledge.secret_values import PEM_KEYWORD, is_variable
from dfadvise.secret.scan import scan

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_LINES = 5000
_LONGEST_LINE = 4000
# Names of settings that hold a credential, by file; `=` or `:` between name and value.
_SETTINGS = {
    **dict.fromkeys((".npmrc", "npmrc"), words("_authtoken _auth _password")),
    **dict.fromkeys((".yarnrc.yml", ".yarnrc"), words("npmauthtoken npmauthident _authtoken")),
    **dict.fromkeys((".pypirc", ".my.cnf", ".s3cfg", ".boto"), words("password secret_key gs_oauth2_refresh_token")),
    **dict.fromkeys(("pip.conf", "pip.ini", ".git-credentials"), frozenset[str]()),  # in their URLs
    **dict.fromkeys(("credentials.toml", ".terraformrc", "terraform.rc"), words("token")),
    **dict.fromkeys(("kubeconfig", "config"), words("token client-key-data password")),
}
_CLOUD = words("aws_secret_access_key aws_session_token aws_access_key_id gs_secret_access_key token rubygems_api_key")
_JSON = words("auth identitytoken password private_key refresh_token client_secret secret token access_token api_key")
_XML = words("password passphrase master")


def slots(path: str, text: str) -> list[tuple[int, int]] | None:
    """Where credentials stand in a file.

    Args:
        path: Its path; the name says what format it has.
        text: Its text; what stands for a variable counts as text.

    Returns:
        The places of the values; None where the format is not known.
    """
    name = basename(path.rstrip("/")).lower()
    if name in (".netrc", "_netrc"):
        return list(_netrc(text))
    if name == ".env" or name == ".envrc" or name.startswith(".env."):
        return [(start, end) for key, start, end in _pairs(text, "=") if secret_name(key) in ("exact", "word")]
    if name in (".pgpass", ".htpasswd"):
        return list(_last_fields(text, 5 if name == ".pgpass" else 2))
    if name == "credentials":
        return [(start, end) for key, start, end in _pairs(text, "=:") if key.lower().lstrip(":") in _CLOUD]
    if name.endswith((".json", ".dockercfg", ".dockerconfigjson")):
        return list(_json(text, hosts=name == "auth.json"))
    if name.endswith(".xml") or name == "nuget.config":
        return list(_xml(text))
    wanted = _SETTINGS.get(name)
    if wanted is None:
        return None
    return [(start, end) for key, start, end in _pairs(text, "=:") if _last_part(key) in wanted]


def holds_secret(path: str, text: str) -> bool | None:
    """Whether the text of a file holds a credential.

    Args:
        path: Its path.
        text: Its text.

    Returns:
        None where neither name nor text tell.
    """
    if any(each.worth == "secret" for each in scan(text)):
        return True
    found = slots(path, text)
    if found is not None:
        return any(is_credential(text[start:end]) for start, end in found)
    if "-----BEGIN " in text:
        return PEM_KEYWORD in text
    return None if text.strip() and not _is_reference(text) else False


def settings(text: str) -> Iterator[tuple[str, int, int]]:
    """The settings of a text in whatever format: a name, and the place of its value, which has no blanks."""
    for name, start, end in _pairs(text, "=:"):
        if end > start and not any(char in text[start:end] for char in " \t()"):
            yield name, start, end


def is_credential(value: str) -> bool:
    """Whether a value in a settings file is one, and not a reference, a stand-in or a switch."""
    value = value.strip()
    return bool(value) and not _is_reference(value) and not placeholder_value(value) and not harmless_value("", value)


def _is_reference(value: str) -> bool:
    return is_variable(value) and len(value) < 200


def _last_part(key: str) -> str:
    """`//registry.example.com/:_authToken` and `password` by their last part, in lower case."""
    return key.rpartition(":")[2].strip().strip("\"'- ").lower()


def _lines(text: str) -> Iterator[tuple[int, str]]:
    at = 0
    for count, line in enumerate(text.splitlines(keepends=True)):
        if count >= _MOST_LINES:
            return
        if len(line) <= _LONGEST_LINE:
            yield at, line
        at += len(line)


def _pairs(text: str, separators: str) -> Iterator[tuple[str, int, int]]:
    """Names and the places of their values, a line each; comments are left out."""
    for at, line in _lines(text):
        if line.lstrip().startswith(("#", ";", "//#")):
            continue
        # npm's keys hold colons, so the equals sign goes first.
        cut = line.find("=")
        if cut < 0 and ":" in separators:
            cut = line.find(": ")
        if cut <= 0:
            continue
        value = line[cut + 1 :].strip().strip("\"'")
        start = at + line.index(value, cut + 1) if value else at + cut + 1
        yield line[:cut].strip().removeprefix("export ").strip(), start, start + len(value)


def _netrc(text: str) -> Iterator[tuple[int, int]]:
    at = 0
    wanted = False
    for word in text.split():
        at = text.index(word, at)
        if wanted:
            yield at, at + len(word)
        wanted = word == "password"
        at += len(word)


def _last_fields(text: str, count: int) -> Iterator[tuple[int, int]]:
    for at, line in _lines(text):
        fields = line.strip().split(":")
        if len(fields) >= count and not line.lstrip().startswith("#"):
            start = at + line.rindex(fields[-1])
            yield start, start + len(fields[-1])


def _json(text: str, hosts: bool) -> Iterator[tuple[int, int]]:
    at = 0
    while (at := text.find('"', at)) >= 0:
        end = _string_end(text, at)
        key = text[at + 1 : end - 1]
        rest = end
        while rest < len(text) and rest < end + 20 and text[rest] in " \t\r\n:":
            rest += 1
        if ":" in text[end:rest] and text[rest : rest + 1] == '"':
            last = _string_end(text, rest)
            if key.lower() in _JSON or (hosts and "." in key):
                yield rest + 1, max(rest + 1, last - 1)
            at = last
        else:
            at = end


def _string_end(text: str, start: int) -> int:
    at = start + 1
    while at < len(text) and text[at] != '"':
        at += 2 if text[at] == "\\" else 1
    return min(at + 1, len(text))


def _xml(text: str) -> Iterator[tuple[int, int]]:
    lower = text.lower()
    for tag in _XML:
        opening, at = f"<{tag}>", 0
        while (at := lower.find(opening, at)) >= 0:
            start = at + len(opening)
            end = lower.find("<", start)
            end = len(text) if end < 0 else end
            yield start, end
            at = end
    at = 0
    while (at := lower.find("password", at)) >= 0:
        at += len("password")
        value = lower.find('value="', at, at + 40)
        if value >= 0:
            start = value + len('value="')
            end = text.find('"', start)
            yield start, len(text) if end < 0 else end
