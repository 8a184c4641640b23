"""Which pixels count as fixated, as a dialect sees an image's fixations."""

from __future__ import annotations

import numpy as np

from benchmark_kit.dialects import Dialect
from benchmark_kit.types import Fixations


def dialect_index(fixations: Fixations, dialect: Dialect) -> np.ndarray:
    """Row-major pixel numbers of the positives: repeats kept, collapsed or filtered.

    Returns:
        int64 (n,).
    """
    if dialect.filter_duplicates:
        return repeated_points(fixations.flat_index)
    return fixations.unique_index if dialect.binary else fixations.flat_index


def repeated_points(index: np.ndarray) -> np.ndarray:
    """Of the sorted pixels, those equal to their successor: one occurring m times stays m - 1
    times.

    SALICON's evaluator of 2015 does this to "remove duplicates"; points that occur once vanish.
    """
    ordered = np.sort(index)
    return ordered[:-1][ordered[1:] == ordered[:-1]]
