"""The pool of processes: rows that depend on nothing but the image."""

import itertools

import numpy as np
import pytest

from benchmark_kit.errors import ConfigError, InputError, Problem
from benchmark_kit.maps.sources import ArrayReference
from benchmark_kit.scoring.engine_pool import (
    CHUNK,
    make_chunks,
    merge_problems,
    score_in_pool,
)
from benchmark_kit.scoring.plan import make_plan
from benchmark_kit.scoring.scorer import Scorer
from benchmark_kit.scoring.worker import Refused, Task, score_task
from benchmark_kit.scoring.yardsticks import Yardstick
from benchmark_kit.types import Fixations, GroundTruth, Truths


def data_set(images=10):
    truths = []
    for k in range(images):
        rng = np.random.default_rng(k)
        size = ((20, 30), (24, 26))[k % 2]
        x, y = rng.uniform(0, size[1], 12), rng.uniform(0, size[0], 12)
        subject = np.arange(12) % 3
        truths.append(GroundTruth(f"i{k}", size, Fixations(x, y, size, subject=subject)))
    return Truths("made", tuple(truths))


TRUTHS = data_set()


def tasks(spoil=()):
    """A map and two yardsticks an image; spoilt maps hold NaN."""
    found = []
    for k, truth in enumerate(TRUTHS):
        pixels = np.random.default_rng([7, k]).random(truth.size)
        if truth.name in spoil:
            pixels[0, 0] = np.nan
        found.append(Task(truth, ArrayReference(pixels)))
    return [*found, *(Task(t, Yardstick(k)) for t in TRUTHS for k in ("chance", "one_human"))]


def plan(*metrics):
    return make_plan(TRUTHS, ["mit", "tuebingen"], metrics or ["auc_borji", "sauc", "kl", "ig"])


def test_rows_are_bit_identical_for_any_number_of_workers_and_in_the_tasks_order():
    scorer = Scorer(plan())
    alone = [score_task(scorer, task) for task in tasks()]
    for workers in (1, 2, 3):
        assert score_in_pool(plan(), tasks(), workers=workers) == alone
    backwards = score_in_pool(plan(), tasks()[::-1], workers=2)
    assert backwards == alone[::-1]


def test_every_row_is_reported_once_as_it_comes():
    blocks = []
    rows = score_in_pool(plan("nss"), tasks(), workers=2, on_rows=blocks.append)
    assert len(blocks) > 1
    reported = [row for block in blocks for row in block]
    assert sorted(row.name for row in reported) == sorted(row.name for row in rows)
    assert {row.name: row for row in reported} == {row.name: row for row in rows}


def test_bad_maps_are_listed_together_and_good_ones_beside_them_are_not_reported():
    # each block holds a bad map, the larger ones good maps too
    chunks = make_chunks(tasks()[:10], 1)
    bad = tuple(sorted(chunk[0].name for chunk in chunks))
    assert max(len(chunk) for chunk in chunks) > 1
    maps, blocks = tasks(bad)[:10], []
    found = f"{len(bad)} of 10 maps cannot be scored; nothing was"
    with pytest.raises(InputError, match=found) as caught:
        score_in_pool(plan("nss"), maps, workers=1, on_rows=blocks.append)
    assert [(p.code, p.where) for p in caught.value.problems] == [("E304", bad)]
    assert blocks == []


def test_nothing_to_do_starts_no_process():
    assert score_in_pool(plan("nss"), [], workers=2) == []


def test_an_error_of_the_caller_ends_the_run():
    def full(_):
        raise OSError("no room")

    with pytest.raises(OSError, match="no room"):
        score_in_pool(plan("nss"), tasks(), workers=2, on_rows=full)


@pytest.mark.parametrize("workers", [0, -1])
def test_fewer_than_one_worker_is_refused(workers):
    with pytest.raises(ConfigError, match="at least 1"):
        score_in_pool(plan("nss"), tasks(), workers=workers)


@pytest.mark.parametrize(("count", "workers"), [(1, 1), (10, 3), (1000, 2), (5000, 4)])
def test_blocks_hold_every_task_once_sorted_by_size(count, workers):
    many = [Task(TRUTHS.images[k % 10], k) for k in range(count)]
    chunks = make_chunks(many, workers)
    flat = [task for chunk in chunks for task in chunk]
    assert sorted(task.source for task in flat) == list(range(count))
    assert [task.truth.size for task in flat] == sorted(task.truth.size for task in flat)
    assert max(len(chunk) for chunk in chunks) <= CHUNK
    assert len(chunks) >= min(count, workers)
    lengths = [len(chunk) for chunk in chunks]
    assert lengths == sorted(lengths, reverse=True)
    assert lengths[-1] == 1


def test_all_maps_of_one_image_follow_each_other():
    names = [task.truth.name for chunk in make_chunks(tasks(), 2) for task in chunk]
    assert sum(a != b for a, b in itertools.pairwise(names)) == len(TRUTHS) - 1


def test_equal_findings_become_one_problem():
    first = Problem("E304", ("b",), "NaN", fix="mask")
    other = Problem("E301", ("c",), "unreadable", fix="again")
    more = Problem("E304", ("a",), "NaN", fix="mask")
    refused = [Refused("b", (first,)), Refused("c", (other,)), Refused("a", (more,))]
    assert merge_problems(refused) == [
        Problem("E301", ("c",), "unreadable", fix="again"),
        Problem("E304", ("a", "b"), "NaN", fix="mask"),
    ]
