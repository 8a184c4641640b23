"""CAT2000 on the MIT/Tuebingen benchmark: 2,000 images of 1920x1080 in 20 folders.

The test set has the even numbers 002 to 200 of each folder, the training set the odd ones.
"""

from __future__ import annotations

from benchmark_kit.leaderboards._cat2000 import STRANGERS, TEST
from benchmark_kit.leaderboards._tuebingen import tuebingen_board

BOARD = tuebingen_board(
    "cat2000",
    "CAT2000 (MIT/Tuebingen)",
    TEST,
    blur=40.0,
    notes=("the board's page called this evaluation preliminary in 2021",),
    key_folder="stimuli",
    strangers=STRANGERS,
)
