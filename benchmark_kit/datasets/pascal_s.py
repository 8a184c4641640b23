"""PASCAL-S: 850 pictures of PASCAL VOC, 12 observers, 2 s of free viewing (Li et al., CVPR 2014).

`pascalFix.mat` (MATLAB 7.3) holds `fixCell`, an 850 x 1 cell of N x 3 tables whose columns are **y,
x**, subject, 1-based; cell n belongs to `<n>.jpg`. `pascalSize.mat` holds `sizeData`, 850 x 2
(height, width). The masks of the data set are those of salient-object detection and are not read.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark_kit.datasets.reading.points import keep_inside
from benchmark_kit.datasets.reading.reader import (
    DatasetFacts,
    Defects,
    report_unmatched,
    tree_error,
)
from benchmark_kit.datasets.reading.stimuli import check_recorded, read_stimuli
from benchmark_kit.datasets.reading.tally import Tally
from benchmark_kit.imaging import matlab

if TYPE_CHECKING:
    import numpy as np

    from benchmark_kit.types import Fixations, Truths

VERSION = 2
PICTURES = "datasets/imgs/pascal"
FIXATIONS = "datasets/fixations/pascalFix.mat"
SIZES = "datasets/fixations/pascalSize.mat"

FACTS = DatasetFacts(
    name="pascal_s",
    title="PASCAL-S",
    images="850",
    sizes="VOC sizes, up to 500",
    subjects="12",
    viewing="2 s",
    dialect="tuebingen",
    tree=f"{PICTURES}/1.jpg ... 850.jpg\n{FIXATIONS}\n{SIZES}",
    terms="pictures: PASCAL VOC's terms; research use",
    source="Li, Hou, Koch, Rehg, Yuille: The Secrets of Salient Object Segmentation, CVPR 2014",
    parts=(PICTURES, FIXATIONS, SIZES),
)


def read(root: Path) -> Truths:
    """Ground truth of all pictures.

    Raises:
        InputError: wrong tree or files that cannot be used.
    """
    from benchmark_kit.types import GroundTruth, Truths

    # without the sizes nobody could tell resized pictures, whose scores would be wrong unseen
    for part in (PICTURES, FIXATIONS, SIZES):
        if not (root / part).exists():
            raise tree_error(FACTS, root, [part])
    defects, dropped = Defects(), Tally()
    notes = ["columns y, x, subject; shifted by 1 (index base 1)"]
    stimuli = read_stimuli(
        root / PICTURES,
        defects,
        natural=False,
        wanted=lambda path: path.partition(".")[0].isdecimal(),
    )
    tables = []
    try:
        tables = matlab.items(matlab.load_variable(root / FIXATIONS, "fixCell"))
    except ValueError as error:
        defects.add("E702", FIXATIONS, f"a file that cannot be used: {error}")
    sizes = _sizes(root / SIZES, len(tables), defects)
    names = [str(number) for number in range(1, len(tables) + 1)]
    images = []
    for place, name in enumerate(names):
        if name not in stimuli:
            continue
        stimulus = stimuli[name]
        if sizes is not None and not check_recorded(stimulus, sizes[place], defects):
            continue
        try:
            fixations = _fixations(tables[place], stimulus.size, dropped)
        except ValueError as error:
            defects.add("E702", f"fixCell {name}", f"an entry that cannot be used: {error}")
            continue
        images.append(GroundTruth(name, stimulus.size, fixations, stimulus=stimulus.path))
    for name in sorted(set(stimuli) - set(names)):
        if tables:
            defects.add("E703", f"{name}.jpg", f"a picture beyond the {len(tables)} of fixCell")
    if not images and not defects:
        found = f"none of its {len(tables)} tables has a picture, named as 1.jpg"
        defects.add("E703", FIXATIONS, found)
    defects.raise_if_any(FACTS.title)
    report_unmatched(
        notes,
        without_stimulus=[name for name in names if name not in stimuli],
        without_fixations=(),
    )
    return Truths(
        "pascal_s",
        tuple(sorted(images, key=lambda truth: truth.name)),
        dialect=FACTS.dialect,
        dropped=dropped,
        notes=tuple(notes),
    )


def _fixations(table: Any, size: tuple[int, int], dropped: Tally) -> Fixations:
    import numpy as np

    y, x, subject = matlab.points(table, 3)[:, :3].T
    order = np.zeros(len(x), dtype=int)
    for observer in np.unique(subject):
        mine = subject == observer
        order[mine] = np.arange(mine.sum())
    return keep_inside(x - 1, y - 1, size, dropped, subject=subject, order=order)


def _sizes(path: Path, count: int, defects: Defects) -> np.ndarray | None:
    try:
        sizes = matlab.points(matlab.load_variable(path, "sizeData"))
    except ValueError as error:
        defects.add("E702", path.name, f"a file that cannot be used: {error}")
        return None
    if count and len(sizes) != count:
        defects.add("E703", path.name, f"{len(sizes)} sizes for the {count} pictures of fixCell")
        return None
    return sizes[:, :2]
