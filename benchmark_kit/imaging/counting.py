"""How often pixels are named by many lists of them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

AT_ONCE = 2**22  # pixel numbers that are held together


def count_pixels(lists: Iterable[np.ndarray], pixels: int) -> np.ndarray:
    """Counts over all lists: a full-size array is made for millions of numbers, not for each list.

    Args:
        lists: row-major pixel numbers, integers (n,) each.
        pixels: how many there are.

    Returns:
        int64 (pixels,).
    """
    total = np.zeros(pixels, np.int64)
    held: list[np.ndarray] = []
    number = 0
    for one in lists:
        held.append(one)
        number += len(one)
        if number >= AT_ONCE:
            total += np.bincount(np.concatenate(held), minlength=pixels)
            held, number = [], 0
    if held:
        total += np.bincount(np.concatenate(held), minlength=pixels)
    return total
