"""MIT300 on the MIT/Tuebingen benchmark: 300 photographs of several sizes, secret fixations.

A prediction is found by the end of its name; the forced first fixation is not scored, and IG is
averaged over fixations.
"""

from __future__ import annotations

from benchmark_kit.leaderboards._mit300 import TEST
from benchmark_kit.leaderboards._tuebingen import tuebingen_board

BOARD = tuebingen_board(
    "mit300", "MIT300 (MIT/Tuebingen)", TEST, blur=23.99, key_folder="BenchmarkIMAGES"
)
