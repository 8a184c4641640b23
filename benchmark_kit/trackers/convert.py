"""Rows of exports to fixations of pictures: which picture, where on it, in which order, and what is
left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath, PureWindowsPath

from benchmark_kit.errors import ConfigError, InputError, Problem
from benchmark_kit.trackers.export import Export
from benchmark_kit.trackers.eyes import LEFT_OUT as OTHER_EYE
from benchmark_kit.trackers.eyes import of_one_eye
from benchmark_kit.trackers.placement import SHOWN, Placement
from benchmark_kit.trackers.presets import DURATION_UNITS, NEEDED, Preset
from benchmark_kit.trackers.viewings import viewings


@dataclass(frozen=True)
class Fixation:
    """One fixation.

    Args:
        image: path of its picture below the stimuli.
        x: column in pixels of the picture.
        y: row, likewise.
        subject: who looked.
        viewing: how often this observer had seen this picture before, from 0.
        when: its place in time within the viewing, in any unit.
        duration: seconds, or None.
    """

    image: str
    x: float
    y: float
    subject: str
    viewing: int
    when: float
    duration: float | None


@dataclass
class Converted:
    """What came of the rows.

    Args:
        fixations: by picture, subject and time.
        left_out: number of rows that were left out, by reason.
        strange: names of pictures that are not among the stimuli, with their rows.
    """

    fixations: list[Fixation] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    strange: Counter[str] = field(default_factory=Counter)


def convert(
    exports: Iterable[Export],
    preset: Preset,
    stimuli: Mapping[str, tuple[int, int]],
    placement: Placement,
) -> Converted:
    """Collect the fixations of some tables.

    Args:
        exports: the tables; one without a column of subjects is one subject's, named as the file,
            and one without a column of pictures is one picture's.
        preset: which columns hold what.
        stimuli: path of each picture below their folder, with extension -> (height, width).
        placement: where the pictures stood on the screen.

    Raises:
        ConfigError: columns that are needed are missing, or places count on the picture and the
            placement says where it stood.
        InputError: cells that are no numbers; everything wrong is listed.
    """
    found, defects = Converted(), dict[str, list[str]]()
    by_name = _by_name(list(stimuli))
    seen: dict[tuple[str, str], dict[Hashable, int]] = {}  # viewings of each picture and observer
    for number, export in enumerate(exports):
        columns = preset.columns(export.header)
        if missing := [role for role in NEEDED if role not in columns]:
            raise ConfigError(
                f"{export.path} has no column for {' and '.join(missing)} of {preset.title}; it "
                f"has {', '.join(export.header)}. Fix: --map {missing[0]}=COLUMN"
            )
        _refuse_screen(columns, preset, placement)
        rows = _rows(export, columns, preset, by_name, found, defects)
        counts = of_one_eye([(row.subject, (row.image, row.trial), row.eye) for row in rows])
        if not all(counts):
            found.left_out[OTHER_EYE] += counts.count(False)
            rows = [row for row, mine in zip(rows, counts, strict=True) if mine]
        times = [row.time for row in rows]
        clock = None if None in times else [time for time in times if time is not None]
        told = viewings(
            [row.image for row in rows],
            [row.subject for row in rows],
            [row.trial for row in rows],
            clock,
        )
        for k, (row, viewing) in enumerate(zip(rows, told, strict=True)):
            numbers = seen.setdefault((row.image, row.subject), {})
            x, y = row.x, row.y
            if placement.moves or row.shown:
                x, y = placement.on_picture(x, y, stimuli[row.image], row.shown)
            found.fixations.append(
                Fixation(
                    row.image,
                    x,
                    y,
                    row.subject,
                    numbers.setdefault((number, viewing), len(numbers)),
                    # where some rows have no time, lines alone order the table
                    k if clock is None else clock[k],
                    row.duration,
                )
            )
    if defects:
        problems = [Problem("E704", tuple(w), text) for text, w in defects.items()]
        raise InputError("the tables cannot be imported", problems)
    found.fixations.sort(key=lambda one: (one.image, one.subject, one.viewing, one.when))
    return found


def _refuse_screen(columns: Mapping[str, str], preset: Preset, placement: Placement) -> None:
    on_picture = {name.casefold() for name in preset.on_picture}
    if columns["x"].strip().casefold() in on_picture and placement.moves:
        raise ConfigError(
            f"{columns['x']} counts on the picture, wherever it stood. Fix: leave out --screen and "
            "what else tells its place, or name columns of the screen: --map x=COLUMN,y=COLUMN"
        )


@dataclass(frozen=True)
class _Row:
    """A row that is a fixation on a picture; places and time are in the table's units."""

    image: str
    x: float
    y: float
    subject: str
    trial: str
    eye: str
    time: float | None
    duration: float | None
    shown: Mapping[str, float | None]


