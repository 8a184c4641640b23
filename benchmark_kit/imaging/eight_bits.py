"""A picture's numbers in 8 bits: what black and white are must be known, nothing is clipped."""

from __future__ import annotations

import numpy as np

from benchmark_kit.errors import InputError


def eight_bits(array: np.ndarray) -> np.ndarray:
    """A picture's values as uint8: uint8 as they are, floats in 0..1 or 0..255 rounded.

    Args:
        array: of any shape; floats of which none is above 1 count as 0..1.

    Raises:
        InputError: without pixels, of other integers, not finite or out of range.
    """
    if array.size == 0:
        raise InputError(f"a picture without pixels: shape {array.shape}")
    if array.dtype == np.uint8:
        return array
    if array.dtype.kind != "f":
        raise InputError(
            f"a picture of {array.dtype}; expected uint8, or floats in 0..255 or 0..1. "
            "Fix: scale it, for instance (image / 65535) for 16 bits"
        )
    low, high = array.min(), array.max()
    if not (np.isfinite(low) and np.isfinite(high)) or low < 0 or high > 255:
        raise InputError(
            f"a picture of floats from {low:g} to {high:g}; expected 0..255 or 0..1. Likely cause: "
            "pixels already prepared for a network. Fix: give the picture as it was read"
        )
    # a picture in 0..255 whose brightest pixel is 1 is black, so that little is lost by this rule
    scaled = array.astype(np.float64) * (255 if high <= 1 else 1)
    return np.floor(scaled + 0.5).astype(np.uint8)
