"""`evaluate`: maps or a model against a data set, what both Python and the command line call."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmark_kit.calls.ground_truth import read_truths, sigma_in_pixels
from benchmark_kit.datasets import dataset_facts
from benchmark_kit.errors import ConfigError
from benchmark_kit.files import (
    check_output,
    check_place,
    refuse_inputs,
    refuse_same_file,
)
from benchmark_kit.imaging.images import SUFFIXES
from benchmark_kit.maps.check import CheckedMaps, check_maps
from benchmark_kit.maps.sources import open_maps
from benchmark_kit.parallel import number_of_workers
from benchmark_kit.results.evaluation import make_results, provenance
from benchmark_kit.results.record import NUMBERS_VERSION, Results
from benchmark_kit.scoring.engine_pool import score_in_pool
from benchmark_kit.scoring.journal import Journal, journal_path, refuse_journal
from benchmark_kit.scoring.plan import ScoringPlan, make_plan
from benchmark_kit.scoring.predictions import predicted_maps
from benchmark_kit.scoring.worker import Task
from benchmark_kit.scoring.yardsticks import make_yardsticks
from benchmark_kit.types import Row, Truths

ENGINES = ("pool", "tf")
Progress = Callable[[int, int], None]


def evaluate(
    maps: Any,
    dataset: str | Truths,
    *,
    model: str | None = None,
    map_name: str | None = None,
    root: str | Path | None = None,
    dialect: str | Sequence[str] | None = None,
    metrics: str | Sequence[str] | None = None,
    density: str | None = None,
    sigma: str | float | None = None,
    ig_baseline: str | None = None,
    yardsticks: bool = False,
    strip: str = "",
    partial: bool = False,
    transpose: bool = False,
    resize: str | None = None,
    log_density: bool = False,
    engine: str = "pool",
    strategy: Any = None,
    workers: int | None = None,
    seed: int = 0,
    bootstrap: int = 1000,
    level: float = 0.95,
    out: str | Path | None = None,
    csv: str | Path | None = None,
    resume: bool = False,
    force: bool = False,
    reproducible: bool = False,
    cache: bool = True,
    progress: Progress | None = None,
    on_note: Callable[[str], None] | None = None,
    **dataset_options: Any,
) -> Results:
    """Score saliency maps against a data set's eye tracking.

    Args:
        maps: a folder, archive or HDF5 file of maps, or a mapping from image name to array; None
            with `model`.
        dataset: a data set's name (with `root`), or ground truth already read.
        model: name or file of a model that predicts the maps while they are scored, by every worker
            for itself.
        map_name: of a model with several maps: which of them, or `"mean"`.
        root: the data set's folder.
        dialect: one or several dialects; None takes the data set's own.
        metrics: names or variants (`"kl@mit"`); None takes each dialect's own.
        density: `"shipped"` or `"computed"` ground-truth densities; None takes the dialect's way.
        sigma: blur of computed densities, in pixels or as text (`"24px"`, `"1deg"`).
        ig_baseline: `"centre-bias"` or `"uniform"`; None takes the dialect's own.
        yardsticks: also score chance, centre, permutation and observers.
        strip: suffix of the map names that the stimuli do not have.
        partial: score the images that have a map, name the others in the results.
        transpose: swap the axes of maps that are stored transposed.
        resize: kernel for maps of another size (`imaging.resize.KERNELS`).
        log_density: the maps are natural-log densities that sum to one.
        engine: `"pool"` (processes) or `"tf"` (`tf.distribute`).
        strategy: for engine tf: `"one"` (default), `"mirrored"`, `"multiworker"` (TF_CONFIG), or a
            `tf.distribute.Strategy`. Of several machines the chief writes and returns everything;
            on the others nothing is written, and the results lack the columns of the pool.
        workers: processes of the pool, or threads that decode for the devices; None: every core.
        seed: seed of everything random.
        bootstrap: resamples for the intervals; 0: none.
        level: share of the resampled means inside an interval.
        out: results file; a journal lies beside it while the run lasts.
        csv: file of per-image rows.
        resume: finish a run whose journal lies beside `out`.
        force: replace an existing results file or journal.
        reproducible: leave time, seconds and workers out of the file.
        cache: keep the parsed ground truth in the user's cache directory.
        progress: called with (images done, images in all).
        on_note: called with a sentence on what the engine does otherwise than asked; the results
            keep it, too.
        **dataset_options: the reader's options, for instance `edition="2017"`, and `max_outside`.

    Returns:
        the results; the same record that `--out` holds.

    Raises:
        ConfigError: the request is wrong: unknown names, missing options.
        InputError: maps or data that cannot be scored, everything wrong with them at once.
        JournalMismatch: `resume` with a journal of another run.
        RunFailed: a worker died or a file cannot be written; `resume` goes on.
    """
    began = time.perf_counter()
    if (maps is None) == (model is None):
        raise ConfigError("give either maps or a model")
    if engine not in ENGINES:
        raise ConfigError(f"engine must be one of {', '.join(ENGINES)}, got {engine!r}")
    if strategy is not None and engine != "tf":
        raise ConfigError("a strategy is for engine tf. Fix: add --engine tf")
    if not 0 < level < 1:
        raise ConfigError(f"level must be between 0 and 1, for instance 0.95, got {level!r}")
    for name, number in (("seed", seed), ("bootstrap", bootstrap)):
        if number < 0:
            raise ConfigError(f"{name} must be 0 or more, got {number}")
    if resume and out is None:
        raise ConfigError("--resume needs --out: without it no journal is written")
    if engine == "tf":
        from benchmark_kit.scoring.tf.engine import is_chief

        strategy = "one" if strategy is None else strategy
        if not is_chief(strategy):
            out, csv, resume = None, None, False
    out, csv = (None if path is None else Path(path) for path in (out, csv))
    check_outputs(out, csv, maps=maps, resume=resume, force=force)
    refuse_inputs((("--out", out), ("--csv", csv)), _inputs(maps, dataset, root))
    truths = read_truths(dataset, root, cache, dataset_options)
    plan = make_plan(
        truths,
        _names(dialect) or [truths.dialect],
        _names(metrics),
        density=density,
        sigma_px=sigma_in_pixels(sigma, truths),
        ig_baseline=ig_baseline,
        log_density=log_density,
        seed=seed,
    )
    if not any(truth.fixations is not None for truth in truths):
        raise ConfigError(
            f"{truths.name} has no public fixations, so nothing can be scored on it. "
            "Fix: evaluate on a data set with fixations, and submit maps to the board"
        )
    source = (
        open_maps(maps) if model is None else predicted_maps(model, truths, log_density, map_name)
    )
    checked = check_maps(
        source, truths, strip=strip, partial=partial, transpose=transpose, resize=resize
    )
    tasks, notes = _tasks(checked, truths, plan, yardsticks)
    said: list[str] = []

    def note(text: str) -> None:
        said.append(text)
        if on_note is not None:
            on_note(text)

    with _told_how_to_go_on(out):
        rows = _run(
            plan,
            tasks,
            engine=engine,
            strategy=strategy,
            workers=workers,
            journal=_journal(out, plan, truths, checked, yardsticks, resume, force),
            progress=progress,
            on_note=note,
        )
        results = make_results(
            plan,
            truths,
            checked,
            rows,
            resamples=bootstrap,
            level=level,
            yardsticks=yardsticks,
            notes=notes,
        )
        seconds = time.perf_counter() - began
        workers = number_of_workers(workers)
        results.data["made"] = provenance(engine, workers, seconds, said, reproducible)
        if out is not None:
            results.save(out)
        if csv is not None:
            results.save_csv(csv)
        if out is not None:  # not before everything is written: until then `resume` is cheap
            journal_path(out).unlink(missing_ok=True)
    return results


def _names(given: str | Sequence[str] | None) -> list[str] | None:
    if given is None:
        return None
    parts = given.split(",") if isinstance(given, str) else given
    return [part.strip() for part in parts if part.strip()]


def check_outputs(
    out: Path | None, csv: Path | None, *, maps: Any = None, resume: bool, force: bool
) -> None:
    """Refuse, before anything is scored, files that `evaluate` could not write in the end.

    Args:
        out: results file.
        csv: file of per-image rows.
        maps: what is scored: its file is no output.
        resume: finish a run.
        force: replace existing files.

    Raises:
        ConfigError: one that cannot be written or must not be replaced, two of one name, a journal
            that is left from another run, or none to resume.
    """
    if out is not None and not out.name:  # as `.`: beside it no journal can lie
        check_place(out, "--out", replace=True)
    journal = None if out is None else journal_path(out)
    outputs = (("--out", out), ("the journal of --out", journal), ("--csv", csv))
    source = Path(maps) if isinstance(maps, str | Path) else None
    refuse_same_file([("MAPS", source), *outputs])
    for option, path in outputs:
        if path is not None:
            check_output(path, option, replace=force or resume or path is journal)
    if journal is not None:
        refuse_journal(journal, resume=resume, force=force)


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


def _journal(
    out: Path | None,
    plan: ScoringPlan,
    truths: Truths,
    checked: CheckedMaps,
    yardsticks: bool,
    resume: bool,
    force: bool,
) -> Journal | None:
    if out is None:
        return None
    path = journal_path(out)
    if force and not resume:
        path.unlink(missing_ok=True)
    header = {
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
    return Journal(path, header, resume=resume, columns=plan.keys)


@contextmanager
def _told_how_to_go_on(out: Path | None) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt as error:
        if out is not None and journal_path(out).exists():
            error.add_note("what was scored is kept; the same command with --resume goes on")
        raise


def _run(
    plan: ScoringPlan,
    tasks: list[Task],
    *,
    engine: str,
    strategy: Any,
    workers: int | None,
    journal: Journal | None,
    progress: Progress | None,
    on_note: Callable[[str], None],
) -> dict[str, Row]:
    kept = journal.rows if journal else {}
    rows = {task.name: kept[task.name] for task in tasks if task.name in kept}
    todo = [task for task in tasks if task.name not in rows]
    done = len(rows)
    if progress is not None:
        progress(done, len(tasks))

    def on_rows(block: list[Row]) -> None:
        nonlocal done
        if journal is not None:
            journal.append(block)
        done += len(block)
        if progress is not None:
            progress(done, len(tasks))

    try:
        if engine == "tf":
            from benchmark_kit.scoring.tf.engine import score_in_graph

            found = score_in_graph(
                plan, todo, strategy=strategy, workers=workers, on_rows=on_rows, on_note=on_note
            )
        else:
            found = score_in_pool(plan, todo, workers=workers, on_rows=on_rows)
    finally:
        if journal is not None:
            journal.close()
    rows.update((row.name, row) for row in found)
    return rows
