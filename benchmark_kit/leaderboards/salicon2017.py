"""SALICON 2017 (LSUN'17): 5,000 test images; KL and IG are computed, so zeros hurt.

How the zip was laid out is not documented in what is stored of the challenge; other challenges of
that host refused or scored zero when a folder lay between archive and files, so flat is safe.
"""

from __future__ import annotations

from benchmark_kit.leaderboards._salicon import CLOSED, CLOSED_SOURCE, other_split, salicon_split
from benchmark_kit.leaderboards.rules import Board

BOARD = Board(
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
)
