"""Numbers as colours whose lightness rises evenly, so that equal steps of a map look equally large.

`colours.csv` holds 256 colours of each table. magma, viridis and inferno are by Nathaniel J. Smith,
Stefan van der Walt and (viridis) Eric Firing, cividis is by Jamie R. Nuñez, Christopher R. Anderton
and Ryan S. Renslow (doi:10.1371/journal.pone.0199239); all four are dedicated to the public (CC0).
The others are ours, straight lines between a few colours.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import numpy as np

from benchmark_kit.errors import ConfigError

STEPS = 256
LINES = {
    # dark blue over violet and orange to pale yellow; CIE lightness 8, 23, 38, 55, 72, 94
    "dusk": (
        *((18, 20, 48), (66, 38, 112), (140, 58, 124)),
        *((208, 96, 92), (244, 158, 70), (252, 238, 160)),
    ),
    "gray": ((0, 0, 0), (255, 255, 255)),
}
COLOURS = ("magma", "viridis", "cividis", "inferno", *LINES)
# purple below, white in the middle, orange above: apart for colour-blind readers, too
GAIN = ((92, 54, 152), (172, 150, 210), (247, 247, 247), (234, 142, 52), (134, 62, 6))


def colourise(values: np.ndarray | float, colours: str = "magma") -> np.ndarray:
    """Values in 0..1 as uint8 colours, last axis RGB.

    Args:
        values: any shape; what lies outside takes the end's colour.
        colours: one of `COLOURS`, or `"gain"` for values around 0.5.

    Raises:
        ConfigError: no such colours.
    """
    steps = np.asarray(values, dtype=np.float64) * STEPS
    return _table(colours)[np.clip(steps, 0, STEPS - 1).astype(np.intp)]


def check_colours(colours: str) -> None:
    """Refuse the name of no colours.

    Raises:
        ConfigError: it is not one of `COLOURS`.
    """
    if colours not in COLOURS:
        raise ConfigError(f"colours must be one of {', '.join(COLOURS)}, got {colours!r}")


@cache
def _table(colours: str) -> np.ndarray:
    """The 256 colours of a name, uint8 (256, 3)."""
    if colours == "gain":
        return _straight(GAIN)
    check_colours(colours)
    if colours in LINES:
        return _straight(LINES[colours])
    text = files(__package__).joinpath("colours.csv").read_text(encoding="ascii")
    head, *rows = (line.split(",") for line in text.split())
    column = head.index(colours)
    return np.array([list(bytes.fromhex(row[column])) for row in rows], dtype=np.uint8)


def _straight(corners: tuple[tuple[int, int, int], ...]) -> np.ndarray:
    ends = np.array(corners, dtype=np.float64)
    places, steps = np.linspace(0, 1, len(ends)), np.linspace(0, 1, STEPS)
    channels = [np.interp(steps, places, ends[:, k]) for k in range(3)]
    return np.floor(np.stack(channels, axis=-1) + 0.5).astype(np.uint8)
