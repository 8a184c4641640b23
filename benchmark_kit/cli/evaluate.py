"""`salbench evaluate`."""

from __future__ import annotations

from math import isfinite
from pathlib import Path
from typing import Any

import click

from benchmark_kit.cli._options import dataset_options, quiet_option, reader_options

FORMATS = ("text", "json", "csv", "markdown", "latex")


@click.command(
    epilog="""\b
Examples:
  salbench evaluate maps/ --dataset osie --root osie/
  salbench evaluate maps.zip --dataset salicon --edition 2017 --root salicon/ --out results.json
  salbench evaluate maps/ --dataset folder --root mine/ --dialect mit,tuebingen --yardsticks
  salbench evaluate maps/ --dataset osie --root osie/ --metrics nss,auc,kl@mit --fail-under nss=2.0
"""
)
@click.argument("maps", type=click.Path(path_type=Path))
@dataset_options
@click.option(
    "--dialect",
    metavar="NAMES",
    help="Benchmark convention(s), comma separated [default: the data set's].",
)
@click.option(
    "--metrics",
    metavar="NAMES",
    help="Metrics or variants such as nss,auc,kl@mit [default: the dialect's].",
)
@click.option(
    "--density",
    metavar="KIND",
    help="Ground-truth densities: shipped or computed [default: the dialect's way].",
)
@click.option("--sigma", metavar="WIDTH", help="Blur of computed densities, such as 24px or 1deg.")
@click.option(
    "--ig-baseline", metavar="KIND", help="centre-bias or uniform [default: the dialect's]."
)
@click.option(
    "--yardsticks", is_flag=True, help="Also score chance, centre bias, permutation and observers."
)
@click.option(
    "--strip", default="", metavar="SUFFIX", help="Suffix that map names have and stimuli do not."
)
@click.option(
    "--partial", is_flag=True, help="Score the images that have a map; the result names the others."
)
@click.option("--transpose", is_flag=True, help="Swap the axes of maps that are stored transposed.")
@click.option("--resize", metavar="KERNEL", help="Resize maps of another size by this kernel.")
@click.option(
    "--log-density", is_flag=True, help="The maps are natural-log densities that sum to one."
)
@click.option(
    "--engine",
    type=click.Choice(["pool", "tf"]),
    default="pool",
    show_default=True,
    help="Processes, or tf.distribute (GPUs).",
)
@click.option(
    "--strategy",
    type=click.Choice(["one", "mirrored", "multiworker"]),
    help="For --engine tf: one device, all of this machine's, or TF_CONFIG's [default: one].",
)
@click.option("--workers", type=click.IntRange(min=1), help="Processes [default: every core].")
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Seed of everything random.",
)
@click.option(
    "--bootstrap",
    type=click.IntRange(min=0),
    default=1000,
    show_default=True,
    help="Resamples for the intervals; 0: none.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    help="What to print on stdout.",
)
@click.option(
    "--out", type=click.Path(path_type=Path), help="Results file (JSON); makes the run resumable."
)
@click.option("--csv", type=click.Path(path_type=Path), help="File of per-image rows.")
@click.option("--resume", is_flag=True, help="Finish a run that was stopped; needs --out.")
@click.option("--force", is_flag=True, help="Replace an existing results file.")
@click.option(
    "--reproducible", is_flag=True, help="Leave time, seconds and workers out of the results."
)
@click.option(
    "--fail-under",
    multiple=True,
    metavar="METRIC=VALUE",
    help="Exit 1 if a metric is worse; repeatable.",
)
@quiet_option
def command(
    maps: Path, quiet: bool, form: str, fail_under: tuple[str, ...], no_cache: bool, **given: Any
) -> int:
    """Score MAPS (a folder, archive or HDF5 file of saliency maps) against eye tracking.

    Maps are matched to stimuli by relative path without extension. Everything wrong with them is
    listed before a number is printed. The table names dialect and data set: numbers of different
    dialects or editions are not comparable.
    """
    limits = [_limit(text) for text in fail_under]
    from benchmark_kit.api import evaluate
    from benchmark_kit.cli._progress import progress_bar
    from benchmark_kit.results.tables import render

    options = reader_options(given)
    with progress_bar("scoring", quiet) as progress:
        results = evaluate(
            maps,
            cache=not no_cache,
            progress=progress,
            on_note=None if quiet else _note,
            **given,
            **options,
        )
    if given["strategy"] == "multiworker":
        from benchmark_kit.scoring.engine_tf import is_chief

        if not is_chief("multiworker"):
            _note("done; the chief has the results")
            return 0
    click.echo(render(results.data, form))
    if form == "text" and not quiet:
        from benchmark_kit.leaderboards.published import standing_note

        _note(standing_note(results))
    return _verdict(results.data["metrics"], limits)


def _note(text: str) -> None:
    click.echo(f"note: {text}", err=True)


def _limit(text: str) -> tuple[str, float]:
    key, _, value = text.partition("=")
    try:
        number = float(value)
    except ValueError:
        number = float("nan")
    if not isfinite(number):
        raise click.BadParameter(f"{text!r}: write for instance nss=2.0", param_hint="--fail-under")
    return key.strip(), number


def _verdict(metrics: dict[str, Any], limits: list[tuple[str, float]]) -> int:
    status = 0
    for key, limit in limits:
        if key not in metrics:
            raise click.BadParameter(
                f"{key!r} was not scored; scored are {', '.join(metrics)}",
                param_hint="--fail-under",
            )
        value = metrics[key]["value"]
        short = (
            None
            if value is None
            else (limit - value if metrics[key]["better"] == "higher" else value - limit)
        )
        if short is None or short > 0:
            shown = (
                "has no value"
                if short is None
                else f"is {value:.4f}, {short:.4f} worse than {limit:g}"
            )
            click.echo(f"salbench: {key} {shown}", err=True)
            status = 1
    return status
