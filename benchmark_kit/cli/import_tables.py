"""`salbench import`."""

from __future__ import annotations

from math import isfinite
from pathlib import Path

import click

from benchmark_kit.console.headings import HeadedCommand, headed
from benchmark_kit.console.options import out_option

FORMATS = (
    *("eyelink-report", "tobii", "smi", "gazepoint", "pupil-surface", "pupil-cloud"),
    *("eyelink-asc", "pysaliency", "scanpath-json", "bids", "columns"),
)


@click.command(
    cls=HeadedCommand,
    epilog="""\b
Examples:
  salbench import fixation_report.txt --stimuli pictures/ --screen 1920x1080 --out mine/
  salbench import anna.tsv ben.tsv --format tobii --stimuli pictures/ --out mine/
  salbench import recording.asc --map image=picture --stimuli pictures/ --out mine/
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
        help="Column of image, x, y, subject, trial, order, eye, start, duration, or of the "
        "picture's left, top, width and height on the screen; repeatable.",
    ),
    click.option(
        "--duration-unit",
        type=click.Choice(["s", "ms", "us", "ns"]),
        help="Of durations, and of the times of samples [default: the format's].",
    ),
)
@headed(
    "Samples",
    click.option(
        "--detect",
        type=click.Choice(["ivt", "idt"]),
        help="TABLES hold samples: detect fixations by velocity (ivt) or dispersion (idt).",
    ),
    click.option(
        "--velocity",
        type=click.FloatRange(0, min_open=True),
        default=30.0,
        show_default=True,
        metavar="DEG/S",
        help="ivt: samples that are slower belong to a fixation.",
    ),
    click.option(
        "--dispersion",
        type=click.FloatRange(0, min_open=True),
        default=1.0,
        show_default=True,
        metavar="DEG",
        help="idt: width plus height of a fixation.",
    ),
    click.option(
        "--shortest",
        type=click.IntRange(min=1),
        default=60,
        show_default=True,
        metavar="MS",
        help="What is shorter is no fixation.",
    ),
)
@headed(
    "Screen",
    click.option(
        "--screen",
        metavar="WxH",
        help="Size that x and y count on, the picture in its middle [default: the picture's own].",
    ),
    click.option("--place", metavar="X,Y", help="Screen pixel of the picture's upper left corner."),
    click.option(
        "--scale",
        metavar="S",
        help="Screen pixels a pixel of the picture; fit: as large as the screen allows; fill: "
        "stretched to it [default: 1].",
    ),
    click.option(
        "--units",
        type=click.Choice(["pixels", "normalised", "degrees"]),
        help="Of x and y [default: the format's].",
    ),
    click.option("--y-up", is_flag=True, help="y counts upwards."),
    click.option(
        "--pixels-per-degree",
        type=click.FloatRange(0, min_open=True),
        metavar="N",
        help="Screen pixels of one degree of visual angle.",
    ),
    click.option("--screen-cm", metavar="WxH", help="Size of the screen in centimetres."),
    click.option(
        "--distance",
        type=click.FloatRange(0, min_open=True),
        metavar="CM",
        help="Of the eyes from the screen.",
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
    click.option(
        "--drop-first",
        is_flag=True,
        help="Leave out every observer's first fixation on a picture.",
    ),
    out_option("Folder to make.", "DIR"),
)
def command(
    tables: tuple[Path, ...],
    form: str | None,
    columns: tuple[str, ...],
    duration_unit: str | None,
    detect: str | None,
    velocity: float,
    dispersion: float,
    shortest: int,
    screen: str | None,
    place: str | None,
    scale: str | None,
    units: str | None,
    y_up: bool,
    pixels_per_degree: float | None,
    screen_cm: str | None,
    distance: float | None,
    stimuli: str,
    drop_first: bool,
    out: Path,
) -> None:
    """Make a data set of TABLES of fixations that an eye tracker's program has exported.

    Rows are matched to pictures by name. What is left out is counted by reason. The folder that is
    made holds the pictures, fixations.csv in their pixels and dataset.toml (docs/datasets.md), and
    is read back.
    """
    from benchmark_kit.trackers.dataset import import_tables
    from benchmark_kit.trackers.detection import Detection
    from benchmark_kit.trackers.placement import Placement

    placement = Placement(
        units=units or "pixels",
        screen=_pair(screen, "x", "--screen", "1920x1080"),
        place=_pair(place, ",", "--place", "560,240"),
        scale=_scale(scale),
        y_up=y_up,
        pixels_per_degree=pixels_per_degree,
        screen_cm=_pair(screen_cm, "x", "--screen-cm", "52.5x29.5"),
        distance=distance,
    )
    made = import_tables(
        tables,
        stimuli,
        out,
        form=form,
        columns=_columns(columns),
        placement=placement,
        units=units,
        duration_unit=duration_unit,
        drop_first=drop_first,
        detection=None if detect is None else Detection(detect, velocity, dispersion, shortest),
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


def _pair(text: str | None, mark: str, option: str, example: str) -> tuple[float, float] | None:
    if text is None:
        return None
    first, found, second = text.lower().partition(mark)
    try:
        pair = float(first), float(second)
    except ValueError:
        found = ""
    if not found or not all(map(isfinite, pair)):
        raise click.BadParameter(f"{text!r}: write {example}", param_hint=option)
    return pair


def _scale(text: str | None) -> float | str:
    if text is None or text in ("fit", "fill"):
        return text or 1.0
    try:
        return float(text)
    except ValueError:
        hint = f"{text!r}: write a number such as 1.5, fit or fill"
        raise click.BadParameter(hint, param_hint="--scale") from None
