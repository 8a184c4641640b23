"""Integers of 64 bits, of which float64 holds those up to 2**53: beyond, neighbours become one."""

from __future__ import annotations

import numpy as np

LARGEST = 2**53
FOUND = "integers beyond 2**53, whose last digits are lost in floats"
FIX = "subtract the minimum, or save floats"


def too_wide(array: np.ndarray) -> bool:
    """Whether numbers of an array would become others as float64."""
    if array.dtype.kind not in "iu" or array.dtype.itemsize < 8 or not array.size:
        return False
    return bool(array.max() > LARGEST or array.min() < -LARGEST)
