"""The centre bias as a log density for probabilistic models: fitted to a data set, a file, uniform.

Fixations of all images are laid over each other at their relative places, x/width and y/height, and
blurred; a share of a uniform density keeps the logarithm finite. Bandwidth and share come from
leave-one-image-out cross-validation. Forms and constants follow pysaliency (`baseline_utils.py`).
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from benchmark_kit.containers.damage import DamagedFile
from benchmark_kit.containers.npy import open_npy
from benchmark_kit.errors import ConfigError, InputError
from benchmark_kit.imaging.centre_bias import CentreBias as KitBias
from benchmark_kit.types import Fixations, GroundTruth
from keras_saliency.base.resample import resample

Size = tuple[int, int]
BANDWIDTHS, SHARES = (0.005, 0.3), (1e-16, 0.5)  # bounds of the cross-validation
DIALECTS = ("normalised", "pysaliency")
CELLS = 256  # a side of the square that cross-validation lays all images on
SQUARE = (CELLS, CELLS)


@dataclass(frozen=True)
class CentreBias:
    """Fixations of a data set at their relative places.

    Args:
        x: columns over the width, 0..1, float64 (n,).
        y: rows over the height, the same.
        image: which image each fixation is of, (n,).
        bandwidth: of the Gaussian, relative to each side.
        uniform: share of the uniform density, 0 < uniform < 1.
        dialect: `"normalised"` mixes a density with the uniform one; `"pysaliency"` mixes the
            counts, so that the uniform share is smaller the more fixations there are.
    """

    x: np.ndarray
    y: np.ndarray
    image: np.ndarray
    bandwidth: float
    uniform: float
    dialect: str = "normalised"

    def __post_init__(self) -> None:
        if self.dialect not in DIALECTS:
            raise ConfigError(
                f"centre bias: dialect must be one of {DIALECTS}, got {self.dialect!r}"
            )
        if not self.bandwidth > 0 or not 0 < self.uniform < 1:
            raise ConfigError(
                "centre bias: bandwidth must be above 0 and the uniform share inside (0, 1), got "
                f"{self.bandwidth}, {self.uniform}"
            )

    def log_density(self, size: Size, without: Any = None) -> np.ndarray:
        """Natural-log density of the blurred counts.

        Args:
            size: (height, width) in pixels.
            without: an image whose own fixations are left out.

        Returns:
            float64 (height, width); its exponentials sum to one.
        """
        from scipy.ndimage import gaussian_filter

        kept = np.ones(len(self.x), bool) if without is None else self.image != without
        height, width = size
        counts = np.zeros(size)
        rows = np.minimum((self.y[kept] * height).astype(np.int64), height - 1)
        columns = np.minimum((self.x[kept] * width).astype(np.int64), width - 1)
        np.add.at(counts, (rows, columns), 1.0)
        blurred = gaussian_filter(counts, (self.bandwidth * height, self.bandwidth * width))
        if self.dialect == "normalised" and kept.any():
            blurred /= blurred.sum()
        mixed = (1 - self.uniform) * blurred + self.uniform / (height * width)
        return normalised(np.log(mixed))


Source = str | os.PathLike[str] | np.ndarray | CentreBias  # what a user may name one by


def normalised(log_density: np.ndarray) -> np.ndarray:
    """A log density less its logsumexp, in float64."""
    from scipy.special import logsumexp

    values = np.asarray(log_density, np.float64)
    return values - logsumexp(values)


def log_centre_bias(source: Source, size: Size) -> np.ndarray:
    """The log centre bias that a user names, at a size.

    Args:
        source: `"uniform"`; a `CentreBias`; an array (rows, columns) of natural-log density of any
            size, resized bilinearly; or the path of such an array, `.npy`.
        size: (height, width) in pixels.

    Returns:
        float64 (height, width); its exponentials sum to one.

    Raises:
        ConfigError: none of these, or no such file.
        InputError: a file or array that is no log density.
    """
    if isinstance(source, str) and source == "uniform":
        return np.full(size, -np.log(size[0] * size[1]))
    if hasattr(source, "log_density"):
        return source.log_density(size)
    if isinstance(source, str | os.PathLike):
        source = _read(Path(source).expanduser())
    values = np.asarray(source)
    if values.ndim != 2 or values.dtype.kind != "f" or not np.isfinite(values).all():
        raise InputError(
            f"centre bias: expected a finite log density (rows, columns) of floats, got "
            f"{values.dtype} {values.shape}. Fix: np.log(density) in float64, without zeros"
        )
    resized = resample(values.astype(np.float32), size, "bilinear")
    return normalised(resized if values.shape != tuple(size) else values)


def _read(path: Path) -> np.ndarray:
    if not path.is_file():
        raise ConfigError(
            f"there is no centre bias {path}. Fix: 'uniform', or a .npy file of log density"
        )
    try:
        return open_npy(path)
    except DamagedFile as error:
        text = f"{path}: not an array of numbers ({error.reason}). Fix: np.save it"
        raise InputError(text) from None


def fit_centre_bias(
    images: Iterable[GroundTruth],
    bandwidth: float | None = None,
    uniform: float | None = None,
) -> CentreBias:
    """The centre bias of a data set; what is not given is found by cross-validation.

    The score is the mean log likelihood of every image's fixations under the bias of all others, on
    a square of 256 cells; a grid of 12 x 6 over the logarithms of bandwidth (0.005 to 0.3) and
    share (1e-16 to 0.5), then Nelder-Mead from its best point (our choice).

    Args:
        images: ground truths with fixations, of two images at least.
        bandwidth: of the Gaussian, relative to each side.
        uniform: share of the uniform density.

    Raises:
        ConfigError: fewer than two images with fixations.
    """
    x, y, image = [], [], []
    for k, truth in enumerate(images):
        if truth.fixations is not None and len(truth.fixations):
            height, width = truth.size
            x.append(truth.fixations.x / width)
            y.append(truth.fixations.y / height)
            image.append(np.full(len(truth.fixations), k))
    if len(x) < 2:
        raise ConfigError(
            f"a centre bias is fitted to two images with fixations or more, got {len(x)}"
        )
    if bandwidth is None or uniform is None:
        square = [Fixations(CELLS * u, CELLS * v, SQUARE) for u, v in zip(x, y, strict=True)]
        bandwidth, uniform = _cross_validated(square, bandwidth, uniform)
    return CentreBias(
        np.concatenate(x), np.concatenate(y), np.concatenate(image), bandwidth, uniform
    )


def _cross_validated(
    square: list[Fixations], bandwidth: float | None, uniform: float | None
) -> tuple[float, float]:
    from scipy.optimize import minimize

    truths = [GroundTruth(str(k), SQUARE, fixations) for k, fixations in enumerate(square)]

    @lru_cache(maxsize=64)
    def left_out(log_bandwidth: float) -> np.ndarray:
        bias = KitBias(truths, sigma_px=CELLS * 10.0**log_bandwidth, uniform=0.0)
        return np.concatenate([bias.at_fixations(fixations) for fixations in square])

    def loss(logs: np.ndarray) -> float:
        log_b, log_e = np.clip(logs, low, high)
        share = 10.0**log_e
        return -float(np.log2((1 - share) * left_out(log_b) + share / CELLS**2).mean())

    ranges = (
        BANDWIDTHS if bandwidth is None else (bandwidth,) * 2,
        SHARES if uniform is None else (uniform,) * 2,
    )
    low, high = (np.log10([limits[k] for limits in ranges]) for k in (0, 1))
    steps = (12 if bandwidth is None else 1, 6 if uniform is None else 1)
    bandwidths, shares = (np.linspace(low[k], high[k], steps[k]) for k in (0, 1))
    grid = [np.array([b, e]) for b in bandwidths for e in shares]
    best = min(grid, key=loss)
    found = minimize(loss, best, method="Nelder-Mead", options={"xatol": 1e-2, "fatol": 1e-5})
    b, e = 10.0 ** np.clip(found.x, low, high)
    return float(b), float(e)
