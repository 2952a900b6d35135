"""Files that hold secrets, by their names.

Sources: the tools' own documentation of where they keep credentials, read 2026-11-24. Names say what a file usually
holds, not what it holds; "ask" marks those that only their content can tell apart.
"""

from __future__ import annotations

from dfadvise.knowledge.manager import words

# Variables that programs find a file with credentials by. Sources, read 2026-11-24: the AWS CLI user guide, Google's
# google.auth.environment_vars, the huggingface_hub documentation.
POINTING = ("AWS_CONFIG_FILE", "GOOGLE_APPLICATION_CREDENTIALS", "HF_TOKEN_PATH")
# name: (grade, kind)
_EXACT: dict[str, tuple[str, str]] = {
    **dict.fromkeys(
        (".npmrc", ".pypirc", ".netrc", "_netrc", ".git-credentials", ".pgpass", ".dockercfg"),
        ("error", "credentials"),
    ),
    "application_default_credentials.json": ("error", "credentials"),
    **dict.fromkeys(
        words(
            ".my.cnf .htpasswd credentials credentials.json client_secret.json kubeconfig"
            " settings-security.xml .terraformrc .vault-token .boto .s3cfg gcp-key.json secret_token.rb"
            " credentials.xml password.txt passwords.txt"
        ),
        ("warning", "credentials"),
    ),
    "auth.json": ("warning", "credentials"),
    "terraform.tfstate": ("warning", "state"),
    ".env": ("warning", "environment file"),
    ".envrc": ("warning", "environment file"),
    **dict.fromkeys(
        # Yarn's documentation has it checked in with the sources; a token in it is the exception.
        (".yarnrc.yml", "nuget.config", "NuGet.config", "NuGet.Config", "pip.conf", "omniauth.rb", "carrierwave.rb"),
        ("ask", "configuration"),
    ),
}
_KEY_NAMES = words("id_rsa id_dsa id_ecdsa id_ed25519 id_ecdsa_sk id_ed25519_sk")
_SUFFIXES: dict[str, tuple[str, str]] = {
    **dict.fromkeys((".pem", ".key", ".p12", ".pfx", ".pkcs12", ".jks", ".ppk"), ("error", "private key")),
    **dict.fromkeys((".keystore", ".kdbx", ".psafe3", ".agilekeychain", ".keychain"), ("warning", "key store")),
    **dict.fromkeys((".private_key", ".ovpn", ".bek", ".tpm", ".fve"), ("warning", "private key")),
    ".secret": ("warning", "secret"),
    ".asc": ("warning", "private key"),
    **dict.fromkeys((".rdp", ".pcap", ".gnucash", ".gnucache", ".mdf", ".sdf", ".cscfg"), ("ask", "data")),
}
# The end of a path: (grade, kind). One ending in `/` stands for the folder and all in it.
_TAILS: tuple[tuple[str, str, str], ...] = (
    (".aws/credentials", "error", "credentials"),
    (".docker/config.json", "error", "credentials"),
    (".kube/config", "error", "credentials"),
    (".config/gcloud/", "error", "credentials"),
    (".m2/settings.xml", "warning", "credentials"),
    (".gem/credentials", "warning", "credentials"),
    (".cargo/credentials", "warning", "credentials"),
    (".cargo/credentials.toml", "warning", "credentials"),
    (".composer/auth.json", "warning", "credentials"),
    (".aws/", "warning", "credentials"),
    (".ssh/", "warning", "private key"),
    (".azure/", "warning", "credentials"),
    (".gnupg/", "warning", "private key"),
    ("run/secrets/", "warning", "secret"),
    (".git/", "ask", "repository"),
)
# Words of a name that say it is public, and words that say it is not, which win.
_PUBLIC_PEM = words(
    "ca cas cacert cacerts cert certs certificate certificates chain fullchain bundle intermediate trust truststore"
    " trusted dhparam dhparams dh csr crl example sample"
)
_PUBLIC_STORE = words("trust truststore trusted cacert cacerts debug")  # debug.keystore has a published password
_PUBLIC_KEY = words("gpg pgp release archive keyring example sample")
_PRIVATE = words("private priv privkey key keys secret secrets")
_PUBLIC_SSH = words("known_hosts authorized_keys config environment rc")
_EXAMPLES = words("example sample template tmpl tpl dist test")
_PUBLIC_SUFFIXES = (".pub", ".crt", ".cer", ".csr", ".crl", ".gpg")
# What is code or text about secrets rather than a secret, below a folder called `secrets`.
_CODE = words(
    "py js jsx ts tsx mjs cjs go rs rb java kt cs php c h cpp hpp swift scala sh md rst html css vue ex exs tf"
)


