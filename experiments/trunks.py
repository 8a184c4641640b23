"""The two small trunks of the findings, and where their ImageNet weights are loaded."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from work import Work

from keras_saliency.backbones.efficientnet_lite import EFFICIENTNET_LITE0, efficientnet_lite0
from keras_saliency.backbones.mobilenet import MOBILENET, mobilenet
from keras_saliency.backbones.weights import load_trunk

# without the last 1x1 convolution to 1280 channels, on which a head would spend most of its time
LITE0 = replace(
    EFFICIENTNET_LITE0,
    build=partial(efficientnet_lite0, head=False),
    taps=("block1", "block3", "block5", "block11", "block16"),
)
# what is wide and rectified before each stride, as the taps of other trunks are
LITE0_RECTIFIED = replace(
    EFFICIENTNET_LITE0,
    taps=("expanded4", "expanded6", "expanded12", "head"),
    strides=(4, 8, 16, 32),
)
MOBILENET_75 = replace(MOBILENET, build=partial(mobilenet, alpha=0.75))


def load_imagenet(model: Any, work: Work) -> None:
    """ImageNet weights into the trunks of a model, where the run has their files."""
    files = {LITE0.name: work.lite0, MOBILENET_75.name: work.mobilenet}
    for trunk in model.trunks:
        load_trunk(trunk, files[trunk.backbone.name])
