"""Saliency by region covariances (E. Erdem and A. Erdem, Journal of Vision 2013).

A square patch is described by how seven features vary together inside it, and is salient if that
differs from most patches around it; patches of five sizes are asked and their answers multiplied.
Noise of two gray levels keeps the covariances regular; the authors' program draws it anew each
time, a seed is our choice.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from benchmark_kit.errors import ConfigError
from benchmark_kit.imaging.resize import resize
from keras_saliency.base.array_model import ArrayModel, one_colour
from keras_saliency.classical._filters import gaussian_kernel, imfilter
from keras_saliency.classical._matlab_bilinear import resize_bilinear

METHODS = ("SigmaPoints", "CovariancesOnly")
KERNEL = "matlab-bicubic-symmetric"
FEATURES = 7
NOISE = 2.0  # gray levels
REACH = 3  # patches to each side that a patch is compared with
SHARE = 10  # one neighbour in ten counts, the most alike
BLUR = 0.02  # standard deviation, of the picture's width
ALPHA = 0.1  # of the sigma points
REGULAR = 1e-3
RGB_TO_XYZ = np.array(
    [
        [0.412453, 0.357580, 0.180423],
        [0.212671, 0.715160, 0.072169],
        [0.019334, 0.119193, 0.950227],
    ]
)
WHITE = (0.950456, 1.0, 1.088754)


class CovSal(ArrayModel):
    """Unlikeness of patches in colour, gradients and their joint variation; zeros for one colour.

    Args:
        method: `"SigmaPoints"` compares means and covariances, `"CovariancesOnly"` the latter.
        center_bias: weight patches by their nearness to the middle, as the program does.
        size: side of the square that every picture is worked on at, in pixels.
        exponents: patch sides are size / 2^exponent.
        seed: of the noise.
        noise: array (size, size, 3) of standard normal values in place of drawn ones.

    Raises:
        ConfigError: an unknown method, patches that do not divide the square or leave fewer than
            four a side, or noise of another shape.

    Reference: Erdem and Erdem, "Visual saliency estimation by nonlinearly integrating features
    using region covariances", Journal of Vision 13(4):11, 2013; authors' MATLAB program.
    """

    def __init__(
        self,
        method: str = "SigmaPoints",
        center_bias: bool = True,
        size: int = 512,
        exponents: Sequence[int] = (6, 5, 4, 3, 2),
        seed: int = 0,
        noise: np.ndarray | None = None,
    ):
        if method not in METHODS:
            raise ConfigError(f"covsal: method must be one of {METHODS}, got {method!r}")
        if not exponents or min(exponents) < 2 or size % 2 ** max(exponents):
            raise ConfigError(
                f"covsal: exponents {tuple(exponents)} do not fit the size {size}; expected "
                "numbers from 2 whose powers of two divide it. Fix: size=512 with (6, 5, 4, 3, 2)"
            )
        if noise is not None and np.shape(noise) != (size, size, 3):
            raise ConfigError(
                f"covsal: noise must be ({size}, {size}, 3), got {np.shape(noise)}. Fix: seed="
            )
        self.method, self.center_bias = method, center_bias
        self.size, self.sides = size, [size // 2**exponent for exponent in exponents]
        self.noise = noise if noise is not None else _drawn(size, seed)

    def _saliency(self, image: np.ndarray) -> np.ndarray:
        height, width = image.shape[:2]
        if one_colour(image):
            return np.zeros((height, width))
        square = np.stack(
            [resize(image[..., k], (self.size, self.size), KERNEL) for k in range(3)], axis=-1
        )
        features = patch_features(square + NOISE * self.noise)
        product = np.ones((self.size, self.size))
        for side in self.sides:
            found = self.patch_saliency(features, side)
            product *= resize(found, product.shape, KERNEL)
        return _blurred(resize_bilinear(product, (height, width)), BLUR * width)

    def patch_saliency(self, features: np.ndarray, side: int) -> np.ndarray:
        """One value a patch, (size / side, size / side).

        Args:
            features: (size, size, 7).
            side: of a patch in pixels.
        """
        means, covariances = region_statistics(features, side)
        if self.method == "SigmaPoints":
            found = _unlikeness(sigma_points(means, covariances), side, _euclidean)
        else:
            found = _unlikeness(covariances, side, covariance_distance)
        if self.center_bias:
            found *= _centrality(self.size, side)
        return found


def _drawn(size: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((size, size, 3))


def patch_features(square: np.ndarray) -> np.ndarray:
    """L, a, b, sizes of the two derivatives of the gray value, row and column.

    Args:
        square: float64 (n, n, 3), RGB in about 0..255.

    Returns:
        float64 (n, n, 7).
    """
    gray = np.pad(square.mean(axis=2), 1, mode="symmetric")
    down = np.abs(gray[2:, 1:-1] - gray[:-2, 1:-1])
    across = np.abs(gray[1:-1, 2:] - gray[1:-1, :-2])
    rows, columns = np.indices(square.shape[:2]) + 1.0
    return np.stack([*lab_without_gamma(square), down, across, rows, columns], axis=-1)


def lab_without_gamma(rgb: np.ndarray) -> np.ndarray:
    """CIE Lab of values taken as linear light, as Ruzon's `RGB2Lab` does it.

    Args:
        rgb: float64 (..., 3) in 0..255; values outside pass through.

    Returns:
        float64 (3, ...): L, a, b.
    """
    xyz = np.moveaxis((rgb / 255.0) @ RGB_TO_XYZ.T / WHITE, -1, 0)
    x, y, z = (np.where(t > 0.008856, np.cbrt(t), 7.787 * t + 16 / 116) for t in xyz)
    lightness = np.where(xyz[1] > 0.008856, 116 * y - 16, 903.3 * xyz[1])
    return np.stack([lightness, 500 * (x - y), 200 * (y - z)])


def region_statistics(features: np.ndarray, side: int) -> tuple[np.ndarray, np.ndarray]:
    """Means and covariances (divided by the count) of the features around each patch.

    A region reaches one pixel before its patch and begins and ends inside the square; the first
    pixel of the square is in none.

    Args:
        features: (n, n, f).
        side: of a patch.

    Returns:
        means (n / side, n / side, f) and covariances (n / side, n / side, f, f).
    """
    count, number = features.shape[2], features.shape[0] // side
    # small numbers lose less in the difference below
    shift = features.mean(axis=(0, 1))
    planes = np.ascontiguousarray(np.moveaxis(features - shift, -1, 0))
    planes[:, 0], planes[:, :, 0] = 0, 0
    inside = np.ones(features.shape[:2])
    inside[0], inside[:, 0] = 0, 0
    pixels = _region_sums(inside, side)
    means = np.stack([_region_sums(plane, side) / pixels for plane in planes])
    covariances = np.empty((number, number, count, count))
    product = np.empty_like(planes[0])
    for i, j in zip(*np.triu_indices(count), strict=True):
        moment = _region_sums(np.multiply(planes[i], planes[j], out=product), side) / pixels
        covariances[..., i, j] = covariances[..., j, i] = moment - means[i] * means[j]
    return np.moveaxis(means, 0, -1) + shift, covariances


def _region_sums(plane: np.ndarray, side: int) -> np.ndarray:
    """Sums over side + 1 rows and columns from every side-th on, as far as there are any."""
    for _ in range(2):
        blocks = plane.reshape(-1, side, plane.shape[1])
        plane = blocks.sum(axis=1)
        plane[:-1] += blocks[1:, 0]
        plane = np.ascontiguousarray(plane.T)
    return plane


def sigma_points(means: np.ndarray, covariances: np.ndarray) -> np.ndarray:
    """Vectors whose Euclidean distances are those of the program's sigma points.

    The program strings together the mean m, m + u and m - u for every entry u of the Cholesky
    factor's rows and columns; of two such vectors the squared distance is 15 |dm|^2 + 2 |du|^2.

    Args:
        means: (..., 7).
        covariances: (..., 7, 7).

    Returns:
        (..., 35).
    """
    scaled = 2 * (FEATURES + ALPHA) * (covariances + REGULAR * np.eye(FEATURES))
    factors = np.linalg.cholesky(scaled)[(..., *np.tril_indices(FEATURES))]
    return np.concatenate([np.sqrt(1 + 2 * FEATURES) * means, np.sqrt(2.0) * factors], axis=-1)


def _euclidean(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return np.sqrt(((first - second) ** 2).sum(axis=-1))


def covariance_distance(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Root of the summed squared logarithms of the generalised eigenvalues (Förstner and Moonen).

    Args:
        first: (..., f, f), positive definite.
        second: the same.
    """
    inverse = np.linalg.inv(np.linalg.cholesky(second))
    values = np.linalg.eigvalsh(inverse @ first @ np.swapaxes(inverse, -1, -2))
    counted = values > 1e-22
    return np.sqrt((np.log(np.where(counted, values, 1.0)) ** 2).sum(axis=-1))


