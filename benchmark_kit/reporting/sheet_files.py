"""A page as a file of the kind that its name ends in: PNG and JPEG by Pillow, PDF and SVG by
matplotlib, which keeps words, lines and dots as such.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from benchmark_kit.errors import ConfigError, MissingExtra
from benchmark_kit.files import write_beside
from benchmark_kit.imaging.laid_over import INK, RIM
from benchmark_kit.imaging.lettering import OTHER_FONTS
from benchmark_kit.imaging.sheet import PAPER, SOFT, TEXT, Panel, Sheet, Words, sheet_pixels

RASTER = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG"}
VECTOR = (".pdf", ".svg")
SUFFIXES = (".png", ".jpg", *VECTOR)
MOST_PIXELS = 2**27
MOST_SIDE = {"JPEG": 65_000, "PNG": 2**30}  # pixels; what the formats allow, rounded down
MOST_POINTS = 14_400  # of a side of a PDF page
UNITS_AN_INCH = 72  # of a page in a vector file
NARROWER = 0.86  # letters there are wider than Pillow's, by which pages are laid out
RIMMED = ((RIM, 2.4, 2.6), (INK, 1.0, 1.8))  # shade, width of a line, radius of a dot


def check_suffix(path: Path, option: str = "--out", *, pixels: bool = False) -> None:
    """Refuse, before any work is done, a file of a kind that is not written, or cannot be here.

    Args:
        path: the file to write.
        option: what messages call it.
        pixels: of the kinds that hold pixels alone.

    Raises:
        ConfigError: its name ends in none of the kinds.
        MissingExtra: a vector file without matplotlib.
    """
    suffix = path.suffix.lower()
    if suffix in RASTER:
        return
    if suffix not in VECTOR or pixels:
        raise ConfigError(
            f"{option} {path}: the name's ending says which kind of picture is written, and "
            f"{suffix or 'none'} is none of them. Fix: a name that ends in "
            + ", ".join(RASTER if pixels else SUFFIXES)
        )
    _matplotlib()


def check_page(width: float, height: float, path: Path, scale: float) -> None:
    """Refuse a page that is too large for the kind of its file.

    Args:
        width: of the page.
        height: of the page.
        path: the file to write.
        scale: pixels a unit, of PNG and JPEG.

    Raises:
        ConfigError: it is.
    """
    suffix = path.suffix.lower()
    if suffix in VECTOR:
        if suffix == ".pdf" and max(width, height) > MOST_POINTS:
            raise ConfigError(
                f"{path}: a page of {width:.0f} x {height:.0f} points, a side of a PDF has at most "
                f"{MOST_POINTS}. Fix: fewer pictures or smaller ones, or .svg"
            )
        return
    columns, rows = round(width * scale), round(height * scale)
    kind = RASTER[suffix]
    if columns * rows > MOST_PIXELS or max(columns, rows) > MOST_SIDE[kind]:
        raise ConfigError(
            f"{path}: a page of {columns} x {rows} pixels is too large for {kind}. "
            "Fix: fewer pictures, or smaller ones"
        )


def write_sheet(path: Path, sheet: Sheet, *, scale: float = 1.0) -> None:
    """Write a page, beside, then rename.

    Args:
        path: `.png`, `.jpg`, `.jpeg`, `.pdf` or `.svg`.
        sheet: the page.
        scale: pixels a unit, of PNG and JPEG; a unit of the others is a point.

    Raises:
        ConfigError: another kind, or a page too large for it.
        MissingExtra: a vector file without matplotlib.
        RunFailed: the folder cannot be written.
    """
    check_suffix(path)
    check_page(sheet.width, sheet.height, path, scale)
    suffix = path.suffix.lower()
    if suffix in VECTOR:
        write_beside(path, lambda file: _write_vector(file, sheet, suffix.removeprefix(".")))
    else:
        write_pixels(path, sheet_pixels(sheet, scale))


def write_pixels(path: Path, pixels: np.ndarray) -> None:
    """Write uint8 (height, width, 3) as PNG or JPEG, beside, then rename.

    Raises:
        RunFailed: the folder cannot be written.
    """
    from PIL import Image

    kind = RASTER[path.suffix.lower()]
    options = {"compress_level": 3} if kind == "PNG" else {"quality": 95, "subsampling": 0}
    write_beside(path, lambda file: Image.fromarray(pixels).save(file, format=kind, **options))


def _matplotlib() -> Any:
    try:
        import matplotlib
    except ImportError:
        raise MissingExtra("report", "a .pdf or .svg file") from None
    return matplotlib


def _write_vector(file: BinaryIO, sheet: Sheet, kind: str) -> None:
    matplotlib = _matplotlib()
    from matplotlib.figure import Figure

    settings = {
        "pdf.fonttype": 42,  # words can be searched for and changed
        "svg.fonttype": "none",
        "svg.hashsalt": "salbench",
        "font.family": [*_installed(matplotlib), "sans-serif"],
    }
    date = {"pdf": "CreationDate", "svg": "Date"}[kind]
    with matplotlib.rc_context(settings), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")  # a box, as in PNG
        size = (sheet.width / UNITS_AN_INCH, sheet.height / UNITS_AN_INCH)
        figure = Figure(figsize=size, dpi=UNITS_AN_INCH, facecolor=_colour(PAPER))
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        for item in sheet.items:
            if isinstance(item, Words):
                _add_words(axes, item)
            else:
                _add_panel(axes, item)
        axes.set_xlim(0, sheet.width)
        axes.set_ylim(sheet.height, 0)
        axes.set_aspect("auto")
        figure.savefig(file, format=kind, metadata={date: None})


def _installed(matplotlib: Any) -> Sequence[str]:
    """Families of fonts that are at hand here: the first that has a letter draws it."""
    from matplotlib import font_manager

    known = {Path(font.fname).name: font.name for font in font_manager.fontManager.ttflist}
    return [known[name] for name in OTHER_FONTS if name in known]


def _add_words(axes: Any, item: Words) -> None:
    across, along = item.anchor[0], item.anchor[1]
    axes.text(
        item.x,
        item.y,
        item.text,
        fontsize=NARROWER * item.size,
        color=_colour(SOFT if item.soft else TEXT),
        ha={"l": "left", "m": "center", "r": "right"}[across],
        va={"a": "top", "m": "center", "s": "baseline"}[along],
        rotation=90 if item.upwards else 0,
        rotation_mode="anchor",
        parse_math=False,
    )


def _add_panel(axes: Any, item: Panel) -> None:
    from matplotlib.collections import EllipseCollection, LineCollection

    left, top, width, height = item.box
    extent = (left, left + width, top + height, top)
    axes.imshow(item.pixels, extent=extent, interpolation="none", aspect="auto")
    larger = width / item.pixels.shape[1]
    corner = np.array([left, top])
    points = np.zeros((0, 2)) if item.points is None else item.points
    lines = [corner + (line + 0.5) * larger for line in item.lines]
    for shade, thick, radius in RIMMED:
        colour = _colour((shade, shade, shade))
        if lines:
            axes.add_collection(
                LineCollection(lines, colors=[colour], linewidths=thick * item.unit * larger)
            )
        if len(points):
            across = 2 * radius * item.unit * larger
            dots = EllipseCollection(
                across, across, 0, units="xy", facecolors=[colour], linewidths=0,
                offsets=corner + (points + 0.5) * larger, offset_transform=axes.transData,
            )  # fmt: skip
            axes.add_collection(dots)


def _colour(shades: tuple[int, int, int]) -> tuple[float, float, float]:
    red, green, blue = shades
    return red / 255, green / 255, blue / 255
