"""`saliency_lite` from the plain installation: ONNX Runtime runs it, no Keras is needed."""

from __future__ import annotations

import os
from collections.abc import Iterable

import numpy as np

from benchmark_kit.types import GroundTruth
from keras_saliency.base.array_model import rgb_pixels
from keras_saliency.lite.adapt import Adaptation, adapt
from keras_saliency.lite.calibration import Calibration
from keras_saliency.lite.density_model import DensityModel
from keras_saliency.lite.session import OnnxNetwork
from keras_saliency.lite.settings import settings_of
from keras_saliency.lite.weights import GRAPH, shipped


class SaliencyLite(DensityModel):
    """The default model: where people look, as a density, in some tenth of a second a picture.

    Args:
        dataset: one of the training sets (`"osie"`, `"mit1003"`, `"pascal_s"`, `"eyecrowd"`), whose
            calibration and centre bias are taken; None: for pictures of no known set.
        gain: factor of the scores besides; below 1 the densities are flatter.
        fitted: a file that `save` wrote after `adapt`, instead of `dataset`.

    Raises:
        ConfigError: an unknown data set, or a gain that is not above 0.
        InputError: a file that `save` did not write.
    """

    def __init__(
        self,
        dataset: str | None = None,
        gain: float = 1.0,
        fitted: str | os.PathLike[str] | None = None,
    ):
        self.weights = shipped()
        self.settings = settings_of(self.weights, dataset, gain, fitted)
        self.network = OnnxNetwork(self.weights, GRAPH.read_bytes())

    def adapt(self, truths: Iterable[GroundTruth]) -> Adaptation:
        """Fit blur, weight of the centre bias, gain and the centre bias itself to some pictures.

        Args:
            truths: pictures with fixations, five or more; some fifty are wanted.

        Returns:
            what was fitted and what it brought, by cross-validation; the model predicts with it
            from now on.

        Raises:
            ConfigError: too few pictures.
            InputError: pictures without fixations or files that cannot be read.
        """

        def scores(truth: GroundTruth) -> np.ndarray:
            assert truth.stimulus is not None
            return self.network.scores(rgb_pixels(truth.stimulus, turned=False))

        start = self.settings
        found = adapt(list(truths), scores, self._calibration(), start.priors[start.prior])
        self.settings = start.adapted(found)
        return found

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write what was adapted, as `.npz`; `load_model` reads it.

        Raises:
            ConfigError: nothing was adapted.
            RunFailed: the folder cannot be written.
        """
        self.settings.write(path)

    def _log_density(self, pixels: np.ndarray, log_prior: np.ndarray) -> np.ndarray:
        return self._calibration().log_density(self.network.scores(pixels), log_prior)

    def _calibration(self) -> Calibration:
        return self.settings.calibration(self.weights.calibrations)
