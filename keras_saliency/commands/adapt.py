"""`salbench adapt`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from benchmark_kit.console.headings import HeadedCommand, headed
from benchmark_kit.console.options import (
    dataset_options,
    force_option,
    out_option,
    quiet_option,
    reader_options,
)


@click.command(
    cls=HeadedCommand,
    epilog="""\b
Examples:
  salbench adapt --dataset folder --root mine/ --out mine.npz
  salbench predict --model mine.npz photos/ --out maps/
""",
)
@headed("Data set", *dataset_options)
@click.option(
    "--model",
    default="saliency_lite",
    show_default=True,
    metavar="NAME|FILE",
    help="A model that can be adapted, or one that was.",
)
@out_option("File to write.", "FILE")
@force_option()
@quiet_option
def command(
    dataset: str,
    root: Path,
    model: str,
    out: Path,
    force: bool,
    quiet: bool,
    no_cache: bool,
    **given: Any,
) -> None:
    """Fit the default model's calibration and centre bias to a data set of your own.

    Some fifty pictures with fixations suffice: blur, gain, weight of the centre bias and the centre
    bias itself are fitted, the network is left as it is. What it brought on pictures left out is
    printed. FILE (.npz) is then a model for predict, evaluate and package.
    """
    from benchmark_kit.datasets import get_dataset
    from benchmark_kit.errors import ConfigError
    from benchmark_kit.files import check_output
    from keras_saliency.predict.predictor import open_predictor

    if out.suffix != ".npz":
        raise ConfigError(f"--out {out}: the file must end in .npz")
    check_output(out, "--out", replace=force)
    opened: Any = open_predictor(model)
    if not hasattr(opened, "adapt"):
        raise ConfigError(f"{model} cannot be adapted. Fix: --model saliency_lite")
    truths = get_dataset(dataset, root, cache=not no_cache, **reader_options(given))
    found = opened.adapt(truths)
    opened.settings.write(out)
    if not quiet:
        click.echo(f"{found}\n{out}: salbench predict --model {out} PICTURES")
