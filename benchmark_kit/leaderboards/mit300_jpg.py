"""MIT300 as the old MIT benchmark took it: 300 JPEG maps of the images' sizes and names."""

from __future__ import annotations

from benchmark_kit.leaderboards._legacy import legacy_board
from benchmark_kit.leaderboards._mit300 import TEST

BOARD = legacy_board("mit300_jpg", "MIT300 (old MIT benchmark)", TEST, observers=39)
