"""DVA: three decoders on three levels of VGG16, cropped to the picture and fused.

Wang and Shen, "Deep Visual Attention Prediction", IEEE TIP 2018, and the released Caffe model
(wenguanwang/deepattention): the first convolution sees 35 zeros around the picture, pools round up,
and each branch is cropped at the offset that lines its grid up with the picture.
"""

from __future__ import annotations

from typing import Any

from keras import initializers, layers

from keras_saliency.backbones.adapters import encode
from keras_saliency.base.colours import Colours
from keras_saliency.base.geometry import Geometry
from keras_saliency.base.saliency_model import Front, SaliencyModel
from keras_saliency.layers.like import CropLike
from keras_saliency.models._assemble import assemble, picture_input

# tap, channels of the transposed convolutions, offset of the crop
BRANCHES = (
    ("block5_conv3", (512, 256, 128, 64), 48),
    ("block4_conv3", (256, 128, 64), 40),
    ("block3_conv3", (128, 64), 36),
)
COLOURS = Colours("bgr", mean=(128.0, 128.0, 128.0))


def dva(input_shape: tuple[int, int] = (224, 224)) -> SaliencyModel:
    """The network: outputs `side1`, `side2`, `side3` and the fused `map`, of the picture's size.

    Args:
        input_shape: (height, width).
    """
    picture = picture_input(input_shape, least=16, model="dva")
    trunk = encode("vgg16", picture, alignment="caffe", first_padding=35, last_pool=False)
    sides = []
    for k, (tap, channels, offset) in enumerate(BRANCHES, start=1):
        x = trunk.taps[tap]
        for step, filters in enumerate(channels, start=1):
            x = layers.Conv2DTranspose(
                filters,
                4,
                strides=2,
                activation="relu",
                kernel_initializer=initializers.RandomNormal(stddev=0.01),
                bias_initializer=initializers.Constant(0.1),
                data_format="channels_last",
                name=f"branch{k}_deconv{step}",
            )(x)
        x = layers.Conv2D(1, 3, data_format="channels_last", name=f"branch{k}_score")(x)
        sides.append(CropLike(offset, name=f"branch{k}_crop")([x, picture]))
    fused = layers.Concatenate(name="scores")(sides)
    fused = layers.Conv2D(1, 3, padding="same", data_format="channels_last", name="fuse")(fused)
    outputs: dict[str, Any] = {
        name: layers.Activation("sigmoid", dtype="float32", name=name)(score)
        for name, score in zip(("side1", "side2", "side3", "map"), [*sides, fused], strict=True)
    }
    front = Front(input_shape, Geometry("squeeze", "bilinear", back="bicubic"), COLOURS)
    return assemble("dva", picture, outputs, front, [trunk])
