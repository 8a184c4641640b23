"""DeepGaze II: four pointwise layers on VGG-19's deepest block; ICF: the same on simple features.

Kümmerer, Wallis, Bethge, "DeepGaze II: Reading fixations from deep features trained on object
recognition", arXiv:1610.01563; Kümmerer, Wallis, Gatys, Bethge, "Understanding low- and high-level
contributions to fixation prediction", ICCV 2017 (ICF, intensity contrast features).

    picture, every second pixel -> VGG-19, five taps of block 5 | intensity and contrast at five
    scales -> standardised -> 1x1 to 16, 32, 2, 1, each with a ReLU -> blur, centre bias
"""

from __future__ import annotations

from typing import Any

from keras import initializers, layers

from keras_saliency.backbones.adapters import colours_of, encode, encode_layers
from keras_saliency.backbones.trunk import Trunk
from keras_saliency.base.probabilistic_model import ProbabilisticModel
from keras_saliency.layers.intensity_contrast import IntensityContrast
from keras_saliency.layers.standardize import Standardize
from keras_saliency.layers.subsample import Subsample
from keras_saliency.layers.upsample import ResizeLike
from keras_saliency.models._deepgaze_head import prepare
from keras_saliency.models._density import (
    FRAME,
    SIGMA,
    density_front,
    density_inputs,
    finalise,
    probabilistic,
)

DOWNSAMPLE = 2
LINEAR = ("block5_conv1", "block5_conv3")  # tapped before their ReLU
TAPS = (
    "block5_conv1_linear",
    "block5_conv1",
    "block5_conv2",
    "block5_conv3_linear",
    "block5_conv4",
)
WIDTHS = (16, 32, 2, 1)
NARROWEST = 0.5  # cells of the blur at its start
ALIVE = 0.1  # the last bias' start: a ReLU of zeros everywhere would learn nothing


def deepgaze2(
    input_shape: tuple[int, int] | None = None,
    encoder: Any = "vgg19",
    readout_stride: int = 2,
    activation: str = "relu",
) -> ProbabilisticModel:
    """DeepGaze II; the output is a log density of the picture's size.

    Args:
        input_shape: (height, width) that pictures are squeezed to; None: any size, and those
            larger than 768x1024 shrunk.
        encoder: the frozen trunk; of another than VGG-19 its two coarsest resolutions.
        readout_stride: halved picture's pixels for a cell of the readout: 2 (the paper), 8 or 16.
        activation: of the readout, `"relu"` or `"softplus"`.
    """
    picture, centre_bias = density_inputs(input_shape, 64, "deepgaze2")
    small = Subsample(DOWNSAMPLE, name="subsampled")(picture)
    prepared = prepare(small, colours_of(encoder), "colours")
    if encoder == "vgg19":
        trunk = encode("vgg19", prepared, before_relu=LINEAR, last_pool=False)
        taps = [trunk.taps[name] for name in TAPS]
    else:
        trunk, taps = encode_layers(encoder, prepared, ())
    grid = Subsample(readout_stride, name="grid")(small)
    resized = [
        ResizeLike("half_pixel", name=f"tap{k}_on_grid")(tap, grid) for k, tap in enumerate(taps)
    ]
    x = layers.Concatenate(name="features")(resized)
    return _model(
        "deepgaze2",
        input_shape,
        [picture, centre_bias],
        x,
        DOWNSAMPLE * readout_stride,
        activation,
        [trunk],
    )


def icf(input_shape: tuple[int, int] | None = None, activation: str = "relu") -> ProbabilisticModel:
    """ICF on luminance: ten features, no trunk.

    Args:
        input_shape: (height, width) that pictures are squeezed to; None: any size, and those
            larger than 768x1024 shrunk.
        activation: of the readout, `"relu"` or `"softplus"`.
    """
    return _icf("icf", input_shape, activation, colour=False)


def icf_color(
    input_shape: tuple[int, int] | None = None, activation: str = "relu"
) -> ProbabilisticModel:
    """ICF on luminance and two opponent colours: thirty features, our variant.

    Args:
        input_shape: (height, width) that pictures are squeezed to; None: any size, and those
            larger than 768x1024 shrunk.
        activation: of the readout, `"relu"` or `"softplus"`.
    """
    return _icf("icf_color", input_shape, activation, colour=True)


def _icf(
    name: str, size: tuple[int, int] | None, activation: str, *, colour: bool
) -> ProbabilisticModel:
    picture, centre_bias = density_inputs(size, 8, name)
    small = Subsample(DOWNSAMPLE, name="subsampled")(picture)
    widest = (size or (max(FRAME), max(FRAME)))[1] // DOWNSAMPLE
    x = IntensityContrast(colour, widest, dtype="float32", name="features")(small)
    return _model(name, size, [picture, centre_bias], x, 2 * DOWNSAMPLE, activation, [])


def _model(
    name: str,
    size: tuple[int, int] | None,
    inputs: list[Any],
    features: Any,
    map_factor: int,
    activation: str,
    trunks: list[Trunk],
) -> ProbabilisticModel:
    x = pointwise_readout(Standardize(name="standardized")(features), activation)
    # as wide on the picture as on the paper's grid and frame: training moves it slowly
    shrunk = max(size or FRAME) / max(FRAME)
    sigma = max(NARROWEST, SIGMA * shrunk * 2 * DOWNSAMPLE / map_factor)
    output = finalise(x, inputs[1], map_factor, sigma=sigma)
    front = density_front(size)
    return probabilistic(name, inputs, output, front, trunks)


def pointwise_readout(x: Any, activation: str = "relu") -> Any:
    """Features (b, r, c, C) to scores (b, r, c, 1): 41,589 parameters for 2,560, 789 for 10."""
    for k, filters in enumerate(WIDTHS):
        last = k + 1 == len(WIDTHS)
        x = layers.Conv2D(
            filters,
            1,
            activation=activation,
            bias_initializer=initializers.Constant(ALIVE) if last else "zeros",
            data_format="channels_last",
            name=f"readout{k}",
        )(x)
    return x
