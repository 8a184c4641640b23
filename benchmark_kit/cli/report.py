"""`salbench report`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from benchmark_kit.console.options import READER_OPTIONS, force_option, out_option, quiet_option

if TYPE_CHECKING:
    from benchmark_kit.reporting.result_maps import ResultMaps
    from benchmark_kit.types import Truths

FORMS = ("html", "markdown", "latex")


@click.command(
    epilog="""\b
Examples:
  salbench report results.json --out report.html
  salbench report a.json --compare b.json --root osie/ --maps a/ --maps b/ --out report.html
  salbench report a.json --compare b.json --root osie/ --maps b=saliency_lite --out report.html
  salbench report a.json --compare b.json --format latex --metrics nss,auc --out table.tex
"""
)
@click.argument("results", type=click.Path(path_type=Path))
@click.option(
    "--compare",
    "others",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Another model's results on the same data; repeatable.",
)
@click.option(
    "--root",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The data set's folder, for pictures [default: as recorded].",
)
@click.option(
    "--maps",
    multiple=True,
    metavar="[NAME=]DIR|MODEL",
    help="A result's maps, for pictures, or a model that predicts them; once for each, in order or "
    "by the result's name [default: as recorded].",
)
@out_option("File to write.", "FILE")
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMS),
    default="html",
    show_default=True,
    help="A page, or its tables for a paper.",
)
@click.option("--metrics", metavar="NAMES", help="Columns to show [default: all that all have].")
@click.option("--by-category", is_flag=True, help="Of tables for a paper: each category, too.")
@force_option()
@quiet_option
def command(
    results: Path,
    others: tuple[Path, ...],
    root: Path | None,
    maps: tuple[str, ...],
    out: Path,
    form: str,
    metrics: str | None,
    by_category: bool,
    force: bool,
    quiet: bool,
) -> None:
    """Write RESULTS, or several models' results side by side, as one HTML file.

    The file loads nothing from elsewhere. Pictures of the best and worst images need the data
    set's folder and the maps: where the results record them and they are still there, they are
    found; maps that a model predicted are predicted again.
    """
    from benchmark_kit.cli._report_maps import chosen_maps, given_maps
    from benchmark_kit.console.progress import progress_bar
    from benchmark_kit.files import check_output, refuse_missing, refuse_same_file
    from benchmark_kit.reporting.page import report
    from benchmark_kit.results.comparable import result_labels
    from benchmark_kit.results.record import load_results

    if by_category and form == "html":
        raise click.UsageError("--by-category is of --format latex and markdown: a page has them")
    files = (results, *others)
    refuse_missing(files)
    check_output(out, "--out", replace=force)
    for given in files:
        refuse_same_file([(str(given), given), ("--out", out)])
    labels = result_labels(files)
    loaded = [load_results(path) for path in files]
    made = [_recorded(found.data) for found in loaded]
    # os.path: a recorded name that no file can have is only not there
    roots = [given["root"] for given in made if given.get("root") is not None]
    root = root or next((given for given in roots if os.path.isdir(given)), None)
    asked = given_maps(maps, labels) if form == "html" else {}
    sources: dict[str, ResultMaps | None] = {}
    if form == "html" and root is not None:
        sources = {
            label: chosen_maps(asked.get(label), found.data, of, label)
            for label, found, of in zip(labels, loaded, made, strict=True)
        }
    pictures = root is not None and any(sources.values())
    truths = _truths(loaded[0].data, root, made[0]) if pictures and root else None
    with progress_bar("drawing", quiet, "steps") as progress:
        report(
            results,
            compare=others,
            out=out,
            truths=truths,
            maps=sources if pictures else (),
            form=form,
            metrics=metrics,
            by_category=by_category,
            progress=progress,
        )
    click.echo(f"{out}: {out.stat().st_size / 1000:.0f} kB")
    if form != "html" or quiet:
        return
    if not pictures:
        click.echo("note: no pictures. Add --root DIR and --maps DIR for each model", err=True)
    elif without := [label for label, source in sources.items() if source is None]:
        click.echo(
            f"note: no pictures of {', '.join(without)}. Add --maps {without[0]}=DIR", err=True
        )


def _recorded(data: dict[str, Any]) -> dict[str, Any]:
    """Arguments of the recorded command by name; empty where none is recorded."""
    from benchmark_kit.cli import cli

    words = data.get("made", {}).get("command", [])
    if words[1:2] != ["evaluate"]:
        return {}
    with click.Context(cli) as context:
        evaluate = cli.get_command(context, "evaluate")
    assert evaluate is not None
    with evaluate.make_context("evaluate", list(words[2:]), resilient_parsing=True) as context:
        return dict(context.params)


def _truths(data: dict[str, Any], root: Path, recorded: dict[str, Any]) -> Truths:
    from benchmark_kit.datasets import dataset_facts, get_dataset

    name = data["dataset"]["name"]
    known = {option.name for option in dataset_facts(name).options}
    described = {option: data["dataset"].get(option) for option in READER_OPTIONS}
    options = {
        option: value
        for option in READER_OPTIONS
        if option in known and (value := recorded.get(option) or described[option]) is not None
    }
    # whether they fit was decided when they were scored
    return get_dataset(name, root, max_outside=1.0, **options)
