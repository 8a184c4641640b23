"""The `.mat` of LSUN 2015: a cell array `results`, one map an image in the order of the list.

MATLAB 7.3 is HDF5 behind a block of 512 bytes, so maps are written one by one. MATLAB keeps columns
together: a map of (height, width) is stored transposed, and a cell of N x 1 as (1, N) references.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from benchmark_kit.packaging.stores._chunks import add_packed, new_file
from benchmark_kit.packaging.stores.encode import Encoded

USER_BLOCK = 512
# MATLAB writes the date here; a fixed one keeps the bytes the same
HEADER = (
    b"MATLAB 7.3 MAT-file, Platform: GLNXA64, Created on: Thu Jan  1 00:00:00 1970 "
    b"HDF5 schema 1.00 ."
)
VERSION = b"\x00\x02IM"
VARIABLE = "results"


def write_mat73(path: Path, maps: Iterable[Encoded]) -> dict[str, str]:
    """Write maps in the order they come.

    Args:
        path: file to write; one that is there is replaced.
        maps: encoded for store `"mat73"`, in the order of the image list.

    Returns:
        member -> digest of the map (`packaging.encode.digest_of`).

    Raises:
        OSError: the file cannot be written.
    """
    import h5py

    digests = {}
    with new_file(path, userblock_size=USER_BLOCK) as file:
        cells = file.create_group("#refs#")
        references = []
        for one in maps:
            dataset = add_packed(cells, one.member, one.shape, one.dtype, one.data)
            dataset.attrs["MATLAB_class"] = np.bytes_(one.dtype)
            references.append(dataset.ref)
            digests[one.member] = one.pixels
        results = file.create_dataset(
            VARIABLE, (1, len(references)), h5py.ref_dtype, track_times=False
        )
        results[0, :] = references
        results.attrs["MATLAB_class"] = np.bytes_("cell")
    with open(path, "r+b") as raw:
        raw.write(HEADER.ljust(124) + VERSION)
    return digests
