"""The kit's metrics as Keras metrics: `model.compile(metrics=[NSS(), CC("mit")])`.

Constants come from the kit's dialects, values from its formulas, and each object is a running mean
over images. Images for which a dialect has no value (no fixation, a constant density) are left
out, as in the kit's tables, and counted in `left_out`; a map that is not finite makes the mean nan.

A metric of points refuses a density, as the kit does: a map of fixations holds whole numbers, and
does not count hundreds where most of its pixels are fixated. Called eagerly it raises; in a
compiled step, where the values are not known, such an image makes the mean nan and is counted in
`refused`.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from benchmark_kit.dialects import get_dialect
from benchmark_kit.errors import ConfigError
from benchmark_kit.metrics import METRICS, MetricFacts
from benchmark_kit.metrics.ig import mean_log2
from benchmark_kit.prepared.forms import PreparedTruth
from keras_saliency.ops.batch_maps import BatchMap, check_sizes, flatten, planes

NAN = float("nan")
# A density of 8 bits has both; counts on a network's small grid may have the first alone.
MOST_FIXATED = 0.2  # share of pixels; the kit's limit for maps of points
MOST_COUNTED = 100  # fixations on one pixel


class SaliencyMetric(keras.metrics.Metric):
    """Mean of a metric over images.

    Args:
        dialect: the benchmark whose constants are used (`benchmark_kit.dialects`).
        name: key in Keras' logs; the kit's name by default.
        dtype: `"float64"` for sums and formulas in float64; anything else is float32.

    Shapes:
        y_true: (batch, rows, columns[, 1]), a density or a map of fixations (0 or 1, or counts),
            whichever the metric needs; or (batch, rows, columns, 2), the density before the
            fixations, of which each metric takes its own.
        y_pred: maps (batch, rows, columns[, 1]).
        sample_weight: (batch,), or None.

    Attributes:
        left_out: variable, number of images that have no value and were left out of the mean.
        refused: variable, number of images whose fixations were a density (compiled steps).

    Range: maps and densities between 1e-15 and 1e15 in float32, where squares neither vanish nor
    overflow (1e-60 to 1e60 in float64).

    Raises:
        benchmark_kit.errors.ConfigError: unknown dialect, or one that has no such metric.
        ValueError: other shapes, or a density where fixations are due.
    """

    kit: Any
    """The metric's public function in the kit."""

    def __init__(
        self, dialect: str = "tuebingen", name: str | None = None, dtype: str | None = None
    ):
        constants = self.kit.constants_in(dialect)
        super().__init__(name=name or self.kit.facts.name, dtype=dtype)
        self.dialect = dialect
        self.constants = dict(constants)
        self.binary = get_dialect(dialect).binary
        self.floats = "float64" if self.dtype == "float64" else "float32"
        self.total = self.add_variable((), "zeros", dtype=self.floats, name="total")
        self.count = self.add_variable((), "zeros", dtype=self.floats, name="count")
        self.left_out = self.add_variable((), "zeros", dtype=self.floats, name="left_out")
        self.refused = self.add_variable((), "zeros", dtype=self.floats, name="refused")

    @property
    def facts(self) -> MetricFacts:
        """What a table or a training loop must know: label, direction, range, unit."""
        return self.kit.facts

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add a batch."""
        values = self.values(y_true, y_pred)
        weight = ops.ones_like(values)
        if sample_weight is not None:
            weight = ops.reshape(ops.cast(sample_weight, self.floats), (-1,))
        (maps,) = planes(y_pred, "y_pred", 1, dtype=self.floats)
        refused = self._refused(planes(y_true, "y_true", 1, 2, dtype=self.floats))
        kept = ops.isfinite(values) | self._spoilt(maps) | refused
        zero = ops.zeros_like(values)
        self.left_out.assign_add(ops.sum(ops.cast(~kept, self.floats)))
        self.refused.assign_add(ops.sum(ops.cast(refused, self.floats)))
        self.total.assign_add(ops.sum(ops.where(kept, values * weight, zero)))
        self.count.assign_add(ops.sum(ops.where(kept, weight, zero)))

    def _spoilt(self, maps: Any) -> Any:
        """Whether a missing value is the map's fault and must not be passed over, bool (batch,)."""
        spoilt = ~ops.all(ops.isfinite(maps), axis=(1, 2))
        if self.kit.form(self.constants).logarithm:
            # a negative map has no logarithm
            spoilt = spoilt | (ops.min(maps, axis=(1, 2)) < 0)
        return spoilt

    def _refused(self, truth: list[Any]) -> Any:
        """Whether an image's map of fixations is a density, bool (batch,)."""
        counts = flatten(truth[-1])
        if self.facts.needs == "density":
            return ops.zeros_like(counts[:, 0], dtype="bool")
        whole = ops.all((counts >= 0) & (counts == ops.floor(counts)), axis=-1)
        fixated = ops.mean(ops.cast(counts != 0, self.floats), axis=-1)
        crowded = (fixated > MOST_FIXATED) & (ops.max(counts, axis=-1) >= MOST_COUNTED)
        return ~whole | crowded

    def _raise_refused(self, refused: Any) -> None:
        """Raise where the values are known; a compiled step only counts."""
        try:
            known = np.asarray(ops.convert_to_numpy(refused))
        except (NotImplementedError, TypeError, AttributeError):
            return  # what a symbolic tensor answers
        if known.any():
            raise ValueError(
                f"{self.name}: y_true must be a map of fixations (whole numbers, and not up to "
                f"{MOST_COUNTED} and more where over {MOST_FIXATED:.0%} of the pixels have some); "
                f"found a density for image {int(np.argmax(known))} of the batch. Give the map of "
                "fixations, or both as channels, the density first."
            )

    def values(self, y_true: Any, y_pred: Any) -> Any:
        """The metric of each image, (batch,); nan where it has none.

        Raises:
            ValueError: a density where fixations are due, if the values are known.
        """
        (maps,) = planes(y_pred, "y_pred", 1, dtype=self.floats)
        truth = planes(y_true, "y_true", 1, 2, dtype=self.floats)
        check_sizes(truth[0], maps)
        refused = self._refused(truth)
        usable = ops.all(ops.isfinite(maps), axis=(1, 2)) & ~refused
        values = self._compute(BatchMap(maps), truth)
        self._raise_refused(refused)
        return ops.where(usable, values, NAN * ops.ones_like(values))

    def _compute(self, prepared: BatchMap, truth: list[Any]) -> Any:
        if self.facts.needs == "density":
            return self._against_density(prepared, truth[0])
        counts = flatten(truth[-1])
        if self.binary:
            counts = ops.cast(counts > 0, counts.dtype)
        some = ops.sum(counts, axis=-1) > 0
        values = self._at_points(prepared, counts)
        return ops.where(some, values, NAN * ops.ones_like(values))

    def _against_density(self, prepared: BatchMap, density: Any) -> Any:
        if self.kit.form(self.constants).logarithm:
            # the ringing of a Fourier blur has no logarithm
            density = ops.maximum(density, 0)
        truth = PreparedTruth(density=BatchMap(density))
        return self.kit.compute(prepared, truth, **self.constants)

    def _at_points(self, prepared: BatchMap, counts: Any) -> Any:
        return self.kit.compute(prepared, PreparedTruth(), mask=counts, **self.constants)

    def result(self) -> Any:
        """The mean over the images that have a value; nan if none has."""
        return self.total / self.count

    def get_config(self) -> dict:
        """The arguments to build the metric again."""
        return {**super().get_config(), "dialect": self.dialect}


