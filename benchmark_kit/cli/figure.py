"""`salbench figure`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from benchmark_kit.console.configuration import root_of
from benchmark_kit.console.headings import HeadedCommand, headed
from benchmark_kit.console.options import (
    colours_option,
    force_option,
    max_outside_option,
    memory_option,
    no_cache_option,
    out_option,
    part_options,
    prefix_option,
    quiet_option,
    reader_options,
    resize_option,
    strip_option,
    transpose_option,
)


@click.command(
    cls=HeadedCommand,
    epilog="""\b
Examples:
  salbench figure --stimuli photos/ --model saliency_lite --model covsal --out figure.pdf
  salbench figure --stimuli photos/ --maps ours=maps/ --maps theirs=m.zip --out figure.png
  salbench figure --dataset osie --root osie/ --maps ours=maps/ --images 1001,1002 --out figure.svg
""",
)
@headed(
    "Pictures",
    click.option(
        "--dataset", metavar="NAME", help="Data set, which gives ground truth, too; or --stimuli."
    ),
    click.option(
        "--root",
        metavar="DIR",
        type=click.Path(path_type=Path),
        help="The data set's folder [default: of salbench.toml].",
    ),
    *part_options,
    click.option(
        "--stimuli",
        metavar="DIR",
        help="Without --dataset: a folder of pictures. FIGRIM: targets or fillers.",
    ),
    memory_option,
    max_outside_option,
    no_cache_option,
    click.option(
        "--images",
        metavar="NAMES",
        multiple=True,
        help="Pictures to show, such as 1001,1002, in this order [default: the first four].",
    ),
)
@headed(
    "Maps",
    click.option(
        "--maps",
        metavar="NAME=DIR",
        multiple=True,
        help="Heading, and a folder, archive or HDF5 file of maps; repeatable.",
    ),
    click.option(
        "--model",
        "models",
        metavar="NAME|FILE",
        multiple=True,
        help="A model that predicts what is shown; repeatable.",
    ),
    strip_option,
    prefix_option,
    transpose_option,
    resize_option,
)
@headed(
    "Output",
    click.option(
        "--range",
        "scale",
        type=click.Choice(["each", "shared"]),
        default="each",
        show_default=True,
        help="Each map from its own lowest to its highest value, or all maps on one scale.",
    ),
    colours_option,
    out_option("File to write: .png, .jpg, .pdf or .svg.", "FILE"),
    force_option(),
)
@quiet_option
@click.pass_context
def command(
    context: click.Context,
    dataset: str | None,
    root: Path | None,
    no_cache: bool,
    images: tuple[str, ...],
    maps: tuple[str, ...],
    models: tuple[str, ...],
    out: Path,
    force: bool,
    quiet: bool,
    **given: Any,
) -> None:
    """Draw pictures by models, as a figure for a paper.

    One row a picture; columns are the stimulus, with a data set its ground truth, then the maps in
    the order given, those of --maps first. PDF and SVG keep words as such.
    """
    reader = reader_options(given)
    folder = None if dataset is not None else reader.pop("stimuli", None)
    if dataset is None and folder is None:
        raise click.UsageError("give the pictures: --stimuli DIR, or --dataset with --root")
    if not maps and not models:
        raise click.UsageError("give the maps: --maps NAME=DIR or --model NAME, both repeatable")
    from benchmark_kit.calls.ground_truth import read_truths
    from benchmark_kit.console.progress import progress_bar
    from benchmark_kit.errors import ConfigError
    from benchmark_kit.files import check_output, refuse_missing
    from benchmark_kit.imaging.colours import check_colours
    from benchmark_kit.reporting.figure import figure
    from benchmark_kit.reporting.sheet_files import check_suffix

    check_suffix(out)
    check_colours(given["colours"])
    check_output(out, "--out", replace=force)
    sources = dict(_named(text) for text in maps)
    if len(sources) < len(maps):
        raise ConfigError("two --maps have one name. Fix: NAME=DIR with other names")
    refuse_missing(sources.values())
    if dataset is not None:
        truths = read_truths(dataset, root or root_of(context, dataset), not no_cache, reader)
    elif reader or root is not None:
        named = "root" if root is not None else next(iter(reader)).replace("_", "-")
        raise ConfigError(f"--{named} is of a --dataset. Fix: leave it out, or name the data set")
    with progress_bar("drawing", quiet) as progress:
        figure(
            str(folder) if dataset is None else truths,
            out=out,
            maps=sources,
            models=models,
            images=_names(images),
            progress=progress,
            on_note=None if quiet else lambda text: click.echo(f"note: {text}", err=True),
            **given,
        )


def _named(text: str) -> tuple[str, Path]:
    """`NAME=DIR`; of a path alone its last part is the name."""
    name, equals, path = text.partition("=")
    if equals and name.strip() and path and not Path(text).exists():
        return name.strip(), Path(path)
    return Path(text).stem or text, Path(text)


def _names(given: tuple[str, ...]) -> list[str] | None:
    """Names of pictures, separated by commas or given one by one; None where there are none."""
    names = [name.strip() for text in given for name in text.split(",") if name.strip()]
    return names if given else None
