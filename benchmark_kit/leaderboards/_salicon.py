"""What the boards of the SALICON challenges share: names, sizes and the host that closed."""

from __future__ import annotations

from benchmark_kit.leaderboards.rules import Split


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
