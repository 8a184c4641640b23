"""Spectral residual as OpenCV has it (opencv_contrib, module saliency).

It differs from the authors' program in most steps: a square picture of 64 x 64, pixels in 0..255,
the logarithm of amplitude + 1, a nearly flat blur of 5 x 5 and squares taken after it.
"""

from __future__ import annotations

import numpy as np

from keras_saliency.base.array_model import ArrayModel, one_colour
from keras_saliency.classical._colour import opencv_gray_levels
from keras_saliency.classical._filters import gaussian_kernel
from keras_saliency.classical._opencv_pixels import resize_linear, shrink_linear

SIDE = 64
BLUR_SIZE, BLUR_SIGMA = (5, 5), 8.0


class SpectralResidualOpenCV(ArrayModel):
    """Saliency from the residual of the log spectrum; blind to colour; maps in 0..1.

    A picture of one colour gives zeros (our choice).

    Reference: Hou and Zhang, CVPR 2007; OpenCV, StaticSaliencySpectralResidual.
    """

    def _saliency(self, image: np.ndarray) -> np.ndarray:
        size = image.shape[:2]
        if one_colour(image):
            return np.zeros(size)
        return resize_linear(residual_map(shrink(image)), size)


def shrink(image: np.ndarray) -> np.ndarray:
    """8-bit gray of 64 x 64 pixels of a picture uint8 (height, width, 3)."""
    gray = shrink_linear(image, (SIDE, SIDE), opencv_gray_levels)
    return np.floor(gray + 0.5).astype(np.uint8)


def residual_map(small: np.ndarray) -> np.ndarray:
    """Map of a gray picture, its maximum 1; float64 of the same shape."""
    from scipy.ndimage import correlate, uniform_filter

    spectrum = np.fft.fft2(small.astype(np.float64))
    log_amplitude = np.log(np.abs(spectrum) + 1)
    residual = log_amplitude - uniform_filter(log_amplitude, 3, mode="mirror")
    phase = np.angle(spectrum)
    # without the 1 / N of the inverse, which the last step would undo
    amplitude = np.abs(np.fft.ifft2(np.exp(residual + 1j * phase)))
    energy = correlate(amplitude, gaussian_kernel(BLUR_SIZE, BLUR_SIGMA), mode="mirror") ** 2
    return energy / energy.max()
