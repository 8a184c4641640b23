"""MIT1003: 15 observers freely viewing 1,003 photographs for 3 s (Judd et al., ICCV 2009).

Inputs, the first one that is there is taken and the result says which:
    1. extracted files `<stem>.jpeg_<subject>.mat` (as pysaliency's extraction writes them)
    2. pysaliency's `fixations.hdf5` (with `stimuli.hdf5`)
    3. the struct database `FixationDB*.mat` with `hash.mat`, in the root or one folder below
    4. binary maps: `ALLFIXATIONMAPS/<stem>_fixPts.jpg`, or `FIXATIONLOCS/<stem>.mat`
The raw gaze samples of `DATA` are refused: turning them into fixations takes the authors' MATLAB
routine, and another detector would give other fixations.

Rules
    - 1 and 2 are taken unshifted although MATLAB made them, and lie strictly inside the picture
      (0 < x < width); the struct database is 1-based.
    - The first fixation of a scanpath is the forced one at the centre and is left out, as the
      authors and the MIT/Tuebingen board do. In 1 it goes even if it was outside (so that no
      voluntary one is lost); in 2 the forced one is told by its start in the first 50 ms; 3 and 4
      come without it.
    - MATLAB cuts names of variables to 63 characters, and so does the index of 3.
    - The maps of 4 are JPEGs with noise around the points: a point is above 127. They have neither
      observers nor repeated fixations.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark_kit.datasets._mit1003_inputs import (
    from_extracted,
    from_maps,
    from_pysaliency,
    from_struct,
)
from benchmark_kit.datasets.reading.files import files_below
from benchmark_kit.datasets.reading.ground_truth import every_picture
from benchmark_kit.datasets.reading.reader import (
    DatasetFacts,
    Defects,
    Option,
    report_unmatched,
    tree_error,
)
from benchmark_kit.datasets.reading.stimuli import Stimulus, read_stimuli
from benchmark_kit.datasets.reading.tally import Tally
from benchmark_kit.errors import ConfigError, InputError, Problem
from benchmark_kit.leftovers import is_leftover

if TYPE_CHECKING:
    from benchmark_kit.types import Truths

VERSION = 2
LONGER_SIDE = 1024  # pixels, of every picture

FACTS = DatasetFacts(
    name="mit1003",
    title="MIT1003",
    images="1,003",
    sizes="longer side 1024, other side 405 to 1024; 463 are 1024x768",
    subjects="15",
    viewing="3 s",
    dialect="tuebingen",
    tree=(
        "ALLSTIMULI/<stem>.jpeg\n"
        "and one of\n"
        "  extracted/<stem>.jpeg_<subject>.mat\n"
        "  fixations.hdf5 and stimuli.hdf5 (written by pysaliency)\n"
        "  FixationDB*.mat and hash.mat, here or one folder below\n"
        "  ALLFIXATIONMAPS/<stem>_fixPts.jpg or FIXATIONLOCS/<stem>.mat"
    ),
    terms="no licence stated; research use",
    source="Judd, Ehinger, Durand, Torralba: Learning to Predict Where Humans Look, ICCV 2009",
    parts=(
        "ALLSTIMULI",
        "extracted",
        "*.hdf5",
        "FixationDB*.mat",
        "hash.mat",
        "*/FixationDB*.mat",
        "*/hash.mat",
        "ALLFIXATIONMAPS",
        "FIXATIONLOCS",
    ),
    options=(
        Option(
            "keep_first",
            (False, True),
            "keep the forced first fixation of every scanpath, where the input still has it",
            default=False,
        ),
    ),
    sigma_px=24.0,
    pixels_per_degree=35.0,
)


def read(root: Path, *, keep_first: bool = False) -> Truths:
    """Ground truth from the first input that is there.

    Raises:
        ConfigError: `keep_first` with an input that has lost the first fixations.
        InputError: wrong tree, raw samples only, or files that cannot be used.
    """
    from benchmark_kit.types import Truths

    if not (root / "ALLSTIMULI").is_dir():
        raise tree_error(FACTS, root, ["ALLSTIMULI"])
    defects, dropped, notes = Defects(), Tally(), list[str]()
    stimuli = read_stimuli(root / "ALLSTIMULI", defects)
    if not stimuli and not defects:
        raise tree_error(FACTS, root, ["ALLSTIMULI/*.jpeg"])
    inputs = _inputs(root)
    if not inputs:
        raise _no_input(root)
    kind, files = inputs[0]
    if keep_first and kind in ("struct database", "binary maps"):
        raise ConfigError(
            f"mit1003: keep_first asks for the forced first fixations, but the {kind} in {root} "
            "has been stored without them. Fix: leave the option out, or give extracted files or "
            "pysaliency's fixations.hdf5"
        )
    notes.append(f"fixations from: {kind}")
    if len(inputs) > 1:
        notes.append(f"also there, not used: {', '.join(other for other, _ in inputs[1:])}")
    readers = {
        "extracted files": from_extracted,
        "pysaliency file": from_pysaliency,
        "struct database": from_struct,
        "binary maps": from_maps,
    }
    if kind != "binary maps":  # a map has a size of its own, which must be the picture's
        _check_sizes(stimuli, defects)
    found = readers[kind](files, stimuli, keep_first, defects, dropped, notes)
    if not found and not defects:
        defects.add("E703", kind, "none of its images has a picture in ALLSTIMULI")
    defects.raise_if_any(FACTS.title)
    report_unmatched(
        notes,
        without_stimulus=(),
        without_fixations=[name for name in stimuli if name not in found],
    )
    return Truths(
        "mit1003",
        every_picture(stimuli, found, density_file=partial(_shipped_map, root)),
        points="binary maps" if kind == "binary maps" else "fixations",
        dialect=FACTS.dialect,
        sigma_px=FACTS.sigma_px,
        pixels_per_degree=FACTS.pixels_per_degree,
        dropped=dropped,
        notes=tuple(notes),
    )


def _check_sizes(stimuli: dict[str, Stimulus], defects: Defects) -> None:
    for stimulus in stimuli.values():
        if max(stimulus.size) != LONGER_SIDE:
            defects.add(
                "E703",
                stimulus.path.name,
                f"a picture of {stimulus.size[1]}x{stimulus.size[0]}",
                f"a longer side of {LONGER_SIDE} pixels, as at the recording",
                "use the pictures of the data set, not resized ones; for scaled pictures with "
                "scaled points write a table, --dataset folder",
            )


def _shipped_map(root: Path, name: str) -> Path | None:
    path = root / "ALLFIXATIONMAPS" / f"{name}_fixMap.jpg"
    return path if path.is_file() else None


def _inputs(root: Path) -> list[tuple[str, list[Path]]]:
    """What is there of the four inputs, as (kind, files), in order of preference."""
    extracted = [
        Path(entry.path)
        for relative, entry in (
            files_below(root / "extracted") if (root / "extracted").is_dir() else ()
        )
        if relative.endswith(".mat") and ".jpeg_" in relative
    ]
    pysaliency = [root / "fixations.hdf5"] if (root / "fixations.hdf5").is_file() else []
    database = [
        folder
        for folder in (root, *sorted(path for path in root.iterdir() if path.is_dir()))
        if not is_leftover(folder.name)
        and (folder / "hash.mat").is_file()
        and any(folder.glob("FixationDB*.mat"))
    ]
    points = sorted((root / "ALLFIXATIONMAPS").glob("*_fixPts.jpg"))
    locations = sorted((root / "FIXATIONLOCS").glob("*.mat"))
    kinds = {
        "extracted files": sorted(extracted),
        "pysaliency file": pysaliency,
        "struct database": database[:1],
        "binary maps": [path for path in points or locations if not is_leftover(path.name)],
    }
    return [(kind, files) for kind, files in kinds.items() if files]


def _no_input(root: Path) -> InputError:
    if not (root / "DATA").is_dir():
        return tree_error(
            FACTS,
            root,
            [
                "extracted",
                "fixations.hdf5",
                "FixationDB*.mat with hash.mat",
                "ALLFIXATIONMAPS/*_fixPts.jpg",
            ],
        )
    return InputError(
        "MIT1003: the folder DATA holds raw gaze samples, not fixations; turning them into "
        "fixations takes the authors' MATLAB routine.",
        [
            Problem(
                "E702",
                (str(root / "DATA"),),
                "raw gaze samples only",
                "fixations",
                "add extracted/<stem>.jpeg_<subject>.mat, or pysaliency's fixations.hdf5 and "
                "stimuli.hdf5, or FixationDB*.mat with hash.mat, or ALLFIXATIONMAPS/*_fixPts.jpg",
            )
        ],
    )