class InformationGain(SaliencyMetric):
    """Mean information gain of maps over images; the name is `ig_map`, as in the kit's tables.

    Args:
        dialect: as in `SaliencyMetric`.
        baseline: what the gain is measured against: `"uniform"`, or a map (rows, columns) of the
            size of y_pred, the centre bias for example.
        name: as in `SaliencyMetric`.
        dtype: as in `SaliencyMetric`.

    Raises:
        ValueError: a baseline that is no map, or of another size than y_pred.
    """

    def __init__(
        self,
        dialect: str = "tuebingen",
        baseline: Any = "uniform",
        name: str | None = None,
        dtype: str | None = None,
    ):
        super().__init__(dialect, name, dtype)
        if name is None and self.constants["form"] == "map":
            self.name = "ig_map"
        if not isinstance(baseline, str):
            baseline = np.asarray(baseline, dtype=np.float64)
        if (baseline != "uniform") if isinstance(baseline, str) else baseline.ndim != 2:
            raise ValueError(
                f'baseline must be "uniform" or a map (rows, columns); found {baseline!r}. '
                "Give the map without batch and channel axes."
            )
        self.baseline = baseline

    def _at_points(self, prepared: BatchMap, counts: Any) -> Any:
        truth = PreparedTruth()
        truth.baseline = self._baseline(prepared, counts)
        return self.kit.compute(prepared, truth, mask=counts, **self.constants)

    def _baseline(self, prepared: BatchMap, counts: Any) -> Any:
        if isinstance(self.baseline, str):
            return -ops.log2(ops.cast(prepared.n, self.floats))
        base = ops.convert_to_tensor(self.baseline[None], dtype=self.floats)
        check_sizes(base, prepared.pixels)
        return mean_log2(BatchMap(base), None, mask=counts, **self.constants)

    def get_config(self) -> dict:
        """The arguments to build the metric again."""
        given = self.baseline
        return {
            **super().get_config(),
            "baseline": given if isinstance(given, str) else given.tolist(),
        }


