"""Pearson's correlation of all pairs seen so far, over values rounded to bins."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops


@keras.saving.register_keras_serializable(package="keras_saliency")
class PearsonsCorrelation(keras.metrics.Metric):
    """Correlation of y_true and y_pred over all updates, each value moved to its bin's middle.

    The metric of this name in TensorFlow Addons, whose approximation is part of it (Xiao,
    "An online algorithm for nonparametric correlations", 2017): values are clipped to [min, max],
    which `cutpoints` evenly spaced cuts divide into cutpoints - 1 bins. Values far outside pull
    the result far off: scale them, or give the range. For the exact correlation of maps, take
    `keras_saliency.metrics.CC`.

    Example: y_true 0, 0, 1 and y_pred 0, 1, 1 give 0.5. NaN without data, or where one side has
    met a single bin.

    Args:
        actual_min: lower end of y_true.
        actual_max: upper end of y_true.
        preds_min: lower end of y_pred.
        preds_max: upper end of y_pred.
        actual_cutpoints: cuts of y_true, at least 2.
        preds_cutpoints: cuts of y_pred, at least 2.
        name: of the metric.
        dtype: of the state; float32 by default.

    Raises:
        ValueError: an empty range, or fewer than two cuts.
    """

    def __init__(
        self,
        actual_min: float = 0.0,
        actual_max: float = 1.0,
        preds_min: float = 0.0,
        preds_max: float = 1.0,
        actual_cutpoints: int = 100,
        preds_cutpoints: int = 100,
        name: str = "pearsons_correlation",
        dtype: Any = None,
    ):
        super().__init__(name=name, dtype=dtype)
        for low, high, cuts in (
            (actual_min, actual_max, actual_cutpoints),
            (preds_min, preds_max, preds_cutpoints),
        ):
            if not low < high or cuts < 2:
                raise ValueError(
                    "a range needs min < max and at least 2 cut points; found "
                    f"{low} to {high} with {cuts}. Give the range of the values."
                )
        self.actual_min, self.actual_max = actual_min, actual_max
        self.preds_min, self.preds_max = preds_min, preds_max
        self.actual_cutpoints, self.preds_cutpoints = actual_cutpoints, preds_cutpoints
        self._actual = _cuts(actual_min, actual_max, actual_cutpoints)
        self._preds = _cuts(preds_min, preds_max, preds_cutpoints)
        # Means and sums of squared deviations stay exact where sums of squares would cancel.
        self.count, self.mean, self.moments = (
            self.add_variable(shape=shape, initializer="zeros", name=part)
            for part, shape in (("count", ()), ("mean", (2,)), ("moments", (3,)))
        )

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add the pairs of two tensors of one shape; weights are not offered.

        Raises:
            ValueError: a sample_weight.
        """
        if sample_weight is not None:
            raise ValueError("sample_weight must be None; found weights. Leave them out.")
        pairs = ((y_true, self._actual), (y_pred, self._preds))
        bins = [ops.cast(_bins(values, cuts), self.dtype) for values, cuts in pairs]
        n, old = ops.cast(ops.size(bins[0]), self.dtype), self.count.value
        # from the first value on, so that equal values have exactly no spread
        mean = ops.stack([x[0] + ops.mean(x - x[0]) for x in bins])
        a, b = bins[0] - mean[0], bins[1] - mean[1]
        moments = ops.stack([ops.sum(a * a), ops.sum(b * b), ops.sum(a * b)])
        step = mean - self.mean.value
        between = ops.stack([step[0] ** 2, step[1] ** 2, step[0] * step[1]])
        self.moments.assign(self.moments.value + moments + between * (old * n / (old + n)))
        self.mean.assign(self.mean.value + step * (n / (old + n)))
        self.count.assign(old + n)

    def result(self) -> Any:
        """The correlation, a scalar in [-1, 1]."""
        moments = self.moments.value
        return moments[2] / ops.sqrt(moments[0] * moments[1])

    def get_config(self) -> dict[str, Any]:
        """All arguments."""
        return {
            **super().get_config(),
            "actual_min": self.actual_min,
            "actual_max": self.actual_max,
            "preds_min": self.preds_min,
            "preds_max": self.preds_max,
            "actual_cutpoints": self.actual_cutpoints,
            "preds_cutpoints": self.preds_cutpoints,
        }


def _cuts(low: float, high: float, number: int) -> np.ndarray:
    return np.linspace(low, high, number, dtype="float32")


def _bins(values: Any, cuts: np.ndarray) -> Any:
    """Number of each value's bin, flat; values outside belong to the last bins.

    Bins are equally wide, so that their numbers correlate as their middles do.
    """
    values = ops.reshape(ops.cast(values, "float32"), (-1,))
    bins = ops.searchsorted(ops.convert_to_tensor(cuts), values, side="right") - 1
    return ops.clip(bins, 0, len(cuts) - 2)
