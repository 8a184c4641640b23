"""Shallow against deep from random weights, and maxout against ReLU: JuntingNet and SalNet's form.

The shallow network is JuntingNet as its code has it; with ReLU its hidden layer has as many units
as the maxout gives. The deep one has SalNet's nine convolutions with an eighth of their channels.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import keras
from keras import layers
from training import Budget, arrays, limited, onto_pictures, predict, train
from work import Finding, Maps, Work, every_second

from keras_saliency.base.colours import UNIT
from keras_saliency.base.geometry import Geometry
from keras_saliency.base.saliency_model import Front
from keras_saliency.layers import LocalResponseNormalization
from keras_saliency.models._assemble import assemble, picture_input
from keras_saliency.models._convolution import convolution_relu
from keras_saliency.models.juntingnet import SIDE, juntingnet

FRAME = (96, 96)
BUDGET = Budget(epochs=5, rate=3e-4, batch=20)
# (channels, kernel) of SalNet's convolutions but the last; pools behind the first two
DEEP = ((96, 7), (256, 5), (512, 3), (512, 5), (512, 5), (256, 7), (128, 11), (32, 11))
NARROWER = 8


def shallow(activation: str) -> Any:
    """JuntingNet, or the same with ReLU in place of the maxout."""
    whole = juntingnet(label_range="unit")
    if activation == "maxout":
        return whole
    x = layers.Dense(SIDE**2, activation="relu", name="hidden_relu")(whole.get_layer("flat").output)
    x = layers.Dense(SIDE**2, name="own_output")(x)
    x = layers.Reshape((SIDE, SIDE, 1), dtype="float32", name="own_map")(x)
    return assemble("juntingnet", whole.input, x, Front(FRAME, Geometry(), UNIT))


def deep() -> Any:
    """SalNet's form with the same map of 48x48."""
    picture = picture_input(FRAME, model="salnet")
    x = picture
    for k, (channels, size) in enumerate(DEEP, start=1):
        x = convolution_relu(x, channels // NARROWER, size, f"conv{k}")
        if k == 1:
            x = LocalResponseNormalization(name="lrn")(x)
        if k <= 2:
            x = layers.MaxPooling2D(
                3, 2, padding="same", data_format="channels_last", name=f"pool{k}"
            )(x)
    x = layers.Conv2D(1, 13, padding="same", data_format="channels_last", name="conv9")(x)
    x = layers.Conv2DTranspose(
        1, 4, 2, padding="same", use_bias=False, data_format="channels_last", name="deconv"
    )(x)
    x = layers.Activation("linear", dtype="float32", name="map")(x)
    return assemble("salnet", picture, x, Front(FRAME, Geometry(), UNIT))


NETWORKS = {
    "shallow, maxout": partial(shallow, "maxout"),
    "shallow, ReLU": partial(shallow, "relu"),
    "deep": deep,
}


def arm(name: str, work: Work, seed: int) -> Maps:
    """Train one network from random weights."""
    keras.utils.set_random_seed(seed)
    model = NETWORKS[name]()
    loss = keras.losses.MeanSquaredError()
    pictures, targets = arrays(every_second(work.learn), model, loss)
    train(model, [pictures], targets, loss, seed, limited(BUDGET, work))
    return onto_pictures(work.judge, model, predict(model, [arrays(work.judge, model, loss)[0]]))


FINDING = Finding(
    question="Is a shallow network better than a deep one from scratch, and maxout than ReLU?",
    arms={name: partial(arm, name) for name in NETWORKS},
    pairs=(("deep", "shallow, maxout"), ("shallow, ReLU", "shallow, maxout")),
)