class ExactArea(SaliencyMetric):
    """Mean exact area under the ROC curve over images, ties counted one half.

    Raises:
        benchmark_kit.errors.ConfigError: a dialect whose area draws pixels at random.
    """

    def __init__(
        self, dialect: str = "tuebingen", name: str | None = None, dtype: str | None = None
    ):
        super().__init__(dialect, name, dtype)
        if self.constants["negatives"] != "all":
            raise ConfigError(
                f"the exact area counts all pixels as negatives; dialect {dialect!r} draws some at "
                "random. Fix: ExactAUC('tuebingen')"
            )

    def _at_points(self, prepared: BatchMap, counts: Any) -> Any:
        # No binary search: compiled, it would compare every pixel with every other. Pixels of one
        # value form a group; a fixation wins over all lower groups and half of its own.
        flat = prepared.flat
        order = ops.argsort(flat, axis=-1)
        ordered = ops.take_along_axis(flat, order, axis=-1)
        steps = ops.cast(ordered[:, 1:] != ordered[:, :-1], "int32")
        group = ops.pad(ops.cumsum(steps, axis=-1), ((0, 0), (1, 0)))
        batch, n = ops.shape(flat)
        group = group + n * ops.arange(batch, dtype="int32")[:, None]

        def of_groups(weights: Any) -> Any:
            sums = ops.segment_sum(
                ops.reshape(weights, (-1,)), ops.reshape(group, (-1,)), batch * n
            )
            return ops.reshape(sums, (batch, n))

        positives = of_groups(ops.take_along_axis(counts, order, axis=-1))
        pixels = of_groups(ops.ones_like(order, dtype="int32"))
        below_or_half = ops.cast(2 * ops.cumsum(pixels, axis=-1) - pixels, self.floats)
        # both factors are shares, so that float32 keeps seven digits of any number of pairs
        share = positives / ops.sum(positives, axis=-1, keepdims=True)
        return ops.sum(share * (below_or_half / (2 * prepared.n)), axis=-1)


def _metric(class_name: str, key: str, base: type = SaliencyMetric) -> Any:
    """The Keras class of a metric of the kit."""
    kit = METRICS[key]
    facts = kit.facts
    text = (
        f"{facts.label}: {kit.__doc__.splitlines()[0]} The mean over images; {facts.better} is "
        f"better. Defined by `benchmark_kit.metrics.{key}`.\n\n    {base.__doc__}"
    )
    made = type(class_name, (base,), {"kit": kit, "__doc__": text, "__module__": __name__})
    return keras.saving.register_keras_serializable(package="keras_saliency")(made)


NSS = _metric("NSS", "nss")
CC = _metric("CC", "cc")
SIM = _metric("SIM", "sim")
KL = _metric("KL", "kl")
IG = _metric("IG", "ig", InformationGain)
ExactAUC = _metric("ExactAUC", "auc", ExactArea)
