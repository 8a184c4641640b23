"""A figure for a paper: pictures by models, with the stimulus, the ground truth and each map.

One row a picture, one column a source. Maps and ground truth are drawn in the same colours; the
ground truth has a scale of its own, because densities and maps are no one unit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np

from benchmark_kit.errors import ConfigError, InputError, Problem
from benchmark_kit.files import refuse_inputs
from benchmark_kit.imaging.colours import check_colours
from benchmark_kit.imaging.density import DensitySpec, default_spec, density_of, read_density
from benchmark_kit.imaging.lettering import missing_letters
from benchmark_kit.maps.check import CheckedMaps, check_maps
from benchmark_kit.maps.pixels import prepare_pixels
from benchmark_kit.maps.sources import Maps, open_maps
from benchmark_kit.progress import Progress
from benchmark_kit.reporting.figure_page import (
    SCALE,
    Column,
    PanelMap,
    figure_sheet,
    page_size,
    panel_map,
)
from benchmark_kit.reporting.figure_pictures import figure_pictures, read_picture
from benchmark_kit.reporting.sheet_files import check_page, check_suffix, write_sheet
from benchmark_kit.scoring.predictions import PredictedReference, open_model
from benchmark_kit.types import GroundTruth, Truths

FEW = 4  # pictures where none are named
TRUTH = "ground truth"
Scale = Literal["each", "shared"]


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
    progress: Progress | None = None,
    on_note: Callable[[str], None] | None = None,
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
        on_note: called with what a reader of the figure should know: letters that no font has.

    Raises:
        ConfigError: an unknown picture, model, scale or kind of file, or two headings alike.
        InputError: pictures or maps that cannot be used; a picture without a map is named.
        MissingExtra: a vector file without matplotlib.
        RunFailed: the file cannot be written.

    Example:
        >>> figure(get_dataset("folder", "mine"), out="figure.png", maps={"ours": "maps"})
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
    upright = not isinstance(pictures, Truths)
    read_too = [Path(given) for given in sources.values() if isinstance(given, str | Path)]
    refuse_inputs([("out", out)], [*(t.stimulus for t in truths if t.stimulus), *read_too])
    sizes = {each.name: each.size for each in shown}
    densities = _densities(truths, shown)  # none of a folder, nor where fixations are secret
    columns_in_all = 1 + bool(densities) + len(headings)
    check_page(*page_size(columns_in_all, list(sizes.values())), out, SCALE)
    if on_note is not None and (letters := "".join(map(missing_letters, [*headings, *sizes]))):
        on_note(f"no font here has {letters}: boxes stand there. Fix: install one that has them")
    for model in models:  # what is wrong with the last is told before the first has run
        open_model(model)
    readers = [
        _reading(
            name,
            check_maps(
                open_maps(given),
                truths,
                strip=strip,
                prefix=prefix,
                partial=True,
                only=list(sizes),
                transpose=transpose,
                resize=resize,
            ),
        )
        for name, given in sources.items()
    ]
    readers += [_predicting(model, turned=upright) for model in models]
    columns: list[Column] = []
    for name, read in zip(headings, readers, strict=True):
        drawn: dict[str, PanelMap] = {}
        for each in shown:
            drawn[each.name] = panel_map(_finite(read(each), f"{each.name} of {name}"))
            if progress is not None:
                progress(len(columns) * len(shown) + len(drawn), len(headings) * len(shown))
        columns.append(Column(name, drawn))
    if scale == "shared":
        limits = _limits(columns)
        columns = [replace(column, limits=limits) for column in columns]
    if densities:
        columns.insert(0, Column(TRUTH, densities))

    def stimulus(name: str) -> np.ndarray:
        return read_picture(truths[name], upright=upright)

    write_sheet(out, figure_sheet(sizes, stimulus, columns, colours), scale=SCALE)


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
        return prepare_pixels(reference, truth.size, name in found.transposed, found.kernel(name))

    return read


def _predicting(model: str, *, turned: bool) -> Callable[[GroundTruth], np.ndarray]:
    """A reader of what a model predicts."""

    def read(truth: GroundTruth) -> np.ndarray:
        assert truth.stimulus is not None
        reference = PredictedReference(model, truth.stimulus, truth.size, False, turned=turned)
        return prepare_pixels(reference, truth.size, False, None)

    return read


def _finite(values: np.ndarray, what: str) -> np.ndarray:
    values = np.asarray(values, dtype=np.float64)
    if not np.isfinite(values).all():
        problem = Problem("E304", (what,), "NaN or Inf", "finite values", "mask them")
        raise InputError("a map cannot be drawn", [problem])
    return values


def _limits(columns: Sequence[Column]) -> tuple[float, float]:
    """Lowest and highest value of all maps."""
    drawn = [each for column in columns for each in column.maps.values()]
    return min(each.low for each in drawn), max(each.high for each in drawn)


def _densities(truths: Truths, shown: Sequence[GroundTruth]) -> dict[str, PanelMap]:
    """The ground truth of the pictures that have one."""
    spec = default_spec(truths)
    computed = DensitySpec(sigma_px=truths.sigma_px)
    found = {}
    for truth in shown:
        if spec.source == "shipped" and truth.density_file is not None:
            found[truth.name] = panel_map(read_density(truth, spec).values)
        elif truth.fixations is not None and len(truth.fixations):
            own = computed if spec.source == "shipped" else spec
            found[truth.name] = panel_map(density_of(truth.fixations, own).values)
    return found
