"""COCO-Freeview: 10 observers, MS COCO pictures padded to 1680x1050 (Chen et al., 2022).

One JSON list, an entry a scanpath: `name`, `subject`, `X`, `Y` (pixels, 0-based, fractional), `T`
(durations, ms), `length`, `split` (`train` or `valid`; the test part is withheld).

Rules
    - The first fixation is the forced one at the centre and is dropped; points outside the picture
      occur and are dropped (both as the board does).
    - The same picture may lie in several task folders: it must be the same file, byte for byte.
    - The padding is part of the picture.
    - Entries with a target (`condition` present or absent) are COCO-Search18, not this data set.
"""

from __future__ import annotations

import filecmp
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark_kit.datasets.reading.points import keep_inside
from benchmark_kit.datasets.reading.reader import (
    DatasetFacts,
    Defects,
    Option,
    report_unmatched,
    tree_error,
)
from benchmark_kit.datasets.reading.scanpath_json import is_search, read_scanpaths
from benchmark_kit.datasets.reading.stimuli import Stimulus, check_recorded, read_stimuli
from benchmark_kit.datasets.reading.tally import Tally

if TYPE_CHECKING:
    import numpy as np

    from benchmark_kit.types import Fixations, GroundTruth, Truths

VERSION = 2
RECORDED = (1050, 1680)  # height, width; pictures are padded to it
FOLDERS = ("images", "coco_search18_images_TA")
SPLITS = {"train": "train", "val": "valid"}
TABLE = "COCOFreeView_fixations_trainval.json"
TEST_IMAGES = 1000

FACTS = DatasetFacts(
    name="coco_freeview",
    title="COCO-Freeview",
    images="3,714 train, 603 val, 1,000 test",
    sizes="1680x1050",
    subjects="10",
    viewing="5 s",
    dialect="tuebingen",
    tree=(
        f"{TABLE}\nimages/<task>/<12 digits>.jpg\n"
        "coco_search18_images_TA/<task>/<12 digits>.jpg   (optional)"
    ),
    terms="pictures: MS COCO's terms; research use",
    source="Chen, Yang, Ahn, Samaras, Hoai, Zelinsky: COCO-FreeView, 2022",
    parts=(*FOLDERS, TABLE),
    options=(
        Option(
            "split", ("train", "val", "test"), "which part; test has pictures only", default="val"
        ),
    ),
    sigma_px=30.0,
    pixels_per_degree=30.0,  # vertical; 31.1 horizontal
)


def read(root: Path, *, split: str = "val") -> Truths:
    """Ground truth of one split; `test` is every picture that the table does not list.

    Raises:
        InputError: wrong tree or files that cannot be used.
    """
    from benchmark_kit.types import Truths

    table = root / TABLE
    if not table.is_file() and split != "test":
        raise tree_error(FACTS, root, [TABLE])
    if not any((root / folder).is_dir() for folder in FOLDERS):
        raise tree_error(FACTS, root, ["images"])
    defects, dropped, notes = Defects(), Tally(), list[str]()
    entries = _entries(table, defects) if table.is_file() else []
    defects.raise_if_any(f"COCO-Freeview {split}")
    stimuli = _stimuli(root, defects)
    if split == "test":
        images = _test(stimuli, {Path(entry["name"]).stem for entry in entries}, notes)
    else:
        mine = [entry for entry in entries if entry["split"] == SPLITS[split]]
        images = _scored(stimuli, mine, defects, dropped, notes)
    if not images and not defects:
        defects.add("E703", "images", f"no picture of the split {split}")
    defects.raise_if_any(f"COCO-Freeview {split}")
    return Truths(
        "coco_freeview",
        tuple(images),
        split=split,
        dialect=FACTS.dialect,
        sigma_px=FACTS.sigma_px,
        pixels_per_degree=FACTS.pixels_per_degree,
        dropped=dropped,
        notes=tuple(notes),
    )


def _stimuli(root: Path, defects: Defects) -> dict[str, Stimulus]:
    """Pictures by their 12 digits, wherever they lie."""
    stimuli: dict[str, Stimulus] = {}
    for folder in FOLDERS:
        if not (root / folder).is_dir():
            continue
        for stimulus in read_stimuli(root / folder, defects, natural=False).values():
            stem = stimulus.path.stem
            if stem not in stimuli:
                stimuli[stem] = Stimulus(stem, stimulus.path, stimulus.size)
            elif not filecmp.cmp(stimuli[stem].path, stimulus.path, shallow=False):
                places = (
                    f"{stimuli[stem].path.relative_to(root)} and {stimulus.path.relative_to(root)}"
                )
                defects.add("E104", places, "two different pictures of one name")
    return dict(sorted(stimuli.items()))


def _test(stimuli: dict[str, Stimulus], listed: set[str], notes: list[str]) -> list[GroundTruth]:
    from benchmark_kit.types import GroundTruth

    kept = [stimulus for stimulus in stimuli.values() if stimulus.name not in listed]
    notes.append("the fixations of the test split are withheld: only the board can score")
    if len(kept) != TEST_IMAGES:
        notes.append(f"{len(kept)} pictures, the board's test set has {TEST_IMAGES:,}")
    return [GroundTruth(each.name, each.size, stimulus=each.path) for each in kept]


def _entries(table: Path, defects: Defects) -> list[dict[str, Any]]:
    """The scanpaths of the table that have the documented form."""
    good = []
    for where, entry in read_scanpaths(table, defects, {"split": str}):
        if is_search(entry):
            defects.add(
                "E706",
                where,
                "a scanpath of COCO-Search18 (search for a target)",
                "free viewing",
                f"give the file {TABLE}, or salbench import for a data set of a search",
            )
        else:
            good.append(entry)
    return good


def _scored(
    stimuli: dict[str, Stimulus],
    entries: list[dict[str, Any]],
    defects: Defects,
    dropped: Tally,
    notes: list[str],
) -> list[GroundTruth]:
    from benchmark_kit.types import GroundTruth

    scanpaths: dict[str, list[dict[str, Any]]] = {}
    for entry in entries:
        scanpaths.setdefault(Path(entry["name"]).stem, []).append(entry)
    images = []
    for name in sorted(scanpaths):
        if name not in stimuli:
            continue
        stimulus = stimuli[name]
        if not check_recorded(stimulus, RECORDED, defects):
            continue
        try:
            fixations = _fixations(scanpaths[name], stimulus.size, dropped)
        except (ValueError, TypeError, OverflowError) as error:
            defects.add("E702", name, f"a scanpath that is not made of numbers ({error})")
            continue
        images.append(GroundTruth(name, stimulus.size, fixations, stimulus=stimulus.path))
    notes.append("first fixation of every scanpath dropped")
    report_unmatched(
        notes,
        without_stimulus=[name for name in sorted(scanpaths) if name not in stimuli],
        without_fixations=(),
    )
    return images


def _fixations(entries: list[dict[str, Any]], size: tuple[int, int], dropped: Tally) -> Fixations:
    import numpy as np

    def column(key: str) -> np.ndarray:
        return np.concatenate([np.array(entry[key][1:], dtype=np.float64) for entry in entries])

    lengths = [max(0, len(entry["X"]) - 1) for entry in entries]
    dropped["first fixation"] += sum(bool(entry["X"]) for entry in entries)
    return keep_inside(
        column("X"),
        column("Y"),
        size,
        dropped,
        subject=np.repeat([entry["subject"] for entry in entries], lengths),
        duration=column("T") / 1000,
        order=np.concatenate([np.arange(1, length + 1) for length in lengths]),
    )
