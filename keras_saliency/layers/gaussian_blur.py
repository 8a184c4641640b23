"""Gaussian blur of maps, with a fixed or a learned width."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from keras_saliency.ops.blur import (
    check_sigma,
    correlate_separable,
    gaussian_weights,
    half_width,
)
from keras_saliency.ops.pad import check_border

_LEAST = 0.1  # our choice: a learned sigma stays above it, where the window is one pixel


@keras.saving.register_keras_serializable(package="keras_saliency")
class GaussianBlur2D(keras.layers.Layer):
    """Separable Gaussian blur of every channel; weights exp(-(x/sigma)^2/2) / sum.

    The defaults are scipy's `gaussian_filter`. OpenCV's 5x5 window is `sigma=1.1, radius=2,
    border="mirror"`; scikit-image's `gaussian` has `border="nearest"`; DeepGaze's finaliser is
    `truncate=3, border="nearest", radius="ceil", learned=True`.
    A learned sigma is one weight. Its window is laid out for `sigma_max` once, and taps beyond the
    radius of the present sigma are left out, so that values are those of a window of that radius,
    shapes stay static, and the gradient flows through the weights and their sum.

    Example: an impulse at sigma 1 and radius 1 becomes the outer product of (.2741, .4519, .2741)
    with itself.

    Args:
        sigma: standard deviation in pixels of the map; the start where it is learned.
        truncate: standard deviations kept.
        border: `"reflect"` (edge repeated), `"mirror"`, `"nearest"` or `"constant"` (zero).
        radius: `"round"` for floor(truncate sigma + 1/2), `"ceil"` for ceil(truncate sigma), or
            the half width in pixels.
        learned: whether sigma is trained, within [0.1, sigma_max].
        sigma_max: the largest learned sigma.

    Shapes:
        (batch, rows, columns, channels) to the same.

    Raises:
        ValueError: sigma not positive, unknown border or radius, a learned sigma without or above
            sigma_max, or below 0.1.
    """

    def __init__(
        self,
        sigma: float,
        truncate: float = 4.0,
        border: str = "reflect",
        radius: str | int = "round",
        learned: bool = False,
        sigma_max: float | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.sigma = check_sigma(sigma)
        self.truncate = truncate
        self.border = check_border(border)
        self.radius = radius
        self.learned = learned
        if learned and (sigma_max is None or not _LEAST <= sigma <= sigma_max):
            raise ValueError(
                f"a learned sigma needs {_LEAST} <= sigma <= sigma_max; found sigma={sigma}, "
                f"sigma_max={sigma_max}. Give sigma_max, the widest blur to be learned."
            )
        self.sigma_max = sigma_max
        widest = sigma_max if learned and sigma_max is not None else sigma
        self._reach = half_width(widest, truncate, radius)

    def build(self, input_shape: Any) -> None:
        if self.learned:
            self.learned_sigma = self.add_weight(
                name="sigma",
                shape=(),
                initializer=keras.initializers.Constant(self.sigma),
                constraint=lambda sigma: ops.clip(sigma, _LEAST, self.sigma_max),
                autocast=False,
            )

    def call(self, inputs: Any) -> Any:
        offsets = np.arange(-self._reach, self._reach + 1)
        dtype = keras.backend.result_type(inputs.dtype, "float32")
        if self.learned:
            sigma = ops.cast(self.learned_sigma.value, dtype)
            weights = gaussian_weights(sigma, offsets, dtype, within=self._present_radius(sigma))
        else:
            weights = gaussian_weights(self.sigma, offsets, dtype)
        return correlate_separable(inputs, weights, weights, self.border)

    def _present_radius(self, sigma: Any) -> Any:
        if isinstance(self.radius, int):
            return float(self.radius)
        cut = ops.stop_gradient(self.truncate * sigma)
        return ops.floor(cut + 0.5) if self.radius == "round" else ops.ceil(cut)

    def compute_output_shape(self, input_shape: Any) -> tuple:
        return tuple(input_shape)

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "sigma": self.sigma,
            "truncate": self.truncate,
            "border": self.border,
            "radius": self.radius,
            "learned": self.learned,
            "sigma_max": self.sigma_max,
        }
