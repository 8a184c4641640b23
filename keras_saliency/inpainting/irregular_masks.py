"""Irregular holes, on which inpainting networks are trained: random strokes and ellipses.

Liu et al., ECCV 2018: holes of any form, by the share of the picture that they cover
(bins of a tenth up to 60 %), half of them away from the border. Theirs come from occlusions in
videos; drawn ones, as a public Keras version has them (MathiasGruber/PConv-Keras), are our choice,
and so is every number of a stroke.
"""

from __future__ import annotations

import numpy as np

BINS = ((0.01, 0.1), (0.1, 0.2), (0.2, 0.3), (0.3, 0.4), (0.4, 0.5), (0.5, 0.6))
MARGIN = 50 / 512  # of the shorter side: how far from the border the paper keeps half of its holes
TRIES = 200  # shapes that may be too large for what is left of a share


def irregular_mask(
    size: tuple[int, int],
    rng: np.random.Generator,
    share: tuple[float, float] | None = None,
    margin: float = 0.0,
) -> np.ndarray:
    """A mask whose holes are random strokes and ellipses.

    Args:
        size: (height, width).
        rng: the numbers; the same ones draw the same mask.
        share: least and largest share of the picture that is hidden, for instance one of `BINS`;
            None: one of the bins, all equally likely.
        margin: share of the shorter side that stays free of holes along the border; `MARGIN` is the
            paper's.

    Returns:
        float32 (height, width), 1 valid, 0 hole.

    Raises:
        ValueError: a share that is empty or cannot be reached within the margin.
    """
    low, high = BINS[rng.integers(len(BINS))] if share is None else share
    border = round(margin * min(size))
    free = np.zeros(size, bool)
    free[border : size[0] - border, border : size[1] - border] = True
    if not 0 < low < high <= free.mean():
        raise ValueError(
            f"share must be (low, high) in 0..{free.mean():.2f}, what the margin leaves; found "
            f"{(low, high)}. Take one of BINS, or a smaller margin."
        )
    wanted = rng.uniform(low, high)
    hole = np.zeros(size, bool)
    reach = 1.0  # of the shapes; halved when they are too large for what is left
    for _ in range(TRIES):
        if hole.mean() >= wanted:
            break
        shape = _ellipse if rng.random() < 0.3 else _stroke
        grown = hole | (shape(size, rng, reach) & free)
        if grown.mean() <= high:
            hole = grown
        else:
            reach = max(reach / 2, 1 / 64)
    while hole.mean() < low:  # single pixels, where the last shapes were all too large
        hole.ravel()[rng.choice(np.flatnonzero(free & ~hole))] = True
    return 1 - hole.astype(np.float32)


def _stroke(size: tuple[int, int], rng: np.random.Generator, reach: float) -> np.ndarray:
    """A line of one to eight bends with round ends and joints."""
    from PIL import Image, ImageDraw

    picture = Image.new("1", size[::-1])
    draw = ImageDraw.Draw(picture)
    short = min(size)
    width = max(1, round(rng.uniform(0.02, 0.1) * short * reach))
    at = rng.uniform(0, 1, 2) * size[::-1]
    angle = rng.uniform(0, 2 * np.pi)
    points = [at]
    for _ in range(rng.integers(1, 9)):
        angle += rng.normal(0, 0.8)
        at = at + rng.uniform(0.05, 0.25) * short * reach * np.array([np.cos(angle), np.sin(angle)])
        points.append(at)
    draw.line([tuple(point) for point in points], fill=1, width=width)
    for x, y in points:
        draw.ellipse([x - width / 2, y - width / 2, x + width / 2, y + width / 2], fill=1)
    return np.array(picture)


def _ellipse(size: tuple[int, int], rng: np.random.Generator, reach: float) -> np.ndarray:
    """A full ellipse, upright or turned."""
    centre = rng.uniform(0, 1, 2) * size
    half = np.maximum(0.5, rng.uniform(0.03, 0.18, 2) * min(size) * reach)
    angle = rng.uniform(0, np.pi)
    rows, columns = np.ogrid[: size[0], : size[1]]
    y, x = rows + 0.5 - centre[0], columns + 0.5 - centre[1]
    along = x * np.cos(angle) + y * np.sin(angle)
    across = y * np.cos(angle) - x * np.sin(angle)
    return (along / half[0]) ** 2 + (across / half[1]) ** 2 <= 1
