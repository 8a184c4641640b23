"""Distances between distributions that PDP is trained by.

Jetley, Murray, Vig, "End-to-end saliency mapping via probability distribution prediction", CVPR
2016, arXiv:1804.01793. Predictions are log densities, from which every distance is computed
without adding a constant to a density, which would change the gradient.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from keras_saliency.losses.map_loss import MapLoss

DEEPEST = -30.0  # ln p below which chi-square stops growing
AXES = (1, 2)


def _kl(g: Any, log_p: Any) -> Any:
    return ops.sum(g * (_safe_log(g) - log_p), axis=AXES)


def _chi2(g: Any, log_p: Any) -> Any:
    squares = ops.exp(2 * _safe_log(g) - ops.maximum(log_p, DEEPEST))
    return ops.sum(ops.where(g > 0, squares, 0.0), axis=AXES) - 1


def _chi2_symmetric(g: Any, log_p: Any) -> Any:
    p = ops.exp(log_p)
    both = g + p  # where neither has anything there is no distance
    return ops.sum(
        ops.where(both > 0, ops.square(g - p) / ops.where(both > 0, both, 1.0), 0.0), AXES
    )


def _tv(g: Any, log_p: Any) -> Any:
    return _tv_unhalved(g, log_p) / 2


def _tv_unhalved(g: Any, log_p: Any) -> Any:
    return ops.sum(ops.abs(g - ops.exp(log_p)), axis=AXES)


def _cosine(g: Any, log_p: Any) -> Any:
    p = ops.exp(log_p)
    lengths = ops.sqrt(ops.sum(g * g, axis=AXES)) * ops.sqrt(ops.sum(p * p, axis=AXES))
    return 1 - ops.sum(p * g, axis=AXES) / lengths


def _bhattacharyya(g: Any, log_p: Any) -> Any:
    roots = ops.where(g > 0, ops.exp(0.5 * (_safe_log(g) + log_p)), 0.0)
    return -ops.log(ops.sum(roots, axis=AXES))


def _safe_log(g: Any) -> Any:
    """Logarithm of g, and 0 where g is 0, so that neither value nor gradient is NaN."""
    return ops.log(ops.where(g > 0, g, 1.0))


DISTANCES: dict[str, Callable[[Any, Any], Any]] = {
    "kl": _kl,
    "chi2": _chi2,
    "chi2_symmetric": _chi2_symmetric,
    "tv": _tv,
    "tv_unhalved": _tv_unhalved,
    "cosine": _cosine,
    "bhattacharyya": _bhattacharyya,
}


@keras.saving.register_keras_serializable(package="keras_saliency")
class PDPLoss(MapLoss):
    """A distance between the target g, divided by its sum, and the predicted density p.

    | distance | value |
    |---|---|
    | `kl` | sum g ln(g/p) |
    | `chi2` | sum g^2/p - 1 |
    | `chi2_symmetric` | sum (g - p)^2/(g + p) |
    | `tv`, `tv_unhalved` | sum abs(g - p), halved or not |
    | `cosine` | 1 - p.g/(abs p abs g) |
    | `bhattacharyya` | -ln sum sqrt(p g), the paper's best |

    Which chi-square the paper means and whether total variation has the half is not known, so both
    are here. An image whose target is zero everywhere has the loss 0 (our choice).

    Example: p = [.25, .75] and g = [.5, .5] give kl .1438, chi2 .3333, tv .25, cosine .1056,
    bhattacharyya .0347.

    Args:
        distance: one of the table.

    Shapes:
        y_true: densities or blurred counts (batch, rows, columns[, 1]), not negative.
        y_pred: log densities (batch, rows, columns[, 1]).

    Raises:
        ValueError: an unknown distance.
    """

    truth = ("density",)

    def __init__(self, distance: str = "bhattacharyya", name: str = "pdp", **kwargs: Any):
        super().__init__(name=name, **kwargs)
        if distance not in DISTANCES:
            raise ValueError(
                f"distance must be one of {', '.join(DISTANCES)}; found {distance!r}. Choose one."
            )
        self.distance = distance

    def per_image(self, saliency: Any, *truth: Any) -> Any:
        """The distance of maps (batch, rows, columns), (batch,)."""
        (density,) = truth
        total = ops.sum(density, axis=AXES, keepdims=True)
        there = total > 0
        uniform = 1 / ops.cast(ops.prod(ops.shape(density)[1:]), density.dtype)
        g = ops.where(there, density / ops.where(there, total, 1.0), uniform)
        found = DISTANCES[self.distance](g, saliency)
        return ops.where(there[:, 0, 0], found, 0.0)

    def get_config(self) -> dict:
        """The arguments to build the loss again."""
        return {**super().get_config(), "distance": self.distance}


@keras.saving.register_keras_serializable(package="keras_saliency")
class RegressionLoss(MapLoss):
    """What PDP compares with: sums over pixels of abs r, r^2/2, or Huber's function of r.

    r is the linear output less the map; Huber's is r^2/2 within 1 and abs r - 1/2 beyond.

    Example: outputs 2 and 0 for the map 0, .5 give l1 2.5, l2 2.125, huber 1.625.

    Args:
        form: `"l1"`, `"l2"` or `"huber"`.

    Shapes:
        y_true: maps (batch, rows, columns[, 1]).
        y_pred: maps of the same size.

    Raises:
        ValueError: another form.
    """

    truth = ("map",)

    def __init__(self, form: str = "l2", name: str = "regression", **kwargs: Any):
        super().__init__(name=name, **kwargs)
        if form not in ("l1", "l2", "huber"):
            raise ValueError(f"form must be l1, l2 or huber; found {form!r}. Choose one.")
        self.form = form

    def per_image(self, saliency: Any, *truth: Any) -> Any:
        """The sum of maps (batch, rows, columns), (batch,)."""
        (wanted,) = truth
        far = ops.abs(saliency - wanted)
        if self.form == "l1":
            return ops.sum(far, axis=AXES)
        half = ops.square(far) / 2
        if self.form == "huber":
            half = ops.where(far <= 1, half, far - 0.5)
        return ops.sum(half, axis=AXES)

    def get_config(self) -> dict:
        """The arguments to build the loss again."""
        return {**super().get_config(), "form": self.form}
