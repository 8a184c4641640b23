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
BLOCK = 8  # rows of places at a time


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
        # in double precision: a small power makes much of a rounding error where little answers
        lines = pixels.reshape(len(pixels), -1)
        powers = self.thetas[:, None]
        for first in range(0, height, BLOCK):
            rows = slice(first, min(first + BLOCK, height))
            answers = self.matrix @ _patches(lines, rows, width, self.side).T
            np.abs(answers, out=answers)
            np.power(answers, powers, out=answers)
            found[rows] = answers.sum(axis=0).reshape(-1, width)
        return found


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
