"""State dicts that `torch.save` wrote, read without running anything in them.

Such a file is a pickle, and pickles run code. This one is read by an unpickler that knows ordered
dictionaries, tensors and storages, and refuses every other name before anything is called. Both
containers are read: the zip of torch 1.6 and later, and the sequence of pickles before it, in which
older released files are likely to be.
"""

from __future__ import annotations

import math
import pickle
import reprlib
from collections import OrderedDict
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, ClassVar

import numpy as np

from benchmark_kit.containers.zipped import is_zip, member_bytes, open_zip
from keras_saliency.convert._layouts import Array

DTYPES = {
    "DoubleStorage": "<f8",
    "FloatStorage": "<f4",
    "HalfStorage": "<f2",
    "LongStorage": "<i8",
    "IntStorage": "<i4",
    "ShortStorage": "<i2",
    "CharStorage": "i1",
    "ByteStorage": "u1",
    "BoolStorage": "?",
}
MAGIC, PROTOCOL = 0x1950A86A20F9469CFC6C, 1001  # how a sequence of pickles begins
TUPLES = (pickle.TUPLE, pickle.TUPLE1, pickle.TUPLE2, pickle.TUPLE3)
HEAVIEST = 2**16  # parts of a tuple, those of its parts included

# (type, key, number of values) -> its values
Storages = Callable[[str, str, int], Array]


def read_state(path: Path) -> dict[str, Array]:
    """The floating-point tensors of a state dict.

    A key `state_dict` is followed, and names lose the prefix `module.` of parallel training.

    Raises:
        ValueError: not such a file, not whole, or one that asks for code to be run.
    """
    found = _from_zip(path) if is_zip(path) else _from_pickles(path)
    if isinstance(found, dict) and isinstance(found.get("state_dict"), dict):
        found = found["state_dict"]
    if not isinstance(found, dict):
        raise ValueError(f"it holds a {type(found).__name__}, no state dict")
    tensors = {
        str(name).removeprefix("module."): value
        for name, value in found.items()
        if isinstance(value, np.ndarray) and value.dtype.kind == "f"
    }
    if not tensors:
        raise ValueError("its state dict has no tensors")
    return tensors


def _weighed(load: Callable[[Any], None]) -> Callable[[Any], None]:
    """Build a tuple, and refuse one that would be endless if it were written out.

    A tuple may hold another twice, and so on: forty such steps have a hash that takes hours.
    """

    def load_weighed(unpickler: Any) -> None:
        load(unpickler)
        made = unpickler.stack[-1]
        weight = 1 + sum(unpickler.weights.get(id(part), (1, None))[0] for part in made)
        if weight > HEAVIEST:
            raise ValueError("tuples that hold tuples without end")
        unpickler.weights[id(made)] = (weight, made)  # held: its id stays its own

    return load_weighed


