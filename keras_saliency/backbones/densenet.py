"""DenseNet trunks (Huang et al., CVPR 2017), tapped before their transitions.

Layer names are those of `keras.applications`; DenseNet-161, which it lacks, is named alike. Keras'
files have epsilon 1.001e-5, torch's weights want 1e-5.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from keras import layers

from keras_saliency.backbones.trunk import Backbone, Taps
from keras_saliency.base.colours import TORCH
from keras_saliency.layers.dilated_conv import Conv2D

URL = "https://storage.googleapis.com/tensorflow/keras-applications/densenet/"


def densenet(
    inputs: Any,
    depths: Sequence[int],
    *,
    growth: int = 32,
    stem: int = 64,
    strides: Sequence[int] = (2, 2, 2),
    dilations: Sequence[int] = (1, 1, 1, 1),
    epsilon: float = 1.001e-5,
    final_relu: bool = True,
    prefix: str = "",
) -> Taps:
    """The convolutional part.

    Args:
        inputs: tensor (batch, height, width, 3).
        depths: layers of each block.
        growth: channels that each layer adds.
        stem: channels of the first convolution.
        strides: of the three transitions' average pools, windows of 2.
        dilations: of the 3x3 convolutions of each block.
        epsilon: of all batch normalisations.
        final_relu: whether a ReLU follows the last normalisation.
        prefix: put before every layer's name.

    Returns:
        layer name (without prefix) -> output: `conv1_relu`, `pool1`, `conv2_block6_concat` ...
        (each block's last concatenation, before its transition), `bn`, and `relu` if there is one.
    """

    def normalise(x: Any, name: str) -> Any:
        return layers.BatchNormalization(epsilon=epsilon, name=f"{prefix}{name}")(x)

    def relu(x: Any, name: str) -> Any:
        return layers.Activation("relu", name=f"{prefix}{name}")(x)

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

    taps: Taps = {}
    x = convolve(pad(inputs, 3, "conv1_pad"), stem, 7, "conv1_conv", strides=2)
    taps["conv1_relu"] = x = relu(normalise(x, "conv1_bn"), "conv1_relu")
    # after a ReLU zeros are as good as minus infinity
    taps["pool1"] = x = layers.MaxPooling2D(
        3, 2, data_format="channels_last", name=f"{prefix}pool1"
    )(pad(x, 1, "pool1_pad"))
    for stage, depth in enumerate(depths):
        for k in range(depth):
            name = f"conv{stage + 2}_block{k + 1}"
            y = relu(normalise(x, f"{name}_0_bn"), f"{name}_0_relu")
            y = convolve(y, 4 * growth, 1, f"{name}_1_conv")
            y = relu(normalise(y, f"{name}_1_bn"), f"{name}_1_relu")
            y = convolve(
                y, growth, 3, f"{name}_2_conv", padding="same", dilation_rate=dilations[stage]
            )
            x = layers.Concatenate(name=f"{prefix}{name}_concat")([x, y])
        taps[f"conv{stage + 2}_block{depth}_concat"] = x
        if stage < len(depths) - 1:
            name = f"pool{stage + 2}"
            x = relu(normalise(x, f"{name}_bn"), f"{name}_relu")
            x = convolve(x, x.shape[-1] // 2, 1, f"{name}_conv")
            taps[f"{name}_pool"] = x = layers.AveragePooling2D(
                2, strides[stage], data_format="channels_last", name=f"{prefix}{name}_pool"
            )(x)
    taps["bn"] = x = normalise(x, "bn")
    if final_relu:
        taps["relu"] = relu(x, "relu")
    return taps


def densenet121(inputs: Any, **options: Any) -> Taps:
    """DenseNet-121; options as `densenet`."""
    return densenet(inputs, (6, 12, 24, 16), **options)


def densenet161(inputs: Any, **options: Any) -> Taps:
    """DenseNet-161: 26,691,936 parameters; options as `densenet`."""
    return densenet(
        inputs, (6, 12, 36, 24), **{"growth": 48, "stem": 96, "epsilon": 1e-5, **options}
    )


def densenet169(inputs: Any, **options: Any) -> Taps:
    """DenseNet-169; options as `densenet`."""
    return densenet(inputs, (6, 12, 32, 32), **options)


def densenet201(inputs: Any, **options: Any) -> Taps:
    """DenseNet-201; options as `densenet`."""
    return densenet(inputs, (6, 12, 48, 32), **options)


def _backbone(build: Any, depths: Sequence[int], md5: str = "") -> Backbone:
    name = build.__name__
    concats = tuple(f"conv{k + 2}_block{depth}_concat" for k, depth in enumerate(depths[:3]))
    return Backbone(
        name,
        build,
        TORCH,
        ("conv1_relu", *concats, "relu"),
        (2, 4, 8, 16, 32),
        file=f"{name}_weights_tf_dim_ordering_tf_kernels_notop.h5" if md5 else "",
        url=URL if md5 else "",
        md5=md5,
    )


DENSENET121 = _backbone(densenet121, (6, 12, 24, 16), "30ee3e1110167f948a6b9946edeeb738")
DENSENET161 = _backbone(densenet161, (6, 12, 36, 24))
DENSENET169 = _backbone(densenet169, (6, 12, 32, 32), "b8c4d4c20dd625c148057b9ff1c1176b")
DENSENET201 = _backbone(densenet201, (6, 12, 48, 32), "c13680b51ded0fb44dff2d8f86ac8bb1")
