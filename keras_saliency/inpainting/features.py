"""The frozen network whose features `PConvLoss` compares: VGG16's first three pools."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras

from keras_saliency.backbones.adapters import encode
from keras_saliency.backbones.weights import load_trunk
from keras_saliency.base.colours import CAFFE
from keras_saliency.layers.prepare import PrepareColours

POOLS = ("block1_pool", "block2_pool", "block3_pool")
# The loss' weights were made for pictures over ImageNet's deviations (0.226 of 255 on average).
# Keras' VGG16 takes 0..255, and its features grow with its pictures: this brings them back.
RANGE = 0.226 * 255


def perceptual_features(weights: str | Path | None = "imagenet") -> Any:
    """The feature network, to be given to `compile_recipe(model, features=…)`.

    Args:
        weights: of VGG16: `"imagenet"`, a file, or None for random ones (tests alone).

    Returns:
        a frozen `keras.Model` from pictures (b, h, w, 3) in 0..1 to three feature maps.

    Raises:
        ConfigError: no such file, or a failed download.
        InputError: a file of another network.
    """
    picture = keras.Input((None, None, 3), name="picture")
    scaled = PrepareColours(CAFFE.order, 255.0, CAFFE.mean, name="colours")(picture)
    trunk = encode("vgg16", scaled)
    load_trunk(trunk, weights)
    found = [keras.layers.Rescaling(1 / RANGE, name=f"{p}_scaled")(trunk.taps[p]) for p in POOLS]
    model = keras.Model(picture, found, name="perceptual_features")
    model.trainable = False
    return model
