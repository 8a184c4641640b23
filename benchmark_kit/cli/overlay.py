"""`salbench overlay`."""

from __future__ import annotations

from pathlib import Path

import click

from benchmark_kit.console.options import (
    force_option,
    max_outside_option,
    out_option,
    tell_dropped,
)


@click.command(
    epilog="""\b
Examples:
  salbench overlay photo.jpg map.png --out overlay.png
  salbench overlay a.png maps/a.png --fixations fixations.csv --contours 0.5,0.9 --out over.png
"""
)
@click.argument("image", type=click.Path(path_type=Path))
@click.argument("map_file", metavar="MAP", type=click.Path(path_type=Path))
@out_option("File to write.", "PNG")
@click.option(
    "--opacity",
    type=click.FloatRange(0, 1),
    default=0.6,
    show_default=True,
    help="Share of the map's colour.",
)
@click.option(
    "--colours",
    default="magma",
    show_default=True,
    metavar="NAME",
    help="magma, viridis, cividis or inferno.",
)
@click.option(
    "--fixations",
    type=click.Path(path_type=Path),
    metavar="CSV",
    help="Table with columns image, x, y, as of a folder data set; dataset.toml beside it holds.",
)
@max_outside_option
@click.option(
    "--contours",
    default="",
    metavar="SHARES",
    help="Lines around shares of the map's mass, such as 0.5,0.9.",
)
@force_option()
def command(
    image: Path,
    map_file: Path,
    out: Path,
    opacity: float,
    colours: str,
    fixations: Path | None,
    max_outside: float | None,
    contours: str,
    force: bool,
) -> None:
    """Lay the saliency map MAP in colours over its picture IMAGE, which is shown in grays."""
    try:
        shares = [float(part) for part in contours.split(",") if part.strip()]
    except ValueError:
        raise click.BadParameter(f"{contours!r}: write 0.5,0.9", param_hint="--contours") from None
    from benchmark_kit.errors import ConfigError
    from benchmark_kit.files import check_output, refuse_same_file
    from benchmark_kit.imaging.images import read_map, write_png
    from benchmark_kit.reporting.overlay import overlay, picture_below, read_points

    given = [path for path in (image, map_file, fixations) if path is not None]
    if missing := [str(path) for path in given if not path.exists()]:
        raise ConfigError(f"no such file: {', '.join(missing)}")
    if out.suffix.lower() != ".png":
        raise ConfigError(f"--out {out}: overlays are PNG files. Fix: a name that ends in .png")
    check_output(out, "--out", replace=force)
    for path in given:
        refuse_same_file([(str(path), path), ("--out", out)])
    points = None
    if fixations is not None:
        dropped: dict[str, int] = {}
        points = read_points(fixations, image, max_outside, dropped)
        tell_dropped(dropped, len(points))
    saliency = read_map(map_file)
    pixels = overlay(
        picture_below(image, saliency.shape, stored=points is not None),
        saliency,
        opacity=opacity,
        colours=colours,
        fixations=points,
        contours=shares,
    )
    write_png(out, pixels)
