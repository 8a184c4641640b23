"""MobileNet v1 (Howard et al., arXiv:1704.04861), tapped, with the strides that models ask for.

Layer names are those of `keras.applications`. Convolutions of stride 2 pad below and to the right
only, as the network was trained.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from keras import layers

from keras_saliency.backbones.trunk import Backbone, Taps
from keras_saliency.base.colours import SIGNED

# (channels, stride) of the 13 separable blocks
BLOCKS = (
    (64, 1),
    (128, 2),
    (128, 1),
    (256, 2),
    (256, 1),
    (512, 2),
    *(((512, 1),) * 5),
    (1024, 2),
    (1024, 1),
)
LATE = (2, 4, 6, 12)  # blocks of stride 2
URL = "https://storage.googleapis.com/tensorflow/keras-applications/mobilenet/"


def mobilenet(
    inputs: Any,
    *,
    alpha: float = 1.0,
    strides: Sequence[int] = (2, 2, 2, 2),
    blocks: int = 13,
    folded: bool = False,
    prefix: str = "",
) -> Taps:
    """The convolutional part.

    Args:
        inputs: tensor (batch, height, width, 3), in -1..1.
        alpha: width multiplier.
        strides: of blocks 2, 4, 6 and 12; where one is 1 later depthwise kernels are dilated by 2
            for each stride taken away.
        blocks: how many separable blocks.
        folded: kernels and biases that hold the statistics, in place of batch normalisation.
        prefix: put before every layer's name.

    Returns:
        layer name (without prefix) -> output: `conv1_relu`, `conv_dw_1_relu`, `conv_pw_1_relu` ...
    """
    if any(later > 1 for k, later in enumerate(strides) if 1 in strides[:k]):
        raise ValueError(
            f"strides may be taken away from the deep end only, got {tuple(strides)}. "
            "Fix: for instance (2, 2, 1, 1)"
        )

    def finish(x: Any, name: str) -> Any:
        if not folded:
            x = layers.BatchNormalization(name=f"{prefix}{name}_bn")(x)
        return layers.ReLU(6.0, name=f"{prefix}{name}_relu")(x)

    def pad(x: Any, name: str) -> Any:
        return layers.ZeroPadding2D(
            ((0, 1), (0, 1)), data_format="channels_last", name=f"{prefix}{name}"
        )(x)

    def shared(name: str) -> dict[str, Any]:
        return {"use_bias": folded, "data_format": "channels_last", "name": f"{prefix}{name}"}

    taps: Taps = {}
    x = layers.Conv2D(int(32 * alpha), 3, strides=2, **shared("conv1"))(pad(inputs, "conv1_pad"))
    taps["conv1_relu"] = x = finish(x, "conv1")
    dilation = 1
    for k, (channels, stride) in enumerate(BLOCKS[:blocks], start=1):
        wanted = strides[LATE.index(k)] if k in LATE else stride
        padded = "same"
        if wanted > 1:
            x, padded = pad(x, f"conv_pad_{k}"), "valid"
        elif stride > 1:
            # as the strided kernel saw it: nothing above and to the left of its own pixel
            x = layers.ZeroPadding2D(
                ((0, 2 * dilation), (0, 2 * dilation)),
                data_format="channels_last",
                name=f"{prefix}conv_pad_{k}",
            )(x)
            padded = "valid"
        x = layers.DepthwiseConv2D(
            3,
            strides=wanted,
            padding=padded,
            dilation_rate=1 if wanted > 1 else dilation,
            **shared(f"conv_dw_{k}"),
        )(x)
        if stride > wanted:
            dilation *= 2
        taps[f"conv_dw_{k}_relu"] = x = finish(x, f"conv_dw_{k}")
        x = layers.Conv2D(int(channels * alpha), 1, **shared(f"conv_pw_{k}"))(x)
        taps[f"conv_pw_{k}_relu"] = x = finish(x, f"conv_pw_{k}")
    return taps


MOBILENET = Backbone(
    "mobilenet",
    mobilenet,
    SIGNED,
    (
        "conv_pw_1_relu",
        "conv_pw_3_relu",
        "conv_pw_5_relu",
        "conv_pw_11_relu",
        "conv_pw_13_relu",
    ),
    (2, 4, 8, 16, 32),
    file="mobilenet_1_0_224_tf_no_top.h5",
    url=URL,
)
