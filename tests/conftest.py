"""What holds for every test: results of earlier runs stay out of the user's own cache."""

import os
import tempfile

import pytest

_held = tempfile.TemporaryDirectory(prefix="dfadvise-tests-")
os.environ["DFADVISE_CACHE_DIR"] = _held.name


@pytest.fixture
def cache(tmp_path_factory, monkeypatch):
    """An empty cache of results for one test."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("DFADVISE_CACHE_DIR", str(folder))
    return folder
