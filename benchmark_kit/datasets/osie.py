"""OSIE: 15 observers, 700 photographs with many objects, 3 s of free viewing (Xu et al., JoV 2014).

`data/eye/fixations.mat`: a 700 x 1 cell of structs `img` (file name) and `subjects`, a 15 x 1 cell
of structs `fix_x`, `fix_y` (1 x N, tenths of a pixel), `fix_duration` (1 x N, ms). The first
fixation stays.

The index base is not documented, and the values (1.2 to 799.2) do not tell. The values are taken
unshifted and truncated; the authors' own maps round them and use them as 1-based indices, which is
the same pixel for one half of the values. `index_base=1` subtracts 1 before truncation, which meets
the authors' pixel for the other half.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark_kit.datasets.reading.ground_truth import every_picture
from benchmark_kit.datasets.reading.points import keep_inside
from benchmark_kit.datasets.reading.reader import (
    INDEX_BASE,
    DatasetFacts,
    Defects,
    report_unmatched,
    tree_error,
)
from benchmark_kit.datasets.reading.stimuli import check_recorded, read_stimuli
from benchmark_kit.datasets.reading.tally import Tally
from benchmark_kit.imaging import matlab

if TYPE_CHECKING:
    from benchmark_kit.types import Fixations, Truths

VERSION = 2
RECORDED = (600, 800)  # height, width of every picture

FACTS = DatasetFacts(
    name="osie",
    title="OSIE",
    images="700",
    sizes="800x600",
    subjects="15",
    viewing="3 s",
    dialect="tuebingen",
    tree="data/stimuli/1001.jpg ... 1700.jpg\ndata/eye/fixations.mat",
    terms="MIT licence; photographs keep their owners' rights",
    source="Xu, Jiang, Wang, Kankanhalli, Zhao: Predicting human gaze beyond pixels, JoV 2014",
    parts=("data/eye/fixations.mat", "data/stimuli", "eye/fixations.mat", "stimuli"),
    options=(INDEX_BASE,),
    sigma_px=24.0,  # radius of the authors' own maps
)


def read(root: Path, *, index_base: int = 0) -> Truths:
    """Ground truth of all pictures; the root may be the folder `data` itself.

    Raises:
        InputError: wrong tree or files that cannot be used.
    """
    from benchmark_kit.types import Truths

    data = root if (root / "eye" / "fixations.mat").is_file() else root / "data"
    table = data / "eye" / "fixations.mat"
    for part in (table, data / "stimuli"):
        if not part.exists():
            raise tree_error(FACTS, root, [(Path("data") / part.relative_to(data)).as_posix()])
    defects, dropped = Defects(), Tally()
    notes = [f"index base {index_base} (not documented for this data set)"]
    stimuli = read_stimuli(data / "stimuli", defects, natural=False)
    for stimulus in stimuli.values():
        check_recorded(stimulus, RECORDED, defects)
    found: dict[str, Fixations] = {}
    lost = []
    try:
        cells = matlab.items(matlab.load_variable(table, "fixations"))
        names = [Path(matlab.text(matlab.field(cell, "img"))).stem for cell in cells]
    except ValueError as error:
        defects.add("E702", table.name, f"a file that cannot be used: {error}")
        cells, names = [], []
    for name, cell in zip(names, cells, strict=True):
        if name not in stimuli:
            lost.append(name)
            continue
        try:
            found[name] = _fixations(cell, stimuli[name].size, index_base, dropped)
        except ValueError as error:
            defects.add("E702", name, f"an entry of fixations.mat that cannot be used: {error}")
    if not found and not defects:
        defects.add("E703", table.name, "none of its images is in stimuli/")
    defects.raise_if_any(FACTS.title)
    report_unmatched(
        notes,
        without_stimulus=lost,
        without_fixations=[name for name in stimuli if name not in found],
    )
    return Truths(
        "osie",
        every_picture(stimuli, found),
        dialect=FACTS.dialect,
        sigma_px=FACTS.sigma_px,
        dropped=dropped,
        notes=tuple(notes),
    )


def _fixations(cell: Any, size: tuple[int, int], index_base: int, dropped: Tally) -> Fixations:
    import numpy as np

    rows = [np.empty((0, 5))]
    for number, observer in enumerate(matlab.items(matlab.field(cell, "subjects"))):
        x, y, milliseconds = (
            matlab.numbers(matlab.field(observer, name)).reshape(-1)
            for name in ("fix_x", "fix_y", "fix_duration")
        )
        if not len(x) == len(y) == len(milliseconds):
            raise matlab.MatFileError("fix_x, fix_y and fix_duration differ in length")
        order = np.arange(len(x))
        rows.append(
            np.column_stack(
                [x - index_base, y - index_base, milliseconds / 1000, order, order * 0 + number]
            )
        )
    x, y, duration, order, subject = np.concatenate(rows).T
    return keep_inside(x, y, size, dropped, subject=subject, duration=duration, order=order)
