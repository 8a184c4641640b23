"""NASNet trunks (Zoph et al., CVPR 2018): the networks of `keras.applications`, tapped.

Their graph depends on the picture's size, so it is fixed when the model is built. As the trunk is
nested, its layers keep their names whatever stands beside it.
"""

from __future__ import annotations

from typing import Any

import keras

from benchmark_kit.errors import ConfigError
from keras_saliency.backbones.trunk import Backbone, Taps
from keras_saliency.base.colours import SIGNED

TAPS = (
    "reduction_concat_stem_2",
    "normal_concat_5",
    "reduction_concat_reduce_6",
    "normal_concat_12",
    "reduction_concat_reduce_12",
    "normal_concat_18",
)
MOBILE_TAPS = (
    "reduction_concat_stem_2",
    "normal_concat_3",
    "reduction_concat_reduce_4",
    "normal_concat_8",
    "reduction_concat_reduce_8",
    "normal_concat_12",
)
STRIDES = (8, 8, 16, 16, 32, 32)
URL = "https://storage.googleapis.com/tensorflow/keras-applications/nasnet/"


def _tapped(network: Any, inputs: Any, names: tuple[str, ...], name: str) -> Taps:
    size = tuple(inputs.shape[1:3])
    if None in size:
        raise ConfigError(f"{name} needs a fixed input size. Fix: input_shape=(height, width)")
    whole = network(input_shape=(*size, 3), include_top=False, weights=None)
    taps = {tap: whole.get_layer(tap).output for tap in names}
    return keras.Model(whole.input, taps, name=name)(inputs)


def nasnet_large(inputs: Any, *, prefix: str = "") -> Taps:
    """NASNet-Large: 84,916,818 parameters.

    Args:
        inputs: tensor (batch, height, width, 3) of known sides, in -1..1.
        prefix: put before the nested model's name.

    Returns:
        `TAPS`, by name.

    Raises:
        ConfigError: unknown height or width.
    """
    network = keras.applications.NASNetLarge
    return _tapped(network, inputs, TAPS, f"{prefix}nasnet_large")


def nasnet_mobile(inputs: Any, *, prefix: str = "") -> Taps:
    """NASNet-Mobile: 4,269,716 parameters; as `nasnet_large`, with `MOBILE_TAPS`."""
    network = keras.applications.NASNetMobile
    return _tapped(network, inputs, MOBILE_TAPS, f"{prefix}nasnet_mobile")


NASNET_LARGE = Backbone(
    "nasnet_large",
    nasnet_large,
    SIGNED,
    TAPS,
    STRIDES,
    file="nasnet_large_no_top.h5",
    url=URL,
    md5="d81d89dc07e6e56530c4e77faddd61b5",
)
NASNET_MOBILE = Backbone(
    "nasnet_mobile",
    nasnet_mobile,
    SIGNED,
    MOBILE_TAPS,
    STRIDES,
    file="nasnet_mobile_no_top.h5",
    url=URL,
    md5="1ed92395b5b598bdda52abe5c0dbfd63",
)
