"""The convolution that networks are made of: padded to keep the size, channels last."""

from __future__ import annotations

from typing import Any

from keras_saliency.layers.dilated_conv import Conv2D


def convolution(x: Any, filters: int, size: int, name: str, **options: Any) -> Any:
    """A convolution whose output has the input's height and width (for stride 1).

    Args:
        x: tensor (batch, height, width, channels).
        filters: channels of the output.
        size: of the kernel.
        name: of the layer.
        **options: of `keras.layers.Conv2D`, such as `activation`; none is the default.
    """
    return Conv2D(filters, size, padding="same", data_format="channels_last", name=name, **options)(
        x
    )


def convolution_relu(x: Any, filters: int, size: int, name: str, **options: Any) -> Any:
    """The same, with a ReLU."""
    return convolution(x, filters, size, name, activation="relu", **options)
