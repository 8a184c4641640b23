"""ResNet trunks, Keras' v1 and torch's v1.5, and ResNeXt, with strides and dilations by stage.

He et al., CVPR 2016; Xie et al., CVPR 2017 (ResNeXt). `form="keras"`: the stride lies in the first
1x1 convolution of a stage, convolutions have biases, epsilon 1.001e-5. `form="torch"` (v1.5): the
stride lies in the 3x3, no biases, epsilon 1e-5. Both pad symmetrically, so taps of a dilated trunk
equal those of the strided one on its grid. Layer names are those of `keras.applications`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from keras import layers

from keras_saliency.backbones.trunk import Backbone, Taps
from keras_saliency.base.colours import CAFFE, TORCH
from keras_saliency.layers.dilated_conv import Conv2D

FILTERS = (64, 128, 256, 512)
URL = "https://storage.googleapis.com/tensorflow/keras-applications/resnet/"


def resnet(
    inputs: Any,
    depths: Sequence[int],
    *,
    form: str = "keras",
    strides: Sequence[int] = (1, 2, 2, 2),
    dilations: Sequence[int] = (1, 1, 1, 1),
    groups: int = 1,
    width: int = 64,
    epsilon: float | None = None,
    stages: int = 4,
    prefix: str = "",
) -> Taps:
    """The convolutional part.

    Args:
        inputs: tensor (batch, height, width, 3).
        depths: blocks of each stage.
        form: `"keras"` or `"torch"`.
        strides: of each stage's first block.
        dilations: of the 3x3 convolutions of each stage; in the torch form a stage's first block
            has the dilation of the stage before, as its 3x3 is where the stride was.
        groups: of the 3x3 convolutions (ResNeXt: 32).
        width: channels of all groups together at the first stage: ResNeXt 32x4d has 128.
        epsilon: of all batch normalisations; None: the form's own.
        stages: how many stages.
        prefix: put before every layer's name.

    Returns:
        layer name (without prefix) -> output: `conv1_relu`, `pool1_pool`, `conv2_block1_out` ...

    Raises:
        ValueError: an unknown form.
    """
    if form not in ("keras", "torch"):
        raise ValueError(f"form must be 'keras' or 'torch', got {form!r}")
    if epsilon is None:
        epsilon = 1.001e-5 if form == "keras" else 1e-5
    make = _Maker(form, groups, epsilon, prefix)
    taps: Taps = {}
    x = make.pad(inputs, 3, "conv1_pad")
    x = make.convolve(x, 64, 7, "conv1", stride=2)
    taps["conv1_relu"] = x = make.relu(make.normalise(x, "conv1"), "conv1_relu")
    x = make.pad(x, 1, "pool1_pad")
    # after a ReLU zeros are as good as minus infinity
    taps["pool1_pool"] = x = layers.MaxPooling2D(
        3, 2, data_format="channels_last", name=f"{prefix}pool1_pool"
    )(x)
    for stage in range(stages):
        for block in range(depths[stage]):
            name = f"conv{stage + 2}_block{block + 1}"
            stride = strides[stage] if block == 0 else 1
            before = form == "torch" and block == 0 and stage > 0
            x = make.block(
                x,
                FILTERS[stage] * width // 64,
                4 * FILTERS[stage],
                name,
                stride,
                dilations[stage - 1] if before else dilations[stage],
                shortcut=block == 0,
            )
            taps[f"{name}_out"] = x
    return taps


class _Maker:
    """Layers of one trunk, named."""

    def __init__(self, form: str, groups: int, epsilon: float, prefix: str):
        self.form, self.groups, self.epsilon, self.prefix = form, groups, epsilon, prefix

    def pad(self, x: Any, size: int, name: str) -> Any:
        return layers.ZeroPadding2D(size, data_format="channels_last", name=f"{self.prefix}{name}")(
            x
        )

    def convolve(self, x: Any, filters: int, size: int, name: str, **options: Any) -> Any:
        stride = options.pop("stride", 1)
        return Conv2D(
            filters,
            size,
            strides=stride,
            use_bias=self.form == "keras",
            data_format="channels_last",
            name=f"{self.prefix}{name}_conv",
            **options,
        )(x)

    def normalise(self, x: Any, name: str) -> Any:
        momentum = 0.99 if self.form == "keras" else 0.9
        return layers.BatchNormalization(
            epsilon=self.epsilon, momentum=momentum, name=f"{self.prefix}{name}_bn"
        )(x)

    def relu(self, x: Any, name: str) -> Any:
        return layers.Activation("relu", name=f"{self.prefix}{name}")(x)

    def block(
        self,
        x: Any,
        inside: int,
        outside: int,
        name: str,
        stride: int,
        dilation: int,
        *,
        shortcut: bool,
    ) -> Any:
        first, second = (stride, 1) if self.form == "keras" else (1, stride)
        passed = x
        if shortcut:
            passed = self.convolve(x, outside, 1, f"{name}_0", stride=stride)
            passed = self.normalise(passed, f"{name}_0")
        y = self.normalise(self.convolve(x, inside, 1, f"{name}_1", stride=first), f"{name}_1")
        y = self.relu(y, f"{name}_1_relu")
        # padded by hand: "same" would look one pixel to the right where the stride is 2
        if second > 1:
            y = self.pad(y, dilation, f"{name}_2_pad")
        y = self.convolve(
            y,
            inside,
            3,
            f"{name}_2",
            stride=second,
            dilation_rate=dilation,
            padding="valid" if second > 1 else "same",
            groups=self.groups,
        )
        y = self.relu(self.normalise(y, f"{name}_2"), f"{name}_2_relu")
        y = self.normalise(self.convolve(y, outside, 1, f"{name}_3"), f"{name}_3")
        y = layers.Add(name=f"{self.prefix}{name}_add")([passed, y])
        return self.relu(y, f"{name}_out")


def resnet50(inputs: Any, **options: Any) -> Taps:
    """ResNet-50: 23,587,712 parameters, 23,561,152 in the torch form; options as `resnet`."""
    return resnet(inputs, (3, 4, 6, 3), **options)


def resnet101(inputs: Any, **options: Any) -> Taps:
    """ResNet-101: 42,658,176 parameters, 42,605,504 in the torch form; options as `resnet`."""
    return resnet(inputs, (3, 4, 23, 3), **options)


def resnext50(inputs: Any, **options: Any) -> Taps:
    """ResNeXt-50 32x4d in the torch form; options as `resnet`."""
    return resnet(inputs, (3, 4, 6, 3), form="torch", groups=32, width=128, **options)


def _taps(depths: Sequence[int]) -> tuple[str, ...]:
    return ("conv1_relu", *(f"conv{k + 2}_block{n}_out" for k, n in enumerate(depths)))


RESNET50 = Backbone(
    "resnet50",
    resnet50,
    CAFFE,
    _taps((3, 4, 6, 3)),
    (2, 4, 8, 16, 32),
    file="resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5",
    url=URL,
    md5="4d473c1dd8becc155b73f8504c6f6626",
)
RESNET101 = Backbone(
    "resnet101",
    resnet101,
    CAFFE,
    _taps((3, 4, 23, 3)),
    (2, 4, 8, 16, 32),
    file="resnet101_weights_tf_dim_ordering_tf_kernels_notop.h5",
    url=URL,
    md5="88cf7a10940856eca736dc7b7e228a21",
)
RESNEXT50 = Backbone("resnext50", resnext50, TORCH, _taps((3, 4, 6, 3)), (2, 4, 8, 16, 32))