def _unlikeness(described: np.ndarray, side: int, distance) -> np.ndarray:
    """Mean of the tenth of the neighbours that are the most alike, nearer ones weighing more."""
    rows, columns = described.shape[:2]
    found = []
    for down in range(REACH + 1):
        for across in range(-REACH if down else 1, REACH + 1):
            if down >= rows or abs(across) >= columns:
                continue
            left, right = max(0, -across), columns - max(0, across)
            here = (slice(0, rows - down), slice(left, right))
            there = (slice(down, rows), slice(left + across, right + across))
            apart = distance(described[here], described[there])
            apart = apart / (1 + side * np.hypot(down, across))
            for place in (here, there):  # each is the other's neighbour
                found.append(np.full((rows, columns), np.inf))
                found[-1][place] = apart
    neighbours = np.sort(found, axis=0)
    counted = np.isfinite(neighbours).sum(axis=0) // SHARE
    keep = np.arange(len(neighbours))[:, None, None] < counted
    return np.where(keep, neighbours, 0.0).sum(axis=0) / counted


def _centrality(size: int, side: int) -> np.ndarray:
    middles = np.arange(1, size + 1, side) + side / 2 - size / 2
    return 1 - np.hypot(middles[:, None], middles[None, :]) / (np.sqrt(2) * (size / 2 - 1))


def _blurred(values: np.ndarray, sigma: float) -> np.ndarray:
    taps = max(1, int(np.floor(4 * sigma + 0.5)))
    down, across = gaussian_kernel((taps, 1), sigma), gaussian_kernel((1, taps), sigma)
    return imfilter(imfilter(values, down), across)
