"""Networks and their weights from files, checked before Keras reads them.

A `.keras` file is a zip with a description that Keras builds from: in safe mode, so that code in it
never runs. Pickles are refused unread. What does not fit is named layer by layer, because Keras
names only the first.
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from benchmark_kit.containers.damage import DamagedFile, damage_of, most_unpacked, one_line
from benchmark_kit.containers.hdf5 import members, open_hdf5, read_values
from benchmark_kit.containers.zipped import member_bytes, open_zip
from benchmark_kit.errors import ConfigError, InputError, KitError
from keras_saliency.base.needs_keras import needs_keras
from keras_saliency.base.weights_entry import read_entry

SHOWN = 8
CONFIG = "config.json"  # inside a .keras file
LARGEST_CONFIG = 2**26  # bytes
WEIGHTS = "model.weights.h5"  # inside a .keras file
PICKLES = (".pkl", ".pickle", ".pt", ".pth", ".ckpt", ".joblib")


def load_network(path: Path) -> Any:
    """A network from `.keras` or from a `.weights.h5` that names its network.

    Raises:
        ConfigError: no such file.
        InputError: no such file of a network, a damaged one, or one with code in it.
        MissingExtra: no Keras backend is installed.
    """
    path = existing_file(path)
    _refuse_pickles(path)
    if path.suffix == ".h5":
        return _network_of_weights(path)
    try:
        with open_zip(path) as archive:
            config = json.loads(member_bytes(archive, CONFIG, LARGEST_CONFIG))
    except DamagedFile as error:
        raise InputError(
            f"{path} is no .keras file, or only a part of one ({error.reason}). "
            "Fix: copy it again; for weights alone: build_model(name, weights=FILE)"
        ) from None
    _refuse_code(path, config)
    _arrays_in(path)  # damaged ones are told before Keras meets them
    with needs_keras(f"the network {path}"):
        import keras
    try:
        return keras.saving.load_model(path, safe_mode=True)
    except KitError:
        raise
    except Exception as error:  # what a description may bring about has no end
        raise InputError(f"{path} cannot be loaded: {one_line(error)}") from None


def _network_of_weights(path: Path) -> Any:
    try:
        with open_hdf5(path) as file:
            config = read_entry(file)
            whole = "model_config" in file.attrs
    except DamagedFile as error:
        raise _no_weights(path, error) from None
    if whole:
        raise InputError(
            f"{path} is a whole network in Keras' older HDF5 form, which may hold code. Fix: load "
            "it with keras.saving.load_model after import keras_saliency, and save it as .keras"
        )
    if config is None:
        raise InputError(
            f"{path} does not say which network its weights belong to. "
            "Fix: build_model(name, weights=FILE).save('name.keras'), and that file"
        )
    from keras_saliency.base.saliency_model import SaliencyModel

    model = SaliencyModel.from_config(config)
    load_weights(model, path)
    model.random_weights = bool(config["random_weights"])
    return model


def load_weights(model: Any, path: str | Path) -> None:
    """Set all weights of a model from a file that `save_weights` or `save` wrote.

    Args:
        model: the model.
        path: `.weights.h5`, or a `.keras` file of the same network.

    Raises:
        ConfigError: no such file, or another kind of file.
        InputError: a damaged file, or one of another network; says which arrays differ.
    """
    path = existing_file(path)
    _refuse_pickles(path)
    if not path.name.endswith((".weights.h5", ".keras", ".h5")):
        raise ConfigError(
            f"{path}: weights come as .weights.h5 or .keras. "
            "Fix: convert it (salbench convert), or save with save_weights"
        )
    wanted = _arrays_of(model)
    given = _arrays_in(path)
    wrong = [f"{name}: the file does not have it" for name in wanted if name not in given]
    wrong += [f"{name}: the model does not have it" for name in given if name not in wanted]
    wrong += [
        f"{name}: the model has {wanted[name]}, the file {given[name]}"
        for name in wanted
        if name in given and wanted[name] != given[name]
    ]
    if wrong:
        more = [f"and {len(wrong) - SHOWN} more"] if len(wrong) > SHOWN else []
        raise InputError(
            "\n  ".join([f"{path} holds the weights of another network:", *wrong[:SHOWN], *more])
        )
    with damage_of(path, "weights file"):
        model.load_weights(path)


def existing_file(path: str | Path) -> Path:
    """A file that is there.

    Raises:
        ConfigError: it is not.
    """
    path = Path(path).expanduser()
    if not os.path.isfile(path):  # which a name that no file can have is not
        raise ConfigError(f"there is no file {path}. Fix: check the path")
    return path


def _refuse_pickles(path: Path) -> None:
    with path.open("rb") as file:
        start = file.read(2)
    if path.suffix in PICKLES or (start[:1] == b"\x80" and start[1:2] <= b"\x05"):
        raise InputError(
            f"{path} is a pickle, which may run code when it is opened: it was not. "
            "Fix: convert it where it comes from, to .npz or .safetensors"
        )


def _refuse_code(path: Path, config: Any) -> None:
    found = [config]
    while found:
        item = found.pop()
        if isinstance(item, dict):
            if item.get("class_name") in ("Lambda", "__lambda__"):
                raise InputError(
                    f"{path} holds code (a lambda), which is never run. "
                    "Fix: build the network with build_model and load its weights"
                )
            found += item.values()
        elif isinstance(item, list):
            found += item


def _arrays_in(path: Path) -> dict[str, tuple[int, ...]]:
    """Shapes of the arrays in a weights file, by their place in it; all values are read once.

    What is damaged is found before Keras sets the first weight.
    """
    try:
        if path.suffix == ".keras":
            with tempfile.TemporaryDirectory() as folder:
                inner = Path(folder, WEIGHTS)
                with open_zip(path) as archive:
                    data = member_bytes(archive, WEIGHTS, most_unpacked(path.stat().st_size))
                    inner.write_bytes(data)
                return _shapes(inner)
        return _shapes(path)
    except DamagedFile as error:
        raise _no_weights(path, error) from None


def _no_weights(path: Path, error: DamagedFile) -> InputError:
    return InputError(
        f"{path} is no weights file, damaged, or only a part of one ({error.reason}). "
        "Fix: copy it again"
    )


def _shapes(path: Path) -> dict[str, tuple[int, ...]]:
    found = {}
    with open_hdf5(path) as file:
        for name, dataset in members(file):
            if name.startswith("optimizer"):
                continue
            if dataset is None:
                raise ValueError(f"{name} lies in another file")
            found[name] = read_values(dataset).shape
    return found


def _arrays_of(model: Any) -> dict[str, tuple[int, ...]]:
    """Shapes of a model's arrays by the place that Keras would give them."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "own.weights.h5"
        model.save_weights(path)
        return _arrays_in(path)
