"""Maps of any scale from 0 to 1."""

from __future__ import annotations

import numpy as np


def min_max(values: np.ndarray) -> np.ndarray:
    """Values scaled so that the least is 0 and the greatest 1; zeros where all are equal.

    Args:
        values: finite array of any shape.

    Returns:
        float32 of float32, else float64.
    """
    low, high = values.min(), values.max()
    return (values - low) / (high - low) if high > low else np.zeros_like(values, dtype=np.float64)
