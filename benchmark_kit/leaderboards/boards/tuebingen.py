"""The boards of the MIT/Tuebingen benchmark: MIT300, CAT2000, COCO-Freeview.

A prediction is found by the end of its name. MIT300's forced first fixation is not scored, nor are
COCO-Freeview's first ones and those outside the image; IG is averaged over fixations on MIT300 and
over images on COCO-Freeview.
"""

from __future__ import annotations

from typing import Any

from benchmark_kit.leaderboards.boards._sets import CAT2000, CAT2000_STRANGERS, MIT300
from benchmark_kit.leaderboards.rules import Board, Split

SOURCE = "github.com/matthias-k/saliency-benchmarking, program and README"
MEMBERS = (".png", ".jpg", ".jpeg", ".tiff", ".npy")
CONTAINERS = (".zip", ".tar", ".tar.gz", ".hdf5", ".h5", ".hdf")


def _board(
    name: str, title: str, split: Split, *, blur: float, notes: tuple[str, ...] = (), **more: Any
) -> Board:
    """A board of the MIT/Tuebingen benchmark.

    Args:
        name: as on the command line.
        title: as people call it.
        split: its images.
        blur: sigma of the board's empirical maps in pixels.
        notes: what a sender to this board should know besides.
        **more: further fields of `Board`.
    """
    return Board(
        name=name,
        title=title,
        splits=(split,),
        stores={"maps": ("png8", "png16", "npy", "hdf5"), "densities": ("hdf5", "npy")},
        members=MEMBERS,
        containers=CONTAINERS,
        state="open",
        state_date="2025-05",
        state_source="the board's program of 2025-01 and results published in 2025-05",
        metrics=("IG", "AUC", "sAUC", "NSS", "CC", "KLDiv", "SIM"),
        ranked_by="AUC (every column sorts by a click)",
        blur=blur,
        resizes="a map of another size is resized bilinearly without a word",
        source=SOURCE,
        notes=(
            "log densities (natural, float32) score higher than maps and are the only way to IG",
            "the file's name is shown as the model's name",
            "one model at a time: several submissions in a short time are put off",
            "submissions go by mail to the maintainers",
            *notes,
        ),
        **more,
    )


BOARDS = (
    _board("mit300", "MIT300 (MIT/Tuebingen)", MIT300, blur=23.99, key_folder="BenchmarkIMAGES"),
    _board(
        "cat2000",
        "CAT2000 (MIT/Tuebingen)",
        CAT2000,
        blur=40.0,
        notes=("the board's page called this evaluation preliminary in 2021",),
        key_folder="stimuli",
        strangers=CAT2000_STRANGERS,
    ),
    _board(
        "coco_freeview",
        "COCO-Freeview (MIT/Tuebingen)",
        Split(
            "test",
            1000,
            r"\d{12}",
            size=(1680, 1050),
            shown="twelve digits, such as 000000000285",
        ),
        blur=30.0,
        strangers=((r"COCO_(?:train|val|test)\d+_\d{12}", "SALICON (COCO's own file names)"),),
    ),
)
