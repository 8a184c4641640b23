"""PDP: a distribution is learned best by a distance between distributions, not by regression.

One network, whose output is a log density; losses that ask for a map get its exponential, which
has the same metrics, and regression gets the scores before the softmax.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import keras
import numpy as np
from keras import initializers, layers, ops
from training import Budget, learn_and_predict
from trunks import LITE0, load_imagenet
from work import Finding, Maps, Work

from keras_saliency.backbones.adapters import colours_of, encode
from keras_saliency.base.geometry import Geometry
from keras_saliency.base.saliency_model import Front
from keras_saliency.layers import LogDensity
from keras_saliency.losses import LogLikelihood, PDPLoss, RegressionLoss, SAMLoss
from keras_saliency.models._assemble import assemble, picture_input
from keras_saliency.models._convolution import convolution, convolution_relu

FRAME = (192, 256)
WIDTHS = (128, 64)  # a quarter of our `pdp`, whose widths are ours, too
BUDGET = Budget(epochs=6, rate=1e-3)

# name -> (form of the output, loss)
LOSSES: dict[str, tuple[str, Any]] = {
    "likelihood": ("log density", partial(LogLikelihood)),
    "kl": ("log density", partial(PDPLoss, "kl")),
    "bhattacharyya": ("log density", partial(PDPLoss, "bhattacharyya")),
    "cc": ("density", partial(SAMLoss, kl=0.0, cc=-1.0, nss=0.0)),
    "nss": ("density", partial(SAMLoss, kl=0.0, cc=0.0, nss=-1.0)),
    "l2": ("scores", partial(RegressionLoss, "l2")),
}


@keras.saving.register_keras_serializable(package="findings")
class Exponential(layers.Layer):
    """From log density to density."""

    def call(self, inputs: Any) -> Any:
        return ops.exp(inputs)


def network(form: str) -> Any:
    """PDP's form on Lite0 at stride 16, with narrower new convolutions."""
    picture = picture_input(FRAME, multiple=16, least=16, model="pdp")
    trunk = encode(LITE0, picture)
    x = trunk.tap(16)
    for k, width in enumerate(WIDTHS):
        x = convolution_relu(x, width, 3, f"new{k}")
    # all losses start from a density that is almost uniform
    x = convolution(x, 1, 3, "scores", kernel_initializer=initializers.RandomNormal(stddev=0.01))
    if form != "scores":
        x = LogDensity(dtype="float32", name="log_density")(x)
    if form == "density":
        x = Exponential(name="density")(x)
    return assemble("pdp", picture, x, Front(FRAME, Geometry("pad"), colours_of(LITE0)), [trunk])


def arm(name: str, work: Work, seed: int) -> Maps:
    """Train by one loss."""
    form, loss = LOSSES[name]
    keras.utils.set_random_seed(seed)
    model = network(form)
    load_imagenet(model, work)
    taps = {"lite0-192x256-16": [model.trunks[0].tap(16)]}
    maps = learn_and_predict(work, seed, model, loss(), BUDGET, taps, standardize=True)
    if form == "log density":
        return {key: np.exp(found) for key, found in maps.items()}
    # a regression may say less than nothing; a map of density cannot
    return {key: np.maximum(found, 0) for key, found in maps.items()}


FINDING = Finding(
    question="Is a likelihood a better loss than other distances, NSS, CC or regression?",
    arms={name: partial(arm, name) for name in LOSSES},
    pairs=(
        *((other, "likelihood") for other in LOSSES if other != "likelihood"),
        ("l2", "bhattacharyya"),
        ("kl", "bhattacharyya"),
    ),
)
