"""SALICON's challenges of 2015 and 2017, whose host has closed.

2015 took two JSON files of base64 PNGs in a zip, the val and the test split together:
`fixations_val2014_<alg>_results.json` and `fixations_test2014_<alg>_results.json`, each an array of
`{"image_id": int, "saliency_map": str}`; the id is the number after the last `_` of the image's
name. Its evaluator keeps the first entry of a repeated id, breaks on a missing one and on a colour
PNG, and resizes another size, a transposed map included, by a cubic spline.

2017 (LSUN'17) took a zip of PNGs; KL and IG are computed, so zeros hurt. How the zip was laid out
is not documented in what is stored of the challenge; other challenges of that host refused or
scored zero when a folder lay between archive and files, so flat is safe.
"""

from __future__ import annotations

from benchmark_kit.leaderboards.rules import Board, Published, Split


def salicon_split(name: str) -> Split:
    """A split of SALICON, `val` or `test`: 5,000 images of 640x480."""
    return Split(
        name,
        5000,
        rf"COCO_{name}2014_\d{{12}}",
        size=(640, 480),
        shown=f"COCO_{name}2014_ and twelve digits",
    )


def other_split(name: str) -> tuple[str, str]:
    """Names of a split that a board does not score."""
    return rf"COCO_{name}2014_\d{{12}}", f"SALICON's {name} split"


CLOSED = "2022-11"
CLOSED_SOURCE = (
    "the host takes no submissions since 2022 (notice quoted in HLA-Face-Code, thread 15); its "
    "successor was switched off too (mapillary_sls, thread 43, 2026-04); no successor is known"
)

BOARDS = (
    Board(
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
        scores=Published(("SALICON",), ("2015",)),
    ),
    Board(
        name="salicon2017",
        title="SALICON 2017 (LSUN'17)",
        splits=(salicon_split("test"),),
        stores={"maps": ("png8",)},
        members=(".png",),
        containers=(".zip",),
        state="closed",
        state_date=CLOSED,
        state_source=CLOSED_SOURCE,
        metrics=("sAUC", "IG", "NSS", "CC", "AUC", "SIM", "KL"),
        ranked_by="sAUC, IG, NSS, CC",
        blur=19.0,
        resizes="",
        source="salicon.net, challenge of 2017; the host's competition page 17136",
        notes=("for sAUC and IG the baseline is made from the fixations of all other images",),
        strangers=(other_split("train"), other_split("val")),
        scores=Published(("SALICON",), ("2017", "2017_inferred")),
    ),
)
