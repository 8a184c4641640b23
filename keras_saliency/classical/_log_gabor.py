"""Energy of log-Gabor filters (Field 1987), which the two re-derived models share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np

MARGIN = 32  # pixels of mirrored border, against the wrap-around of the transform
BANDWIDTH = np.log(0.55)  # of the radial Gaussian over log frequency: about two octaves


def log_gabor_energy(
    plane: np.ndarray, wavelengths: Sequence[float], angles: int, spread: float
) -> Iterator[np.ndarray]:
    """Moduli of the responses of even and odd filters together, one orientation after the other.

    Args:
        plane: (height, width).
        wavelengths: of the filters' peaks, pixels.
        angles: how many orientations there are in half a turn.
        spread: standard deviation of the angular Gaussian, radians.

    Yields:
        float32 (wavelengths, height, width).
    """
    from scipy.fft import fft2, ifft2, next_fast_len

    height, width = plane.shape
    padded = np.pad(plane.astype(np.float32), MARGIN, mode="symmetric")
    size = tuple(next_fast_len(n) for n in padded.shape)
    spectrum = fft2(padded, size)
    inside = (slice(MARGIN, MARGIN + height), slice(MARGIN, MARGIN + width))
    radial, angular = _bank(size, tuple(wavelengths), angles, spread)
    for turn in angular:
        turned = spectrum * turn
        yield np.stack([np.abs(ifft2(turned * band)[inside]) for band in radial])


@lru_cache(maxsize=4)
def _bank(
    size: tuple[int, int], wavelengths: tuple[float, ...], angles: int, spread: float
) -> tuple[np.ndarray, np.ndarray]:
    """Radial (wavelengths, *size) and angular (angles, *size) parts in the frequency plane."""
    down, across = (np.fft.fftfreq(n) for n in size)
    frequency = np.hypot(down[:, None], across[None, :])
    frequency[0, 0] = 1.0  # its response is set to nothing below
    direction = np.arctan2(down[:, None], across[None, :])
    radial = np.stack(
        [np.exp(-(np.log(frequency * w) ** 2) / (2 * BANDWIDTH**2)) for w in wavelengths]
    )
    radial[:, 0, 0] = 0
    # one half of the plane only, so that the modulus joins even and odd filters
    turns = np.arange(angles) * np.pi / angles
    apart = np.angle(np.exp(1j * (direction - turns[:, None, None])))
    angular = np.exp(-(apart**2) / (2 * spread**2))
    return radial.astype(np.float32), angular.astype(np.float32)


def principal_components(image: np.ndarray) -> np.ndarray:
    """A picture's colours by their principal axes, of unit variance, the strongest first.

    Args:
        image: (height, width, 3), more than one colour.

    Returns:
        float64 (n, height, width), n the number of axes that vary: 1 for a gray picture.
    """
    colours = image.reshape(-1, 3).astype(np.float64)
    colours -= colours.mean(axis=0)
    values, axes = np.linalg.eigh(colours.T @ colours / len(colours))
    kept = values > values[-1] * 1e-9
    axes = axes[:, kept][:, ::-1]
    axes *= np.where(axes.sum(axis=0) < 0, -1, 1)  # an axis' sign is arbitrary
    found = colours @ axes / np.sqrt(values[kept][::-1])
    return found.T.reshape(-1, *image.shape[:2])
