"""EfficientNet-Lite0 and Lite2, tapped: EfficientNet without squeeze-and-excitation, with ReLU6.

Tan and Le, ICML 2019; the Lite variants are Google's (tensorflow/tpu). Padding is TensorFlow's
"same". Weights come as arrays under the names of a PyTorch conversion; `read_lite` brings them into
Keras' order.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
from keras import layers

from benchmark_kit.containers.npy import read_npz
from keras_saliency.backbones.folding import statistics_name
from keras_saliency.backbones.trunk import Backbone, Taps
from keras_saliency.base.colours import LITE

# (repeats, kernel, stride, channels, expansion) of the seven stages
STAGES = (
    (1, 3, 1, 16, 1),
    (2, 3, 2, 24, 6),
    (2, 5, 2, 40, 6),
    (3, 3, 2, 80, 6),
    (3, 5, 1, 112, 6),
    (4, 5, 2, 192, 6),
    (1, 3, 1, 320, 6),
)


EPSILON = 1e-3


def scaled(width: float, depth: float) -> tuple[tuple[int, ...], ...]:
    """The stages of a larger network: channels to multiples of 8, first and last stage one block.

    Args:
        width: factor of the channels.
        depth: factor of the repeats.
    """
    found = []
    for k, (repeats, size, stride, channels, expansion) in enumerate(STAGES):
        wanted = channels * width
        wide = max(8, int(wanted + 4) // 8 * 8)
        wide += 8 if wide < 0.9 * wanted else 0
        deep = repeats if k in (0, len(STAGES) - 1) else ceil(repeats * depth)
        found.append((deep, size, stride, wide, expansion))
    return tuple(found)


STAGES_2 = scaled(1.1, 1.2)


def efficientnet_lite0(inputs: Any, **options: Any) -> Taps:
    """3,413,024 numbers with the head, statistics counted; options as for `lite`."""
    return lite(inputs, STAGES, **options)


def efficientnet_lite2(inputs: Any, **options: Any) -> Taps:
    """4,869,168 numbers with the head, statistics counted; options as for `lite`."""
    return lite(inputs, STAGES_2, **options)


def lite(
    inputs: Any,
    stages: Sequence[Sequence[int]],
    *,
    strides: Sequence[int] = (2, 2, 2, 2),
    head: bool = True,
    folded: bool = False,
    prefix: str = "",
) -> Taps:
    """The convolutional part.

    Args:
        inputs: tensor (batch, height, width, 3).
        stages: the network's, as `STAGES`.
        strides: of stages 2, 3, 4 and 6; where one is 1, later depthwise kernels are dilated by 2
            for each stride taken away.
        head: whether the last 1x1 convolution to 1280 channels is part of it.
        folded: kernels and biases that hold the statistics, in place of batch normalisation.
        prefix: put before every layer's name.

    Returns:
        layer name (without prefix) -> output: `stem`, `block1` ... `block16`, `expanded2` ... (the
        wide tensors that a stride reads), `head`.
    """
    if any(later > 1 for k, later in enumerate(strides) if 1 in strides[:k]):
        raise ValueError(
            f"strides may be taken away from the deep end only, got {tuple(strides)}. "
            "Fix: for instance (2, 2, 1, 1)"
        )

    def normalise(x: Any, name: str, capped: bool = True) -> Any:
        if not folded:
            x = layers.BatchNormalization(epsilon=EPSILON, name=f"{prefix}{name}_bn")(x)
        return layers.ReLU(6.0, name=f"{prefix}{name}_relu")(x) if capped else x

    def convolve(x: Any, filters: int, size: int, name: str, stride: int = 1) -> Any:
        return layers.Conv2D(
            filters,
            size,
            strides=stride,
            padding="same",
            use_bias=folded,
            data_format="channels_last",
            name=f"{prefix}{name}",
        )(x)

    taps: Taps = {}
    taps["stem"] = x = normalise(convolve(inputs, 32, 3, "stem_conv", 2), "stem")
    number, dilation = 0, 1
    asked = dict(zip((1, 2, 3, 5), strides, strict=True))
    for stage, (repeats, size, stride, channels, expansion) in enumerate(stages):
        for repeat in range(repeats):
            number += 1
            name, passed = f"block{number}", x
            own = stride if repeat == 0 else 1
            step = asked.get(stage, own) if repeat == 0 else 1
            if expansion > 1:
                x = convolve(x, expansion * x.shape[-1], 1, f"{name}_expand")
                taps[f"expanded{number}"] = x = normalise(x, f"{name}_expand")
            padding = "same"
            if step < own:
                # as the strided kernel saw it on even sides: further below and to the right
                before = (size - 2) // 2
                around = (before * dilation, (size - 1 - before) * dilation)
                x = layers.ZeroPadding2D(
                    (around, around), data_format="channels_last", name=f"{prefix}{name}_pad"
                )(x)
                padding = "valid"
            x = layers.DepthwiseConv2D(
                size,
                strides=step,
                padding=padding,
                dilation_rate=dilation if step == 1 else 1,
                use_bias=folded,
                data_format="channels_last",
                name=f"{prefix}{name}_depthwise",
            )(x)
            x = normalise(x, f"{name}_depthwise")
            x = normalise(convolve(x, channels, 1, f"{name}_project"), f"{name}_project", False)
            if repeat > 0:
                x = layers.Add(name=f"{prefix}{name}_add")([passed, x])
            elif step < own:
                dilation *= 2
            taps[name] = x
    if head:
        taps["head"] = normalise(convolve(x, 1280, 1, "head_conv"), "head")
    return taps


def read_lite(path: Path) -> dict[str, list[np.ndarray]]:
    """Arrays by our layer names from an `.npz` with names of the PyTorch conversion.

    Raises:
        DamagedFile: no such archive.
        KeyError: an array is missing.
    """
    found: dict[str, list[np.ndarray]] = {}
    file = read_npz(path)

    def take(ours: str, theirs: str, bn: str, depthwise: bool = False) -> None:
        kernel = file[f"{theirs}.weight"].astype(np.float32)
        order = (2, 3, 0, 1) if depthwise else (2, 3, 1, 0)
        found[ours] = [kernel.transpose(order)]
        parts = ("weight", "bias", "running_mean", "running_var")
        found[statistics_name(ours)] = [file[f"{bn}.{part}"].astype(np.float32) for part in parts]

    take("stem_conv", "_conv_stem", "_bn0")
    number = 1
    while f"_blocks.{number - 1}._depthwise_conv.weight" in file:
        own, theirs = f"block{number}", f"_blocks.{number - 1}"
        if number > 1:
            take(f"{own}_expand", f"{theirs}._expand_conv", f"{theirs}._bn0")
        take(f"{own}_depthwise", f"{theirs}._depthwise_conv", f"{theirs}._bn1", True)
        take(f"{own}_project", f"{theirs}._project_conv", f"{theirs}._bn2")
        number += 1
    take("head_conv", "_conv_head", "_bn1")
    return found


TAPS = ("block1", "block3", "block5", "block11", "head")
TAPS_2 = ("block1", "block4", "block7", "block15", "head")
EFFICIENTNET_LITE0 = Backbone(
    "efficientnet_lite0", efficientnet_lite0, LITE, TAPS, (2, 4, 8, 16, 32), read=read_lite
)
EFFICIENTNET_LITE2 = Backbone(
    "efficientnet_lite2", efficientnet_lite2, LITE, TAPS_2, (2, 4, 8, 16, 32), read=read_lite
)
