"""Colours laid over a picture: how every picture with a map, gain or shape on it is mixed."""

from __future__ import annotations

from typing import Any

import numpy as np


def lay_over(ground: Any, colours: Any, opacity: Any) -> np.ndarray:
    """Mix colours into what lies below them.

    Args:
        ground: 0 to 255, (height, width, 1 or 3) or a number.
        colours: 0 to 255, (height, width, 3) or a number.
        opacity: share of the colours, 0 to 1, (height, width, 1) or a number.

    Returns:
        uint8 (height, width, 3), halves rounded up.
    """
    mixed = (1 - opacity) * ground + opacity * colours
    return np.floor(mixed + 0.5).astype(np.uint8)
