"""A figure for a paper: pictures by models, with the stimulus, the ground truth and each map.

One row a picture, one column a source. Maps and ground truth are drawn in the same colours; the
ground truth has a scale of its own, because densities and maps are no one unit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from benchmark_kit.errors import ConfigError, InputError, Problem
from benchmark_kit.imaging.colours import check_colours, colourise
from benchmark_kit.imaging.density import default_spec, read_density
from benchmark_kit.imaging.lettering import fitted
from benchmark_kit.imaging.min_max import min_max
from benchmark_kit.imaging.sheet import Panel, Sheet, Words
from benchmark_kit.maps.check import CheckedMaps, check_maps
from benchmark_kit.maps.pixels import prepare_pixels
from benchmark_kit.maps.sources import Maps, open_maps
from benchmark_kit.reporting.figure_pictures import figure_pictures, read_picture
from benchmark_kit.reporting.sheet_files import check_page, check_suffix, write_sheet
from benchmark_kit.scoring.predictions import PredictedReference, open_model
from benchmark_kit.types import GroundTruth, Truths

FEW = 4  # pictures where none are named
STIMULUS, TRUTH = "stimulus", "ground truth"
# in points, as PDF and SVG have them
PANEL, TALLEST, GAP, MARGIN, LETTERS, LABEL = 120.0, 150.0, 5.0, 4.0, 8.0, 13.0
SCALE = 4.0  # pixels a point, of PNG and JPEG and of the panels in all files: 288 an inch
Scale = Literal["each", "shared"]


@dataclass(frozen=True, eq=False)
class Column:
    """What stands below one heading.

    Args:
        heading: name.
        values: maps by picture, (height, width) each; None: the pictures themselves.
        limits: lowest and highest value of the scale; None: each map has its own.
    """

    heading: str
    values: Mapping[str, np.ndarray] | None
    limits: tuple[float, float] | None = None


def figure(
    pictures: Truths | str | Path,
    *,
    out: str | Path,
    maps: Mapping[str, Maps] | None = None,
    models: Sequence[str] = (),
    images: Sequence[str] | None = None,
    scale: Scale = "each",
    colours: str = "magma",
    strip: str = "",
    prefix: str = "",
    transpose: bool = False,
    resize: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Draw pictures by models, and write them as the kind of file that the name of `out` says.

    Args:
        pictures: a data set, whose densities are shown as ground truth; or a folder of pictures,
            which are shown upright.
        out: `.png`, `.jpg`, `.pdf` or `.svg`; an existing file is replaced.
        maps: heading -> a folder, archive or HDF5 file of maps, or arrays by picture.
        models: names or files of models, which predict what is shown; headings are their names.
        images: names of the pictures, in the order of the rows; None: the first few.
        scale: `"each"`: every map from its lowest to its highest value; `"shared"`: all maps from
            the lowest to the highest value of them all.
        colours: one of `imaging.colours.COLOURS`.
        strip: suffix of map names that pictures do not have.
        prefix: prefix of the last part of map names that pictures do not have.
        transpose: maps of swapped sides are stored transposed.
        resize: kernel for maps of another size.
        progress: called with (maps drawn, maps in all).

    Raises:
        ConfigError: an unknown picture, model, scale or kind of file, or two headings alike.
        InputError: pictures or maps that cannot be used; a picture without a map is named.
        MissingExtra: a vector file without matplotlib.
        RunFailed: the file cannot be written.
    """
    out, sources = Path(out), dict(maps or {})
    check_suffix(out, "out")
    check_colours(colours)
    if scale not in ("each", "shared"):
        raise ConfigError(f"scale must be each or shared, got {scale!r}")
    headings = [*sources, *(_heading(model) for model in models)]
    if twice := [name for name in headings if headings.count(name) > 1]:
        raise ConfigError(f"two columns are called {twice[0]!r}. Fix: other names of the maps")
    if not headings:
        raise ConfigError("a figure needs maps or models. Fix: name some")
    truths, shown = figure_pictures(pictures, images, FEW)
    truth = isinstance(pictures, Truths)
    columns = len(headings) + 1 + truth
    check_page(*_extent(columns, shown), out, SCALE)
    for model in models:  # what is wrong with the last is told before the first has run
        open_model(model)
    checked = [
        _reading(
            name,
            check_maps(
                open_maps(given),
                truths,
                strip=strip,
                prefix=prefix,
                partial=True,
                only=[each.name for each in shown],
                transpose=transpose,
                resize=resize,
            ),
        )
        for name, given in sources.items()
    ]
    total, done = len(headings) * len(shown), 0

    def counted(values: np.ndarray) -> np.ndarray:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done, total)
        return values

    found = {
        name: {each.name: counted(read(each)) for each in shown}
        for name, read in zip(
            headings,
            [*checked, *(_predicting(model, turned=not truth) for model in models)],
            strict=True,
        )
    }
    limits = _limits(found.values()) if scale == "shared" else None
    filled = [Column(STIMULUS, None)]
    if truth:
        assert isinstance(pictures, Truths)
        filled.append(Column(TRUTH, _densities(pictures, shown)))
    filled += [Column(name, values, limits) for name, values in found.items()]
    write_sheet(out, _sheet(shown, filled, colours, upright=not truth), scale=SCALE)


def _heading(model: str) -> str:
    """A model's name, or that of its file."""
    return Path(model).stem if Path(model).is_file() else model


