"""MSI-Net: VGG16 at stride 8, an atrous pyramid with a global branch, a decoder of three doublings.

Kroner, Senden, Driessens, Goebel, "Contextual encoder-decoder network for visual saliency
prediction", Neural Networks 2020, and the released code (alexanderkroner/saliency).

    picture -> VGG16, pools 4 and 5 at stride 1 -> [pool3, pool4, pool5] -> ASPP -> 1x1, 256
            -> 3 x (bilinear x2, 3x3) -> 3x3, 1 -> min-max
"""

from __future__ import annotations

from typing import Any

from keras import layers

from keras_saliency.base.colours import Colours
from keras_saliency.base.geometry import Geometry
from keras_saliency.base.saliency_model import Front, SaliencyModel
from keras_saliency.layers.like import BroadcastLike
from keras_saliency.layers.min_max import MinMax
from keras_saliency.layers.upsample import BilinearUpsampling2D
from keras_saliency.models._assemble import assemble, picture_input
from keras_saliency.models._convolution import convolution, convolution_relu
from keras_saliency.models._stride_8 import taps_at_stride_8

TAPS = ("block3_pool", "block4_pool", "block5_pool")
# the released code takes BGR means off RGB pictures, and its weights expect it
COLOURS = Colours("rgb", mean=(103.939, 116.779, 123.68))


def msi_net(
    input_shape: tuple[int, int] = (240, 320), encoder: Any = "vgg16", features: int = 256
) -> SaliencyModel:
    """The network; the output has the picture's size and lies in 0..1.

    Args:
        input_shape: (height, width), multiples of 8.
        encoder: the trunk; with another than VGG16 pictures are prepared as that one asks.
        features: channels of the pyramid, from which the decoder halves them; fewer for a CPU.
    """
    picture = picture_input(input_shape, multiple=8, least=16, model="msi_net")
    trunk, taps = taps_at_stride_8(
        encoder,
        picture,
        TAPS,
        strides=(2, 2, 2, 1, 1),
        dilations=(1, 1, 1, 1, 2),
    )
    x = layers.Concatenate(name="levels")(taps)
    branches = [convolution_relu(x, features, 1, "aspp_conv1")]
    for k, rate in enumerate((4, 8, 12), start=2):
        branches.append(convolution_relu(x, features, 3, f"aspp_conv{k}", dilation_rate=rate))
    mean = layers.GlobalAveragePooling2D(
        keepdims=True, data_format="channels_last", name="aspp_mean"
    )(x)
    mean = convolution_relu(mean, features, 1, "aspp_conv5")
    branches.append(BroadcastLike(name="aspp_broadcast")([mean, x]))
    x = layers.Concatenate(name="aspp")(branches)
    x = convolution_relu(x, features, 1, "aspp_fuse")
    for k in (1, 2, 3):
        x = BilinearUpsampling2D(2, alignment="asymmetric", name=f"decoder_up{k}")(x)
        x = convolution_relu(x, features // 2**k, 3, f"decoder_conv{k}")
    x = convolution(x, 1, 3, "decoder_conv4")
    x = MinMax(epsilon=1e-7, dtype="float32", name="map")(x)
    geometry = Geometry("pad", "aligned", back="aligned", fill=126.0, rounding="round")
    colours = COLOURS if encoder == "vgg16" else trunk.backbone.colours
    return assemble("msi_net", picture, x, Front(input_shape, geometry, colours), [trunk])
