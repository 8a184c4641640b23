"""`salbench demo`: the whole way from pictures to scores, without data and without downloads."""

from __future__ import annotations

from pathlib import Path

import click

from benchmark_kit.console.options import quiet_option


@click.command(
    epilog="""\b
Examples:
  salbench demo
  salbench demo --out try-it --seed 1
"""
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("demo-results"),
    show_default=True,
    metavar="DIR",
    help="Folder to write; only an empty one or an earlier demo's is taken.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Other displays and observers.",
)
@quiet_option
def command(out: Path, seed: int, quiet: bool) -> None:
    """Try the kit on drawn displays with simulated observers.

    Draws 24 pop-out displays, makes up where twelve observers look, predicts saliency by a
    training-free and by a learned model, scores both beside chance, centre bias and observers, and
    writes pictures to look at. The numbers say nothing of real people.
    """
    from functools import partial

    from benchmark_kit.console.progress import progress_bar
    from keras_saliency.demo.run import run_demo

    results = run_demo(out, seed, partial(progress_bar, quiet=quiet))
    click.echo("\n".join(f"{model}\n{found}" for model, found in results.items()))
    if quiet:
        return
    dataset, model = out / "dataset", next(iter(results))
    again = (
        f"salbench evaluate {out / 'maps' / model} --dataset folder --root {dataset} "
        f"--yardsticks --seed {seed}"
    )
    click.echo(
        f"\n{out / 'pictures' / 'overview.png'}  stimulus, fixations, density and maps side by side"
        f"\n{out / 'results'}  all numbers (.json), and a row a display (.csv)"
        f"\n{dataset}  a data set to copy for your own: the fixations are simulated"
        f"\n\nThe same scores from its files:"
        f"\n  {again}"
        f"\n\nWhere people look in a picture of yours:"
        f"\n  salbench predict PICTURE"
    )
