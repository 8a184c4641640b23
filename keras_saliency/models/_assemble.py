"""What building any network needs: the picture's tensor, checks of its size, the finished model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from benchmark_kit.errors import ConfigError
from keras_saliency.backbones.trunk import Trunk
from keras_saliency.base.saliency_model import Front, SaliencyModel

Size = tuple[int, int]


def picture_input(size: Size, *, multiple: int = 1, least: int = 1, model: str) -> Any:
    """The tensor of prepared pictures.

    Args:
        size: (height, width).
        multiple: what both sides must be multiples of.
        least: smallest side that survives the network's halvings.
        model: its name, for the message.

    Raises:
        ConfigError: a size that the network cannot take; says which it can.
    """
    wrong = [side for side in size if side % multiple or side < least]
    if wrong:
        nearest = tuple(max(least, round(side / multiple) * multiple) for side in size)
        nearest = tuple(-(-side // multiple) * multiple for side in nearest)
        rule = f"multiples of {multiple}" if multiple > 1 else "sides"
        raise ConfigError(
            f"{model} takes pictures whose sides are {rule}, {least} or more; got "
            f"{size[0]}x{size[1]} (height x width). Fix: input_shape={nearest}"
        )
    return keras.Input((*size, 3), name="picture")


def assemble(
    name: str, inputs: Any, outputs: Any, front: Front | None, trunks: Sequence[Trunk] = ()
) -> SaliencyModel:
    """The model with its front and its trunks.

    Args:
        name: the entry's name.
        inputs: Keras tensors.
        outputs: Keras tensors; of several the last is the map.
        front: the way of pictures in and of maps out.
        trunks: whose weights `backbone_weights` loads, in that order.
    """
    model = SaliencyModel(inputs, outputs, name=name)
    model.front = front
    model.trunks = list(trunks)
    return model
