"""HDF5 datasets whose one chunk is compressed beforehand: shuffled bytes, deflate level 4.

Compression is what takes the time, and HDF5 does it in the writing process alone; here workers make
the chunk and the writer only copies it. No times are kept, so the same maps give the same bytes.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np

from benchmark_kit.containers.hdf5 import new_hdf5

LEVEL = 4


@contextmanager
def new_file(path: Path, **options: Any) -> Iterator[Any]:
    """A new h5py file, closed at the end; what was written last may fail only then.

    Raises:
        OSError: the file cannot be written.
    """
    file = new_hdf5(path, **options)
    try:
        yield file
    except BaseException:
        with suppress(RuntimeError):  # of a full disk: the first error tells
            file.close()
        raise
    try:
        file.close()
    except RuntimeError as error:
        raise OSError(str(error)) from None


def packed(array: np.ndarray) -> bytes:
    """The array as HDF5's shuffle and gzip filters store it, in one chunk."""
    little = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
    planes = little.reshape(-1).view(np.uint8).reshape(-1, little.dtype.itemsize).T
    return zlib.compress(planes.tobytes(), LEVEL)


def add_packed(group: Any, key: str, shape: tuple[int, ...], dtype: str, data: bytes) -> Any:
    """Make a dataset of an h5py group from what `packed` gave.

    Returns:
        the h5py dataset.
    """
    dataset = group.create_dataset(
        key,
        shape,
        np.dtype(dtype).newbyteorder("<"),
        chunks=shape,
        compression="gzip",
        compression_opts=LEVEL,
        shuffle=True,
        track_times=False,
    )
    dataset.id.write_direct_chunk((0,) * len(shape), data)
    return dataset
