"""The samples that are the most like patches of a row, where near ones count more.

Few of all samples can be among them: those of the patch above, which is almost the same, are known
already and bound how far the patch's own may be. For the others 17 numbers in place of the patch's
147 give a bound from below, by which nearly all are too far; only the rest are compared.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

NEARNESS = 3.0
GROUP = 16  # patches side by side that are compared with the same samples
AXES = 16  # principal components in which samples are bounded
SINGLE = float(np.finfo(np.float32).eps)
MOST_KNOWN = 512  # samples from the row above that a bound is made of
SAME = 1e-6  # distance at which patches are alike
SLACK = 64 * SINGLE  # for rounding in a bound, relative to the squares that it is made of


class MostAlike:
    """Finds them row by row, from the first row to the last.

    The distance to a sample is that of the vectors over 1 + 3 times that of the places.

    Args:
        vectors: of the samples, float64 (n, d).
        places: of the samples, (n, 2), row and column over the longer side.
        count: how many are the most alike; all of fewer samples.
        error: of a mean distance beyond which single precision does not do.
    """

    def __init__(self, vectors: np.ndarray, places: np.ndarray, count: int, error: float):
        self.count, self.error = min(count, len(vectors)), error
        self.rows, self.columns = places.T.astype(np.float32)
        squares = (vectors**2).sum(axis=1)
        # |p - q|^2 = |p|^2 + |q|^2 - 2 p q as one product, of which these are the right side
        self.double = np.column_stack([-2 * vectors, squares, np.ones_like(squares)])
        self.single = self.double.astype(np.float32)
        self.axes = np.linalg.eigh(vectors.T @ vectors)[1][:, -AXES:]
        low = np.column_stack([-2 * self._low(vectors, squares), squares, np.ones_like(squares)])
        self.low = low.T.astype(np.float32)
        self.above: list[np.ndarray] = []

    def mean_distances(self, patches: np.ndarray, places: np.ndarray) -> np.ndarray:
        """Means over the samples that are the most alike.

        Args:
            patches: float64 (n, d), the next row of n.
            places: of these, as the samples', (n, 2).

        Returns:
            float64 (n,).
        """
        squares = (patches**2).sum(axis=1)
        left = np.column_stack([patches, np.ones_like(squares), squares])
        places = places.astype(np.float32)
        ends = [*range(0, len(patches), GROUP), len(patches)]
        groups = [slice(*pair) for pair in pairwise(ends)]
        # for the first row any will do
        above = self.above or [np.arange(min(len(self.rows), MOST_KNOWN))] * len(groups)
        compared = [
            self._compared(left[group], places[group], known)
            for group, known in zip(groups, above, strict=True)
        ]
        most = np.concatenate([least.max(axis=1) for _, least in compared])
        bounds = most**2 * (1 + SLACK) + SLACK * squares
        low = np.column_stack([self._low(patches, squares), np.ones_like(squares), squares])
        shares = (low / np.maximum(bounds, SAME**2)[:, None]).astype(np.float32) @ self.low
        means = np.empty(len(patches))
        for number, (group, known) in enumerate(zip(groups, above, strict=True)):
            apart, least = compared[number]
            unlike = most[group] > SAME  # to the others nothing can be more alike
            if unlike.any():
                own = shares[group] if unlike.all() else shares[group][unlike]
                possible = own.min(axis=0) <= self._furthest(places[group])
                possible[known] = False
                if (others := np.flatnonzero(possible)).size:
                    more, best = self._compared(left[group], places[group], others)
                    least = self._least(np.hstack([least, best]))
                    last = least.max(axis=1, keepdims=True)
                    near = [(x <= last).any(axis=0) for x in (apart, more)]
                    # where many patches are the same a few of them do
                    above[number] = np.hstack([known[near[0]], others[near[1]]])[:MOST_KNOWN]
            means[group] = least.mean(axis=1)
        self.above = above
        return means

    def _low(self, vectors: np.ndarray, squares: np.ndarray) -> np.ndarray:
        """Few coordinates (n, axes + 1), no further apart than the vectors are.

        The last is the length of all that the axes leave out.
        """
        first = vectors @ self.axes
        rest = np.sqrt(np.maximum(squares - (first**2).sum(axis=1), 0))
        return np.column_stack([first, rest])

    def _least(self, apart: np.ndarray) -> np.ndarray:
        if apart.shape[1] <= self.count:
            return apart
        return np.partition(apart, self.count - 1, axis=1)[:, : self.count]

    def _compared(
        self, left: np.ndarray, places: np.ndarray, numbers: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Distances of patches to some samples, and the least of each patch."""
        away = (places[:, 1:] - self.columns[numbers]) ** 2
        away += (places[0, 0] - self.rows[numbers]) ** 2
        np.sqrt(away, out=away)
        away *= NEARNESS
        away += 1
        apart = _roots(left, self.single[numbers])
        apart /= away
        least = self._least(apart)
        error = SINGLE * left[:, -1:]
        if ((error / np.maximum(least, np.sqrt(error))).mean(axis=1) > self.error).any():
            apart = (_roots(left, self.double[numbers]) / away).astype(np.float32)
            least = self._least(apart)
        return apart, least

    def _furthest(self, places: np.ndarray) -> np.ndarray:
        """(1 + 3 distance)^2 from each sample to the furthest of some places in a row."""
        first, last = places[0, 1], places[-1, 1]
        away = np.abs(self.columns - (first + last) / 2)
        away += (last - first) / 2
        away *= away
        away += (self.rows - places[0, 0]) ** 2
        np.sqrt(away, out=away)
        away *= NEARNESS
        away += 1
        away *= away
        return away


def _roots(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    apart = left.astype(right.dtype, copy=False) @ right.T
    np.maximum(apart, 0, out=apart)
    return np.sqrt(apart, out=apart)
