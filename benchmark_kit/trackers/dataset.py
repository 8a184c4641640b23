"""A data set of one's own (`folder` layout) from exports of an eye tracker."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmark_kit.datasets import get_dataset
from benchmark_kit.datasets.reading.reader import Defects
from benchmark_kit.datasets.reading.stimuli import read_stimuli
from benchmark_kit.errors import ConfigError, InputError, name_some
from benchmark_kit.files import check_folder, refuse_full_folder, write_text
from benchmark_kit.trackers.convert import Converted, Fixation, convert
from benchmark_kit.trackers.detection import Detection, detect
from benchmark_kit.trackers.placement import Placement
from benchmark_kit.trackers.presets import Preset
from benchmark_kit.trackers.sources.opening import open_source
from benchmark_kit.types import Truths

COLUMNS = ("image", "x", "y", "subject", "order", "duration")


@dataclass(frozen=True)
class Imported:
    """A data set that was made.

    Args:
        out: its folder.
        truths: as the reader of `folder` data sets gives it back.
        converted: what came of the rows.
        preset: how they were read.
        others: titles of formats that fit the columns too, but less.
        notes: what a user should know of how the files were read.
    """

    out: Path
    truths: Truths
    converted: Converted
    preset: Preset
    others: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        subjects = {one.subject for one in self.converted.fixations}
        lines = [
            f"{self.out}: {self.truths.points_kept} fixations of {len(subjects)} subjects on "
            f"{len({one.image for one in self.converted.fixations})} of {len(self.truths)} "
            f"pictures, read as {self.preset.title}"
        ]
        if self.others:
            lines.append(
                f"fits less: {', '.join(self.others)}. Fix, if it is one of these: --format"
            )
        lines += self.notes
        if again := sum(one.viewing > 0 for one in self.converted.fixations):
            lines.append(
                f"{again} fixations of further viewings of a picture by the same person are "
                "scanpaths of their own, of '<subject> (viewing 2)' and so on"
            )
        left = {**self.converted.left_out, **{k: v for k, v in self.truths.dropped.items() if v}}
        lines += [f"left out: {count} rows {reason}" for reason, count in left.items()]
        if self.converted.strange:
            names = [name for name, _ in self.converted.strange.most_common()]
            lines.append(f"names of no stimulus: {name_some(names)}")
        lines.append(f"salbench evaluate MAPS --dataset folder --root {self.out}")
        return "\n".join(lines)


def import_tables(
    tables: Sequence[str | Path],
    stimuli: str | Path,
    out: str | Path,
    *,
    form: str | None = None,
    columns: Mapping[str, str] | None = None,
    placement: Placement | None = None,
    units: str | None = None,
    duration_unit: str | None = None,
    drop_first: bool = False,
    detection: Detection | None = None,
) -> Imported:
    """Make a data set from tables of fixations.

    Args:
        tables: files that a tracker's program has exported.
        stimuli: folder of the pictures that were shown; they are copied.
        out: folder to make.
        form: one of `trackers.sources.opening.FORMATS`; None: recognised.
        columns: role -> column, where the preset's do not fit.
        placement: where the pictures stood on the screen, its units and direction of y aside where
            `units` or the preset say them; None: coordinates count on the picture.
        units: one of `placement.UNITS`; None: the preset's.
        duration_unit: `"s"`, `"ms"`, `"us"` or `"ns"`; None: the preset's.
        drop_first: the data set leaves out each observer's first fixation.
        detection: how fixations are detected in tables of samples; None: they hold fixations.

    Raises:
        ConfigError: unknown names, missing columns, an output that is not empty.
        InputError: tables that cannot be read, no fixation on any picture, or places that do not
            fit the pictures: the message tells what they look like.
    """
    out, stimuli = Path(out), Path(stimuli)
    check_folder(out, "--out")
    refuse_full_folder(out, "--out")
    if not stimuli.is_dir():
        raise ConfigError(f"no such folder: {stimuli}. Fix: --stimuli DIR, the pictures shown")
    if stimuli.resolve() in (out.resolve(), *out.resolve().parents):
        raise ConfigError(f"--out {out} lies among the pictures. Fix: a folder beside them")
    for path in map(Path, tables):
        if not path.is_file():
            raise ConfigError(f"no such file: {path}")
    source = open_source(
        [Path(path) for path in tables], form, columns or {}, samples=detection is not None
    )
    preset = replace(source.preset, duration_unit=duration_unit or source.preset.duration_unit)
    given = placement or Placement()
    placement = replace(
        given,
        units=units or preset.units,
        y_up=given.y_up or preset.bottom_up,
        screen=given.screen or (source.screen if preset.units == "pixels" else None),
    )
    exports = source.exports
    if detection is not None:
        exports = [detect(export, preset, placement, detection) for export in exports]
        preset, placement = detection.preset(preset), placement.detected()
    defects = Defects()
    pictures = read_stimuli(stimuli, defects)
    defects.raise_if_any("The pictures")
    sizes = {one.path.relative_to(stimuli).as_posix(): one.size for one in pictures.values()}
    converted = convert(exports, preset, sizes, placement)
    converted.left_out += source.left_out
    if not converted.fixations:
        named = name_some([name for name, _ in converted.strange.most_common()])
        raise InputError(
            f"no row is a fixation on a picture of {stimuli}; the tables name {named or 'none'}. "
            "Fix: --stimuli DIR with these pictures, or --map image=COLUMN"
        )
    out.mkdir(parents=True, exist_ok=True)
    try:
        for name in sizes:
            (out / "stimuli" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(stimuli / name, out / "stimuli" / name)
        write_text(out / "fixations.csv", _table(converted))
        write_text(out / "dataset.toml", _settings(preset, placement, drop_first))
        truths = _read_back(out, placement)
    except BaseException:
        shutil.rmtree(out, ignore_errors=True)
        raise
    return Imported(out, truths, converted, preset, source.others, source.notes)


def _read_back(out: Path, placement: Placement) -> Truths:
    try:
        return get_dataset("folder", out, cache=False)
    except InputError as error:
        if not any(problem.code == "E707" for problem in error.problems):
            raise
        fix = (
            "--screen WIDTHxHEIGHT, the size of the screen"
            if placement.screen is None
            else "another --screen, or --place or --scale"
        )
        # what the problems would write into dataset.toml is for tables that lie in a data set
        problems = [replace(problem, fix="") for problem in error.problems]
        raise InputError(
            f"the places do not fit the pictures. Fix: {fix}, or --units, --y-up or --map",
            problems,
        ) from None


def _table(converted: Converted) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    durations = all(one.duration is not None for one in converted.fixations)
    writer.writerow(COLUMNS if durations else COLUMNS[:-1])
    before, order = ("", "", 0), 0
    for one in converted.fixations:
        key = (one.image, one.subject, one.viewing)
        order = order + 1 if key == before else 0
        before = key
        row = [one.image, repr(one.x), repr(one.y), _scanpath_of(one), order]
        writer.writerow([*row, repr(one.duration)] if durations else row)
    return text.getvalue()


def _scanpath_of(one: Fixation) -> str:
    """The observer's name; a further viewing counts as another's, so that paths stay apart."""
    name = one.subject or "unknown"
    return name if one.viewing == 0 else f"{name} (viewing {one.viewing + 1})"


def _settings(preset: Preset, placement: Placement, drop_first: bool) -> str:
    lines = [f"# imported as: {preset.title}"]
    if placement.per_degree is not None and isinstance(placement.scale, int | float):
        lines.append(f"pixels_per_degree = {placement.per_degree / placement.scale:.6g}")
    if drop_first:
        lines.append("drop_first = true")
    return "\n".join(lines) + "\n"
