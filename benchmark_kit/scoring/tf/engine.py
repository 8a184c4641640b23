"""The same rows under a `tf.distribute` strategy: on one device, all of a machine, or on several.

The pool (`engine_pool`) is the reference; this engine is chosen where GPUs are. Every replica
scores whole images and nothing is averaged on the device, so the rows do not depend on how many
replicas there are. AUC and exact shuffled AUC equal the pool's to the last bit, the other columns
to 1e-9. What says nothing of graphs (`metrics.Graph`) is scored by the pool, and the run says so.

Instead of maps a predictor may be given: a function from a batch of pictures to maps, which then
runs in the same graph, and no map is ever written.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np

from benchmark_kit.errors import ConfigError, InputError, RunFailed
from benchmark_kit.maps.sources import ArrayReference
from benchmark_kit.parallel import number_of_workers
from benchmark_kit.scoring.engine_pool import merge_problems, score_in_pool
from benchmark_kit.scoring.plan import ScoringPlan
from benchmark_kit.scoring.scorer import Scorer
from benchmark_kit.scoring.tf.columns import areas, restrict, scores
from benchmark_kit.scoring.tf.feed import Feed, lay_out, read_picture, unpack
from benchmark_kit.scoring.tf.steps import Predictor, Steps
from benchmark_kit.scoring.worker import Refused, Task, finish_row, score_task
from benchmark_kit.scoring.yardsticks import Yardstick
from benchmark_kit.strategy import (
    agree,
    float_type,
    import_tensorflow,
    is_chief,
    open_strategy,
    workers_of,
)
from benchmark_kit.types import Row

__all__ = ["is_chief", "score_in_graph"]

PIXELS_A_BATCH = 2**23  # 64 MB a float64 array; the formulas keep about twenty of them alive
LARGEST_BATCH = 32
PIXELS_A_BLOCK = 2**27  # predicted maps held at once for the pool: 512 MB of float32


def score_in_graph(
    plan: ScoringPlan,
    tasks: Sequence[Task],
    *,
    strategy: Any = "one",
    workers: int | None = None,
    on_rows: Callable[[list[Row]], None] | None = None,
    on_note: Callable[[str], None] | None = None,
    predictor: Predictor | None = None,
    batch: int | None = None,
    timeout_seconds: float = 120.0,
) -> list[Row]:
    """Score tasks on devices.

    Args:
        plan: what to score.
        tasks: one an image. With strategy `"multiworker"` every worker is given at least what the
            chief is given, and the chief's list counts.
        strategy: `"one"`, `"mirrored"`, `"multiworker"` (TF_CONFIG), or a `tf.distribute.Strategy`.
        workers: threads that decode, and processes of the pool; None: every core.
        on_rows: called with each finished block, in order of completion; on the chief only.
        on_note: called with a sentence on what is done otherwise than asked.
        predictor: maps `predictor(images)` (b, height, width) or (b, height, width, 1), of any
            float type, from pictures (b, height, width, 3), uint8 RGB, by TensorFlow operations;
            the tasks' sources are then not read. Variables must be made in the strategy's scope:
            then pass the strategy as an object.
        batch: images a replica and step; None: by their size.
        timeout_seconds: how long workers wait for each other.

    Returns:
        rows in the tasks' order. On other workers than the chief, columns of the pool are None and
        rows of yardsticks are left out.

    Raises:
        InputError: maps that cannot be scored; all of them are listed.
        RunFailed: another worker died, or the device failed.
        ConfigError: an unknown strategy, no cluster in TF_CONFIG, or workers with different data.
        MissingExtra: TensorFlow is not installed.
    """
    say = on_note or (lambda text: None)
    strategy = open_strategy(strategy, timeout_seconds)
    chief = is_chief(strategy)
    report = on_rows if chief and on_rows is not None else (lambda block: None)
    maps = [task for task in tasks if not isinstance(task.source, Yardstick)]
    marks = [task for task in tasks if isinstance(task.source, Yardstick)]
    with _failures():
        if workers_of(strategy) > 1:
            maps = [maps[k] for k in agree(strategy, [_hash(task.name) for task in maps])]
        batch = batch or batch_size(maps, strategy.num_replicas_in_sync)
        run = _Run(plan, strategy, workers, batch, predictor)
        run.say(say, bool(marks))
        rows: dict[str, Row] = {}
        for block in run.blocks(maps):
            rows.update((row.name, row) for row in run.score(block, chief, report))
    if chief and marks:
        found = score_in_pool(plan, marks, workers=workers, on_rows=report)
        rows.update((row.name, row) for row in found)
    return [rows[task.name] for task in tasks if task.name in rows]


class _Run:
    """One call's strategy, columns and compiled steps."""

    def __init__(
        self,
        plan: ScoringPlan,
        strategy: Any,
        workers: int | None,
        batch: int,
        predictor: Predictor | None,
    ):
        self.plan, self.strategy, self.workers = plan, strategy, workers
        self.device, self.rest = restrict(plan, device=True), restrict(plan, device=False)
        self.batch, self.predictor = batch, predictor
        self.floats = float_type(strategy)
        self.threads = number_of_workers(workers)
        keep_maps = predictor is not None and bool(self.rest.variants)
        self.steps = Steps(self.device, strategy, self.floats, batch, predictor, keep_maps)
        self.areas = [v.key for v in areas(self.device)]
        self.scores = [v.key for v in scores(self.device)]
        if keep_maps and workers_of(strategy) > 1:
            raise ConfigError(
                f"with a model on several machines {', '.join(self.rest.keys)} cannot be scored: "
                "the pool needs the maps on one machine. Fix: --metrics without them"
            )

    def say(self, on_note: Callable[[str], None], yardsticks: bool) -> None:
        """Tell what the devices do not do."""
        if self.rest.variants:
            on_note(f"engine tf: the process pool scores {', '.join(self.rest.keys)}")
        if yardsticks:
            on_note("engine tf: the process pool scores the yardsticks")
        if self.floats != "float64":
            on_note(
                "engine tf: no float64 on this device; float32 agrees with the pool to 1e-4 only"
            )

    def blocks(self, tasks: list[Task]) -> Iterator[list[Task]]:
        """Tasks scored in one go: all, unless predicted maps must be held for the pool."""
        if self.predictor is None or not self.rest.variants:
            if tasks:
                yield tasks
            return
        block: list[Task] = []
        pixels = 0
        for task in tasks:
            block.append(task)
            pixels += task.truth.size[0] * task.truth.size[1]
            if pixels >= PIXELS_A_BLOCK:
                yield block
                block, pixels = [], 0
        if block:
            yield block

    def score(
        self, tasks: list[Task], chief: bool, report: Callable[[list[Row]], None]
    ) -> list[Row]:
        """Rows of a block, reported as they are complete."""
        if self.predictor is None and not self.device.variants:
            if not chief:
                return []
            return score_in_pool(self.plan, tasks, workers=self.workers, on_rows=report)
        refused: list[Refused] = []
        rows: dict[str, Row] = {}
        held: dict[str, np.ndarray] = {}
        complete = not self.rest.variants
        for found in self._device_rows(tasks, refused, held):
            rows.update((row.name, row) for row in found)
            if complete and found and not refused:
                report(found)
        if refused:
            raise InputError(
                f"{len(refused)} of {len(tasks)} maps cannot be scored; nothing was written",
                merge_problems(refused),
            )
        if lost := [task.name for task in tasks if task.name not in rows]:
            raise RunFailed(f"the devices lost {len(lost)} images, the first is {lost[0]}")
        if not complete and chief:
            self._add_rest(tasks, rows, held, report)
        return list(rows.values())

    def _add_rest(
        self,
        tasks: list[Task],
        rows: dict[str, Row],
        held: dict[str, np.ndarray],
        report: Callable[[list[Row]], None],
    ) -> None:
        """Have the pool score its columns and put both halves together."""
        if self.predictor is not None:
            tasks = [Task(task.truth, ArrayReference(held[task.name])) for task in tasks]
        truths = {task.name: task.truth for task in tasks}

        def join(block: list[Row]) -> None:
            joined = []
            for row in block:
                half = rows[row.name]
                if half.fixations:
                    both = {**half.values, **row.values}
                    values = {key: _number(both[key]) for key in self.plan.keys}
                    facts = row.facts if self.predictor is not None else half.facts
                    half = finish_row(truths[row.name], values, facts, self.plan)
                joined.append(half)
            rows.update((row.name, row) for row in joined)
            report(joined)

        score_in_pool(self.rest, tasks, workers=self.workers, on_rows=join)

    def _device_rows(
        self, tasks: list[Task], refused: list[Refused], held: dict[str, np.ndarray]
    ) -> Iterator[list[Row]]:
        """Rows of the device's columns, step by step, each image exactly once."""
        feed = Feed(self.device, tasks, self.floats, self.threads, self.predictor is not None)
        replicas = self.strategy.num_replicas_in_sync
        seen: set[int] = set()
        for kind, positions in feed.kinds().items():
            pieces = lay_out(positions, tasks, self.batch, replicas)
            for found, integers, maps in self.steps.outputs(feed, kind, pieces):
                block = []
                for k in range(len(integers)):
                    position, divisors, facts = unpack(integers[k, : feed.width], len(self.areas))
                    if position < 0:
                        continue
                    if position in seen:
                        raise RunFailed(f"the devices scored {tasks[position].name} twice")
                    seen.add(position)
                    task = tasks[position]
                    if maps:
                        held[task.name] = maps[k]
                    two_u = integers[k, feed.width :]
                    outcome = self._row(task, found[k], two_u, divisors, facts)
                    if isinstance(outcome, Row):
                        block.append(outcome)
                    else:
                        refused.append(outcome)
                yield block

    def _row(
        self,
        task: Task,
        found: np.ndarray,
        two_u: np.ndarray,
        divisors: list[int],
        facts: dict[str, Any],
    ) -> Row | Refused:
        low, high = float(found[-2]), float(found[-1])
        values = dict(zip(self.scores, found[:-2].astype(float).tolist(), strict=True))
        for key, pairs, divisor in zip(self.areas, two_u.tolist(), divisors, strict=True):
            values[key] = float(pairs) / float(divisor) if divisor else float("nan")
        no_logarithm = low < 0 and any(
            self.device.form(v).logarithm and np.isnan(values[v.key]) for v in self.device.variants
        )
        if facts.get("refused") or np.isnan(low) or (no_logarithm and task.truth.fixations):
            return self._ask_reference(task)
        if self.predictor is not None:
            facts = {"constant": low == high}
        row = self._finish(task, values, facts)
        # predicted pixels stay on the device: nothing else is known of them
        return row if self.predictor is None else replace(row, facts={})

    def _finish(self, task: Task, values: dict[str, float], facts: dict[str, Any]) -> Row:
        everything = {key: values.get(key) for key in self.plan.keys}
        fixations = task.truth.fixations
        if fixations is None or not len(fixations):
            nothing = dict.fromkeys(self.plan.keys)
            return Row(task.name, 0, nothing, ("no fixations",), facts)
        if self.rest.variants:
            # the pool's half is still to come
            return Row(task.name, len(fixations), everything, (), facts)
        return finish_row(
            task.truth, {key: values[key] for key in self.plan.keys}, facts, self.plan
        )

    def _ask_reference(self, task: Task) -> Row | Refused:
        """What the reference says of a map that the devices do not take."""
        if self.predictor is None:
            return score_task(Scorer(self.plan), task)
        truth = task.truth
        try:
            picture = read_picture(truth)
        except InputError as error:
            return Refused(truth.name, error.problems)
        values = self.steps.predict_one(picture)
        return score_task(Scorer(self.plan), Task(truth, ArrayReference(values)))


