"""Small copies of the pictures that the findings learn from and are judged by.

    learn/, judge/     `folder` data sets: stimuli/<set>/<picture>.png, fixations.csv

Pictures are scaled to a longest side of 256 pixels and fixations with them. Of each data set the
first pictures by the hash rule learn and the next ones judge. With the default numbers (300, 150)
all of them lie in the training parts of OSIE (500 of 700) and MIT1003 (853 of 903): no picture that
a shipped model is validated or tested by takes part.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from benchmark_kit import get_dataset
from benchmark_kit.errors import ConfigError
from benchmark_kit.files import write_text
from benchmark_kit.imaging.images import write_png
from benchmark_kit.types import GroundTruth, Truths
from keras_saliency.base.array_model import rgb_pixels
from keras_saliency.base.resample import resample
from keras_saliency.data import split

LONGEST = 256
READERS = {"osie": "osie", "mit1003": "folder"}
PARTS = {"learn": "train", "judge": "validate"}
ABOUT = "about.json"


def small_sets(roots: Mapping[str, Path], learn: int, judge: int, out: Path) -> dict[str, Truths]:
    """The two parts, written into `out` unless they lie there.

    Args:
        roots: folders of the data sets, by `READERS`.
        learn: pictures of each set to learn from.
        judge: pictures of each set to judge by.
        out: folder of the copies.

    Returns:
        ground truth of `learn` and of `judge`; categories are the sets' names.

    Raises:
        ConfigError: copies of other pictures lie there.
    """
    about = {"sets": sorted(roots), "learn": learn, "judge": judge, "longest": LONGEST}
    marker = out / ABOUT
    if not marker.is_file():
        for part in PARTS:
            (out / part).mkdir(parents=True, exist_ok=True)
        tables: dict[str, list[list[object]]] = {part: [] for part in PARTS}
        for name, root in roots.items():
            parts = split(get_dataset(READERS[name], root), f"hash:{learn}/{judge}")
            for part, named in PARTS.items():
                for truth in parts[named]:
                    tables[part] += _copy(
                        truth, out / part, f"{name}/{truth.name.replace('/', '-')}.png"
                    )
        for part, rows in tables.items():
            text = io.StringIO(newline="")
            csv.writer(text, lineterminator="\n").writerows([["image", "subject", "x", "y"], *rows])
            write_text(out / part / "fixations.csv", text.getvalue())
        write_text(marker, json.dumps(about))  # last: what has it is whole
    if json.loads(marker.read_text()) != about:
        raise ConfigError(f"{out} holds small copies of other pictures. Fix: another --out")
    return {part: get_dataset("folder", out / part, cache=False) for part in PARTS}


def _copy(truth: GroundTruth, root: Path, name: str) -> list[list[object]]:
    """Write one picture; its rows of the table."""
    assert truth.stimulus is not None
    assert truth.fixations is not None
    scale = min(1.0, LONGEST / max(truth.size))
    size = tuple(max(1, round(side * scale)) for side in truth.size)
    pixels = resample(rgb_pixels(truth.stimulus).astype(np.float32), size, "antialiased")
    path = root / "stimuli" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    write_png(path, np.clip(np.rint(pixels), 0, 255).astype(np.uint8))
    found = truth.fixations
    places = [
        # the pixel that holds the point; the last one where rounding made the picture smaller
        np.minimum(np.floor((np.floor(at) + 0.5) * small / large), small - 1).astype(int)
        for at, small, large in zip((found.x, found.y), size[::-1], truth.size[::-1], strict=True)
    ]
    subjects = np.zeros(len(found.x), int) if found.subject is None else found.subject
    return [
        [name, *row] for row in zip(subjects.tolist(), *(p.tolist() for p in places), strict=True)
    ]
