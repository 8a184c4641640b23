"""`salbench show`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from benchmark_kit.console.configuration import root_of
from benchmark_kit.console.headings import HeadedCommand, headed
from benchmark_kit.console.options import (
    force_option,
    out_option,
    reader_options,
    reading_options,
)

if TYPE_CHECKING:
    from benchmark_kit.types import Truths

OWN = "folder"  # a data set of one's own


@click.command(
    cls=HeadedCommand,
    epilog="""\b
Examples:
  salbench show mine/ --out mine.html
  salbench show --dataset salicon --edition 2017 --split val --root salicon/ --out salicon.html
""",
)
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@headed(
    "Data set",
    click.option(
        "--dataset",
        default=OWN,
        show_default=True,
        metavar="NAME",
        help="Data set; see salbench list datasets.",
    ),
    click.option(
        "--root",
        metavar="DIR",
        type=click.Path(path_type=Path),
        help="The data set's folder [required without FOLDER, or in salbench.toml].",
    ),
    *reading_options,
)
@headed("Output", out_option("Page to write.", "HTML"), force_option())
@click.pass_context
def command(
    context: click.Context,
    folder: Path | None,
    dataset: str,
    root: Path | None,
    out: Path,
    force: bool,
    no_cache: bool,
    **given: Any,
) -> None:
    """Show a data set as one HTML file, to see whether it is right.

    FOLDER is the data set's, as made by salbench import or laid out likewise. Pictures with their
    fixations, where people looked, numbers by observer and picture, and what looks wrong with what
    would mend it. A data set that evaluate refuses because its fixations do not fit the pictures is
    shown all the same.
    """
    if folder is not None and root is not None:
        raise click.UsageError("give either FOLDER or --root")
    place = folder or root or root_of(context, dataset)
    if place is None:
        raise click.UsageError("give the data set's FOLDER, or --dataset NAME --root DIR")
    from benchmark_kit.errors import ConfigError
    from benchmark_kit.files import check_output
    from benchmark_kit.reporting.dataset.page import show

    if out.suffix.lower() not in (".html", ".htm"):
        raise ConfigError(f"--out {out}: the page is HTML. Fix: a name that ends in .html")
    check_output(out, "--out", replace=force)
    truths, refused = _read(dataset, place, not no_cache, reader_options(given))
    shown = show(truths, out, root=place, refused=refused)
    click.echo(f"{out}: {out.stat().st_size / 1000:.0f} kB")
    if refused is not None:
        click.echo(f"looks wrong: {refused}")
    for doubt in shown.doubts:
        click.echo(f"looks wrong: {doubt.text} If so: {doubt.fix}.")
    if refused is None and not shown.doubts:
        click.echo("nothing looks wrong")


def _read(
    dataset: str, root: Path, cache: bool, options: dict[str, Any]
) -> tuple[Truths, str | None]:
    """The data set, and why it is refused for scoring if it can be read all the same."""
    from benchmark_kit.datasets import get_dataset
    from benchmark_kit.errors import InputError

    try:
        return get_dataset(dataset, root, cache=cache, **options), None
    except InputError as error:
        if not any(problem.code == "E707" for problem in error.problems):
            raise
        try:
            truths = get_dataset(dataset, root, cache=False, **{**options, "max_outside": 1.0})
        except InputError:
            raise error from None
        return truths, str(error)
