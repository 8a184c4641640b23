"""`salbench predict`."""

from __future__ import annotations

from pathlib import Path

import click

from keras_saliency.commands._options import option_of


@click.command(
    epilog="""\b
Examples:
  salbench predict --model spectral_residual photos/ --out maps/
  salbench predict --model image_signature --option color=lab a.jpg b.jpg --out maps/
  salbench predict --model msi_net --weights msi_net.weights.h5 photos/ --out maps/ --depth 16
"""
)
@click.argument("images", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--model",
    required=True,
    metavar="NAME|FILE",
    help="An entry of salbench list models, or a saved .keras, .weights.h5 or .npz file.",
)
@click.option(
    "--out", required=True, metavar="DIR", type=click.Path(path_type=Path), help="Folder to make."
)
@click.option("--weights", metavar="FILE", help="A network's weights.")
@click.option(
    "--option",
    "options",
    multiple=True,
    metavar="NAME=VALUE",
    help="An option of the model (docs/models.md); repeatable.",
)
@click.option(
    "--depth",
    type=click.Choice(["8", "16", "float"]),
    default="8",
    show_default=True,
    help="Bits of the PNGs, or .npy with the model's own values.",
)
@click.option(
    "--map",
    "map_name",
    metavar="NAME",
    help="One map of a model that gives several, or mean [default: all, each in its folder].",
)
@click.option("--resume", is_flag=True, help="Keep maps that are there, predict the others.")
@click.option("--force", is_flag=True, help="Write into a folder that is not empty.")
@click.option(
    "--allow-random-weights", is_flag=True, help="Let a network predict that has learned nothing."
)
@click.option("-q", "--quiet", is_flag=True, help="No progress, no notes.")
def command(
    images: tuple[Path, ...],
    model: str,
    out: Path,
    weights: str | None,
    options: tuple[str, ...],
    depth: str,
    map_name: str | None,
    resume: bool,
    force: bool,
    allow_random_weights: bool,
    quiet: bool,
) -> int:
    """Saliency maps of IMAGES (files and folders) into a folder, named as the pictures.

    Pictures that cannot be read, or that the model refuses, are left out and named at the end; the
    exit status is then 1. The maps of a model that gives several go into a folder each.
    """
    from benchmark_kit.cli._progress import progress_bar
    from benchmark_kit.files import check_folder
    from keras_saliency.pictures import named_pictures
    from keras_saliency.prediction import predict_files
    from keras_saliency.predictor import open_predictor

    check_folder(out, "--out")
    given = dict(option_of(text) for text in options)
    if weights is not None:
        given["weights"] = weights
    pictures, left_out = named_pictures(images)
    opened = open_predictor(
        model, allow_random_weights=allow_random_weights, map_name=map_name, **given
    )
    with progress_bar("predicting", quiet) as progress:
        problems = predict_files(
            opened, pictures, out, depth=depth, resume=resume, force=force, progress=progress
        )
    for problem in (*left_out, *problems):
        click.echo(f"salbench: {problem}", err=True)
    if not quiet:
        click.echo(f"{len(pictures) - len(problems)} maps in {out}")
    return 1 if left_out or problems else 0
