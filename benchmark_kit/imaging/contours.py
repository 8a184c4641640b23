"""Lines around the fewest pixels that hold a share of a map's mass, by marching squares.

Four neighbouring pixels are the corners of a cell; where the level lies between two of them, a line
crosses that side, at the place that linear interpolation gives. Lines keep what is high to one
side, so that each crossing has one line that comes and one that goes, and all lines are closed.
"""

from __future__ import annotations

import numpy as np

# Which corners of a cell are high, as bits (top left 1, top right 2, bottom right 4, bottom left 8)
# -> lines from side to side (top 0, right 1, bottom 2, left 3). Two opposite corners may be joined
# or not: 5 and 10 are for a low middle, the same plus 16 for a high one.
CELLS = {
    1: ((3, 0),), 2: ((0, 1),), 3: ((3, 1),), 4: ((1, 2),), 5: ((3, 0), (1, 2)),
    6: ((0, 2),), 7: ((3, 2),), 8: ((2, 3),), 9: ((2, 0),), 10: ((0, 1), (2, 3)),
    11: ((2, 1),), 12: ((1, 3),), 13: ((1, 0),), 14: ((0, 3),),
    21: ((3, 2), (1, 0)), 26: ((0, 3), (2, 1)),
}  # fmt: skip


def mass_level(saliency: np.ndarray, share: float) -> float | None:
    """The value that the fewest pixels which hold a share of the mass reach.

    Args:
        saliency: (height, width), finite; negative values count from the lowest.
        share: 0 to 1.

    Returns:
        None for a constant map, where no pixels come first.
    """
    low = min(float(saliency.min()), 0.0)
    ordered = np.sort(saliency - low, axis=None)[::-1]
    if ordered[0] == ordered[-1]:
        return None
    mass = np.cumsum(ordered)
    place = min(int(np.searchsorted(mass, share * mass[-1])), len(ordered) - 1)
    return float(ordered[place]) + low


def contour_lines(saliency: np.ndarray, share: float) -> list[np.ndarray]:
    """Lines around the fewest pixels that hold a share of a map's mass.

    Args:
        saliency: (height, width), finite, any scale.
        share: between 0 and 1.

    Returns:
        closed lines, float64 (n, 2) of x, y in pixels, within the picture; none for a constant map.
    """
    values = np.asarray(saliency, dtype=np.float64)
    level = mass_level(values, share)
    if level is None:
        return []
    # a rim of the lowest value closes the lines at the picture's border
    padded = np.pad(values, 1, constant_values=values.min())
    if level <= values.min():  # nearly all pixels are needed: around the whole picture
        padded = np.pad(values, 1, constant_values=level - 1)
    last = np.array(values.shape[::-1]) - 1
    return [np.clip(line - 1, 0, last) for line in level_lines(padded, level)]


def level_lines(values: np.ndarray, level: float) -> list[np.ndarray]:
    """Closed lines between what reaches a level and what does not.

    Args:
        values: float64 (height, width) whose border lies below the level.
        level: the level.

    Returns:
        float64 (n, 2) of x, y each, the first point again at the end.
    """
    high = values >= level
    corners = high[:-1, :-1] * 1 + high[:-1, 1:] * 2 + high[1:, 1:] * 4 + high[1:, :-1] * 8
    rows, columns = np.nonzero((corners > 0) & (corners < 15))
    kinds = corners[rows, columns]
    middle = sum(values[rows + y, columns + x] for y in (0, 1) for x in (0, 1)) / 4
    kinds = kinds + 16 * (((kinds == 5) | (kinds == 10)) & (middle >= level))
    follows: dict[int, int] = {}
    for kind, lines in CELLS.items():
        at = np.flatnonzero(kinds == kind)
        for start, end in lines:
            ends = [_side(rows[at], columns[at], side, values.shape[1]) for side in (start, end)]
            follows.update(zip(ends[0].tolist(), ends[1].tolist(), strict=True))
    found = []
    while follows:
        first, following = follows.popitem()
        line = [first, following]
        while line[-1] != first:
            line.append(follows.pop(line[-1]))
        found.append(_places(np.array(line), values, level))
    return found


def _side(rows: np.ndarray, columns: np.ndarray, side: int, width: int) -> np.ndarray:
    """A number for each side of a cell: twice its first pixel's, plus 1 where it goes down."""
    row, column, down = ((0, 0, 0), (0, 1, 1), (1, 0, 0), (0, 0, 1))[side]
    return 2 * ((rows + row) * width + columns + column) + down


def _places(sides: np.ndarray, values: np.ndarray, level: float) -> np.ndarray:
    """Where the level crosses sides, (n, 2) of x, y."""
    y, x = np.divmod(sides // 2, values.shape[1])
    down = sides % 2
    here, there = values[y, x], values[y + down, x + 1 - down]
    part = (level - here) / (there - here)
    return np.column_stack([x + part * (1 - down), y + part * down])
