"""Attention by information maximisation (Bruce and Tsotsos, Journal of Vision 2009).

A place is salient by how unlikely its filter responses are among those of the same picture. The
filters are independent components of natural patches; the authors' own are not ours to ship.
Deviating from the programs, whose maps end there, a map of a scaled picture is resized to the
picture (our choice).
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from benchmark_kit.errors import ConfigError
from benchmark_kit.imaging.resize import resize, resize_by_factor
from keras_saliency.base.array_model import ArrayModel, one_colour
from keras_saliency.classical._filters import gaussian_kernel, imfilter
from keras_saliency.classical._sparse_bases import find_aim_basis

KERNEL = "matlab-bicubic-symmetric"
METHODS = ("histogram", "parzen")
SCALINGS = ("feature", "all")
DEFAULTS = {"basis": "21jade950", "bins": 1000, "scaling": "feature", "convolve": False}
# settings of programs and wrappers where they differ from the authors' own program
PRESETS: dict[str | None, dict[str, Any]] = {
    None: {},
    "pysaliency": {"basis": "31jade950", "convolve": True},
    "smiler": {"bins": 256, "scaling": "all"},
}
LEAST = 1e-6  # added to every likelihood
PARZEN_STEP, PARZEN_READ = 0.01, 99  # the read-out is one step low at the top, as in the program
PARZEN_REACH = 9  # standard deviations; exp(-9^2 / 2) is below the sums' rounding
BLUR_SIZE, BLUR_SIGMA = 30, 8.0


class AIM(ArrayModel):
    """Self-information of filter responses, in nats; zeros for a picture of one colour.

    A border of half a patch has the map's minimum, a picture smaller than a patch is zero (our
    choice).

    Args:
        basis: which of the authors' bases: patch side, algorithm, variance kept (`"21jade950"`).
        bases: folder of their files, or one file; None: the variable `AIM_BASES`.
        resize: factor that the picture is scaled by first.
        method: how responses' likelihood is estimated: `"histogram"`, or `"parzen"` windows.
        bins: of the histogram.
        scaling: of the histogram's range: each `"feature"` its own, or one for `"all"`.
        convolve: blur the map by the program's Gaussian of 8 pixels.
        preset: None, `"pysaliency"` or `"smiler"`: settings of theirs; what is given besides holds.

    Raises:
        ConfigError: an unknown choice, or a file that is not there.
        InputError: a file that is no basis.

    Reference: Bruce and Tsotsos, "Saliency, attention, and visual search: an information theoretic
    approach", Journal of Vision 9(3):5, 2009; their program AIM.m and SMILER's form of it.
    """

    def __init__(
        self,
        basis: str | None = None,
        bases: str | os.PathLike[str] | None = None,
        resize: float = 1.0,
        method: str = "histogram",
        bins: int | None = None,
        scaling: str | None = None,
        convolve: bool | None = None,
        preset: str | None = None,
    ):
        if preset not in PRESETS:
            known = ", ".join(name for name in PRESETS if name)
            raise ConfigError(f"aim: preset must be one of {known}, got {preset!r}")
        given = {"basis": basis, "bins": bins, "scaling": scaling, "convolve": convolve}
        chosen = {name: value for name, value in given.items() if value is not None}
        settings = {**DEFAULTS, **PRESETS[preset], **chosen}
        wrong = [
            f"{name} must be one of {', '.join(choices)}, got {value!r}"
            for name, choices, value in (
                ("method", METHODS, method),
                ("scaling", SCALINGS, settings["scaling"]),
            )
            if value not in choices
        ]
        if not 0 < resize <= 4:
            wrong.append(f"resize must be a factor above 0, at most 4, got {resize}")
        if settings["bins"] < 2:
            wrong.append(f"bins must be 2 or more, got {settings['bins']}")
        if wrong:
            raise ConfigError("aim: " + "; ".join(wrong))
        self.filters = find_aim_basis(bases, settings["basis"])
        self.factor, self.method = resize, method
        self.bins, self.scaling = settings["bins"], settings["scaling"]
        self.convolve = settings["convolve"]

    def _saliency(self, image: np.ndarray) -> np.ndarray:
        found = self.information(image)
        return np.maximum(resize(found, image.shape[:2], KERNEL), 0.0)

    def information(self, image: np.ndarray) -> np.ndarray:
        """The map at the size of the scaled picture, its border flat."""
        pixels = image / 255.0
        if self.factor != 1:
            planes = [resize_by_factor(pixels[..., k], self.factor, KERNEL) for k in range(3)]
            pixels = np.stack(planes, axis=-1)
        side = self.filters.shape[1]
        if one_colour(image) or min(pixels.shape[:2]) < side:
            return np.zeros(pixels.shape[:2])
        answers = responses(pixels, self.filters)
        if self.method == "parzen":
            inside = parzen_information(answers)
        else:
            inside = histogram_information(answers, self.bins, self.scaling == "all")
        if self.convolve:
            down = gaussian_kernel((BLUR_SIZE, 1), BLUR_SIGMA)
            inside = imfilter(imfilter(inside, down), down.T)
        return np.pad(inside, side // 2, constant_values=inside.min())


def responses(pixels: np.ndarray, filters: np.ndarray) -> np.ndarray:
    """Inner products of filters and patches, wherever a patch fits.

    Args:
        pixels: float64 (height, width, 3).
        filters: float64 (n, side, side, 3).

    Returns:
        float64 (n, height - side + 1, width - side + 1).
    """
    from scipy import fft

    height, width = pixels.shape[:2]
    size = tuple(fft.next_fast_len(n, real=True) for n in (height, width))
    side = filters.shape[1]
    spectrum = fft.rfft2(np.moveaxis(pixels, -1, 0), size)
    found = np.empty((len(filters), height - side + 1, width - side + 1))
    for k, planes in enumerate(np.moveaxis(filters, -1, 1)):
        product = (spectrum * fft.rfft2(planes, size).conj()).sum(axis=0)
        found[k] = fft.irfft2(product, size)[: found.shape[1], : found.shape[2]]
    return found


def histogram_information(answers: np.ndarray, bins: int, common: bool) -> np.ndarray:
    """Summed -ln(share of the own bin + 1e-6) of every place.

    Args:
        answers: (n, height, width).
        bins: evenly spaced between the extremes, the outer two half as wide.
        common: one range for all filters.

    Returns:
        (height, width).
    """
    total = np.zeros(answers.shape[1:])
    for values in _scaled(answers, common):
        index = (values * (bins - 1) + 0.5).astype(np.intp)
        counts = np.bincount(index.ravel(), minlength=bins)
        total -= np.log(counts / index.size + LEAST)[index]
    return total


def parzen_information(answers: np.ndarray) -> np.ndarray:
    """The same by Gaussian windows of 0.01 at 101 places of each response's own range.

    Args:
        answers: (n, height, width).
    """
    places = round(1 / PARZEN_STEP) + 1
    total = np.zeros(answers.shape[1:])
    for values in _scaled(answers, common=False):
        at = values.ravel() / PARZEN_STEP
        nearest = np.floor(at + 0.5).astype(np.intp)
        # exp(-(d + k)^2 / 2) is exp(-d^2 / 2) exp(-d)^k exp(-k^2 / 2): one exponential for all k
        d = nearest - at
        weights, step = np.exp(-(d**2) / 2 + PARZEN_REACH * d), np.exp(-d)
        density = np.zeros(places + 2 * PARZEN_REACH)
        for k in range(-PARZEN_REACH, PARZEN_REACH + 1):
            near = np.bincount(nearest, weights, minlength=places)
            start = PARZEN_REACH + k
            density[start : start + places] += near * np.exp(-(k**2) / 2)
            weights *= step
        density = density[PARZEN_REACH : PARZEN_REACH + places]
        read = (values * PARZEN_READ + 0.5).astype(np.intp)
        total -= np.log(density / density.sum() + LEAST)[read]
    return total


def _scaled(answers: np.ndarray, common: bool) -> Any:
    """Each filter's responses in 0..1."""
    for values in answers:
        of = answers if common else values
        low, high = of.min(), of.max()
        yield (values - low) / (high - low) if high > low else np.zeros_like(values)
