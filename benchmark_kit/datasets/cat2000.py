"""CAT2000: 20 categories of 100 + 100 pictures, 5 s of free viewing (Borji, Itti, 2015).

Rules
    - The training set has the odd numbers 001 to 199 of each category, the test set the even ones;
      the test set's fixations are held out.
    - Every category folder of `Stimuli` holds a folder `Output` with other people's maps: any path
      with such a part, in any case, is skipped.
    - The category is spelled `Satelite`.
    - `FIXATIONLOCS/<category>/NNN.mat` (variable `fixLocs`, 1080 x 1920) has neither observers nor
      repeats. `allFixData.mat` is an object that only MATLAB opens; where its Octave export
      `extracted/fix<i>_<j>.mat` is present it is preferred. There i counts the pictures from 1 in
      natural order and `data` holds x, y, 1-based: 1 is subtracted, what is outside or not finite
      is dropped, and so is a fixation equal to its predecessor (our choice: the rules of
      pysaliency's version 1.1). The first fixation stays.
    - The gray padding of some pictures is part of the picture; so is a wrong EXIF orientation.
"""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark_kit.datasets.reading.points import (
    MapSizeError,
    binary_map_points,
    keep_inside,
    no_fixations,
)
from benchmark_kit.datasets.reading.reader import (
    DatasetFacts,
    Defects,
    Option,
    report_unmatched,
    tree_error,
)
from benchmark_kit.datasets.reading.stimuli import Stimulus, check_recorded, read_stimuli
from benchmark_kit.datasets.reading.tally import Tally
from benchmark_kit.imaging import matlab

if TYPE_CHECKING:
    import numpy as np

    from benchmark_kit.types import Fixations, Truths

VERSION = 2
RECORDED = (1080, 1920)  # height, width of every picture
EXPORT = re.compile(r"fix(\d+)_(\d+)\.mat")

FACTS = DatasetFacts(
    name="cat2000",
    title="CAT2000",
    images="2,000 train, 2,000 test",
    sizes="1920x1080",
    subjects="18 public, 24 on the test set",
    viewing="5 s",
    dialect="tuebingen",
    tree=(
        "trainSet/Stimuli/<category>/<odd number>.jpg\n"
        "trainSet/FIXATIONLOCS/<category>/<odd number>.mat\n"
        "trainSet/FIXATIONMAPS/<category>/<odd number>.jpg\n"
        "extracted/fix<i>_<j>.mat   (optional export of allFixData.mat)\n"
        "testSet/Stimuli/<category>/<even number>.jpg"
    ),
    terms="no licence stated; research use",
    source="Borji, Itti: CAT2000, CVPR 2015 workshop on the Future of Datasets",
    parts=("trainSet", "testSet", "extracted"),
    options=(
        Option("split", ("train", "test"), "which part; test has pictures only", default="train"),
    ),
    sigma_px=40.0,
    pixels_per_degree=45.0,  # the board's; the paper's text gives 38
)


def read(root: Path, *, split: str = "train") -> Truths:
    """Ground truth of one split.

    Raises:
        InputError: wrong tree, the other split's pictures, or files that cannot be used.
    """
    from benchmark_kit.types import GroundTruth, Truths

    folder = root / f"{split}Set" / "Stimuli"
    if not folder.is_dir():
        raise tree_error(FACTS, root, [f"{split}Set/Stimuli"])
    defects, dropped, notes = Defects(), Tally(), list[str]()
    stimuli = read_stimuli(
        folder, defects, wanted=lambda path: "output" not in path.lower().split("/")[:-1]
    )
    if not stimuli and not defects:
        raise tree_error(FACTS, root, [f"{split}Set/Stimuli/<category>/*.jpg"])
    _check_split(stimuli, split, defects)
    defects.raise_if_any(f"CAT2000 {split}")
    found: dict[str, Fixations] = {}
    points = "fixations"
    if split == "train":
        exports = _exports(root)
        if exports:
            found = _from_exports(exports, stimuli, defects, dropped, notes)
        else:
            points = "binary maps"
            found = _from_maps(root, stimuli, defects, notes)
        defects.raise_if_any("CAT2000 train")
        missing = [name for name in stimuli if name not in found]
        report_unmatched(notes, without_stimulus=(), without_fixations=missing)
        found |= {name: no_fixations(stimuli[name].size) for name in missing}
    return Truths(
        "cat2000",
        tuple(
            GroundTruth(
                name,
                stimulus.size,
                found.get(name),
                category=stimulus.category,
                stimulus=stimulus.path,
                density_file=_shipped_map(root, split, name),
            )
            for name, stimulus in stimuli.items()
        ),
        split=split,
        points=points,
        dialect=FACTS.dialect,
        sigma_px=FACTS.sigma_px,
        pixels_per_degree=FACTS.pixels_per_degree,
        dropped=dropped,
        notes=tuple(notes),
    )


