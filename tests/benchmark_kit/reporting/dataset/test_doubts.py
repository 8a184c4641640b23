"""Every fault that is put into a healthy data set is told, and a healthy one is left alone."""

import numpy as np
import pytest

from benchmark_kit.datasets import get_dataset
from benchmark_kit.reporting.dataset.against_pictures import doubts_against_pictures
from benchmark_kit.reporting.dataset.agreement import doubts_of_agreement
from benchmark_kit.reporting.dataset.doubts import doubts
from benchmark_kit.reporting.dataset.gaze import pooled

HEIGHT, WIDTH = 90, 120


def found(truths):
    gaze = pooled(truths)
    every = [*doubts(gaze), *doubts_against_pictures(gaze), *doubts_of_agreement(gaze)]
    return {doubt.key: doubt for doubt in every}


def moved(rows, change):
    return [[row[0], *map(float, change(row[1], row[2])), *row[3:]] for row in rows]


def clamped(x, y):
    return min(max(x * 1.25 - 15, 0), WIDTH - 1), min(max(y * 1.25 - 11, 0), HEIGHT - 1)


def test_nothing_is_said_of_a_healthy_data_set(people):
    assert found(people.truths()) == {}


FAULTS = {
    "on a screen, upper left corner": ("off-centre", lambda x, y: (x + 20, y + 15)),
    "on a screen, lower right corner": ("off-centre", lambda x, y: (x - 22, y - 16)),
    "half the size": ("narrow", lambda x, y: (x / 2, y / 2)),
    "half the size in the middle": ("narrow", lambda x, y: (x / 2 + 30, y / 2 + 22)),
    "moved to the border": ("border", clamped),
    "upside down": ("upside down", lambda x, y: (x, HEIGHT - 0.1 - y)),
    "mirrored": ("mirrored", lambda x, y: (WIDTH - 0.1 - x, y)),
    "turned": ("turned", lambda x, y: (WIDTH - 0.1 - x, HEIGHT - 0.1 - y)),
    "swapped": ("swapped", lambda x, y: (y, x)),
    "shares swapped": ("swapped shares", lambda x, y: (y / HEIGHT * WIDTH, x / WIDTH * HEIGHT)),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_misplaced_fixations_are_told_with_what_mends_them(people, fault):
    key, change = FAULTS[fault]
    told = found(people.truths(moved(people.rows, change)))
    assert key in told
    assert told[key].fix


def test_fixations_on_the_screen_that_fall_outside_are_told(people):
    told = found(people.truths(moved(people.rows, lambda x, y: (x + 60, y + 45))))
    assert "--screen" in told["outside"].fix


def test_fixations_of_other_pictures_are_told(people):
    names = sorted({row[0] for row in people.rows})
    other = dict(zip(names, names[7:] + names[:7], strict=True))
    told = found(people.truths([[other[row[0]], *row[1:]] for row in people.rows]))
    assert set(told) == {"unrelated"}
    assert "--map image=COLUMN" in told["unrelated"].fix


@pytest.mark.parametrize("fault", ["order of trials", "calibration"])
def test_an_observer_who_looks_elsewhere_is_named(people, fault):
    names = sorted({row[0] for row in people.rows})
    other = dict(zip(names, names[1:] + names[:1], strict=True))
    rows = [
        row
        if row[3] != "c"
        else [other[row[0]], *row[1:]]
        if fault == "order of trials"
        else [row[0], min(row[1] + 22, WIDTH - 2.5), max(row[2] - 18, 2.5), *row[3:]]
        for row in people.rows
    ]
    told = found(people.truths(rows))
    assert "elsewhere" in told
    assert " c (" in told["elsewhere"].text


def test_one_place_that_stands_for_what_was_lost_is_told(people):
    rows = [[row[0], 60.0, 45.0, *row[3:]] if k % 20 == 0 else row
            for k, row in enumerate(people.rows)]  # fmt: skip
    told = found(people.truths(rows))
    assert set(told) == {"one place"}
    assert "88 fixations on 44 pictures" in told["one place"].text
    assert len(told["one place"].images) == 3


def test_rows_of_samples_are_told(people):
    twice = [[*row[:4], 2 * row[4] + k, row[5]] for row in people.rows for k in (0, 1)]
    assert set(found(people.truths(twice))) == {"repeated rows"}
    rng = np.random.default_rng(0)
    many = [
        [row[0], *(float(v) for v in np.clip(rng.normal(row[1:3], 1), 1.5, (118, 88))), row[3],
         10 * row[4] + k, row[5]]
        for row in people.rows for k in range(10)
    ]  # fmt: skip
    assert set(found(people.truths(many))) == {"samples"}


def test_first_fixations_on_a_cross_are_told_and_dropping_them_mends_it(people):
    rng = np.random.default_rng(0)
    rows = [
        [row[0], *map(float, rng.normal((60, 45), 2.0)), *row[3:]] if row[4] == 0 else row
        for row in people.rows
    ]
    told = found(people.truths(rows))
    assert set(told) == {"first fixation"}
    assert "drop_first = true" in told["first fixation"].fix
    assert found(people.truths(rows, "drop_first = true\n")) == {}


@pytest.mark.parametrize("factor", [1000.0, 0.001])
def test_durations_in_another_unit_are_told(people, factor):
    told = found(people.truths([[*row[:5], row[5] * factor] for row in people.rows]))
    assert set(told) == {"durations"}
    assert "--duration-unit" in told["durations"].fix


def test_observers_and_pictures_with_few_fixations_are_named(people):
    rows = [row for row in people.rows if not (row[3] == "b" and row[0] > "10.png")]
    told = found(people.truths(rows))
    assert set(told) == {"subjects"}
    assert "b (88)" in told["subjects"].text
    rows = [row for row in people.rows if row[0] != "07.png"]
    told = found(people.truths([r for r in rows if r[0] != "09.png" or r[3:5] == ["a", 0]]))
    assert set(told) == {"without fixations", "few fixations"}
    assert "07" in told["without fixations"].text
    assert "09 (1)" in told["few fixations"].text


def test_a_handful_of_fixations_is_no_reason_to_doubt(make_folder_set, tmp_path):
    assert found(make_folder_set(tmp_path, images=3).truths()) == {}


@pytest.mark.shared
@pytest.mark.parametrize("name", ["osie", "mit1003_test", "pascal_s"])
def test_nothing_is_said_of_real_data_sets_as_they_are(shared, name):
    kind = name if name == "osie" else "folder"
    assert found(get_dataset(kind, shared / "data" / name, cache=False)) == {}


@pytest.mark.shared
@pytest.mark.parametrize(
    ("key", "change"),
    [
        ("upside down", lambda f, h, w: (f.x, h - 1e-6 - f.y)),
        ("swapped", lambda f, h, w: (f.y, f.x)),
        ("swapped shares", lambda f, h, w: (f.y * (w / h), f.x * (h / w))),
        ("narrow", lambda f, h, w: (f.x / 2, f.y / 2)),
        ("off-centre", lambda f, h, w: (f.x + 0.14 * w, f.y + 0.14 * h)),
    ],
)
def test_real_data_that_are_spoiled_are_told(shared, key, change):
    import dataclasses

    from benchmark_kit.types import Fixations

    truths = get_dataset("folder", shared / "data" / "mit1003_test", cache=False)
    images = []
    for truth in truths:
        height, width = truth.size
        x, y = change(truth.fixations, height, width)
        inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
        spoiled = Fixations(x[inside], y[inside], truth.size)
        images.append(dataclasses.replace(truth, fixations=spoiled))
    assert key in found(dataclasses.replace(truths, images=tuple(images)))
