"""Fixations -> count map -> blurred density: the one blur of the kit.

A Gaussian of few points is the product of two narrow matrices, so no map-sized convolution runs;
the numbers are those of `scipy.ndimage.gaussian_filter` (truncate 4).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from benchmark_kit.errors import ConfigError
from benchmark_kit.types import Density, Fixations, GroundTruth, Truths

BORDERS = ("reflect", "constant", "nearest")
RELATIVE_SIGMA = 24 / 1024  # of the longer side, where a data set states no sigma (our choice)
TRUNCATE = 4.0


@dataclass(frozen=True)
class DensitySpec:
    """How a ground-truth density is made.

    Args:
        source: `"shipped"` reads the data set's own map, `"computed"` blurs the fixations.
        sigma_px: standard deviation in pixels; None: 24/1024 of the longer side.
        border: `"reflect"` (mirrored, edge repeated), `"constant"` (mass beyond is lost) or
            `"nearest"` (the edge's value goes on outside).
        points: `"counts"` (repeats count) or `"binary"` (a pixel counts once).
        minmax: afterwards subtract the minimum and divide by the maximum.
    """

    source: str = "computed"
    sigma_px: float | None = None
    border: str = "reflect"
    points: str = "counts"
    minmax: bool = False

    def __post_init__(self) -> None:
        if self.sigma_px is not None and not 0 < self.sigma_px < 1e5:
            raise ConfigError(f"sigma must be a positive number of pixels, got {self.sigma_px}")
        if self.border not in BORDERS:
            raise ConfigError(f"border must be one of {', '.join(BORDERS)}, got {self.border!r}")

    def describe(self) -> str:
        """The spec in words, as results state it."""
        if self.source == "shipped":
            return "maps shipped with the data set"
        sigma = "24/1024 of the longer side" if self.sigma_px is None else f"{self.sigma_px:g} px"
        tail = ", min-max" if self.minmax else ""
        return f"{self.points}, Gaussian sigma {sigma}, border {self.border}, truncate 4{tail}"


def parse_sigma(text: str, pixels_per_degree: float | None) -> float:
    """A width such as `35px`, `35` or `1deg` in pixels.

    Raises:
        ConfigError: not a width, or degrees where pixels per degree are unknown.
    """
    number, unit = text.strip(), "px"
    for suffix in ("px", "deg"):
        if number.endswith(suffix):
            number, unit = number.removesuffix(suffix).strip(), suffix
            break
    try:
        value = float(number)
    except ValueError:
        raise ConfigError(f"not a width: {text!r}. Fix: write for instance 35px or 1deg") from None
    if unit == "deg":
        if pixels_per_degree is None:
            raise ConfigError(
                f"{text!r}: this data set states no pixels per degree. Fix: give the width in "
                "pixels, for instance 35px"
            )
        value *= pixels_per_degree
    if not 0 < value < 1e5:
        raise ConfigError(f"a width must be positive, got {text!r}")
    return value


def count_map(fixations: Fixations, *, binary: bool = False) -> np.ndarray:
    """How many fixations fall on each pixel.

    Returns:
        int64 (height, width); zeros and ones with `binary`.
    """
    height, width = fixations.size
    counts = np.bincount(fixations.flat_index, minlength=height * width)
    if binary:
        counts = np.minimum(counts, 1)
    return counts.reshape(height, width)


@lru_cache(maxsize=16)
def blur_matrix(n: int, sigma_px: float, border: str = "reflect") -> np.ndarray:
    """Matrix (n, n) that blurs a line of n pixels: column i is the blurred unit at pixel i."""
    radius = int(TRUNCATE * sigma_px + 0.5)
    offsets = np.arange(-radius, radius + 1)
    kernel = np.exp(-0.5 * (offsets / sigma_px) ** 2)
    kernel /= kernel.sum()
    output = np.repeat(np.arange(n), len(offsets))
    source = output + np.tile(offsets, n)
    weight = np.tile(kernel, n)
    if border == "reflect":
        source = np.mod(source, 2 * n)
        source = np.minimum(source, 2 * n - 1 - source)
    elif border == "nearest":
        source = np.clip(source, 0, n - 1)
    else:
        inside = (source >= 0) & (source < n)
        output, source, weight = output[inside], source[inside], weight[inside]
    flat = np.bincount(output * n + source, weights=weight, minlength=n * n)
    matrix = flat.reshape(n, n)
    matrix.flags.writeable = False
    return matrix


def blur(values: np.ndarray, sigma_px: float, border: str = "reflect") -> np.ndarray:
    """Gaussian blur of any map.

    Args:
        values: float or integer array (height, width).
        sigma_px: standard deviation in pixels.
        border: see `DensitySpec`.
    """
    height, width = values.shape
    rows = blur_matrix(height, float(sigma_px), border)
    columns = blur_matrix(width, float(sigma_px), border)
    return rows @ (np.asarray(values, dtype=np.float64) @ columns.T)


def blur_points(
    index: np.ndarray, size: tuple[int, int], sigma_px: float, border: str = "reflect"
) -> np.ndarray:
    """Gaussian blur of a count map given as row-major pixel numbers (repeats count).

    Returns:
        float64 (height, width).
    """
    height, width = size
    if len(index) > height:
        return blur(np.bincount(index, minlength=height * width).reshape(size), sigma_px, border)
    rows = blur_matrix(height, float(sigma_px), border)
    columns = blur_matrix(width, float(sigma_px), border)
    return rows[:, index // width] @ columns[:, index % width].T


def default_sigma(size: tuple[int, int]) -> float:
    """24/1024 of the longer side, in pixels."""
    return RELATIVE_SIGMA * max(size)


def density_of(fixations: Fixations, spec: DensitySpec) -> Density:
    """The density of an image's fixations as `spec` (source computed) says."""
    sigma = default_sigma(fixations.size) if spec.sigma_px is None else spec.sigma_px
    index = fixations.unique_index if spec.points == "binary" else fixations.flat_index
    values = blur_points(index, fixations.size, sigma, spec.border)
    if spec.minmax:
        values = values - values.min()
        values /= values.max() if values.max() > 0 else 1.0
    return Density(values, sigma_px=sigma, source=spec.describe())


def read_density(truth: GroundTruth, spec: DensitySpec) -> Density:
    """An image's density: read from the data set's file, or computed from its fixations.

    Raises:
        ConfigError: shipped densities asked for where the data set has none.
    """
    if spec.source == "shipped":
        if truth.density_file is None:
            raise ConfigError(
                f"{truth.name}: the data set ships no density. Fix: --density computed"
            )
        from benchmark_kit.imaging.images import read_map

        most_pixels = max(4 * truth.size[0] * truth.size[1], 2**22)
        values = read_map(truth.density_file, most_pixels=most_pixels)
        if values.shape != truth.size:
            raise ConfigError(
                f"{truth.density_file}: density has shape {values.shape}, the image {truth.size}"
            )
        return Density(values, source=spec.describe())
    assert truth.fixations is not None
    return density_of(truth.fixations, spec)


def default_spec(truths: Truths) -> DensitySpec:
    """The data set's own way: shipped maps where its dialect says so, else counts, reflect."""
    if truths.density_source == "shipped":
        return DensitySpec(source="shipped")
    return DensitySpec(sigma_px=truths.sigma_px)
