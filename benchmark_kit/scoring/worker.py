"""What a worker process does: read a map, look at it, score it.

A task carries what differs from image to image.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmark_kit.errors import InputError, KitError, Problem
from benchmark_kit.maps.facts import examine, unusable
from benchmark_kit.maps.pixels import prepare_pixels
from benchmark_kit.prepared.forms import PreparedMap, prepare
from benchmark_kit.scoring.missing import reason_flags
from benchmark_kit.scoring.plan import ScoringPlan
from benchmark_kit.scoring.scorer import NegativeMapError, Scorer
from benchmark_kit.scoring.yardsticks import Yardstick
from benchmark_kit.types import GroundTruth, Row


@dataclass(frozen=True, eq=False)
class Task:
    """One image to score.

    Args:
        truth: its ground truth.
        source: a map's reference (`scoring.maps`), or a `Yardstick` that makes the map from the
            truth.
        transpose: swap the stored map's axes first.
        resize: kernel for a map of another size, or None.
    """

    truth: GroundTruth
    source: Any
    transpose: bool = False
    resize: str | None = None

    @property
    def name(self) -> str:
        """Name of the row that this task makes."""
        return (
            self.source.name(self.truth) if isinstance(self.source, Yardstick) else self.truth.name
        )


@dataclass(frozen=True)
class Refused:
    """An image that cannot be scored, and why."""

    name: str
    problems: tuple[Problem, ...]


class ChunkScorer:
    """Scores some images at a time; what images share is made once a process.

    Args:
        plan: what to score.
    """

    def __init__(self, plan: ScoringPlan):
        self.plan = plan
        self._scorer: Scorer | None = None

    def __call__(self, given: tuple[Sequence[Task], bool]) -> list[Row | Refused]:
        """Score the tasks, or only check their maps (the run is refused already)."""
        if self._scorer is None:
            self._scorer = Scorer(self.plan)
        tasks, look_only = given
        return [score_task(self._scorer, task, look_only) for task in tasks]


def score_task(scorer: Scorer, task: Task, look_only: bool = False) -> Row | Refused:
    """One image's row, or why there is none."""
    truth = task.truth
    if isinstance(task.source, Yardstick):
        return task.source.row(scorer, truth)
    try:
        pixels = prepare_pixels(task.source, truth.size, task.transpose, task.resize)
        unit = scorer.plan.variants[0].dialect.unit
        maps = {unit: prepare(pixels, unit=unit)}
        if wrong := unusable(pixels, maps[unit], scorer.plan.log_density):
            code, found, fix = wrong
            return Refused(truth.name, (Problem(code, (truth.name,), found, fix=fix),))
        if look_only:
            return Row(truth.name, 0, {})
        return make_row(scorer, truth, pixels, maps)
    except NegativeMapError as error:
        found = f"negative values, and this dialect's {error.facts.label} takes none"
        fix = f"subtract each map's minimum, or leave {error.facts.name} out of --metrics"
        return Refused(truth.name, (Problem("E308", (truth.name,), found, fix=fix),))
    except InputError as error:
        return Refused(truth.name, error.problems)
    except KitError as error:
        code = getattr(error, "code", "E301")
        fix = getattr(error, "fix", "")
        found = getattr(error, "found", str(error))
        return Refused(truth.name, (Problem(code, (truth.name,), found, fix=fix),))


def make_row(
    scorer: Scorer, truth: GroundTruth, pixels: np.ndarray, maps: dict[bool, PreparedMap]
) -> Row:
    """Score a map and say why values are missing."""
    prepared = next(iter(maps.values()))
    fixations = truth.fixations
    if fixations is None or not len(fixations):
        nothing = dict.fromkeys(scorer.plan.keys)
        return Row(truth.name, 0, nothing, ("no fixations",), examine(pixels, prepared))
    values = scorer.scores(truth, pixels, maps=maps)
    # after the scores: the histogram that they needed serves here too
    return finish_row(truth, values, examine(pixels, prepared), scorer.plan)


def finish_row(
    truth: GroundTruth,
    values: Mapping[str, float],
    facts: Mapping[str, Any],
    plan: ScoringPlan | None = None,
) -> Row:
    """The row of an image with fixations: values that are no numbers become None and are named.

    Args:
        truth: the image.
        values: column key -> value.
        facts: what was seen of the map.
        plan: tells why values are missing where it is not the map's constancy.
    """
    flags = ["constant map"] if facts.get("constant") else []
    missing = [key for key, value in values.items() if not np.isfinite(value)]
    if missing:
        flags.append(f"not defined: {', '.join(missing)}")
        if plan is not None and not facts.get("constant"):
            flags += reason_flags(plan, truth, missing)
    plain = {key: value if np.isfinite(value) else None for key, value in values.items()}
    assert truth.fixations is not None
    return Row(truth.name, len(truth.fixations), plain, tuple(flags), facts)
