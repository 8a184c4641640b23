"""Models for the kit's commands: `salbench package --model NAME|FILE` asks here, by entry point."""

from __future__ import annotations

import ast
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from benchmark_kit.errors import ConfigError, InputError
from keras_saliency.base.array_model import ArrayModel
from keras_saliency.predict.outputs import OneMap
from keras_saliency.registry.build import ENGINES, NETWORKS, not_without_keras
from keras_saliency.registry.cards import model_card

if TYPE_CHECKING:
    from keras_saliency.base.array_model import Picture

CHOICES = ("auto", *ENGINES)
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
    on_note: Callable[[str], None] | None = None,
    **options: Any,
) -> Predictor:
    """A model that predicts what it has learned, or needs to learn nothing.

    Args:
        name: an entry of the registry, which options may follow (`saliency_lite:dataset=osie`,
            several separated by commas), or a file that `model.save` wrote (`.keras`,
            `.weights.h5`, `.npz`). Either may be followed by `:engine=onnx`, for commands whose own
            engine is another thing.
        allow_random_weights: let a network predict that has learned nothing.
        map_name: of a model with several maps: one of its `map_names`, or `"mean"`.
        engine: of a network: `"keras"`; `"onnx"`, for which all but the entries that run without
            Keras are exported; None or `"auto"`: ONNX Runtime where the entry runs without Keras,
            which starts sooner, else Keras.
        on_note: called with a sentence before an export.
        **options: of the entry; `weights=FILE` for a network.

    Returns:
        an object with `predict_map(image)`, and `map_names` where that gives several maps.

    Raises:
        ConfigError: no such entry or file, an engine that does not run it, or a network with random
            weights.
        InputError: a file that cannot be used.
        MissingExtra: the libraries that a network is exported with are not installed.
        RunFailed: a network that cannot be exported.
    """
    from keras_saliency import build_model, list_models, load_model

    if name not in list_models() and ":" in name and not os.path.exists(name):
        name, _, rest = name.partition(":")
        options = dict(read_option(text) for text in rest.split(",")) | options
    engine = options.pop("engine", engine)
    if engine not in (None, *CHOICES):
        raise ConfigError(f"engine must be one of {', '.join(CHOICES)}, got {engine!r}")
    asked = None if engine == "auto" else engine
    if name not in list_models() and (Path(name).suffix in SAVED or os.path.exists(name)):
        if options:
            raise ConfigError(
                f"{name} is a saved model and knows its options, got {', '.join(sorted(options))}. "
                "Fix: leave them out, or give a model's name"
            )
        model = load_model(Path(name))
        runs = _engine_of(model)
        exported = asked == "onnx" and runs == "keras"
        if asked not in (None, runs) and not exported:
            raise ConfigError(
                f"{name} is run by {runs or 'no engine'}, not by {asked}. Fix: leave the engine out"
            )
        if not hasattr(model, "predict_map"):
            raise InputError(
                f"{name} is a plain Keras network ({type(model).__name__}): it does not say how a "
                "picture comes in and a map comes out. Fix: save a network of build_model, or give "
                "yours a Front (docs/own_model.md)"
            )
    else:
        exported = asked == "onnx" and _under_keras_alone(name, options)
        model = build_model(
            name, engine="keras" if exported else asked or _soonest(name, options), **options
        )
    if getattr(model, "random_weights", False) and not allow_random_weights:
        raise ConfigError(
            f"{name} has random weights: its maps say nothing. Fix: load weights, save the model "
            f"(model.save('{name}.keras')), and give that file"
        )
    if exported and model.front is not None:  # without one it has no maps, and says so
        from keras_saliency.onnx_passes import run_under_onnx

        run_under_onnx(model, on_note)
    return model if map_name is None else OneMap(model, map_name)


def _engine_of(model: Any) -> str | None:
    """What runs a model that was loaded; None where it is no network."""
    if not isinstance(model, ArrayModel):
        return "keras"
    return "onnx" if model.card is not None and model.card.without_keras else None


def _under_keras_alone(name: str, options: dict[str, Any]) -> bool:
    """Whether an entry is a network that runs without Keras neither as it is nor as asked for."""
    card = model_card(name)
    if card.kind not in NETWORKS or card.builder == card.without_keras:
        return False
    return not card.without_keras or bool(not_without_keras(card, options))


def _soonest(name: str, options: dict[str, Any]) -> str | None:
    """ONNX Runtime where an entry runs without Keras and nothing that is Keras' is asked for."""
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
