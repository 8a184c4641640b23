"""The boards' HDF5 file: one float32 dataset an image, keyed by its stimulus' path with extension.

`i1.jpg`, or `Action/002.jpg` with `Action` as a group; gzip 4 with shuffle, no attributes or links.
float16 is never written: a board sums densities in the stored type, and its steps are too coarse.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from benchmark_kit.containers.hdf5 import is_hdf5
from benchmark_kit.maps.sources import hdf5_maps
from benchmark_kit.packaging.stores._chunks import add_packed, new_file, packed
from benchmark_kit.packaging.stores.store import (
    FLOAT_STEP,
    Encoded,
    Form,
    Opened,
    Reader,
    Store,
)

FORM = Form("hdf5", keyed=True)


def write_hdf5(path: Path, maps: Iterable[Encoded]) -> dict[str, str]:
    """Write maps one by one; the bytes depend on nothing but them and their order.

    Args:
        path: file to write; one that is there is replaced.
        maps: encoded for store `"hdf5"`.

    Returns:
        key -> digest of the array (`stores.store.digest_of`).

    Raises:
        OSError: the file cannot be written.
    """
    digests = {}
    with new_file(path) as file:
        for one in maps:
            add_packed(file, one.member, one.shape, one.dtype, one.data)
            digests[one.member] = one.pixels
    return digests


def _encode(stored: np.ndarray) -> tuple[bytes, tuple[int, int], np.ndarray]:
    return packed(stored), (stored.shape[0], stored.shape[1]), stored


STORES = (
    Store(
        name="hdf5",
        dtype=np.float32,
        extensions=(".hdf5", ".h5", ".hdf"),
        encode=_encode,
        member=lambda image, place, model: image.key,
        write=write_hdf5,
        allowed=FLOAT_STEP,
        bytes_a_pixel=2.1,
        reader=Reader(FORM, is_hdf5, lambda path, order: Opened(hdf5_maps(path))),
    ),
)
