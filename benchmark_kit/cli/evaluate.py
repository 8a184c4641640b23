"""`salbench evaluate`."""

from __future__ import annotations

from math import isfinite
from pathlib import Path
from typing import Any

import click

from benchmark_kit.console.headings import HeadedCommand, headed
from benchmark_kit.console.options import (
    TABLES,
    bootstrap_option,
    dataset_options,
    force_option,
    format_option,
    map_option,
    out_option,
    prefix_option,
    quiet_option,
    reader_options,
    resize_option,
    resume_option,
    seed_option,
    shard_option,
    strip_option,
    tell_dropped,
    transpose_option,
    workers_option,
)


@click.command(
    cls=HeadedCommand,
    epilog="""\b
Examples:
  salbench evaluate maps/ --dataset osie --root osie/
  salbench evaluate maps.zip --dataset salicon --edition 2017 --root salicon/ --out results.json
  salbench evaluate maps/ --dataset folder --root mine/ --dialect mit,tuebingen --yardsticks
  salbench evaluate maps/ --dataset osie --root osie/ --metrics nss,auc,kl@mit --fail-under nss=2.0
  salbench evaluate --model spectral_residual --model centre_bias --dataset osie --root osie/
""",
)
@click.argument("maps", required=False, type=click.Path(path_type=Path))
@headed("Data set", *dataset_options)
@headed(
    "Maps",
    click.option(
        "--model",
        "models",
        multiple=True,
        metavar="NAME|FILE",
        help="Predict and score in one pass; repeat to compare models.",
    ),
    map_option,
    strip_option,
    prefix_option,
    click.option(
        "--partial",
        is_flag=True,
        help="Score the images that have a map; the result names the others.",
    ),
    transpose_option,
    resize_option,
    click.option(
        "--log-density", is_flag=True, help="The maps are natural-log densities that sum to one."
    ),
)
@headed(
    "Scoring",
    click.option(
        "--dialect",
        metavar="NAMES",
        help="Benchmark convention(s), comma separated [default: the data set's].",
    ),
    click.option(
        "--metrics",
        metavar="NAMES",
        help="Metrics or variants such as nss,auc,kl@mit [default: the dialect's].",
    ),
    click.option(
        "--density",
        metavar="KIND",
        help="Ground-truth densities: shipped or computed [default: the dialect's way].",
    ),
    click.option(
        "--sigma", metavar="WIDTH", help="Blur of computed densities, such as 24px or 1deg."
    ),
    click.option(
        "--ig-baseline", metavar="KIND", help="centre-bias or uniform [default: the dialect's]."
    ),
    click.option(
        "--yardsticks",
        is_flag=True,
        help="Also score chance, centre bias, permutation and observers.",
    ),
    seed_option,
    bootstrap_option(0, "Resamples for the intervals; 0: none."),
)
@headed(
    "Running",
    click.option(
        "--engine",
        type=click.Choice(["pool", "tf"]),
        default="pool",
        show_default=True,
        help="Processes, or tf.distribute (GPUs).",
    ),
    click.option(
        "--strategy",
        type=click.Choice(["one", "mirrored", "multiworker"]),
        help="For --engine tf: one device, all of this machine's, or TF_CONFIG's [default: one].",
    ),
    workers_option,
    shard_option,
    resume_option("Finish a run that was stopped; needs --out."),
)
@headed(
    "Output",
    format_option(*TABLES),
    out_option(
        "Results file (JSON); makes the run resumable. Of several models: a folder.",
        required=False,
    ),
    click.option("--csv", type=click.Path(path_type=Path), help="File of per-image rows."),
    force_option("Replace an existing results file."),
    click.option(
        "--reproducible", is_flag=True, help="Leave time, seconds and workers out of the results."
    ),
    click.option(
        "--fail-under",
        multiple=True,
        metavar="METRIC=VALUE",
        help="Exit 1 if a metric is worse; repeatable.",
    ),
)
@quiet_option
def command(
    maps: Path | None,
    models: tuple[str, ...],
    quiet: bool,
    form: str,
    fail_under: tuple[str, ...],
    no_cache: bool,
    **given: Any,
) -> int:
    """Score MAPS (a folder, archive or HDF5 file of saliency maps) against eye tracking.

    Maps are matched to stimuli by relative path without extension. Everything wrong with them is
    listed before a number is printed. The table names dialect and data set: numbers of different
    dialects or editions are not comparable. With --model in place of MAPS no maps are written.
    """
    if (maps is None) == (not models):
        raise click.UsageError("give either MAPS or --model")
    if fail_under and given["shard"] is not None:
        raise click.UsageError("a part of a run has no verdict. Fix: leave --fail-under out")
    limits = [_limit(text) for text in fail_under]
    from benchmark_kit.results.tables import render

    reader = reader_options(given)
    options = {"cache": not no_cache, **given, **reader}
    if len(models) > 1:  # what is wrong with the second is told before the first has run
        from benchmark_kit.errors import ConfigError
        from benchmark_kit.scoring.predictions import open_model

        if twice := [name for name in models if models.count(name) > 1]:
            raise ConfigError(f"--model {twice[0]} is given twice. Fix: once")
        for name in models:
            open_model(name, given["map_name"])
        places = _places(models, options)
    else:
        places = [{}]
    status, several = 0, []
    for model, place in zip(models or (None,), places, strict=True):
        results = _evaluate(maps, model, quiet, {**options, **place})
        if results is None:
            _note("done; the chief has the results")
            continue
        if options["shard"] is not None:
            _note(
                f"part {options['shard']} is in {({**options, **place})['out']}: "
                f"{len(results.images)} images. When all parts are there: salbench merge"
            )
            continue
        several.append(results)
        if len(models) < 2 or form not in ("json", "csv"):  # of these one document goes out
            click.echo(render(results.data, form))
        if form == "csv":  # rows alone go out: what was left out must still be told
            fixations = results.data["fixations"]
            tell_dropped(fixations["dropped"], fixations["kept"])
        if form == "text" and not quiet:
            from benchmark_kit.leaderboards.published import standing_note

            _note(standing_note(results))
        status = max(status, _verdict(results.data["metrics"], limits))
    if len(several) > 1:
        from benchmark_kit.results.comparison import compare
        from benchmark_kit.results.comparison_tables import render_comparison

        click.echo("\n" + render_comparison(compare(*several, labels=models).data, form))
    return status


