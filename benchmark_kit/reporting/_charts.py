"""Numbers of the small charts of a report; the template draws them, so colours follow the theme.

A chart is 300 units wide; x runs from 38 to 290, y from 12 (top) to 108 (base line).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

import numpy as np

LEFT, RIGHT, TOP, BASE = 38.0, 290.0, 12.0, 108.0
MOST_BINS = 30


@dataclass(frozen=True)
class Line:
    """One model's distribution.

    Args:
        label: the model.
        path: SVG path of the outline.
        mean_x: place of its mean.
        words: what the line shows, for readers who do not see it.
    """

    label: str
    path: str
    mean_x: float
    words: str


@dataclass(frozen=True)
class Chart:
    """How many images have which value, of one metric and every model.

    Args:
        key: the metric's column.
        title: its label and direction.
        lines: one a model.
        ticks: (place, text) below the axis.
        counts: (place, text) beside the axis of images.
    """

    key: str
    title: str
    lines: tuple[Line, ...]
    ticks: tuple[tuple[float, str], ...]
    counts: tuple[tuple[float, str], ...]


def histogram_chart(
    key: str, title: str, labels: Sequence[str], values: Sequence[np.ndarray]
) -> Chart | None:
    """The distribution of a metric over images; None where no image has a value.

    Args:
        key: column key.
        title: what stands above.
        labels: the models.
        values: each model's finite values, one an image.
    """
    known = np.concatenate(values)
    if not len(known):
        return None
    low, high = float(known.min()), float(known.max())
    if not high - low > 1e-9 * max(abs(low), abs(high)):
        low, high = low - 0.5, high + 0.5
    bins = min(MOST_BINS, max(5, ceil(len(values[0]) ** 0.5)))
    edges = np.linspace(low, high, bins + 1)
    counts = [np.histogram(part, edges)[0] for part in values]
    top = int(max(count.max() for count in counts))

    def place(value: float) -> float:
        return round(LEFT + (RIGHT - LEFT) * (value - low) / (high - low), 2)

    lines = []
    for label, part, count in zip(labels, values, counts, strict=True):
        if not len(part):
            continue
        heights = BASE - (BASE - TOP) * count / top
        steps = [f"M{LEFT:g} {BASE:g}"]
        for k, y in enumerate(heights):
            steps.append(f"V{y:.1f}H{place(edges[k + 1]):g}")
        quarters = np.quantile(part, [0.25, 0.5, 0.75])
        words = (
            f"{label}: mean {part.mean():.3f}, median {quarters[1]:.3f}, middle half "
            f"{quarters[0]:.3f} to {quarters[2]:.3f}, {len(part)} images"
        )
        lines.append(Line(label, "".join(steps) + f"V{BASE:g}Z", place(part.mean()), words))
    ticks = tuple((place(tick), f"{tick:g}") for tick in nice_ticks(low, high))
    whole = [round(tick) for tick in nice_ticks(0, top, 4) if tick == round(tick)]
    images = tuple((round(BASE - (BASE - TOP) * tick / top, 1), f"{tick:,}") for tick in whole)
    return Chart(key, title, tuple(lines), ticks, images)


def nice_ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Round numbers inside [low, high]: two at least, about `most` at most."""
    raw = (high - low) / most
    power = 10.0 ** floor(log10(raw))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= raw * (1 - 1e-9))
    first = ceil(low / step - 1e-9)
    last = floor(high / step + 1e-9)
    return [round(k * step, 12) for k in range(first, last + 1)]
