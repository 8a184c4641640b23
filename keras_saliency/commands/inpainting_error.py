"""`salbench inpainting-error`: hide, fill and compare every part of pictures."""

from __future__ import annotations

from pathlib import Path

import click

from benchmark_kit.console.options import out_option, quiet_option, resume_option


@click.command(
    epilog="""\b
Examples:
  salbench inpainting-error photos/ --out errors/
  salbench inpainting-error photos/ --out errors/ --scales 64,128 --limit 10
  salbench inpainting-error photos/ --out errors/ --shape circle --sigma 10px
  salbench inpainting-error photos/ --out errors/ --inpainter pconv_unet --weights pconv.weights.h5
"""
)
@click.argument("images", type=click.Path(path_type=Path))
@out_option("Folder to make.", "DIR")
@click.option(
    "--inpainter",
    type=click.Choice(["harmonic", "pconv_unet"]),
    default="harmonic",
    show_default=True,
    help="What fills the holes: smooth continuation of the rim, or a network.",
)
@click.option("--weights", metavar="FILE", help="The network's weights.")
@click.option(
    "--scales", default="16,32,64,128", show_default=True, help="Sides of the holes in pixels."
)
@click.option(
    "--step",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Fill only every N-th hole of a row and row of holes.",
)
@click.option(
    "--sigma",
    metavar="WIDTH",
    default="20px",
    show_default=True,
    help="Of the Gaussian that smooths each map, in pixels of 512.",
)
@click.option(
    "--shape",
    type=click.Choice(["square", "circle"]),
    default="square",
    show_default=True,
    help="Of the holes: whole cells, or the circles in them.",
)
@click.option("--limit", type=click.IntRange(min=1), help="Only the first N pictures.")
@click.option(
    "--batch",
    type=click.IntRange(min=1),
    default=16,
    show_default=True,
    help="Holes filled at once.",
)
@resume_option("Go on with a folder that was left unfinished.")
@quiet_option
def command(
    images: Path,
    out: Path,
    inpainter: str,
    weights: str | None,
    scales: str,
    step: int,
    sigma: str,
    shape: str,
    limit: int | None,
    batch: int,
    resume: bool,
    quiet: bool,
) -> int:
    """Inpainting-error maps of the pictures below the folder IMAGES.

    Every picture is scaled to 512x512; each cell of a grid is hidden in turn, filled from what is
    around it, and scored by how far the filling is off (1 - SSIM). Where filling fails, a picture
    holds something of its own. Writes DIR/maps/*.npy (512, 512, scales) and DIR/views/*.png.
    Pictures that cannot be read are left out and named at the end; the exit status is then 1.
    """
    from itertools import islice

    from benchmark_kit.console.progress import progress_bar
    from benchmark_kit.errors import ConfigError
    from benchmark_kit.files import check_folder
    from benchmark_kit.imaging.density import parse_sigma
    from keras_saliency.inpainting.dataset import make_dataset
    from keras_saliency.inpainting.network import open_inpainter
    from keras_saliency.predict.pictures import list_pictures

    check_folder(out, "--out")
    try:
        sides = [int(part) for part in scales.split(",")]
    except ValueError:
        raise click.BadParameter(
            f"{scales!r}: write for instance 64,128", param_hint="--scales"
        ) from None
    if weights is not None and inpainter == "harmonic":
        raise ConfigError("the harmonic inpainter has no weights. Fix: --inpainter pconv_unet")
    listed = list_pictures(images)
    pictures = dict(islice(listed.files.items(), limit))
    fill, name = open_inpainter(inpainter, None if weights is None else Path(weights))
    with progress_bar("filling", quiet, unit="holes") as progress:
        made, problems = make_dataset(
            pictures,
            out,
            fill,
            inpainter_name=name,
            scales=sides,
            step=step,
            sigma=parse_sigma(sigma, None),
            shape=shape,
            batch=batch,
            resume=resume,
            progress=progress,
        )
    if not quiet:
        click.echo(f"{made} of {len(pictures)} pictures done now; {out / 'views'} to look at")
    for problem in (*listed.left_out, *problems):
        click.echo(f"salbench: {problem}", err=True)
    return 1 if listed.left_out or problems else 0
