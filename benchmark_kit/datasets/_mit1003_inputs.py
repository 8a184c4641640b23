"""The four kinds of files that MIT1003's fixations come in; mit1003.py tells their rules.

All share one signature: the files, the pictures by stem, whether the forced first fixations stay,
and three collectors (defects, numbers of points left out by reason, notes for the user).
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark_kit.datasets.reading import pysaliency
from benchmark_kit.datasets.reading.files import natural_key
from benchmark_kit.datasets.reading.points import binary_map_points, keep_inside
from benchmark_kit.datasets.reading.reader import Defects, report_unmatched
from benchmark_kit.datasets.reading.stimuli import Stimulus
from benchmark_kit.datasets.reading.tally import Tally
from benchmark_kit.imaging import matlab

if TYPE_CHECKING:
    import numpy as np

    from benchmark_kit.types import Fixations

MATLAB_NAME_LENGTH = 63
FORCED_BEFORE = 0.05  # seconds; a fixation that starts earlier is the forced one (our choice)
POINT_ABOVE = 127


def from_extracted(
    files: list[Path],
    stimuli: dict[str, Stimulus],
    keep_first: bool,
    defects: Defects,
    dropped: Tally,
    notes: list[str],
) -> dict[str, Fixations]:
    """Input 1: a file a picture and observer; unshifted, strictly inside, first one dropped."""
    import numpy as np

    owners = {path: path.stem.rpartition(".jpeg_")[::2] for path in files}
    subjects = sorted({subject for _, subject in owners.values()})
    columns: dict[str, list[np.ndarray]] = {}
    for path, (stem, subject) in owners.items():
        if stem not in stimuli:
            defects.add("E703", path.name, "an extracted file without a picture in ALLSTIMULI")
            continue
        try:
            content = matlab.load_mat(path)
            table = matlab.points(content["fixations"])[:, :2]
            milliseconds = matlab.numbers(content["durations"]).reshape(-1)
            if len(milliseconds) != len(table):
                raise matlab.MatFileError("fixations and durations differ in number")
        except KeyError as error:
            defects.add("E702", path.name, f"an extracted file without the variable {error}")
            continue
        except ValueError as error:
            defects.add("E702", path.name, f"an extracted file that cannot be used: {error}")
            continue
        order = np.arange(len(table))
        number = np.full(len(table), subjects.index(subject))
        rows = np.column_stack([table, number, milliseconds / 1000, order])
        if not keep_first:
            dropped["first fixation"] += min(1, len(rows))
            rows = rows[1:]
        columns.setdefault(stem, []).append(rows)
    notes.append("coordinates taken unshifted (index base 0)")
    return {
        stem: _strictly_inside(np.concatenate(parts), stimuli[stem].size, dropped)
        for stem, parts in columns.items()
    }


def _strictly_inside(rows: np.ndarray, size: tuple[int, int], dropped: Tally) -> Fixations:
    """Fixations from rows of x, y, subject, seconds, order; 0 itself counts as outside."""
    on_border = (rows[:, 0] == 0) | (rows[:, 1] == 0)
    if count := int(on_border.sum()):
        dropped["on the border"] += count
    x, y, subject, duration, order = rows[~on_border].T
    return keep_inside(
        x, y, size, dropped, subject=subject.astype(int), duration=duration, order=order.astype(int)
    )


def from_pysaliency(
    files: list[Path],
    stimuli: dict[str, Stimulus],
    keep_first: bool,
    defects: Defects,
    dropped: Tally,
    notes: list[str],
) -> dict[str, Fixations]:
    """Input 2: pysaliency's HDF5 file; the forced first fixation is told by its start."""
    import numpy as np

    path = files[0]
    names = sorted(stimuli, key=natural_key)
    try:
        recordings = pysaliency.read_fixations(path)
        listing = path.with_name("stimuli.hdf5")
        if listing.is_file():
            names = [Path(name).stem for name in pysaliency.read_filenames(listing)]
    except ValueError as error:
        defects.add("E702", path.name, str(error))
        return {}
    count = int(recordings.stimulus.max(initial=-1)) + 1
    if count > len(names):
        defects.add(
            "E703",
            path.name,
            f"fixations on {count} pictures, {len(names)} are there",
            fix="put pysaliency's stimuli.hdf5 beside it, or complete ALLSTIMULI",
        )
        return {}
    forced = (recordings.order == 0) & (recordings.t < FORCED_BEFORE)
    if keep_first and not forced.any():
        notes.append("the file has been written without the forced first fixations")
    if not keep_first and forced.any():
        dropped["first fixation"] += int(forced.sum())
    kept = np.ones(len(forced), dtype=bool) if keep_first else ~forced
    found, lost = {}, []
    for number in np.unique(recordings.stimulus):
        name = names[number]
        if name not in stimuli:
            lost.append(name)
            continue
        mine = kept & (recordings.stimulus == number)
        found[name] = keep_inside(
            recordings.x[mine],
            recordings.y[mine],
            stimuli[name].size,
            dropped,
            subject=recordings.subject[mine],
            duration=None if recordings.duration is None else recordings.duration[mine],
            order=recordings.order[mine],
        )
    report_unmatched(notes, without_stimulus=lost, without_fixations=())
    notes.append("coordinates taken unshifted (index base 0)")
    return found


