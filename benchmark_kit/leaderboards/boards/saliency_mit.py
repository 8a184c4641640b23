"""The old MIT benchmark, MIT300 and CAT2000: JPEG maps below one folder, sent by mail.

The maps were resized to the fixation map (bicubic), min-max scaled and scored by the MATLAB code of
the benchmark.
"""

from __future__ import annotations

from typing import Any

from benchmark_kit.leaderboards.boards._sets import CAT2000, CAT2000_STRANGERS, MIT300
from benchmark_kit.leaderboards.rules import Board, Published, Split


def _scores(dataset: str) -> Published:
    return Published((dataset,), ("mit_legacy",))


def _board(name: str, title: str, split: Split, *, observers: int, **more: Any) -> Board:
    """A board of saliency.mit.edu.

    Args:
        name: as on the command line.
        title: as people call it.
        split: its images.
        observers: number of observers whose fixations were the truth.
        **more: further fields of `Board`.
    """
    successor = name.removesuffix("_jpg")
    return Board(
        name=name,
        title=title,
        splits=(split,),
        stores={"maps": ("jpeg",)},
        members=(".jpg",),
        containers=(".zip", ".tar"),
        state="closed",
        state_date="2019-12",
        state_source="saliency.mit.edu: the benchmark went to Tuebingen at the end of 2019",
        metrics=("AUC-Judd", "SIM", "EMD", "AUC-Borji", "sAUC", "CC", "NSS", "KL"),
        ranked_by="a metric of the reader's choice; NSS announced as the default after 2016",
        blur=None,
        resizes="a map of another size is resized (bicubic) and min-max scaled",
        source="saliency.mit.edu, submission pages; github.com/cvzoya/saliency",
        notes=(
            f"scored by the fixations of {observers} observers",
            "zip or tar of one folder that carries the model's name, sent by mail",
            f"new results come from the MIT/Tuebingen board: --leaderboard {successor}",
        ),
        **more,
    )


BOARDS = (
    _board(
        "mit300_jpg", "MIT300 (old MIT benchmark)", MIT300, observers=39, scores=_scores("MIT300")
    ),
    _board(
        "cat2000_jpg",
        "CAT2000 (old MIT benchmark)",
        CAT2000,
        observers=24,
        strangers=CAT2000_STRANGERS,
        scores=_scores("CAT2000"),
    ),
)
