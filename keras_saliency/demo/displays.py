"""Pop-out displays: one odd item among many, drawn with Pillow from a seed.

Four categories of six displays each, after the classic search displays: the target differs in
orientation, colour or size from otherwise equal items, or lies in clutter of items that all differ.
From the first to the last display of a category items grow more and the target differs less. All is
drawn three times as large and shrunk, which makes the edges smooth.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from PIL import Image, ImageDraw

Colour = tuple[int, int, int]
Random = np.random.Generator

WIDTH, HEIGHT = 640, 480
MARGIN = 16
OVERSAMPLING = 3
PER_CATEGORY = 6
GRIDS = ((5, 4), (6, 4), (7, 5), (8, 6), (9, 7), (10, 7))  # columns, rows; easy to hard

PAPER = (238, 236, 230)
SLATE, TEAL, SAND = (128, 138, 150), (94, 150, 148), (196, 174, 132)
INK, RUST, PLUM = (38, 50, 68), (192, 66, 40), (120, 56, 110)


@dataclass(frozen=True)
class Item:
    """One thing drawn: centre (x, y) and radius in pixels, and how it looks."""

    x: float
    y: float
    radius: float
    shape: str
    degrees: float
    colour: Colour


@dataclass(frozen=True)
class Display:
    """A picture's plan.

    Args:
        name: `category/number`, the picture's path without extension.
        items: everything on it; the target is the first.
        contrast: how much the target differs, from 1 (most) down to 0.
    """

    name: str
    items: tuple[Item, ...]
    contrast: float

    @property
    def category(self) -> str:
        """What the target differs in."""
        return self.name.partition("/")[0]

    @property
    def target(self) -> Item:
        """The odd one out."""
        return self.items[0]


def make_displays(seed: int = 0) -> list[Display]:
    """All displays, 24 of them; the same seed gives the same displays."""
    displays = []
    for number, (category, fill) in enumerate(CATEGORIES.items()):
        for step in range(PER_CATEGORY):
            random = np.random.default_rng((seed, number, step))
            cells, room = _places(GRIDS[step], random)
            contrast = 1 - step / (PER_CATEGORY - 1)
            items = fill(cells, room, contrast, random)
            displays.append(Display(f"{category}/{step + 1:02d}", tuple(items), contrast))
    return displays


def _places(grid: tuple[int, int], random: Random) -> tuple[np.ndarray, float]:
    """Jittered centres (n, 2) of a grid's cells in random order, and the room of one cell."""
    columns, rows = grid
    wide, high = (WIDTH - 2 * MARGIN) / columns, (HEIGHT - 2 * MARGIN) / rows
    x, y = np.meshgrid((np.arange(columns) + 0.5) * wide, (np.arange(rows) + 0.5) * high)
    cells = MARGIN + np.stack([x.ravel(), y.ravel()], axis=1)
    room = min(wide, high)
    cells += random.uniform(-0.12, 0.12, cells.shape) * room
    # first fixations lie in the middle, so a target there would be found without a search
    apart = np.hypot(cells[:, 0] - WIDTH / 2, cells[:, 1] - HEIGHT / 2) > 0.16 * WIDTH
    order = random.permutation(len(cells))
    first = order[np.argmax(apart[order])]
    return cells[[first, *order[order != first]]], room


def _orientation(cells: np.ndarray, room: float, contrast: float, random: Random) -> list[Item]:
    base = random.uniform(0, 180)
    turn = (30 + 60 * contrast) * random.choice([-1, 1])
    angles = base + random.normal(0, 3, len(cells))
    angles[0] += turn
    return [
        Item(x, y, 0.34 * room, "bar", angle, INK)
        for (x, y), angle in zip(cells, angles, strict=True)
    ]


def _colour(cells: np.ndarray, room: float, contrast: float, random: Random) -> list[Item]:
    odd = _mix(TEAL, RUST, 0.45 + 0.55 * contrast)
    return [
        Item(x, y, 0.27 * room, "disc", 0, TEAL if k else odd) for k, (x, y) in enumerate(cells)
    ]


def _size(cells: np.ndarray, room: float, contrast: float, random: Random) -> list[Item]:
    small = 0.2 * room
    large = small * (1.5 + 0.7 * contrast)
    return [Item(x, y, small if k else large, "ring", 0, PLUM) for k, (x, y) in enumerate(cells)]


def _clutter(cells: np.ndarray, room: float, contrast: float, random: Random) -> list[Item]:
    items = [
        Item(
            cells[0, 0],
            cells[0, 1],
            0.4 * room,
            "cross",
            random.uniform(0, 90),
            _mix(SLATE, RUST, 0.6 + 0.4 * contrast),
        )
    ]
    for x, y in cells[1:]:
        shape = str(random.choice(["bar", "disc", "ring", "square"]))
        colour = _mix((SLATE, TEAL, SAND)[random.integers(3)], PAPER, 0.1 + 0.3 * contrast)
        items.append(
            Item(x, y, room * random.uniform(0.16, 0.34), shape, random.uniform(0, 180), colour)
        )
    return items


CATEGORIES: dict[str, Callable[[np.ndarray, float, float, Random], list[Item]]] = {
    "orientation": _orientation,
    "colour": _colour,
    "size": _size,
    "clutter": _clutter,
}


def _mix(first: Colour, second: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def draw_display(display: Display) -> np.ndarray:
    """A display as uint8 (480, 640, 3)."""
    from PIL import Image, ImageDraw

    picture: Image.Image = Image.new("RGB", (WIDTH * OVERSAMPLING, HEIGHT * OVERSAMPLING), PAPER)
    pen = ImageDraw.Draw(picture)
    for item in display.items:
        _draw(pen, item)
    return np.asarray(picture.reduce(OVERSAMPLING))


def _draw(pen: ImageDraw.ImageDraw, item: Item) -> None:
    x, y, radius = (value * OVERSAMPLING for value in (item.x, item.y, item.radius))
    box = (x - radius, y - radius, x + radius, y + radius)
    if item.shape == "disc":
        pen.ellipse(box, fill=item.colour)
    elif item.shape == "ring":
        pen.ellipse(box, outline=item.colour, width=max(2, round(0.34 * radius)))
    elif item.shape == "square":
        corners = [_at(x, y, radius, item.degrees + turn) for turn in (45, 135, 225, 315)]
        pen.polygon(corners, fill=item.colour)
    else:
        for turn in (0, 90) if item.shape == "cross" else (0,):
            _bar(pen, x, y, radius, item.degrees + turn, item.colour)


def _bar(
    pen: ImageDraw.ImageDraw,
    x: float,
    y: float,
    radius: float,
    degrees: float,
    colour: Colour,
) -> None:
    """A line with round ends."""
    half = 0.2 * radius
    ends = [_at(x, y, radius - half, degrees + turn) for turn in (0, 180)]
    pen.line(ends, fill=colour, width=round(2 * half))
    for end_x, end_y in ends:
        pen.ellipse((end_x - half, end_y - half, end_x + half, end_y + half), fill=colour)


def _at(x: float, y: float, radius: float, degrees: float) -> tuple[float, float]:
    angle = math.radians(degrees)
    return x + radius * math.cos(angle), y - radius * math.sin(angle)
