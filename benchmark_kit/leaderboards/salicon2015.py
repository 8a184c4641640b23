"""SALICON 2015: two JSON files of base64 PNGs in a zip, the val and the test split together.

`fixations_val2014_<alg>_results.json` and `fixations_test2014_<alg>_results.json`, each an array of
`{"image_id": int, "saliency_map": str}`; the id is the number after the last `_` of the image's
name. The evaluator keeps the first entry of a repeated id, breaks on a missing one and on a colour
PNG, and resizes another size, a transposed map included, by a cubic spline.
"""

from __future__ import annotations

from benchmark_kit.leaderboards._salicon import CLOSED, CLOSED_SOURCE, other_split, salicon_split
from benchmark_kit.leaderboards.rules import Board

BOARD = Board(
    name="salicon2015",
    title="SALICON 2015",
    splits=(salicon_split("val"), salicon_split("test")),
    stores={"maps": ("json2015",)},
    members=(".png", ".jpg", ".jpeg"),
    containers=(".zip",),
    state="closed",
    state_date=CLOSED,
    state_source=CLOSED_SOURCE,
    metrics=("sAUC", "AUC", "NSS", "CC"),
    ranked_by="",
    blur=19.0,
    resizes="a map of another size is resized by a cubic spline without a word",
    source="salicon.net, upload page; github.com/NUS-VIP/salicon-evaluation",
    notes=(
        "both splits in one file that must be called results.zip",
        "the local evaluator of 2015 still reads this format",
        "AUC and sAUC use thresholds every 0.01 of the range: about 100 levels matter",
    ),
    strangers=(other_split("train"),),
)
