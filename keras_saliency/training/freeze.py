"""Layers that training leaves as they are, by patterns of their names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from typing import Any

import keras

from benchmark_kit.errors import ConfigError, name_some


def freeze_layers(model: Any, patterns: Sequence[str]) -> tuple[str, ...]:
    """Freeze every layer whose name matches one of the patterns.

    A frozen batch normalisation uses the statistics that it has and does not change them.

    Args:
        model: the network; not compiled yet, or to be compiled again.
        patterns: shell patterns such as `"block1_*"` or `"conv_dw_[1-6]*"`; `"trunk"` stands for
            all layers of the network's trunks.

    Returns:
        names of the frozen layers.

    Raises:
        ConfigError: a pattern that no layer has, or nothing is left to learn.
    """
    layers = list(_with_weights(model))
    trunk = {layer.name for part in getattr(model, "trunks", ()) for layer in part.layers}
    found: dict[str, Any] = {}
    for pattern in patterns:
        matching = {
            layer.name: layer
            for layer in layers
            if (layer.name in trunk if pattern == "trunk" else fnmatchcase(layer.name, pattern))
        }
        if not matching:
            names = name_some([layer.name for layer in layers], 12)
            raise ConfigError(f"--freeze {pattern!r} matches no layer of {model.name}: {names}")
        found |= matching
    for layer in found.values():
        layer.trainable = False
    if not model.trainable_variables:
        raise ConfigError(
            f"{model.name} has nothing left to learn: all its layers are frozen. "
            "Fix: a narrower --freeze"
        )
    return tuple(found)


def warn_of_random_trunk(model: Any) -> str | None:
    """What to say of a trunk that has learned nothing and will not; None where all is well.

    Args:
        model: the network, as far frozen as it will be.
    """
    still = [
        trunk
        for trunk in getattr(model, "trunks", ())
        if trunk.layers and not any(layer.trainable for layer in trunk.layers)
    ]
    if not (still and model.random_weights and not model.trained_trunks):
        return None
    return (
        f"the trunk of {model.name} has random weights and does not learn: what is trained on it "
        "knows no pictures. Fix: --trunk FILE|imagenet (backbone_weights=), or --init FILE"
    )


def _with_weights(model: Any) -> Iterator[Any]:
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from _with_weights(layer)
        elif layer.weights:
            yield layer
