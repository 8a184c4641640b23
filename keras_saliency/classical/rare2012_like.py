"""Multi-scale rarity, re-derived from its paper (Riche et al., 2013).

The authors' program is sealed: this follows the paper's idea and claims no parity with it. Colours
by their principal axes, and their energies in eight orientations, are salient where their values
are rare in the picture, at several scales. Constants that the paper leaves open are our choice.
"""

from __future__ import annotations

import numpy as np

from benchmark_kit.imaging.min_max import min_max
from benchmark_kit.imaging.resize import resize_by_factor
from keras_saliency.base.array_model import ArrayModel, one_colour
from keras_saliency.classical._log_gabor import log_gabor_energy, principal_components
from keras_saliency.classical._matlab_bilinear import resize_bilinear, resize_bilinear_by_factor

KERNEL = "matlab-bicubic-symmetric"
LONGEST = 320  # larger pictures are shrunk to it
WAVES = (4.0, 8.0, 16.0)  # pixels
ANGLES = 8
SPREAD = np.pi / ANGLES
BINS = 11
SCALES = 5  # each half as large as the one before
BLUR = 0.03  # standard deviation, of the longer side; nothing beyond the border, as in MATLAB


class RARE2012Like(ArrayModel):
    """Rarity of colours and orientations, in 0..1; zeros for a picture of one colour.

    Reference: Riche, Mancas, Duvinage, Mibulumukini, Gosselin and Dutoit, "RARE2012: A multi-scale
    rarity-based saliency detection with its comparative statistical analysis", Signal Processing:
    Image Communication 28(6), 2013.
    """

    def _saliency(self, image: np.ndarray) -> np.ndarray:
        from scipy.ndimage import gaussian_filter

        size = image.shape[:2]
        if one_colour(image):
            return np.zeros(size)
        pixels = image.astype(np.float64)
        if (factor := LONGEST / max(size)) < 1:
            planes = [resize_by_factor(pixels[..., k], factor, KERNEL) for k in range(3)]
            pixels = np.stack(planes, axis=-1)
        total = np.zeros(pixels.shape[:2])
        for plane in principal_components(pixels):
            total += efficient(rarity(plane))
            energies = log_gabor_energy(plane, WAVES, ANGLES, SPREAD)
            total += efficient(fused([rarity(energy.sum(axis=0)) for energy in energies]))
        blurred = gaussian_filter(total, BLUR * max(total.shape), mode="constant")
        return min_max(resize_bilinear(min_max(blurred), size))


def rarity(values: np.ndarray) -> np.ndarray:
    """Summed self-information of each place's value at five scales.

    Args:
        values: (height, width).

    Returns:
        float64 (height, width): -ln of the share of the value's bin of eleven, summed.
    """
    total = np.zeros(values.shape)
    for scale in range(SCALES):
        reduced = resize_bilinear_by_factor(values, 0.5**scale)
        index = np.minimum((min_max(reduced) * BINS).astype(np.intp), BINS - 1)
        counts = np.bincount(index.ravel(), minlength=BINS)
        information = -np.log(np.maximum(counts, 1) / index.size)[index]
        total += resize_bilinear(information, values.shape)
    return total


def efficient(values: np.ndarray) -> np.ndarray:
    """A map in 0..1 times the squared distance of its maximum from its mean."""
    scaled = min_max(values)
    return scaled * (scaled.max() - scaled.mean()) ** 2


def fused(maps: list[np.ndarray]) -> np.ndarray:
    """Maps summed by rank of efficiency: the k-th least efficient of n weighs k / n."""
    ranked = sorted(map(efficient, maps), key=lambda values: float(values.max()))
    return sum(
        (k * values / len(ranked) for k, values in enumerate(ranked, 1)),
        np.zeros(maps[0].shape),
    )
