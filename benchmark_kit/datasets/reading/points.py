"""From raw coordinates or binary maps to `Fixations`: what lies outside is dropped and counted.

The tests for negative and for not finite values come before any truncation to pixels: -0.4 would
otherwise become pixel 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from benchmark_kit.datasets.reading.tally import Tally

if TYPE_CHECKING:
    import numpy as np

    from benchmark_kit.types import Fixations

MOST_ONES = 0.2  # a "binary map" with more ones is a thresholded density, not points (our choice)


def keep_inside(
    x: np.ndarray,
    y: np.ndarray,
    size: tuple[int, int],
    dropped: Tally,
    *,
    subject: np.ndarray | None = None,
    duration: np.ndarray | None = None,
    order: np.ndarray | None = None,
    raw: tuple[np.ndarray, np.ndarray] | None = None,
) -> Fixations:
    """The points inside the image; the others are counted by reason in `dropped`.

    Args:
        x: columns, 0-based pixels, floats of shape (n,), any values.
        y: rows, likewise.
        size: (height, width) of the image.
        dropped: counts, added to in place; reasons are `"not finite"`, `"negative"`, `"outside"`
            (right of or below the image).
        subject: observer's number a point, or None.
        duration: seconds a point, or None.
        order: place in the scanpath a point, or None.
        raw: the points in the units of their file, where these are not pixels: what is told of
            points outside speaks of these.
    """
    import numpy as np

    from benchmark_kit.types import Fixations

    x = np.asarray(x, dtype=np.float64).reshape(-1) + 0.0  # turns -0.0 into 0.0
    y = np.asarray(y, dtype=np.float64).reshape(-1) + 0.0
    given_x, given_y = raw or (x, y)
    dropped.see(given_x, given_y, size)
    finite = np.isfinite(x) & np.isfinite(y)
    positive = finite & (x >= 0) & (y >= 0)
    inside = positive & (x < size[1]) & (y < size[0])
    for reason, lost in (
        ("not finite", ~finite),
        ("negative", finite & ~positive),
        ("outside", positive & ~inside),
    ):
        if count := int(lost.sum()):
            dropped[reason] += count

    def part(values: np.ndarray | None) -> np.ndarray | None:
        return None if values is None else np.asarray(values).reshape(-1)[inside]

    return Fixations(
        x[inside],
        y[inside],
        size,
        subject=part(subject),
        duration=part(duration),
        order=part(order),
    )


def no_fixations(size: tuple[int, int]) -> Fixations:
    """The record of an image that nobody looked at."""
    return scanpaths([], size, Tally())


def scanpaths(
    paths: Sequence[tuple[int, np.ndarray]], size: tuple[int, int], dropped: Tally
) -> Fixations:
    """Fixations of an image from (subject, points of shape (n, 2): x, y) in reading order."""
    import numpy as np

    if not paths:
        return keep_inside(np.empty(0), np.empty(0), size, dropped)
    points = np.concatenate([points for _, points in paths])
    lengths = [len(points) for _, points in paths]
    return keep_inside(
        points[:, 0],
        points[:, 1],
        size,
        dropped,
        subject=np.repeat([subject for subject, _ in paths], lengths),
        order=np.concatenate([np.arange(length) for length in lengths]),
    )


def binary_map_points(values: np.ndarray, size: tuple[int, int]) -> Fixations:
    """The ones of a binary map, row by row; no subjects, no repeats.

    Args:
        values: array (height, width) of at most two values, the greater of which marks a point.
        size: (height, width) of the image.

    Raises:
        ValueError: another shape, or values that are not those of a map of points.
    """
    import numpy as np

    from benchmark_kit.types import Fixations

    if values.ndim != 2:
        raise ValueError(f"{values.ndim} axes instead of two")
    if values.shape != tuple(size):
        turned = ", transposed" if values.shape == tuple(size)[::-1] else ""
        raise MapSizeError(
            f"a map of {values.shape[0]}x{values.shape[1]} for a stimulus of "
            f"{size[0]}x{size[1]} (rows x columns){turned}"
        )
    low, high = values.min(), values.max()
    ones = values == high if high != 0 or low != 0 else np.zeros(values.shape, dtype=bool)
    if not np.all(ones | (values == low)):
        raise ValueError("more than two values: a density map where fixation points are due")
    if ones.mean() > MOST_ONES:
        raise ValueError(
            f"more than {MOST_ONES:.0%} of the pixels are set: a thresholded density where "
            "fixation points are due"
        )
    rows, columns = np.nonzero(ones)
    return Fixations(columns, rows, size)


class MapSizeError(ValueError):
    """A map of another size than its stimulus."""
