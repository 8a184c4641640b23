"""From a readout to a log density as DeepGaze's finaliser goes: nearest, blur, centre bias."""

from __future__ import annotations

from typing import Any

import keras

from benchmark_kit.errors import ConfigError
from keras_saliency.backbones.trunk import Trunk
from keras_saliency.base.colours import PLAIN
from keras_saliency.base.geometry import Geometry
from keras_saliency.base.probabilistic_model import ProbabilisticModel
from keras_saliency.base.saliency_model import Front
from keras_saliency.layers.gaussian_blur import GaussianBlur2D
from keras_saliency.layers.log_density import AddCentreBias, LogDensity
from keras_saliency.layers.subsample import Subsample
from keras_saliency.layers.upsample import ResizeLike

Size = tuple[int, int]
SIGMA, WIDER = 8.0, 4.0  # of the blur in cells of its grid: start, and how much wider it may get
# pictures keep their size up to the frame, which turns with them
FRAME = (768, 1024)
OWN_SIZE = Geometry("shrink", "antialiased", least=64, turn=True)


def density_inputs(size: Size | None, least: int, model: str) -> tuple[Any, Any]:
    """Tensors `picture` (b, h, w, 3), RGB in 0..255, and `centre_bias` (b, h, w, 1).

    Args:
        size: (height, width); None leaves both open.
        least: smallest side that survives the network's halvings.
        model: its name, for the message.

    Raises:
        ConfigError: a side below the least.
    """
    if size is not None and min(size) < least:
        raise ConfigError(
            f"{model} takes pictures whose sides are {least} or more; got {size[0]}x{size[1]} "
            f"(height x width). Fix: input_shape={tuple(max(least, side) for side in size)}"
        )
    sides = size or (None, None)
    return (
        keras.Input((*sides, 3), name="picture"),
        keras.Input((*sides, 1), name="centre_bias"),
    )


def density_front(size: Size | None) -> Front:
    """Every picture squeezed to a size that is given, so that batches hold any; else its own size.

    Args:
        size: (height, width) of the network; None: any, pictures larger than `FRAME` shrunk.
    """
    if size is not None:
        return Front(size, Geometry("squeeze", "antialiased"), PLAIN)
    return Front(FRAME, OWN_SIZE, PLAIN)


def finalise(
    readout: Any,
    centre_bias: Any,
    factor: float,
    prefix: str = "",
    learned_weight: bool = True,
    sigma: float = SIGMA,
) -> Any:
    """The readout (b, r, c, 1) as a log density (b, h, w, 1) of the centre bias' size.

    Bias down by nearest to floor(side/factor), readout to that grid by nearest, blur, bias added
    with its weight, up by nearest, normalised. Blurring comes before the bias, which it would
    flatten.

    Args:
        readout: scores on any grid.
        centre_bias: log density at the picture's size.
        factor: picture pixels a cell of the blur's grid.
        prefix: put before every layer's name.
        learned_weight: whether the bias' weight is learned.
        sigma: of the blur, where it starts, in cells.
    """
    coarse = Subsample(factor, name=f"{prefix}coarse_bias")(centre_bias)
    x = ResizeLike("nearest", name=f"{prefix}on_grid")(readout, coarse)
    x = GaussianBlur2D(
        sigma,
        truncate=3.0,
        border="nearest",
        radius="ceil",
        learned=True,
        sigma_max=WIDER * sigma,
        dtype="float32",
        name=f"{prefix}blur",
    )(x)
    x = AddCentreBias(learned_weight, dtype="float32", name=f"{prefix}with_bias")([x, coarse])
    x = ResizeLike("nearest", dtype="float32", name=f"{prefix}on_picture")(x, centre_bias)
    return LogDensity(dtype="float32", name=f"{prefix}log_density")(x)


def probabilistic(
    name: str, inputs: list[Any], output: Any, front: Front, trunks: list[Trunk]
) -> ProbabilisticModel:
    """The model with its front, its trunks frozen."""
    model = ProbabilisticModel(inputs, output, name=name)
    model.front, model.trunks = front, trunks
    for trunk in trunks:
        for layer in trunk.layers:
            layer.trainable = False
    return model