def _check_split(stimuli: dict[str, Stimulus], split: str, defects: Defects) -> None:
    """Train has the odd numbers, test the even ones."""
    odd = {"train": 1, "test": 0}[split]
    other = {"train": "test", "test": "train"}[split]
    for name in stimuli:
        number = name.rpartition("/")[2]
        if not number.isdecimal():
            defects.add("E706", name, "a picture that is not named by its number", "001 to 200")
        elif int(number) % 2 != odd:
            defects.add(
                "E706",
                name,
                f"{'an even' if odd else 'an odd'} number: a picture of the {other} set",
                f"{'odd' if odd else 'even'} numbers in {split}Set",
                f"split={other!r} (--split {other}), or the right folder",
            )


def _shipped_map(root: Path, split: str, name: str) -> Path | None:
    path = root / f"{split}Set" / "FIXATIONMAPS" / f"{name}.jpg"
    return path if path.is_file() else None


def _exports(root: Path) -> dict[Path, tuple[int, int]]:
    """Export files with their numbers (picture from 1, observer from 1), in order."""
    for folder in (root / "extracted", root / "trainSet" / "extracted"):
        found = {
            path: (int(match[1]), int(match[2]))
            for path in folder.glob("fix*.mat")
            if (match := EXPORT.fullmatch(path.name))
        }
        if found:
            return dict(sorted(found.items(), key=lambda item: item[1]))
    return {}


def _from_exports(
    exports: dict[Path, tuple[int, int]],
    stimuli: dict[str, Stimulus],
    defects: Defects,
    dropped: Tally,
    notes: list[str],
) -> dict[str, Fixations]:
    import numpy as np

    for stimulus in stimuli.values():
        check_recorded(stimulus, RECORDED, defects)
    names = list(stimuli)
    numbers = {number for number, _ in exports.values()}
    if numbers != set(range(1, len(names) + 1)):
        defects.add(
            "E703",
            "extracted",
            f"exports on {len(numbers)} pictures, the highest number {max(numbers)}; {len(names)} "
            "pictures are there",
            "exports numbered through all pictures of Stimuli",
            "complete Stimuli or extracted, or move extracted away to read FIXATIONLOCS",
        )
        return {}
    subjects: dict[str, int] = {}
    parts: dict[str, list[np.ndarray]] = {}
    for path, (number, _) in exports.items():
        try:
            content = matlab.load_mat(path)
            subject = matlab.text(content["name"]).split(".eye")[0].rpartition("-")[2]
            table = matlab.points(content["data"])[:, :2] - 1
        except KeyError as error:
            defects.add("E702", path.name, f"an export without the variable {error}")
            continue
        except ValueError as error:
            defects.add("E702", path.name, f"an export that cannot be used: {error}")
            continue
        observer = subjects.setdefault(subject, len(subjects))
        rows = np.column_stack([table, np.full(len(table), observer), np.arange(len(table))])
        parts.setdefault(names[number - 1], []).append(
            _settled(rows, stimuli[names[number - 1]], dropped)
        )
    notes.append("fixations from the export of allFixData.mat, shifted by 1 (index base 1)")
    found = {}
    for name, tables in parts.items():
        x, y, subject, order = np.concatenate(tables).T
        found[name] = keep_inside(
            x, y, stimuli[name].size, dropped, subject=subject.astype(int), order=order.astype(int)
        )
    return found


def _settled(rows: np.ndarray, stimulus: Stimulus, dropped: Tally) -> np.ndarray:
    """One scanpath without fixations that equal the one kept before."""
    import numpy as np

    height, width = stimulus.size
    x, y = rows[:, 0], rows[:, 1]
    usable = np.flatnonzero((x >= 0) & (y >= 0) & (x < width) & (y < height))
    repeated = [
        this for before, this in pairwise(usable) if x[before] == x[this] and y[before] == y[this]
    ]
    if repeated:
        dropped["repeated"] += len(repeated)
    return np.delete(rows, repeated, axis=0)


def _from_maps(
    root: Path, stimuli: dict[str, Stimulus], defects: Defects, notes: list[str]
) -> dict[str, Fixations]:
    folder = root / "trainSet" / "FIXATIONLOCS"
    if not folder.is_dir() or not any(folder.glob("*/*.mat")):
        pictures = folder.is_dir() and any(folder.glob("*/*.jpg"))
        fix = (
            "put the .mat files of the points there; the pictures in it are density maps, which "
            "belong in FIXATIONMAPS"
        )
        raise tree_error(
            FACTS, root, ["trainSet/FIXATIONLOCS/<category>/*.mat"], fix if pictures else ""
        )
    found = {}
    for name, stimulus in stimuli.items():
        path = folder / f"{name}.mat"
        if not path.is_file():
            continue
        try:
            values = matlab.stored_numbers(matlab.load_variable(path, "fixLocs"))
            found[name] = binary_map_points(values, stimulus.size)
        except matlab.MatFileError as error:
            defects.add("E702", f"{name}.mat", f"a file that cannot be used: {error}")
        except MapSizeError as error:
            defects.add("E703", f"{name}.mat", str(error))
        except ValueError as error:
            defects.add("E705", f"{name}.mat", str(error))
    notes.append("binary maps: no observers, repeated fixations collapsed")
    return found
