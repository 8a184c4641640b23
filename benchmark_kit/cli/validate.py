"""`salbench validate`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from benchmark_kit.console.headings import HeadedCommand, headed
from benchmark_kit.console.options import (
    allow_constant_option,
    allow_identical_option,
    leaderboard_option,
    list_option,
    quiet_option,
    stimuli_option,
    workers_option,
)


@click.command(
    cls=HeadedCommand,
    epilog="""\b
Examples:
  salbench validate maps/ --leaderboard mit300 --stimuli BenchmarkIMAGES/
  salbench validate model.hdf5 --leaderboard cat2000 --stimuli Stimuli/ --kind densities
  salbench validate results.zip --leaderboard salicon2015 --stimuli val/ --stimuli test/
  salbench validate model.mat --leaderboard lsun --stimuli images/ --list testing.mat
""",
)
@click.argument("maps", type=click.Path(path_type=Path))
@headed(
    "Board",
    leaderboard_option,
    stimuli_option,
    list_option,
)
@headed(
    "Maps",
    click.option(
        "--kind",
        type=click.Choice(["maps", "densities"]),
        default="maps",
        show_default=True,
        help="What MAPS holds; densities are natural logarithms.",
    ),
    allow_constant_option,
    allow_identical_option,
)
@headed(
    "Report",
    click.option("--strict", is_flag=True, help="Warnings refuse too."),
    click.option(
        "--renames",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="Write names that would match as CSV, where a pattern is found.",
    ),
    click.option(
        "--format",
        "form",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        help="What to print on stdout; json lists every place.",
    ),
)
@workers_option
@quiet_option
def command(
    maps: Path, leaderboard: str, stimuli: tuple[str, ...], quiet: bool, form: str, **given: Any
) -> int:
    """Check MAPS (a folder, archive, HDF5 or result file) before they go to a leaderboard.

    Reads them as the board would and names what it would refuse or silently misread. Names and
    sizes come from the benchmark's own images. Exit status 1: refused.
    """
    import json

    from benchmark_kit.console.progress import progress_bar
    from benchmark_kit.files import check_output
    from benchmark_kit.packaging.validate import validate

    if given["renames"] is not None:
        check_output(given["renames"], "--renames", replace=True)
    with progress_bar("checking", quiet, "images and maps") as progress:
        report = validate(maps, leaderboard, stimuli, progress=progress, **given)
    click.echo(json.dumps(report.to_json(), indent=1) if form == "json" else report.text())
    return 0 if report.ok else 1
