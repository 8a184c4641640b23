"""The boards' HDF5 file: one float32 dataset an image, keyed by its stimulus' path with extension.

`i1.jpg`, or `Action/002.jpg` with `Action` as a group; gzip 4 with shuffle, no attributes or links.
float16 is never written: a board sums densities in the stored type, and its steps are too coarse.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from benchmark_kit.packaging.stores._chunks import add_packed, new_file
from benchmark_kit.packaging.stores.encode import Encoded


def write_hdf5(path: Path, maps: Iterable[Encoded]) -> dict[str, str]:
    """Write maps one by one; the bytes depend on nothing but them and their order.

    Args:
        path: file to write; one that is there is replaced.
        maps: encoded for store `"hdf5"`.

    Returns:
        key -> digest of the array (`packaging.encode.digest_of`).

    Raises:
        OSError: the file cannot be written.
    """
    digests = {}
    with new_file(path) as file:
        for one in maps:
            add_packed(file, one.member, one.shape, one.dtype, one.data)
            digests[one.member] = one.pixels
    return digests
