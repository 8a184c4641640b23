"""What the mail-in archives of the old MIT benchmark share: JPEG maps below one folder.

The maps were resized to the fixation map (bicubic), min-max scaled and scored by the MATLAB code of
the benchmark.
"""

from __future__ import annotations

from typing import Any

from benchmark_kit.leaderboards.rules import Board, Split


def legacy_board(name: str, title: str, split: Split, *, observers: int, **more: Any) -> Board:
    """A board of saliency.mit.edu.

    Args:
        name: as on the command line.
        title: as people call it.
        split: its images.
        observers: number of observers whose fixations were the truth.
        **more: further fields of `Board`.
    """
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
            f"new results come from the MIT/Tuebingen board: --leaderboard {name[:-4]}",
        ),
        **more,
    )
