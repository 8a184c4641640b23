"""`salbench compare`."""

from __future__ import annotations

from pathlib import Path

import click

from benchmark_kit.console.options import (
    TABLES,
    bootstrap_option,
    force_option,
    format_option,
    out_option,
    seed_option,
)


@click.command(
    epilog="""\b
Examples:
  salbench compare ours.json baseline.json
  salbench compare a.json b.json c.json --metrics nss,auc --format markdown
"""
)
@click.argument("results", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--metrics", metavar="NAMES", help="Columns to compare [default: all that all have].")
@bootstrap_option(1, "Resamples for the intervals.")
@click.option(
    "--permutations",
    type=click.IntRange(min=1),
    default=10_000,
    show_default=True,
    help="Random sign flips of a test.",
)
@seed_option
@format_option(*TABLES)
@out_option("File of the comparison (JSON).", required=False)
@force_option()
def command(
    results: tuple[Path, ...],
    metrics: str | None,
    bootstrap: int,
    permutations: int,
    seed: int,
    form: str,
    out: Path | None,
    force: bool,
) -> None:
    """Compare RESULTS files of several models image by image.

    Prints mean differences with intervals, two-sided permutation tests and how often a model wins.
    Results of other data, dialects, densities or versions are refused; images that not all have
    are left out and named.
    """
    from benchmark_kit.files import check_output, refuse_missing, refuse_same_file
    from benchmark_kit.results.comparison import compare
    from benchmark_kit.results.comparison_tables import render_comparison

    if out is not None:
        check_output(out, "--out", replace=force)
        for given in results:
            refuse_same_file([(str(given), given), ("--out", out)])
    refuse_missing(results)
    found = compare(
        *results, metrics=metrics, resamples=bootstrap, permutations=permutations, seed=seed
    )
    if out is not None:
        found.save(out)
    click.echo(render_comparison(found.data, form))
