"""Adaptive whitening saliency, re-derived from its paper (Garcia-Diaz et al., 2012).

The authors' program is sealed: this follows the paper's idea and claims no parity with it. Colours
are whitened over the picture, responses of log-Gabor filters are whitened across scales, and a
place is salient by its distance from the mean response. Constants that the paper leaves open are
our choice, so is taking R, G, B where it takes Lab: a common gain and offset then do not count.
"""

from __future__ import annotations

import numpy as np

from benchmark_kit.imaging.resize import resize, resize_by_factor
from keras_saliency.base.array_model import ArrayModel, one_colour
from keras_saliency.classical._log_gabor import log_gabor_energy, principal_components

KERNEL = "matlab-bicubic-symmetric"
LARGEST = 640  # larger pictures are halved
SHORTEST_WAVE = 6.0  # pixels, then doubled at each scale
SCALES = (7, 5, 5)  # of each component
ANGLES = 4
SPREAD = np.deg2rad(37.5)
BLUR = 0.03  # standard deviation, of the longer side; nothing beyond the border, as in MATLAB
BLOCK = 2**14  # pixels at a time, which stay in the cache
LEAST = 1e-6  # scales whose variance is a smaller share are left out


class AWSLike(ArrayModel):
    """Statistical distance of local energies from the picture's mean, mean 1; zeros for one colour.

    Reference: Garcia-Diaz, Fdez-Vidal, Pardo and Dosil, "Saliency from hierarchical adaptation
    through decorrelation and variance normalization", Image and Vision Computing 30(1), 2012.
    """

    def _saliency(self, image: np.ndarray) -> np.ndarray:
        from scipy.ndimage import gaussian_filter

        size = image.shape[:2]
        if one_colour(image):
            return np.zeros(size)
        pixels = image.astype(np.float64)
        if max(size) > LARGEST:
            planes = [resize_by_factor(pixels[..., k], 0.5, KERNEL) for k in range(3)]
            pixels = np.stack(planes, axis=-1)
        components = principal_components(pixels)
        total = np.zeros(pixels.shape[:2])
        for number, (plane, scales) in enumerate(zip(components, SCALES, strict=False)):
            total += distinctness(plane, scales, oriented=number == 0)
        total = gaussian_filter(total / len(components), BLUR * max(total.shape), mode="constant")
        return np.maximum(resize(total, size, KERNEL), 0.0)


def distinctness(plane: np.ndarray, scales: int, *, oriented: bool) -> np.ndarray:
    """Squared distance of energies across scales from their mean, in their own variance.

    Args:
        plane: (height, width).
        scales: how many wavelengths, from 6 pixels on.
        oriented: each orientation apart and summed, or energies averaged over orientations.

    Returns:
        float64 (height, width), mean 1; zeros where no energy varies.
    """
    waves = [SHORTEST_WAVE * 2.0**k for k in range(scales)]
    energies = log_gabor_energy(plane, waves, ANGLES, SPREAD)
    groups = list(energies) if oriented else [np.mean(list(energies), axis=0)]
    total = np.sum([squared_distance(group) for group in groups], axis=0)
    mean = total.mean()
    return total / mean if mean > 0 else total


def squared_distance(energies: np.ndarray) -> np.ndarray:
    """Hotelling's T^2 of each pixel: the squared norm after whitening across the first axis.

    Args:
        energies: (n, height, width).

    Returns:
        float64 (height, width).
    """
    flat = energies.reshape(len(energies), -1)
    mean = flat.mean(axis=1, dtype=np.float64, keepdims=True)
    parts = [slice(k, k + BLOCK) for k in range(0, flat.shape[1], BLOCK)]
    covariance = np.zeros((len(flat), len(flat)))
    for part in parts:
        apart = flat[:, part] - mean
        covariance += apart @ apart.T
    values, axes = np.linalg.eigh(covariance / flat.shape[1])
    kept = values > max(values[-1] * LEAST, np.finfo(np.float32).tiny)
    whitening = (axes[:, kept] / np.sqrt(values[kept])).T
    found = np.empty(flat.shape[1])
    for part in parts:
        whitened = whitening @ (flat[:, part] - mean)
        found[part] = np.einsum("ij,ij->j", whitened, whitened)
    return found.reshape(energies.shape[1:])
