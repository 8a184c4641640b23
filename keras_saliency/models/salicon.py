"""SALICON, the network: a picture at two scales, each through VGG-16, and one linear readout.

Huang, Shen, Boix, Zhao, "SALICON: Reducing the semantic gap in saliency prediction by adapting deep
neural networks", ICCV 2015, in the form of OpenSALICON (CLT29/OpenSALICON), whose pictures are
twice as large as the paper's.

    half the picture, 600x800 -> VGG-16 to pool5 -> 19x25 -> linear, 38x50 |
    the picture, 1200x1600    -> VGG-16 to pool5 -> 38x50                  | -> 1x1 to one, sigmoid
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers

from benchmark_kit.errors import ConfigError
from benchmark_kit.imaging.min_max import min_max
from keras_saliency.backbones.adapters import colours_of, encode
from keras_saliency.backbones.trunk import Trunk
from keras_saliency.base.colours import Colours
from keras_saliency.base.geometry import Plan
from keras_saliency.base.saliency_model import Front, SaliencyModel
from keras_saliency.layers.upsample import ResizeLike, ResizeTo
from keras_saliency.models._assemble import assemble, picture_input
from keras_saliency.models._spline import SplineGeometry

MEAN = (103.939, 116.779, 123.68)
COLOURS = Colours("bgr", 1 / 255, tuple(mean / 255 for mean in MEAN))  # type: ignore[arg-type]


def salicon(
    input_shape: tuple[int, int] = (1200, 1600), tied: bool = False, encoder: Any = "vgg16"
) -> SaliencyModel:
    """The network; the map is at stride 32, sides rounded up, in 0..1.

    The coarse picture is made from the fine one by linear interpolation with aligned corners (our
    choice: one input instead of two); the released code makes both from the file by cubic splines.

    Args:
        input_shape: (height, width) of the fine picture; the coarse one has half of it.
        tied: whether both scales go through one trunk; the released network has two.
        encoder: the trunk; of another than VGG-16 its deepest tap.

    Raises:
        ConfigError: a Keras model as encoder of two trunks, whose layers cannot be there twice.
    """
    picture = picture_input(input_shape, least=32, model="salicon")
    half = (input_shape[0] // 2, input_shape[1] // 2)
    coarse = ResizeTo(half, "align_corners", name="coarse_picture")(picture)
    if tied:
        open_picture = keras.Input((None, None, 3), name="any_picture")
        trunks = [_tower(encoder, open_picture, "")]
        tower = keras.Model(open_picture, _deepest(trunks[0]), name="tower")
        features = [tower(coarse), tower(picture)]
    elif isinstance(encoder, keras.Model):
        raise ConfigError(
            "salicon has two trunks, and a Keras model can be one of them only. Fix: tied=True, "
            "or the name of a backbone"
        )
    else:
        trunks = [_tower(encoder, coarse, "coarse_"), _tower(encoder, picture, "fine_")]
        features = [_deepest(trunk) for trunk in trunks]
    enlarged = ResizeLike("align_corners", name="coarse_on_grid")(*features)
    x = layers.Concatenate(name="features")([enlarged, features[1]])
    x = layers.Conv2D(
        1,
        1,
        activation="sigmoid",
        kernel_initializer="zeros",
        data_format="channels_last",
        dtype="float32",
        name="map",
    )(x)
    colours = COLOURS if encoder == "vgg16" else colours_of(encoder)
    front = Front(input_shape, SplineGeometry(), colours, _scaled)
    return assemble("salicon", picture, x, front, trunks)


def _tower(encoder: Any, picture: Any, prefix: str) -> Trunk:
    options = {"alignment": "caffe"} if encoder == "vgg16" else {}
    return encode(encoder, picture, prefix, **options)


def _deepest(trunk: Trunk) -> Any:
    last = "block5_pool" if trunk.backbone.name == "vgg16" else trunk.backbone.taps[-1]
    return trunk.taps[last]


def _scaled(raw: np.ndarray, plan: Plan) -> np.ndarray:
    """The released code's map: scaled to 0..1 on the grid; the spline's overshoot is cut off."""
    return np.clip(plan.onto_image(min_max(raw)), 0, 1)
