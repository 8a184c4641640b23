"""Inpainting-error maps: hide each cell of a grid, fill it, and see how far the filling is off.

For holes of 16, 32, 64 and 128 pixels of a 512x512 picture (1,360 of them) the dissimilarity of the
picture and its filled copy becomes the value of the hole's cell; each scale's map is smoothed by a
Gaussian (20 pixels in the thesis) and scaled to 0..1. (A thesis on saliency from inpainting error,
chapter 3; its SSIM formula is misprinted, the constants of Wang et al. 2004 are our choice.)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any

import numpy as np

from benchmark_kit.errors import ConfigError
from benchmark_kit.imaging.min_max import min_max
from keras_saliency.base.array_model import rgb_pixels
from keras_saliency.base.resample import resample
from keras_saliency.inpainting.masks import SCALES, SIDE, holes
from keras_saliency.inpainting.ssim import dissimilarity, luma

Inpainter = Callable[[np.ndarray, np.ndarray], np.ndarray]
SIGMA = 20.0


def error_cells(
    picture: np.ndarray,
    scale: int,
    inpainter: Inpainter,
    *,
    step: int = 1,
    scope: str = "image",
    shape: str = "square",
    batch: int = 16,
    progress: Callable[[int], None] | None = None,
) -> np.ndarray:
    """Dissimilarity of every hole of one scale.

    Args:
        picture: uint8 (height, width, 3).
        scale: side of the holes.
        inpainter: `(pictures (b, h, w, 3) float32 in 0..1, masks (b, h, w)) -> pictures`.
        step: only every step-th hole of a row and row of holes; the others get the nearest one's.
        scope: see `ssim.dissimilarity`.
        shape: of the holes, one of `masks.SHAPES`.
        batch: holes filled in one call.
        progress: called with the number of holes done in each call.

    Returns:
        float64 (height / scale, width / scale).
    """
    size = picture.shape[:2]
    shown = picture.astype(np.float32) / 255
    original = luma(picture)
    rows, columns = size[0] // scale, size[1] // scale
    coarse = np.zeros((-(-rows // step), -(-columns // step)))
    waiting = holes(scale, step, size, shape)
    while group := list(islice(waiting, batch)):
        masks = np.stack([hole.mask(size) for hole in group])
        filled = np.asarray(
            inpainter(np.repeat(shown[None], len(group), axis=0), masks), np.float32
        )
        for hole, found in zip(group, filled, strict=True):
            own = np.clip(found, 0, 1) * 255
            other = original.copy()
            inside = hole.inside
            other[hole.window][inside] = luma(own[hole.window][inside])
            cell = hole.top // scale // step, hole.left // scale // step
            coarse[cell] = dissimilarity(original, other, hole, scope)
        if progress is not None:
            progress(len(group))
    whole = np.repeat(np.repeat(coarse, step, axis=0), step, axis=1)
    return whole[:rows, :columns]


def heat_map(cells: np.ndarray, scale: int, sigma: float = SIGMA) -> np.ndarray:
    """A scale's map: every pixel its cell's value, smoothed, scaled to 0..1; zeros if constant.

    Args:
        cells: as `error_cells` gives them.
        scale: side of the holes.
        sigma: of the Gaussian, in pixels.

    Returns:
        float32 (height, width).
    """
    from scipy.ndimage import gaussian_filter

    blocks = np.repeat(np.repeat(cells, scale, axis=0), scale, axis=1)
    if np.ptp(cells) == 0:
        return np.zeros(blocks.shape, np.float32)
    return min_max(gaussian_filter(blocks, sigma)).astype(np.float32)


def error_maps(
    image: Any,
    inpainter: Inpainter,
    *,
    scales: Sequence[int] = SCALES,
    step: int = 1,
    scope: str = "image",
    sigma: float = SIGMA,
    shape: str = "square",
    batch: int = 16,
    progress: Callable[[int], None] | None = None,
) -> np.ndarray:
    """The maps of a picture, scaled to 512x512 first (the aspect is lost).

    Args:
        image: a path, a Pillow image or an array, as for `predict_map`.
        inpainter: as for `error_cells`.
        scales: sides of the holes, divisors of 512.
        step: as for `error_cells`.
        scope: see `ssim.dissimilarity`.
        sigma: of the Gaussian that smooths each map, in pixels.
        shape: of the holes, one of `masks.SHAPES`.
        batch: holes filled in one call.
        progress: called with the number of holes done in each call.

    Returns:
        float32 (512, 512, scales), in 0..1.

    Raises:
        ConfigError: no scales, or one that does not divide 512.
        InputError: a file or an array that is no picture.
    """
    if not scales or any(scale < 1 or SIDE % scale for scale in scales):
        raise ConfigError(f"scales must be divisors of {SIDE}, got {list(scales)}")
    pixels = resample(rgb_pixels(image).astype(np.float32), (SIDE, SIDE), "antialiased")
    picture = np.clip(np.rint(pixels), 0, 255).astype(np.uint8)
    options: dict[str, Any] = {"step": step, "scope": scope, "shape": shape, "batch": batch}
    options["progress"] = progress
    found = [
        heat_map(error_cells(picture, scale, inpainter, **options), scale, sigma)
        for scale in scales
    ]
    return np.stack(found, axis=-1)


def holes_of(scales: Sequence[int], step: int = 1) -> int:
    """How many holes a picture has: 1,360 with all four scales."""
    return sum((-(-(SIDE // scale) // step)) ** 2 for scale in scales)
