"""`salbench overlay`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from benchmark_kit.console.options import (
    colours_option,
    force_option,
    map_option,
    max_outside_option,
    out_option,
    tell_dropped,
)


@click.command(
    epilog="""\b
Examples:
  salbench overlay photo.jpg map.png --out overlay.png
  salbench overlay photo.jpg --model saliency_lite --out overlay.pdf
  salbench overlay a.png maps/a.png --fixations fixations.csv --contours 0.5,0.9 --out over.png
"""
)
@click.argument("image", type=click.Path(path_type=Path))
@click.argument("map_file", metavar="[MAP]", required=False, type=click.Path(path_type=Path))
@click.option(
    "--model", metavar="NAME|FILE", help="In place of MAP: what this model predicts of IMAGE."
)
@map_option
@out_option("File to write: .png, .jpg, .pdf or .svg.", "FILE")
@click.option(
    "--opacity",
    type=click.FloatRange(0, 1),
    default=0.6,
    show_default=True,
    help="Share of the map's colour.",
)
@colours_option
@click.option(
    "--fixations",
    type=click.Path(path_type=Path),
    metavar="CSV",
    help="Table with columns image, x, y, as of a folder data set, or the dataset.toml beside it, "
    "which holds in both cases.",
)
@max_outside_option
@click.option(
    "--contours",
    default="",
    metavar="SHARES",
    help="Lines around shares of the map's mass, such as 0.5,0.9.",
)
@click.option(
    "--plain", is_flag=True, help="The picture alone, at its own size: no bar and no legend."
)
@force_option()
def command(
    image: Path,
    map_file: Path | None,
    model: str | None,
    map_name: str | None,
    out: Path,
    fixations: Path | None,
    max_outside: float | None,
    contours: str,
    plain: bool,
    force: bool,
    **look: Any,
) -> None:
    """Lay the saliency map MAP in colours over its picture IMAGE, which is shown in grays.

    Beside it stands a bar of the colours with the map's lowest and highest value, and below it what
    dots and lines are. PDF and SVG keep words, dots and lines as such.
    """
    if (map_file is None) == (model is None):
        raise click.UsageError("give either MAP or --model")
    if map_name is not None and model is None:
        raise click.UsageError("--map chooses among the maps of a --model: give one")
    try:
        shares = [float(part) for part in contours.split(",") if part.strip()]
    except ValueError:
        raise click.BadParameter(f"{contours!r}: write 0.5,0.9", param_hint="--contours") from None
    from benchmark_kit.files import check_output, refuse_missing, refuse_same_file
    from benchmark_kit.imaging.colours import check_colours
    from benchmark_kit.imaging.images import read_map
    from benchmark_kit.imaging.laid_over import check_shares, overlay
    from benchmark_kit.reporting.overlay import overlay_sheet, picture_below, read_points
    from benchmark_kit.reporting.sheet_files import check_suffix, write_pixels, write_sheet

    given = [path for path in (image, map_file, fixations) if path is not None]
    refuse_missing(given)
    check_suffix(out, pixels=plain)
    check_shares(look["opacity"], shares)
    check_colours(look["colours"])
    check_output(out, "--out", replace=force)
    for path in given:
        refuse_same_file([(str(path), path), ("--out", out)])
    points = None
    if fixations is not None:
        dropped: dict[str, int] = {}
        points = read_points(fixations, image, max_outside, dropped)
        tell_dropped(dropped, len(points))
    stored = points is not None
    if map_file is not None:
        saliency = read_map(map_file)
    else:
        saliency = _predicted(str(model), image, map_name, stored)
    below = picture_below(image, saliency.shape, stored=stored)
    look = {**look, "fixations": points, "contours": shares}
    if plain:
        write_pixels(out, overlay(below, saliency, **look))
    else:
        write_sheet(out, overlay_sheet(below, saliency, **look))


def _predicted(model: str, image: Path, map_name: str | None, stored: bool) -> Any:
    """The map that a model predicts: of the stored grid where points refer to it, else upright."""
    from benchmark_kit.imaging.images import image_size
    from benchmark_kit.maps.pixels import most_pixels
    from benchmark_kit.scoring.predictions import PredictedReference, open_model

    open_model(model, map_name)
    size = image_size(image)
    reference = PredictedReference(model, image, size, False, map_name, turned=not stored)
    return reference.read(most_pixels(size))
