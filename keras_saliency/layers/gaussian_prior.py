"""Learned Gaussian priors of SAM (Cornia et al., IEEE TIP 2018; released gaussian_prior.py)."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

# mu_x, mu_y, sigma_x, sigma_y: the forward pass clips to these, released code
_LOW = (0.25, 0.35, 0.1, 0.2)
_HIGH = (0.75, 0.65, 0.9, 0.8)


@keras.saving.register_keras_serializable(package="keras_saliency")
class GaussianPrior(keras.layers.Layer):
    """Maps of `count` learned Gaussians, of the size of the input.

    g = exp(-((x - mu_x)^2/(2 sigma_x^2 + 1e-7) + (y - mu_y)^2/(2 sigma_y^2 + 1e-7))), divided by
    its maximum over the grid, so that the grid point nearest to the mean is exactly 1. x runs from
    0 to 1; y is measured in widths about 0.5: from (1 - H/W)/2 to (1 + H/W)/2.
    One weight holds mu_x, mu_y, sigma_x, sigma_y of all Gaussians one after the other. They are
    clipped in the forward pass to [.25, .75], [.35, .65], [.1, .9], [.2, .8], and a clipped one has
    no gradient: of the initial values 25 % of mu_y, 20 % of sigma_x and 60 % of sigma_y start
    outside and never move. That is the released behaviour.

    Example: 3x3, means .5, sigmas .2 and .3: corners .010956, top and bottom .249352, left and
    right .043937, centre 1.

    Args:
        count: number of Gaussians.
        gradient: `"clip"`, or `"straight_through"` to let clipped values learn.
        mean_initializer: of both means.
        sigma_initializer: of both sigmas.

    Shapes:
        (batch, rows, columns, any) to (batch, rows, columns, count); the values of the input do
        not matter.

    Raises:
        ValueError: count below 1 or unknown gradient.
    """

    def __init__(
        self,
        count: int = 16,
        gradient: str = "clip",
        mean_initializer: Any = None,
        sigma_initializer: Any = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        if count < 1:
            raise ValueError(f"count must be at least 1; found {count}. SAM has 16.")
        if gradient not in ("clip", "straight_through"):
            raise ValueError(
                f"gradient must be 'clip' or 'straight_through'; found {gradient!r}. Choose one."
            )
        self.count = count
        self.gradient = gradient
        self.mean_initializer = keras.initializers.get(
            mean_initializer or keras.initializers.RandomUniform(0.3, 0.7)
        )
        self.sigma_initializer = keras.initializers.get(
            sigma_initializer or keras.initializers.RandomUniform(0.05, 0.3)
        )

    def build(self, input_shape: Any) -> None:
        def initial(shape: Any, dtype: Any = None) -> Any:
            half = (2 * self.count,)
            return ops.concatenate(
                [self.mean_initializer(half, dtype), self.sigma_initializer(half, dtype)]
            )

        # coordinates need float32 under every policy
        self.gaussians = self.add_weight(
            name="gaussians", shape=(4 * self.count,), initializer=initial, autocast=False
        )

    def call(self, inputs: Any) -> Any:
        batch, rows, columns, _ = ops.shape(inputs)
        values = ops.reshape(self.gaussians.value, (4, self.count))
        low, high = (ops.convert_to_tensor(v, values.dtype)[:, None] for v in (_LOW, _HIGH))
        clipped = ops.clip(values, low, high)
        if self.gradient == "straight_through":
            clipped = values + ops.stop_gradient(clipped - values)
        mu_x, mu_y, sigma_x, sigma_y = (clipped[k] for k in range(4))
        x, y = _places(columns), _places(rows)
        height = ops.cast(rows, "float32") / ops.cast(columns, "float32")
        y = (1 - height) / 2 + y * height
        across = ops.square(x[:, None] - mu_x) / (2 * ops.square(sigma_x) + 1e-7)
        down = ops.square(y[:, None] - mu_y) / (2 * ops.square(sigma_y) + 1e-7)
        # separable, and so is the maximum
        across = ops.exp(ops.min(across, axis=0) - across)
        down = ops.exp(ops.min(down, axis=0) - down)
        maps = ops.cast(down[:, None, :] * across[None, :, :], self.compute_dtype)
        return ops.broadcast_to(maps[None], (batch, rows, columns, self.count))

    def compute_output_shape(self, input_shape: Any) -> tuple:
        return (*input_shape[:3], self.count)

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "count": self.count,
            "gradient": self.gradient,
            "mean_initializer": keras.initializers.serialize(self.mean_initializer),
            "sigma_initializer": keras.initializers.serialize(self.sigma_initializer),
        }


def _places(n: Any) -> Any:
    """0 ... 1 in n steps; 0 for one."""
    steps = ops.cast(ops.maximum(n - 1, 1), "float32")
    return ops.cast(ops.arange(n, dtype="int32"), "float32") / steps
