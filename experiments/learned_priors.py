"""SAM's learned Gaussian priors, and ML-Net's map, against a plain head.

SAM's head without its recurrence and a sixteenth as wide: features, twice [16 Gaussian maps beside
them, a 5x5 convolution dilated by 4], a map. Without priors the convolutions stay.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import keras
from keras import layers
from training import Budget, learn_and_predict
from trunks import LITE0, load_imagenet
from work import Finding, Maps, Work

from keras_saliency.base.geometry import Geometry
from keras_saliency.base.saliency_model import Front
from keras_saliency.layers import PriorMap
from keras_saliency.losses import SAMLoss
from keras_saliency.models._assemble import assemble, picture_input
from keras_saliency.models._convolution import convolution, convolution_relu
from keras_saliency.models._stride_8 import taps_at_stride_8
from keras_saliency.models.sam import PRIORS as GAUSSIANS
from keras_saliency.models.sam import prior_rounds

FRAME = (96, 128)
WIDTH = 32
BUDGET = Budget(epochs=5, rate=1e-3)
PRIORS = ("none", "Gaussians", "map")


def network(prior: str) -> Any:
    """The head on Lite0; the map lies at stride 8."""
    picture = picture_input(FRAME, multiple=8, least=16, model="sam")
    trunk, taps = taps_at_stride_8(LITE0, picture, ())
    x = convolution_relu(layers.Concatenate(name="levels")(taps), WIDTH, 1, "features")
    x = prior_rounds(x, WIDTH, GAUSSIANS if prior == "Gaussians" else 0)
    x = convolution(x, 1, 1, "readout")
    # SAM has a ReLU, under which a start may be zero everywhere and never learn
    x = layers.Activation("softplus", dtype="float32", name="positive")(x)
    if prior == "map":
        x = PriorMap(factor=2, name="prior", dtype="float32")(x)
        x = layers.Activation("relu", dtype="float32", name="map")(x)
    front = Front(FRAME, Geometry("pad"), trunk.backbone.colours)
    return assemble("sam", picture, x, front, [trunk])


def arm(name: str, work: Work, seed: int) -> Maps:
    """Train with one kind of prior."""
    keras.utils.set_random_seed(seed)
    model = network(name)
    load_imagenet(model, work)
    taps = {"lite0-96x128-8-16-32": [model.trunks[0].tap(stride) for stride in (8, 16, 32)]}
    return learn_and_predict(work, seed, model, SAMLoss(), BUDGET, taps, standardize=True)


FINDING = Finding(
    question="Do learned priors help a head that can be trained without them?",
    arms={name: partial(arm, name) for name in PRIORS},
    pairs=(("none", "Gaussians"), ("none", "map")),
)
