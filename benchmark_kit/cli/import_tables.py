"""`salbench import`."""

from __future__ import annotations

from pathlib import Path

import click

from benchmark_kit.console.headings import HeadedCommand, headed
from benchmark_kit.console.options import out_option

FORMATS = ("eyelink-report", "tobii", "smi", "gazepoint", "pupil-surface", "pupil-cloud", "columns")


@click.command(
    cls=HeadedCommand,
    epilog="""\b
Examples:
  salbench import fixation_report.txt --stimuli pictures/ --screen 1920x1080 --out mine/
  salbench import anna.tsv ben.tsv --format tobii --stimuli pictures/ --out mine/
  salbench import table.csv --map image=file,x=gx,y=gy --stimuli pictures/ --out mine/
""",
)
@click.argument("tables", nargs=-1, required=True, type=click.Path(path_type=Path))
@headed(
    "Tables",
    click.option(
        "--format",
        "form",
        type=click.Choice(FORMATS),
        help="Whose tables these are; columns: named by --map [default: recognised].",
    ),
    click.option(
        "--map",
        "columns",
        multiple=True,
        metavar="ROLE=COLUMN",
        help="Column of image, x, y, subject, trial, order, start or duration; repeatable.",
    ),
    click.option(
        "--units",
        type=click.Choice(["pixels", "normalised"]),
        help="Of x and y [default: the format's].",
    ),
    click.option(
        "--duration-unit",
        type=click.Choice(["s", "ms", "us", "ns"]),
        help="Of the durations [default: the format's].",
    ),
    click.option(
        "--screen",
        metavar="WxH",
        help="Size that x and y count on, the picture in its middle [default: the picture's own].",
    ),
)
@headed(
    "Data set",
    click.option(
        "--stimuli",
        required=True,
        metavar="DIR",
        help="The pictures that were shown; they are copied.",
    ),
    out_option("Folder to make.", "DIR"),
)
def command(
    tables: tuple[Path, ...],
    form: str | None,
    columns: tuple[str, ...],
    units: str | None,
    duration_unit: str | None,
    screen: str | None,
    stimuli: str,
    out: Path,
) -> None:
    """Make a data set of TABLES of fixations that an eye tracker's program has exported.

    Rows are matched to pictures by name. What is left out is counted by reason. The folder that is
    made holds the pictures, fixations.csv and dataset.toml (docs/datasets.md), and is read back.
    """
    from benchmark_kit.trackers.dataset import import_tables

    made = import_tables(
        tables,
        stimuli,
        out,
        form=form,
        columns=_columns(columns),
        screen=None if screen is None else _screen(screen),
        units=units,
        duration_unit=duration_unit,
    )
    click.echo(str(made))


def _columns(given: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for part in (part for text in given for part in text.split(",")):
        role, mark, column = part.partition("=")
        if not mark or not column.strip():
            raise click.BadParameter(f"{part!r}: write x=COLUMN", param_hint="--map")
        found[role.strip()] = column.strip()
    return found


def _screen(text: str) -> tuple[int, int]:
    width, mark, height = text.lower().partition("x")
    if not mark or not (width.isdecimal() and height.isdecimal() and int(width) and int(height)):
        raise click.BadParameter(f"{text!r}: write 1920x1080", param_hint="--screen")
    return int(width), int(height)
