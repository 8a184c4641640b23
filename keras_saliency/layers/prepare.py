"""`PrepareColours`: RGB in 0..255 to what a trunk was trained on, inside the network.

For networks with several trunks, each of which wants its pictures in its own way.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="keras_saliency")
class PrepareColours(keras.layers.Layer):
    """`(ordered * scale - mean) / deviation`, channel by channel.

    Args:
        order: `"rgb"` or `"bgr"`: the order of the result; the input is RGB.
        scale: factor of the values before the mean is taken off.
        mean: taken off each channel, in `order`, in scaled units.
        deviation: each channel is divided by it at the end.

    Raises:
        ValueError: an unknown order, or other than three numbers.
    """

    def __init__(
        self,
        order: str = "rgb",
        scale: float = 1.0,
        mean: tuple[float, float, float] = (0.0, 0.0, 0.0),
        deviation: tuple[float, float, float] = (1.0, 1.0, 1.0),
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        if order not in ("rgb", "bgr"):
            raise ValueError(f"order must be 'rgb' or 'bgr', got {order!r}")
        if len(mean) != 3 or len(deviation) != 3:
            raise ValueError("mean and deviation must hold three numbers each")
        self.order, self.scale = order, float(scale)
        self.mean, self.deviation = tuple(mean), tuple(deviation)

    def call(self, inputs: Any) -> Any:
        """`inputs`: (b, h, w, 3), RGB in 0..255."""
        x = ops.flip(inputs, axis=-1) if self.order == "bgr" else inputs
        mean = ops.convert_to_tensor(self.mean, dtype=x.dtype)
        deviation = ops.convert_to_tensor(self.deviation, dtype=x.dtype)
        return (x * self.scale - mean) / deviation

    def compute_output_shape(self, input_shape: Any) -> Any:
        """As the input's."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """All arguments."""
        own = {
            "order": self.order,
            "scale": self.scale,
            "mean": list(self.mean),
            "deviation": list(self.deviation),
        }
        return {**super().get_config(), **own}