def from_struct(
    files: list[Path],
    stimuli: dict[str, Stimulus],
    keep_first: bool,
    defects: Defects,
    dropped: Tally,
    notes: list[str],
) -> dict[str, Fixations]:
    """Input 3: the struct database of 1-based integers, stored without first fixations."""
    import numpy as np

    database = min(files[0].glob("FixationDB*.mat"))
    read = database
    try:
        entries = matlab.items(matlab.load_variable(database, "FixationDBCleaned"))
        read = files[0] / "hash.mat"
        index = matlab.load_variable(read, "hash")
        places = {
            stem: int(matlab.numbers(matlab.field(index, stem)).item()) - 1
            for stem in index.dtype.names or ()
        }
        read = database
        viewers = [
            [
                (matlab.text(matlab.field(viewer, "user")), viewer)
                for viewer in matlab.items(matlab.field(entry, "fixationData"))
            ]
            for entry in entries
        ]
    except (ValueError, AttributeError, OverflowError) as error:
        defects.add("E702", read.name, f"a struct database that cannot be used: {error}")
        return {}
    shortened = Counter(stem[:MATLAB_NAME_LENGTH] for stem in stimuli)
    subjects = sorted({user for entry in viewers for user, _ in entry})
    found = {}
    for stem, stimulus in stimuli.items():
        key = stem[:MATLAB_NAME_LENGTH]
        if key not in places:
            continue
        if shortened[key] > 1 or not 0 <= places[key] < len(viewers):
            defects.add("E703", stem, "hash.mat does not lead to one entry of the database")
            continue
        tables = [np.empty((0, 2))]
        numbers: list[int] = []
        orders: list[int] = []
        for user, viewer in viewers[places[key]]:
            try:
                table = matlab.points(matlab.field(viewer, "appropFix"))[:, :2]
            except ValueError as error:
                defects.add("E702", f"{stem}, {user}", f"an entry that cannot be used: {error}")
                continue
            tables.append(table - 1)
            numbers += [subjects.index(user)] * len(table)
            orders += range(len(table))
        x, y = np.concatenate(tables).T
        found[stem] = keep_inside(
            x, y, stimulus.size, dropped, subject=np.array(numbers), order=np.array(orders)
        )
    notes.append("coordinates shifted by 1 (index base 1); stored without first fixations")
    report_unmatched(
        notes,
        without_stimulus=sorted(set(places) - set(shortened)),
        without_fixations=(),
    )
    return found


def from_maps(
    files: list[Path],
    stimuli: dict[str, Stimulus],
    keep_first: bool,
    defects: Defects,
    dropped: Tally,
    notes: list[str],
) -> dict[str, Fixations]:
    """Input 4: binary maps, JPEG with noise around the points or `.mat`."""
    import numpy as np

    from benchmark_kit.imaging.decoder import DecodeError, open_picture

    found, lost = {}, []
    for path in files:
        stem = path.stem.removesuffix("_fixPts")
        if stem not in stimuli:
            lost.append(stem)
            continue
        try:
            if path.suffix == ".mat":
                values = matlab.stored_numbers(matlab.load_variable(path, "fixations"))
            else:
                with open_picture(path) as opened:
                    values = np.asarray(opened.picture.convert("L")) > POINT_ABOVE
            found[stem] = binary_map_points(values, stimuli[stem].size)
        except (ValueError, DecodeError) as error:
            defects.add("E705", path.name, f"a map that cannot be used as points: {error}")
    notes.append("binary maps: no observers, repeated fixations collapsed")
    report_unmatched(notes, without_stimulus=lost, without_fixations=())
    return found
