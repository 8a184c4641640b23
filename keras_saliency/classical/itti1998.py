"""Itti, Koch and Niebur's model of 1998 as Walther's SaliencyToolbox has it.

42 feature maps, differences of centre levels 3 to 5 and surrounds 3 and 4 levels coarser (level 1
is the picture), meet at level 5. The program's faults are kept where they move numbers: a binomial
with a seventh tap. Where it is ill-defined, at the border of the Gabor filters, edges are
replicated, which is our choice; so are pictures above 800 pixels, which it shrinks after asking,
and the resize of the map to the picture.
"""

from __future__ import annotations

import numpy as np

from benchmark_kit.errors import ConfigError, InputError
from benchmark_kit.imaging.resize import resize
from keras_saliency.base.array_model import ArrayModel, one_colour
from keras_saliency.classical._colour import gray_of
from keras_saliency.classical._filters import attenuate_borders, local_maxima
from keras_saliency.classical._gabor import GaborBank, gabor_energy
from keras_saliency.classical._pyramid import convolve_keeping_energy, halve_walther

CENTRES, DELTAS, MAP_LEVEL = (3, 4, 5), (3, 4), 5
SMALLEST = 2 ** (min(CENTRES) + min(DELTAS) - 1)  # a side of one pixel at the first surround
DARK = 0.1  # darker pixels have no hue
BANK = GaborBank(sigma=2.3333, elongation=1.0, period=7.0, reach=4)
NORMS = ("iterative", "localmax", "none")
ITERATIONS = 3
PEAK_EXCITATION, SIGMA_EXCITATION = 0.5, 0.02  # sigma as a share of the map's longer side
PEAK_INHIBITION, SIGMA_INHIBITION = 1.5, 0.25
GLOBAL_INHIBITION = 0.02
CUT = 0.01  # kernels end where they fall below this share of their peak

Pyramid = list[np.ndarray]


class Itti1998(ArrayModel):
    """Colour, intensity and orientation contrast; maps are not negative, most are sparse.

    A picture of one colour gives zeros. Surround levels that a picture below 256 pixels lacks are
    left out, as in the program.

    Args:
        norm: how maps with few peaks are promoted: `"iterative"` (the program's default),
            `"localmax"` (the paper's) or `"none"`.

    Raises:
        ConfigError: unknown norm.

    Reference: Itti, Koch and Niebur, PAMI 1998; Walther and Koch, Neural Networks 2006.
    """

    def __init__(self, norm: str = "iterative"):
        if norm not in NORMS:
            raise ConfigError(f"norm must be one of {', '.join(NORMS)}, got {norm!r}")
        self.norm = norm

    def _saliency(self, image: np.ndarray) -> np.ndarray:
        size = image.shape[:2]
        if min(size) < SMALLEST:
            raise InputError(
                f"a picture of {size[1]} x {size[0]} pixels; itti1998 expects sides of at least "
                f"{SMALLEST}, below which no surround exists. Fix: enlarge the picture, or use itti"
            )
        if one_colour(image):
            return np.zeros(size)
        return np.maximum(resize(self.level_map(image), size, "matlab-bicubic-symmetric"), 0.0)

    def level_map(self, image: np.ndarray) -> np.ndarray:
        """The map at 1/16 of the picture's size."""
        return self._promote(np.sum(list(self.conspicuity(image).values()), axis=0), (0, 2))

    def conspicuity(self, image: np.ndarray) -> dict[str, np.ndarray]:
        """The map of each channel at 1/16 of the picture's size, with its weight."""
        found = {}
        for channel, pyramids in feature_pyramids(image).items():
            parts = [self._promote(self._contrast(levels), (0, 0)) for levels in pyramids]
            total = np.sum(parts, axis=0)
            if len(parts) > 1:
                total = self._promote(total, (0, 0))
            found[channel] = total / len(parts) / 3
        return found

    def _contrast(self, levels: Pyramid) -> np.ndarray:
        size = levels[MAP_LEVEL - 1].shape
        border = int(max(size) / 20 + 0.5)
        at_map = {number: resize(level, size, "nearest") for number, level in enumerate(levels, 1)}
        differences = [
            np.abs(at_map[centre] - at_map[centre + delta])
            for centre in CENTRES
            for delta in DELTAS
            if centre + delta in at_map
        ]
        promoted = [self._promote(attenuate_borders(one, border), (0, 10)) for one in differences]
        return np.sum(promoted, axis=0)

    def _promote(self, values: np.ndarray, span: tuple[float, float]) -> np.ndarray:
        if self.norm == "none":
            return scale_to(values, span)
        values = scale_to(np.maximum(values, 0.0), span)
        return iterate(values) if self.norm == "iterative" else promote_peaks(values, span)


