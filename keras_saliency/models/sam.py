"""SAM: a dilated trunk, an attentive ConvLSTM, two rounds of learned Gaussian priors.

Cornia, Baraldi, Serra, Cucchiara, "Predicting Human Eye Fixations via an LSTM-based Saliency
Attentive Model", IEEE TIP 2018, and the released code (marcellacornia/sam).

    picture -> VGG16 or ResNet-50 at stride 8 -> 512 features -> 4 steps of attentive ConvLSTM
            -> 2 x (16 Gaussian priors beside it, 5x5 dilated by 4) -> 1x1 -> x16
"""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import layers

from keras_saliency.backbones.adapters import encode
from keras_saliency.backbones.trunk import Trunk
from keras_saliency.base.colours import CAFFE
from keras_saliency.base.geometry import Geometry, Plan
from keras_saliency.base.saliency_model import Front, SaliencyModel
from keras_saliency.layers.attentive_convlstm import AttentiveConvLSTM2D
from keras_saliency.layers.gaussian_prior import GaussianPrior
from keras_saliency.layers.upsample import BilinearUpsampling2D
from keras_saliency.models._assemble import assemble, picture_input
from keras_saliency.models._convolution import convolution_relu
from keras_saliency.models._stride_8 import deep_taps_at_stride_8

FEATURES = 512
PRIORS = 16


def sam_vgg(
    input_shape: tuple[int, int] = (240, 320),
    alignment: str = "tf",
    steps: int = 4,
    features: int = FEATURES,
) -> SaliencyModel:
    """The network on VGG16; the output is twice the input's size.

    Args:
        input_shape: (height, width), multiples of 8.
        alignment: of the pools, `"tf"` or, as the original, `"theano"`.
        steps: of the recurrence.
        features: channels of recurrence and priors; fewer for a CPU. The trunk's 512 go in.
    """
    picture = picture_input(input_shape, multiple=8, least=16, model="sam_vgg")
    trunk = encode(
        "vgg16",
        picture,
        strides=(2, 2, 2, 1, 1),
        dilations=(1, 1, 1, 1, 2),
        alignment=("valid", "valid", alignment, alignment, alignment),
        last_pool=False,
    )
    last = trunk.taps["block5_conv3"]
    return _sam("sam_vgg", input_shape, picture, trunk, last, steps, features)


def sam_resnet(
    input_shape: tuple[int, int] = (240, 320),
    encoder: Any = "resnet50",
    steps: int = 4,
    features: int = FEATURES,
) -> SaliencyModel:
    """The network on ResNet-50 (Keras v1); the output is twice the input's size.

    Args:
        input_shape: (height, width), multiples of 8.
        encoder: the trunk; another than ResNet-50 gives its deepest taps of stride 8 and of each
            larger stride, on one grid of stride 8.
        steps: of the recurrence.
        features: channels of all that follows the trunk; fewer for a CPU.
    """
    picture = picture_input(input_shape, multiple=8, least=16, model="sam_resnet")
    if encoder == "resnet50":
        trunk = encode(
            "resnet50", picture, strides=(1, 2, 1, 1), dilations=(1, 1, 2, 4), epsilon=1.001e-5
        )
        x = trunk.taps["conv5_block3_out"]
    else:
        trunk, taps = deep_taps_at_stride_8(encoder, picture)
        x = layers.Concatenate(name="levels")(taps)
    x = convolution_relu(x, features, 3, "features")
    return _sam("sam_resnet", input_shape, picture, trunk, x, steps, features)


def _sam(
    name: str,
    size: tuple[int, int],
    picture: Any,
    trunk: Trunk,
    x: Any,
    steps: int,
    features: int,
) -> SaliencyModel:
    x = AttentiveConvLSTM2D(features, steps=steps, name="attentive_convlstm")(x)
    x = prior_rounds(x, features)
    x = layers.Conv2D(1, 1, activation="relu", data_format="channels_last", name="readout")(x)
    x = BilinearUpsampling2D(16, alignment="theano", dtype="float32", name="map")(x)
    colours = CAFFE if trunk.backbone.name in ("vgg16", "resnet50") else trunk.backbone.colours
    return assemble(name, picture, x, Front(size, Geometry("pad"), colours, _smooth), [trunk])


def prior_rounds(x: Any, features: int, priors: int = PRIORS) -> Any:
    """Twice: learned Gaussian maps beside the features, a 5x5 convolution dilated by 4.

    Args:
        x: tensor (batch, rows, columns, channels).
        features: channels of the output.
        priors: Gaussian maps a round; 0 leaves the convolutions.
    """
    for k in (1, 2):
        if priors:
            maps = GaussianPrior(priors, name=f"priors{k}")(x)
            x = layers.Concatenate(name=f"with_priors{k}")([x, maps])
        x = convolution_relu(x, features, 5, f"conv_priors{k}", dilation_rate=4)
    return x


def _smooth(raw: np.ndarray, plan: Plan) -> np.ndarray:
    """The released code's map: on the picture, a Gaussian of sigma 7 there, whole 0..255."""
    from scipy.ndimage import gaussian_filter

    found = gaussian_filter(plan.onto_image(raw), 7.0)
    top = found.max()
    return np.trunc(found / top * 255) if top > 0 else np.zeros_like(found)
