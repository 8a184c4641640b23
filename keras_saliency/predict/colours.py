"""A colour map whose lightness rises evenly, so that equal steps of a map look equally large."""

from __future__ import annotations

import numpy as np

# sRGB from dark blue over violet and orange to pale yellow; CIE lightness 8, 23, 38, 55, 72, 94
ANCHORS = np.array(
    [(18, 20, 48), (66, 38, 112), (140, 58, 124), (208, 96, 92), (244, 158, 70), (252, 238, 160)],
    dtype=np.float64,
)


def colourise(values: np.ndarray) -> np.ndarray:
    """Values in 0..1 as uint8 colours, last axis RGB."""
    places = np.linspace(0, 1, len(ANCHORS))
    channels = [np.interp(values, places, ANCHORS[:, k]) for k in range(3)]
    return np.floor(np.stack(channels, axis=-1) + 0.5).astype(np.uint8)
