"""HDF5 files: opened, walked and read without following links or reserving what a header claims.

Before a dataset is read its size, its chunks and its filters are looked at: a chunk of a few
kilobytes may unpack to gigabytes, filters that HDF5 does not bring along are programs of others,
and external or virtual datasets lie in other files.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark_kit.containers._rehearsal import rehearse
from benchmark_kit.containers.damage import damage_of, most_unpacked

if TYPE_CHECKING:
    import h5py
    import numpy as np

SIGNATURE = b"\x89HDF\r\n\x1a\n"
SIGNATURE_PLACES = (0, 512, 1024, 2048)  # a file may begin after a user block
DEFLATE, SHUFFLE, FLETCHER32, LZF = 1, 2, 3, 32000
FILTERS = {DEFLATE, SHUFFLE, FLETCHER32, LZF, 4, 5, 6}  # and SZIP, N-bit, scale-offset
PLAIN = {DEFLATE, SHUFFLE, FLETCHER32}
LARGEST_CHUNK = 2**26  # bytes, unless the values themselves are more
SAFE_CHUNK = 2**18  # stored bytes, which deflate unpacks to 256 MB at most
MOST_TEXTS = 2**22
DEEPEST = 64  # groups in groups


def is_hdf5(path: Path) -> bool:
    """Whether a file is HDF5, which a MATLAB file of version 7.3 is.

    Raises:
        DamagedFile: it cannot be opened.
    """
    with damage_of(path, "file"), open(path, "rb") as file:
        for place in SIGNATURE_PLACES:
            file.seek(place)
            if file.read(len(SIGNATURE)) == SIGNATURE:
                return True
    return False


@contextmanager
def open_hdf5(path: Path, *, rehearsed: bool = False) -> Iterator[h5py.File]:
    """A file to read; errors inside are turned as well.

    Args:
        path: the file.
        rehearsed: it was opened before, by a process that sent this one.

    Raises:
        DamagedFile: no HDF5 file, a damaged one, or whatever goes wrong inside.
    """
    import h5py

    with damage_of(path, "HDF5 file"):
        if not rehearsed:
            rehearse(path)
        with h5py.File(path, "r") as file:
            yield file


def new_hdf5(path: Path, **options: Any) -> h5py.File:
    """A file to write."""
    import h5py

    return h5py.File(path, "w", **options)


def own_member(group: h5py.Group, name: str) -> h5py.Group | h5py.Dataset:
    """A member of a group that lies in it: every step of its path is looked at.

    Raises:
        ValueError: missing, a link, or values in another file.
    """
    import h5py

    node = group
    for step in name.split("/"):
        if not isinstance(node, h5py.Group):
            raise ValueError(f"{name[:60]!r} is missing")
        link = node.get(step, getlink=True)
        if link is None:
            raise ValueError(f"{name[:60]!r} is missing")
        if not isinstance(link, h5py.HardLink):
            raise ValueError(f"{name[:60]!r} is a link to somewhere else, which is not followed")
        node = node[step]
    return node


def members(group: h5py.Group) -> Iterator[tuple[str, h5py.Dataset | None]]:
    """Path and dataset of all that lies below a group; None for what lies elsewhere.

    Raises:
        ValueError: groups nested too deep.
    """
    import h5py

    for path, node in _below(group):
        if node is None or (isinstance(node, h5py.Dataset) and (node.external or node.is_virtual)):
            yield path, None
        elif isinstance(node, h5py.Dataset):
            yield path, node


def _below(group: h5py.Group) -> Iterator[tuple[str, Any]]:
    import h5py

    seen = {hash(group.id)}
    pending = [(group, "", 0)]
    while pending:
        parent, prefix, depth = pending.pop()
        if depth > DEEPEST:
            raise ValueError(f"groups nested more than {DEEPEST} deep")
        for key in parent:
            path = f"{prefix}{key}"
            if not isinstance(parent.get(key, getlink=True), h5py.HardLink):
                yield path, None
                continue
            node = parent[key]
            if isinstance(node, h5py.Group):
                if hash(node.id) in seen:  # a group may hold itself
                    continue
                seen.add(hash(node.id))
                pending.append((node, f"{path}/", depth + 1))
            yield path, node


def touch(file: h5py.File, alive: Callable[[], None]) -> None:
    """Follow everything in a file as readers may, but for the values that plain filters unpack.

    Values that readers refuse by their headers, and those that h5py has no type for, are left out.
    HDF5 may crash or hang here, or take all the memory it is given.

    Args:
        file: the open file.
        alive: called at every step.

    Raises:
        OSError: and other kinds, of what is damaged.
    """
    import h5py

    _touch_attributes(file)
    for _, node in _below(file):
        alive()
        if node is None:
            continue
        _touch_attributes(node)
        if not isinstance(node, h5py.Dataset):
            continue
        try:
            check_values(node)
        except (ValueError, TypeError):
            continue
        if node.dtype.kind in "biuf" and set(_filters(node)) <= PLAIN:
            continue
        values = node[()]
        for one in values.reshape(-1) if _references(node) else ():
            alive()
            with suppress(ValueError):  # a null reference, or values that are not read
                check_values(file[one])


def _touch_attributes(node: Any) -> None:
    for name in node.attrs:
        with suppress(TypeError):
            node.attrs[name]


def read_values(node: h5py.Dataset, most_bytes: int | None = None) -> np.ndarray:
    """All values of a dataset, once its header is believed.

    Args:
        node: the dataset.
        most_bytes: that they may have; None: what the file's size explains.

    Raises:
        ValueError: more than that; chunks or filters that do harm; values in another file.
    """
    import numpy as np

    check_values(node, most_bytes)
    if large := _large_deflated(node):
        values = _unpacked(node)
        if values is not None:
            return values
        _check_deflated(node, large)
    return np.asarray(node[()])


def check_values(node: Any, most_bytes: int | None = None) -> None:
    """Refuse a dataset whose header asks for too much.

    Raises:
        ValueError: as `read_values`.
    """
    import h5py

    if not isinstance(node, h5py.Dataset):
        raise ValueError("a group, where values are expected")
    if node.external or node.is_virtual:
        raise ValueError("its values lie in another file, which is not opened")
    if node.shape is None:
        raise ValueError("no values in it")
    stored = node.file.id.get_filesize()
    limit = most_unpacked(stored) if most_bytes is None else most_bytes
    size = node.size * max(1, node.dtype.itemsize)
    if size > limit:
        raise ValueError(
            f"an array of {node.size} values, {size} bytes, where at most {limit} belong"
        )
    texts = h5py.check_string_dtype(node.dtype)
    if node.dtype.hasobject and (node.size > MOST_TEXTS or not (_references(node) or texts)):
        raise ValueError(f"an array of {node.dtype}")
    if node.chunks is not None:
        _check_chunks(node, max(size, LARGEST_CHUNK))


def _references(node: h5py.Dataset) -> bool:
    import h5py

    return h5py.check_ref_dtype(node.dtype) is not None


def _filters(node: h5py.Dataset) -> list[int]:
    plist = node.id.get_create_plist()
    return [plist.get_filter(k)[0] for k in range(plist.get_nfilters())]


def _chunk_bytes(node: h5py.Dataset) -> int:
    return math.prod(node.chunks) * node.dtype.itemsize


def _chunks(node: h5py.Dataset) -> list[Any]:
    """Place and stored size of every chunk that is there."""
    found: list[Any] = []
    node.id.chunk_iter(found.append)
    return found


def _check_chunks(node: h5py.Dataset, largest: int) -> None:
    length = _chunk_bytes(node)
    if length > largest:
        raise ValueError(f"chunks of {length} bytes for an array of {node.size} values")
    filters = _filters(node)
    if unknown := sorted(set(filters) - FILTERS):
        raise ValueError(f"values packed by the filter {unknown[0]}, which HDF5 does not bring")
    for chunk in _chunks(node) if filters else ():
        if chunk.size > length + length // 8 + 4096:
            raise ValueError(f"a chunk of {chunk.size} bytes that holds {length}")


def _large_deflated(node: h5py.Dataset) -> list[Any]:
    """Chunks that HDF5 would unpack without end, if they were made to do so."""
    if node.chunks is None or DEFLATE not in _filters(node):
        return []
    return [chunk for chunk in _chunks(node) if chunk.size > SAFE_CHUNK]


def _unpacked(node: h5py.Dataset) -> np.ndarray | None:
    """Values of a deflated dataset of plain numbers; None where HDF5 has to read it."""
    import h5py
    import numpy as np

    filters, length = _filters(node), _chunk_bytes(node)
    plain = node.dtype.kind in "biuf" and node.id.get_type().equal(
        h5py.h5t.py_create(node.dtype, logical=True)
    )
    if not plain or filters not in ([DEFLATE], [SHUFFLE, DEFLATE]):
        return None
    values = np.full(node.shape, node.fillvalue, node.dtype)
    for chunk in _chunks(node):
        if chunk.filter_mask:
            return None
        _, packed = node.id.read_direct_chunk(chunk.chunk_offset)
        raw = zlib.decompressobj().decompress(packed, length + 1)
        if len(raw) != length:
            raise ValueError(f"a chunk that does not unpack to the {length} bytes it holds")
        block = np.frombuffer(raw, np.uint8)
        if SHUFFLE in filters:
            block = np.ascontiguousarray(block.reshape(node.dtype.itemsize, -1).T).reshape(-1)
        place = tuple(
            slice(at, min(at + step, side))
            for at, step, side in zip(chunk.chunk_offset, node.chunks, node.shape, strict=True)
        )
        inside = tuple(slice(0, part.stop - part.start) for part in place)
        values[place] = block.view(node.dtype).reshape(node.chunks)[inside]
    return values


def _check_deflated(node: h5py.Dataset, chunks: list[Any]) -> None:
    """Refuse chunks that unpack to more than they hold."""
    length, last = _chunk_bytes(node), _filters(node)[-1]
    for chunk in chunks:
        _, packed = node.id.read_direct_chunk(chunk.chunk_offset)
        if chunk.filter_mask or last not in (DEFLATE, FLETCHER32):
            raise ValueError("chunks whose length cannot be known")
        # 64: checksums that were added before
        if len(zlib.decompressobj().decompress(packed, length + 65)) > length + 64:
            raise ValueError(f"a chunk that unpacks to more than the {length} bytes it holds")