# the Python class: the one in C reserves memory for any number that a file gives an object
class _Unpickler(pickle._Unpickler):
    """Reads what a state dict needs and refuses every other name."""

    dispatch: ClassVar = {
        **pickle._Unpickler.dispatch,
        **{op[0]: _weighed(pickle._Unpickler.dispatch[op[0]]) for op in TUPLES},
    }

    def __init__(self, file: BinaryIO, storages: Storages | None = None):
        super().__init__(file, encoding="utf-8")
        self._storages = storages
        self._held: dict[int, Array] = {}
        self.weights: dict[int, tuple[int, Any]] = {}
        # bound methods, which a pickle cannot change as it can change a function
        self._known: dict[tuple[str, str], Any] = {
            ("collections", "OrderedDict"): OrderedDict,
            ("torch._utils", "_rebuild_tensor_v2"): self._tensor,
            ("torch._utils", "_rebuild_parameter"): self._parameter,
            **{("torch", storage): dtype for storage, dtype in DTYPES.items()},
        }

    def find_class(self, module: str, name: str) -> Any:
        try:
            return self._known[module, name]
        except KeyError:
            raise ValueError(
                f"it could run code, which is never done: it asks for {module}.{name}"
            ) from None

    def persistent_load(self, saved: Any) -> Array:
        kind, dtype, key, _, count, *views = saved
        if kind != "storage" or dtype not in DTYPES.values() or any(views):
            raise ValueError(f"unknown storage {reprlib.repr(saved)[:80]}")
        if self._storages is None or not isinstance(key, str) or type(count) is not int:
            raise ValueError(f"storage {reprlib.repr(key)[:80]} is not where it should be")
        values = self._storages(dtype, key, count)
        self._held[id(values)] = values
        return values

    def _tensor(self, storage: Any, offset: Any, size: Any, stride: Any, *_: Any) -> Array:
        numbers = (offset, *size, *stride)
        if id(storage) not in self._held or any(
            type(number) is not int or number < 0 for number in numbers
        ):
            raise ValueError("a tensor without a storage, or of negative size")
        reach = sum((n - 1) * step for n, step in zip(size, stride, strict=True))
        # a stride of 0 repeats values without end, which no weights do
        fits = offset + reach < len(storage) and math.prod(size) <= len(storage)
        if 0 not in size and not fits:
            raise ValueError(f"a tensor {size} is larger than its storage of {len(storage)}")
        steps = tuple(step * storage.itemsize for step in stride)
        return np.lib.stride_tricks.as_strided(storage[offset:], size, steps, writeable=False)

    def _parameter(self, data: Any, *_: Any) -> Any:
        return data


def _from_zip(path: Path) -> Any:
    with open_zip(path) as archive:
        members = {member.filename: member.file_size for member in archive.infolist()}
        roots = [name for name in members if name.count("/") == 1 and name.endswith("/data.pkl")]
        if len(roots) != 1:
            raise ValueError("a zip without data.pkl")
        # torch does not compress
        if sum(members.values()) > (size := path.stat().st_size):
            raise ValueError("its members are larger than the file")
        folder = roots[0].removesuffix("data.pkl")
        if (
            f"{folder}byteorder" in members
            and member_bytes(archive, f"{folder}byteorder", 16) != b"little"
        ):
            raise ValueError("its numbers are big-endian")
        known: dict[str, Array] = {}

        def storage(dtype: str, key: str, count: int) -> Array:
            if key not in known:
                known[key] = np.frombuffer(
                    member_bytes(archive, f"{folder}data/{key}", size), dtype
                )
            if known[key].dtype != dtype or len(known[key]) != count:
                raise ValueError(f"storage {key} has {len(known[key])} values, not {count}")
            return known[key]

        return _Unpickler(BytesIO(member_bytes(archive, roots[0], size)), storage).load()


def _from_pickles(path: Path) -> Any:
    size = path.stat().st_size
    known: dict[str, Array] = {}

    def storage(dtype: str, key: str, count: int) -> Array:
        if key not in known:
            taken = sum(values.nbytes for values in known.values())
            if not 0 <= count * np.dtype(dtype).itemsize <= size - taken:
                raise ValueError(f"storage {key} of {count} values is larger than the file")
            known[key] = np.empty(count, dtype)
        if known[key].dtype != dtype or len(known[key]) != count:
            raise ValueError(f"storage {key} has {len(known[key])} values, not {count}")
        return known[key]

    with path.open("rb") as file:
        if file.read(2) != b"\x80\x02":
            raise ValueError("neither a zip nor a pickle")
        file.seek(0)
        if (_Unpickler(file).load(), _Unpickler(file).load()) != (MAGIC, PROTOCOL):
            raise ValueError("a pickle that torch did not write")
        if not _Unpickler(file).load().get("little_endian"):
            raise ValueError("its numbers are big-endian")
        found = _Unpickler(file, storage).load()
        # the values of the storages come after the tensors that look at them
        keys = _Unpickler(file).load()
        if sorted(keys) != sorted(known):
            raise ValueError("its storages are not those that its tensors name")
        for key in keys:
            count = int.from_bytes(file.read(8), "little")
            values = file.read(known[key].nbytes)
            if count != len(known[key]) or len(values) != known[key].nbytes:
                raise ValueError(f"it ends inside storage {key}")
            known[key][:] = np.frombuffer(values, known[key].dtype)
    return found
