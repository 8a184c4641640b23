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
from keras_saliency.backbones.trunk import Backbone, Taps, Trunk
from keras_saliency.base.colours import PLAIN, Colours
from keras_saliency.base.leaves import leaves

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
    "efficientnet_lite": ("EFFICIENTNET_LITE0", "EFFICIENTNET_LITE2"),
}

SIDE = 256  # of the picture by which strides are judged where a model takes any
STRIDES = (1, 2, 4, 8, 16, 32, 64)


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
    return Trunk(backbone, taps, _with_weights(whole), prefix)


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
    trunk.layers = [layer for layer in _with_weights(kept) if layer in trunk.layers]
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
    _check_pictures(model, inputs)
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
    return Trunk(backbone, outputs, _with_weights(model))


def _with_weights(model: Any) -> list[Any]:
    return [layer for layer in leaves(model) if layer.weights]


def _resolutions(tapped: Any) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """The last layer of each resolution, shallow to deep, and its stride.

    Judged by the rows of a picture of the model's own size, or of 256 where it takes any.
    """
    own = tapped.inputs[0].shape[1:3]
    rows, columns = (SIDE if side is None else side for side in own)
    shapes = tapped.compute_output_spec(keras.KerasTensor((1, rows, columns, 3)))
    # halves of an odd side are rounded up or down, as the padding has it
    strides = {n: s for s in STRIDES for n in (rows // s, -(-rows // s)) if n}
    last = {strides[s.shape[1]]: name for name, s in shapes.items() if s.shape[1] in strides}
    if not last:
        raise ConfigError(
            f"encoder {tapped.name.removesuffix('_taps')}: none of its layers has the rows of its "
            f"pictures divided by 1, 2, 4, … {STRIDES[-1]}, so none can be tapped by its stride"
        )
    return tuple(last[stride] for stride in sorted(last)), tuple(sorted(last))


def _check_pictures(model: Any, inputs: Any) -> None:
    """Refuse pictures that the model was not built for."""
    wanted, given = model.inputs[0].shape, inputs.shape
    if len(wanted) != 4 or wanted[-1] not in (3, None):
        raise ConfigError(
            f"encoder {model.name} takes {tuple(wanted[1:])}; expected pictures (height, width, 3)"
        )
    if any(None is not own != side for own, side in zip(wanted[1:3], given[1:3], strict=True)):
        size = tuple(wanted[1:3])
        raise ConfigError(
            f"encoder {model.name} takes pictures of {size[0]}x{size[1]} (height x width) alone, "
            f"the network gives it {given[1]}x{given[2]}. Fix: input_shape={size}, or build the "
            "encoder with input_shape=(None, None, 3)"
        )
