"""Weight files into models: the layout of `keras.applications`, Keras' own, and numpy archives.

Everything is read as plain arrays by names; nothing in a file is executed, and HDF5 links to other
files are not followed. What does not fit is listed whole, before any weight is changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from benchmark_kit.containers.damage import DamagedFile, damage_of
from benchmark_kit.containers.hdf5 import open_hdf5, own_member, read_values
from benchmark_kit.containers.npy import read_npz
from benchmark_kit.errors import ConfigError, InputError
from keras_saliency.backbones.trunk import Backbone, Trunk

Arrays = dict[str, list[np.ndarray]]
SHOWN = 8


def load_trunk(trunk: Trunk, source: str | Path | None) -> None:
    """Load a trunk's weights.

    Args:
        trunk: as `adapters.encode` made it.
        source: `"imagenet"` (downloaded once by Keras), a file, or None: nothing is done.

    Raises:
        ConfigError: no such file, no ImageNet file for this trunk, or a failed download.
        InputError: a file that cannot be read, or of another network.
    """
    if source is None:
        return
    path = imagenet_file(trunk.backbone) if str(source) == "imagenet" else Path(source)
    layers = {layer.name.removeprefix(trunk.prefix): layer for layer in trunk.layers}
    assign(layers, read_layers(path, trunk.backbone.read), path)


def imagenet_file(backbone: Backbone) -> Path:
    """The trunk's ImageNet file, downloaded to Keras' cache if it is not there yet.

    Raises:
        ConfigError: there is none, or the download failed; says how to get it by hand.
    """
    if not backbone.url:
        raise ConfigError(
            f"there is no ImageNet file for {backbone.name}. Fix: backbone_weights=FILE"
        )
    try:
        return _fetch(backbone)
    except Exception as error:  # Keras wraps every network failure in its own way
        import os

        home = Path(os.environ.get("KERAS_HOME", "~/.keras")).expanduser()
        raise ConfigError(
            f"{backbone.file} could not be downloaded ({_one_line(error)}).\n"
            f"  Fix: fetch {backbone.url}{backbone.file} on another machine\n"
            f"  and put it into {home / 'models'},\n"
            "  or pass its path: backbone_weights=PATH"
        ) from None


def _fetch(backbone: Backbone) -> Path:
    import keras

    address = backbone.url + backbone.file
    options = {"cache_subdir": "models", "file_hash": backbone.md5 or None}
    return Path(keras.utils.get_file(backbone.file, address, **options))


def read_layers(path: Path, read: Callable[[Path], Arrays] | None = None) -> Arrays:
    """Arrays by layer name.

    Args:
        path: `.h5` of `keras.applications` (or any file with `layer_names`), or `.npz` whose names
            are `layer/number` or `layer.number`.
        read: reader of a layout of its own, instead.

    Raises:
        ConfigError: no such file.
        InputError: not such a file, truncated, or with links to other files.
    """
    if not path.is_file():
        raise ConfigError(f"there is no weights file {path}. Fix: check the path")
    try:
        with damage_of(path, "weights file"):
            if read is not None:
                return read(path)
            if path.suffix == ".npz":
                return _read_npz(path)
            return _read_h5(path)
    except DamagedFile as error:
        raise InputError(
            f"{path} is no weights file that can be read ({error.reason}). "
            "Fix: fetch it again; expected is HDF5 with layer_names, or .npz"
        ) from None


def assign(layers: Mapping[str, Any], arrays: Mapping[str, list[np.ndarray]], origin: Path) -> None:
    """Set the weights of layers by name; layers that only the file has are left out.

    Args:
        layers: name in the file -> Keras layer with weights.
        arrays: name in the file -> its arrays, in Keras' order.
        origin: the file, for messages.

    Raises:
        InputError: layers that the file lacks or that have other shapes, all of them named.
    """
    wrong = []
    for name, layer in layers.items():
        have = [tuple(weight.shape) for weight in layer.weights]
        if name not in arrays:
            wrong.append(f"{name}: the file does not have it")
        elif have != (given := [array.shape for array in arrays[name]]):
            wrong.append(f"{name}: the model has {have}, the file {given}")
    if wrong:
        more = [f"and {len(wrong) - SHOWN} more"] if len(wrong) > SHOWN else []
        raise InputError("\n  ".join([f"{origin} is of another network:", *wrong[:SHOWN], *more]))
    for name, layer in layers.items():
        layer.set_weights(arrays[name])


def check_sha256(path: Path, wanted: str) -> None:
    """Refuse a file whose content is not the one the card names.

    Raises:
        InputError: another checksum.
    """
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(2**20):
            digest.update(block)
    if wanted and digest.hexdigest() != wanted:
        raise InputError(
            f"{path} is not the file that the card names: SHA-256 {digest.hexdigest()}, "
            f"expected {wanted}. Fix: fetch it again"
        )


def _read_h5(path: Path) -> Arrays:
    arrays: Arrays = {}
    with open_hdf5(path) as file:
        root = own_member(file, "model_weights") if "model_weights" in file else file
        if "layer_names" not in root.attrs:
            raise ValueError("no attribute layer_names")
        for raw in root.attrs["layer_names"]:
            name = _text(raw)
            group = own_member(root, name)
            found = [
                np.asarray(read_values(own_member(group, _text(weight))), np.float32)
                for weight in group.attrs["weight_names"]
            ]
            if found:
                arrays[name] = found
    return arrays


def _read_npz(path: Path) -> Arrays:
    arrays: dict[str, dict[int, np.ndarray]] = {}
    for key, array in read_npz(path).items():
        name, _, number = key.replace(".", "/").rpartition("/")
        arrays.setdefault(name, {})[int(number)] = array
    return {name: [found[k] for k in sorted(found)] for name, found in arrays.items()}


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
