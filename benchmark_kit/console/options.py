"""Options that several commands share: written once, named and meant alike everywhere."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from benchmark_kit.console.configuration import root_of
from benchmark_kit.console.headings import Decorator

READER_OPTIONS = ("edition", "split", "points", "index_base", "keep_first", "stimuli", "memory")
TABLES = ("text", "json", "csv", "markdown", "latex")

dataset_option = click.option(
    "--dataset", required=True, metavar="NAME", help="Data set; see salbench list datasets."
)


def _root(context: click.Context, option: click.Parameter, given: Path | None) -> Path:
    """The folder that is given, or that a configuration file names for the data set."""
    found = given or root_of(context, context.params.get("dataset", ""))
    if found is None:
        text = "Fix: --root DIR, or a line under [roots] of salbench.toml"
        raise click.MissingParameter(text, ctx=context, param=option)
    return found


root_option = click.option(
    "--root",
    metavar="DIR",
    type=click.Path(path_type=Path),
    callback=_root,
    help="The data set's folder [required, or in salbench.toml].",
)
max_outside_option = click.option(
    "--max-outside",
    type=click.FloatRange(0, 1),
    metavar="SHARE",
    help="Share of fixations that may lie outside their pictures [default: 0.2].",
)
no_cache_option = click.option(
    "--no-cache", is_flag=True, help="Neither use nor keep parsed ground truth."
)
part_options = (
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
)
memory_option = click.option("--memory", metavar="KIND", help="FIGRIM: enc, rec, rec2 or all.")
reading_options = (
    *part_options,
    click.option("--stimuli", metavar="KIND", help="FIGRIM: targets or fillers."),
    memory_option,
    max_outside_option,
    no_cache_option,
)
dataset_options = (dataset_option, root_option, *reading_options)
strip_option = click.option(
    "--strip", default="", metavar="SUFFIX", help="Suffix that map names have and stimuli do not."
)
prefix_option = click.option(
    "--prefix",
    default="",
    metavar="PREFIX",
    help="Prefix that the last part of map names has and stimuli do not.",
)
transpose_option = click.option(
    "--transpose", is_flag=True, help="Swap the axes of maps that are stored transposed."
)
resize_option = click.option(
    "--resize", metavar="KERNEL", help="Resize maps of another size by this kernel."
)
map_option = click.option(
    "--map",
    "map_name",
    metavar="NAME",
    help="Which map of a --model that gives several, or mean.",
)
option_option = click.option(
    "--option",
    "options",
    multiple=True,
    metavar="NAME=VALUE",
    help="An option of the model (docs/models.md), such as input_shape=240,320; repeatable.",
)
colours_option = click.option(
    "--colours",
    default="magma",
    show_default=True,
    metavar="NAME",
    help="magma, viridis, cividis, inferno, dusk or gray.",
)
workers_option = click.option(
    "--workers", type=click.IntRange(min=1), help="Processes [default: every core]."
)
seed_option = click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Seed of everything random.",
)
quiet_option = click.option("-q", "--quiet", is_flag=True, help="No progress, no notes.")


leaderboard_option = click.option(
    "--leaderboard", required=True, metavar="NAME", help="See salbench list leaderboards."
)
stimuli_option = click.option(
    "--stimuli",
    required=True,
    multiple=True,
    metavar="DIR",
    help="The benchmark's images; twice for salicon2015 (val and test).",
)
list_option = click.option(
    "--list",
    "list_file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Image list of lsun (testing.mat).",
)
allow_constant_option = click.option(
    "--allow-constant", is_flag=True, help="Constant maps are meant."
)
allow_identical_option = click.option(
    "--allow-identical", is_flag=True, help="One map for every image is meant."
)


def bootstrap_option(least: int, text: str) -> Decorator:
    """`--bootstrap`, at least so many."""
    return click.option(
        "--bootstrap",
        type=click.IntRange(min=least),
        default=1000,
        show_default=True,
        help=text,
    )


def format_option(*forms: str) -> Decorator:
    """`--format` of what goes to stdout, the first form by default."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(forms),
        default=forms[0],
        show_default=True,
        help="What to print on stdout.",
    )


def out_option(text: str, metavar: str | None = None, *, required: bool = True) -> Decorator:
    """`--out`, a file or folder."""
    return click.option(
        "--out", required=required, metavar=metavar, type=click.Path(path_type=Path), help=text
    )


def force_option(text: str = "Replace an existing file.") -> Decorator:
    """`--force`."""
    return click.option("--force", is_flag=True, help=text)


def resume_option(text: str) -> Decorator:
    """`--resume`."""
    return click.option("--resume", is_flag=True, help=text)


def reader_options(given: dict[str, Any]) -> dict[str, Any]:
    """Take the readers' options out of a command's arguments; those not given are left out."""
    found = {name: given.pop(name) for name in (*READER_OPTIONS, "max_outside")}
    return {name: value for name, value in found.items() if value is not None}


def tell_dropped(dropped: Mapping[str, int], kept: int) -> None:
    """A warning on stderr of points that were left out; nothing where none was."""
    if any(dropped.values()):
        from benchmark_kit.types import dropped_text

        click.echo(f"warning: fixations dropped: {dropped_text(dropped, kept)}", err=True)


shard_option = click.option(
    "--shard",
    metavar="K/N",
    help="Do only part K of N, as one job of an array (docs/scale.md).",
)
