"""Context-aware saliency (Goferman, Zelnik-Manor and Tal, CVPR 2010).

A patch is salient if even the 64 patches of the picture that are the most like it, near ones
counting more, are unlike it; places close to what stands out gain. The authors gave out a binary
only: constants are those of Tsai and Chang's program in SMILER, which differs from the paper in its
patch sides. It ends with a map of 250 pixels; resizing that to the picture is our choice.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from benchmark_kit.errors import ConfigError
from benchmark_kit.imaging.resize import resize, resize_by_factor
from keras_saliency.base.array_model import ArrayModel, one_colour
from keras_saliency.classical._alike import MostAlike
from keras_saliency.classical._colour import lab_d50
from keras_saliency.classical._matlab_bilinear import resize_bilinear, resize_bilinear_by_factor

KERNEL = "matlab-bicubic-symmetric"
SCALES = ((1.0, 3), (0.8, 2), (0.5, 1), (0.3, 1))  # with half the side of a patch
REDUCTIONS, LEAST = (1.0, 0.5, 0.25), 0.2  # patches are compared down to this scale
MOST_ALIKE = 64
LARGEST_PATCH = 49
ATTENDED = 0.8  # of the maximum
ROUNDING = 3e-5  # of a mean distance, beyond which single precision does not do


class ContextAware(ArrayModel):
    """Unlikeness to the most alike patches, at four scales; 0 in a frame of three map pixels.

    A picture of one colour, or too narrow for a patch, gives zeros.

    Args:
        longest: longer side of the map that is worked on, in pixels; time grows with its fourth
            power.

    Raises:
        ConfigError: a side below 16.

    Reference: Goferman, Zelnik-Manor and Tal, "Context-aware saliency detection", CVPR 2010 and
    IEEE PAMI 34(10), 2012; Tsai and Chang's program.
    """

    def __init__(self, longest: int = 250):
        if longest < 16:
            raise ConfigError(f"context_aware: longest must be 16 pixels or more, got {longest}")
        self.longest = longest

    def _saliency(self, image: np.ndarray) -> np.ndarray:
        return np.maximum(resize(self.small_map(image), image.shape[:2], KERNEL), 0.0)

    def small_map(self, image: np.ndarray) -> np.ndarray:
        """The map at the size that is worked on.

        Args:
            image: uint8 (height, width, 3).
        """
        height, width = image.shape[:2]
        most = max(height, width)
        size = (-(-height * self.longest // most), -(-width * self.longest // most))
        if one_colour(image):
            return np.zeros(size)
        lab = lab_d50(resize_bilinear(image / 255.0, size))
        low, high = lab.min(axis=(0, 1)), lab.max(axis=(0, 1))
        planes = (lab - low) / (high - low + np.finfo(np.float64).eps)
        total = np.zeros(size)
        for scale, half in SCALES:
            found = unlikeness(resize_bilinear_by_factor(planes, scale), scale, half)
            total += resize_bilinear(found, size)
        return towards_attended(total / len(SCALES))


def unlikeness(planes: np.ndarray, scale: float, half: int) -> np.ndarray:
    """1 - exp(-mean distance to the 64 most alike patches), 0 where no patch fits.

    Args:
        planes: float64 (height, width, 3).
        scale: of these planes, which says how much further they are reduced for comparison.
        half: of the side of a patch, less its middle.

    Returns:
        float64 (height, width).
    """
    found = np.zeros(planes.shape[:2])
    # of small numbers the squares in distances lose less
    planes = planes - planes.mean(axis=(0, 1))
    inside = _patches(planes, half)
    if inside.size == 0:
        return found
    factor = LARGEST_PATCH / (2 * half + 1) ** 2
    alike = MostAlike(*samples(planes, scale, half), MOST_ALIKE, ROUNDING / factor)
    middles = (np.indices(inside.shape[:2]) + half + 1) / max(planes.shape[:2])
    means = np.empty(inside.shape[:2])
    for row, (patches, places) in enumerate(zip(inside, np.moveaxis(middles, 0, 2), strict=True)):
        means[row] = alike.mean_distances(patches, places)
    inner = slice(half, -half)
    found[inner, inner] = 1 - np.exp(-means * factor)
    return found


def samples(planes: np.ndarray, scale: float, half: int) -> tuple[np.ndarray, np.ndarray]:
    """Patches that all others are compared with, at up to three sizes of the picture.

    Args:
        planes: float64 (height, width, 3).
        scale: of these planes.
        half: as in `unlikeness`; also the step between patches.

    Returns:
        vectors (n, 3 side^2) and their places (n, 2), row and column over the longer side.
    """
    vectors, places = [], []
    for found, reduction in _levels(planes, scale, half):
        vectors.append(found.reshape(-1, found.shape[2]))
        middles = np.indices(found.shape[:2]).reshape(2, -1).T * half + half + 1
        places.append(middles / (max(planes.shape[:2]) * reduction))
    return np.concatenate(vectors), np.concatenate(places)


def _levels(planes: np.ndarray, scale: float, half: int) -> Iterator[tuple[np.ndarray, float]]:
    """Every half-th patch (rows, columns, 3 side^2) of each size, and its reduction."""
    for reduction in REDUCTIONS:
        if scale * reduction < LEAST:
            continue
        reduced = planes
        if reduction < 1:
            each = [resize_by_factor(planes[..., k], reduction, KERNEL) for k in range(3)]
            reduced = np.stack(each, axis=-1)
        if (found := _patches(reduced, half)[::half, ::half]).size:
            yield found, reduction


def _patches(planes: np.ndarray, half: int) -> np.ndarray:
    """All patches that fit, (rows, columns, 3 side^2)."""
    side = 2 * half + 1
    if min(planes.shape[:2]) < side:
        return np.empty((0, 0, 3 * side**2))
    windows = np.lib.stride_tricks.sliding_window_view(planes, (side, side), axis=(0, 1))
    return windows.reshape(*windows.shape[:2], -1)


def towards_attended(saliency: np.ndarray) -> np.ndarray:
    """A map that fades with the distance to the places above 0.8 of its maximum."""
    from scipy.ndimage import distance_transform_edt

    away = distance_transform_edt(saliency <= ATTENDED * saliency.max()).astype(np.float32)
    if not saliency.any() or away.max() == 0:
        return saliency
    return saliency * (1 - away / away.max())
