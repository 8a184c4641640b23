"""Feature maps and final steps that `itti` and `gbvs` share, as in Harel's GBVS toolbox.

Four channels at levels 2 and up of a pyramid whose level k is 1/2^k of the picture:

    C  two colour opponencies divided by the intensity
    D  three DKL axes, by a table
    I  intensity: the largest of R, G, B, not their mean
    O  four orientations: moduli of two Gabor phases

The toolbox refuses pictures with a side below 128; going on is our choice.
"""

from __future__ import annotations

import numpy as np

from benchmark_kit.errors import ConfigError
from benchmark_kit.imaging.min_max import min_max
from benchmark_kit.imaging.resize import resize
from keras_saliency.classical._dkl import DKLTable
from keras_saliency.classical._filters import attenuate_borders, gaussian_blur
from keras_saliency.classical._gabor import GaborBank, gabor_energy
from keras_saliency.classical._pyramid import halve_float32

CHANNELS = "CDIO"
KERNEL = "matlab-bicubic-symmetric"
BANK = GaborBank(sigma=2.0, elongation=2.0, period=np.pi, reach=13)
FINAL_BORDER = 4


def check_channels(channels: str) -> str:
    """Letters of channels, if they are such.

    Raises:
        ConfigError: none, a letter twice, or an unknown one.
    """
    known = set(CHANNELS)
    if not channels or not set(channels) <= known or len(set(channels)) != len(channels):
        raise ConfigError(
            f"channels must be some of the letters {CHANNELS}, each once, got {channels!r}"
        )
    return channels


def channel_maps(
    image: np.ndarray, channels: str, levels: tuple[int, ...], table: DKLTable | None = None
) -> dict[str, dict[int, np.ndarray]]:
    """Raw feature maps.

    Args:
        image: uint8 RGB (height, width, 3).
        channels: some of the letters `CDIO`.
        levels: of the pyramid, 1 and up.
        table: for channel D.

    Returns:
        channel -> level -> float64 (types, height, width) at the level's own size.
    """
    brightest = np.maximum(np.maximum(image[..., 0], image[..., 1]), image[..., 2])
    planes = np.concatenate([image, brightest[..., None]], axis=2) / 255.0
    maps: dict[str, dict[int, np.ndarray]] = {channel: {} for channel in channels}
    for level in range(1, max(levels) + 1):
        planes = halve_float32(planes)
        if level in levels:
            for channel in channels:
                maps[channel][level] = _features(planes.astype(np.float64), channel, table)
    return maps


def _features(planes: np.ndarray, channel: str, table: DKLTable | None) -> np.ndarray:
    red, green, blue, intensity = np.moveaxis(planes, 2, 0)
    if channel == "C":
        opponents = np.stack([np.abs(blue - np.minimum(red, green)), np.abs(red - green)])
        return np.divide(opponents, intensity, np.zeros_like(opponents), where=intensity != 0)
    if channel == "D":
        assert table is not None
        return np.moveaxis(table.convert(planes[..., :3]), 2, 0)
    if channel == "I":
        return intensity[None]
    return np.stack([attenuate_borders(one, BANK.reach) for one in gabor_energy(intensity, BANK)])


def map_size(height: int, width: int, longest: int) -> tuple[int, int]:
    """(height, width) of the maps whose longer side is given, of a picture's shape."""
    scale = longest / max(height, width)
    return max(1, int(height * scale + 0.5)), max(1, int(width * scale + 0.5))


def master_map(total: np.ndarray, blur_fraction: float) -> np.ndarray:
    """Sum of the channels with its border attenuated, blurred and scaled to 0..1.

    Args:
        total: (height, width).
        blur_fraction: standard deviation of the blur as a share of the longer side; 0: none.
    """
    found = min_max(attenuate_borders(total, FINAL_BORDER))
    if not blur_fraction:
        return found
    sigma = blur_fraction * max(found.shape)
    return min_max(gaussian_blur(found, sigma, int(2 * sigma + 0.5), "replicate"))


def to_picture(master: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """A map at the picture's size, scaled to 0..1."""
    return min_max(resize(master, size, KERNEL))
