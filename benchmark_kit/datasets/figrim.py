"""FIGRIM: fixations while remembering scenes, 21 categories, 1000x1000 (Bylinskii et al., 2015).

`allImages` is a struct array with `filename`, `category` and `userdata`, one struct a participant;
whoever did not see the picture has an empty `trial`. `fixations` holds `enc`, `rec`, `rec2` (N x 2:
x, y; 0 x 0 when absent): the first showing and up to two repetitions. Only `enc` is free of memory
effects and is the default (our choice). The observer's number is the place in `userdata`.

Values run from 0.3 to 999.9. The authors' code rounds them to 1-based indices; they are taken
unshifted here, `index_base=1` subtracts 1.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark_kit.datasets.reading.ground_truth import every_picture
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
    from benchmark_kit.types import Fixations, Truths

VERSION = 2
RECORDED = (1000, 1000)
PICTURES = {"targets": "Targets", "fillers": "Fillers"}
TABLES = {
    "targets": "targetData/allImages_release.mat",
    "fillers": "fillerData/allImages_fillers.mat",
}
PHASES = ("enc", "rec", "rec2")

FACTS = DatasetFacts(
    name="figrim",
    title="FIGRIM",
    images="630 targets, 2,157 fillers",
    sizes="1000x1000",
    subjects="about 16 an image of 67",
    viewing="2 or 3 s by different sources",
    dialect="tuebingen",
    tree=(
        "Targets/<category>/*.jpg\ntargetData/allImages_release.mat\n"
        "Fillers/<category>/*.jpg\nfillerData/allImages_fillers.mat"
    ),
    terms="cite the paper",
    source="Bylinskii et al.: Intrinsic and Extrinsic Effects on Image Memorability, 2015",
    parts=("Targets", "Fillers", *TABLES.values()),
    options=(
        Option("stimuli", ("targets", "fillers"), "which pictures", default="targets"),
        Option(
            "memory",
            (*PHASES, "all"),
            "the showing: enc first, rec and rec2 repeated, all of them together",
            default="enc",
        ),
        INDEX_BASE,
    ),
    sigma_px=33.0,  # of the authors' maps
)


def read(
    root: Path, *, stimuli: str = "targets", memory: str = "enc", index_base: int = 0
) -> Truths:
    """Ground truth of targets or fillers.

    Raises:
        InputError: wrong tree or files that cannot be used.
    """
    from benchmark_kit.types import Truths

    table = root / TABLES[stimuli]
    for part in (PICTURES[stimuli], TABLES[stimuli]):
        if not (root / part).exists():
            raise tree_error(FACTS, root, [part])
    defects, dropped = Defects(), Tally()
    notes = [
        f"{stimuli}, showing: {memory}",
        f"index base {index_base} (not documented for this data set)",
    ]
    pictures = read_stimuli(root / PICTURES[stimuli], defects)
    for picture in pictures.values():
        check_recorded(picture, RECORDED, defects)
    phases = PHASES if memory == "all" else (memory,)
    found: dict[str, Fixations] = {}
    lost = []
    try:
        entries = matlab.items(matlab.load_variable(table, "allImages"))
    except ValueError as error:
        defects.add("E702", table.name, f"a file that cannot be used: {error}")
        entries = []
    for place, entry in enumerate(entries, 1):
        try:
            category = matlab.text(matlab.field(entry, "category"))
            name = f"{category}/{Path(matlab.text(matlab.field(entry, 'filename'))).stem}"
            if name not in pictures:
                lost.append(name)
                continue
            paths = [
                (number, table - index_base)
                for number, viewer in enumerate(matlab.items(matlab.field(entry, "userdata")))
                for table in _tables(viewer, phases)
            ]
        except ValueError as error:
            defects.add("E702", f"allImages({place})", f"an entry that cannot be used: {error}")
            continue
        found[name] = scanpaths(paths, pictures[name].size, dropped)
    if not found and not defects:
        defects.add("E703", table.name, f"none of its images is in {PICTURES[stimuli]}")
    defects.raise_if_any(f"FIGRIM {stimuli}")
    report_unmatched(
        notes,
        without_stimulus=lost,
        without_fixations=[name for name in pictures if name not in found],
    )
    return Truths(
        "figrim",
        every_picture(pictures, found, categories=True),
        dialect=FACTS.dialect,
        sigma_px=FACTS.sigma_px,
        dropped=dropped,
        notes=tuple(notes),
    )


def _tables(viewer: Any, phases: tuple[str, ...]) -> list[Any]:
    """Tables of x, y of the phases in which this participant saw the picture."""
    if not matlab.numbers(matlab.field(viewer, "trial")).size:
        return []
    fixations = matlab.field(viewer, "fixations")
    tables = [matlab.points(matlab.field(fixations, phase))[:, :2] for phase in phases]
    return [table for table in tables if len(table)]
