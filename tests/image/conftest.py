"""What the tests of images share."""

from __future__ import annotations

import pytest

from dfadvise.image.reading import analyses_of
from dfadvise.source import Source
from dfadvise.stages import Dockerfile
from image_samples import image


@pytest.fixture
def analysed(tmp_path):
    def run(*layers, dockerfile=None, **options):
        file = Dockerfile(Source(dockerfile)) if dockerfile is not None else None
        found, problems = analyses_of(image(tmp_path / "image.tar", *layers, **options), file=file)
        assert problems == []
        return found[0]

    return run
