"""Models for the kit's commands: `salbench package --model NAME|FILE` asks here, by entry point."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from benchmark_kit.errors import ConfigError, InputError
from keras_saliency.one_map import OneMap

SAVED = (".keras", ".h5", ".npz")


def open_predictor(
    name: str, *, allow_random_weights: bool = False, map_name: str | None = None, **options: Any
) -> Any:
    """A model that predicts what it has learned, or needs to learn nothing.

    Args:
        name: an entry of the registry, or a file that `model.save` wrote (`.keras`, `.weights.h5`,
            `.npz`).
        allow_random_weights: let a network predict that has learned nothing.
        map_name: of a model with several maps: one of its `map_names`, or `"mean"`.
        **options: of the entry; `weights=FILE` for a network.

    Returns:
        an object with `predict_map(image)`, and `map_names` where that gives several maps.

    Raises:
        ConfigError: no such entry or file, or a network with random weights.
        InputError: a file that cannot be used.
    """
    from keras_saliency import build_model, list_models, load_model

    if name not in list_models() and (Path(name).suffix in SAVED or os.path.exists(name)):
        if options:
            raise ConfigError(
                f"{name} is a saved model and knows its options, got {', '.join(sorted(options))}. "
                "Fix: leave them out, or give a model's name"
            )
        model = load_model(Path(name))
        if not hasattr(model, "predict_map"):
            raise InputError(
                f"{name} is a plain Keras network ({type(model).__name__}): it does not say how a "
                "picture comes in and a map comes out. Fix: save a network of build_model, or give "
                "yours a Front (docs/own_model.md)"
            )
    else:
        model = build_model(name, **options)
    if getattr(model, "random_weights", False) and not allow_random_weights:
        raise ConfigError(
            f"{name} has random weights: its maps say nothing. Fix: load weights, save the model "
            f"(model.save('{name}.keras')), and give that file"
        )
    return model if map_name is None else OneMap(model, map_name)
