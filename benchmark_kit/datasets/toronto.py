"""Toronto: 20 observers, 120 photographs, 4 s of free viewing (Bruce, Tsotsos, NIPS 2005).

`origfixdata.mat` holds `white`, a 1 x 120 cell of binary 511 x 681 maps; cell n belongs to
`<n>.jpg`. No observers, no repeats. The lists in `fixdens/Raw` are not in pixels of the pictures
and are not read.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from benchmark_kit.datasets.reading.points import MapSizeError, binary_map_points
from benchmark_kit.datasets.reading.reader import (
    DatasetFacts,
    Defects,
    report_unmatched,
    tree_error,
)
from benchmark_kit.datasets.reading.stimuli import read_stimuli
from benchmark_kit.imaging import matlab

if TYPE_CHECKING:
    from benchmark_kit.types import Truths

VERSION = 1
PICTURES = "eyetrackingdata/fixdens/Original Image Set"
MAPS = "eyetrackingdata/fixdens/origfixdata.mat"

FACTS = DatasetFacts(
    name="toronto",
    title="Toronto",
    images="120",
    sizes="681x511",
    subjects="20",
    viewing="4 s",
    dialect="tuebingen",
    tree=f"{PICTURES}/1.jpg ... 120.jpg\n{MAPS}",
    terms="no licence stated; research use",
    source="Bruce, Tsotsos: Saliency Based on Information Maximization, NIPS 2005",
    parts=(PICTURES, MAPS),
)


def read(root: Path) -> Truths:
    """Ground truth of all pictures.

    Raises:
        InputError: wrong tree or files that cannot be used.
    """
    from benchmark_kit.types import GroundTruth, Truths

    for part in (PICTURES, MAPS):
        if not (root / part).exists():
            raise tree_error(FACTS, root, [part])
    defects = Defects()
    notes = ["binary maps: no observers, repeated fixations collapsed"]
    stimuli = read_stimuli(
        root / PICTURES,
        defects,
        natural=False,
        wanted=lambda path: path.partition(".")[0].isdecimal(),
    )
    try:
        maps = matlab.items(matlab.load_variable(root / MAPS, "white"))
    except ValueError as error:
        defects.add("E702", MAPS, f"a file that cannot be used: {error}")
        maps = []
    names = [str(number) for number in range(1, len(maps) + 1)]
    images = []
    for name, values in zip(names, maps, strict=True):
        if name not in stimuli:
            continue
        stimulus = stimuli[name]
        try:
            fixations = binary_map_points(matlab.stored_numbers(values), stimulus.size)
        except MapSizeError as error:
            defects.add("E703", name, str(error))
        except ValueError as error:
            defects.add("E705", name, str(error))
        else:
            images.append(GroundTruth(name, stimulus.size, fixations, stimulus=stimulus.path))
    for name in sorted(set(stimuli) - set(names)):
        if maps:
            defects.add("E703", f"{name}.jpg", f"a picture beyond the {len(maps)} maps of {MAPS}")
    if not images and not defects:
        defects.add("E703", MAPS, f"none of its {len(maps)} maps has a picture, named as 1.jpg")
    defects.raise_if_any(FACTS.title)
    report_unmatched(
        notes,
        without_stimulus=[name for name in names if name not in stimuli],
        without_fixations=(),
    )
    return Truths(
        "toronto",
        tuple(sorted(images, key=lambda truth: truth.name)),
        points="binary maps",
        dialect=FACTS.dialect,
        notes=tuple(notes),
    )