def _reading(heading: str, found: CheckedMaps) -> Callable[[GroundTruth], np.ndarray]:
    """A reader of one source's maps.

    Raises:
        InputError: pictures without a map.
    """
    if found.missing:
        text = f"{len(found.missing)} pictures of the figure have no map"
        raise InputError(
            f"maps of {heading} ({found.source}) cannot be drawn",
            [Problem("E102", found.missing, text, fix="predict them, or show other --images")],
        )

    def read(truth: GroundTruth) -> np.ndarray:
        name = truth.name
        reference = found.references[name]
        values = prepare_pixels(reference, truth.size, name in found.transposed, found.kernel(name))
        return _finite(values, f"{name} of {heading}")

    return read


def _predicting(model: str, *, turned: bool) -> Callable[[GroundTruth], np.ndarray]:
    """A reader of what a model predicts."""

    def read(truth: GroundTruth) -> np.ndarray:
        assert truth.stimulus is not None
        reference = PredictedReference(model, truth.stimulus, truth.size, False, turned=turned)
        return _finite(
            prepare_pixels(reference, truth.size, False, None), f"{truth.name} of {model}"
        )

    return read


def _finite(values: np.ndarray, what: str) -> np.ndarray:
    values = np.asarray(values, dtype=np.float64)
    if not np.isfinite(values).all():
        problem = Problem("E304", (what,), "NaN or Inf", "finite values", "mask them")
        raise InputError("a map cannot be drawn", [problem])
    return values


def _limits(found: Any) -> tuple[float, float]:
    """Lowest and highest value of all maps."""
    ends = [(float(v.min()), float(v.max())) for maps in found for v in maps.values()]
    return min(low for low, _ in ends), max(high for _, high in ends)


def _densities(truths: Truths, shown: Sequence[GroundTruth]) -> dict[str, np.ndarray]:
    """The ground truth of the pictures that have one."""
    spec = default_spec(truths)
    return {
        truth.name: read_density(truth, spec).values
        for truth in shown
        if truth.density_file is not None or (truth.fixations is not None and len(truth.fixations))
    }


def _box(size: tuple[int, int]) -> tuple[float, float]:
    """Width and height of a picture on the page."""
    height, width = size
    share = min(PANEL / width, TALLEST / height)
    return width * share, height * share


def _extent(columns: int, shown: Sequence[GroundTruth]) -> tuple[float, float]:
    """Width and height of the page."""
    wide = 2 * MARGIN + LABEL + columns * PANEL + (columns - 1) * GAP
    high = 2 * MARGIN + 2 * LABEL + sum(_box(truth.size)[1] + GAP for truth in shown)
    return wide, high


def _sheet(
    shown: Sequence[GroundTruth], columns: Sequence[Column], colours: str, *, upright: bool
) -> Sheet:
    width, height = _extent(len(columns), shown)
    items: list[Panel | Words] = []
    lefts = [MARGIN + LABEL + k * (PANEL + GAP) for k in range(len(columns))]
    for left, column in zip(lefts, columns, strict=True):
        heading = fitted(column.heading, LETTERS, PANEL)
        items.append(Words(left + PANEL / 2, MARGIN + LETTERS, heading, LETTERS, "ms"))
    top = MARGIN + LABEL
    for truth in shown:
        wide, high = _box(truth.size)
        size = (max(1, round(high * SCALE)), max(1, round(wide * SCALE)))
        name = fitted(truth.name, LETTERS, max(high, 3 * LETTERS))
        middle = top + high / 2
        items.append(Words(MARGIN + LETTERS, middle, name, LETTERS, "ms", upwards=True, soft=True))
        for left, column in zip(lefts, columns, strict=True):
            box = (left + (PANEL - wide) / 2, top, wide, high)
            if column.values is None:
                pixels = _sized(read_picture(truth, upright=upright), size)
            elif truth.name in column.values:
                values = column.values[truth.name]
                scaled = (
                    min_max(values) if column.limits is None else _within(values, column.limits)
                )
                pixels = colourise(_sized(scaled, size), colours)
            else:
                items.append(Words(left + PANEL / 2, middle, "none", LETTERS, "mm", soft=True))
                continue
            items.append(Panel(box, pixels))
        top += high + GAP
    items += _bar(lefts[0], height - MARGIN - LABEL, columns[-1].limits, colours)
    return Sheet(width, height, tuple(items))


def _within(values: np.ndarray, limits: tuple[float, float]) -> np.ndarray:
    low, high = limits
    return (values - low) / (high - low) if high > low else np.zeros_like(values)


def _sized(values: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """A picture (uint8) or map (float) of another size: averaged, or smoothly enlarged."""
    from PIL import Image

    kind = values if values.dtype == np.uint8 else values.astype(np.float32)
    smaller = size[0] < values.shape[0]
    kernel = Image.Resampling.BOX if smaller else Image.Resampling.BILINEAR
    return np.asarray(Image.fromarray(kind).resize(size[::-1], kernel))


def _bar(
    left: float, top: float, limits: tuple[float, float] | None, colours: str
) -> list[Panel | Words]:
    """A lying bar of the colours with the ends of the scale on both sides."""
    ends = ("lowest", "highest value of each map")
    if limits is not None:
        ends = (f"{limits[0]:.3g}", f"{limits[1]:.3g}, all maps")
    from benchmark_kit.imaging.lettering import text_width

    row = np.repeat(colourise(np.linspace(0, 1, 256), colours)[None], 8, axis=0)
    x = left + text_width(ends[0], LETTERS) + GAP
    middle = top + LABEL / 2
    return [
        Words(left, middle, ends[0], LETTERS, "lm", soft=True),
        Panel((x, middle - 3, 80, 6), row),
        Words(x + 80 + GAP, middle, ends[1], LETTERS, "lm", soft=True),
    ]
