"""DSCLRCN: local features of a dilated ResNet-50, the scene's context, two spatial LSTMs.

Liu and Han, "A Deep Spatial Contextual Long-term Recurrent Convolutional Network for Saliency
Detection", IEEE TIP 2018, arXiv:1610.01708, and the released Caffe model (nian-liu/DSCLRCN).

    picture, 480x640 -> ResNet-50 at stride 8 -> ends of stages 4 and 5, 1x1 to 512 each, normalised
                     -> 1x1 to 512, normalised -> 2 x spatial LSTM -> 1x1, sigmoid -> x8
    picture at 227x227 -> AlexNet of places to pool5 -> dense 128, normalised: the LSTMs' context
"""

from __future__ import annotations

from typing import Any

from keras import layers

from keras_saliency.backbones.adapters import encode
from keras_saliency.base.colours import Colours
from keras_saliency.base.geometry import Geometry
from keras_saliency.base.saliency_model import Front, SaliencyModel
from keras_saliency.layers.l2_normalization import L2Normalization
from keras_saliency.layers.spatial_lstm import SpatialLSTM
from keras_saliency.layers.upsample import BilinearUpsampling2D, ResizeTo
from keras_saliency.models._assemble import assemble, picture_input
from keras_saliency.models._convolution import convolution_relu

COLOURS = Colours("bgr", mean=(104.008, 116.669, 122.675))
LOCAL, SCENE = 400.0, 9.0  # what the normalisations multiply by at first
UNITS = 128
FACTOR = 8


def dsclrcn(
    input_shape: tuple[int, int] = (480, 640), column_order: str = "paper"
) -> SaliencyModel:
    """The network; the output has the picture's size and lies in 0..1.

    The scene's picture is made from the network's own (means of 2x2 pixels, then bilinear), and the
    mean colour of both is the same (our choice); the original resizes the file twice.

    Args:
        input_shape: (height, width), multiples of 8.
        column_order: `"paper"` or `"released"`, see `SpatialLSTM`.
    """
    picture = picture_input(input_shape, multiple=FACTOR, least=16, model="dsclrcn")
    local = encode(
        "resnet50_caffe", picture, strides=(1, 2, 1, 1), dilations=(1, 1, 2, 4), prefix="local_"
    )
    stages = []
    for tap, name in (("conv4_block6_out", "conv4_g"), ("conv5_block3_out", "conv5_d")):
        x = convolution_relu(local.taps[tap], 512, 1, name)
        stages.append(L2Normalization(LOCAL, name=f"{name}_norm")(x))
    x = layers.Concatenate(name="stages")(stages)
    x = convolution_relu(x, 512, 1, "local")
    x = L2Normalization(LOCAL, name="local_norm")(x)

    half = layers.AveragePooling2D(2, data_format="channels_last", name="scene_half")(picture)
    scene_picture = ResizeTo((227, 227), name="scene_picture")(half)
    scene = encode("alexnet", scene_picture, last_pool=True, prefix="scene_")
    context = layers.Flatten(data_format="channels_last", name="scene_flat")(scene.taps["pool5"])
    context = layers.Dense(UNITS, activation="relu", name="scene_dense")(context)
    context = L2Normalization(SCENE, name="scene_norm")(context)

    for k in (1, 2):
        x = SpatialLSTM(UNITS, column_order, name=f"lstm{k}")([x, context])
    x = layers.Conv2D(
        1, 1, activation="sigmoid", data_format="channels_last", dtype="float32", name="scores"
    )(x)
    front = Front(input_shape, Geometry("squeeze", "bilinear", back="bicubic"), COLOURS)
    return assemble("dsclrcn", picture, enlarged(x), front, [local, scene])


def enlarged(x: Any) -> Any:
    """Caffe's fixed bilinear transposed convolution: eight times as large, fading at the border."""
    around = {"data_format": "channels_last", "dtype": "float32"}
    x = layers.ZeroPadding2D(1, name="zeros_around", **around)(x)
    x = BilinearUpsampling2D(FACTOR, dtype="float32", name="enlarged")(x)
    return layers.Cropping2D(FACTOR, name="map", **around)(x)
