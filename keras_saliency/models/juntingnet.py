"""JuntingNet, the shallow network of Pan, Sayrol, Giro-i-Nieto, McGuinness, O'Connor, CVPR 2016.

"Shallow and Deep Convolutional Networks for Saliency Prediction" and the released code
(imatge-upc/saliency-2016-cvpr, shallow): three convolutions, a dense layer, maxout over neighbours,
and in the code one more dense layer. `juntingnet_paper` ends with the maxout, as the paper says.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import constraints, initializers, layers

from benchmark_kit.errors import ConfigError
from benchmark_kit.imaging.min_max import min_max
from keras_saliency.base.colours import UNIT
from keras_saliency.base.geometry import Geometry, Plan
from keras_saliency.base.saliency_model import Front, SaliencyModel
from keras_saliency.layers.maxout import Maxout
from keras_saliency.models._assemble import assemble, picture_input

SIDE = 48
STARTS = ("code", "paper")
SPANS = {"signed": (-1.0, 1.0), "unit": (0.0, 1.0)}


def juntingnet(
    input_shape: tuple[int, int] = (96, 96),
    label_range: str = "signed",
    start: str = "code",
    max_norm: float | None = None,
) -> SaliencyModel:
    """The network; the map is 48x48.

    Args:
        input_shape: 96x96 only: the dense layers fix it.
        label_range: what recipes train it on: `"signed"` maps in -1..1 (code), `"unit"` 0..1
            (paper). Labels are given in 0..1 either way, and the loss scales them.
        start: initial weights: `"code"` Glorot's uniform and zero biases, `"paper"` N(0, 0.01) and
            biases of 0.1.
        max_norm: largest norm of the weights of each unit before the maxout, as the paper has it
            without saying how large; None: no limit.

    Raises:
        ConfigError: another size, or an unknown label range or start.
    """
    return _juntingnet(input_shape, label_range, start, max_norm, output_layer=True)


def juntingnet_paper(
    input_shape: tuple[int, int] = (96, 96),
    label_range: str = "signed",
    start: str = "code",
    max_norm: float | None = None,
) -> SaliencyModel:
    """The paper's form, whose maxout is the output; arguments as `juntingnet`."""
    return _juntingnet(input_shape, label_range, start, max_norm, output_layer=False)


def _juntingnet(
    input_shape: tuple[int, int],
    label_range: str,
    start: str,
    max_norm: float | None,
    *,
    output_layer: bool,
) -> SaliencyModel:
    name = "juntingnet" if output_layer else "juntingnet_paper"
    if input_shape != (96, 96):
        raise ConfigError(
            f"{name} takes 96x96 only, got {input_shape[0]}x{input_shape[1]}: its dense layers "
            "have a weight for every cell of the 10x10 grid. Pictures of any size are scaled to it"
        )
    if label_range not in SPANS:
        raise ConfigError(f"label_range must be 'signed' or 'unit', got {label_range!r}")
    if start not in STARTS:
        raise ConfigError(f"start must be one of {', '.join(STARTS)}, got {start!r}")
    limit = None if max_norm is None else constraints.MaxNorm(max_norm)
    picture = picture_input(input_shape, model=name)
    x = picture
    for k, (filters, size) in enumerate(((32, 5), (64, 3), (64, 3)), start=1):
        x = layers.Conv2D(
            filters,
            size,
            activation="relu",
            data_format="channels_last",
            name=f"conv{k}",
            **_initial(start),
        )(x)
        x = layers.MaxPooling2D(2, data_format="channels_last", name=f"pool{k}")(x)
    x = layers.Flatten(name="flat")(x)
    x = layers.Dense(
        2 * SIDE**2, activation="relu", kernel_constraint=limit, name="hidden4", **_initial(start)
    )(x)
    x = Maxout(SIDE**2, pairing="adjacent", name="maxout6")(x)
    if output_layer:
        x = layers.Dense(SIDE**2, name="output", **_initial(start))(x)
    x = layers.Reshape((SIDE, SIDE, 1), dtype="float32", name="map")(x)
    model = assemble(name, picture, x, Front(input_shape, Geometry(), UNIT, _smooth))
    model.label_range, model.label_span = label_range, SPANS[label_range]
    return model


def _initial(start: str) -> dict[str, Any]:
    """Initialisers of one layer; one that is shared would give equal weights."""
    if start == "code":
        return {}  # Keras' own: Glorot's uniform, zeros
    normal = initializers.RandomNormal(stddev=0.01)
    return {"kernel_initializer": normal, "bias_initializer": initializers.Constant(0.1)}


def _smooth(raw: np.ndarray, plan: Plan) -> np.ndarray:
    """A Gaussian of sigma 3 on the 48x48 grid, scaled to the picture, min-max."""
    from scipy.ndimage import gaussian_filter

    return min_max(plan.onto_image(gaussian_filter(raw, 3.0)))
