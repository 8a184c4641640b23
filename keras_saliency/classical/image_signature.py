"""Image signature: the signs of a picture's cosine transform (Hou, Harel and Koch, PAMI 2012).

A sparse foreground on a spectrally sparse background survives when all coefficients but their signs
are dropped. The authors' program ends at width 64, because it overwrites the picture by its small
copy; resizing the map to the picture, and the range 0 to 1 after that, are our choice.
"""

from __future__ import annotations

import os

import numpy as np

from benchmark_kit.errors import ConfigError
from benchmark_kit.imaging.min_max import min_max
from benchmark_kit.imaging.resize import resize, resize_by_factor
from keras_saliency.base.array_model import ArrayModel, one_colour
from keras_saliency.classical._colour import gray_of, lab_d50
from keras_saliency.classical._dkl import find_dkl_table
from keras_saliency.classical._filters import gaussian_kernel, imfilter

COLORS = ("lab", "rgb", "dkl", "gray")
WIDTH = 64
KERNEL = "matlab-bicubic-symmetric"
BLUR_SIGMA = 0.045 * WIDTH
BLUR_SIZE = (12, 12)  # four times sigma, rounded; even, so that maps move by half a pixel


class ImageSignature(ArrayModel):
    """Saliency from the signs of cosine coefficients; maps in 0..1.

    A picture of one colour gives zeros.

    Args:
        color: space in which each channel has its signature: `"lab"`, `"rgb"`, `"dkl"` or
            `"gray"`.
        dkl: path of the DKL table, for `"dkl"`.

    Raises:
        ConfigError: unknown space; `"dkl"` and no table.

    Reference: Hou, Harel and Koch, "Image Signature: Highlighting Sparse Salient Regions", PAMI
    34(1), 2012.
    """

    def __init__(self, color: str = "lab", dkl: str | os.PathLike[str] | None = None):
        if color not in COLORS:
            raise ConfigError(f"color must be one of {', '.join(COLORS)}, got {color!r}")
        self.color = color
        self.table = None
        if color == "dkl":
            self.table = find_dkl_table(dkl, "image_signature in DKL", 'color="lab"')

    def _saliency(self, image: np.ndarray) -> np.ndarray:
        size = image.shape[:2]
        if one_colour(image):
            return np.zeros(size)
        return min_max(resize(signature_map(self.channels(image)), size, KERNEL))

    def channels(self, image: np.ndarray) -> np.ndarray:
        """The picture at width 64: float64 (height, 64, 3), or (height, 64, 1) for gray.

        Colours are converted after the resize.
        """
        factor = WIDTH / image.shape[1]
        planes = [resize_by_factor(plane, factor, KERNEL) for plane in np.moveaxis(image, 2, 0)]
        small = np.stack(planes, axis=2) / 255.0
        if self.color == "gray":
            return gray_of(small)[..., None]
        if self.color == "lab":
            return lab_d50(small)
        return small if self.table is None else self.table.convert(small)


def signature_map(channels: np.ndarray) -> np.ndarray:
    """Mean energy of what the signs of each channel's coefficients stand for, blurred, in 0..1.

    Args:
        channels: float64 (height, width, channels).
    """
    from scipy.fft import dctn, idctn

    signs = np.sign(dctn(channels, axes=(0, 1), norm="ortho"))
    energy = (idctn(signs, axes=(0, 1), norm="ortho") ** 2).mean(axis=2)
    return min_max(imfilter(energy, gaussian_kernel(BLUR_SIZE, BLUR_SIGMA)))
