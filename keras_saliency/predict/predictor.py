"""Models for the kit's commands: `salbench package --model NAME|FILE` asks here, by entry point."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from benchmark_kit.errors import ConfigError, InputError
from keras_saliency.base.array_model import ArrayModel
from keras_saliency.predict.outputs import OneMap

if TYPE_CHECKING:
    from keras_saliency.base.array_model import Picture

SAVED = (".keras", ".h5", ".npz")


class Predictor(Protocol):
    """What gives maps: a network, a model without Keras, or one of `outputs`."""

    def predict_map(self, image: Picture) -> np.ndarray:
        """The map of one picture, (height, width[, maps])."""

    def predict_maps(self, images: Iterable[Picture]) -> Iterator[np.ndarray]:
        """Those of several, in order."""


def open_predictor(
    name: str,
    *,
    allow_random_weights: bool = False,
    map_name: str | None = None,
    engine: str | None = None,
    **options: Any,
) -> Predictor:
    """A model that predicts what it has learned, or needs to learn nothing.

    Args:
        name: an entry of the registry, which options may follow (`saliency_lite:dataset=osie`,
            several separated by commas), or a file that `model.save` wrote (`.keras`,
            `.weights.h5`, `.npz`).
        allow_random_weights: let a network predict that has learned nothing.
        map_name: of a model with several maps: one of its `map_names`, or `"mean"`.
        engine: of a network: `"keras"` or `"onnx"`; None: ONNX Runtime where the entry runs without
            Keras, which starts sooner. A file has its own.
        **options: of the entry; `weights=FILE` for a network.

    Returns:
        an object with `predict_map(image)`, and `map_names` where that gives several maps.

    Raises:
        ConfigError: no such entry or file, an engine that does not run it, or a network with random
            weights.
        InputError: a file that cannot be used.
    """
    from keras_saliency import build_model, list_models, load_model

    if name not in list_models() and ":" in name and not os.path.exists(name):
        name, _, rest = name.partition(":")
        options = dict(read_option(text) for text in rest.split(",")) | options
    if name not in list_models() and (Path(name).suffix in SAVED or os.path.exists(name)):
        if options:
            raise ConfigError(
                f"{name} is a saved model and knows its options, got {', '.join(sorted(options))}. "
                "Fix: leave them out, or give a model's name"
            )
        model = load_model(Path(name))
        if engine not in (None, runs := _engine_of(model)):
            raise ConfigError(
                f"{name} is run by {runs or 'no engine'}, not by {engine}. "
                "Fix: leave the engine out"
            )
        if not hasattr(model, "predict_map"):
            raise InputError(
                f"{name} is a plain Keras network ({type(model).__name__}): it does not say how a "
                "picture comes in and a map comes out. Fix: save a network of build_model, or give "
                "yours a Front (docs/own_model.md)"
            )
    else:
        model = build_model(name, engine=engine or _soonest(name, options), **options)
    if getattr(model, "random_weights", False) and not allow_random_weights:
        raise ConfigError(
            f"{name} has random weights: its maps say nothing. Fix: load weights, save the model "
            f"(model.save('{name}.keras')), and give that file"
        )
    return model if map_name is None else OneMap(model, map_name)


def _engine_of(model: Any) -> str | None:
    """What runs a model that was loaded; None where it is no network."""
    if not isinstance(model, ArrayModel):
        return "keras"
    return "onnx" if model.card is not None and model.card.without_keras else None


def _soonest(name: str, options: dict[str, Any]) -> str | None:
    """ONNX Runtime where an entry runs without Keras and nothing that is Keras' is asked for."""
    from keras_saliency.registry.build import not_without_keras
    from keras_saliency.registry.cards import model_card

    card = model_card(name)
    return "onnx" if card.without_keras and not not_without_keras(card, options) else None


def read_option(text: str) -> tuple[str, Any]:
    """`NAME=VALUE`; a value that reads as a number, truth value or list is one.

    Raises:
        ConfigError: no equals sign, or nothing before it.
    """
    name, separator, value = text.partition("=")
    if not separator or not name.strip():
        raise ConfigError(f"option {text!r}: write NAME=VALUE")
    try:
        return name.strip(), ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return name.strip(), value
