"""`dfadvise init`: a configuration to start from, on request out of one of hadolint's."""

from __future__ import annotations

import os

from dfadvise.commands.options import UsageError
from dfadvise.commands.output import OutputError, complain, deliver, write
from dfadvise.hadolintconfig import carry_over

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dfadvise.commands.options import Arguments

NAME = "dfadvise.toml"
_START = """\
# What dfadvise does here; `dfadvise rules` lists the rules, `dfadvise explain RULE` says what one is about.

# fail-on = "warning"      # the exit status is 1 from this level on: error, warning, info, style or never
# ignore = []              # rules, families or codes that are not wanted here, such as "missing-user" or "DL3008"
# extend-select = []       # rules to add to the default ones
# exclude = []             # paths that are not searched, such as "vendor/**"

# [severity]
# root-user = "error"

# [per-file-ignores]
# "tests/**" = ["packages"]
"""


def run(arguments: Arguments) -> int:
    """Write a configuration.

    Returns:
        0, or 2 when it cannot be written.
    """
    source = arguments.one("from-hadolint")
    text = _START
    remarks: list[str] = []
    if source is not None:
        from dfadvise.commands.rules import load
        from dfadvise.selection import Vocabulary

        rules, problems = load(arguments)
        for line in problems:
            complain(line)
        text, remarks = carry_over(source, Vocabulary(rules))
    path = arguments.one("output") or NAME
    try:
        if path == "-":
            write(text)
        else:
            if os.path.lexists(path) and not arguments.flag("force"):
                raise UsageError(f"{path} is there already: --force replaces it, --output - prints the text")
            deliver(text, path)
    except OutputError as problem:
        raise UsageError(str(problem)) from problem
    for remark in remarks:
        complain(f"{source}: {remark}")
    if path != "-":
        complain(f"{path} is written")
    return 0
