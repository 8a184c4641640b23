"""The 300 images of MIT300; their sizes differ and are no part of the rule (our choice)."""

from __future__ import annotations

from benchmark_kit.leaderboards.rules import Split

TEST = Split(
    "test",
    300,
    r"i(?:[1-9]|[1-9]\d|[12]\d\d|300)",
    size=None,
    shown="i1 to i300",
)