def _evaluate(maps: Path | None, model: str | None, quiet: bool, options: dict[str, Any]) -> Any:
    """The results; None on machines that are not the chief."""
    from benchmark_kit.calls.evaluate import evaluate
    from benchmark_kit.console.progress import progress_bar

    what = "scoring" if model is None else f"scoring {model}"
    with progress_bar(what, quiet) as progress:
        results = evaluate(
            maps,
            model=model,
            progress=progress,
            on_note=None if quiet else _note,
            **options,
        )
    if options["strategy"] == "multiworker":
        from benchmark_kit.scoring.tf.engine import is_chief

        return results if is_chief("multiworker") else None
    return results


def _places(models: tuple[str, ...], options: dict[str, Any]) -> list[dict[str, Any]]:
    """Where each of several models' results go, in the folders that were named.

    Raises:
        ConfigError: files that cannot be written, or models of one name.
    """
    from benchmark_kit.calls.options import OutputOptions
    from benchmark_kit.files import check_folder, check_output, refuse_same_file
    from benchmark_kit.scoring.journal import journal_path, refuse_journal

    places: list[dict[str, Any]] = [{} for _ in models]
    for option, suffix in (("out", ".json"), ("csv", ".csv")):
        folder = options[option]
        if folder is None:
            continue
        for model, place in zip(models, places, strict=True):
            place[option] = folder / f"{Path(model).stem}{suffix}"
        refuse_same_file(
            (f"--model {model}", place[option]) for model, place in zip(models, places, strict=True)
        )
        check_folder(folder, f"--{option}")
        folder.mkdir(parents=True, exist_ok=True)
        for place in places:
            check_output(place[option], f"--{option}", replace=True)
    resume, force = options["resume"], options["force"]
    if resume and options["out"] is not None:
        journals = [journal_path(place["out"]) for place in places]
        if not any(path.is_file() for path in journals):
            refuse_journal(journals[0], resume=True)
        for place, journal in zip(places, journals, strict=True):
            # the others were finished, or not begun
            place.update(resume=journal.is_file(), force=force or not journal.is_file())
    for place in places:
        OutputOptions(
            out=place.get("out"),
            csv=place.get("csv"),
            resume=place.get("resume", resume and "out" in place),
            force=place.get("force", force),
        ).check()
    return places


def _note(text: str) -> None:
    click.echo(f"note: {text}", err=True)


def _limit(text: str) -> tuple[str, float]:
    key, _, value = text.partition("=")
    try:
        number = float(value)
    except ValueError:
        number = float("nan")
    if not isfinite(number):
        raise click.BadParameter(f"{text!r}: write for instance nss=2.0", param_hint="--fail-under")
    return key.strip(), number


def _verdict(metrics: dict[str, Any], limits: list[tuple[str, float]]) -> int:
    status = 0
    for key, limit in limits:
        if key not in metrics:
            raise click.BadParameter(
                f"{key!r} was not scored; scored are {', '.join(metrics)}",
                param_hint="--fail-under",
            )
        value = metrics[key]["value"]
        short = (
            None
            if value is None
            else (limit - value if metrics[key]["better"] == "higher" else value - limit)
        )
        if short is None or short > 0:
            shown = (
                "has no value"
                if short is None
                else f"is {value:.4f}, {short:.4f} worse than {limit:g}"
            )
            click.echo(f"salbench: {key} {shown}", err=True)
            status = 1
    return status
