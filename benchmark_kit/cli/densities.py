"""`salbench densities`."""

from __future__ import annotations

from typing import Any

import click

from benchmark_kit.console.headings import HeadedCommand, headed
from benchmark_kit.console.options import (
    dataset_options,
    out_option,
    quiet_option,
    reader_options,
    resume_option,
    shard_option,
)


@click.command(
    cls=HeadedCommand,
    epilog="""\b
Examples:
  salbench densities --dataset osie --root osie/ --sigma 24px --out densities/
  salbench densities --dataset mit1003 --root mit1003/ --sigma 1deg --depth 16 --out densities/
""",
)
@headed("Data set", *dataset_options)
@headed(
    "Densities",
    click.option(
        "--sigma", metavar="WIDTH", help="Blur, such as 35px or 1deg [default: the data set's]."
    ),
    click.option(
        "--border",
        type=click.Choice(["reflect", "constant", "nearest"]),
        default="reflect",
        show_default=True,
        help="What lies beyond the image.",
    ),
    click.option(
        "--depth",
        type=click.Choice(["8", "16", "float"]),
        default="8",
        show_default=True,
        help="8- or 16-bit PNG, or float64 .npy (not rounded).",
    ),
)
@headed(
    "Output",
    out_option("Folder to make.", "DIR"),
    resume_option("Finish a folder that was left unfinished."),
    shard_option,
)
@quiet_option
def command(quiet: bool, no_cache: bool, **given: Any) -> None:
    """Write a data set's ground truth as maps: blurred densities and binary fixation maps.

    Makes DIR/densities/… and DIR/fixations/… (PNG, 255 where somebody looked), named as the
    stimuli. PNG densities are scaled to the full range; .npy holds blurred counts.
    """
    from benchmark_kit.calls.write_densities import write_densities
    from benchmark_kit.console.progress import progress_bar

    options = reader_options(given)
    with progress_bar("writing", quiet) as progress:
        text = write_densities(cache=not no_cache, progress=progress, **given, **options)
    if not quiet:
        click.echo(text)
    elif "fixations dropped" in text:
        click.echo(f"warning: {text}", err=True)
