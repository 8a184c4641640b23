"""Fixations in samples of gaze, as pymovements detects them (extra `gaze`): never our own.

    ivt   velocity threshold: samples slower than it, in degrees a second
    idt   dispersion threshold: samples within so many degrees, width plus height

Both as Salvucci and Goldberg (2000) describe them, with velocities over five samples. A fixation
lies at the mean of its samples. Lines without a place are lost samples: a fixation ends there.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmark_kit.errors import ConfigError, InputError, MissingExtra
from benchmark_kit.trackers.export import Export
from benchmark_kit.trackers.placement import SHOWN, Placement
from benchmark_kit.trackers.presets import DURATION_UNITS, NEEDED, Preset
from benchmark_kit.trackers.source import plain_export, plain_preset
from benchmark_kit.trackers.viewings import viewings

if TYPE_CHECKING:
    import numpy as np

METHODS = {"ivt": "velocity", "idt": "dispersion"}
GAP = 2.5  # median steps of time beyond which samples are not consecutive
FEWEST = 7  # samples in which anything is looked for: velocities take five
KEPT = ("image", "subject", "trial", *SHOWN)  # roles of samples that their fixation keeps


@dataclass(frozen=True)
class Detection:
    """How fixations are detected.

    Args:
        method: `"ivt"` or `"idt"`.
        velocity: threshold of `ivt` in degrees a second.
        dispersion: threshold of `idt` in degrees.
        shortest: milliseconds that a fixation lasts at least.

    Raises:
        ConfigError: another method, or thresholds that are not above 0.
    """

    method: str = "ivt"
    velocity: float = 30.0
    dispersion: float = 1.0
    shortest: int = 60

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise ConfigError(f"--detect {self.method}: one of {', '.join(METHODS)} is expected")
        if not (self.velocity > 0 and self.dispersion > 0 and self.shortest > 0):
            raise ConfigError("thresholds of a detection must be above 0")

    def __str__(self) -> str:
        threshold = (
            f"{self.velocity:g} degrees a second"
            if self.method == "ivt"
            else f"{self.dispersion:g} degrees"
        )
        return f"{self.method}, {threshold}, {self.shortest} ms at least"

    def preset(self, samples: Preset) -> Preset:
        """How what was detected is read."""
        return plain_preset(
            samples.name, f"{samples.title}; fixations by pymovements, {self}", "ms"
        )


def detect(export: Export, preset: Preset, placement: Placement, detection: Detection) -> Export:
    """Fixations of a table of samples.

    Args:
        export: a row a sample; its time stands in the column of `start`, in `duration_unit`.
        preset: which columns hold what.
        placement: of what x and y count on; the screen must be known, in pixels and degrees.
        detection: method and thresholds.

    Returns:
        a table with roles as columns, places in pixels of the screen, times in milliseconds.

    Raises:
        ConfigError: a column is missing, or screen, its size in centimetres or its distance.
        InputError: cells that are no numbers, times that do not rise, or no fixation.
        MissingExtra: pymovements is not installed.
    """
    columns = preset.columns(export.header)
    if missing := [role for role in (*NEEDED, "start") if role not in columns]:
        raise ConfigError(
            f"{export.path} has no column for {' and '.join(missing)}; samples need x, y and their "
            f"time. Fix: --map {missing[0]}=COLUMN"
        )
    if placement.screen is None or placement.screen_cm is None or placement.distance is None:
        raise ConfigError(
            "detecting fixations needs degrees of visual angle. Fix: --screen WIDTHxHEIGHT, "
            "--screen-cm WIDTHxHEIGHT and --distance CM"
        )
    fixations = [
        (number, row)
        for number, kept, times, places in _stretches(export, columns, preset, placement)
        for row in _detected(kept, times, places, placement, detection)
    ]
    if not fixations:
        raise InputError(
            f"{export.path}: no fixation was detected in {len(export.rows):,} samples by "
            f"{detection}. Fix: see units (--units, --duration-unit) and thresholds"
        )
    return plain_export(export.path, fixations)


def _stretches(
    export: Export, columns: Mapping[str, str], preset: Preset, placement: Placement
) -> Iterator[tuple[int, dict[str, str], np.ndarray, np.ndarray]]:
    """Consecutive samples of one viewing: (first line, kept roles, ms (n,), pixels (n, 2))."""
    import numpy as np

    def text(role: str, cells: Mapping[str, str], otherwise: str = "") -> str:
        return cells[columns[role]].strip() if role in columns else otherwise

    unit = DURATION_UNITS[preset.duration_unit] * 1000
    times, places, kept = [], [], []
    for line, cells in export.rows:
        try:
            time, x, y = (export.number(cells[columns[role]]) for role in ("start", "x", "y"))
        except ValueError:
            raise InputError(
                f"{export.path}, line {line}: time or place is no number. Fix: --map start=COLUMN, "
                "x and y, and NA or an empty cell for what is lost"
            ) from None
        if time is None:
            raise InputError(f"{export.path}, line {line}: a sample without a time")
        lost = x is None or y is None
        places.append((np.nan, np.nan) if lost else placement.on_screen(x or 0.0, y or 0.0))
        times.append(time * unit)
        kept.append(
            {
                "image": text("image", cells, export.path.stem),
                "subject": text("subject", cells, export.path.stem),
                **{role: text(role, cells) for role in KEPT[2:]},
            }
        )
    told = viewings(
        [row["image"] for row in kept],
        [row["subject"] for row in kept],
        [row["trial"] for row in kept],
        times,
    )
    keys = [
        (row["image"], row["subject"], viewing) for row, viewing in zip(kept, told, strict=True)
    ]
    members: dict[Any, list[int]] = {}
    for k, key in enumerate(keys):
        members.setdefault(key, []).append(k)
    every = np.array(times)
    for rows in members.values():
        steps = np.diff(every[rows])
        if (steps <= 0).any():
            bad = export.rows[rows[int(np.flatnonzero(steps <= 0)[0]) + 1]][0]
            raise InputError(
                f"{export.path}, line {bad}: times of samples must rise. Fix: --map start=COLUMN, "
                "or --map trial=COLUMN where they begin anew"
            )
        usual = float(np.median(steps)) if len(steps) else 0.0
        for part in np.split(np.array(rows), np.flatnonzero(steps > GAP * usual) + 1):
            if len(part) >= FEWEST:
                first = int(part[0])
                yield export.rows[first][0], kept[first], every[part], np.array(places)[part]


def _detected(
    kept: Mapping[str, str],
    times: np.ndarray,
    places: np.ndarray,
    placement: Placement,
    detection: Detection,
) -> Iterator[dict[str, Any]]:
    """The fixations of a stretch, as rows."""
    import numpy as np

    try:
        import pymovements
    except ImportError:
        raise MissingExtra("gaze", "detecting fixations in samples") from None
    assert placement.screen is not None
    assert placement.screen_cm is not None
    if not np.isfinite(places).all(axis=1).any():
        return
    rate = 1000.0 / float(np.median(np.diff(times)))
    experiment = pymovements.Experiment(
        screen_width_px=round(placement.screen[0]),
        screen_height_px=round(placement.screen[1]),
        screen_width_cm=placement.screen_cm[0],
        screen_height_cm=placement.screen_cm[1],
        distance_cm=placement.distance,
        origin="upper left",
        sampling_rate=rate,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a stretch without any fixation
        # samples by their numbers: its methods want whole ones, and times may have fractions
        gaze = pymovements.gaze.from_numpy(
            time=np.arange(len(times)), pixel=places.T, experiment=experiment, time_unit="ms"
        )
        gaze.pix2deg()
        shortest = {"minimum_duration": max(1, math.ceil(detection.shortest * rate / 1000))}
        if detection.method == "ivt":
            gaze.pos2vel(method="fivepoint")
            gaze.detect("ivt", velocity_threshold=detection.velocity, **shortest)
        else:
            gaze.detect("idt", dispersion_threshold=detection.dispersion, **shortest)
    for event in gaze.events.frame.to_dicts():
        first, last = int(event["onset"]), int(event["offset"])
        start, end = times[first], times[last]
        x, y = np.nanmean(places[first:last], axis=0)  # idt's last is the first beyond it
        yield {
            **kept,
            "x": float(x),
            "y": float(y),
            "start": float(start),
            "duration": float(end - start),
        }
