"""What operating systems, archivers and editors leave among the files of people."""

from __future__ import annotations

NAMES = frozenset({"__macosx", ".ds_store", ".svn", ".git", "thumbs.db", "desktop.ini"})


def is_leftover(name: str) -> bool:
    """Whether a file or folder of this name, without its path, is one."""
    return name.lower() in NAMES or name.startswith("._")
