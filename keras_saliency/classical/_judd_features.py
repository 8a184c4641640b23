"""The features of Judd's model that need no detector: 29 of its 33, at 200 x 200.

    0-12   energy of a steerable pyramid: high pass, then four orientations at three scales
    13-15  conspicuity of colour, intensity and orientation by `itti1998`
    16     rarity of steerable bands (Torralba)
    17-27  R, G, B; rarity of each; rarity of the colour after median filters of 0 to 16 pixels
    28     distance to the middle

Horizon, cars, people and faces are left out, they need detectors that are trained elsewhere.
"""

from __future__ import annotations

import numpy as np

from benchmark_kit.errors import InputError
from benchmark_kit.imaging.resize import resize
from keras_saliency.classical._colour import gray_of
from keras_saliency.classical._filters import gaussian_kernel, imfilter
from keras_saliency.classical._matlab_bilinear import resize_bilinear
from keras_saliency.classical._steerable_pyramid import steerable_pyramid
from keras_saliency.classical.itti1998 import SMALLEST, Itti1998

SIDE = 200
SIZE = (SIDE, SIDE)
COUNT = 29
KERNEL = "matlab-bicubic-symmetric"
ENERGY_LEVELS, RARITY_LEVELS = 3, 4
BINS = 100
CUBE = 10  # bins of a colour's channel
MEDIANS = (0, 2, 4, 8, 16)


def judd_features(image: np.ndarray) -> np.ndarray:
    """All features of a picture.

    Args:
        image: uint8 (height, width, 3), sides of 32 at least and more than one colour.

    Returns:
        float64 (200, 200, 29).

    Raises:
        InputError: a picture too small for `itti1998`.
    """
    if min(image.shape[:2]) < SMALLEST:
        raise InputError(
            f"a picture of {image.shape[1]} x {image.shape[0]} pixels; judd has channels of "
            f"itti1998, which expects sides of at least {SMALLEST}. Fix: enlarge the picture"
        )
    parts = [
        subband_features(image),
        itti_features(image),
        torralba_feature(image)[..., None],
        colour_features(image),
        centre_feature(image.shape[:2])[..., None],
    ]
    return np.concatenate(parts, axis=-1)


def subband_features(image: np.ndarray) -> np.ndarray:
    """Blurred moduli of steerable bands over their mean, (200, 200, 13)."""
    blur = gaussian_kernel((6, 6), 2.0)
    found = []
    for band in steerable_pyramid(_small(image).mean(axis=2), ENERGY_LEVELS):
        energy = imfilter(np.abs(band), blur, "replicate")
        mean = energy.mean()
        found.append(resize(energy / mean if mean > 0 else energy, SIZE, KERNEL))
    return np.stack(found, axis=-1)


def itti_features(image: np.ndarray) -> np.ndarray:
    """Conspicuity maps of colour, intensity and orientation, (200, 200, 3)."""
    maps = Itti1998().conspicuity(image)
    found = [resize_bilinear(maps[name], SIZE) for name in ("color", "intensity", "orientation")]
    return np.stack(found, axis=-1)


def torralba_feature(image: np.ndarray) -> np.ndarray:
    """Summed log rarity of steerable bands, coarser ones weighing more, (200, 200)."""
    gray = resize(gray_of(image / 255.0), SIZE, KERNEL)
    total = np.ones(SIZE)
    for number, band in enumerate(steerable_pyramid(gray, RARITY_LEVELS)[1:]):
        bins, share, inside = _shares(band)
        # the program takes the smallest share, not its inverse, beyond the outer bins' middles
        rarity = np.where(inside, 1 / share, bins.min())
        # groups of six bands as the program has them, though there are four orientations
        total += np.log(resize_bilinear(rarity, SIZE)) * 2 ** (1 + number // 6)
    return total / total.max()


def colour_features(image: np.ndarray) -> np.ndarray:
    """Colours and how rare they are, (200, 200, 11)."""
    small = _small(image) / 255.0
    rarities = []
    for k in range(3):
        bins, share, inside = _shares(small[..., k])
        rarity = np.where(inside, -np.log(share), -np.log(bins.max()))
        largest = rarity.max()  # before the subtraction, as in the program
        rarities.append((rarity - rarity.min()) / largest)
    together = [colour_rarity(small, side) for side in MEDIANS]
    return np.stack([*np.moveaxis(small, -1, 0), *rarities, *together], axis=-1)


def colour_rarity(rgb: np.ndarray, side: int) -> np.ndarray:
    """-ln of the share of each pixel's cell of a colour cube, after a median filter.

    Args:
        rgb: float64 (height, width, 3) in about 0..1.
        side: of the median's window; 0: none.
    """
    if side:
        rgb = np.stack([_median(rgb[..., k], side) for k in range(3)], axis=-1)
    cells = (np.clip(rgb, 0, 0.999) / 0.1).astype(np.intp)
    index = (cells[..., 0] * CUBE + cells[..., 1]) * CUBE + cells[..., 2]
    counts = np.bincount(index.ravel(), minlength=CUBE**3) + 1
    return -np.log(counts / counts.sum())[index]


def centre_feature(size: tuple[int, int]) -> np.ndarray:
    """Distance to the middle over the largest one, (200, 200)."""
    rows, columns = (np.arange(1, n + 1) - n // 2 for n in size)
    away = np.floor(np.hypot(rows[:, None], columns[None, :]))
    return resize_bilinear(away / max(away.max(), 1.0), SIZE)


def _small(image: np.ndarray) -> np.ndarray:
    return np.stack([resize(image[..., k], SIZE, KERNEL) for k in range(3)], axis=-1)


def _shares(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A histogram of 100 bins with one added to each, as shares, and its values at each pixel.

    Returns:
        the bins' shares; that of the bin with the nearest middle for each pixel; whether the
        pixel lies between the outer bins' middles.
    """
    low, high = values.min(), values.max()
    step = (high - low) / BINS
    middles = np.linspace(low + step / 2, high - step / 2, BINS)
    edges = (middles[:-1] + middles[1:]) / 2
    # a value on an edge counts below it and is looked up above it, as in Octave
    counts = np.bincount(np.searchsorted(edges, values.ravel(), "left"), minlength=BINS) + 1
    bins = counts / counts.sum()
    share = bins[np.searchsorted(edges, values, "right")]
    return bins, share, (values >= middles[0]) & (values <= middles[-1])


def _median(plane: np.ndarray, side: int) -> np.ndarray:
    """Median of an even window that reaches further down and right; edges doubled."""
    before, after = side // 2 - 1, side // 2
    padded = np.pad(plane, (before, after), mode="symmetric")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (side, side))
    middle = side**2 // 2
    ordered = np.partition(windows.reshape(*plane.shape, side**2), middle - 1, axis=2)
    return (ordered[..., middle - 1] + ordered[..., middle:].min(axis=2)) / 2
