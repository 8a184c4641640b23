"""Fit calibration and centre bias of a network to a few pictures of one's own, all else frozen.

The idea is that of Kümmerer, Khanuja and Bethge, "Modeling saliency dataset bias",
arXiv:2505.10169: data sets differ in few numbers, which fifty pictures suffice for.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from benchmark_kit.errors import ConfigError, InputError, name_some
from benchmark_kit.types import GroundTruth
from keras_saliency.base.centre_bias import fit_centre_bias
from keras_saliency.base.resample import Size, resample
from keras_saliency.lite.calibration import Calibration, fine
from keras_saliency.lite.weights import PRIOR_GRID

LEAST = 5  # pictures, one a fold
FOLDS = 5
LEAST_UNIFORM = 0.01  # share of the uniform density in a prior of one's own
# how freely (log sigma, weight, log gain) leave their start: bits of one picture that a distance of
# one such step costs; our choice
FREEDOM, HELD = (0.5, 0.3, 0.3), 0.05


@dataclass(frozen=True)
class Adaptation:
    """What was fitted, and what it brought.

    Args:
        calibration: fitted to all pictures.
        prior: log density, float32 of `PRIOR_GRID`, fitted to all pictures.
        before: mean bits an image above the uniform density, as the network came.
        after: the same on pictures left out while fitting, in five folds; the bandwidth of the
            centre bias alone is found on all pictures.
        pictures: how many.
    """

    calibration: Calibration
    prior: np.ndarray
    before: float
    after: float
    pictures: int

    def __str__(self) -> str:
        one = self.calibration
        return (
            f"{self.pictures} pictures: {self.after:.3f} bit above a uniform density on pictures "
            f"left out (5 folds), {self.before:.3f} before ({self.after - self.before:+.3f})\n"
            f"blur {one.sigma:.2f} cells, weight of the centre bias {one.prior_weight:.2f}, "
            f"gain {one.gain:.2f}"
        )


@dataclass(frozen=True)
class Observed:
    """Pictures of one grid: a network's scores, and the cells that people looked at.

    Args:
        planes: float32 (n, rows, columns), scores on the grid of stride 8.
        counts: fixations a cell, float32 (n, rows, columns), each picture's sum one.
    """

    planes: np.ndarray
    counts: np.ndarray

    def bits(self, calibration: Calibration, prior: np.ndarray) -> np.ndarray:
        """Bits a fixation above the uniform density, of each picture.

        Args:
            calibration: from scores to a density.
            prior: log density of any size.
        """
        rows, columns = self.planes.shape[1:]
        log_prior = resample(prior.astype(np.float32), (rows, columns), "bilinear")
        scores = calibration.gain * calibration.blur(self.planes)
        scores = (scores + calibration.prior_weight * log_prior).astype(np.float64)
        scores -= scores.max(axis=(1, 2), keepdims=True)
        at = (scores * self.counts).sum(axis=(1, 2))
        mean = at - np.log(np.exp(scores).sum(axis=(1, 2))) + math.log(rows * columns)
        return mean / math.log(2)


def adapt(
    truths: Sequence[GroundTruth],
    scores_of: Callable[[GroundTruth], np.ndarray],
    calibration: Calibration,
    prior: np.ndarray,
) -> Adaptation:
    """Fit calibration and prior.

    Args:
        truths: pictures with fixations, five or more; some fifty are wanted.
        scores_of: scores of a stimulus, float (rows, columns) on the grid of stride 16.
        calibration: where it starts, and what few pictures are held to.
        prior: the log density that the network came with.

    Raises:
        ConfigError: fewer than five pictures.
        InputError: pictures without fixations or without a file; they are named.
    """
    truths = list(truths)
    if len(truths) < LEAST:
        raise ConfigError(
            f"five pictures or more are needed to adapt to, got {len(truths)}; some fifty are "
            "wanted. Fix: give more, or predict without adapting"
        )
    bare = [t.name for t in truths if t.fixations is None or not len(t.fixations)]
    if bare:
        raise InputError(
            f"no fixations of {name_some(bare)} ({len(bare)} of {len(truths)} pictures). "
            "Fix: leave them out"
        )
    lost = [t.name for t in truths if t.stimulus is None or not t.stimulus.is_file()]
    if lost:
        raise InputError(
            f"no stimulus file for {name_some(lost)} ({len(lost)} of {len(truths)} pictures). "
            "Fix: put the pictures where the data set keeps them"
        )
    scores = [scores_of(truth) for truth in truths]
    before = _bits(_together(truths, scores), calibration, prior)
    bandwidth = fit_centre_bias(truths, uniform=LEAST_UNIFORM).bandwidth
    left_out: list[float] = []
    for fold in range(FOLDS):
        kept = [k for k in range(len(truths)) if k % FOLDS != fold]
        own, learned = _fit(
            [truths[k] for k in kept], [scores[k] for k in kept], calibration, bandwidth
        )
        left_out += _each(_together(truths[fold::FOLDS], scores[fold::FOLDS]), own, learned)
    own, learned = _fit(truths, scores, calibration, bandwidth)
    return Adaptation(own, learned, before, float(np.mean(left_out)), len(truths))


def _together(truths: Sequence[GroundTruth], scores: Sequence[np.ndarray]) -> list[Observed]:
    """Pictures by the size of their grid."""
    found: dict[Size, list[tuple[np.ndarray, np.ndarray]]] = {}
    for truth, own in zip(truths, scores, strict=True):
        plane = fine(own)
        (rows, columns), (height, width) = plane.shape, truth.size
        points = truth.fixations
        assert points is not None
        counts = np.zeros(plane.shape, np.float32)
        down = np.minimum((points.y * rows / height).astype(np.int64), rows - 1)
        across = np.minimum((points.x * columns / width).astype(np.int64), columns - 1)
        np.add.at(counts, (down, across), 1 / len(points))
        found.setdefault((rows, columns), []).append((plane, counts))
    return [Observed(*map(np.stack, zip(*pairs, strict=True))) for pairs in found.values()]


def _fit(
    truths: Sequence[GroundTruth],
    scores: Sequence[np.ndarray],
    start: Calibration,
    bandwidth: float,
) -> tuple[Calibration, np.ndarray]:
    from scipy.optimize import minimize

    bias = fit_centre_bias(truths, bandwidth, LEAST_UNIFORM)
    prior = bias.log_density(PRIOR_GRID).astype(np.float32)
    held = np.array([math.log(start.sigma), start.prior_weight, math.log(start.gain)])
    pictures = _together(truths, scores)

    def loss(values: np.ndarray) -> float:
        away = (((values - held) / FREEDOM) ** 2).sum()
        return HELD * away / len(truths) - _bits(pictures, _of(values), prior)

    corners = held + np.vstack([np.zeros(3), np.diag(FREEDOM)])
    options = {"initial_simplex": corners, "xatol": 5e-3, "fatol": 1e-4, "maxfev": 150}
    found = minimize(loss, held, method="Nelder-Mead", options=options)
    return _of(found.x), prior


def _of(values: np.ndarray) -> Calibration:
    return Calibration(
        float(np.exp(np.clip(values[0], -1.5, 2.5))), float(values[1]), float(np.exp(values[2]))
    )


def _bits(pictures: list[Observed], calibration: Calibration, prior: np.ndarray) -> float:
    return float(np.mean(_each(pictures, calibration, prior)))


def _each(pictures: list[Observed], calibration: Calibration, prior: np.ndarray) -> list[float]:
    return [bits for group in pictures for bits in group.bits(calibration, prior).tolist()]
