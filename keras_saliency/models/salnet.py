"""SalNet, the deep network of Pan, Sayrol, Giro-i-Nieto, McGuinness, O'Connor, CVPR 2016.

"Shallow and Deep Convolutional Networks for Saliency Prediction" and the released Caffe model
(imatge-upc/saliency-2016-cvpr, deep): VGG-M's first layers at stride 1, six more convolutions, one
transposed convolution of stride 4.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import initializers, layers

from keras_saliency.backbones.trunk import Trunk
from keras_saliency.backbones.vgg_m import VGG_M
from keras_saliency.base.colours import Colours
from keras_saliency.base.geometry import Geometry, Plan
from keras_saliency.base.saliency_model import Front, SaliencyModel
from keras_saliency.layers.aligned_pool import AlignedMaxPooling2D
from keras_saliency.layers.lrn import LocalResponseNormalization
from keras_saliency.models._assemble import assemble, picture_input
from keras_saliency.models._convolution import convolution, convolution_relu

LAYERS = ((512, 3), (512, 5), (512, 5), (256, 7), (128, 11), (32, 11))
COLOURS = Colours("bgr", 2 / 255, tuple(mean * 2 / 255 for mean in (100.0, 110.0, 118.0)))  # type: ignore[arg-type]


def salnet(input_shape: tuple[int, int] = (240, 320)) -> SaliencyModel:
    """The network; sides of the output are those of the picture, up to a multiple of 4 below it.

    Args:
        input_shape: (height, width): pictures that are larger than its longer side are scaled down
            to it (320 in the original), smaller ones keep their size.
    """
    picture_input(input_shape, least=4, model="salnet")
    picture = keras.Input((None, None, 3), name="picture")
    x = convolution_relu(picture, 96, 7, "conv1")
    x = LocalResponseNormalization(size=5, alpha=1e-4, beta=0.75, name="norm1")(x)
    x = AlignedMaxPooling2D(3, 2, alignment="caffe", name="pool1")(x)
    x = convolution_relu(x, 256, 5, "conv2")
    x = AlignedMaxPooling2D(3, 2, alignment="caffe", name="pool2")(x)
    for k, (filters, size) in enumerate(LAYERS, start=3):
        start = {} if k == 3 else _start()
        x = convolution_relu(x, filters, size, f"conv{k}", **start)
    x = convolution(x, 1, 13, "conv9", **_start())
    # Caffe's padding of 2 cuts 2 cells off each side, as "same" does for kernel 8 and stride 4
    x = layers.Conv2DTranspose(
        1,
        8,
        strides=4,
        padding="same",
        use_bias=False,
        data_format="channels_last",
        dtype="float32",
        name="deconv1",
    )(x)
    side = max(input_shape)
    # multiples of 4 are ours: the original stretches a smaller map over what is left
    front = Front((side, side), Geometry("shrink", multiple=4), COLOURS, _to_eight_bits)
    model = assemble("salnet", picture, x, front)
    # the paper starts these three from VGG-M, whose shapes they have
    bottom = [model.get_layer(f"conv{k}") for k in (1, 2, 3)]
    model.trunks = [Trunk(VGG_M, {layer.name: layer.output for layer in bottom}, bottom)]
    return model


def _start() -> dict[str, Any]:
    """The paper's for what VGG-M does not start; a shared initialiser would give equal weights."""
    return {"kernel_initializer": initializers.RandomNormal(stddev=0.01)}


def _to_eight_bits(raw: np.ndarray, plan: Plan) -> np.ndarray:
    """The released code's map: training had (map - 127) / 128; then smoothed, its maximum 255."""
    from scipy.ndimage import gaussian_filter

    from keras_saliency.base.resample import resample

    found = resample(np.clip(raw * 128 + 127, 0, 255), plan.image, "bicubic")
    found = np.clip(gaussian_filter(found, 1.1, mode="mirror", radius=2), 0, 255)
    top = found.max()
    return found / top * 255 if top > 0 else found
