"""LSUN 2015: one `.mat` with the cell array `results`, in the order of the challenge's image list.

Two test sets were scored this way, iSUN and SALICON; the image list (`testing.mat`) says which one
and in which order. A wrong order among images of one size is accepted silently, so there is no
writing or checking without the list.
"""

from __future__ import annotations

from benchmark_kit.leaderboards.boards.salicon import other_split, salicon_split
from benchmark_kit.leaderboards.rules import Board, Published, Split

BOARDS = (
    Board(
        name="lsun",
        title="LSUN 2015 (iSUN or SALICON)",
        splits=(
            # the set has no naming rule besides: the list names its images
            Split(
                "isun",
                2000,
                r"(?!COCO_)[^/]+",
                size=None,
                shown="the 2,000 names of testing.mat",
                named=False,
            ),
            salicon_split("test"),
        ),
        stores={"maps": ("mat73",)},
        members=(".mat",),
        containers=(".mat",),
        state="closed",
        state_date="2015-05",
        state_source="the challenge ended on 2015-05-29",
        metrics=(),
        ranked_by="",
        blur=None,
        resizes="",
        source="the challenge's page; pysaliency, precomputed_models.py and notebooks/LSUN.ipynb",
        notes=(
            "the order of the image list counts and cannot be told from the file",
            "every map has its image's own size",
        ),
        one_of=True,
        strangers=(other_split("train"), other_split("val")),
        scores=Published(("iSUN", "SALICON"), ("lsun_2015",)),
    ),
)
