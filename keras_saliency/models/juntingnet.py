"""JuntingNet, the shallow network of Pan, Sayrol, Giro-i-Nieto, McGuinness, O'Connor, CVPR 2016.

"Shallow and Deep Convolutional Networks for Saliency Prediction" and the released code
(imatge-upc/saliency-2016-cvpr, shallow): three convolutions, a dense layer, maxout over neighbours,
and in the code one more dense layer. `juntingnet_paper` ends with the maxout, as the paper says.
"""

from __future__ import annotations

import numpy as np
from keras import layers

from benchmark_kit.errors import ConfigError
from keras_saliency.array_model import min_max
from keras_saliency.backbones._trunk import UNIT
from keras_saliency.geometry import Geometry, Plan
from keras_saliency.layers.maxout import Maxout
from keras_saliency.models._assemble import assemble, picture_input
from keras_saliency.saliency_model import Front, SaliencyModel

SIDE = 48


def juntingnet(
    input_shape: tuple[int, int] = (96, 96), label_range: str = "signed"
) -> SaliencyModel:
    """The network; the map is 48x48.

    Args:
        input_shape: 96x96 only: the dense layers fix it.
        label_range: what it is trained on: `"signed"` maps in -1..1 (code), `"unit"` 0..1 (paper).

    Raises:
        ConfigError: another size, or an unknown label range.
    """
    return _juntingnet(input_shape, label_range, output_layer=True)


def juntingnet_paper(
    input_shape: tuple[int, int] = (96, 96), label_range: str = "signed"
) -> SaliencyModel:
    """The paper's form, whose maxout is the output; arguments as `juntingnet`."""
    return _juntingnet(input_shape, label_range, output_layer=False)


def _juntingnet(
    input_shape: tuple[int, int], label_range: str, *, output_layer: bool
) -> SaliencyModel:
    name = "juntingnet" if output_layer else "juntingnet_paper"
    if input_shape != (96, 96):
        raise ConfigError(
            f"{name} takes 96x96 only, got {input_shape[0]}x{input_shape[1]}: its dense layers "
            "have a weight for every cell of the 10x10 grid. Pictures of any size are scaled to it"
        )
    if label_range not in ("signed", "unit"):
        raise ConfigError(f"label_range must be 'signed' or 'unit', got {label_range!r}")
    picture = picture_input(input_shape, model=name)
    x = picture
    for k, (filters, size) in enumerate(((32, 5), (64, 3), (64, 3)), start=1):
        x = layers.Conv2D(
            filters, size, activation="relu", data_format="channels_last", name=f"conv{k}"
        )(x)
        x = layers.MaxPooling2D(2, data_format="channels_last", name=f"pool{k}")(x)
    x = layers.Flatten(name="flat")(x)
    x = layers.Dense(2 * SIDE**2, activation="relu", name="hidden4")(x)
    x = Maxout(SIDE**2, pairing="adjacent", name="maxout6")(x)
    if output_layer:
        x = layers.Dense(SIDE**2, name="output")(x)
    x = layers.Reshape((SIDE, SIDE, 1), dtype="float32", name="map")(x)
    return assemble(name, picture, x, Front(input_shape, Geometry(), UNIT, _smooth))


def _smooth(raw: np.ndarray, plan: Plan) -> np.ndarray:
    """A Gaussian of sigma 3 on the 48x48 grid, scaled to the picture, min-max."""
    from scipy.ndimage import gaussian_filter

    return min_max(plan.onto_image(gaussian_filter(raw, 3.0)))
