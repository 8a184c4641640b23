"""MIT300: the benchmark's 300 photographs (Judd, Durand, Torralba, 2012); the fixations are secret.

A reader has pictures only: names and sizes for packaging and for prediction. `BenchmarkIMAGES` is
read without its sub-folders; what archivers leave behind (`.svn`, `__MACOSX`, `.DS_Store`) is
skipped.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from benchmark_kit.datasets.reading.reader import DatasetFacts, Defects, tree_error
from benchmark_kit.datasets.reading.stimuli import read_stimuli

if TYPE_CHECKING:
    from benchmark_kit.types import Truths

VERSION = 1
IMAGES = 300

FACTS = DatasetFacts(
    name="mit300",
    title="MIT300",
    images="300",
    sizes="several, longer side 1024",
    subjects="39 (secret)",
    viewing="3 s",
    dialect="tuebingen",
    tree="BenchmarkIMAGES/i1.jpg ... i300.jpg",
    terms="images public, fixations secret; research use",
    source="Judd, Durand, Torralba: A Benchmark of Computational Models of Saliency, MIT 2012",
    parts=("BenchmarkIMAGES",),
    sigma_px=23.99,  # the board's empirical maps
    pixels_per_degree=35.0,
)


def read(root: Path) -> Truths:
    """The pictures, without fixations.

    Raises:
        InputError: wrong tree or pictures that cannot be opened.
    """
    from benchmark_kit.types import GroundTruth, Truths

    folder = root / "BenchmarkIMAGES"
    if not folder.is_dir():
        raise tree_error(FACTS, root, ["BenchmarkIMAGES"])
    defects = Defects()
    stimuli = read_stimuli(folder, defects, wanted=lambda path: "/" not in path)
    if not stimuli and not defects:
        raise tree_error(FACTS, root, ["BenchmarkIMAGES/*.jpg"])
    defects.raise_if_any(FACTS.title)
    notes = ["the fixations are secret: only the board can score"]
    if len(stimuli) != IMAGES:
        notes.append(f"{len(stimuli)} pictures of {IMAGES}")
    return Truths(
        "mit300",
        tuple(
            GroundTruth(name, stimulus.size, stimulus=stimulus.path)
            for name, stimulus in stimuli.items()
        ),
        split="test",
        dialect=FACTS.dialect,
        sigma_px=FACTS.sigma_px,
        pixels_per_degree=FACTS.pixels_per_degree,
        notes=tuple(notes),
    )
