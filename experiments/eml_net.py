"""EML-NET: two encoders against each of them alone, and its loss against each of its terms alone.

The second stage alone: a weight for each channel of each tap, over encoders that have learned
ImageNet and are frozen. `SAMLoss` has the terms of `EMLLoss` with a weight each; the constants by
which they differ have no gradient.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import keras
from training import Budget, learn_and_predict
from trunks import LITE0_RECTIFIED, MOBILENET_75, load_imagenet
from work import Finding, Maps, Work

from keras_saliency.losses import EMLLoss, SAMLoss
from keras_saliency.models.eml_net import eml_net

FRAME = (96, 128)
BUDGET = Budget(epochs=2, rate=2e-3)
ENCODERS = {"Lite0": LITE0_RECTIFIED, "MobileNet": MOBILENET_75}
STRIDES = (4, 8, 16, 32)
# name -> (encoders, loss)
ARMS: dict[str, tuple[tuple[str, ...], Any]] = {
    "Lite0": (("Lite0",), partial(EMLLoss)),
    "MobileNet": (("MobileNet",), partial(EMLLoss)),
    "both": (("Lite0", "MobileNet"), partial(EMLLoss)),
    "Lite0, KL alone": (("Lite0",), partial(SAMLoss, kl=1.0, cc=0.0, nss=0.0)),
    "Lite0, CC alone": (("Lite0",), partial(SAMLoss, kl=0.0, cc=-1.0, nss=0.0)),
    "Lite0, NSS alone": (("Lite0",), partial(SAMLoss, kl=0.0, cc=0.0, nss=-1.0)),
}


def arm(name: str, work: Work, seed: int) -> Maps:
    """Train the decoder over one or both encoders by one loss."""
    encoders, loss = ARMS[name]
    keras.utils.set_random_seed(seed)
    model = eml_net(FRAME, encoder=[ENCODERS[one] for one in encoders], freeze="encoders")
    load_imagenet(model, work)
    taps = {
        f"{one}-96x128-rectified": [trunk.tap(stride) for stride in STRIDES]
        for one, trunk in zip(encoders, model.trunks, strict=True)
    }
    taps["picture-96x128"] = [model.input]  # which the last step asks for its size
    return learn_and_predict(work, seed, model, loss(), BUDGET, taps)


FINDING = Finding(
    question="Are two encoders better than one, and three terms of a loss better than one?",
    arms={name: partial(arm, name) for name in ARMS},
    pairs=(
        ("Lite0", "both"),
        ("MobileNet", "both"),
        *((other, "Lite0") for other in ARMS if "alone" in other),
    ),
)
