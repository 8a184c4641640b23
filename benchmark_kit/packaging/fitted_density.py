"""A map's density fitted on fixations: a monotone transform times a centre bias.

log p(x) = g(s(x)) + c(r(x)) - normaliser, with s the min-max scaled map, g piecewise linear and
never falling, r the distance from the centre (half the width and half the height count one), and c
piecewise linear: the way in which Kümmerer, Wallis and Bethge (2015) turn saliency maps into
densities. The log likelihood of the fixations is concave in the knots, so the maximum does not
depend on where the search starts. Knots at equal steps, and counting pixels on a table of 128
levels by 48 distances, are our choice.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmark_kit.containers.damage import DamagedFile
from benchmark_kit.containers.text import read_json
from benchmark_kit.errors import ConfigError
from benchmark_kit.imaging.min_max import min_max
from benchmark_kit.maps.sources import Maps
from benchmark_kit.types import Truths

LEVEL_KNOTS, DISTANCE_KNOTS = 20, 12
LEVEL_BINS, DISTANCE_BINS = 128, 48
FARTHEST = np.sqrt(2.0)  # a corner
SMOOTH = 1e-6  # weight of squared differences of knots: decides where no pixel falls


@dataclass(frozen=True)
class FittedDensity:
    """A monotone transform and a centre bias, fitted on fixations.

    Args:
        levels: g at equal steps of the min-max scaled map, 0 to 1; never falls.
        distances: c at equal steps of the distance from the centre, 0 to the corner's.
        data: what it was fitted on: data set, images, fixations, bits over uniform and a
            fingerprint.
    """

    levels: tuple[float, ...]
    distances: tuple[float, ...]
    data: Mapping[str, Any]

    def unnormalised(self, values: np.ndarray) -> np.ndarray:
        """g(s) + c(r) of a map, float64 (height, width)."""
        level = np.linspace(0, 1, len(self.levels))
        distance = np.linspace(0, FARTHEST, len(self.distances))
        return np.interp(_scaled(values), level, self.levels) + np.interp(
            _radius(values.shape), distance, self.distances
        )

    def to_json(self) -> str:
        """The parameters as text, for a file."""
        return json.dumps({"schema": 1, **asdict(self)}, indent=1, sort_keys=True) + "\n"

    @classmethod
    def load(cls, path: str | Path) -> FittedDensity:
        """Read parameters.

        Raises:
            ConfigError: not such a file.
        """
        try:
            data = read_json(path)
            levels, distances = (
                tuple(float(v) for v in data[key]) for key in ("levels", "distances")
            )
            known = dict(data["data"])
        except (DamagedFile, ValueError, KeyError, TypeError, OverflowError) as error:
            raise ConfigError(
                f"{path} holds no fitted density ({error}). Fix: a file that fit_density made"
            ) from None
        rising = len(levels) > 1 and bool((np.diff(levels) >= 0).all())
        if not rising or len(distances) < 2 or not np.isfinite((*levels, *distances)).all():
            raise ConfigError(f"{path}: knots must be finite, and `levels` must not fall")
        return cls(levels, distances, known)


def fit_density(truths: Truths, maps: Maps, *, strip: str = "", prefix: str = "") -> FittedDensity:
    """Fit the transform and the centre bias to fixations.

    Args:
        truths: a data set with fixations; its images weigh by their fixations.
        maps: the same model's maps for it: a folder, archive, HDF5 file or mapping.
        strip: suffix of the maps' names.
        prefix: prefix of their last part.

    Raises:
        InputError: maps that do not fit the data set.
        ConfigError: a data set without fixations.
    """
    from scipy.optimize import minimize

    from benchmark_kit.maps.check import check_maps
    from benchmark_kit.maps.pixels import prepare_pixels
    from benchmark_kit.maps.sources import open_maps

    judged = [t for t in truths if t.fixations is not None and len(t.fixations)]
    if not judged:
        raise ConfigError(f"{truths.name} has no fixations: nothing to fit on")
    checked = check_maps(open_maps(maps), truths, strip=strip, prefix=prefix, partial=None)
    tables = _Tables()
    for truth in judged:
        pixels = prepare_pixels(checked.references[truth.name], truth.size, False, None)
        assert truth.fixations is not None
        tables.add(pixels, truth.fixations.flat_index)
    start = np.zeros(LEVEL_KNOTS + DISTANCE_KNOTS)
    start[1:LEVEL_KNOTS] = 1 / LEVEL_KNOTS
    # increments of g are parameters: "never falls" becomes a bound
    bounds = [(0, 0), *[(0, None)] * (LEVEL_KNOTS - 1), *[(None, None)] * DISTANCE_KNOTS]
    found = minimize(tables.loss, start, jac=True, method="L-BFGS-B", bounds=bounds)
    levels = np.cumsum(found.x[:LEVEL_KNOTS])
    distances = found.x[LEVEL_KNOTS:]
    return FittedDensity(
        tuple(float(v) for v in levels),
        tuple(float(v) for v in distances - distances.max()),
        {
            "dataset": truths.name,
            "edition": truths.edition,
            "split": truths.split,
            "fingerprint": truths.fingerprint,
            "images": len(judged),
            "fixations": int(tables.fixations),
            "bits_over_uniform": round(tables.gain(found.x), 6),
        },
    )


class _Tables:
    """Counts of pixels and fixations by level and distance, image by image."""

    def __init__(self) -> None:
        self.pixels: list[np.ndarray] = []
        self.weights: list[int] = []
        self.hits = np.zeros(LEVEL_BINS * DISTANCE_BINS)
        at_level = _hats(LEVEL_BINS, LEVEL_KNOTS) @ np.tri(LEVEL_KNOTS)
        at_distance = _hats(DISTANCE_BINS, DISTANCE_KNOTS)
        self.features = np.hstack(
            [np.repeat(at_level, DISTANCE_BINS, 0), np.tile(at_distance, (LEVEL_BINS, 1))]
        )

    @property
    def fixations(self) -> float:
        return self.hits.sum()

    def add(self, pixels: np.ndarray, index: np.ndarray) -> None:
        level = np.minimum(_scaled(pixels) * LEVEL_BINS, LEVEL_BINS - 1).astype(np.int64)
        distance = np.minimum(
            _radius(pixels.shape) / FARTHEST * DISTANCE_BINS, DISTANCE_BINS - 1
        ).astype(np.int64)
        cell = (level * DISTANCE_BINS + distance).ravel()
        self.pixels.append(np.bincount(cell, minlength=len(self.hits)))
        self.hits += np.bincount(cell[index], minlength=len(self.hits))
        self.weights.append(len(index))

    def loss(self, parameters: np.ndarray) -> tuple[float, np.ndarray]:
        """Mean negative log likelihood of a fixation, and its gradient."""
        scores = self.features @ parameters
        top = scores.max()
        mass = np.exp(scores - top)
        expected = np.zeros_like(scores)
        normaliser = 0.0
        for counts, weight in zip(self.pixels, self.weights, strict=True):
            share = counts * mass
            total = share.sum()
            normaliser += weight * (np.log(total) + top)
            expected += (weight / total) * share
        bend, bend_gradient = _roughness(parameters)
        value = (normaliser - self.hits @ scores) / self.fixations + bend
        gradient = self.features.T @ (expected - self.hits) / self.fixations + bend_gradient
        return float(value), gradient

    def gain(self, parameters: np.ndarray) -> float:
        """Bits a fixation over the uniform density."""
        size = sum(
            weight * np.log(counts.sum())
            for counts, weight in zip(self.pixels, self.weights, strict=True)
        )
        fitted = self.loss(parameters)[0] - _roughness(parameters)[0]
        return float((size / self.fixations - fitted) / np.log(2))


def _roughness(parameters: np.ndarray) -> tuple[float, np.ndarray]:
    gradient = np.zeros_like(parameters)
    steps = parameters[1:LEVEL_KNOTS]
    gradient[1:LEVEL_KNOTS] = 2 * SMOOTH * steps
    distances = np.diff(parameters[LEVEL_KNOTS:])
    gradient[LEVEL_KNOTS + 1 :] += 2 * SMOOTH * distances
    gradient[LEVEL_KNOTS:-1] -= 2 * SMOOTH * distances
    return SMOOTH * float(steps @ steps + distances @ distances), gradient


def _hats(bins: int, knots: int) -> np.ndarray:
    """Weights (bins, knots) of linear interpolation at the bins' middles."""
    middle = (np.arange(bins) + 0.5) / bins * (knots - 1)
    return np.maximum(0, 1 - np.abs(middle[:, None] - np.arange(knots)))


def _scaled(values: np.ndarray) -> np.ndarray:
    return min_max(np.asarray(values, dtype=np.float64))


def _radius(shape: tuple[int, ...]) -> np.ndarray:
    y, x = (2 * (np.arange(n) + 0.5) / n - 1 for n in shape)
    return np.hypot(y[:, None], x)
