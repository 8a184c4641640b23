"""Learning curves as a picture, drawn with Pillow alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from math import isfinite
from typing import Any

import numpy as np

from keras_saliency.training.log import OF_A_GAME

WIDTH, HEIGHT = 900, 480
LEFT, RIGHT, TOP, BOTTOM = 84, 28, 64, 52
PAGE, TEXT, FAINT, LINES = (255, 255, 255), (32, 36, 44), (112, 118, 128), (226, 228, 232)
VALIDATION = (226, 86, 20)
CURVES = (
    ("loss", "training", (18, 110, 180)),
    ("val_loss", "validation", VALIDATION),
    (OF_A_GAME, "discriminator", (120, 130, 60)),
)
OVERSAMPLING = 3
TICKS = 5
DOTS = 40  # up to so many epochs each one is a dot


def draw_curves(title: str, rows: Sequence[Mapping[str, Any]]) -> np.ndarray:
    """Losses over epochs; the epoch of the lowest validation loss is marked.

    Args:
        title: what was trained.
        rows: as for `log.write_log`.

    Returns:
        uint8 (480, 900, 3).
    """
    from PIL import Image, ImageDraw

    def at(epoch: float, value: float) -> tuple[float, float]:
        across = (epoch - 1) / max(len(rows) - 1, 1)
        up = (value - low) / (high - low)
        return LEFT + across * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - up * (
            HEIGHT - TOP - BOTTOM
        )

    series = {key: _points(rows, key) for key, _, _ in CURVES}
    low, high = _range([value for points in series.values() for _, value in points])
    size = (WIDTH * OVERSAMPLING, HEIGHT * OVERSAMPLING)
    page = Image.new("RGB", size, PAGE)
    pen = ImageDraw.Draw(page)
    for value in np.linspace(low, high, TICKS):
        ends = (*at(1, value), WIDTH - RIGHT, at(1, value)[1])
        pen.line([part * OVERSAMPLING for part in ends], fill=LINES, width=OVERSAMPLING)
    for key, _, colour in CURVES:
        places = [tuple(OVERSAMPLING * c for c in at(*point)) for point in series[key]]
        if len(places) > 1:
            pen.line(places, fill=colour, width=2 * OVERSAMPLING, joint="curve")
        for place in places if len(places) <= DOTS else ():
            _dot(pen, place, 3 * OVERSAMPLING, colour)
    best = min(series["val_loss"], key=lambda point: point[1], default=None)
    if best is not None:
        _dot(pen, tuple(OVERSAMPLING * c for c in at(*best)), 6 * OVERSAMPLING, VALIDATION)
    page = page.reduce(OVERSAMPLING)
    pen = ImageDraw.Draw(page)
    pen.text((LEFT, 12), title, fill=TEXT, font=_font(18))
    for value in np.linspace(low, high, TICKS):
        pen.text((LEFT - 8, at(1, value)[1]), f"{value:.4g}", FAINT, _font(13), anchor="rm")
    for epoch in sorted({1, (len(rows) + 1) // 2, len(rows)} - {0}):
        pen.text((at(epoch, low)[0], HEIGHT - BOTTOM + 8), str(epoch), FAINT, _font(13), "ma")
    pen.text((WIDTH - RIGHT, HEIGHT - 22), "epoch", FAINT, _font(13), anchor="ra")
    x = float(LEFT)
    for key, name, colour in CURVES:
        if key == OF_A_GAME and not series[key]:
            continue
        text = f"{name} {series[key][-1][1]:.4g}" if series[key] else f"{name}: none"
        if key == "val_loss" and best is not None:
            text += f", best {best[1]:.4g} in epoch {best[0]}"
        _dot(pen, (x + 5, 49), 5, colour)
        pen.text((x + 16, 40), text, fill=FAINT, font=_font(14))
        x += 16 + pen.textlength(text, font=_font(14)) + 28
    return np.asarray(page)


def _points(rows: Sequence[Mapping[str, Any]], key: str) -> list[tuple[int, float]]:
    values = [(row["epoch"], row.get(key)) for row in rows]
    return [(epoch, float(value)) for epoch, value in values if value is not None]


def _range(values: list[float]) -> tuple[float, float]:
    """The lowest and the highest value, apart from each other."""
    finite = [value for value in values if isfinite(value)] or [0.0]
    low, high = min(finite), max(finite)
    room = (high - low) * 0.05 or max(abs(high), 1.0) * 0.05
    return low - room, high + room


def _dot(pen: Any, place: Any, radius: float, colour: tuple[int, int, int]) -> None:
    x, y = place
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=PAGE)
    inner = radius * 0.7
    pen.ellipse((x - inner, y - inner, x + inner, y + inner), fill=colour)


@cache
def _font(size: int) -> Any:
    from PIL import ImageFont

    return ImageFont.load_default(size=size)
