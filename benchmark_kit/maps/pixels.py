"""A map's pixels as its image takes them: at its size, its axes as they should be."""

from __future__ import annotations

import numpy as np

from benchmark_kit.imaging.images import DecodeError
from benchmark_kit.imaging.resize import resize
from benchmark_kit.maps.sources import Reference

LARGEST_RATIO = 4  # a map has at most this many times the pixels of the largest stimulus


def prepare_pixels(
    reference: Reference, size: tuple[int, int], transpose: bool, kernel: str | None
) -> np.ndarray:
    """Read a map at its image's size.

    Raises:
        DecodeError: the file cannot be taken as a map.
    """
    pixels = reference.read(most_pixels(size))
    if transpose:
        pixels = np.ascontiguousarray(pixels.T)
    if pixels.shape != size and kernel is not None:
        pixels = resize(pixels, size, kernel)
    if pixels.shape != size:
        found = f"the pixels are {pixels.shape[1]}x{pixels.shape[0]}, the header said otherwise"
        raise DecodeError("E301", found, "write the file again")
    return pixels


def most_pixels(size: tuple[int, int]) -> int:
    """Pixels beyond which a map of an image of this size is refused undecoded."""
    return max(LARGEST_RATIO * size[0] * size[1], 2**22)
