"""What a metric says of itself: everything that scoring, tables and reports must know of it."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import Any

from benchmark_kit.errors import MissingExtra


class Needs(StrEnum):
    """What a map is compared with; the value is what people read."""

    POINTS = "points"
    DENSITY = "density"
    OTHERS = "points, other images"
    BASELINE = "points, baseline"


class Graph(Enum):
    """How a metric is computed where TensorFlow graphs score (`--engine tf`)."""

    HOST = "by the pool, as without graphs"
    FORMULA = "`compute` itself: only functions of `xp.NAMES`, batches, points with a `mask`"
    PAIRS = "as an exact area: pairs of a fixation and a pixel (or, with other images, a negative)"


@dataclass(frozen=True)
class Form:
    """What changes with a metric's constants: one kind of it.

    Args:
        when: constants that this kind has.
        label: what people read instead of the metric's label.
        key: name of the column instead of the metric's name.
        for_logs: constants to take instead where the maps are log densities.
        of_logs: the log density itself is the input where the maps are log densities.
        undefined: why a value is missing, instead of the metric's reason.
        graph: how graphs compute it, instead of the metric's way.
        logarithm: takes the logarithm of values as they are: negative values of the density count
            as 0, and a negative map without a value is refused.
        few_others: the negatives are distinct pixels of a few other images, drawn at random.
        own_erased: where the image itself was looked at there are no negatives.
    """

    when: Mapping[str, Any] = field(default_factory=dict)
    label: str | None = None
    key: str | None = None
    for_logs: Mapping[str, Any] = field(default_factory=dict)
    of_logs: bool = False
    undefined: str | None = None
    graph: Graph | None = None
    logarithm: bool = False
    few_others: bool = False
    own_erased: bool = False


PLAIN = Form()


@dataclass(frozen=True)
class MetricFacts:
    """A metric as data; the first seven must be said, the others are for metrics that differ.

    Args:
        name: key in code, JSON and CSV; the file and the public function are called the same.
        label: what people read; never plain "AUC".
        better: `"higher"` or `"lower"`.
        low: smallest possible value, or None where there is none.
        high: largest possible value, or None where there is none.
        unit: unit of the value, empty for a share.
        needs: what the map is compared with.
        graph: how graphs compute it.
        randomised: whether some dialect's form draws random numbers.
        any_size: the density may have another size than the map.
        undefined: why a map that is not constant has no value, for people; None: what is usual
            for `needs`.
        far: difference of an image's value beyond which it is another map's; says that the value
            is cheap, not random, and tells maps apart. None: not to be asked.
        chooses: place among the metrics by whose best and worst values a report chooses the images
            that it shows; None: not among them.
        library: an optional library that it computes with, as its module and the extra of this
            distribution that brings it.
        forms: kinds that differ; the first whose constants fit counts.
    """

    name: str
    label: str
    better: str
    low: float | None
    high: float | None
    unit: str
    needs: Needs
    graph: Graph = Graph.HOST
    randomised: bool = False
    any_size: bool = False
    undefined: str | None = None
    far: float | None = None
    chooses: int | None = None
    library: tuple[str, str] | None = None
    forms: tuple[Form, ...] = ()

    def check_library(self) -> None:
        """See that its library is there, before a map is read.

        Raises:
            MissingExtra: it is not installed.
        """
        if self.library is not None and importlib.util.find_spec(self.library[0]) is None:
            raise MissingExtra(self.library[1], f"metric {self.name}")

    def form(self, constants: Mapping[str, Any]) -> Form:
        """The kind that some constants make."""
        for form in self.forms:
            if form.when.items() <= constants.items():
                return form
        return PLAIN
