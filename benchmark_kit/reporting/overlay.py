"""A map in colours over its picture, with fixations and contours: what a model looks at.

The picture is shown in grays so that every colour means the map alone. Colour maps rise evenly in
lightness, so that equal steps of the map look equally large, also to colour-blind readers.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmark_kit.errors import ConfigError, InputError, MissingExtra, Problem, name_some
from benchmark_kit.imaging.images import image_orientation, read_stimulus
from benchmark_kit.imaging.laid_over import lay_over
from benchmark_kit.imaging.min_max import min_max
from benchmark_kit.imaging.orientation import BACK, upright

COLOURS = ("magma", "viridis", "cividis", "inferno")  # even in lightness
OVERSAMPLING = 2
GRAY = np.array([0.299, 0.587, 0.114])  # luma, ITU-R BT.601
DOT, RIM, LINE = (255, 255, 255), (20, 20, 20), (255, 255, 255)


def overlay(
    image: np.ndarray,
    saliency: np.ndarray,
    *,
    opacity: float = 0.6,
    colours: str = "magma",
    fixations: Any = None,
    contours: Sequence[float] = (),
) -> np.ndarray:
    """Blend a map in colours over its picture in grays.

    Args:
        image: uint8 (height, width, 3) or (height, width).
        saliency: (height, width), finite, any scale; lowest and highest value take the ends of the
            colours, a constant map takes the low end.
        opacity: share of the colour, 0 to 1.
        colours: one of `COLOURS`.
        fixations: `Fixations`, or an (n, 2) array of x, y in pixels: white dots with a dark rim.
        contours: shares of the map's mass, each between 0 and 1: the line around the fewest pixels
            that hold this share.

    Returns:
        uint8 (height, width, 3).

    Raises:
        ConfigError: opacity, colours or contours out of range.
        InputError: picture and map of different sizes, or a map that is not finite.
        MissingExtra: matplotlib is not installed.
    """
    if not 0 <= opacity <= 1:
        raise ConfigError(f"opacity must be between 0 and 1, got {opacity!r}")
    if colours not in COLOURS:
        raise ConfigError(f"colours must be one of {', '.join(COLOURS)}, got {colours!r}")
    if any(not 0 < share < 1 for share in contours):
        shown = ", ".join(f"{share:g}" for share in contours)
        raise ConfigError(f"contours must be shares between 0 and 1 such as 0.5, got {shown}")
    saliency = np.asarray(saliency, dtype=np.float64)
    _check(image, saliency)
    gray = image if image.ndim == 2 else image.astype(np.float64) @ GRAY
    colour = colourise(min_max(saliency), colours)
    pixels = lay_over(gray[..., None], colour, opacity)
    lines = [line for share in contours for line in _contour(saliency, share)]
    points = points_of(fixations)
    return draw(pixels, lines, points) if lines or len(points) else pixels


def colourise(values: np.ndarray, colours: str) -> np.ndarray:
    """Values in 0..1 as float64 colours from 0 to 255, last axis RGB.

    Raises:
        MissingExtra: matplotlib is not installed.
    """
    try:
        from matplotlib import colormaps
    except ImportError:
        raise MissingExtra("report", "a picture in colours") from None
    return 255.0 * colormaps[colours](values)[..., :3]


def points_of(fixations: Any) -> np.ndarray:
    """Points as float64 (n, 2) of x, y in pixels."""
    if fixations is None:
        return np.zeros((0, 2))
    if hasattr(fixations, "x"):
        return np.stack([fixations.x, fixations.y], axis=1)
    return np.asarray(fixations, dtype=np.float64).reshape(-1, 2)


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
            and which are left out.
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
    from benchmark_kit.datasets.folder import image_fixations
    from benchmark_kit.datasets.reading import outside as _outside
    from benchmark_kit.datasets.reading.reader import Defects
    from benchmark_kit.datasets.reading.settings import read_settings
    from benchmark_kit.datasets.reading.stimuli import PictureError, picture_size
    from benchmark_kit.datasets.reading.table import read_csv, read_json
    from benchmark_kit.datasets.reading.tally import Tally

    limit = _outside.MAX_OUTSIDE if max_outside is None else max_outside
    _outside.check_limit(limit)
    defects, tally = Defects(), Tally()
    settings = read_settings(table.parent, defects)
    rows = (read_json if table.suffix.lower() == ".json" else read_csv)(table, defects).images
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


def draw(pixels: np.ndarray, lines: Sequence[np.ndarray], points: np.ndarray) -> np.ndarray:
    """Lines and dots over a picture, drawn twice as large and shrunk, which smooths the edges.

    Args:
        pixels: uint8 (height, width, 3).
        lines: arrays (n, 2) of x, y in pixels.
        points: (n, 2) of x, y in pixels.
    """
    from PIL import Image, ImageDraw

    height, width = pixels.shape[:2]
    large = (width * OVERSAMPLING, height * OVERSAMPLING)
    picture = Image.fromarray(pixels).resize(large, Image.Resampling.BILINEAR)
    pen = ImageDraw.Draw(picture)
    unit = max(width, height) / 400 * OVERSAMPLING
    for colour, thick in ((RIM, 2.4), (LINE, 1.0)):
        for line in lines:
            corners = [tuple(corner) for corner in (line + 0.5) * OVERSAMPLING]
            pen.line(corners, fill=colour, width=max(1, round(thick * unit)), joint="curve")
    for x, y in (points + 0.5) * OVERSAMPLING:
        for colour, radius in ((RIM, 2.6 * unit), (DOT, 1.8 * unit)):
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
    return np.asarray(picture.reduce(OVERSAMPLING))


def _contour(saliency: np.ndarray, share: float) -> list[np.ndarray]:
    """Lines (n, 2) of x, y around the fewest pixels that hold a share of the map's mass."""
    from contourpy import contour_generator

    density = saliency - min(saliency.min(), 0.0)
    if density.max() == density.min():
        return []
    ordered = np.sort(density, axis=None)[::-1]
    mass = np.cumsum(ordered)
    level = ordered[min(np.searchsorted(mass, share * mass[-1]), len(ordered) - 1)]
    # a rim of the lowest value closes the lines at the picture's border
    padded = np.pad(density, 1, constant_values=density.min())
    return [np.asarray(line) - 1 for line in contour_generator(z=padded).lines(level)]


def _check(image: np.ndarray, saliency: np.ndarray) -> None:
    problems = []
    if image.shape[:2] != saliency.shape:
        sizes = [f"{array.shape[1]}x{array.shape[0]}" for array in (saliency, image)]
        found = f"the map is {sizes[0]}, the picture {sizes[1]}"
        problems.append(Problem("E202", (), found, "equal sizes", "predict at the picture's size"))
    if not np.isfinite(saliency).all():
        problems.append(Problem("E304", (), "the map holds NaN or Inf", "finite values"))
    if problems:
        raise InputError("this map cannot be laid over this picture", problems)
