"""`salbench train`."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from benchmark_kit.console.configuration import root_of
from benchmark_kit.console.headings import HeadedCommand, headed
from benchmark_kit.console.options import (
    no_cache_option,
    option_option,
    out_option,
    quiet_option,
    resume_option,
    seed_option,
    tell_dropped,
)


@click.command(
    cls=HeadedCommand,
    epilog="""\b
Examples:
  salbench train --model ml_net --dataset osie --root osie/ --out run/
  salbench train --model msi_net --option encoder=mobilenet --option input_shape=240,320 \\
      --trunk imagenet --dataset folder --root mine/ --augment mirror --out run/
  salbench train --model ml_net --init run/best.keras --freeze trunk --epochs 5 --batch 4 \\
      --dataset folder --root mine/ --out tuned/
  salbench train --model ml_net --dataset mit1003 --root mit1003/ \\
      --dataset salicon,edition=2017,split=train --root salicon/ --minutes 60 --out run/
  salbench train --model judd --dataset mit1003 --root mit1003/ --out judd/
""",
)
@headed(
    "Data",
    click.option(
        "--dataset",
        "datasets",
        required=True,
        multiple=True,
        metavar="NAME",
        help="Data set to learn from, with options of its reader as NAME,edition=2017; repeatable.",
    ),
    click.option(
        "--root",
        "roots",
        multiple=True,
        metavar="DIR",
        type=click.Path(path_type=Path),
        help="The data set's folder; once for each --dataset, in order [or in salbench.toml].",
    ),
    click.option(
        "--split",
        metavar="RULE",
        help="What is kept to judge by (docs/training.md) [default: 90/10, by names].",
    ),
    click.option(
        "--sigma",
        metavar="WIDTH",
        help="Blur of the densities to learn from, such as 24px or 1deg [default: the recipe's].",
    ),
    click.option(
        "--augment",
        metavar="CHANGES",
        help="Change training pictures at random, such as mirror or mirror=0.5,crop=0.8.",
    ),
    no_cache_option,
)
@headed(
    "Network",
    click.option(
        "--model", required=True, metavar="NAME", help="What to train; see salbench list models."
    ),
    option_option,
    click.option("--init", metavar="FILE", help="Weights of the whole network to start from."),
    click.option(
        "--trunk",
        "trunks",
        multiple=True,
        metavar="FILE|imagenet",
        help="Weights of its trunk to start from; once for each of several trunks.",
    ),
    click.option(
        "--freeze",
        multiple=True,
        metavar="PATTERN",
        help="Layers that do not learn, such as block1_* or trunk; repeatable.",
    ),
)
@headed(
    "Learning",
    click.option(
        "--recipe",
        metavar="NAME",
        help="Loss and optimizer: a recipe of the model's card [default: quick, or its first].",
    ),
    click.option(
        "--stage", metavar="NAME", help="One stage of the recipe [default: all of them, in order]."
    ),
    click.option(
        "--epochs",
        type=click.IntRange(min=1),
        help="Of every stage: times through the data [default: the recipe's].",
    ),
    click.option(
        "--minutes",
        type=click.FloatRange(min=0, min_open=True),
        help="Stop after so many, score, and leave the rest to --resume.",
    ),
    click.option(
        "--batch", type=click.IntRange(min=1), help="Pictures a step [default: the recipe's]."
    ),
    click.option(
        "--precision",
        type=click.Choice(["auto", "float32", "mixed_bfloat16", "mixed_float16"]),
        default="auto",
        show_default=True,
        help="auto: bfloat16 where this machine is faster with it.",
    ),
    click.option(
        "--strategy",
        type=click.Choice(["one", "mirrored", "multiworker"]),
        default="one",
        show_default=True,
        help="One device, all of this machine's, or TF_CONFIG's (TensorFlow).",
    ),
    seed_option,
)
@headed(
    "Output",
    out_option("Folder to make.", "DIR"),
    resume_option("Go on with the run in --out, or begin it."),
)
@quiet_option
@click.pass_context
def command(
    context: click.Context,
    model: str,
    datasets: tuple[str, ...],
    roots: tuple[Path, ...],
    out: Path,
    quiet: bool,
    **given: Any,
) -> int:
    """Train a model on data sets with eye tracking, and score it on a part that it has not seen.

    A network learns by a recipe of its card, from random weights unless --init or --trunk names
    others. DIR then holds best.keras (for salbench predict and evaluate), log.csv, curves.png,
    results.json and report.html. A run that was stopped in any way goes on by the same command with
    --resume. Estimators (judd, edn, iseel, sun_dog) and centre_bias learn in one go and are saved
    as .npz.
    """
    if not roots:
        named = [root_of(context, name.partition(",")[0]) for name in datasets]
        roots = tuple(root for root in named if root is not None)
    if len(datasets) != len(roots):
        raise click.UsageError(
            f"{len(datasets)} --dataset and {len(roots)} --root: give them in pairs"
        )
    from keras_saliency.base.needs_keras import needs_keras
    from keras_saliency.predict.predictor import read_option
    from keras_saliency.registry.build import NETWORKS
    from keras_saliency.registry.cards import model_card
    from keras_saliency.training.run_folder import RunFolder

    card = model_card(model)
    options = dict(read_option(text) for text in given.pop("options"))
    RunFolder(out).check(given["resume"])
    if card.kind in NETWORKS:
        with needs_keras(f"training {model}"):  # said before the data are read
            importlib.import_module("keras_saliency.training.run")
    truths = [_read(*pair, given["no_cache"]) for pair in zip(datasets, roots, strict=True)]
    if card.kind in NETWORKS:
        return _network(model, options, truths, out, quiet, **given)
    return _estimator(model, options, truths, out, quiet, **given)


def _network(
    name: str,
    options: dict[str, Any],
    truths: list[Any],
    out: Path,
    quiet: bool,
    *,
    init: str | None,
    trunks: tuple[str, ...],
    precision: str,
    strategy: str,
    augment: str | None,
    split: str | None,
    no_cache: bool,
    **settings: Any,
) -> int:
    from benchmark_kit.console.progress import progress_bar
    from keras_saliency.registry.build import build_model
    from keras_saliency.training.building import building
    from keras_saliency.training.run import train

    start: dict[str, str | Path] = {} if init is None else {"init": init}
    start |= {f"trunk {k + 1}": each for k, each in enumerate(trunks)}
    if split is not None:
        settings["split"] = split
    with building(settings["seed"], precision, strategy):
        network = build_model(
            name,
            weights=init,
            backbone_weights=trunks[0] if len(trunks) == 1 else trunks or None,
            recipe=settings["recipe"],
            **options,
        )
    with progress_bar("training", quiet, unit="pictures") as progress:
        done = train(
            network,
            truths,
            out,
            augment=None if augment is None else _augmentation(augment),
            start=start,
            progress=progress,
            on_note=None if quiet else _note,
            **settings,
        )
    if not quiet and done.results:
        _tell(done.results)
        click.echo(f"{out / 'best.keras'}: the network after epoch {done.best['epoch']:.3g}")
    return 0


def _estimator(
    name: str,
    options: dict[str, Any],
    truths: list[Any],
    out: Path,
    quiet: bool,
    *,
    split: str | None,
    resume: bool,
    no_cache: bool,
    seed: int,
    **settings: Any,
) -> int:
    from keras_saliency.registry.build import build_model
    from keras_saliency.training.one_go import refuse_settings, train_estimator

    refuse_settings(name, settings)
    model = build_model(name, **options)
    chosen = {} if split is None else {"split": split}
    done = train_estimator(
        model, truths, out, resume=resume, on_note=None if quiet else _note, **chosen
    )
    if not quiet:
        _tell(done.results)
        click.echo(f"{done.model}")
    return 0


def _read(dataset: str, root: Path, no_cache: bool) -> Any:
    """A data set from `NAME` or `NAME,option=value,…` and its folder."""
    from benchmark_kit.datasets import get_dataset
    from keras_saliency.predict.predictor import read_option

    name, *parts = dataset.split(",")
    options = dict(read_option(part) for part in parts)
    truths = get_dataset(name, root, cache=not no_cache, **options)
    tell_dropped(truths.dropped, truths.points_kept)
    return truths


def _augmentation(text: str) -> Any:
    """`mirror`, or `mirror=0.5,crop=0.8`; what is not named is not done."""
    from dataclasses import fields

    from keras_saliency.data import Augmentation

    known = {field.name: field.default for field in fields(Augmentation)}
    chosen: dict[str, Any] = {"mirror": 0.0}
    for part in text.split(","):
        name, _, value = part.strip().partition("=")
        try:
            if name not in known:
                raise ValueError
            chosen[name] = float(value) if value else 0.5
        except ValueError:
            raise click.BadParameter(
                f"{part!r}: write one of {', '.join(known)}, with =NUMBER", param_hint="--augment"
            ) from None
    return Augmentation(**chosen)


def _tell(results: Mapping[str, Any]) -> None:
    from benchmark_kit.results.tables import render

    for found in results.values():
        click.echo(render(found.data, "text"))


def _note(text: str) -> None:
    click.echo(text, err=True)
