"""What is wrong with a file that was to steer us: where, and why."""

from __future__ import annotations


class FileError(Exception):
    """A file that cannot be used.

    Args:
        path: The file or folder, or the option of the command line that stands for one.
        line: The line in it, counted from 1; None when there is none to name.
        reason: What is wrong, as one line.
    """

    def __init__(self, path: str, line: int | None, reason: str) -> None:
        super().__init__(f"{path}:{line}: {reason}" if line else f"{path}: {reason}")
        self.path = path
        self.line = line
        self.reason = reason

    @property
    def told(self) -> str:
        """What is wrong, to be read behind the name of the file."""
        return f"line {self.line}: {self.reason}" if self.line else self.reason
