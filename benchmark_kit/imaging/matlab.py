"""Reading MATLAB files, version 4 to 7.3, into one kind of value.

Up to version 7 a file is read by scipy, version 7.3 (an HDF5 file) by h5py; both give the same:

    numbers, logicals   array of the MATLAB shape (h5py sees it transposed)
    char                array of one string
    cell                object array of the MATLAB shape
    struct              structured array of the MATLAB shape, every field an object

Nothing is squeezed: a worker with one point stays a 1 x 2 array. MATLAB stores doubles in the
smallest integer type that holds them and readers hand that type on (`uint16(0) - 1` is 65535), so
`numbers` casts to float64 before anybody subtracts. Links of an HDF5 file are never followed.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark_kit.containers.damage import DamagedFile, most_unpacked
from benchmark_kit.containers.hdf5 import is_hdf5 as _is_hdf5
from benchmark_kit.containers.hdf5 import open_hdf5, own_member, read_values

if TYPE_CHECKING:
    import h5py
    import numpy as np

DEEPEST = 16  # cells in structs in cells; a deeper nest is a loop of references
LEAST_NODE = 64  # bytes of a file that an array takes, as references count it; HDF5 takes 200
FEW_NODES = 4096  # arrays that any file may lead to
MOST_DENSE = 2**26  # values of a sparse array that is written out


class MatFileError(ValueError):
    """A MATLAB file that cannot be read or lacks what was expected; the message names no path."""


def load_mat(path: Path, most_bytes: int | None = None) -> dict[str, Any]:
    """All variables of a MATLAB file.

    Args:
        path: the file.
        most_bytes: that it may unpack to; None: what its size explains.

    Raises:
        MatFileError: not a MATLAB file, damaged, with links to other files, or too large.
    """
    from benchmark_kit.containers.mat5 import load_classic

    try:
        if _is_hdf5(path):
            return _load_hdf5(path, most_bytes)
        return load_classic(path, most_bytes)
    except DamagedFile as error:
        raise MatFileError(error.reason) from error


def load_variable(path: Path, name: str) -> Any:
    """One variable of a MATLAB file.

    Raises:
        MatFileError: as `load_mat`, or there is no such variable.
    """
    variables = load_mat(path)
    if name not in variables:
        found = ", ".join(sorted(variables)) or "none"
        raise MatFileError(f"no variable {name!r} in it; variables found: {found}")
    return variables[name]


def is_hdf5(path: Path) -> bool:
    """Whether a file is HDF5, which a MATLAB file of version 7.3 is.

    Raises:
        MatFileError: it cannot be opened.
    """
    try:
        return _is_hdf5(path)
    except DamagedFile as error:
        raise MatFileError(error.reason) from error


def stored_numbers(value: Any) -> np.ndarray:
    """A numeric or logical value in the type it was stored in; sparse becomes dense.

    Raises:
        MatFileError: the value is text, a cell, a struct or complex, or a huge sparse array.
    """
    import numpy as np

    if hasattr(value, "toarray") and value.shape[0] * value.shape[1] > MOST_DENSE:
        raise MatFileError(f"a sparse array of {value.shape[0]} x {value.shape[1]} values")
    array = np.asarray(value.toarray() if hasattr(value, "toarray") else value)
    if array.dtype.kind not in "biuf":
        raise MatFileError(f"numbers expected, found {describe(value)}")
    return array


def numbers(value: Any) -> np.ndarray:
    """A numeric value as float64, whatever integer type it was stored in.

    Raises:
        MatFileError: the value is text, a cell, a struct or complex.
    """
    return stored_numbers(value).astype("float64")


def points(value: Any, columns: int = 2) -> np.ndarray:
    """A table of at least `columns` numbers a row, float64; an empty one is (0, columns).

    Raises:
        MatFileError: not such a table.
    """
    import numpy as np

    table = numbers(value)
    if table.size == 0:
        return np.empty((0, columns))
    if table.ndim != 2 or table.shape[1] < columns:
        raise MatFileError(f"a table of {columns} columns expected, found shape {table.shape}")
    return table


def text(value: Any) -> str:
    """A char value as a string; MATLAB's empty char is an empty string.

    Raises:
        MatFileError: the value is not text.
    """
    import numpy as np

    array = np.asarray(value)
    if array.size == 0:
        return ""
    if array.dtype.kind != "U" or array.size != 1:
        raise MatFileError(f"text expected, found {describe(value)}")
    return str(array.reshape(-1)[0])


def items(value: Any) -> list[Any]:
    """The elements of a cell or of a struct array in MATLAB's order; empty gives an empty list.

    Raises:
        MatFileError: neither a cell nor a struct array.
    """
    import numpy as np

    array = np.asarray(value)
    if array.size == 0:
        return []
    if array.dtype != object and not array.dtype.names:
        raise MatFileError(f"a cell or struct expected, found {describe(value)}")
    return list(array.reshape(-1, order="F"))


def field(struct: Any, name: str) -> Any:
    """A field of a struct: of one element, or of a 1 x 1 struct array.

    Raises:
        MatFileError: no struct, several elements, or no such field.
    """
    import numpy as np

    names = getattr(getattr(struct, "dtype", None), "names", None)
    if not names or name not in names:
        raise MatFileError(f"a struct with the field {name!r} expected, found {describe(struct)}")
    if isinstance(struct, np.ndarray):
        if struct.size != 1:
            raise MatFileError(f"one struct expected, found {struct.size}")
        struct = struct.reshape(-1)[0]
    return struct[name]


def describe(value: Any) -> str:
    """What a value is, in words for a message."""
    dtype, shape = getattr(value, "dtype", None), getattr(value, "shape", ())
    if dtype is None:
        return type(value).__name__
    if dtype.names:
        return f"a struct with the fields {', '.join(dtype.names)}"
    kind = {"O": "a cell", "U": "text", "c": "complex numbers"}.get(dtype.kind, "numbers")
    return f"{kind} of shape {shape}"


class _Budget:
    """Bytes and arrays that a file of references may still bring about."""

    def __init__(self, most_bytes: int, most_nodes: int):
        self.bytes, self.nodes = most_bytes, most_nodes

    def take(self, node: h5py.Dataset) -> None:
        self.nodes -= 1
        if self.nodes < 0:
            raise ValueError("references lead to more arrays than a file of this size can hold")
        self.bytes -= 0 if node.shape is None else node.size * max(1, node.dtype.itemsize)


def _load_hdf5(path: Path, most_bytes: int | None) -> dict[str, Any]:
    size = path.stat().st_size
    limit = most_unpacked(size) if most_bytes is None else most_bytes
    budget = _Budget(limit, FEW_NODES + size // LEAST_NODE)
    with open_hdf5(path) as file:
        return {
            name: _from_hdf5(file, own_member(file, name), 0, budget)
            for name in file
            if not name.startswith("#")  # #refs# holds the cells' contents
        }


def _from_hdf5(
    file: h5py.File, node: h5py.Group | h5py.Dataset, depth: int, budget: _Budget
) -> Any:
    import h5py
    import numpy as np

    if depth > DEEPEST:
        raise ValueError(f"values nested more than {DEEPEST} deep")
    if isinstance(node, h5py.Group):
        return _struct_from_hdf5(file, node, depth, budget)
    values = read_values(node, budget.bytes)
    budget.take(node)
    matlab_class = node.attrs.get("MATLAB_class", b"")
    if node.attrs.get("MATLAB_empty", 0):
        shape = tuple(int(length) for length in values.reshape(-1)[:2])
        return np.empty(shape if 0 in shape else (0, 0))
    values = values.T
    if node.dtype.kind == "O":
        cell = np.empty(values.shape, dtype=object)
        for place, reference in np.ndenumerate(values):
            if not isinstance(reference, h5py.Reference):
                raise ValueError("its values are not laid out as MATLAB 7.3 does")
            cell[place] = _from_hdf5(file, file[reference], depth + 1, budget)
        return cell
    if matlab_class in (b"char", "char"):
        return np.array(["".join(map(chr, values.reshape(-1)))])
    return values


def _struct_from_hdf5(
    file: h5py.File, group: h5py.Group, depth: int, budget: _Budget
) -> np.ndarray:
    """A 1 x 1 struct holds values by name, a struct array a table of references a field."""
    import h5py
    import numpy as np

    names = list(group)
    nodes = {name: own_member(group, name) for name in names}
    values = {name: _from_hdf5(file, node, depth + 1, budget) for name, node in nodes.items()}
    is_array = all(
        isinstance(node, h5py.Dataset)
        and node.dtype.kind == "O"
        and "MATLAB_class" not in node.attrs  # a cell as a field has it, a field's table has not
        for node in nodes.values()
    )
    shape = values[names[0]].shape if is_array and names else (1, 1)
    struct = np.empty(shape, dtype=[(name, object) for name in names])
    for name in names:
        if is_array and values[name].shape != shape:
            raise ValueError("a struct array whose fields differ in number")
        for place in np.ndindex(shape):
            struct[name][place] = values[name][place] if is_array else values[name]
    return struct
