"""Results as axes of matplotlib: one histogram a metric."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmark_kit.errors import ConfigError, MissingExtra
from benchmark_kit.results.tables import ARROWS, YARDSTICK_HEADS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ACROSS = 3  # axes beside each other
SIZE = 3.4, 2.4  # inches of one
BINS = 20
MARKS = ("chance", "centre_bias", "inter_observer")


def plot_results(
    data: Mapping[str, Any], metrics: Sequence[str] | None, axes: Sequence[Axes] | None
) -> np.ndarray:
    """Histograms of the images' values, with the mean and the yardsticks as lines.

    Args:
        data: a results file's content.
        metrics: column keys; None: all.
        axes: where to draw, one a metric; None: a new figure.

    Returns:
        the axes, an array of shape (metrics,).

    Raises:
        ConfigError: no such column, or another number of axes.
        MissingExtra: matplotlib is not installed.
    """
    keys = list(data["metrics"]) if metrics is None else list(metrics)
    if unknown := [key for key in keys if key not in data["metrics"]]:
        raise ConfigError(
            f"the results have no column {unknown[0]!r}; they have {', '.join(data['metrics'])}"
        )
    places = _new_axes(len(keys)) if axes is None else np.atleast_1d(np.asarray(axes, object))
    if places.shape != (len(keys),):
        raise ConfigError(f"{len(keys)} metrics need as many axes, got {places.shape}")
    for place, key in zip(places, keys, strict=True):
        _draw(place, data, key)
    return places


def _new_axes(count: int) -> np.ndarray:
    try:
        from matplotlib import pyplot
    except ImportError:
        raise MissingExtra("report", "a plot of results") from None
    across = min(ACROSS, max(count, 1))
    down = -(-count // across) or 1
    figure, axes = pyplot.subplots(
        down, across, figsize=(SIZE[0] * across, SIZE[1] * down), squeeze=False, layout="tight"
    )
    for spare in axes.flat[count:]:
        figure.delaxes(spare)
    return axes.flat[:count]


def _draw(place: Axes, data: Mapping[str, Any], key: str) -> None:
    entry = data["metrics"][key]
    values = [row[key] for row in data["images"] if row[key] is not None]
    place.hist(values, bins=BINS, color="0.75")
    if entry["value"] is not None:
        place.axvline(entry["value"], color="C0", label=f"mean {entry['value']:.3f}")
    for kind in MARKS:
        mark = data["yardsticks"].get(kind, {}).get(key, {}).get("value")
        if mark is not None:
            colour = f"C{1 + MARKS.index(kind)}"
            place.axvline(mark, color=colour, linestyle="--", label=YARDSTICK_HEADS[kind])
    place.set_xlabel(f"{entry['label']} {ARROWS[entry['better']]}")
    place.set_ylabel("images")
    if place.get_legend_handles_labels()[0]:
        place.legend(fontsize="small")
