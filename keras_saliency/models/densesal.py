"""DenseSal and DPNSal: one trunk on the picture and on its half size, one weight for every channel.

Oyama and Yamanaka, "Influence of image classification accuracy on saliency map estimation", CAAI
Transactions on Intelligence Technology 2018; code of their laboratory (islab-sophia/odisal).

    picture -> trunk -> fine;  half size -> the same trunk -> coarse, on fine's grid
            -> concatenated -> 1x1 -> leaky ReLU -> minus its minimum
"""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from benchmark_kit.errors import ConfigError
from keras_saliency.backbones.adapters import encode
from keras_saliency.backbones.trunk import Trunk
from keras_saliency.base.colours import Colours
from keras_saliency.base.geometry import Geometry
from keras_saliency.base.saliency_model import Front, SaliencyModel
from keras_saliency.layers.centre_weight import CentreWeight
from keras_saliency.layers.min_max import SubtractMinimum
from keras_saliency.layers.pixel_shuffle import PixelShuffle
from keras_saliency.layers.upsample import BilinearUpsampling2D, ResizeLike
from keras_saliency.models._assemble import assemble, picture_input

# the code takes the data set's mean, which it does not hold; this is ImageNet's
COLOURS = Colours(
    scale=1 / 255,
    mean=tuple(v / 255 for v in (123.675, 116.28, 103.53)),  # type: ignore[arg-type]
)
UPSAMPLING = ("none", "nearest2", "bilinear2", "bilinear4", "bilinear8", "deconvolution", "shuffle")


def densesal(
    input_shape: tuple[int, int] = (480, 640),
    upsampling: str = "none",
    alignment: str = "half_pixel",
    final_relu: bool = False,
    centre_bias: bool = False,
) -> SaliencyModel:
    """The network on DenseNet-161, whose last transition pools at stride 1.

    Args:
        input_shape: (height, width): larger pictures are scaled down to fit, upright ones into the
            turned frame; smaller ones keep their size.
        upsampling: `"none"`, or a way to enlarge the map: `"nearest2"`, `"bilinear2"` (4, 8) after
            the 1x1, `"deconvolution"` or `"shuffle"` before it.
        alignment: of bilinear resizing: `"half_pixel"`, or `"align_corners"` as torch of 2018 did.
        final_relu: whether a ReLU follows the trunk's last normalisation.
        centre_bias: whether a learned 20x20 map multiplies the output.
    """
    picture_input(input_shape, least=64, model="densesal")

    def build(inputs: Any) -> Trunk:
        return encode("densenet161", inputs, strides=(2, 2, 1), final_relu=final_relu)

    last = "relu" if final_relu else "bn"
    return _two_scales("densesal", input_shape, build, last, upsampling, alignment, centre_bias)


def dpnsal(
    input_shape: tuple[int, int] = (480, 640),
    upsampling: str = "none",
    alignment: str = "half_pixel",
    centre_bias: bool = False,
) -> SaliencyModel:
    """The network on DPN-131, whose last stage has stride 1 and dilation 2; options as there."""
    picture_input(input_shape, least=64, model="dpnsal")

    def build(inputs: Any) -> Trunk:
        return encode("dpn131", inputs, strides=(1, 2, 2, 1), dilations=(1, 1, 1, 2))

    return _two_scales("dpnsal", input_shape, build, "relu", upsampling, alignment, centre_bias)


def _two_scales(
    name: str,
    size: tuple[int, int],
    build: Any,
    last: str,
    upsampling: str,
    alignment: str,
    centre_bias: bool,
) -> SaliencyModel:
    if upsampling not in UPSAMPLING:
        raise ConfigError(f"upsampling must be one of {', '.join(UPSAMPLING)}, got {upsampling!r}")
    picture = keras.Input((None, None, 3), name="picture")
    inside = keras.Input((None, None, 3))
    trunk = build(inside)
    features = keras.Model(inside, trunk.taps[last], name="features")
    fine = features(picture)
    # every second pixel only says how large floor(side / 2) is
    half = ResizeLike(alignment, name="half_size")(picture, picture[:, 1::2, 1::2])
    coarse = ResizeLike(alignment, name="coarse_on_fine")(features(half), fine)
    x = layers.Concatenate(name="scales")([fine, coarse])
    x = _read(x, upsampling, alignment)
    x = layers.LeakyReLU(0.01, name="leaky")(x)
    if centre_bias:
        x = SubtractMinimum(dtype="float32", name="lifted")(x)
        x = CentreWeight(20, alignment, dtype="float32", name="map")(x)
    else:
        x = SubtractMinimum(dtype="float32", name="map")(x)
    front = Front(size, Geometry("shrink", least=64, turn=True), COLOURS)
    return assemble(name, picture, x, front, [trunk])


def _read(x: Any, upsampling: str, alignment: str) -> Any:
    if upsampling == "deconvolution":
        for k, filters in enumerate((128, 64, 32), start=1):
            x = layers.Conv2DTranspose(
                filters,
                4,
                strides=2,
                activation="relu",
                data_format="channels_last",
                name=f"enlarge{k}",
            )(x)
            # n cells become 2n + 2; the code's padding of 2 leaves 2n - 2
            x = layers.Cropping2D(2, data_format="channels_last", name=f"enlarge{k}_crop")(x)
    elif upsampling == "shuffle":
        for k, filters in enumerate((128, 64, 32), start=1):
            x = PixelShuffle(2, name=f"shuffle{k}")(x)
            x = layers.Conv2D(
                filters,
                3,
                padding="same",
                activation="relu",
                data_format="channels_last",
                name=f"enlarge{k}",
            )(x)
    x = layers.Conv2D(1, 1, data_format="channels_last", name="readout")(x)
    if upsampling[-1].isdigit():
        way = "nearest" if upsampling.startswith("nearest") else alignment
        x = BilinearUpsampling2D(int(upsampling[-1]), way, name="enlarge")(x)
    return x