def _rows(
    export: Export,
    columns: Mapping[str, str],
    preset: Preset,
    by_name: Mapping[str, str | None],
    found: Converted,
    defects: dict[str, list[str]],
) -> list[_Row]:
    """The rows that count, in the table's order; the others are noted in `found`."""
    seen: set[tuple[str, ...]] = set()
    rows = []
    counts = _counts(export, preset)
    clock = next((role for role in ("start", "order") if role in columns), None)

    def text(role: str, cells: Mapping[str, str], otherwise: str = "") -> str:
        return cells[columns[role]].strip() if role in columns else otherwise

    for line, cells in export.rows:
        if not counts(cells):
            found.left_out["no fixation"] += 1
            continue
        name = text("image", cells, export.path.stem)
        image = _picture(name, by_name)
        if image is None:
            found.left_out["of no stimulus"] += 1
            found.strange[name or "(empty)"] += 1
            continue
        numbers = _numbers(export, columns, line, cells, defects)
        x, y, duration = numbers.get("x"), numbers.get("y"), numbers.get("duration")
        if x is None or y is None:
            found.left_out["without a place"] += 1
            continue
        subject, trial = text("subject", cells, export.path.stem), text("trial", cells)
        if event := text("event", cells):  # exports of samples repeat a fixation in all its rows
            if (key := (image, subject, trial, event, text("eye", cells))) in seen:
                found.left_out["a further row of a fixation"] += 1
                continue
            seen.add(key)
        seconds = None if duration is None else duration * DURATION_UNITS[preset.duration_unit]
        shown = {role: numbers[role] for role in SHOWN if numbers.get(role) is not None}
        time = None if clock is None else numbers[clock]
        rows.append(_Row(image, x, y, subject, trial, text("eye", cells), time, seconds, shown))
    return rows


def _counts(export: Export, preset: Preset) -> Callable[[Mapping[str, str]], bool]:
    """Whether a row is one of those that the preset keeps."""
    header = {name.casefold(): name for name in export.header}
    wanted = {
        header[column.casefold()]: {value.casefold() for value in values}
        for column, values in preset.only.items()
        if column.casefold() in header
    }
    return lambda cells: all(cells[c].strip().casefold() in v for c, v in wanted.items())


def _numbers(
    export: Export,
    columns: Mapping[str, str],
    line: int,
    cells: Mapping[str, str],
    defects: dict[str, list[str]],
) -> dict[str, float | None]:
    """The numbers of a row by role; what is none is noted among the defects."""
    numbers: dict[str, float | None] = {}
    for role in ("x", "y", "start", "order", "duration", *SHOWN):
        if role not in columns:
            continue
        try:
            numbers[role] = export.number(cells[columns[role]])
        except ValueError:
            what = f"{columns[role]} is no number"
            defects.setdefault(what, []).append(f"{export.path.name} line {line}")
            numbers[role] = 0.0  # the table is refused in the end
    return numbers


def _by_name(stimuli: Sequence[str]) -> dict[str, str | None]:
    """Names by which a table may call a picture; None where several are called so."""
    found: dict[str, str | None] = {}
    for path in stimuli:
        pure = PurePosixPath(path)
        for name in {path, str(pure.with_suffix("")), pure.name, pure.stem}:
            key = name.casefold()
            found[key] = None if key in found and found[key] != path else path
    return found


def _picture(name: str, by_name: Mapping[str, str | None]) -> str | None:
    """The picture that a table means, by its path or by its name alone."""
    parts = PureWindowsPath(name.strip()).parts  # takes slashes of both kinds
    for k in range(len(parts)):
        rest = PurePosixPath(*parts[k:])
        for called in (str(rest), str(rest.with_suffix("")) if rest.suffix else str(rest)):
            found = by_name.get(called.casefold())
            if found is not None:
                return found
    return None
