"""An image's arrays go with the image: nothing waits for the cycle collector."""

import gc

import numpy as np
import pytest

from benchmark_kit.maps.sources import open_maps
from benchmark_kit.scoring.plan import make_plan
from benchmark_kit.scoring.scorer import Scorer
from benchmark_kit.scoring.worker import Task, score_task
from benchmark_kit.types import Fixations, GroundTruth, Truths

SIZE = (40, 50)


@pytest.fixture
def truths():
    rng = np.random.default_rng(0)
    points = [rng.uniform(0, 1, (2, 20)) * [[50], [40]] for _ in range(3)]
    return Truths(
        "made", tuple(GroundTruth(f"{k}", SIZE, Fixations(*p, SIZE)) for k, p in enumerate(points))
    )


def maps(dtype, truths):
    rng = np.random.default_rng(1)
    top = 1 if dtype in (np.float32, np.float64) else np.iinfo(dtype).max
    return {t.name: (top * rng.random(SIZE)).astype(dtype) for t in truths}


@pytest.mark.parametrize("dialect", ["tuebingen", "mit", "salicon2015", "salicon2017"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, np.float64])
def test_no_cycle_is_left(truths, dtype, dialect):
    source = open_maps(maps(dtype, truths))
    references = dict(source.entries)
    scorer = Scorer(make_plan(truths, [dialect], None))
    tasks = [Task(truth, references[truth.name]) for truth in truths]
    score_task(scorer, tasks[0])  # what is made once a process
    gc.collect()
    gc.disable()
    try:
        score_task(scorer, tasks[1])
        found = gc.collect()
    finally:
        gc.enable()
    assert found == 0