def secret_file(path: str) -> tuple[str, str] | None:
    """What kind of secret a file's name promises.

    Args:
        path: The path, with `/` or `\\` between folders; a folder may end in `/`.

    Returns:
        The grade ("error", "warning", or "ask" where only the content tells) and the kind of secret; None for
        other files and for what looks public.
    """
    path = path.replace("\\", "/").rstrip("/")
    name = path.rpartition("/")[2]
    if not name or name in (".", ".."):
        return None
    if name.endswith(_PUBLIC_SUFFIXES):
        return None
    tail = _tail(path, name)
    if tail is not None:
        return tail if tail[0] else None
    found = _EXACT.get(name)
    if found is not None:
        return found
    if name in _KEY_NAMES:
        return "error", "private key"
    lower = name.lower()
    if lower.startswith((".env.", ".env-", ".env_")):
        return None if _name_words(lower) & _EXAMPLES else ("warning", "environment file")
    if lower.endswith(".json") and _is_service_account(lower):
        return "warning", "credentials"
    stem, dot, suffix = lower.rpartition(".")
    found = _SUFFIXES.get(dot + suffix) if stem else None
    if found is None or _looks_public(name.rpartition(".")[0], dot + suffix):
        return None
    return found


def is_checked_in(path: str) -> bool:
    """Whether a file in an image is most likely one of a project's sources, whatever else its name may stand for.

    npm has the `.npmrc` of a project checked in, with a variable where the token goes (npm documentation, Docker and
    private modules, read 2026-11-24); that of a user is another matter.

    Args:
        path: The path in the image.
    """
    return path.endswith("/.npmrc") and not path.startswith(("/root/", "/home/"))


def _tail(path: str, name: str) -> tuple[str, str] | None:
    """What the folders say; an empty grade means public."""
    marked = f"/{path}/"
    for tail, grade, kind in _TAILS:
        if tail[-1] != "/":
            if marked.endswith(f"/{tail}/"):
                return grade, kind
        elif f"/{tail}" in marked:
            if tail == ".ssh/":
                if name in _PUBLIC_SSH:
                    return "", ""
                if name in _KEY_NAMES:
                    return "error", kind
            return grade, kind
    if "/secrets/" in marked and name.rpartition(".")[2].lower() not in _CODE:
        return "warning", "secret"
    return None


def _is_service_account(lower: str) -> bool:
    return (
        lower.startswith(("service-account", "service_account", "serviceaccount"))
        or lower.endswith("-sa.json")
        or "firebase-adminsdk" in lower
    )


def _looks_public(stem: str, suffix: str) -> bool:
    parts = _name_words(stem)
    if suffix == ".asc":  # armoured signatures and public keys, unless the name says otherwise
        return parts.isdisjoint(_PRIVATE) or not parts.isdisjoint(("public", "pub"))
    if not parts.isdisjoint(("public", "pub")):
        return True
    if suffix == ".key":
        return not parts.isdisjoint(_PUBLIC_KEY)
    if suffix != ".pem":
        return not parts.isdisjoint(_PUBLIC_STORE)
    if not parts.isdisjoint(_PRIVATE):
        return False
    return not parts.isdisjoint(_PUBLIC_PEM) or any(
        part.endswith("ca") or part.startswith(("cacert", "dhparam", "ffdhe")) or "root" in part for part in parts
    )


def _name_words(name: str) -> frozenset[str]:
    """The words of a file name, in lower case: split at everything but letters and digits, and at capitals."""
    found: list[str] = []
    word = ""
    for letter in name:
        if not letter.isalnum():
            found.append(word)
            word = ""
        elif letter.isupper() and word and not word[-1].isupper():
            found.append(word)
            word = letter
        else:
            word += letter
    found.append(word)
    return frozenset(part.lower() for part in found if part)
