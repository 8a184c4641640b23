"""Options that several commands share, named alike everywhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

DATASET_OPTIONS = ("edition", "split", "points", "index_base", "keep_first", "stimuli", "memory")


def max_outside_option(command: Callable) -> Callable:
    """`--max-outside`."""
    return click.option(
        "--max-outside",
        type=click.FloatRange(0, 1),
        metavar="SHARE",
        help="Share of fixations that may lie outside their pictures [default: 0.2].",
    )(command)


def dataset_options(command: Callable) -> Callable:
    """`--dataset --root` and the readers' own options."""
    for option in reversed(
        (
            click.option(
                "--dataset",
                required=True,
                metavar="NAME",
                help="Data set; see salbench list datasets.",
            ),
            click.option(
                "--root",
                required=True,
                metavar="DIR",
                type=click.Path(path_type=Path),
                help="The data set's folder.",
            ),
            click.option(
                "--edition",
                metavar="YEAR",
                help="SALICON: 2015 or 2017 (asked for: their numbers differ).",
            ),
            click.option(
                "--split", metavar="NAME", help="Part of the data set, for instance train or val."
            ),
            click.option("--points", metavar="KIND", help="SALICON: fixations or mouse."),
            click.option(
                "--index-base",
                type=click.IntRange(0, 1),
                help="First pixel's number where the data set does not say.",
            ),
            click.option(
                "--keep-first",
                is_flag=True,
                default=None,
                help="MIT1003: keep each scanpath's first fixation.",
            ),
            click.option("--stimuli", metavar="KIND", help="FIGRIM: targets or fillers."),
            click.option("--memory", metavar="KIND", help="FIGRIM: enc, rec, rec2 or all."),
            max_outside_option,
            click.option(
                "--no-cache", is_flag=True, help="Neither use nor keep parsed ground truth."
            ),
        )
    ):
        command = option(command)
    return command


def reader_options(given: dict[str, Any]) -> dict[str, Any]:
    """Take the readers' options out of a command's arguments; those not given are left out."""
    found = {name: given.pop(name) for name in (*DATASET_OPTIONS, "max_outside")}
    return {name: value for name, value in found.items() if value is not None}


def tell_dropped(dropped: Mapping[str, int], kept: int) -> None:
    """A warning on stderr of points that were left out; nothing where none was."""
    if any(dropped.values()):
        from benchmark_kit.types import dropped_text

        click.echo(f"warning: fixations dropped: {dropped_text(dropped, kept)}", err=True)


def quiet_option(command: Callable) -> Callable:
    """`--quiet`."""
    return click.option("-q", "--quiet", is_flag=True, help="No progress, no notes.")(command)
