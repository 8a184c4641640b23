"""Any trunk as the encoder of a network: one of ours by name, or a Keras model with named taps.

KerasHub and KerasCV backbones come in as Keras models: their layers are named, so a tap is a layer.
"""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Sequence
from typing import Any

import keras

from benchmark_kit.errors import ConfigError
from keras_saliency.backbones._trunk import PLAIN, Backbone, Colours, Taps, Trunk

# module -> its trunks; a module is imported when one of them is asked for
HOMES = {
    "vgg": ("VGG16", "VGG19"),
    "vgg_m": ("VGG_M",),
    "resnet": ("RESNET50", "RESNET101", "RESNEXT50"),
    "resnet_caffe": ("RESNET50_CAFFE",),
    "densenet": ("DENSENET121", "DENSENET161", "DENSENET169", "DENSENET201"),
    "nasnet": ("NASNET_LARGE", "NASNET_MOBILE"),
    "dpn": ("DPN131",),
    "alexnet": ("ALEXNET", "ALEXNET_TORCH"),
    "googlenet": ("GOOGLENET",),
    "mobilenet": ("MOBILENET",),
    "efficientnet": ("EFFICIENTNET_B5",),
    "efficientnet_lite": ("EFFICIENTNET_LITE0",),
}


def list_backbones() -> tuple[str, ...]:
    """Names that `encoder=` takes."""
    return tuple(sorted(name.lower() for names in HOMES.values() for name in names))


def get_backbone(name: str) -> Backbone:
    """A trunk by name.

    Raises:
        ConfigError: unknown name; the message holds the nearest.
    """
    for module, names in HOMES.items():
        if name.upper() in names:
            home = importlib.import_module(f"keras_saliency.backbones.{module}")
            return getattr(home, name.upper())
    near = difflib.get_close_matches(name, list_backbones(), n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    raise ConfigError(f"unknown encoder {name!r}: {hint}known are {', '.join(list_backbones())}")


def colours_of(encoder: str | Backbone | Any) -> Colours:
    """The preparation that an encoder's weights expect; of a Keras model: none."""
    if isinstance(encoder, str):
        return get_backbone(encoder).colours
    return encoder.colours if isinstance(encoder, Backbone) else PLAIN


def encode(encoder: str | Backbone | Any, inputs: Any, prefix: str = "", **options: Any) -> Trunk:
    """Put a trunk on a tensor.

    Args:
        encoder: a name, a `Backbone`, or a functional Keras model with one input.
        inputs: tensor (batch, height, width, 3), prepared by the trunk's colours.
        prefix: put before every layer's name (two trunks in one model).
        **options: of the trunk's function: strides, dilations ...; none for a Keras model.

    Raises:
        ConfigError: an unknown name, or a Keras model that cannot be tapped.
    """
    if isinstance(encoder, keras.Model):
        return _of_model(encoder, inputs)
    backbone = get_backbone(encoder) if isinstance(encoder, str) else encoder
    taps = backbone.build(inputs, prefix=prefix, **options)
    whole = keras.Model(inputs, list(taps.values()))
    return Trunk(backbone, taps, _leaves(whole), prefix)


def encode_layers(
    encoder: str | Backbone | Any, inputs: Any, names: Sequence[str], prefix: str = ""
) -> tuple[Trunk, list[Any]]:
    """Put a trunk on a tensor and tap any of its layers, also inside blocks, before activations.

    Args:
        encoder: as for `encode`.
        inputs: tensor (batch, height, width, 3), prepared by the trunk's colours.
        names: layers in the trunk's own words; empty: the last of its two coarsest resolutions.
        prefix: put before every layer's name.

    Returns:
        the trunk, and the tapped tensors. Layers behind the last tap are no part of the model.

    Raises:
        ConfigError: an unknown encoder, or one that has no such layer.
    """
    trunk = encode(encoder, inputs, prefix)
    names = list(names) or list(trunk.backbone.taps[-2:])
    inner = {
        layer.name: layer.output
        for layer in trunk.layers
        if not isinstance(encoder, keras.Model) and not isinstance(layer.output, list)
    }
    found = [trunk.taps.get(name, inner.get(prefix + name)) for name in names]
    if missing := [name for name, tensor in zip(names, found, strict=True) if tensor is None]:
        raise ConfigError(f"encoder {trunk.backbone.name} has no layer {', '.join(missing)}")
    kept = keras.Model(inputs, found)
    trunk.layers = [layer for layer in _leaves(kept) if layer in trunk.layers]
    return trunk, found


def _of_model(model: Any, inputs: Any) -> Trunk:
    """Taps of a Keras model: the last output of each resolution, and every layer by name.

    A model inside it is no tap, as its output tensor is of another graph.
    """
    if len(getattr(model, "inputs", None) or ()) != 1:
        raise ConfigError(
            f"encoder {model.name}: expected a functional Keras model with one input. "
            "Fix: keras.Model(inputs, outputs) of it"
        )
    by_name = {
        layer.name: layer.output
        for layer in model.layers
        if not isinstance(layer, keras.layers.InputLayer | keras.Model)
        and not isinstance(layer.output, list)
        and len(layer.output.shape) == 4
    }
    tapped = keras.Model(model.inputs, by_name, name=f"{model.name}_taps")
    outputs: Taps = tapped(inputs)
    names, strides = _resolutions(tapped)
    backbone = Backbone(model.name, tapped, PLAIN, names, strides)
    return Trunk(backbone, outputs, _leaves(model))


def _leaves(model: Any) -> list[Any]:
    """The layers with weights of a model and of models inside it."""
    found = []
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            found += _leaves(layer)
        elif layer.weights:
            found.append(layer)
    return found


def _resolutions(tapped: Any) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """The last layer of each resolution, shallow to deep, and its stride at 256x256."""
    shapes = tapped.compute_output_spec(keras.KerasTensor((1, 256, 256, 3)))
    last: dict[int, str] = {}
    for name, spec in shapes.items():
        if spec.shape[1] and 256 % spec.shape[1] == 0:
            last[256 // spec.shape[1]] = name
    strides = tuple(sorted(last))
    return tuple(last[stride] for stride in strides), strides
