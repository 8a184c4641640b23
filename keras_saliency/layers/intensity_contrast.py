"""Blurred intensity and local contrast at five scales: the features of ICF."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from keras_saliency.ops.blur import correlate_separable, gaussian_weights, half_width

SIGMAS = (5.0, 10.0, 20.0, 40.0, 80.0)  # pixels of a picture that is 1024 wide
TRUNCATE = 3.0
FLOOR = 1e-6  # under the root, so that the gradient of no contrast stays finite


@keras.saving.register_keras_serializable(package="keras_saliency")
class IntensityContrast(keras.layers.Layer):
    """For each channel Y: m = G Y at five sigmas, then sqrt(G (Y - m)^2 + 1e-6) at the same five.

    The channels are luminance (.299 R + .587 G + .114 B)/255 and, with `colour`, the opponents
    (R - G)/255 and (B - (R + G)/2)/255. Sigmas are 5, 10, 20, 40 and 80 pixels of a picture 1024
    wide and shrink with its width; windows reach 3 sigmas, edges are repeated. The paper (Kümmerer,
    Wallis, Gatys, Bethge, ICCV 2017) names intensity and contrast at five scales; the construction
    is ours.

    Example: a picture of one gray level 128 has five maps of .50196 and five of .001.

    Args:
        colour: add the opponent channels.
        widest: largest width in pixels that will come in, which decides the window.
        scale: factor of the sigmas instead of width/1024.

    Shapes:
        (batch, height, width, 3) RGB in 0..255 to (batch, height, width, 10 or 30),
        computed in float32 or wider.
    """

    def __init__(
        self, colour: bool = False, widest: int = 1024, scale: float | None = None, **kwargs: Any
    ):
        super().__init__(**kwargs)
        if widest < 1 or (scale is not None and not scale > 0):
            raise ValueError(
                f"widest must be 1 or more and scale positive; found {widest}, {scale}. "
                "Give the width of the largest picture in pixels."
            )
        self.colour, self.widest, self.scale = colour, widest, scale

    def call(self, inputs: Any) -> Any:
        dtype = keras.backend.result_type(inputs.dtype, "float32")
        red, green, blue = (
            ops.cast(inputs[..., k : k + 1], dtype) / ops.cast(255, dtype) for k in range(3)
        )
        channels = [0.299 * red + 0.587 * green + 0.114 * blue]
        if self.colour:
            channels += [red - green, blue - (red + green) / 2]
        features = []
        for y in channels:
            means = [self._blur(y, sigma) for sigma in SIGMAS]
            spreads = [
                ops.sqrt(self._blur(ops.square(y - mean), sigma) + FLOOR)
                for mean, sigma in zip(means, SIGMAS, strict=True)
            ]
            features += means + spreads
        return ops.cast(ops.concatenate(features, axis=-1), self.compute_dtype)

    def _blur(self, y: Any, sigma: float) -> Any:
        scale = self.scale
        if scale is None and isinstance(width := ops.shape(y)[2], int):
            scale = width / 1024
        if scale is not None:
            reach = half_width(sigma * scale, TRUNCATE)
            weights = gaussian_weights(sigma * scale, np.arange(-reach, reach + 1), y.dtype)
        else:  # the width is known only when a picture comes: a window wide enough for all
            present = sigma * ops.cast(width, y.dtype) / 1024
            reach = half_width(sigma * self.widest / 1024, TRUNCATE)
            within = ops.floor(TRUNCATE * present + 0.5)
            offsets = np.arange(-reach, reach + 1)
            weights = gaussian_weights(present, offsets, y.dtype, within=within)
        return correlate_separable(y, weights, weights, "nearest")

    def compute_output_shape(self, input_shape: Any) -> tuple:
        return (*input_shape[:3], 2 * len(SIGMAS) * (3 if self.colour else 1))

    def get_config(self) -> dict:
        own = {"colour": self.colour, "widest": self.widest, "scale": self.scale}
        return {**super().get_config(), **own}