def batch_size(tasks: Sequence[Task], replicas: int) -> int:
    """Images a replica and step: as many as memory allows, not more than there are."""
    largest = max((task.truth.size[0] * task.truth.size[1] for task in tasks), default=1)
    return max(1, min(LARGEST_BATCH, PIXELS_A_BATCH // largest, -(-len(tasks) // replicas)))


@contextmanager
def _failures() -> Iterator[None]:
    tf = import_tensorflow()
    peers = (tf.errors.UnavailableError, tf.errors.DeadlineExceededError, tf.errors.AbortedError)
    try:
        yield
    except tf.errors.OpError as error:
        lines = [line.strip() for line in error.message.splitlines()]
        said = [line for line in lines if line and not line.startswith("[[")][-1:]
        if isinstance(error, tf.errors.ResourceExhaustedError):
            text = "the device ran out of memory. Fix: a smaller batch, or --engine pool"
        elif isinstance(error, peers) or "ollective" in error.message:
            text = (
                "a worker of the cluster died or stopped answering. Fix: start the same command on "
                "every worker again, with --resume (needs --out)"
            )
        else:
            text = f"the device failed: {''.join(said)}"
        raise RunFailed(text) from error


def _number(value: float | None) -> float:
    return float("nan") if value is None else value


def _hash(name: str) -> int:
    return int.from_bytes(
        hashlib.sha256(name.encode("utf-8", "surrogateescape")).digest()[:8], "little", signed=True
    )
