"""SalGAN: VGG16 as encoder, its mirror image as decoder, and a discriminator to train against.

Pan et al., "SalGAN: Visual Saliency Prediction with Generative Adversarial Networks",
arXiv:1701.01081, and the released code (imatge-upc/salgan). Blocks 1 to 3 of the encoder
are frozen.

    picture -> VGG16 to conv5_3 -> 3 x 3x3, 512 -> (x2, 3 x 512) -> (x2, 3 x 256) -> (x2, 2 x 128)
            -> (x2, 2 x 64) -> 1x1, sigmoid
"""

from __future__ import annotations

import itertools
from typing import Any

import keras
import numpy as np
from keras import layers

from benchmark_kit.errors import ConfigError
from keras_saliency.backbones.adapters import encode
from keras_saliency.base.colours import CAFFE
from keras_saliency.base.geometry import Geometry, Plan
from keras_saliency.base.saliency_model import Front, SaliencyModel
from keras_saliency.layers.weight_norm_conv import WeightNormConv2D
from keras_saliency.models._assemble import assemble, picture_input
from keras_saliency.models._convolution import convolution, convolution_relu

DECODER = ((512, 3), (512, 3), (256, 3), (128, 2), (64, 2))
FROZEN = ("block1", "block2", "block3")


def salgan(input_shape: tuple[int, int] = (192, 256)) -> SaliencyModel:
    """The generator; the output has the picture's size and lies in 0..1.

    Args:
        input_shape: (height, width), multiples of 16.
    """
    picture = picture_input(input_shape, multiple=16, least=16, model="salgan")
    trunk = encode("vgg16", picture, last_pool=False)
    for layer in trunk.layers:
        layer.trainable = not layer.name.startswith(FROZEN)
    x = trunk.taps["block5_conv3"]
    for group, (filters, count) in enumerate(DECODER, start=1):
        if group > 1:
            x = layers.UpSampling2D(
                2, interpolation="nearest", data_format="channels_last", name=f"up{group - 1}"
            )(x)
        for k in range(1, count + 1):
            x = convolution_relu(x, filters, 3, f"decoder{group}_conv{k}")
    x = convolution(x, 1, 1, "map", activation="sigmoid", dtype="float32")
    front = Front(input_shape, Geometry("squeeze", "area", back="bicubic"), CAFFE, _smooth)
    return assemble("salgan", picture, x, front, [trunk])


def discriminator(
    input_shape: tuple[int, int] = (192, 256), form: str = "code", seed: int | None = None
) -> Any:
    """The network that tells maps of people from maps of the generator.

    Args:
        input_shape: (height, width), fixed: dense layers follow.
        form: `"code"` pools by 4 first, `"paper"` by 2.
        seed: of its weights; None: Keras' own.

    Returns:
        a Keras model from (height, width, 4) - the map in 0..1, then RGB in 0..255 - to a
        probability.

    Raises:
        ConfigError: an unknown form.
    """
    if form not in ("code", "paper"):
        raise ConfigError(f"form must be 'code' or 'paper', got {form!r}")
    number = itertools.count()

    def drawn() -> dict[str, Any]:
        """Glorot's uniform, another draw for each layer."""
        own = None if seed is None else seed + next(number)
        return {"kernel_initializer": keras.initializers.GlorotUniform(own)}

    inputs = keras.Input((*input_shape, 4), name="map_and_picture")
    x = convolution_relu(inputs, 3, 1, "merge", **drawn())
    x = convolution_relu(x, 32, 3, "conv1", **drawn())
    x = _pool(x, 4 if form == "code" else 2, "pool1")
    for name in ("conv2_1", "conv2_2"):
        x = convolution_relu(x, 64, 3, name, **drawn())
    x = _pool(x, 2, "pool2")
    for name in ("conv3_1", "conv3_2"):
        x = WeightNormConv2D(64, 3, activation="relu", name=name, **drawn())(x)
    x = layers.Flatten(name="flat")(_pool(x, 2, "pool3"))
    x = layers.Dense(100, activation="tanh", name="fc4", **drawn())(x)
    x = layers.Dense(2, activation="tanh", name="fc5", **drawn())(x)
    x = layers.Dense(1, "sigmoid", dtype="float32", name="probability", **drawn())(x)
    return keras.Model(inputs, x, name="salgan_discriminator")


def _pool(x: Any, size: int, name: str) -> Any:
    return layers.MaxPooling2D(size, data_format="channels_last", name=name)(x)


def _smooth(raw: np.ndarray, plan: Plan) -> np.ndarray:
    """The released code's map: 8 bits, bicubic to the picture, a 5x5 Gaussian of sigma 1.1."""
    from scipy.ndimage import gaussian_filter

    found = plan.onto_image(np.trunc(raw * 255))
    return np.clip(gaussian_filter(found, 1.1, mode="mirror", radius=2), 0, 255)
