"""The features of eDN: the six hierarchies that its search found, side by side on one grid.

Vig, Dorr, Cox, CVPR 2014; windows, clips and thresholds of the released code
(coxlab/edn-cvpr2014).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from keras_saliency.models._sthor import Block, Hierarchy, Norm, features

HIERARCHIES = (
    Hierarchy(
        "rgb",
        Norm(7, 10, 1),
        (
            Block(32, 3, None, None, 3, 10, Norm(7, 1, 1)),
            Block(16, 7, None, 1, 5, 10, Norm(9, 10, 1)),
            Block(128, 9, 0, None, 9, 10, Norm(9, 1, 0.1)),
        ),
    ),
    Hierarchy(
        "yuv",
        Norm(3, 0.1, 10),
        (
            Block(32, 5, None, 1, 9, 10, Norm(3, 0.1, 10)),
            Block(32, 7, 0, 1, 7, 10, Norm(7, 1, 10)),
            Block(128, 5, None, 1, 9, 1, Norm(3, 0.1, 10, remove_mean=True)),
        ),
    ),
    Hierarchy(
        "yuv",
        Norm(3, 10, 10),
        (
            Block(32, 5, None, 1, 9, 10, Norm(3, 0.1, 10)),
            Block(32, 7, 0, 1, 7, 10, Norm(5, 1, 10)),
            Block(128, 5, None, None, 9, 1, Norm(5, 0.1, 10, remove_mean=True)),
        ),
    ),
    Hierarchy(
        "yuv",
        Norm(7, 0.1, 0.1),
        (
            Block(16, 5, None, None, 3, 2, Norm(5, 1, 1)),
            Block(64, 9, 0, 1, 9, 10, Norm(7, 0.1, 1)),
        ),
    ),
    Hierarchy(
        "rgb",
        Norm(7, 1, 1),
        (
            Block(16, 3, None, None, 7, 10, Norm(7, 1, 0.1, remove_mean=True)),
            Block(64, 7, 0, None, 9, 10, Norm(9, 0.1, 0.1, remove_mean=True)),
            Block(256, 7, None, 1, 9, 2, Norm(9, 0.1, 10, remove_mean=True)),
        ),
    ),
    Hierarchy(
        "rgb",
        Norm(9, 10, 10),
        (
            Block(32, 9, None, None, 7, 1, Norm(5, 0.1, 1)),
            Block(32, 5, 0, None, 7, 10, Norm(7, 0.1, 10, remove_mean=True)),
            Block(128, 7, None, None, 9, 2, Norm(7, 0.1, 10)),
        ),
    ),
)
COUNT = sum(hierarchy.blocks[-1].filters for hierarchy in HIERARCHIES)
LONGEST = 1024  # pixels of a resized side: reached by pictures four times as long as wide


def resized(image: np.ndarray) -> np.ndarray:
    """A picture at the size that the features are made at: half as 512 wide, half as 384 high.

    By Pillow's bicubic, which smooths when shrinking; that of 2014 did not (our choice). Pictures
    more than four times as long as wide stay smaller than the original has them (our choice).
    """
    from PIL import Image

    sides = image.shape[:2]
    factor = min(256 / max(sides) + 192 / min(sides), LONGEST / max(sides))
    height, width = (max(1, int(side * factor)) for side in sides)
    picture = Image.fromarray(image).resize((width, height), Image.Resampling.BICUBIC)
    return np.asarray(picture)


def feature_matrix(picture: np.ndarray, centred: bool) -> tuple[np.ndarray, tuple[int, int]]:
    """Features of every cell.

    Args:
        picture: uint8 RGB (height, width, 3), resized already.
        centred: whether the distance from the middle comes first.

    Returns:
        float64 (cells, 832 or 833), cells down the columns, and the grid's (rows, columns).
    """
    from PIL import Image

    colours = {"rgb": picture, "yuv": np.asarray(Image.fromarray(picture).convert("YCbCr"))}
    maps = [features(colours[hierarchy.colour], hierarchy) for hierarchy in HIERARCHIES]
    grid = maps[0].shape[:2]
    columns = [_on_grid(found, grid).reshape(-1, found.shape[2], order="F") for found in maps]
    if centred:
        distance = _on_grid(_distance(picture.shape[:2])[..., None], grid)  # type: ignore[arg-type]
        columns.insert(0, distance.reshape(-1, 1, order="F"))
    return np.concatenate(columns, axis=1, dtype=np.float64), grid  # type: ignore[return-value]


def _on_grid(maps: np.ndarray, grid: tuple[int, ...]) -> np.ndarray:
    if maps.shape[:2] == grid:
        return maps
    return np.stack([zoomed(maps[..., k], grid) for k in range(maps.shape[2])], axis=-1)


def zoomed(values: np.ndarray, size: tuple[int, ...]) -> np.ndarray:
    """A map (rows, columns) at another size, by cubic splines with aligned corners."""
    from scipy.ndimage import zoom

    return zoom(values, [m / n for m, n in zip(size, values.shape, strict=True)], order=3)


@lru_cache(maxsize=8)
def _distance(size: tuple[int, int]) -> np.ndarray:
    """Whole pixels from the middle over the largest such distance."""
    rows, columns = np.ogrid[: size[0], : size[1]]
    found = np.floor(np.hypot(rows - size[0] // 2, columns - size[1] // 2))
    return found / max(1.0, found.max())
