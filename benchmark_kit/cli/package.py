"""`salbench package`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from benchmark_kit.console.headings import HeadedCommand, headed
from benchmark_kit.console.options import (
    allow_constant_option,
    allow_identical_option,
    force_option,
    leaderboard_option,
    list_option,
    map_option,
    max_outside_option,
    out_option,
    prefix_option,
    quiet_option,
    resize_option,
    stimuli_option,
    strip_option,
    tell_dropped,
    transpose_option,
    workers_option,
)


@click.command(
    cls=HeadedCommand,
    epilog="""\b
Examples:
  salbench package maps/ --leaderboard mit300 --stimuli BenchmarkIMAGES/ --out my_model.zip
  salbench package logs.hdf5 --kind densities --leaderboard cat2000 --stimuli Stimuli/ \\
      --grid 2^-10 --out my_model.hdf5
  salbench package maps/ --kind densities --to-density fitted --fit-maps osie_maps/ \\
      --dataset osie --root osie/ --leaderboard mit300 --stimuli BenchmarkIMAGES/ \\
      --out my_model.hdf5
  salbench package maps/ --leaderboard salicon2015 --stimuli val/ --stimuli test/ \\
      --name my_model --out results.zip
""",
)
@click.argument("maps", required=False, type=click.Path(path_type=Path))
@headed(
    "Board",
    leaderboard_option,
    stimuli_option,
    list_option,
)
@headed(
    "Maps",
    click.option("--model", metavar="NAME|FILE", help="Predict the maps by this model instead."),
    map_option,
    strip_option,
    prefix_option,
    transpose_option,
    resize_option,
    allow_constant_option,
    allow_identical_option,
)
@headed(
    "File",
    out_option("File to make; its name is the model's on the board."),
    click.option("--name", metavar="MODEL", help="The model's name [default: that of --out]."),
    click.option(
        "--kind",
        type=click.Choice(["maps", "densities"]),
        default="maps",
        show_default=True,
        help="What is sent; densities are natural logarithms.",
    ),
    click.option(
        "--store",
        metavar="NAME",
        help="One of the board's ways (salbench list leaderboards -v) [default: its first].",
    ),
    click.option(
        "--depth", type=click.Choice(["8", "16"]), help="Bits of PNG, in place of --store."
    ),
    force_option(),
)
@headed(
    "Densities",
    click.option(
        "--to-density",
        metavar="METHOD",
        help="Make densities of maps: softmax, sum, fitted, or a file that fitted has left.",
    ),
    click.option(
        "--fit-maps",
        metavar="DIR",
        type=click.Path(path_type=Path),
        help="For fitted: the same model's maps of --dataset.",
    ),
    click.option("--dataset", metavar="NAME", help="For fitted: data set with fixations."),
    click.option(
        "--root",
        metavar="DIR",
        type=click.Path(path_type=Path),
        help="For fitted: the data set's folder.",
    ),
    max_outside_option,
    click.option(
        "--floor",
        type=float,
        metavar="SHARE",
        help="Share of the uniform density mixed in [default: 1e-4 with --to-density].",
    ),
    click.option("--grid", metavar="STEP", help="Round log densities to this power of two: 2^-10."),
    click.option("--renormalise", is_flag=True, help="Make densities sum to one."),
)
@workers_option
@quiet_option
def command(
    maps: Path | None,
    model: str | None,
    map_name: str | None,
    leaderboard: str,
    quiet: bool,
    depth: str | None,
    grid: str | None,
    to_density: str | None,
    fit_maps: Path | None,
    dataset: str | None,
    root: Path | None,
    max_outside: float | None,
    **given: Any,
) -> None:
    """Make the file that a leaderboard takes from MAPS (a folder, archive or HDF5 file).

    Checks first and writes nothing if anything is wrong; reads the finished file back. A manifest
    with digests and versions is left beside it.
    """
    if (maps is None) == (model is None):
        raise click.UsageError("give either MAPS or --model")
    from benchmark_kit.console.progress import progress_bar
    from benchmark_kit.files import check_output, write_text
    from benchmark_kit.packaging.package import package
    from benchmark_kit.packaging.to_density import parse_grid
    from benchmark_kit.scoring.predictions import open_model

    fitting = {"--fit-maps": fit_maps, "--dataset": dataset, "--root": root}
    if to_density == "fitted" and not given["out"].is_dir():
        check_output(_parameters(given["out"]), "the parameters of --out", replace=given["force"])
    method = _fitted(
        to_density, fitting, max_outside, quiet, strip=given["strip"], prefix=given["prefix"]
    )
    source = maps if model is None else open_model(model, map_name)
    assert source is not None
    with progress_bar("packaging", quiet, "steps") as progress:
        made = package(
            source,
            leaderboard,
            depth=None if depth is None else int(depth),
            grid=None if grid is None else parse_grid(grid),
            to_density=method,
            progress=progress,
            **given,
        )
    for problem in made.warnings:
        click.echo(f"warning: {problem}", err=True)
    if to_density == "fitted":
        path = _parameters(made.path)
        write_text(path, method.to_json())
        _note(f"parameters of the fit: {path}", quiet)
    _tell(leaderboard, quiet)
    click.echo(str(made))


def _parameters(package: Path) -> Path:
    return package.with_name(f"{package.name}.density.json")


def _fitted(
    to_density: str | None,
    fitting: dict[str, Any],
    max_outside: float | None,
    quiet: bool,
    **names: str,
) -> Any:
    """What --to-density means; `fitted` fits here and now."""
    given = [option for option, value in fitting.items() if value is not None]
    if to_density != "fitted":
        if given:
            raise click.UsageError(f"{given[0]} goes with --to-density fitted")
        return to_density
    if len(given) < len(fitting):
        raise click.UsageError("--to-density fitted needs --fit-maps, --dataset and --root")
    from benchmark_kit.datasets import get_dataset
    from benchmark_kit.packaging.fitted_density import fit_density

    truths = get_dataset(fitting["--dataset"], fitting["--root"], max_outside=max_outside)
    tell_dropped(truths.dropped, truths.points_kept)
    fitted = fit_density(truths, fitting["--fit-maps"], **names)
    gain = fitted.data["bits_over_uniform"]
    _note(f"fitted on {truths.name}: {gain:.3f} bits a fixation over uniform", quiet)
    return fitted


def _tell(leaderboard: str, quiet: bool) -> None:
    """The board's rules as we know them, and what nobody can check."""
    from benchmark_kit.leaderboards import get_board
    from benchmark_kit.packaging.report import NOT_CHECKED

    board = get_board(leaderboard)
    _note(f"{board.title}, {board.state} ({board.state_date}): {'; '.join(board.notes)}", quiet)
    _note(f"not checked, because it cannot be: {'; '.join(NOT_CHECKED)}", quiet)


def _note(text: str, quiet: bool) -> None:
    if not quiet:
        click.echo(f"note: {text}", err=True)
