"""Judd's model: a linear classifier of 29 features (Judd, Ehinger, Durand, Torralba, ICCV 2009).

Of the paper's 33 features those of horizon, cars, people and faces are left out, as they need
detectors. The weights come from the user's data: the authors' model is not shipped.
"""

from __future__ import annotations

import os
from typing import ClassVar

import numpy as np

from benchmark_kit.errors import MissingExtra
from benchmark_kit.imaging.density import DensitySpec, density_of
from benchmark_kit.imaging.resize import resize
from benchmark_kit.types import GroundTruth
from keras_saliency.base.array_model import one_colour, rgb_pixels
from keras_saliency.base.estimator import Estimator
from keras_saliency.classical._judd_features import COUNT, KERNEL, SIZE, judd_features
from keras_saliency.classical._matlab_bilinear import resize_bilinear

DRAWN = 10  # pixels of each kind from each image
TOP, BOTTOM = 0.2, 0.7  # shares of a fixation map that count as looked at and as not


class Judd(Estimator):
    """Distance to a plane between looked-at and other pixels; zeros for a picture of one colour.

    `fit` draws ten pixels from the top 20 % and ten from the bottom 70 % of each image's blurred
    fixation map, 24/1024 of the longer side wide, scales features to mean 0 and variance 1 over
    them, and trains a linear support vector machine. Width of the blur, C = 1 and the drawn places
    are our choice. Maps are resized bicubically to the picture and may be negative.

    Args:
        fitted: a file that `save` wrote.
        seed: of the drawn pixels and of the classifier.

    Raises:
        ConfigError: no such file; `predict_map` before `fit`.
        InputError: a file of another kind; images without fixations, or with sides below 32.
        MissingExtra: `fit` without scikit-learn.

    Reference: Judd, Ehinger, Durand and Torralba, "Learning to predict where humans look",
    ICCV 2009; features of the authors' MATLAB tools.
    """

    kind = "judd"
    shapes: ClassVar = {"means": (COUNT,), "scales": (COUNT,), "weights": (COUNT,), "bias": (1,)}

    def __init__(self, fitted: str | os.PathLike[str] | None = None, seed: int = 0):
        super().__init__(fitted)
        self.seed = seed

    def _learn(self, truths: list[GroundTruth]) -> dict[str, np.ndarray]:
        try:
            from sklearn.svm import LinearSVC
        except ImportError:
            raise MissingExtra("learn", "fit of judd") from None
        rng = np.random.default_rng(self.seed)
        drawn = [_drawn(truth, rng) for truth in truths]
        features = np.concatenate(drawn)
        looked_at = np.tile(np.arange(2 * DRAWN) < DRAWN, len(drawn))
        means, scales = features.mean(axis=0), features.std(axis=0)
        scales[scales == 0] = 1.0
        machine = LinearSVC(dual="auto", C=1.0, random_state=self.seed, max_iter=100_000)
        machine.fit((features - means) / scales, looked_at)
        return {
            "means": means,
            "scales": scales,
            "weights": machine.coef_[0].astype(np.float64),
            "bias": machine.intercept_.astype(np.float64),
        }

    def _saliency(self, image: np.ndarray) -> np.ndarray:
        known = self._known()
        if one_colour(image):
            return np.zeros(image.shape[:2])
        scaled = (judd_features(image) - known["means"]) / known["scales"]
        return resize(scaled @ known["weights"] + known["bias"], image.shape[:2], KERNEL)


def _drawn(truth: GroundTruth, rng: np.random.Generator) -> np.ndarray:
    """Features of ten pixels that were looked at, then of ten that were not."""
    assert truth.stimulus is not None
    assert truth.fixations is not None
    features = judd_features(rgb_pixels(truth.stimulus, turned=False)).reshape(-1, COUNT)
    density = density_of(truth.fixations, DensitySpec()).values
    order = np.argsort(resize_bilinear(density, SIZE), axis=None, kind="stable")
    bottom, top = order[: round(BOTTOM * len(order))], order[-round(TOP * len(order)) :]
    places = [rng.choice(part, DRAWN, replace=False) for part in (top, bottom)]
    return features[np.concatenate(places)]
