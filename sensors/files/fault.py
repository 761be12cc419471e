"""What is wrong with a file, in one line for a person."""

from __future__ import annotations


class FileError(Exception):
    """A file that cannot be used: one line that names it and says what to do."""


def unreadable(where: object, error: OSError) -> FileError:
    """Give the line for what the system refused."""
    return FileError(f"{where}: {(error.strerror or 'cannot be read').lower()}; check its name and permissions")
