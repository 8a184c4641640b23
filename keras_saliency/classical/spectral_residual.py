"""Spectral residual: what is unexpected in a picture's log spectrum (Hou and Zhang, CVPR 2007).

The log amplitude spectra of natural pictures look alike; what is left after subtracting a local
mean, together with the phase, gives back the places that stand out. Constants are those of the
authors' MATLAB program: width 64, a 3 x 3 mean, a 10 x 10 Gaussian of sigma 2.5 (the paper's text
says 8). The program ends with a map of width 64; resizing it to the picture is our choice.
"""

from __future__ import annotations

import numpy as np

from benchmark_kit.imaging.min_max import min_max
from benchmark_kit.imaging.resize import resize, resize_by_factor
from keras_saliency.base.array_model import ArrayModel
from keras_saliency.classical._colour import gray_levels
from keras_saliency.classical._filters import gaussian_kernel, imfilter

WIDTH = 64
KERNEL = "matlab-bicubic-symmetric"
BLUR_SIZE, BLUR_SIGMA = (10, 10), 2.5


class SpectralResidual(ArrayModel):
    """Saliency from the residual of the log amplitude spectrum; deterministic, blind to colour.

    Its maps have their minimum near 0 and their maximum near 1 (before the resize: exactly). A
    picture of one gray level gives zeros.

    Reference: Hou and Zhang, "Saliency Detection: A Spectral Residual Approach", CVPR 2007.
    """

    def _saliency(self, image: np.ndarray) -> np.ndarray:
        gray = gray_levels(image)
        if gray.min() == gray.max():
            return np.zeros(gray.shape)
        small = shrink(gray)
        saliency = residual_map(spectral_residual(small), small)
        return np.maximum(resize(saliency, gray.shape, KERNEL), 0.0)


def shrink(gray: np.ndarray) -> np.ndarray:
    """8-bit gray (height, width) as float64 in about 0..1 of width 64."""
    return resize_by_factor(gray / 255.0, WIDTH / gray.shape[1], KERNEL)


def spectral_residual(small: np.ndarray) -> np.ndarray:
    """Log amplitude minus its 3 x 3 mean, edges replicated; same shape as the picture."""
    # the smallest normal number keeps exact zeros of the spectrum finite and changes nothing else
    log_amplitude = np.log(np.abs(np.fft.fft2(small)) + np.finfo(np.float64).tiny)
    return log_amplitude - imfilter(log_amplitude, np.full((3, 3), 1 / 9), "replicate")


def residual_map(residual: np.ndarray, small: np.ndarray) -> np.ndarray:
    """Energy of the residual under the picture's phase, blurred, scaled to 0..1."""
    phase = np.angle(np.fft.fft2(small))
    # the final scaling undoes this factor, without which a spectrum with zeros (stripes) overflows
    amplitude = np.exp(residual - residual.max())
    energy = np.abs(np.fft.ifft2(amplitude * np.exp(1j * phase))) ** 2
    return min_max(imfilter(energy, gaussian_kernel(BLUR_SIZE, BLUR_SIGMA)))
