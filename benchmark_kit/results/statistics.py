"""Statistics over images: bootstrap intervals, paired permutation tests, Holm, groups of a ranking.

Everything is vectorised over the columns of a table (images, columns). A paired comparison of two
models is a table of differences: `bootstrap_intervals(a - b)` and `permutation_p(a - b)`.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

EXACT_IMAGES = 14  # up to 2**14 sign flips are enumerated
SLACK = 1e-12  # relative: sums that are equal but for rounding count as equal


def bootstrap_intervals(
    values: np.ndarray, *, resamples: int = 1000, level: float = 0.95, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Percentile intervals of column means, images drawn with replacement.

    All columns share their draws, so that columns of one table move together. An image where a
    column has no value is left out of that column's mean in every resample.

    Args:
        values: float64 (images, columns), nan where there is no value.
        resamples: number of resamples.
        level: share of the resampled means inside the interval, 0 < level < 1.
        seed: seed of the draws.

    Returns:
        (low, high), each (columns,); nan for columns with fewer than two values.
    """
    images, columns = values.shape
    low, high = np.full(columns, np.nan), np.full(columns, np.nan)
    present = np.isfinite(values)
    if images < 2:
        return low, high
    filled = np.where(present, values, 0.0)
    generator = np.random.Generator(np.random.PCG64(seed))
    means = np.empty((resamples, columns))
    block = max(10, 400_000 // images)  # a few MB at once
    for start in range(0, resamples, block):
        size = min(block, resamples - start)
        drawn = generator.integers(images, size=(size, images), dtype=np.int32)
        drawn += (np.arange(size, dtype=np.int32) * images)[:, None]
        weights = np.bincount(drawn.reshape(-1), minlength=size * images).reshape(size, images)
        weights = weights.astype(np.float64)
        with np.errstate(invalid="ignore", divide="ignore"):
            means[start : start + size] = (weights @ filled) / (weights @ present)
    enough = present.sum(axis=0) >= 2
    if not enough.any():
        return low, high
    tails = [(1 - level) / 2, (1 + level) / 2]
    low[enough], high[enough] = np.nanquantile(means[:, enough], tails, axis=0)
    return low, high


def permutation_p(
    differences: np.ndarray, *, permutations: int = 10_000, seed: int = 0
) -> np.ndarray:
    """Two-sided p-values of paired differences: how often random signs give as large a mean.

    Under the hypothesis that both models are alike, an image's difference may as well have the
    other sign. Up to 14 differences other than zero are tested exactly, by all their signs; more by
    random signs, where the observed ones count as one of the draws (Phipson and Smyth 2010), so
    that p is never 0.

    Args:
        differences: float64 (images, columns), nan where an image has no difference.
        permutations: random sign vectors, shared by all columns.
        seed: seed of the signs.

    Returns:
        p of every column, 0 < p <= 1; nan for a column without any difference.
    """
    present = np.isfinite(differences)
    filled = np.where(present, differences, 0.0)
    moving = (filled != 0).sum(axis=0)
    p = np.full(differences.shape[1], np.nan)
    for k in np.flatnonzero(present.any(axis=0) & (moving <= EXACT_IMAGES)):
        column = filled[filled[:, k] != 0, k]
        p[k] = _as_extreme(_all_signs(len(column)), column[:, None])[0] / 2 ** len(column)
    drawn = np.flatnonzero(moving > EXACT_IMAGES)
    if len(drawn):
        generator = np.random.Generator(np.random.PCG64(seed))
        images = len(filled)
        hits = np.zeros(len(drawn))
        block = max(1, 2_000_000 // images)
        for start in range(0, permutations, block):
            size = min(block, permutations - start)
            bits = np.unpackbits(
                np.frombuffer(generator.bytes(size * ((images + 7) // 8)), np.uint8)
            )
            signs = 1.0 - 2.0 * bits.reshape(size, -1)[:, :images]
            hits += _as_extreme(signs, filled[:, drawn])
        p[drawn] = (hits + 1) / (permutations + 1)
    return p


def _all_signs(n: int) -> np.ndarray:
    """Every vector of n signs, (2**n, n)."""
    return 1.0 - 2.0 * ((np.arange(2**n)[:, None] >> np.arange(n)) & 1)


def _as_extreme(signs: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """How many sign vectors give a sum at least as far from zero, by column."""
    observed = np.abs(columns.sum(axis=0)) - SLACK * np.abs(columns).sum(axis=0)
    return (np.abs(signs @ columns) >= observed).sum(axis=0)


def holm(p: np.ndarray) -> np.ndarray:
    """p-values adjusted for having tested all of them (Holm 1979).

    Args:
        p: any shape; nan is no test and stays nan.

    Returns:
        same shape: a test is significant at level alpha where its value is <= alpha, and the
        chance of any false one among all stays below alpha.
    """
    p = np.asarray(p, dtype=np.float64)
    adjusted = np.full(p.size, np.nan)
    tested = np.flatnonzero(np.isfinite(p.ravel()))
    order = tested[np.argsort(p.ravel()[tested], kind="stable")]
    factors = len(order) - np.arange(len(order))
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(factors * p.ravel()[order]))
    return adjusted.reshape(p.shape)


def groups_alike(ranked: Iterable[int], told_apart: Iterable[tuple[int, int]]) -> list[list[int]]:
    """Largest groups of a ranking in which no two members can be told apart.

    Args:
        ranked: members, best first.
        told_apart: pairs whose difference is significant, in any order.

    Returns:
        groups in the order of their members' ranks; groups may overlap, and a member that differs
        from all others is a group of its own (Piepho 2004, insert and absorb).
    """
    ranked = list(ranked)
    groups = [frozenset(ranked)]
    for a, b in told_apart:
        split = []
        for group in groups:
            split += [group - {a}, group - {b}] if {a, b} <= group else [group]
        groups = [g for g in dict.fromkeys(split) if not any(g < other for other in split)]
    place = {member: k for k, member in enumerate(ranked)}
    return sorted(
        (sorted(group, key=place.__getitem__) for group in groups if group),
        key=lambda group: [place[member] for member in group],
    )


def explained_share(value: float | None, chance: float | None, top: float | None) -> float | None:
    """Share of what can be explained: 0 for chance, 1 for observers who predict each other.

    Args:
        value: a model's mean.
        chance: the mean of uniform noise.
        top: the mean of the inter-observer yardstick.
    """
    if value is None or chance is None or top is None or top == chance:
        return None
    return (value - chance) / (top - chance)
