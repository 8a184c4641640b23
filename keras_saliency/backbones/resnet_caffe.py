"""ResNet-50 as its authors released it for Caffe, which DSCLRCN is built on.

He et al., CVPR 2016 (KaimingHe/deep-residual-networks): only the first convolution has a bias, the
stride lies in a stage's first 1x1, the first pool rounds up and has no padding, epsilon 1e-5. Means
and variances are those of the file in training, too, while scales and shifts learn. Layer names are
those of `keras.applications`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from keras import layers

from keras_saliency.backbones.resnet import FILTERS
from keras_saliency.backbones.trunk import Backbone, Taps
from keras_saliency.base.colours import CAFFE
from keras_saliency.layers.aligned_pool import AlignedMaxPooling2D
from keras_saliency.layers.dilated_conv import Conv2D
from keras_saliency.layers.fixed_batch_norm import FixedBatchNormalization

DEPTHS = (3, 4, 6, 3)


def resnet50_caffe(
    inputs: Any,
    *,
    strides: Sequence[int] = (1, 2, 2, 2),
    dilations: Sequence[int] = (1, 1, 1, 1),
    prefix: str = "",
) -> Taps:
    """The convolutional part: 23,561,216 parameters.

    Args:
        inputs: tensor (batch, height, width, 3), prepared by `CAFFE`.
        strides: of each stage's first block.
        dilations: of the 3x3 convolutions of each stage.
        prefix: put before every layer's name.

    Returns:
        layer name (without prefix) -> output: `conv1_relu`, `pool1_pool`, `conv2_block1_out` ...
    """

    def convolve(x: Any, filters: int, size: int, name: str, **options: Any) -> Any:
        x = Conv2D(
            filters,
            size,
            padding="same" if size == 3 else "valid",
            use_bias=name == "conv1",
            data_format="channels_last",
            name=f"{prefix}{name}_conv",
            **options,
        )(x)
        return FixedBatchNormalization(epsilon=1e-5, name=f"{prefix}{name}_bn")(x)

    def relu(x: Any, name: str) -> Any:
        return layers.Activation("relu", name=f"{prefix}{name}")(x)

    taps: Taps = {}
    x = layers.ZeroPadding2D(3, data_format="channels_last", name=f"{prefix}conv1_pad")(inputs)
    taps["conv1_relu"] = x = relu(convolve(x, 64, 7, "conv1", strides=2), "conv1_relu")
    pool = AlignedMaxPooling2D(3, 2, alignment="caffe", name=f"{prefix}pool1_pool")
    taps["pool1_pool"] = x = pool(x)
    for stage, depth in enumerate(DEPTHS):
        for block in range(depth):
            name = f"conv{stage + 2}_block{block + 1}"
            first = {"strides": strides[stage] if block == 0 else 1}
            inside, outside = FILTERS[stage], 4 * FILTERS[stage]
            passed = convolve(x, outside, 1, f"{name}_0", **first) if block == 0 else x
            y = relu(convolve(x, inside, 1, f"{name}_1", **first), f"{name}_1_relu")
            y = convolve(y, inside, 3, f"{name}_2", dilation_rate=dilations[stage])
            y = convolve(relu(y, f"{name}_2_relu"), outside, 1, f"{name}_3")
            y = layers.Add(name=f"{prefix}{name}_add")([passed, y])
            taps[f"{name}_out"] = x = relu(y, f"{name}_out")
    return taps


RESNET50_CAFFE = Backbone(
    "resnet50_caffe",
    resnet50_caffe,
    CAFFE,
    ("conv1_relu", *(f"conv{k + 2}_block{n}_out" for k, n in enumerate(DEPTHS))),
    (2, 4, 8, 16, 32),
)
