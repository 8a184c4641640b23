"""A map in colours over its picture as a page, with a bar of the colours and a legend.

The pixels are `imaging.laid_over`'s; here stands what goes around them, and where the picture and
the fixations come from.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmark_kit.errors import InputError, Problem, name_some
from benchmark_kit.imaging.colour_bar import GAP, LETTERS, MARGIN, bar_beside, bar_scale
from benchmark_kit.imaging.colours import COLOURS
from benchmark_kit.imaging.contours import contour_lines
from benchmark_kit.imaging.images import image_orientation, read_stimulus
from benchmark_kit.imaging.laid_over import OPACITY, overlay, points_of, stroke_unit
from benchmark_kit.imaging.lettering import text_width
from benchmark_kit.imaging.orientation import BACK, upright
from benchmark_kit.imaging.sheet import Panel, Sheet, Words
from benchmark_kit.types import Fixations

__all__ = ["COLOURS", "overlay", "overlay_sheet", "picture_below", "points_of", "read_points"]

GROUND = (112, 112, 112)  # behind the dot and the line of a legend, which are white


def overlay_sheet(
    image: np.ndarray,
    saliency: np.ndarray,
    *,
    opacity: float = OPACITY,
    colours: str = "magma",
    fixations: Fixations | np.ndarray | None = None,
    contours: Sequence[float] = (),
) -> Sheet:
    """The overlay with a bar of its colours, and a legend where there are dots or lines.

    Args:
        image: as `overlay`.
        saliency: as `overlay`; its lowest and highest value stand at the bar.
        opacity: as `overlay`.
        colours: as `overlay`.
        fixations: as `overlay`.
        contours: as `overlay`.

    Returns:
        a page whose unit is a pixel of the picture, which stands in the upper left corner.

    Raises:
        ConfigError: as `overlay`.
        InputError: as `overlay`.

    Example:
        A notebook shows the page; elsewhere `sheet_pixels(page, 1)` are its pixels.

        >>> from keras_saliency import build_model
        >>> picture = read_stimulus(Path("photo.png"))
        >>> page = overlay_sheet(picture, build_model("bms").predict_map(picture))
    """
    pixels = overlay(image, saliency, opacity=opacity, colours=colours)
    height, width = pixels.shape[:2]
    scale, points = bar_scale(height), points_of(fixations)
    lines = [line for share in contours for line in contour_lines(saliency, share)]
    panel = Panel((0, 0, width, height), pixels, tuple(lines), points, stroke_unit(pixels.shape))
    gap = GAP * scale
    low, high = float(np.min(saliency)), float(np.max(saliency))
    ends = (f"{low:.3g}", f"{high:.3g}" if high > low else "")
    bar, wide = bar_beside(width + gap, 0, height, scale, colours, ends)
    drawn = contours if lines else ()  # a constant map has none
    legend, across, below = _legend(height + gap, scale, len(points), drawn)
    return Sheet(max(width + gap + wide + gap, across), height + below, (panel, *bar, *legend))


def _legend(
    top: float, scale: float, points: int, contours: Sequence[float]
) -> tuple[list[Panel | Words], float, float]:
    """What dots and lines are, one line each, with the width and height that this takes."""
    line, side, left = 1.5 * LETTERS * scale, LETTERS * scale, MARGIN * scale
    square = np.full((16, 16, 3), GROUND, np.uint8)
    middle, stroke = np.array([[7.5, 7.5]]), np.array([[0.0, 7.5], [15.0, 7.5]])
    entries: list[tuple[Panel, str]] = []
    if points:
        box = (left, top, side, side)
        entries.append((Panel(box, square, (), middle, 1.6), f"{points} fixations"))
    if contours:
        shares = ", ".join(f"{100 * share:g} %" for share in contours)
        box = (left, top + line * len(entries), side, side)
        entries.append((Panel(box, square, (stroke,), None, 1.6), f"{shares} of the map's mass"))
    items: list[Panel | Words] = []
    for mark, text in entries:
        items += [mark, Words(left + 1.5 * side, mark.box[1] + side / 2, text, side, "lm")]
    wide = max((1.5 * side + text_width(text, side) for _, text in entries), default=0.0) + 2 * left
    return items, wide, GAP * scale + line * len(entries) if entries else 0.0


def picture_below(path: Path, size: tuple[int, ...], *, stored: bool) -> np.ndarray:
    """The picture that a map is laid over, turned by EXIF as the map is.

    Args:
        path: the picture.
        size: (height, width) of the map.
        stored: points are drawn too, which refer to the stored grid; else a photograph is upright
            unless the map only fits the stored grid.

    Returns:
        uint8 (height, width, 3).

    Raises:
        DecodeError: no readable picture.
        InputError: E204, points, and a map that was made upright.
    """
    grid = read_stimulus(path)
    orientation = image_orientation(path)
    turned = upright(grid, orientation)
    if stored and grid.shape[:2] != size == turned.shape[:2]:
        found = f"the map was made upright of a picture that EXIF turns ({orientation})"
        fix = f"turn the map back by {BACK[orientation]}: points refer to the stored picture"
        problem = Problem("E204", (path.name,), found, fix=fix)
        raise InputError("this map cannot be laid over this picture", [problem])
    return grid if stored or grid.shape[:2] == size != turned.shape[:2] else turned


def read_points(
    table: Path,
    image: Path,
    max_outside: float | None = None,
    dropped: dict[str, int] | None = None,
) -> np.ndarray:
    """A picture's fixations in a table, as a `folder` data set has it.

    Args:
        table: the CSV or JSON file; a `dataset.toml` beside it says how its values become pixels
            and which are left out. Or that `dataset.toml`, for the data set's own table.
        image: the picture; its path must end with the table's name of it.
        max_outside: share of its points that may lie outside; None: the readers' own.
        dropped: gets the numbers of points left out, by reason.

    Returns:
        float64 (n, 2) of x, y in pixels.

    Raises:
        ConfigError: `max_outside` is no share.
        InputError: a table or settings with defects, a table without this picture, or points that
            do not fit it.
    """
    from benchmark_kit.datasets.folder import TABLES, image_fixations
    from benchmark_kit.datasets.reading import outside as _outside
    from benchmark_kit.datasets.reading.reader import Defects
    from benchmark_kit.datasets.reading.settings import FILE, read_settings
    from benchmark_kit.datasets.reading.stimuli import PictureError, picture_size
    from benchmark_kit.datasets.reading.tally import Tally

    limit = _outside.MAX_OUTSIDE if max_outside is None else max_outside
    _outside.check_limit(limit)
    if table.name == FILE:
        beside = [table.parent / name for name in TABLES if (table.parent / name).is_file()]
        if len(beside) != 1:
            wanted = " or ".join(TABLES)
            raise InputError(f"{table}: beside it is not one {wanted}. Fix: give the table itself")
        table = beside[0]
    defects, tally = Defects(), Tally()
    settings = read_settings(table.parent, defects)
    read = TABLES["fixations.json" if table.suffix.lower() == ".json" else "fixations.csv"]
    rows = read(table, defects).images
    defects.raise_if_any(str(table))
    path = f"/{image.absolute().as_posix()}"
    mine = next((found for name, found in rows.items() if path.endswith(f"/{name}")), None)
    if mine is None:
        raise InputError(
            f"{table} has no fixations of {image.name}; it has {name_some(list(rows)) or 'none'}. "
            "Fix: the column image must hold the end of the picture's path, extension included"
        )
    try:
        size = picture_size(image)
    except PictureError as error:
        raise InputError(f"{image}: {error}") from None
    names = sorted({subject for found in rows.values() for subject in found.subject})
    numbers = {name: number for number, name in enumerate(names)}
    points = image_fixations(mine, size, settings, numbers, tally)
    _outside.refuse_misfits(tally, len(points), f"{table}, {image.name}", limit, settings=True)
    if dropped is not None:
        dropped.update(tally)
    return points_of(points)
