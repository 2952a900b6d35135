"""All tables: they import nothing heavy, and say nothing of strange text."""

import subprocess
import sys

import pytest

from dfadvise.knowledge import frontend, secret_names
from dfadvise.knowledge.base_images import (
    smaller_sibling,
)
from dfadvise.knowledge.hosts import dead_host, vulnerable
from dfadvise.knowledge.language_managers import (
    LANGUAGE_MANAGERS,
    language_use,
)
from dfadvise.knowledge.package_managers import (
    system_use,
)
from dfadvise.knowledge.support import Support, retired, supports

BY_NAME = {manager.name: manager for manager in LANGUAGE_MANAGERS}


def support_end(name: str, tag: str | None) -> Support | None:
    """The first support to end below an image; None when none is known to end."""
    found = [each for each in supports(name, tag) if each.end is not None]
    return min(found, key=lambda each: each.end or "") if found else None


def test_the_tables_import_nothing_heavy() -> None:
    code = (
        "import sys; import dfadvise.knowledge.lists, dfadvise.knowledge.support, dfadvise.knowledge.base_programs,"
        " dfadvise.knowledge.ecosystems, dfadvise.knowledge.frontend, dfadvise.knowledge.secret_files,"
        " dfadvise.knowledge.secret_names, dfadvise.knowledge.official, dfadvise.knowledge.pins,"
        " dfadvise.knowledge.language_managers, dfadvise.knowledge.base_images;"
        "heavy = {'re', 'typing', 'json', 'enum', 'dataclasses', 'datetime', 'collections'};"
        "print(*heavy & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True, cwd=_root(), check=True)
    assert done.stdout.strip() == ""


def _root() -> str:
    import dfadvise

    return dfadvise.__file__.rpartition("dfadvise")[0]


@pytest.mark.parametrize("text", ["\0", "é", "-" * 10_000, "a" * 100_000, "*" * 1000, "_" * 10_000])
def test_strange_text_is_only_not_known(text: str) -> None:
    assert smaller_sibling(text, text) is None
    assert support_end("python", text) is None
    assert retired(text, text) is None
    assert secret_names.secret_name(text) is None
    assert system_use([text, text]) is None
    assert system_use(["apt-get", text]) is None
    assert language_use(["npm", text]) is None
    assert vulnerable(text) is None
    assert dead_host(text) is None
    assert frontend.frontend_version(text) is None
