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

if TYPE_CHECKING:
    import h5py
    import numpy as np

HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"
SIGNATURE_PLACES = (0, 512, 1024, 2048)  # an HDF5 file may begin after a user block
DEEPEST = 16  # cells in structs in cells; a deeper nest is a loop of references
MOST_VALUES = 2**30  # in one array; more is a damaged header or an attack


class MatFileError(ValueError):
    """A MATLAB file that cannot be read or lacks what was expected; the message names no path."""


def load_mat(path: Path) -> dict[str, Any]:
    """All variables of a MATLAB file.

    Raises:
        MatFileError: not a MATLAB file, damaged, or with links to other files.
    """
    return _load_hdf5(path) if is_hdf5(path) else _load_classic(path)


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
    """Whether a file is HDF5, which a MATLAB file of version 7.3 is."""
    try:
        with open(path, "rb") as file:
            for place in SIGNATURE_PLACES:
                file.seek(place)
                if file.read(len(HDF5_SIGNATURE)) == HDF5_SIGNATURE:
                    return True
    except OSError as error:
        raise MatFileError(f"it cannot be opened ({error.strerror})") from error
    return False


def stored_numbers(value: Any) -> np.ndarray:
    """A numeric or logical value in the type it was stored in; sparse becomes dense.

    Raises:
        MatFileError: the value is text, a cell, a struct or complex.
    """
    import numpy as np

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


def _load_classic(path: Path) -> dict[str, Any]:
    import warnings

    from scipy.io import loadmat

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a variable stored twice: the last one counts
            variables = loadmat(path, squeeze_me=False, struct_as_record=True)
    except Exception as error:  # scipy answers damaged files with a dozen kinds of exceptions
        raise MatFileError(
            f"not a readable MATLAB file ({type(error).__name__}: {error})"
        ) from error
    return {name: value for name, value in variables.items() if not name.startswith("__")}


def _load_hdf5(path: Path) -> dict[str, Any]:
    import h5py

    try:
        with h5py.File(path, "r") as file:
            return {
                name: _from_hdf5(file, _child(file, name), 0)
                for name in file
                if not name.startswith("#")  # #refs# holds the cells' contents
            }
    except MatFileError:
        raise
    except Exception as error:  # h5py's kinds of exceptions differ as much
        raise MatFileError(
            "a MATLAB 7.3 (HDF5) file that cannot be read; saved with -v7 it can "
            f"({type(error).__name__}: {error})"
        ) from error


def _child(group: h5py.Group, name: str) -> h5py.Group | h5py.Dataset:
    import h5py

    if not isinstance(group.get(name, getlink=True), h5py.HardLink):
        raise MatFileError(f"{name!r} is a link to somewhere else, which is not followed")
    return group[name]


def _from_hdf5(file: h5py.File, node: h5py.Group | h5py.Dataset, depth: int) -> Any:
    import h5py
    import numpy as np

    if depth > DEEPEST:
        raise MatFileError(f"values nested more than {DEEPEST} deep")
    if isinstance(node, h5py.Group):
        return _struct_from_hdf5(file, node, depth)
    if node.external or node.is_virtual:
        raise MatFileError("its values lie in another file, which is not opened")
    if node.size is not None and node.size > MOST_VALUES:
        raise MatFileError(f"an array of {node.size} values")
    matlab_class = node.attrs.get("MATLAB_class", b"")
    if node.attrs.get("MATLAB_empty", 0):
        shape = tuple(int(length) for length in np.asarray(node[()]).reshape(-1)[:2])
        return np.empty(shape if 0 in shape else (0, 0))
    if node.dtype.kind == "O":
        references = np.asarray(node[()]).T
        cell = np.empty(references.shape, dtype=object)
        for place, reference in np.ndenumerate(references):
            if not isinstance(reference, h5py.Reference):
                raise MatFileError(
                    "an HDF5 file, but its values are not laid out as MATLAB 7.3 does"
                )
            cell[place] = _from_hdf5(file, file[reference], depth + 1)
        return cell
    values = np.asarray(node[()]).T
    if matlab_class in (b"char", "char"):
        return np.array(["".join(map(chr, values.reshape(-1)))])
    return values


def _struct_from_hdf5(file: h5py.File, group: h5py.Group, depth: int) -> np.ndarray:
    """A 1 x 1 struct holds values by name, a struct array a table of references a field."""
    import h5py
    import numpy as np

    names = list(group)
    nodes = {name: _child(group, name) for name in names}
    values = {name: _from_hdf5(file, node, depth + 1) for name, node in nodes.items()}
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
            raise MatFileError("a struct array whose fields differ in number")
        for place in np.ndindex(shape):
            struct[name][place] = values[name][place] if is_array else values[name]
    return struct