def feature_pyramids(image: np.ndarray) -> dict[str, list[Pyramid]]:
    """Levels of the features of each channel, the first level first.

    Args:
        image: uint8 (height, width, 3).

    Returns:
        color: red-green and blue-yellow; intensity: itself; orientation: four angles, whose levels
        1 and 2 are never read and empty.
    """
    rgb = image / 255.0
    brightest = rgb.max(axis=2)
    hued = brightest >= DARK
    red, green, blue = (rgb[..., k] for k in range(3))
    opponents = (red - green, blue - np.minimum(red, green))
    colours = [
        pyramid(np.divide(opponent, brightest, np.zeros_like(brightest), where=hued))
        for opponent in opponents
    ]
    intensity = pyramid(gray_of(rgb))
    edges = [gabor_energy(level, BANK) for level in intensity[CENTRES[0] - 1 :]]
    unread = [np.zeros((1, 1))] * (CENTRES[0] - 1)
    angles = [[*unread, *(level[k] for level in edges)] for k in range(4)]
    return {"color": colours, "intensity": [intensity], "orientation": angles}


def pyramid(values: np.ndarray) -> Pyramid:
    """A map and its halvings until a side is one pixel, or the coarsest surround is reached."""
    levels = [values]
    while min(levels[-1].shape) > 1 and len(levels) < max(CENTRES) + max(DELTAS):
        levels.append(halve_walther(levels[-1]))
    return levels


def scale_to(values: np.ndarray, span: tuple[float, float]) -> np.ndarray:
    """Values scaled to a range; all in its middle if they are equal; (0, 0) leaves them."""
    low, high = span
    if low == high == 0:
        return values
    least, most = values.min(), values.max()
    if least == most:
        return np.full(values.shape, (low + high) / 2)
    return (values - least) / (most - least) * (high - low) + low


def promote_peaks(values: np.ndarray, span: tuple[float, float]) -> np.ndarray:
    """Times the squared distance of the maximum from the mean of the local maxima.

    A map without local maxima, which stops the program, is left as it is (our choice).
    """
    low, high = span
    unscaled = low == high == 0
    peaks = local_maxima(values, 1.0 if unscaled else low + (high - low) / 10)
    most = values.max() if unscaled else high
    if len(peaks) == 0:
        return values
    return values * ((most - peaks.mean()) ** 2 if len(peaks) > 1 else most**2)


def iterate(values: np.ndarray) -> np.ndarray:
    """Three rounds of excitation nearby and inhibition around, which leave few places active."""
    for _ in range(ITERATIONS):
        near = _smooth(values, PEAK_EXCITATION, SIGMA_EXCITATION)
        around = _smooth(values, PEAK_INHIBITION, SIGMA_INHIBITION)
        values = np.maximum(0.0, values + near - around - GLOBAL_INHIBITION * values.max())
    return values


def _smooth(values: np.ndarray, peak: float, share: float) -> np.ndarray:
    sigma = share * max(values.shape)
    reach = int(sigma * np.sqrt(-2 * np.log(CUT)))
    reach = min(reach, max(0, min(values.shape) // 2 - 1))
    taps = np.exp(-(np.arange(-reach, reach + 1) ** 2) / (2 * sigma**2))
    taps *= peak / (sigma * np.sqrt(2 * np.pi))
    return convolve_keeping_energy(values, taps, taps)
