"""A file that is damaged or made to do harm, and how much a file may unpack to.

Libraries answer such files with a dozen kinds of exceptions. Every door of this folder turns them
into `DamagedFile`, which names the file, so that no reader has to know them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmark_kit.errors import InputError, KitError, Problem

FLOOR = 2**28  # bytes that any file may unpack to, however small it is
EXPANSION = 16  # beyond that: bytes a byte of the file; numbers seldom shrink to a tenth
LONGEST_REASON = 200  # characters; some libraries add a page


class DamagedFile(InputError):
    """A file that cannot be read as what it should be.

    Args:
        name: the file, as the user knows it.
        reason: what is wrong, in words.
        fix: what mends it.
    """

    def __init__(self, name: str, reason: str, fix: str = "write or copy the file again"):
        self.name, self.reason, self.fix = name, reason, fix
        problem = Problem("E301", (Path(name).name,), reason, fix=fix)
        super().__init__(f"{name} cannot be read", [problem])

    def __reduce__(self) -> Any:
        return DamagedFile, (self.name, self.reason, self.fix)


@contextmanager
def damage_of(name: str | Path, kind: str) -> Iterator[None]:
    """Inside, whatever a library raises becomes `DamagedFile`; our own errors pass.

    Args:
        name: the file.
        kind: what it should be: `"HDF5 file"`.

    Raises:
        DamagedFile: anything else than a `KitError` was raised.
    """
    try:
        yield
    except KitError:
        raise
    except (FileNotFoundError, PermissionError, IsADirectoryError) as error:
        reason = f"it cannot be opened ({error.strerror})"
        raise DamagedFile(str(name), reason, "check the file and its rights") from None
    except Exception as error:  # there is no end to the kinds that damaged bytes bring about
        raise DamagedFile(str(name), f"not a readable {kind} ({one_line(error)})") from None


def one_line(error: BaseException) -> str:
    """An exception's text in one line; its type where it has none."""
    return " ".join(str(error).split())[:LONGEST_REASON] or type(error).__name__


def most_unpacked(stored: int) -> int:
    """Bytes that a file of `stored` bytes may unpack to."""
    return max(FLOOR, EXPANSION * stored)
