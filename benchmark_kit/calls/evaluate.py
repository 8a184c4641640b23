"""`evaluate`: maps or a model against a data set, what both Python and the command line call."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmark_kit.calls.ground_truth import read_truths, sigma_in_pixels
from benchmark_kit.calls.options import (
    MapOptions,
    OutputOptions,
    RunOptions,
    ScoringOptions,
    with_keywords,
)
from benchmark_kit.datasets import dataset_facts
from benchmark_kit.errors import ConfigError
from benchmark_kit.files import refuse_inputs
from benchmark_kit.imaging.images import SUFFIXES
from benchmark_kit.maps.check import CheckedMaps, check_maps
from benchmark_kit.maps.sources import Maps, open_maps
from benchmark_kit.parallel import number_of_workers
from benchmark_kit.results.evaluation import frame_of, make_results, provenance
from benchmark_kit.results.record import NUMBERS_VERSION, Results
from benchmark_kit.results.shards import save_part
from benchmark_kit.scoring.engine_pool import score_in_pool
from benchmark_kit.scoring.journal import Journal
from benchmark_kit.scoring.plan import ScoringPlan, make_plan
from benchmark_kit.scoring.predictions import predicted_maps
from benchmark_kit.scoring.worker import Task
from benchmark_kit.scoring.yardsticks import make_yardsticks
from benchmark_kit.shard import Shard
from benchmark_kit.types import Row, Truths


def evaluate(
    maps: Maps | None,
    dataset: str | Truths,
    *,
    model: str | None = None,
    root: str | Path | None = None,
    cache: bool = True,
    reading: MapOptions = MapOptions(),
    scoring: ScoringOptions = ScoringOptions(),
    run: RunOptions = RunOptions(),
    output: OutputOptions = OutputOptions(),
    **options: Any,
) -> Results:
    """Score saliency maps against a data set's eye tracking.

    Args:
        maps: a folder, archive or HDF5 file of maps, or a mapping from image name to array; None
            with `model`.
        dataset: a data set's name (with `root`), or ground truth already read.
        model: name or file of a model that predicts the maps while they are scored, by every worker
            for itself.
        root: the data set's folder.
        cache: keep the parsed ground truth in the user's cache directory.
        reading: which map is an image's, and how it is read.
        scoring: what is computed.
        run: what computes it, and who hears of it.
        output: where the results go.
        **options: fields of these four groups, such as `dialect="mit"`, `strip="_sal"`,
            `workers=2` or `out="results.json"`, which win over the groups; and the reader's
            options, for instance `edition="2017"`, and `max_outside`.

    Returns:
        the results; the same record that `--out` holds.

    Raises:
        ConfigError: the request is wrong: unknown names, missing options.
        InputError: maps or data that cannot be scored, everything wrong with them at once.
        JournalMismatch: `resume` with a journal of another run.
        RunFailed: a worker died or a file cannot be written; `resume` goes on.

    Example:
        >>> results = evaluate("maps", "folder", root="mine", metrics="nss,cc")
        >>> round(results.value("nss"), 2)
        2.12
        >>> results.save("results.json")
    """
    began = time.perf_counter()
    if (maps is None) == (model is None):
        raise ConfigError("give either maps or a model")
    run, scoring = with_keywords(run, options), with_keywords(scoring, options)
    output, reading = with_keywords(output, options), with_keywords(reading, options)
    if not run.writes():
        output = replace(output, out=None, csv=None, resume=False)
    if run.part is not None and (output.out is None or output.csv is not None):
        raise ConfigError(
            "a part of a run goes into --out, and nothing into --csv (salbench merge)"
        )
    output.check(maps)
    files = (("--out", output.results_file), ("--csv", output.rows_file))
    refuse_inputs(files, _inputs(maps, dataset, root))
    truths = read_truths(dataset, root, cache, options)
    plan = _plan(truths, scoring, reading.log_density)
    _refuse_secret(truths)
    checked = _checked(maps, model, truths, reading)
    tasks, notes = _tasks(checked, truths, plan, scoring.yardsticks)
    if scoring.yardsticks and run.on_note is not None:
        run.on_note(_cost(tasks, len(checked.names)))
    shard = run.part
    said: list[str] = []

    def note(text: str) -> None:
        said.append(text)
        if run.on_note is not None:
            run.on_note(text)

    with _told_how_to_go_on(output):
        head = _head(plan, truths, checked, scoring.yardsticks)
        journal = _journal(output, head, plan.keys, shard)
        mine = tasks if shard is None else shard.of(tasks)
        rows = _run(plan, mine, journal, replace(run, on_note=note))
        frame = frame_of(
            plan,
            truths,
            checked,
            resamples=scoring.bootstrap,
            level=scoring.level,
            yardsticks=scoring.yardsticks,
            notes=notes,
        )
        results = make_results(frame, rows)
        seconds = time.perf_counter() - began
        workers = number_of_workers(run.workers)
        made = provenance(run.engine, workers, seconds, said, output.reproducible)
        results.data["made"] = made
        if shard is not None:
            assert output.results_file is not None
            names = [task.name for task in tasks]
            save_part(
                output.results_file,
                shard,
                run=head,
                frame=frame,
                made=made,
                names=names,
                rows=rows,
            )
        _save(results, output, whole=shard is None)
    return results


def _plan(truths: Truths, scoring: ScoringOptions, log_density: bool) -> ScoringPlan:
    return make_plan(
        truths,
        _names(scoring.dialect) or [truths.dialect],
        _names(scoring.metrics),
        density=scoring.density,
        sigma_px=sigma_in_pixels(scoring.sigma, truths),
        ig_baseline=scoring.ig_baseline,
        log_density=log_density,
        seed=scoring.seed,
    )


def _refuse_secret(truths: Truths) -> None:
    if not any(truth.fixations is not None for truth in truths):
        raise ConfigError(
            f"{truths.name} has no public fixations, so nothing can be scored on it. "
            "Fix: evaluate on a data set with fixations, and submit maps to the board"
        )


def _checked(
    maps: Maps | None, model: str | None, truths: Truths, reading: MapOptions
) -> CheckedMaps:
    if maps is not None:
        source = open_maps(maps)
    else:
        assert model is not None
        source = predicted_maps(model, truths, reading.log_density, reading.map_name)
    return check_maps(
        source,
        truths,
        strip=reading.strip,
        prefix=reading.prefix,
        partial=reading.partial,
        transpose=reading.transpose,
        resize=reading.resize,
    )


def _save(results: Results, output: OutputOptions, whole: bool) -> None:
    if output.results_file is not None and whole:
        results.save(output.results_file)
    if output.rows_file is not None:
        results.save_csv(output.rows_file)
    if output.journal is not None:
        # not before everything is written: until then `resume` is cheap
        output.journal.unlink(missing_ok=True)


def _names(given: str | Sequence[str] | None) -> list[str] | None:
    if given is None:
        return None
    parts = given.split(",") if isinstance(given, str) else given
    return [part.strip() for part in parts if part.strip()]


def _inputs(maps: Any, dataset: str | Truths, root: str | Path | None) -> Iterator[Path]:
    """Files and folders that an evaluation reads."""
    if isinstance(maps, str | Path) and os.path.isdir(maps):
        # results may lie among the maps
        yield from (path for path in Path(maps).rglob("*") if path.suffix.lower() in SUFFIXES)
    if isinstance(dataset, str) and root is not None:
        for part in dataset_facts(dataset).parts:
            yield from Path(root).expanduser().glob(part)


def _tasks(
    checked: CheckedMaps, truths: Truths, plan: ScoringPlan, yardsticks: bool
) -> tuple[list[Task], list[str]]:
    tasks = [
        Task(
            truths[name], checked.references[name], name in checked.transposed, checked.kernel(name)
        )
        for name in checked.names
    ]
    if not yardsticks:
        return tasks, []
    from benchmark_kit.imaging.centre_bias import CentreBias

    bias = plan.bias or CentreBias(truths)
    sigma = next((s.sigma_px for s in plan.densities.values() if s.sigma_px), truths.sigma_px)
    extra, notes = make_yardsticks(truths, list(checked.names), bias, sigma, plan.seed)
    return tasks + [Task(truth, yardstick) for truth, yardstick in extra], notes


def _cost(tasks: Sequence[Task], maps: int) -> str:
    """What yardsticks cost, told before they do."""
    made = sum(task.source.count(task.truth) for task in tasks[maps:])
    return f"yardsticks: {made:,} maps are made of the ground truth and scored beside {maps:,}"


def _head(
    plan: ScoringPlan, truths: Truths, checked: CheckedMaps, yardsticks: bool
) -> dict[str, Any]:
    """What is scored, in plain data: journals and parts of other runs differ in it."""
    return {
        "maps": checked.listing_fingerprint,
        "data set": truths.fingerprint,
        "plan": plan.fingerprint(),
        "dialects": sorted({v.dialect.name for v in plan.variants}),
        "yardsticks": yardsticks,
        "transposed": len(checked.transposed),
        "resized": checked.resized,
        "version": version("keras-saliency"),
        "numbers": NUMBERS_VERSION,
    }


def _journal(
    output: OutputOptions, head: dict[str, Any], columns: Sequence[str], shard: Shard | None
) -> Journal | None:
    path = output.journal
    if path is None:
        return None
    if output.force and not output.resume:
        path.unlink(missing_ok=True)
    if shard is not None:
        head = {**head, "shard": str(shard)}
    return Journal(path, head, resume=output.resume, columns=columns)


@contextmanager
def _told_how_to_go_on(output: OutputOptions) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt as error:
        if output.journal is not None and output.journal.exists():
            error.add_note("what was scored is kept; the same command with --resume goes on")
        raise


def _run(
    plan: ScoringPlan, tasks: list[Task], journal: Journal | None, run: RunOptions
) -> dict[str, Row]:
    kept = journal.rows if journal else {}
    rows = {task.name: kept[task.name] for task in tasks if task.name in kept}
    todo = [task for task in tasks if task.name not in rows]
    done = len(rows)
    progress = run.progress or _silent
    progress(done, len(tasks))

    def on_rows(block: list[Row]) -> None:
        nonlocal done
        if journal is not None:
            journal.append(block)
        done += len(block)
        progress(done, len(tasks))

    try:
        if run.engine == "tf":
            from benchmark_kit.scoring.tf.engine import score_in_graph

            found = score_in_graph(
                plan,
                todo,
                strategy=run.devices,
                workers=run.workers,
                on_rows=on_rows,
                on_note=run.on_note,
            )
        else:
            found = score_in_pool(plan, todo, workers=run.workers, on_rows=on_rows)
    finally:
        if journal is not None:
            journal.close()
    rows.update((row.name, row) for row in found)
    return rows


def _silent(done: int, total: int) -> None:
    """Nobody asked for progress."""
