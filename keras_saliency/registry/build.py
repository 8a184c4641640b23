"""A model of the registry, built as it is asked for."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from benchmark_kit.errors import ConfigError
from keras_saliency.base.card import Card
from keras_saliency.base.needs_keras import needs_keras
from keras_saliency.base.recipe_record import choose_recipe
from keras_saliency.registry.cards import model_card

ENGINES = ("keras", "onnx")
BACKENDS = ("tensorflow", "jax")
NETWORKS = ("network", "probabilistic network", "inpainter")


def build_model(
    name: str,
    input_shape: Sequence[int] | None = None,
    weights: str | Path | None = None,
    backbone_weights: str | Path | Sequence[str | Path | None] | None = None,
    recipe: str | None = None,
    engine: str | None = None,
    **options: Any,
) -> Any:
    """A model that is ready to predict or to train.

    Args:
        name: one of `list_models()`.
        input_shape: (height, width) that a network is built for; None: the paper's. Other models
            take pictures of any size.
        weights: of the whole network: a name from its card, or a file. Where a recipe puts a new
            head on a network that was trained before, a file without the head's layers is taken as
            well: they start anew, and a warning names them.
        backbone_weights: of its trunk: `"imagenet"`, a file of `keras.applications`, or a file of a
            network of ours with such a trunk; a list where there are several.
        recipe: build a network with the options of a recipe of its card and compile it for the
            recipe's first stage (`training.recipe.stages` has the others); None leaves it
            uncompiled.
        engine: of a network: `"keras"`, or `"onnx"` where the entry also runs without Keras; None:
            Keras where a backend of it is installed.
        **options: those of its card, `model_card(name).options`; they win over the recipe's.

    Returns:
        a network is a `keras.Model`; every model has `predict_map(image)`, `predict_maps(images)`
        and `card`.

    Raises:
        ConfigError: unknown name or option, a value that is no choice, or no such file.
        InputError: a weights file that cannot be used.
        MissingExtra: a network, and no Keras backend is installed.

    Example:
        >>> model = build_model("spectral_residual")
        >>> model.predict_map("photo.png").shape
        (48, 64)
    """
    card = model_card(name)
    _check_options(card, options)
    sources = {
        "input_shape": input_shape,
        "weights": weights,
        "backbone_weights": backbone_weights,
        "recipe": recipe,
    }
    if _runs_without_keras(card, engine):
        return _without_keras(card, sources, options)
    if card.kind not in NETWORKS:
        if given := [key for key, value in sources.items() if value is not None]:
            learns = " Fix: fit(dataset)" if card.kind == "estimator" else ""
            raise ConfigError(f"{name} is no network: it has no {', '.join(given)}.{learns}")
        model = _builder(card)(**options)
        model.card = card
        if card.kind == "estimator":
            model.options = {k: v for k, v in options.items() if k not in model.sources}
        return model
    if recipe is not None:
        recipe = choose_recipe(card.recipes, recipe, options, name)
        options = {**card.recipes[recipe].options, **options}
        input_shape = card.recipes[recipe].frame if input_shape is None else input_shape
    if input_shape is not None:
        options = {"input_shape": _size(input_shape), **options}
    model = _builder(card)(**options)
    model.card = card
    model.entry = {"name": name, "options": options}
    if backbone_weights is not None:
        _load_trunks(card, model, backbone_weights)
    if weights is not None:
        _load_weights(card, model, weights)
    if recipe is not None:
        from keras_saliency.training.recipe import compile_recipe

        model.recipe = recipe
        compile_recipe(model, recipe)
    return model


def _runs_without_keras(card: Card, engine: str | None) -> bool:
    if engine not in (None, *ENGINES):
        raise ConfigError(f"engine must be one of {', '.join(ENGINES)}, got {engine!r}")
    if engine is not None and card.kind not in NETWORKS and not card.without_keras:
        raise ConfigError(
            f"{card.name} is no network: no engine runs it, {engine!r} neither. Fix: leave the "
            "engine out"
        )
    if engine == "keras" and card.builder == card.without_keras:
        raise ConfigError(f"{card.name} runs under ONNX Runtime alone. Fix: engine='onnx'")
    if engine == "onnx" and not card.without_keras:
        raise ConfigError(
            f"{card.name} runs under Keras alone. Fix: engine='keras', or "
            "keras_saliency.onnx_passes.run_under_onnx(model)"
        )
    if engine is not None or not card.without_keras:
        return engine == "onnx"
    found = [name for name in ("keras", *BACKENDS) if importlib.util.find_spec(name)]
    return "keras" not in found or len(found) < 2


def _without_keras(card: Card, sources: dict[str, Any], options: dict[str, Any]) -> Any:
    wanted = {key: value for key, value in sources.items() if value is not None}
    if given := not_without_keras(card, {**wanted, **options}):
        raise ConfigError(
            f"{card.name} has no {', '.join(given)} without Keras. Fix: leave it out, or "
            "engine='keras' (pip install 'keras-saliency[tensorflow]')"
        )
    model = _builder(card, card.without_keras)(**options)
    model.card = card
    return model


def not_without_keras(card: Card, options: Iterable[str]) -> list[str]:
    """Those of some options that an entry has under Keras alone."""
    allowed = inspect.signature(_builder(card, card.without_keras)).parameters
    return [key for key in options if key not in allowed]


def _size(shape: Sequence[int]) -> tuple[int, int]:
    sides = tuple(shape[:2])
    if len(shape) not in (2, 3) or not all(isinstance(side, int) and side > 0 for side in sides):
        raise ConfigError(f"input_shape must be (height, width), got {tuple(shape)}")
    return sides  # type: ignore[return-value]


def _load_trunks(card: Card, model: Any, sources: Any) -> None:
    from keras_saliency.backbones.weights import load_trunk
    from keras_saliency.registry.shared_weights import is_own_file, load_own_trunk

    trunks = model.trunks
    several = list(sources) if isinstance(sources, list | tuple) else [sources] * len(trunks)
    if len(several) != len(trunks) or not trunks:
        names = ", ".join(trunk.backbone.name for trunk in trunks) or "none"
        raise ConfigError(
            f"{card.name} has {len(trunks)} trunks ({names}), backbone_weights names {len(several)}"
        )
    for trunk, source in zip(trunks, several, strict=True):
        load = load_own_trunk if is_own_file(source) else load_trunk
        load(trunk, source)
    model.trained_trunks = None not in several


def _load_weights(card: Card, model: Any, weights: str | Path) -> None:
    from keras_saliency.backbones.weights import check_sha256
    from keras_saliency.base.network_file import load_weights
    from keras_saliency.registry.shared_weights import load_shared

    known = card.weights.get(str(weights))
    if known is None and not Path(weights).expanduser().is_file():
        names = ", ".join(card.weights) or "none"
        raise ConfigError(
            f"{card.name} has no weights {str(weights)!r} and there is no such file; "
            f"sets that its card names: {names}"
        )
    path = Path(known.source if known else weights)
    if known is not None and known.sha256:
        check_sha256(path, known.sha256)
    if card.starts_anew and known is None:
        load_shared(model, path, card.starts_anew)
    else:
        load_weights(model, path)


def _check_options(card: Card, given: dict[str, Any]) -> None:
    wrong = []
    for option, value in given.items():
        if option not in card.options:
            allowed = ", ".join(card.options) or "none"
            wrong.append(f"unknown option {option!r}; allowed: {allowed}")
        elif (choices := card.options[option].choices) and value not in choices:
            wrong.append(f"{option} must be one of {', '.join(map(repr, choices))}, got {value!r}")
    if wrong:
        raise ConfigError("\n  ".join([f"model {card.name!r} cannot be built as asked:", *wrong]))


def _builder(card: Card, builder: str = "") -> Any:
    module_name, _, attribute = (builder or card.builder).partition(":")
    try:
        with needs_keras(f"model {card.name}"):
            return getattr(importlib.import_module(module_name), attribute)
    except (ModuleNotFoundError, AttributeError) as error:
        found = str(error)
    raise ConfigError(
        f"model {card.name!r}: no builder {builder or card.builder!r} ({found}); card {card.origin}"
    )
