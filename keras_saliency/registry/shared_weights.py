"""Weights that move from one network of ours to another: trunks, and all but a new head.

A file of ours knows its network (`weights_entry`), so that network is built and its layers are
matched by name; names inside the file only count classes, which a layer more or less would shift.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import numpy as np

from benchmark_kit.containers.damage import DamagedFile
from benchmark_kit.containers.hdf5 import open_hdf5
from benchmark_kit.errors import InputError
from keras_saliency.backbones.trunk import Trunk
from keras_saliency.backbones.weights import SHOWN, assign
from keras_saliency.base.leaves import leaves
from keras_saliency.base.network_file import load_network, load_weights
from keras_saliency.base.weights_entry import read_entry


def is_own_file(source: Any) -> bool:
    """Whether a file was written by `save` or `save_weights` of Keras and not as trunks come."""
    return str(source).endswith((".keras", ".weights.h5"))


def load_own_trunk(trunk: Trunk, path: str | Path) -> None:
    """Load a trunk from a file of a network of ours that has one of its kind.

    Layers that the file's network trained on top of the trunk come along where this network has
    them too (`Trunk.heads`).

    Args:
        trunk: as `adapters.encode` made it.
        path: `.weights.h5` or `.keras` of a network of the registry.

    Raises:
        ConfigError: no such file.
        InputError: a damaged file, one that does not say its network, or of a network whose trunks
            are others.
    """
    path = Path(path)
    source = load_network(path)
    kind = trunk.backbone.name
    found = [other for other in getattr(source, "trunks", []) if other.backbone.name == kind]
    if not found:
        names = ", ".join(other.backbone.name for other in getattr(source, "trunks", [])) or "none"
        raise InputError(
            f"{path} is of {source.name}, whose trunks ({names}) are not {kind}. "
            f"Fix: the weights of a network on {kind}"
        )
    layers = [*trunk.layers, *trunk.heads]
    given = _arrays(source, found[0].prefix)
    assign({layer.name.removeprefix(trunk.prefix): layer for layer in layers}, given, path)


def load_shared(model: Any, path: str | Path, anew: Sequence[str]) -> None:
    """Set all weights of a network from a file, or all but those of layers that it may lack.

    Args:
        model: the network.
        path: `.weights.h5` or `.keras`.
        anew: patterns of the layers that the file may lack or have in another shape: they keep
            their start, and a warning names them.

    Raises:
        ConfigError: no such file.
        InputError: a damaged file, or one of another network; says which layers differ.
    """
    path = Path(path).expanduser()
    try:
        load_weights(model, path)
    except InputError as error:
        refused = error
    else:
        return
    if not _says_its_network(path):
        raise refused
    source = load_network(path)
    given = _arrays(source, "")
    mine = {layer.name: layer for layer in leaves(model) if layer.weights}
    new = [
        name
        for name, layer in mine.items()
        if any(fnmatchcase(name, pattern) for pattern in anew)
        and [array.shape for array in given.get(name, [])] != [w.shape for w in layer.weights]
    ]
    if not new or set(given) - set(mine):
        raise refused
    assign({name: layer for name, layer in mine.items() if name not in new}, given, path)
    more = f" and {len(new) - SHOWN} more" if len(new) > SHOWN else ""
    warnings.warn(
        f"{path} holds {source.name} without {', '.join(new[:SHOWN])}{more}, which starts anew and "
        "is to be trained",
        stacklevel=4,
    )


def _says_its_network(path: Path) -> bool:
    if path.suffix == ".keras":
        return True
    if not path.is_file() or not path.name.endswith(".weights.h5"):
        return False
    try:
        with open_hdf5(path) as file:
            return read_entry(file) is not None
    except DamagedFile:
        return False  # told by who reads it


def _arrays(model: Any, prefix: str) -> dict[str, list[np.ndarray]]:
    return {
        layer.name.removeprefix(prefix): layer.get_weights()
        for layer in leaves(model)
        if layer.weights
    }
