"""CAT2000 as the old MIT benchmark took it: 2,000 JPEG maps in the images' 20 folders."""

from __future__ import annotations

from benchmark_kit.leaderboards._cat2000 import STRANGERS, TEST
from benchmark_kit.leaderboards._legacy import legacy_board

BOARD = legacy_board(
    "cat2000_jpg", "CAT2000 (old MIT benchmark)", TEST, observers=24, strangers=STRANGERS
)
