"""DeepFix, a reconstruction: dilated VGG16, two inception modules, location-biased convolutions.

Kruthiventi, Ayush, Babu, "DeepFix: A Fully Convolutional Neural Network for Predicting Human Eye
Fixations", arXiv:1510.02927. No code was published; widths that the paper's abstract and later
texts do not state are ours and are options.
"""

from __future__ import annotations

from typing import Any

from keras import initializers, layers

from keras_saliency.backbones.adapters import encode
from keras_saliency.base.colours import CAFFE
from keras_saliency.base.geometry import Geometry
from keras_saliency.base.saliency_model import Front, SaliencyModel
from keras_saliency.layers.location_bias import LocationBiasedConv2D
from keras_saliency.models._assemble import assemble, picture_input
from keras_saliency.models._convolution import convolution_relu

START = 0.01  # spread of the new layers' first weights, our reading


def deepfix(
    input_shape: tuple[int, int] = (480, 640),
    alignment: str = "tf",
    inception: tuple[int, ...] = (128, 128, 256, 32, 64, 64),
    location_filters: int = 512,
    dropout: float = 0.0,
) -> SaliencyModel:
    """The network; the output lies at stride 8.

    Args:
        input_shape: (height, width), multiples of 8.
        alignment: of the pools, `"tf"` or `"theano"`.
        inception: widths of a module: 1x1; 1x1 before 3x3, 3x3; 1x1 before the dilated 3x3, the
            dilated 3x3; 1x1 after the pool.
        location_filters: of each location-biased convolution.
        dropout: before each location-biased convolution.
    """
    picture = picture_input(input_shape, multiple=8, least=16, model="deepfix")
    trunk = encode(
        "vgg16",
        picture,
        strides=(2, 2, 2, 1, 1),
        dilations=(1, 1, 1, 1, 2),
        alignment=alignment,
    )
    x = trunk.taps["block5_pool"]
    for k in (1, 2):
        x = _inception(x, inception, f"inception{k}")
    for k in (1, 2):
        if dropout:
            x = layers.Dropout(dropout, name=f"dropout{k}")(x)
        x = LocationBiasedConv2D(
            location_filters,
            5,
            dilation_rate=6,
            activation="relu",
            kernel_initializer=initializers.RandomNormal(stddev=START),
            name=f"location{k}",
        )(x)
    x = _new(x, 1, 1, "map", dtype="float32")
    front = Front(input_shape, Geometry("pad"), CAFFE)
    return assemble("deepfix", picture, x, front, [trunk])


def _inception(x: Any, widths: tuple[int, ...], name: str) -> Any:
    plain, before, wide, before_dilated, dilated, pooled = widths
    branches = [
        _new(x, plain, 1, f"{name}_1x1"),
        _new(_new(x, before, 1, f"{name}_3x3_in"), wide, 3, f"{name}_3x3"),
        _new(
            _new(x, before_dilated, 1, f"{name}_dilated_in"),
            dilated,
            3,
            f"{name}_dilated",
            dilation_rate=2,
        ),
        _new(
            layers.MaxPooling2D(
                3, 1, padding="same", data_format="channels_last", name=f"{name}_pool"
            )(x),
            pooled,
            1,
            f"{name}_pooled",
        ),
    ]
    return layers.Concatenate(name=name)(branches)


def _new(x: Any, filters: int, size: int, name: str, **options: Any) -> Any:
    start = initializers.RandomNormal(stddev=START)
    return convolution_relu(x, filters, size, name, kernel_initializer=start, **options)
