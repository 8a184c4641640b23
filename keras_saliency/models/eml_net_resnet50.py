"""EML-NET in the form of its repository: ResNet-50 encoders, heads with batch normalisation.

Jia and Bruce, "EML-NET: An Expandable Multi-Layer NETwork for Saliency Prediction", Image and
Vision Computing 2020; code SenJia/EML-NET-Saliency. Resizing there is by nearest neighbour.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers

from benchmark_kit.imaging.min_max import min_max
from keras_saliency.backbones.adapters import encode
from keras_saliency.backbones.trunk import Trunk
from keras_saliency.base.colours import UNIT
from keras_saliency.base.geometry import Geometry, Plan
from keras_saliency.base.leaves import leaves
from keras_saliency.base.saliency_model import Front, SaliencyModel
from keras_saliency.layers.upsample import ResizeLike
from keras_saliency.models._assemble import assemble, picture_input

TAPS = (
    "conv1_relu",
    "conv2_block3_out",
    "conv3_block4_out",
    "conv4_block6_out",
    "conv5_block3_out",
)


def eml_net_resnet50(input_shape: tuple[int, int] = (480, 640)) -> SaliencyModel:
    """One encoder and its own combining layer; the output has the picture's size.

    Args:
        input_shape: (height, width), multiples of 32.
    """
    picture = picture_input(input_shape, multiple=32, least=32, model="eml_net_resnet50")
    trunk, _, x = _encoder(picture, "")
    return _finish("eml_net_resnet50", input_shape, picture, x, [trunk])


def eml_net_resnet50_combined(
    input_shape: tuple[int, int] = (480, 640), freeze: str = "none"
) -> SaliencyModel:
    """Two encoders, each whole, and a decoder over their ten head outputs.

    Args:
        input_shape: (height, width), multiples of 32.
        freeze: `"encoders"` leaves the decoder alone to train, as in the second stage; `"none"`.
    """
    name = "eml_net_resnet50_combined"
    picture = picture_input(input_shape, multiple=32, least=32, model=name)
    trunks, heads = [], []
    for prefix in ("img_", "pla_"):
        own = keras.Input((*input_shape, 3), name=f"{prefix}picture")
        trunk, scores, combined = _encoder(own, prefix)
        # whole, its unused combining layer included, as the original loads it
        encoder = keras.Model(own, [*scores, combined], name=f"{prefix}encoder")
        encoder.trainable = freeze != "encoders"
        of_trunk = {id(layer) for layer in trunk.layers}
        trunk.heads = [x for x in leaves(encoder) if x.weights and id(x) not in of_trunk]
        trunks.append(trunk)
        heads += encoder(picture)[:-1]
    scores = [
        ResizeLike("nearest", name=f"score{k}_resize")(_head(x, f"score{k}", "relu"), picture)
        for k, x in enumerate(heads)
    ]
    x = layers.Concatenate(name="scores")(scores)
    return _finish(name, input_shape, picture, _head(x, "map", "sigmoid"), trunks)


def _encoder(picture: Any, prefix: str) -> tuple[Trunk, list[Any], Any]:
    """Trunk, its five head outputs, and their combination."""
    trunk = encode("resnet50", picture, form="torch", prefix=prefix)
    scores = [_head(trunk.taps[tap], f"{prefix}output{k}", "relu") for k, tap in enumerate(TAPS)]
    first = scores[0]
    large = [
        first,
        *(
            ResizeLike("nearest", name=f"{prefix}resize{k}")(x, first)
            for k, x in enumerate(scores[1:], start=1)
        ),
    ]
    x = _head(layers.Concatenate(name=f"{prefix}heads")(large), f"{prefix}combined", "sigmoid")
    return trunk, scores, ResizeLike("nearest", dtype="float32", name=f"{prefix}full")(x, picture)


def _head(x: Any, name: str, activation: str) -> Any:
    x = layers.Conv2D(1, 3, padding="same", data_format="channels_last", name=f"{name}_conv")(x)
    x = layers.BatchNormalization(epsilon=1e-5, momentum=0.9, name=f"{name}_bn")(x)
    return layers.Activation(activation, dtype="float32", name=f"{name}_{activation}")(x)


def _finish(
    name: str, size: tuple[int, int], picture: Any, x: Any, trunks: list[Trunk]
) -> SaliencyModel:
    front = Front(size, Geometry("squeeze", "antialiased"), UNIT, _smooth)
    return assemble(name, picture, x, front, trunks)


def _smooth(raw: np.ndarray, plan: Plan) -> np.ndarray:
    """The released code's map: a Gaussian of sigma 5 on the frame, min-max to 0..255."""
    from scipy.ndimage import gaussian_filter

    return plan.onto_image(255 * min_max(gaussian_filter(raw, 5.0)))
