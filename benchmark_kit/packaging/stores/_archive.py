"""A zip whose bytes depend on nothing but its members: fixed times, rights and order.

Members are only stored: PNG and JPEG do not shrink, and text asks for `deflated`. There are no
directory entries; a member's path makes its folder.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from benchmark_kit.containers.zipped import new_zip
from benchmark_kit.packaging.stores.store import Encoded

FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can say
RIGHTS = 0o100644 << 16
UNIX = 3


def write_archive(path: Path, maps: Iterable[Encoded]) -> dict[str, str]:
    """Write maps as members, in the order they come.

    Args:
        path: file to write; one that is there is replaced.
        maps: encoded maps, in order of their members.

    Returns:
        member -> SHA-256 of its bytes.

    Raises:
        OSError: the file cannot be written.
    """
    digests = {}
    with new_zip(path) as archive:
        for one in maps:
            archive.writestr(_info(one.member), one.data)
            digests[one.member] = hashlib.sha256(one.data).hexdigest()
    return digests


@contextmanager
def text_member(archive: zipfile.ZipFile, member: str) -> Iterator[IO[bytes]]:
    """A deflated member that is written piece by piece."""
    info = _info(member)
    info.compress_type = zipfile.ZIP_DEFLATED
    with archive.open(info, "w", force_zip64=True) as file:
        yield file


def _info(member: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(member, FIRST_DAY)
    info.external_attr = RIGHTS
    info.create_system = UNIX
    return info
