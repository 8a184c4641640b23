"""COCO-Freeview on the MIT/Tuebingen benchmark: 1,000 images of 1680x1050, one flat folder.

The first fixation and fixations outside the image are not scored; IG is averaged over images.
"""

from __future__ import annotations

from benchmark_kit.leaderboards._tuebingen import tuebingen_board
from benchmark_kit.leaderboards.rules import Split

BOARD = tuebingen_board(
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
)
