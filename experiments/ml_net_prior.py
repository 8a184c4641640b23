"""ML-Net with and without its learned prior: the prior's layer is taken out, all else is equal."""

from __future__ import annotations

from functools import partial
from typing import Any

import keras
from keras import layers
from training import Budget, learn_and_predict
from trunks import LITE0, load_imagenet
from work import Finding, Maps, Work

from keras_saliency.layers import PriorMap
from keras_saliency.losses import MLNetLoss
from keras_saliency.models._assemble import assemble
from keras_saliency.models.ml_net import ml_net

FRAME = (96, 128)
BUDGET = Budget(epochs=6, rate=1e-3)
# factors are such that the grids are those of the paper's and the report's frames
PRIORS: dict[str, dict[str, Any] | None] = {
    "none": None,
    "code, 6x8": {"factor": 2, "mode": "offset", "alignment": "theano"},
    "report, 3x4": {
        "factor": 4,
        "mode": "direct",
        "alignment": "align_corners",
        "regularizer_scale": 1.0,
    },
}


def network(prior: dict[str, Any] | None) -> Any:
    """ML-Net on Lite0 with a prior of another form, or none."""
    whole = ml_net(FRAME, encoder=LITE0)
    x = whole.get_layer("pre_final_conv").output
    if prior is not None:
        x = PriorMap(dtype="float32", name="own_prior", **prior)(x)
    x = layers.Activation("relu", dtype="float32", name="own_map")(x)
    return assemble("ml_net", whole.input, x, whole.front, whole.trunks)


def arm(name: str, work: Work, seed: int) -> Maps:
    """Train with one kind of prior."""
    keras.utils.set_random_seed(seed)
    model = network(PRIORS[name])
    load_imagenet(model, work)
    taps = {"lite0-96x128-8-16-32": [model.trunks[0].tap(stride) for stride in (8, 16, 32)]}
    maps = learn_and_predict(work, seed, model, MLNetLoss(), BUDGET, taps, standardize=True)
    if PRIORS[name] is not None:
        learned = model.get_layer("own_prior").get_weights()[0]
        print(f"{name}, seed {seed}: the prior is {learned.min():.3f} to {learned.max():.3f}")
    return maps


FINDING = Finding(
    question="Does ML-Net's learned prior help?",
    arms={name: partial(arm, name) for name in PRIORS},
    pairs=(("none", "code, 6x8"), ("none", "report, 3x4")),
)
