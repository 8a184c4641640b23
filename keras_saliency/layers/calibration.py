"""Scores under a log prior with a blur, a gain and a weight of the prior for each data set."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_saliency.lite.calibration import Calibration

SIGMA, WEIGHT = 1.4, 0.7  # starts, in cells of the grid; from trials


@keras.saving.register_keras_serializable(package="keras_saliency")
class DatasetCalibration(keras.layers.Layer):
    """`[x, log prior, data set]` -> gain * blur(x, sigma) + weight * log prior.

    Data sets differ in how far looking spreads, how much it is drawn to the centre and how alike
    observers are, which these three numbers take up: they are learned for each training set. Where
    the data set is -1 the mean of sigma's logarithm, of the weight and of the gain's logarithm are
    taken. The blur is a product with two matrices of rows exp(-(i - j)^2 / 2 sigma^2) / sum: at the
    border what lies outside does not count.

    Args:
        datasets: how many triples there are.
        pull: weight of the squared distances of the triples from their mean, a loss of the layer.

    Shapes:
        (batch, rows, columns, 1), (batch, rows, columns, 1), whole numbers (batch, 1) to
        (batch, rows, columns, 1); float32 or wider.

    Reference:
        Kümmerer, Khanuja, Bethge, "Modeling saliency dataset bias", arXiv:2505.10169 (the idea;
        they have other parameters).
    """

    def __init__(self, datasets: int, pull: float = 0.0, **kwargs: Any):
        super().__init__(**kwargs)
        if datasets < 1:
            raise ValueError(f"datasets must be 1 or more, got {datasets}")
        self.datasets, self.pull = datasets, pull

    def build(self, input_shape: Any) -> None:
        self.triples = [
            self.add_weight(
                name=name,
                shape=(self.datasets,),
                initializer=keras.initializers.Constant(start),
                autocast=False,
            )
            for name, start in (
                ("log_sigma", math.log(SIGMA)),
                ("prior_weight", WEIGHT),
                ("log_gain", 0.0),
            )
        ]

    def call(self, inputs: Any) -> Any:
        x, prior, dataset = inputs
        wide = keras.backend.result_type(x.dtype, "float32")
        x, prior = ops.cast(x, wide), ops.cast(prior, wide)
        log_sigma, weight, log_gain = (self._of(part, dataset, wide) for part in self.triples)
        if self.pull:
            spread = [ops.var(ops.cast(part.value, wide)) for part in self.triples]
            self.add_loss(self.pull * sum(spread))
        rows, columns = ops.shape(x)[1:3]
        down, across = (_kernels(n, ops.exp(log_sigma), wide) for n in (rows, columns))
        plane = ops.matmul(ops.matmul(down, x[..., 0]), ops.transpose(across, (0, 2, 1)))
        return (
            ops.exp(log_gain)[..., None, None] * plane[..., None] + weight[..., None, None] * prior
        )

    def calibrations(self) -> list[Calibration]:
        """Of each data set, what was learned."""
        log_sigma, weight, log_gain = (np.asarray(part.value, np.float64) for part in self.triples)
        return [
            Calibration(float(s), float(w), float(g))
            for s, w, g in zip(np.exp(log_sigma), weight, np.exp(log_gain), strict=True)
        ]

    def set_calibrations(self, known: Sequence[Calibration]) -> None:
        """Set those of all data sets."""
        sigma, weight, gain = np.array([(c.sigma, c.prior_weight, c.gain) for c in known]).T
        for part, values in zip(self.triples, (np.log(sigma), weight, np.log(gain)), strict=True):
            part.assign(values)

    def _of(self, values: Any, dataset: Any, dtype: str) -> Any:
        """The values of each sample's data set, (batch, 1)."""
        values = ops.cast(values.value, dtype)
        chosen = ops.one_hot(
            ops.cast(dataset[:, 0], "int32"), self.datasets, dtype=dtype
        )  # zeros for -1
        known = ops.sum(chosen, axis=1, keepdims=True)
        return ops.matmul(chosen, values[:, None]) + (1 - known) * ops.mean(values)

    def compute_output_shape(self, input_shape: Any) -> tuple:
        return tuple(input_shape[0])

    def get_config(self) -> dict:
        return {**super().get_config(), "datasets": self.datasets, "pull": self.pull}


def _kernels(cells: Any, sigma: Any, dtype: str) -> Any:
    """Rows of Gaussian weights (batch, cells, cells) for widths (batch, 1)."""
    place = ops.cast(ops.arange(cells), dtype)
    distance = place[:, None] - place[None, :]
    weights = ops.exp(-0.5 * (distance[None] / sigma[..., None]) ** 2)
    return weights / ops.sum(weights, axis=-1, keepdims=True)
