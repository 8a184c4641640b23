"""What the readers share: a file is opened, layers take their arrays, and the rest is named."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from benchmark_kit.containers.damage import DamagedFile, damage_of
from benchmark_kit.errors import ConfigError, InputError
from keras_saliency.convert._layouts import Array, Layout

Plan = Mapping[str, tuple[tuple[str, ...], Layout]]
Found = TypeVar("Found")

# (block, convolution) of VGG16
VGG16 = tuple(
    (block, k) for block, depth in enumerate((2, 2, 3, 3, 3), start=1) for k in range(1, depth + 1)
)
LARGEST = 2**31  # bytes; protocol buffers end there, and the largest original is an eighth of it


@dataclass(frozen=True)
class Original:
    """What a network takes from an original file.

    Args:
        layers: our layer's name -> its arrays, in Keras' order and layout.
        used: our layer's name -> the names of its arrays in the file.
        left: names of arrays in the file that no layer took.
    """

    layers: dict[str, list[Array]]
    used: dict[str, tuple[str, ...]]
    left: tuple[str, ...]


def take(arrays: Mapping[str, Array], plan: Plan) -> Original:
    """Lay out the arrays of a file for our layers.

    Args:
        arrays: name in the file -> array.
        plan: our layer's name -> names in the file, and the layout they are in. A layer whose
            arrays are not all there is left out.
    """
    layers, used = {}, {}
    for layer, (names, layout) in plan.items():
        if not all(name in arrays for name in names):
            continue
        found = [arrays[name] for name in names]
        try:
            layers[layer] = layout(*found)
        except (ValueError, TypeError):
            layers[layer] = found  # of another layer: setting the weights says how they differ
        used[layer] = names
    taken = {name for names in used.values() for name in names}
    return Original(layers, used, tuple(name for name in arrays if name not in taken))


def read_file(path: Path, read: Callable[[Path], Found], kind: str) -> Found:
    """What a reader makes of a file, and one kind of error whatever is wrong with it.

    Raises:
        ConfigError: no such file.
        InputError: not a file of this kind, truncated, or made to do harm.
    """
    if not path.is_file():
        raise ConfigError(f"there is no weights file {path}. Fix: check the path")
    try:
        with damage_of(path, kind):
            return read(path)
    except DamagedFile as error:
        raise InputError(
            f"{path}: expected {kind}, which it is not, or not whole ({error.reason}). "
            "Fix: fetch it again; docs/convert.md says which files are read"
        ) from None
