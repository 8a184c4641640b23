"""The records that flow through the kit: points, densities, one image's truth, a data set's truth.

Points and densities are different types, so that a metric of points cannot be handed a blurred map.
Coordinates are pixels, 0-based, x to the right and y down, fractional; the pixel of a point is its
truncation toward zero. Sizes are `(height, width)` everywhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from benchmark_kit.errors import ConfigError, MissingExtra
from benchmark_kit.html_table import html_table

DATAFRAME = {  # columns of a data frame, and their types in pandas
    "image": "string",
    "subject": "string",
    "x": "float64",
    "y": "float64",
    "order": "Int64",
    "duration": "float64",
    "category": "string",
    "width": "int64",
    "height": "int64",
}


@dataclass(frozen=True, eq=False)
class Fixations:
    """The fixations (or mouse samples) of one image, all observers together, in reading order.

    Args:
        x: columns in pixels, 0 <= x < width, float64 of shape (n,).
        y: rows in pixels, 0 <= y < height, float64 of shape (n,).
        size: (height, width) of the image in pixels.
        subject: observer's number, integers of shape (n,), or None where a data set has none.
        duration: seconds, float64 of shape (n,), or None.
        order: place in the observer's scanpath from 0, integers of shape (n,), or None.

    Raises:
        ValueError: arrays of different length, values that are not finite, or points outside the
            image (a reader drops and counts those before it makes this record).
    """

    x: np.ndarray
    y: np.ndarray
    size: tuple[int, int]
    subject: np.ndarray | None = None
    duration: np.ndarray | None = None
    order: np.ndarray | None = None

    def __post_init__(self) -> None:
        set_field = object.__setattr__
        set_field(self, "size", (int(self.size[0]), int(self.size[1])))
        for name in ("x", "y", "duration"):
            value = getattr(self, name)
            if value is not None:
                set_field(self, name, np.ascontiguousarray(value, dtype=np.float64).reshape(-1))
        for name in ("subject", "order"):
            value = getattr(self, name)
            if value is not None:
                set_field(self, name, np.ascontiguousarray(value, dtype=np.int32).reshape(-1))
        for name in ("y", "subject", "duration", "order"):
            value = getattr(self, name)
            if value is not None and len(value) != len(self.x):
                raise ValueError(f"Fixations: {name} has {len(value)} values, x has {len(self.x)}")
        height, width = self.size
        if len(self.x) and not (
            self.x.min() >= 0
            and self.x.max() < width
            and self.y.min() >= 0
            and self.y.max() < height
        ):
            raise ValueError(
                f"Fixations: points must be finite and inside the image of {width}x{height} pixels "
                f"(0 <= x < {width}, 0 <= y < {height}); drop the others first"
            )

    def __len__(self) -> int:
        return len(self.x)

    @cached_property
    def flat_index(self) -> np.ndarray:
        """Row-major pixel numbers `row * width + column`, int64 (n,), repeats kept."""
        return self.y.astype(np.int64) * self.size[1] + self.x.astype(np.int64)

    @cached_property
    def unique_index(self) -> np.ndarray:
        """Sorted row-major numbers of the fixated pixels, repeats collapsed (a binary map's
        ones).
        """
        return np.unique(self.flat_index)

    def select(self, mask: np.ndarray) -> Fixations:
        """The points for which `mask` (booleans or positions, shape (n,)) holds."""

        def part(values: np.ndarray | None) -> np.ndarray | None:
            return None if values is None else values[mask]

        return Fixations(
            self.x[mask],
            self.y[mask],
            self.size,
            subject=part(self.subject),
            duration=part(self.duration),
            order=part(self.order),
        )


@dataclass(frozen=True, eq=False)
class Density:
    """A map of how much was looked where: non-negative, any scale.

    Args:
        values: array (height, width), uint8, uint16 or float64, finite and >= 0.
        sigma_px: standard deviation of the blur in pixels, or None if unknown (a shipped map).
        source: how it came about, in words, for instance `"counts, Gaussian 24 px, reflect"`.
    """

    values: np.ndarray
    sigma_px: float | None = None
    source: str = ""

    def __post_init__(self) -> None:
        if self.values.ndim != 2:
            raise ValueError(f"Density: needs two axes (height, width), got {self.values.shape}")


@dataclass(frozen=True, eq=False)
class GroundTruth:
    """What is known of one image.

    Args:
        name: path of the stimulus below the stimuli folder, `/` between parts, without extension
            (`"Action/001"`, `"1001"`): what maps are matched by.
        size: (height, width) of the stimulus in pixels.
        fixations: its fixations, or None where they are secret.
        category: name of the group the image belongs to, or None.
        stimulus: the picture's file, or None if it is not at hand.
        density_file: a ground-truth density that the data set ships as a file, or None.
    """

    name: str
    size: tuple[int, int]
    fixations: Fixations | None = None
    category: str | None = None
    stimulus: Path | None = None
    density_file: Path | None = None


@dataclass(frozen=True, eq=False, repr=False)
class Truths:
    """A data set's ground truth: iterable, with `len`, and by name.

    Args:
        name: the data set's canonical name (`"osie"`).
        images: one record an image, in the reader's order.
        edition: year of the edition where there are several (`"2017"`), else None.
        split: `"train"`, `"val"`, `"test"` or None.
        points: what the points are: `"fixations"`, `"mouse"` or `"binary maps"`.
        dialect: the data set's default dialect.
        sigma_px: default blur of its densities in pixels, or None: 24/1024 of the longer side.
        pixels_per_degree: pixels of one degree of visual angle, or None if unknown.
        density_source: `"shipped"` if its dialect compares with the maps it ships, else
        `"computed"`.
        dropped: number of points left out, by reason.
        notes: what a user must know of how it was read; printed and kept in the results.
        subjects: names of the observers by their number in `Fixations.subject`; empty where a data
            set only numbers them.
    """

    name: str
    images: tuple[GroundTruth, ...]
    edition: str | None = None
    split: str | None = None
    points: str = "fixations"
    dialect: str = "tuebingen"
    sigma_px: float | None = None
    pixels_per_degree: float | None = None
    density_source: str = "computed"
    dropped: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.images)

    def __iter__(self) -> Iterator[GroundTruth]:
        return iter(self.images)

    @cached_property
    def _by_name(self) -> dict[str, GroundTruth]:
        return {truth.name: truth for truth in self.images}

    def __getitem__(self, name: str) -> GroundTruth:
        return self._by_name[name]

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all images in the reader's order."""
        return tuple(truth.name for truth in self.images)

    def subset(self, names: Sequence[str]) -> Truths:
        """The same data set with only these images, in the reader's order.

        Raises:
            ConfigError: a name that the data set does not have.
        """
        wanted = set(names)
        if unknown := sorted(wanted - set(self._by_name)):
            raise ConfigError(
                f"{self.name} has no image {unknown[0]!r} ({len(unknown)} such names)"
            )
        return replace(self, images=tuple(truth for truth in self.images if truth.name in wanted))

    @cached_property
    def fingerprint(self) -> str:
        """`sha256:…` over sorted names, sizes and the bytes of the fixations."""
        digest = hashlib.sha256()
        for truth in sorted(self.images, key=lambda truth: truth.name):
            digest.update(
                f"{truth.name}\0{truth.size[0]}x{truth.size[1]}\0".encode(
                    "utf-8", "surrogateescape"
                )
            )
            if truth.fixations is not None:
                digest.update(truth.fixations.x.tobytes())
                digest.update(truth.fixations.y.tobytes())
        return f"sha256:{digest.hexdigest()}"

    def subject_name(self, number: int) -> str:
        """What an observer of this number is called."""
        return self.subjects[number] if number < len(self.subjects) else str(number)

    @property
    def points_kept(self) -> int:
        """Number of points of all images."""
        return sum(len(truth.fixations) for truth in self.images if truth.fixations is not None)

    def __repr__(self) -> str:
        what = " ".join(filter(None, [self.name, self.edition, self.split]))
        return f"Truths({what}: {len(self):,} images, {self.points_kept:,} points)"

    def _repr_html_(self) -> str:
        facts = [
            ("data set", " ".join(filter(None, [self.name, self.edition, self.split]))),
            ("images", f"{len(self):,}"),
            (self.points, f"{self.points_kept:,}"),
            ("dialect", self.dialect),
            ("fingerprint", self.fingerprint[:23]),
        ]
        if any(self.dropped.values()):
            facts.append(("left out", dropped_text(self.dropped, self.points_kept)))
        return html_table((), (), facts, self.notes)

    def to_dataframe(self) -> Any:
        """All fixations as a pandas data frame, a row each, in the order of `images`.

        Returns:
            columns `image` (name), `subject` (name or number as text; missing where a data set has
            no observers), `x` and `y` (pixels of the picture, 0-based, fractional), `order` (place
            in the scanpath from 0), `duration` (seconds), `category`, `width` and `height` (of the
            picture in pixels). What an image does not tell is missing.

        Raises:
            MissingExtra: pandas is not installed.
        """
        try:
            import pandas
        except ImportError:
            raise MissingExtra("notebook", "a data frame") from None
        columns: dict[str, list[Any]] = {name: [] for name in DATAFRAME}
        for truth in self.images:
            fixations = truth.fixations
            count = 0 if fixations is None else len(fixations)
            if fixations is None or not count:
                continue
            nothing = [None] * count
            subject, order, duration = fixations.subject, fixations.order, fixations.duration
            columns["image"] += [truth.name] * count
            columns["subject"] += (
                nothing if subject is None else [self.subject_name(int(each)) for each in subject]
            )
            columns["x"] += fixations.x.tolist()
            columns["y"] += fixations.y.tolist()
            columns["order"] += nothing if order is None else order.tolist()
            columns["duration"] += nothing if duration is None else duration.tolist()
            columns["category"] += [truth.category] * count
            columns["width"] += [truth.size[1]] * count
            columns["height"] += [truth.size[0]] * count
        return pandas.DataFrame(
            {name: pandas.Series(columns[name], dtype=kind) for name, kind in DATAFRAME.items()}
        )

    def describe(self) -> dict[str, Any]:
        """The block `dataset` of a results file (docs/results.md)."""
        return {
            "name": self.name,
            "edition": self.edition,
            "split": self.split,
            "points": self.points,
            "images": len(self),
            "fingerprint": self.fingerprint,
            "dropped": dict(self.dropped),
            "notes": list(self.notes),
        }


def dropped_text(dropped: Mapping[str, int], kept: int) -> str:
    """How many points were left out and why: `312 of 5,608 (5.6 %): 300 outside, 12 not finite`.

    Args:
        dropped: numbers by reason.
        kept: number of points that were not left out.
    """
    lost = sum(dropped.values())
    most_first = sorted(dropped.items(), key=lambda item: (-item[1], item[0]))
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in most_first if count)
    return f"{lost:,} of {kept + lost:,} ({100 * lost / (kept + lost):.1f} %): {reasons}"


@dataclass(frozen=True)
class Row:
    """One image's scores.

    Args:
        name: the image's name.
        fixations: how many fixations it was judged by.
        values: column key -> float, None where the metric is not defined.
        flags: why a value is missing, or what is odd about the map, as short words.
        facts: what was seen of the map's pixels (`scoring.map_facts.examine`).
    """

    name: str
    fixations: int
    values: Mapping[str, float | None]
    flags: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
