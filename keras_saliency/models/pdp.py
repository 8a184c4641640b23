"""PDP: VGG-16's convolutions and three more, whose output is a distribution.

Jetley, Murray, Vig, "End-to-end saliency mapping via probability distribution prediction", CVPR
2016, arXiv:1804.01793. How many new layers and how wide is not known: ours.

    picture -> VGG-16 at stride 16 -> 3x3 to 512, 256, 1 -> log softmax over the map
"""

from __future__ import annotations

from typing import Any

from keras_saliency.backbones.adapters import colours_of, encode
from keras_saliency.base.geometry import Geometry
from keras_saliency.base.probabilistic_model import ProbabilisticModel
from keras_saliency.base.saliency_model import Front
from keras_saliency.layers.log_density import LogDensity
from keras_saliency.models._assemble import picture_input
from keras_saliency.models._convolution import convolution, convolution_relu


def pdp(input_shape: tuple[int, int] = (480, 640), encoder: Any = "vgg16") -> ProbabilisticModel:
    """The network; the output is a log density at stride 16.

    It has no centre bias inside; one that is given is added at prediction.

    Args:
        input_shape: (height, width), multiples of 16.
        encoder: the trunk; of another than VGG-16 its tap of stride 16.
    """
    picture = picture_input(input_shape, multiple=16, least=16, model="pdp")
    if encoder == "vgg16":
        trunk = encode("vgg16", picture, last_pool=False)
        x = trunk.taps["block5_conv3"]
    else:
        trunk = encode(encoder, picture)
        x = trunk.tap(16)
    x = convolution_relu(x, 512, 3, "conv6")
    x = convolution_relu(x, 256, 3, "conv7")
    x = convolution(x, 1, 3, "scores")
    output = LogDensity(dtype="float32", name="log_density")(x)
    model = ProbabilisticModel(picture, output, name="pdp")
    model.front = Front(input_shape, Geometry("pad"), colours_of(encoder))
    model.trunks = [trunk]
    return model
