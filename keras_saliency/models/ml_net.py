"""ML-Net: three levels of VGG16 on one grid, a small encoding network, a learned prior.

Cornia, Baraldi, Serra, Cucchiara, "A Deep Multi-Level Network for Saliency Prediction", ICPR 2016,
and the released code (marcellacornia/mlnet). `ml_net_report` is a student report's variant of it.

    picture -> VGG16, pool4 at stride 1 -> [pool3, pool4, conv5_3] -> dropout -> 3x3, 64 -> 1x1, 1
            -> times the prior -> ReLU
"""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import layers

from benchmark_kit.errors import ConfigError
from keras_saliency.base.colours import CAFFE, TORCH
from keras_saliency.base.geometry import Geometry, Plan
from keras_saliency.base.saliency_model import Front, SaliencyModel
from keras_saliency.layers.prior_map import PriorMap
from keras_saliency.models._assemble import assemble, picture_input
from keras_saliency.models._convolution import convolution, convolution_relu
from keras_saliency.models._stride_8 import taps_at_stride_8

TAPS = ("block3_pool", "block4_pool", "block5_conv3")
START: dict[str, Any] = {"kernel_initializer": "glorot_normal"}
FREEZE = ("none", "notebook", "torch_features", "keras_layers")


def ml_net(
    input_shape: tuple[int, int] = (480, 640), alignment: str = "tf", encoder: Any = "vgg16"
) -> SaliencyModel:
    """The network of the paper and its code; the output lies at stride 8.

    Args:
        input_shape: (height, width), multiples of 8. The prior is a tenth of the map, which it fits
            exactly where they are multiples of 80; else it is stretched to the map (our choice).
        alignment: of the pools, `"tf"` or, as the original, `"theano"`.
        encoder: the trunk; with another than VGG16 pictures are prepared as that one asks.
    """
    picture = picture_input(input_shape, multiple=8, least=80, model="ml_net")
    trunk, taps = taps_at_stride_8(
        encoder,
        picture,
        TAPS,
        strides=(2, 2, 2, 1, 1),
        alignment=alignment,
        last_pool=False,
    )
    x = layers.Concatenate(name="levels")(taps)
    x = layers.Dropout(0.5, name="dropout")(x)
    x = convolution_relu(x, 64, 3, "int_conv", **START)
    x = convolution_relu(x, 1, 1, "pre_final_conv", **START)
    x = PriorMap(factor=10, mode="offset", alignment="theano", dtype="float32", name="prior")(x)
    x = layers.Activation("relu", dtype="float32", name="map")(x)
    colours = CAFFE if encoder == "vgg16" else trunk.backbone.colours
    front = Front(input_shape, Geometry("pad"), colours, _to_eight_bits)
    return assemble("ml_net", picture, x, front, [trunk])


def ml_net_report(
    input_shape: tuple[int, int] = (240, 320), freeze: str = "torch_features"
) -> SaliencyModel:
    """The student report's variant: no ReLU in the head, channel dropout, a prior that multiplies.

    Args:
        input_shape: (height, width), multiples of 8.
        freeze: what "the first 23 layers frozen" means: `"torch_features"` the first 23 modules of
            torch's VGG16, up to conv4_3, so that the prior learns as the report says; `"notebook"`
            the first 23 parameter tensors, as its notebook did (with the prior, which comes first
            and never learns, up to conv5_1; without, also conv5_2's kernel); `"keras_layers"` the
            whole trunk; `"none"`.

    Raises:
        ConfigError: an unknown `freeze`, or a size that is no multiple of 8.
    """
    return _ml_net_report(input_shape, freeze, prior=True)


def ml_net_report_no_prior(
    input_shape: tuple[int, int] = (240, 320), freeze: str = "torch_features"
) -> SaliencyModel:
    """The variant without the prior; arguments as `ml_net_report`."""
    return _ml_net_report(input_shape, freeze, prior=False)


def _ml_net_report(input_shape: tuple[int, int], freeze: str, *, prior: bool) -> SaliencyModel:
    if freeze not in FREEZE:
        raise ConfigError(f"freeze must be one of {', '.join(FREEZE)}, got {freeze!r}")
    name = "ml_net_report" if prior else "ml_net_report_no_prior"
    picture = picture_input(input_shape, multiple=8, least=80, model=name)
    trunk, taps = taps_at_stride_8(
        "vgg16", picture, TAPS, strides=(2, 2, 2, 1, 1), sizes=(2, 2, 2, 5, 2), last_pool=False
    )
    x = layers.Concatenate(name="levels")(taps)
    x = layers.SpatialDropout2D(0.5, data_format="channels_last", name="dropout")(x)
    x = convolution(x, 64, 3, "int_conv", **START)
    x = convolution(x, 1, 1, "pre_final_conv", **START)
    if prior:
        x = PriorMap(
            factor=10,
            mode="direct",
            alignment="align_corners",
            regularizer_scale=1.0,
            dtype="float32",
            name="prior",
        )(x)
    x = layers.Activation("relu", dtype="float32", name="map")(x)
    model = assemble(name, picture, x, Front(input_shape, Geometry(), TORCH), [trunk])
    _freeze(model, freeze, prior)
    return model


def _freeze(model: SaliencyModel, freeze: str, prior: bool) -> None:
    convolutions = [layer.name for layer in model.trunks[0].layers]
    until = {
        "none": 0,
        "notebook": convolutions.index("block5_conv1") + 1,
        "torch_features": convolutions.index("block4_conv3") + 1,
        "keras_layers": len(convolutions),
    }[freeze]
    for name in convolutions[:until]:
        model.get_layer(name).trainable = False
    if freeze == "notebook" and prior:
        model.get_layer("prior").trainable = False
    elif freeze == "notebook":
        # the 23rd tensor is a kernel whose bias goes on training
        model.get_layer("block5_conv2").kernel.trainable = False


def _to_eight_bits(raw: np.ndarray, plan: Plan) -> np.ndarray:
    """The released code's map: on the picture, by its maximum to 0..255, whole numbers."""
    found = plan.onto_image(raw)
    top = found.max()
    return np.trunc(found / top * 255) if top > 0 else np.zeros_like(found)
