"""YAML of other tools' files, read without what could make a small text large."""

from __future__ import annotations

import yaml


class _Loader(yaml.SafeLoader):
    """Leaves merge keys (`<<`) as they are: merges of merges grow without end."""

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """Merge nothing."""


_Loader.add_constructor("tag:yaml.org,2002:merge", lambda _, node: node.value)


def load(text: str | bytes) -> object:
    """The value of a YAML document: plain data only; an alias is the value that it stands for, not a copy.

    Raises:
        yaml.YAMLError, ValueError, RecursionError: It is none.
    """
    value: object = yaml.load(text, _Loader)
    return value
