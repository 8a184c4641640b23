"""The centre-bias baseline: people look at the middle, whatever the picture shows.

A Gaussian stretched to the picture's sides, as the MIT benchmark's model "centre"; its width of a
quarter of each side is our choice. With a centre bias that was fitted to a data set (`fit`, or an
array of log density) in its place this is the strongest model that sees no picture.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self

import numpy as np

from benchmark_kit.errors import ConfigError, InputError
from benchmark_kit.types import GroundTruth
from keras_saliency.base.array_file import read_arrays, write_arrays
from keras_saliency.base.array_model import ArrayModel, rgb_pixels
from keras_saliency.base.centre_bias import CentreBias, fit_centre_bias, log_centre_bias, normalised

KIND = "centre_bias"  # as its files say
NUMBERS = ("x", "y", "image", "bandwidth", "uniform")


class CentreBiasBaseline(ArrayModel):
    """A map that depends on the picture's size only, 1 at its highest place.

    Args:
        s: standard deviations of the Gaussian as a share of the width and of the height.
        fitted: None for the Gaussian; else what a probabilistic model takes as its centre bias: a
            `centre_bias.CentreBias` of `fit_centre_bias`, an array of log density, a `.npy` file;
            or a `.npz` file that `save` wrote.

    Raises:
        ConfigError: a width that is not above 0, or no such file.
        InputError: a file or array that is no log density.
    """

    def __init__(self, s: float = 0.25, fitted: Any = None):
        if not 0 < s < np.inf:
            raise ConfigError(f"s must be a share of the picture's side above 0, got {s}")
        self.width = s
        is_file = isinstance(fitted, str | os.PathLike) and str(fitted).endswith(".npz")
        self.fitted = _read(Path(fitted)) if is_file else fitted

    def fit(self, dataset: Iterable[GroundTruth]) -> Self:
        """Learn where people look in a data set's pictures.

        Args:
            dataset: `benchmark_kit.types.Truths`, or any ground truths with fixations.

        Raises:
            ConfigError: fewer than two images with fixations.
        """
        self.fitted = fit_centre_bias(dataset)
        return self

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write what `fit` learned as `.npz`; `load_model` and `fitted=` read it.

        Raises:
            ConfigError: not fitted here.
            RunFailed: the folder cannot be written.
        """
        if not isinstance(self.fitted, CentreBias):
            raise ConfigError("centre_bias has learned nothing yet. Fix: fit(dataset)")
        texts = {"model": KIND, "options": "{}", "dialect": self.fitted.dialect}
        numbers = {name: getattr(self.fitted, name) for name in NUMBERS}
        arrays = {name: np.asarray(value) for name, value in {**texts, **numbers}.items()}
        write_arrays(Path(path), arrays)

    def predict_log_density(self, image: Any) -> np.ndarray:
        """Natural-log density of one picture's next fixation.

        Args:
            image: as for `predict_map`; only its size counts.

        Returns:
            float64 (height, width); its exponentials sum to one.
        """
        return normalised(self._log_map(rgb_pixels(image).shape[:2]))

    def _saliency(self, image: np.ndarray) -> np.ndarray:
        log_map = self._log_map(image.shape[:2])
        return np.exp(log_map if self.fitted is None else log_map - log_map.max())

    def _log_map(self, size: tuple[int, int]) -> np.ndarray:
        if self.fitted is not None:
            return log_centre_bias(self.fitted, size)
        rows, columns = ((np.arange(n) - (n - 1) / 2) / (n * self.width) for n in size)
        return -(rows[:, None] ** 2 + columns[None, :] ** 2) / 2


def _read(path: Path) -> CentreBias:
    found = read_arrays(path, ("model", "dialect", *NUMBERS))
    x, y, image, bandwidth, uniform = (found[name] for name in NUMBERS)
    numbers = all(part.dtype.kind in "fi" and np.isfinite(part).all() for part in (x, y, image))
    same = x.shape == y.shape == image.shape == (x.size,) and x.size > 0
    if str(found["model"]) != KIND or not (numbers and same):
        raise InputError(f"{path} is no fitted {KIND}. Fix: a file that its save wrote")
    try:
        one, share = float(bandwidth), float(uniform)
        return CentreBias(x, y, image, one, share, str(found["dialect"]))
    except (ConfigError, TypeError, ValueError):
        raise InputError(f"{path}: damaged numbers of a centre bias. Fix: copy it again") from None
