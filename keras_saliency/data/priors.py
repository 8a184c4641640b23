"""The log centre bias that probabilistic networks take beside each picture, seen as the picture is.

It is that of the training pictures without the picture's own fixations, which the network would
else be told. Bandwidth and uniform share are fixed: cross-validation (`fit_centre_bias`) takes
minutes for hundreds of pictures and gave 0.031 on OSIE.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from benchmark_kit.errors import ConfigError
from benchmark_kit.imaging.centre_bias import CentreBias as LeftOut
from benchmark_kit.types import Fixations, GroundTruth
from keras_saliency.base.centre_bias import (
    CELLS,
    SQUARE,
    fit_centre_bias,
    log_centre_bias,
    normalised,
)
from keras_saliency.data.sources import Source
from keras_saliency.data.targets import seen
from keras_saliency.data.view import Size, View

BANDWIDTH, UNIFORM = 0.03, 1e-3  # our choice


class Priors:
    """Centre biases of the data sets that batches are made of.

    Args:
        sources: the data sets.
        given: one centre bias for all, as `log_centre_bias` takes it, or a mapping of the sets'
            names to them; None: each set's own, uniform where it has a single picture.

    Raises:
        ConfigError: a mapping that lacks a data set, or what is no centre bias.
    """

    def __init__(self, sources: Sequence[Source], given: Any = None):
        self.own = given is None
        self.biases: dict[str, Any] = {}
        for source in sources:
            self.biases[source.name] = self._fitted(source) if self.own else _chosen(given, source)
        self._left_out: dict[str, LeftOut] = {}
        self._whole: dict[str, np.ndarray] = {}
        for source in sources:
            if self.own and len(source.images) > 1:
                square = [_on_square(truth) for truth in source.images]
                self._left_out[source.name] = LeftOut(square, BANDWIDTH * CELLS, UNIFORM)
            else:
                self._whole[source.name] = np.exp(log_centre_bias(self.biases[source.name], SQUARE))

    @staticmethod
    def _fitted(source: Source) -> Any:
        if len(source.images) < 2:
            return "uniform"
        return fit_centre_bias(source.images, BANDWIDTH, UNIFORM)

    def log_density(self, source: Source, truth: GroundTruth, view: View) -> np.ndarray:
        """The bias on the view's frame.

        Returns:
            float32 (height, width, 1); the exponentials sum to one.
        """
        left_out = self._left_out.get(source.name)
        if left_out is None:
            square = self._whole[source.name]
        else:
            square = left_out.density(SQUARE, without=_on_square(truth).fixations)
        frame: Size = view.plan.frame
        values = np.maximum(seen(view, square, frame), np.finfo(np.float64).tiny)
        return normalised(np.log(values)).astype(np.float32)[..., None]


def _chosen(given: Any, source: Source) -> Any:
    if not isinstance(given, Mapping):
        return given
    if source.name not in given:
        raise ConfigError(
            f"centre_bias names {', '.join(map(str, given))}, and the batches hold {source.name}"
        )
    return given[source.name]


def _on_square(truth: GroundTruth) -> GroundTruth:
    """The picture's fixations at their relative places on a square of 256 cells."""
    found = truth.fixations
    if found is None:
        return GroundTruth(truth.name, SQUARE)
    (height, width), last = truth.size, np.nextafter(CELLS, 0)
    x, y = (np.minimum(CELLS * at / n, last) for at, n in ((found.x, width), (found.y, height)))
    return GroundTruth(truth.name, SQUARE, Fixations(x, y, SQUARE))
