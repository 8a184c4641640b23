"""DPN-131 (Chen et al., "Dual Path Networks", NeurIPS 2017), with strides and dilations by stage.

Each block adds to a residual path and appends to a dense path. Batch normalisation and ReLU stand
before every convolution; no biases, epsilon 1e-3.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from keras import layers

from keras_saliency.backbones.trunk import Backbone, Taps
from keras_saliency.base.colours import Colours
from keras_saliency.layers.dilated_conv import Conv2D

# (blocks, residual channels, bottleneck channels, channels appended by each block)
STAGES = ((4, 256, 160, 16), (8, 512, 320, 32), (28, 1024, 640, 32), (3, 2048, 1280, 128))
GROUPS = 40
COLOURS = Colours(scale=1.0, mean=(124.0, 117.0, 104.0), deviation=(1 / 0.0167,) * 3)


def dpn131(
    inputs: Any,
    *,
    strides: Sequence[int] = (1, 2, 2, 2),
    dilations: Sequence[int] = (1, 1, 1, 1),
    prefix: str = "",
) -> Taps:
    """DPN-131: 76,788,864 parameters.

    Args:
        inputs: tensor (batch, height, width, 3).
        strides: of each stage's first block.
        dilations: of the 3x3 convolutions of each stage but its first block's.
        prefix: put before every layer's name.

    Returns:
        layer name (without prefix) -> output: `conv1_relu`, `pool1`, `conv2_4` ... `conv5_3` (both
        paths concatenated), `relu`.
    """

    def relu(x: Any, name: str) -> Any:
        x = layers.BatchNormalization(epsilon=1e-3, momentum=0.9, name=f"{prefix}{name}_bn")(x)
        return layers.Activation("relu", name=f"{prefix}{name}_relu")(x)

    def convolve(x: Any, filters: int, size: int, name: str, **options: Any) -> Any:
        return Conv2D(
            filters,
            size,
            use_bias=False,
            data_format="channels_last",
            name=f"{prefix}{name}",
            **options,
        )(x)

    def pad(x: Any, size: int, name: str) -> Any:
        return layers.ZeroPadding2D(size, data_format="channels_last", name=f"{prefix}{name}")(x)

    def block(x: Any, dense: Any, stage: int, first: bool, name: str) -> tuple[Any, Any]:
        _, width, inside, added = STAGES[stage]
        whole = x if dense is None else layers.Concatenate(name=f"{prefix}{name}_in")([x, dense])
        stride = strides[stage] if first else 1
        if first:
            both = convolve(
                relu(whole, f"{name}_0"), width + 2 * added, 1, f"{name}_0_conv", strides=stride
            )
            x, dense = both[..., :width], both[..., width:]
        y = convolve(relu(whole, f"{name}_1"), inside, 1, f"{name}_1_conv")
        y = relu(y, f"{name}_2")
        dilation = 1 if first else dilations[stage]
        padding = "same"
        if stride > 1:
            y, padding = pad(y, 1, f"{name}_2_pad"), "valid"
        y = convolve(
            y,
            inside,
            3,
            f"{name}_2_conv",
            strides=stride,
            groups=GROUPS,
            padding=padding,
            dilation_rate=dilation,
        )
        y = convolve(relu(y, f"{name}_3"), width + added, 1, f"{name}_3_conv")
        x = layers.Add(name=f"{prefix}{name}_add")([x, y[..., :width]])
        dense = layers.Concatenate(name=f"{prefix}{name}_dense")([dense, y[..., width:]])
        return x, dense

    taps: Taps = {}
    x = relu(convolve(pad(inputs, 3, "conv1_pad"), 128, 7, "conv1_conv", strides=2), "conv1")
    taps["conv1_relu"] = x
    # after a ReLU zeros are as good as minus infinity
    taps["pool1"] = x = layers.MaxPooling2D(
        3, 2, data_format="channels_last", name=f"{prefix}pool1"
    )(pad(x, 1, "pool1_pad"))
    for stage, (blocks, *_) in enumerate(STAGES):
        dense = None
        for k in range(blocks):
            name = f"conv{stage + 2}_{k + 1}"
            x, dense = block(x, dense, stage, k == 0, name)
        x = layers.Concatenate(name=f"{prefix}{name}")([x, dense])
        taps[name] = x
    taps["relu"] = relu(x, "conv5")
    return taps


DPN131 = Backbone(
    "dpn131",
    dpn131,
    COLOURS,
    ("conv1_relu", "conv2_4", "conv3_8", "conv4_28", "relu"),
    (2, 4, 8, 16, 32),
)
