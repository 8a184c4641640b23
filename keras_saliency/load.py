"""Whole models from the files that they were saved to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmark_kit.containers.damage import one_line
from benchmark_kit.containers.text import parse_json
from benchmark_kit.errors import InputError
from keras_saliency.base.array_file import read_arrays
from keras_saliency.base.network_file import existing_file, load_network
from keras_saliency.registry.build import build_model
from keras_saliency.registry.cards import list_models, model_card


def load_model(path: str | Path) -> Any:
    """A model that was saved, in this process or another.

    Args:
        path: `.keras` that `save` wrote, `.weights.h5` that `save_weights` of a network of the
            registry wrote, or `.npz` that an estimator's `save` wrote.

    Returns:
        a `SaliencyModel`, an estimator, or whatever other Keras model the file holds.

    Raises:
        ConfigError: no such file.
        InputError: no such file of a model, a damaged one, or one with code in it.
        MissingExtra: a network, and no Keras backend is installed.

    Example:
        >>> from keras_saliency import build_model
        >>> build_model("centre_bias").fit(get_dataset("folder", "mine")).save("prior.npz")
        >>> load_model("prior.npz").predict_map("photo.png").shape
        (48, 64)
    """
    path = existing_file(path)
    if path.suffix == ".npz":
        return _fitted_estimator(path)
    return load_network(path)


def _fitted_estimator(path: Path) -> Any:
    arrays = read_arrays(path)
    kind = str(arrays.get("model", "nothing"))
    learners = [name for name in list_models() if "fitted" in model_card(name).options]
    if kind not in learners or "model" not in arrays:
        raise InputError(
            f"{path} was written by {kind}, expected one of {', '.join(learners)}. Fix: a file "
            "that the save() of a fitted or adapted model wrote; weights are given to "
            "build_model(name, weights=FILE)"
        )
    options = parse_json(str(arrays.get("options", "{}")), path)
    known_options = {*model_card(kind).options} - {"fitted"}  # which is this very file
    if not isinstance(options, dict) or not {*options} <= known_options:
        raise InputError(f"{path}: damaged options. Fix: copy it again")
    if own := [name for name, value in options.items() if isinstance(value, dict)]:
        raise InputError(
            f"{path} learned with {', '.join(own)} of your own, which no file can hold. "
            f"Fix: build_model({kind!r}, {own[0]}=…, fitted={str(path)!r})"
        )
    try:
        engine = "onnx" if model_card(kind).without_keras else None  # which starts sooner
        return build_model(kind, engine=engine, **options, fitted=path)
    except (ValueError, TypeError) as error:  # values of other kinds than an option has
        raise InputError(
            f"{path}: damaged options ({one_line(error)}). Fix: copy it again"
        ) from None
