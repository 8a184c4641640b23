"""DUT-OMRON: 5,168 pictures, 5 observers, 2 s (Yang et al., CVPR 2013), its eye fixations.

`DUT-OMRON-eye-fixations/mat/<stem>.mat` holds `s`, rows [x y subject], 0-based. The **first row is
[width height 0]**, the picture's size, not a fixation. The same subject number in two pictures need
not be the same person. The masks of the data set are those of salient-object detection and are not
read.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from benchmark_kit.datasets.reading.ground_truth import every_picture
from benchmark_kit.datasets.reading.points import keep_inside
from benchmark_kit.datasets.reading.reader import (
    DatasetFacts,
    Defects,
    report_unmatched,
    tree_error,
)
from benchmark_kit.datasets.reading.stimuli import read_stimuli
from benchmark_kit.datasets.reading.tally import Tally
from benchmark_kit.imaging import matlab

if TYPE_CHECKING:
    from benchmark_kit.types import Fixations, Truths

VERSION = 1
PICTURES = "DUT-OMRON-image"
FIXATIONS = "DUT-OMRON-eye-fixations/mat"

FACTS = DatasetFacts(
    name="dut_omron",
    title="DUT-OMRON",
    images="5,168",
    sizes="up to 400x400",
    subjects="5",
    viewing="2 s",
    dialect="tuebingen",
    tree=f"{PICTURES}/<stem>.jpg\n{FIXATIONS}/<stem>.mat",
    terms="no licence stated; research use",
    source="Yang et al.: Saliency Detection via Graph-Based Manifold Ranking, CVPR 2013",
    parts=(PICTURES, FIXATIONS),
)


def read(root: Path) -> Truths:
    """Ground truth of all pictures.

    Raises:
        InputError: wrong tree or files that cannot be used.
    """
    from benchmark_kit.types import Truths

    for part in (PICTURES, FIXATIONS):
        if not (root / part).is_dir():
            raise tree_error(FACTS, root, [part])
    defects, dropped = Defects(), Tally()
    notes = ["index base 0; the first row of every file is the size and is left out"]
    stimuli = read_stimuli(
        root / PICTURES, defects, natural=False, wanted=lambda path: "/" not in path
    )
    tables = {
        path.stem: path
        for path in sorted((root / FIXATIONS).glob("*.mat"))
        if not path.name.startswith("._")
    }
    if not tables or not (stimuli or defects):
        raise tree_error(FACTS, root, [f"{PICTURES}/*.jpg" if tables else f"{FIXATIONS}/*.mat"])
    found: dict[str, Fixations] = {}
    for stem, path in tables.items():
        if stem not in stimuli:
            continue
        try:
            rows = matlab.points(matlab.load_variable(path, "s"), 3)
        except ValueError as error:
            defects.add("E702", path.name, f"a file that cannot be used: {error}")
            continue
        height, width = stimuli[stem].size
        if not len(rows) or tuple(rows[0, :3]) != (width, height, 0):
            defects.add(
                "E703",
                path.name,
                "its first row is not [width height 0] of the picture",
                fix="use the pictures of the data set, not resized ones",
            )
            continue
        x, y, subject = rows[1:, :3].T
        found[stem] = keep_inside(x, y, stimuli[stem].size, dropped, subject=subject)
    if not found and not defects:
        defects.add("E703", FIXATIONS, f"none of its {len(tables)} files belongs to a picture")
    defects.raise_if_any(FACTS.title)
    report_unmatched(
        notes,
        without_stimulus=[stem for stem in tables if stem not in stimuli],
        without_fixations=[name for name in stimuli if name not in found],
    )
    return Truths(
        "dut_omron",
        every_picture(stimuli, found),
        dialect=FACTS.dialect,
        dropped=dropped,
        notes=tuple(notes),
    )
