"""Expansion of Dockerfile words, for everybody: see `dfadvise.syntax.words`."""

from dfadvise.syntax.words import Expansion, WordError, expand, process, split

__all__ = ["Expansion", "WordError", "expand", "process", "split"]
