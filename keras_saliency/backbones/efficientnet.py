"""EfficientNet-B5 (Tan and Le, ICML 2019) as `keras.applications` builds it.

It scales RGB in 0..255 itself. Its ImageNet file was made for a second division that Keras adds
only when it loads the file; the colours here do it instead.
"""

from __future__ import annotations

import math
from typing import Any

import keras

from keras_saliency.backbones.trunk import Backbone, Taps
from keras_saliency.base.colours import Colours

MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
ENDS = {  # the last layer of each resolution: stride
    "block1b_add": 2,
    "block2e_add": 4,
    "block3e_add": 8,
    "block5g_add": 16,
    "top_activation": 32,
}
COLOURS = Colours(
    mean=tuple(255 * m * (1 - math.sqrt(s)) for m, s in zip(MEAN, DEVIATION, strict=True)),  # type: ignore[arg-type]
    deviation=tuple(math.sqrt(s) for s in DEVIATION),  # type: ignore[arg-type]
)


def efficientnet_b5(inputs: Any, *, prefix: str = "") -> Taps:
    """The convolutional part: 28,513,527 parameters; strides cannot be changed.

    Args:
        inputs: tensor (batch, height, width, 3), prepared by `COLOURS`.
        prefix: put before every layer's name.

    Returns:
        Keras' layer name -> output of every layer with four axes.
    """
    source = keras.Input((None, None, 3))
    whole = keras.applications.EfficientNetB5(include_top=False, weights=None, input_tensor=source)
    taps: Taps = {}
    made = {id(source): inputs}
    for layer in whole.layers[1:]:
        given = layer.input if isinstance(layer.input, list) else [layer.input]
        layer_inputs = [made[id(tensor)] for tensor in given]
        name, made_as = _plain(layer.name), layer.name
        layer = layer.__class__.from_config({**layer.get_config(), "name": prefix + name})
        x = layer(layer_inputs if len(layer_inputs) > 1 else layer_inputs[0])
        made[id(whole.get_layer(made_as).output)] = x
        if len(x.shape) == 4:
            taps[name] = x
    return taps


def _plain(name: str) -> str:
    """Keras numbers the names that it gives itself; files have the first."""
    return next((kept for kept in ("rescaling", "normalization") if name.startswith(kept)), name)


EFFICIENTNET_B5 = Backbone(
    "efficientnet_b5",
    efficientnet_b5,
    COLOURS,
    tuple(ENDS),
    tuple(ENDS.values()),
    file="efficientnetb5_notop.h5",
    url="https://storage.googleapis.com/keras-applications/",
    md5="38879255a25d3c92d5e44e04ae6cec6f",
)
