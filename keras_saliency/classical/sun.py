"""Saliency using natural statistics, by learned filters (Zhang et al., Journal of Vision 2008).

A place is salient by how unlikely its filter responses are among natural pictures. The 362 filters
are independent components; they and their statistics are the authors' and not ours to ship. Two
programs of theirs differ: the default projects patches, the other convolves, which turns the
filters over.
"""

from __future__ import annotations

import os

import numpy as np

from benchmark_kit.errors import ConfigError
from benchmark_kit.imaging.resize import resize as resized
from benchmark_kit.imaging.resize import resize_by_factor
from keras_saliency.base.array_model import ArrayModel, one_colour
from keras_saliency.classical._sparse_bases import find_sun_statistics

KERNEL = "matlab-bicubic-symmetric"
BLOCK = 16  # rows of places at a time
FLAT = 1e-9  # pixels of one colour differ by less, in standard deviations of the picture


class SUN(ArrayModel):
    """Summed (|response| / sigma)^theta; zeros for a picture of one colour.

    Filters are applied where they fit; the border of five pixels repeats the edge, a picture
    smaller than a filter is zero, and a map of a scaled picture is resized to it (our choices).

    Args:
        stats: the authors' `stats.mat`; None: the variable `SUN_STATS`.
        resize: factor that the picture is scaled by first; the published benchmarks took 0.5.
        flipped: turn the filters over, as the second program's convolution does.

    Raises:
        ConfigError: no factor above 0, or a file that is not there.
        InputError: a file with something else in it.

    Reference: Zhang, Tong, Marks, Shan and Cottrell, "SUN: A Bayesian framework for saliency using
    natural statistics", Journal of Vision 8(7):32, 2008; `saliencyimage.m` of the authors.
    """

    def __init__(
        self,
        stats: str | os.PathLike[str] | None = None,
        resize: float = 1.0,
        flipped: bool = False,
    ):
        if not 0 < resize <= 4:
            raise ConfigError(f"sun: resize must be a factor above 0, at most 4, got {resize}")
        found = find_sun_statistics(stats)
        filters = found.filters[:, ::-1, ::-1] if flipped else found.filters
        self.side, self.factor = filters.shape[1], resize
        self.matrix = filters.reshape(len(filters), -1) / found.sigmas[:, None]
        self.thetas = found.thetas

    def _saliency(self, image: np.ndarray) -> np.ndarray:
        inner = self.inner_map(image)
        if inner.size == 0:
            return np.zeros(image.shape[:2])
        whole = np.pad(inner, self.side // 2, mode="edge")
        return np.maximum(resized(whole, image.shape[:2], KERNEL), 0.0)

    def inner_map(self, image: np.ndarray) -> np.ndarray:
        """The map where filters fit, 10 pixels smaller each way than the scaled picture.

        Args:
            image: uint8 (height, width, 3).
        """
        pixels = image.astype(np.float64)
        if self.factor != 1:
            planes = [resize_by_factor(pixels[..., k], self.factor, KERNEL) for k in range(3)]
            pixels = np.stack(planes, axis=-1)
        height, width = (max(0, n - self.side + 1) for n in pixels.shape[:2])
        found = np.zeros((height, width))
        if found.size == 0 or one_colour(image):
            return found
        pixels /= pixels.std(ddof=1)
        # the mean falls out, as every filter sums to zero; without it less is lost to rounding
        lines = (pixels - pixels.mean()).astype(np.float32).reshape(len(pixels), -1)
        matrix, powers = (x.astype(np.float32) for x in (self.matrix, self.thetas[:, None]))
        flat = _flat_places(pixels, self.side)
        for first in range(0, height, BLOCK):
            rows = slice(first, min(first + BLOCK, height))
            answers = matrix @ _patches(lines, rows, width, self.side).T
            np.abs(answers, out=answers)
            np.power(answers, powers, out=answers)
            found[rows] = answers.sum(axis=0, dtype=np.float64).reshape(-1, width)
            # there the answers are next to nothing, and a small power of a rounding error is not
            found[rows][flat[rows]] = self._of_colours(pixels[:height, :width][rows][flat[rows]])
        return found

    def _of_colours(self, colours: np.ndarray) -> np.ndarray:
        """Saliency of patches of one colour each, in double precision; colours (n, 3)."""
        several, which = np.unique(colours, axis=0, return_inverse=True)
        sums = self.matrix.reshape(len(self.matrix), -1, 3).sum(axis=1)
        return (np.abs(several @ sums.T) ** self.thetas).sum(axis=1)[which.ravel()]


def _flat_places(pixels: np.ndarray, side: int) -> np.ndarray:
    """Where a patch is of one colour, up to rounding; (height - side + 1, width - side + 1)."""
    from scipy.ndimage import maximum_filter, minimum_filter

    size = (side, side, 1)
    apart = maximum_filter(pixels, size) - minimum_filter(pixels, size)
    half = side // 2
    return (apart < FLAT).all(axis=2)[half:-half, half:-half]


def _patches(lines: np.ndarray, rows: slice, width: int, side: int) -> np.ndarray:
    """All patches that begin in some rows, one a line: row by row, column by column, colours.

    Args:
        lines: (height, 3 image width), colours of a pixel together.
        rows: first rows of the patches.
        width: patches in a row.
        side: of a patch.
    """
    windows = np.lib.stride_tricks.sliding_window_view(lines, (side, 3 * side))
    return windows[rows, ::3].reshape((rows.stop - rows.start) * width, -1)
