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
from benchmark_kit.trackers.convert import Converted, convert
from benchmark_kit.trackers.export import read_export
from benchmark_kit.trackers.presets import Preset, get_preset, recognised, with_columns
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
    """

    out: Path
    truths: Truths
    converted: Converted
    preset: Preset

    def __str__(self) -> str:
        subjects = {one.subject for one in self.converted.fixations}
        lines = [
            f"{self.out}: {self.truths.points_kept} fixations of {len(subjects)} subjects on "
            f"{len({one.image for one in self.converted.fixations})} of {len(self.truths)} "
            f"pictures, read as {self.preset.title}"
        ]
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
    screen: tuple[int, int] | None = None,
    units: str | None = None,
    duration_unit: str | None = None,
) -> Imported:
    """Make a data set from tables of fixations.

    Args:
        tables: files that a tracker's program has exported.
        stimuli: folder of the pictures that were shown; they are copied.
        out: folder to make.
        form: one of `trackers.presets`, or `"columns"`; None: recognised by the columns.
        columns: role -> column, where the preset's do not fit.
        screen: (width, height) in pixels that the coordinates count on, with the picture shown in
            its own pixels in the middle; None: they count on the picture.
        units: `"pixels"` or `"normalised"`; None: the preset's.
        duration_unit: `"s"`, `"ms"`, `"us"` or `"ns"`; None: the preset's.

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
    exports = [read_export(Path(path)) for path in tables]
    preset = _preset(form, exports[0].header, columns or {}, str(exports[0].path))
    preset = replace(
        preset, units=units or preset.units, duration_unit=duration_unit or preset.duration_unit
    )
    defects = Defects()
    pictures = read_stimuli(stimuli, defects)
    defects.raise_if_any("The pictures")
    paths = [one.path.relative_to(stimuli).as_posix() for one in pictures.values()]
    converted = convert(exports, preset, paths)
    if not converted.fixations:
        named = name_some([name for name, _ in converted.strange.most_common()])
        raise InputError(
            f"no row is a fixation on a picture of {stimuli}; the tables name {named or 'none'}. "
            "Fix: --stimuli DIR with these pictures, or --map image=COLUMN"
        )
    out.mkdir(parents=True, exist_ok=True)
    try:
        for name in paths:
            (out / "stimuli" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(stimuli / name, out / "stimuli" / name)
        write_text(out / "fixations.csv", _table(converted))
        write_text(out / "dataset.toml", _settings(preset, screen))
        truths = _read_back(out, screen)
    except BaseException:
        shutil.rmtree(out, ignore_errors=True)
        raise
    return Imported(out, truths, converted, preset)


def _read_back(out: Path, screen: tuple[int, int] | None) -> Truths:
    try:
        return get_dataset("folder", out, cache=False)
    except InputError as error:
        if not any(problem.code == "E707" for problem in error.problems):
            raise
        fix = "the size of the screen" if screen is None else "another size of the screen"
        raise InputError(
            f"the places do not fit the pictures. Fix: --screen WIDTHxHEIGHT, {fix}, or --units",
            error.problems,
        ) from None


def _preset(
    form: str | None, header: Sequence[str], columns: Mapping[str, str], path: str
) -> Preset:
    if form is not None:
        return with_columns(get_preset(form), columns)
    found = recognised(header)
    if found is None and {"x", "y"} <= set(columns):
        found = get_preset("columns")
    if found is None:
        raise ConfigError(
            f"{path}: columns that no format or several have: {', '.join(header)}. "
            "Fix: --format NAME, or --map image=COLUMN,x=COLUMN,y=COLUMN"
        )
    return with_columns(found, columns)


def _table(converted: Converted) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    durations = all(one.duration is not None for one in converted.fixations)
    writer.writerow(COLUMNS if durations else COLUMNS[:-1])
    before, order = ("", ""), 0
    for one in converted.fixations:
        key = (one.image, one.subject)
        order = order + 1 if key == before else 0
        before = key
        row = [one.image, repr(one.x), repr(one.y), one.subject or "unknown", order]
        writer.writerow([*row, repr(one.duration)] if durations else row)
    return text.getvalue()


def _settings(preset: Preset, screen: tuple[int, int] | None) -> str:
    lines = [f"# imported as: {preset.title}"]
    if preset.units != "pixels":
        lines.append(f'units = "{preset.units}"')
    if screen is not None:
        lines.append(f"screen = [{screen[0]}, {screen[1]}]")
    if preset.bottom_up:  # 1 - y
        lines += ["offset = [0.0, 1.0]", "scale = [1.0, -1.0]"]
    return "\n".join(lines) + "\n"
