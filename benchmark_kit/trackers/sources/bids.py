"""Eye tracking as BIDS has it (Eyetracking-BIDS, 1.10 and later): samples, events, metadata.

    <matches>[_recording-eye1]_physio.tsv.gz         samples without a header: timestamp,
                                                     x_coordinate, y_coordinate, ...
    <matches>[_recording-eye1]_physio.json           names and units of the columns
    <matches>[_recording-eye1]_physioevents.tsv.gz   onset, duration, trial_type of the device's own
                                                     events, on the clock of the samples
    <matches>_events.tsv                             what was shown: onset, duration, stim_file

A JSON file holds for all files below it whose names have its entities; nearer ones win. Fixations
are the rows of physioevents with the trial_type `fixation`, at the mean of their samples; without
them samples are read to detect fixations. Pictures are those of the column `stim_file` of
events, whose onsets count in seconds from the begin of the acquisition, `StartTime` before the
first sample, or on the samples' clock where `OnsetSource` says `timestamp`. Of two eyes, each a
recording of its own, one counts; recordings of other kinds (PhysioType) are left out. Written after
the specification and its published example; tried on generated trees.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark_kit.errors import ConfigError, InputError, name_some
from benchmark_kit.trackers.export import MISSING, Export, read_export
from benchmark_kit.trackers.eyes import LEFT_OUT as OTHER_EYE
from benchmark_kit.trackers.eyes import of_one_eye
from benchmark_kit.trackers.source import Source, plain_export, plain_preset
from benchmark_kit.trackers.sources._bids_files import metadata_of, number_of, table_rows, unit_of

if TYPE_CHECKING:
    import numpy as np

NAME, TITLE = "bids", "BIDS eye tracking"
SUFFIX, EVENTS = "_physio.tsv.gz", "_physioevents.tsv.gz"
IMAGE = "stim_file"
UNITS = {"pixel": "pixels", "pixels": "pixels", "px": "pixels", "deg": "degrees"}
UNITS |= {"degree": "degrees", "degrees": "degrees"}
CLOCKS = {"ms": 1e-3, "s": 1.0, "us": 1e-6, "ns": 1e-9, "seconds": 1.0, "milliseconds": 1e-3}
EYES = "eyetrack"  # PhysioType of recordings of eyes
LONGEST = 20.0  # seconds: fixations of which the median is longer are not in seconds


@dataclass(frozen=True)
class _Recording:
    """One file of samples; times in seconds of its own clock.

    Args:
        path: the file.
        subject: who looked.
        run: what the recordings of two eyes share: the file's path without its entity recording.
        eye: which one, empty where it is not told.
        times: float64 (n,).
        places: float64 (n, 2), NaN where lost.
        tick: seconds of one unit of its timestamps.
    """

    path: Path
    subject: str
    run: Path
    eye: str
    times: np.ndarray
    places: np.ndarray
    tick: float

    @property
    def key(self) -> tuple[str, Path, str]:
        """What `of_one_eye` tells apart: who, in which run, with which eye."""
        return self.subject, self.run, self.eye or self.path.name


def looks_like(path: Path) -> bool:
    """Whether a file is one, by its name."""
    return path.name.endswith(SUFFIX)


def read(paths: Sequence[Path], columns: Mapping[str, str], *, samples: bool = False) -> Source:
    """Fixations of recordings, or their samples.

    Args:
        paths: `*_physio.tsv.gz`; the other files are found beside and above.
        columns: `image` -> column of events that names the picture; nothing else.
        samples: give samples (`start` is their time), not the device's own fixations.

    Raises:
        ConfigError: another role than `image`.
        InputError: files that are missing, damaged, or without what BIDS asks for.
    """
    if strange := sorted(set(columns) - {"image"}):
        raise ConfigError(f"--map {strange[0]}=…: BIDS names its columns. Fix: --map image=COLUMN")
    exports, left_out, units, screens = [], Counter[str](), set(), set()
    others, read = [], []
    for path in paths:
        if not looks_like(path):
            raise InputError(f"{path} is no file of samples. Fix: give files *{SUFFIX}")
        meta = metadata_of(path, "physio")
        if meta.get("PhysioType", EYES) != EYES:
            others.append(path.name)
            continue
        recording = _recording(path, meta)
        shown = _Shown(path, columns.get("image", IMAGE), recording, meta.get("StartTime", 0))
        units.add(_unit(path, meta))
        screens |= shown.screens
        rows = _samples(recording) if samples else _fixations(recording)
        exports.append(_export(recording, shown, rows, left_out))
        read.append(recording)
    if not exports:
        raise InputError(f"no recording of eyes among {name_some(others)}: see their PhysioType")
    if len(units) > 1:
        raise InputError(f"files of several units: {', '.join(sorted(units))}. Fix: import apart")
    preset = plain_preset(NAME, TITLE, "s", units.pop())
    screen = screens.pop() if len(screens) == 1 else None
    kept = _of_one_eye(read, exports, left_out)
    notes = (f"not of eyes (PhysioType): {name_some(others)}",) if others else ()
    return Source(kept, preset, screen=screen, left_out=left_out, notes=notes)


def _of_one_eye(
    recordings: Sequence[_Recording], exports: Sequence[Export], left_out: Counter[str]
) -> list[Export]:
    """Those of the eye that counts in each run."""
    rows = [
        recording.key
        for recording, export in zip(recordings, exports, strict=True)
        for _, cells in export.rows
        if cells["x"].casefold() not in MISSING  # lost samples are no reason to take an eye
    ]
    counted = {key for key, mine in zip(rows, of_one_eye(rows), strict=True) if mine}
    kept = []
    for recording, export in zip(recordings, exports, strict=True):
        if recording.key in counted or not any(run == recording.run for _, run, _ in counted):
            kept.append(export)
        else:
            left_out[OTHER_EYE] += len(export.rows)
    return kept


def _export(
    recording: _Recording,
    shown: _Shown,
    rows: Iterator[dict[str, Any]],
    left_out: Counter[str],
) -> Export:
    kept = []
    for number, row in enumerate(rows, start=1):
        found = shown.at(row["start"])
        if found is None:
            left_out["while no picture was shown"] += 1
            continue
        trial, image = found
        kept.append((number, {"image": image, **row, "trial": trial, "subject": recording.subject}))
    return plain_export(recording.path, kept)


def _samples(recording: _Recording) -> Iterator[dict[str, Any]]:
    for time, (x, y) in zip(recording.times.tolist(), recording.places.tolist(), strict=True):
        yield {"x": x, "y": y, "start": time}


def _fixations(recording: _Recording) -> Iterator[dict[str, Any]]:
    import numpy as np

    path = recording.path.with_name(recording.path.name.removesuffix(SUFFIX) + EVENTS)
    fix = "Fix: give it, or detect fixations in the samples: --detect ivt"
    if not path.is_file():
        raise InputError(f"{path} is missing: it holds the fixations. {fix}")
    meta = metadata_of(path, "physioevents")
    events = [
        event
        for event in table_rows(path, meta)
        if event.get("trial_type", "").strip().casefold() == "fixation"
    ]
    if not events:
        raise InputError(f"{path} has no row of trial_type fixation. {fix}")
    onsets = _onsets(path, meta, [number_of(path, event, "onset") for event in events], recording)
    durations = np.array([number_of(path, event, "duration") for event in events])
    unit = unit_of(meta, "duration")
    if unit in CLOCKS:
        durations = durations * CLOCKS[unit]
    elif np.median(durations) > LONGEST:  # not seconds, as BIDS wants
        durations = durations * recording.tick
    slack = recording.tick / 1000  # the last sample counts, whatever the sums round to
    for onset, duration in zip(onsets.tolist(), durations.tolist(), strict=True):
        there = np.abs(recording.times - onset - duration / 2) <= duration / 2 + slack
        places = recording.places[there & np.isfinite(recording.places).all(axis=1)]
        x, y = places.mean(axis=0).tolist() if len(places) else ("", "")
        yield {"x": x, "y": y, "start": onset, "duration": duration}


def _onsets(
    path: Path, meta: Mapping[str, Any], values: list[float], recording: _Recording
) -> np.ndarray:
    """Onsets of the device's events in seconds of the samples' clock."""
    import numpy as np

    source = meta.get("OnsetSource", meta.get("ForeignIndexColumn"))
    if source == "timestamp":
        return np.array(values) * recording.tick
    if source == "n/a":  # rows of the samples from 0; below 0 before the first
        step = float(np.median(np.diff(recording.times))) if len(recording.times) > 1 else 0.0
        return recording.times[0] + step * np.array(values)
    raise InputError(
        f"{path}: OnsetSource is {source or 'not stated'}. Fix: in its JSON file, OnsetSource "
        "timestamp, or n/a where onsets are numbers of rows"
    )


class _Shown:
    """Which picture was shown when in a recording.

    Args:
        path: of the recording.
        column: of events that names the picture.
        recording: whose clock counts.
        began: `StartTime` of its metadata.
    """

    def __init__(self, path: Path, column: str, recording: _Recording, began: Any):
        run = recording.run
        table = run.with_name(f"{run.name.removesuffix(SUFFIX)}_events.tsv")
        if not table.is_file():
            raise InputError(f"{table} is missing: it tells which picture was shown")
        export = read_export(table)
        if missing := [each for each in ("onset", "duration", column) if each not in export.header]:
            raise InputError(
                f"{table} has no column {missing[0]}; it has {', '.join(export.header)}. Fix: "
                "--map image=COLUMN, the one that names the picture"
            )
        meta = metadata_of(table, "events")
        start = 0.0
        if meta.get("OnsetSource") != "timestamp":
            start = float(recording.times[0]) - (began if isinstance(began, int | float) else 0)
        self.intervals: list[tuple[float, float, int, str]] = []
        for line, cells in export.rows:
            name = cells[column].strip()
            if name.casefold() in MISSING:
                continue
            onset = number_of(table, cells, "onset") + start
            self.intervals.append((onset, onset + number_of(table, cells, "duration"), line, name))
        self.intervals.sort()
        self.starts = [interval[0] for interval in self.intervals]
        screen = meta.get("StimulusPresentation", {})
        size = screen.get("ScreenResolution") if isinstance(screen, dict) else None
        good = isinstance(size, list) and len(size) == 2 and all(type(x) is int for x in size)
        self.screens = {(float(size[0]), float(size[1]))} if good and size else set()

    def at(self, time: float) -> tuple[int, str] | None:
        """(number of the trial, name of the picture) at a moment."""
        place = bisect_right(self.starts, time) - 1
        if place < 0:
            return None
        _, end, line, name = self.intervals[place]
        return (line, name) if time < end else None


def _recording(path: Path, meta: Mapping[str, Any]) -> _Recording:
    import numpy as np

    rows = table_rows(path, meta)
    names = meta["Columns"]
    if missing := [n for n in ("timestamp", "x_coordinate", "y_coordinate") if n not in names]:
        raise InputError(f"{path} has no column {missing[0]}; it has {', '.join(map(str, names))}")
    if not rows:
        raise InputError(f"{path} holds no sample")

    def column(name: str) -> np.ndarray:
        return np.array([number_of(path, row, name, lost=float("nan")) for row in rows])

    parts = [part for part in path.name.split("_") if not part.startswith("recording-")]
    subject = next((p[4:] for p in path.name.split("_") if p.startswith("sub-")), path.name)
    tick = _clock(path, meta)
    times = column("timestamp") * tick
    if not np.isfinite(times).all():
        raise InputError(f"{path} has samples without a timestamp")
    places = np.stack([column("x_coordinate"), column("y_coordinate")], axis=1)
    eye = str(meta.get("RecordedEye", ""))
    return _Recording(path, subject, path.with_name("_".join(parts)), eye, times, places, tick)


def _clock(path: Path, meta: Mapping[str, Any]) -> float:
    """Seconds of one unit of the timestamps."""
    unit = unit_of(meta, "timestamp")
    if unit not in CLOCKS:
        raise InputError(
            f"{path}: the unit of timestamp is {unit or 'not stated'}. Fix: in the JSON file, "
            f"Units of timestamp, one of {', '.join(CLOCKS)}"
        )
    return CLOCKS[unit]


def _unit(path: Path, meta: Mapping[str, Any]) -> str:
    unit = unit_of(meta, "x_coordinate").casefold()
    if unit not in UNITS:
        raise InputError(
            f"{path}: the unit of x_coordinate is {unit or 'not stated'}. Fix: in the JSON file, "
            f"Units of x_coordinate, one of {', '.join(UNITS)}"
        )
    return UNITS[unit]
