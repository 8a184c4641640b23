"""iSUN: SUN pictures seen through webcams (Xu et al., 2015; LSUN'15 challenge).

`training.mat`, `validation.mat`, `testing.mat` each hold a variable of the file's name: a struct
array with `image` (name without extension), `resolution` (rows, columns), `scene` and `gaze`, one
struct per observer with `fixation` (x, y). The test part has no `gaze`.

No index base is documented. The values are taken unshifted, as other readers do; `index_base=1`
subtracts 1. Observers are numbered within a picture.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from benchmark_kit.datasets.reading.points import scanpaths
from benchmark_kit.datasets.reading.reader import (
    INDEX_BASE,
    DatasetFacts,
    Defects,
    Option,
    report_unmatched,
    tree_error,
)
from benchmark_kit.datasets.reading.stimuli import check_recorded, read_stimuli
from benchmark_kit.datasets.reading.tally import Tally
from benchmark_kit.imaging import matlab

if TYPE_CHECKING:
    from benchmark_kit.types import Truths

VERSION = 2
VARIABLES = {"train": "training", "val": "validation", "test": "testing"}

FACTS = DatasetFacts(
    name="isun",
    title="iSUN",
    images="6,000 train, 926 val, 2,000 test",
    sizes="various",
    subjects="webcam workers",
    viewing="not documented",
    dialect="mit",
    tree="images/<image>.jpg\ntraining.mat\nvalidation.mat\ntesting.mat",
    terms="no licence stated; research use",
    source="Xu et al.: TurkerGaze: Crowdsourcing Saliency with Webcam based Eye Tracking, 2015",
    parts=("images", "training.mat", "validation.mat", "testing.mat"),
    options=(
        Option("split", ("train", "val", "test"), "which part; test has no gaze", default="val"),
        INDEX_BASE,
    ),
)


def read(root: Path, *, split: str = "val", index_base: int = 0) -> Truths:
    """Ground truth of one split.

    Raises:
        InputError: wrong tree or files that cannot be used.
    """
    from benchmark_kit.types import GroundTruth, Truths

    variable = VARIABLES[split]
    path = root / f"{variable}.mat"
    if not path.is_file():
        raise tree_error(FACTS, root, [path.name])
    if not (root / "images").is_dir():
        raise tree_error(FACTS, root, ["images"])
    defects, dropped = Defects(), Tally()
    notes = [f"index base {index_base} (not documented for this data set)"]
    try:
        entries = [
            (matlab.text(matlab.field(entry, "image")), entry)
            for entry in matlab.items(matlab.load_variable(path, variable))
        ]
    except ValueError as error:
        defects.add("E702", path.name, f"a file that cannot be used: {error}")
        entries = []
    listed = {name for name, _ in entries}
    stimuli = read_stimuli(
        root / "images",
        defects,
        natural=False,
        wanted=lambda file: file.rpartition(".")[0] in listed,
    )
    images = []
    for name, entry in entries:
        if name not in stimuli:
            continue
        size = stimuli[name].size
        try:
            height, width = matlab.numbers(matlab.field(entry, "resolution")).reshape(-1)[:2]
            paths = None
            if split != "test":
                paths = [
                    (observer, matlab.points(matlab.field(gaze, "fixation"))[:, :2] - index_base)
                    for observer, gaze in enumerate(matlab.items(matlab.field(entry, "gaze")))
                ]
        except ValueError as error:
            defects.add("E702", name, f"an entry that cannot be used: {error}")
            continue
        if not check_recorded(stimuli[name], (height, width), defects, name):
            continue
        fixations = None if paths is None else scanpaths(paths, size, dropped)
        images.append(GroundTruth(name, size, fixations, stimulus=stimuli[name].path))
    if not images and not defects:
        defects.add("E703", path.name, f"none of its {len(entries)} images is in images/")
    defects.raise_if_any(f"iSUN {split}")
    report_unmatched(
        notes,
        without_stimulus=[name for name, _ in entries if name not in stimuli],
        without_fixations=(),
    )
    return Truths(
        "isun",
        tuple(sorted(images, key=lambda truth: truth.name)),
        split=split,
        dialect=FACTS.dialect,
        dropped=dropped,
        notes=tuple(notes),
    )
