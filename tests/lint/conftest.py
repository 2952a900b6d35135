"""What the tests of `dfadvise lint` share."""

from __future__ import annotations

from pathlib import Path

import pytest

from lint_samples import RULES


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with a configuration that selects the pack's first rule, outside any repository."""
    for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, text in RULES.items():
        path = tmp_path / "pack" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "dfadvise.toml").write_text('rule-packs = ["../pack"]\nselect = ["bad-word"]\n')
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "work"
