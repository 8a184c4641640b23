"""How a picture's colours are prepared for a network: reorder, scale, shift, divide."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Colours:
    """From RGB in 0..255 to what a network was trained on: reorder, scale, shift, divide.

    Args:
        order: `"rgb"` or `"bgr"`.
        scale: factor of the values before the mean is taken off.
        mean: taken off each channel, in `order`, in scaled units.
        deviation: each channel is divided by it at the end.
    """

    order: str = "rgb"
    scale: float = 1.0
    mean: tuple[float, float, float] = (0.0, 0.0, 0.0)
    deviation: tuple[float, float, float] = (1.0, 1.0, 1.0)

    def __call__(self, pictures: np.ndarray) -> np.ndarray:
        """Prepare pictures.

        Args:
            pictures: float32 (…, 3), RGB in 0..255.

        Returns:
            float32 of the same shape.
        """
        ordered = pictures[..., ::-1] if self.order == "bgr" else pictures
        mean, deviation = (np.array(v, np.float32) for v in (self.mean, self.deviation))
        return np.ascontiguousarray((ordered * np.float32(self.scale) - mean) / deviation)


PLAIN = Colours()
UNIT = Colours(scale=1 / 255)
SIGNED = Colours(scale=1 / 127.5, mean=(1.0, 1.0, 1.0))
CAFFE = Colours("bgr", mean=(103.939, 116.779, 123.68))
TORCH = Colours(scale=1 / 255, mean=(0.485, 0.456, 0.406), deviation=(0.229, 0.224, 0.225))
LITE = Colours(mean=(127.0, 127.0, 127.0), deviation=(128.0, 128.0, 128.0))
