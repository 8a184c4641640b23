"""Gabor filters of the two toolboxes and the edge energy that they measure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

ANGLES = (0, 45, 90, 135)


@dataclass(frozen=True)
class GaborBank:
    """Shape of a filter.

    Args:
        sigma: standard deviation across the stripes, pixels.
        elongation: that along the stripes, as a multiple.
        period: of the wave, pixels.
        reach: pixels on either side; the filter is 2 reach + 1 wide.
    """

    sigma: float
    elongation: float
    period: float
    reach: int

    def filter(self, angle: float, phase: float) -> np.ndarray:
        """Filter of mean 0 and L2 norm 1; angle and phase in degrees."""
        v = np.arange(-self.reach, self.reach + 1.0)
        rows, columns = v[:, None], v[None, :]
        t = np.deg2rad(angle)
        major = rows * np.cos(t) - columns * np.sin(t)
        minor = -rows * np.sin(t) - columns * np.cos(t)
        across, along = 2 * self.sigma**2, 2 * (self.sigma * self.elongation) ** 2
        wave = np.cos(2 * np.pi / self.period * major + np.deg2rad(phase))
        wave *= np.exp(-(major**2) / across - minor**2 / along)
        wave -= wave.mean()
        return wave / np.sqrt((wave**2).sum())


@lru_cache(maxsize=16)
def _spectra(bank: GaborBank, shape: tuple[int, int]) -> np.ndarray:
    from scipy.fft import rfft2

    return rfft2(
        np.array([[bank.filter(angle, phase) for phase in (0, 90)] for angle in ANGLES]), shape
    )


def gabor_energy(values: np.ndarray, bank: GaborBank) -> np.ndarray:
    """Sums of the moduli of the responses of phase 0 and 90, edges replicated.

    Args:
        values: float64 (height, width).
        bank: the filters' shape.

    Returns:
        (4, height, width) for 0, 45, 90 and 135 degrees; zeros for a map of one level, where
        only rounding would respond (our choice).
    """
    from scipy.fft import irfft2, next_fast_len, rfft2

    if values.min() == values.max():
        return np.zeros((len(ANGLES), *values.shape))
    padded = np.pad(values, bank.reach, mode="edge")
    # a circular convolution is the plain one wherever the filter lies inside the padded map
    shape = tuple(next_fast_len(n, real=True) for n in padded.shape)
    responses = irfft2(rfft2(padded, shape) * _spectra(bank, shape), shape)
    height, width = padded.shape
    inside = responses[..., 2 * bank.reach : height, 2 * bank.reach : width]
    return np.abs(inside).sum(axis=1)
