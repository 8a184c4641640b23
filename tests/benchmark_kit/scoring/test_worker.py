"""What a worker does with one task: a row, or why there is none."""

import numpy as np
import pytest

from benchmark_kit.imaging.images import write_npy, write_png
from benchmark_kit.maps.sources import ArrayReference, FileReference
from benchmark_kit.scoring.plan import make_plan
from benchmark_kit.scoring.scorer import Scorer
from benchmark_kit.scoring.worker import Refused, Task, finish_row, score_task
from benchmark_kit.scoring.yardsticks import Yardstick
from benchmark_kit.types import Fixations, GroundTruth, Truths

SIZE = (12, 20)


def data_set():
    rng = np.random.default_rng(0)
    points = [Fixations(rng.uniform(0, 20, 8), rng.uniform(0, 12, 8), SIZE) for _ in range(2)]
    return Truths(
        "made",
        (
            GroundTruth("a", SIZE, points[0]),
            GroundTruth("b", SIZE, points[1]),
            GroundTruth("empty", SIZE, Fixations([], [], SIZE)),
            GroundTruth("secret", SIZE),
        ),
    )


TRUTHS = data_set()
PIXELS = np.random.default_rng(1).random(SIZE)


def scorer(*metrics, dialect="tuebingen", **options):
    return Scorer(make_plan(TRUTHS, [dialect], metrics or ["nss", "auc"], **options))


def task(pixels, name="a", **options):
    return Task(TRUTHS[name], ArrayReference(np.asarray(pixels)), **options)


def test_a_row_holds_values_fixations_and_facts():
    row = score_task(scorer(), task(PIXELS))
    assert (row.name, row.fixations, row.flags) == ("a", 8, ())
    x, y = TRUTHS["a"].fixations.x.astype(int), TRUTHS["a"].fixations.y.astype(int)
    expected = ((PIXELS - PIXELS.mean()) / PIXELS.std())[y, x].mean()
    assert row.values["nss"] == pytest.approx(expected)
    assert set(row.values) == {"nss", "auc"}
    assert set(row.facts) == {"digest", "constant"}


@pytest.mark.parametrize("name", ["empty", "secret"])
def test_an_image_without_fixations_has_a_row_without_values(name):
    row = score_task(scorer(), task(PIXELS, name))
    assert (row.fixations, row.flags) == (0, ("no fixations",))
    assert row.values == {"nss": None, "auc": None}
    assert row.facts["digest"] == score_task(scorer(), task(PIXELS)).facts["digest"]


def test_what_is_not_defined_is_none_and_named():
    row = score_task(scorer("nss", "cc", "kl", dialect="mit"), task(np.ones(SIZE)))
    assert row.values["nss"] is None
    assert row.values["cc"] is None
    assert np.isfinite(row.values["kl"])
    assert row.flags == ("constant map", "not defined: nss, cc")


def test_values_that_are_not_finite_become_none():
    row = finish_row(TRUTHS["a"], {"kl": np.inf, "nss": 1.0, "cc": np.nan}, {})
    assert row.values == {"kl": None, "nss": 1.0, "cc": None}
    assert row.flags == ("not defined: kl, cc",)


def test_transposed_and_resized_maps_are_brought_to_the_image():
    straight = score_task(scorer(), task(PIXELS))
    turned = score_task(scorer(), task(PIXELS.T, transpose=True))
    assert turned == straight
    doubled = np.repeat(np.repeat(PIXELS, 2, axis=0), 2, axis=1)
    row = score_task(scorer(), task(doubled, resize="nearest"))
    assert row.values == straight.values


def test_a_map_of_another_size_than_its_header_said_is_refused():
    found = score_task(scorer(), task(PIXELS[:, :-1]))
    assert isinstance(found, Refused)
    (problem,) = found.problems
    assert (problem.code, problem.where) == ("E301", ("a",))
    assert "19x12" in problem.found


@pytest.mark.parametrize(
    ("pixels", "options", "code"),
    [
        (np.where(PIXELS > 0.5, np.nan, PIXELS), {}, "E304"),
        (np.where(PIXELS > 0.5, -np.inf, PIXELS), {}, "E304"),
        (np.log(PIXELS), {"log_density": True}, "E403"),
    ],
)
def test_values_that_cannot_be_scored_are_refused_even_without_fixations(pixels, options, code):
    for name in ("a", "empty"):
        found = score_task(scorer(**options), task(pixels, name))
        assert isinstance(found, Refused)
        assert [(p.code, p.where) for p in found.problems] == [(code, (name,))]
        assert found.problems[0].fix


def test_negative_values_are_refused_by_the_kl_of_mit_alone():
    found = score_task(scorer("kl", dialect="mit"), task(PIXELS - 0.5))
    assert [(p.code, p.where) for p in found.problems] == [("E308", ("a",))]
    assert "subtract each map's minimum" in found.problems[0].fix
    row = score_task(scorer("nss", "cc", dialect="mit"), task(PIXELS - 0.5))
    assert row.facts["negative"] is True


def test_a_file_that_cannot_be_read_is_refused_by_name(tmp_path):
    (tmp_path / "a.png").write_bytes(b"no picture")
    for reference in (FileReference(tmp_path / "a.png"), FileReference(tmp_path / "none.png")):
        found = score_task(scorer(), Task(TRUTHS["a"], reference))
        assert isinstance(found, Refused)
        assert [(p.code, p.where) for p in found.problems] == [("E301", ("a",))]


def test_a_file_and_an_array_of_the_same_pixels_give_one_row(tmp_path):
    levels = (255 * PIXELS).astype(np.uint8)
    write_png(tmp_path / "a.png", levels)
    write_npy(tmp_path / "a.npy", levels)
    rows = [
        score_task(scorer(), Task(TRUTHS["a"], reference))
        for reference in (
            FileReference(tmp_path / "a.png"),
            FileReference(tmp_path / "a.npy"),
            ArrayReference(levels),
        )
    ]
    assert rows[0] == rows[1] == rows[2]


def test_looking_only_checks_the_map_and_scores_nothing():
    row = score_task(scorer(), task(PIXELS), look_only=True)
    assert (row.values, row.facts) == ({}, {})
    bad = score_task(scorer(), task(np.full(SIZE, np.nan)), look_only=True)
    assert bad.problems[0].code == "E304"


def test_a_shipped_density_that_does_not_fit_refuses_the_image(tmp_path):
    write_png(tmp_path / "d.png", np.zeros((5, 5), np.uint8))
    truth = GroundTruth("a", SIZE, TRUTHS["a"].fixations, density_file=tmp_path / "d.png")
    truths = Truths("made", (truth,), density_source="shipped")
    shipped = Scorer(make_plan(truths, ["tuebingen"], ["cc"]))
    found = score_task(shipped, Task(truth, ArrayReference(PIXELS)))
    assert isinstance(found, Refused)
    assert "density has shape (5, 5), the image (12, 20)" in found.problems[0].found


def test_a_task_of_a_yardstick_has_a_name_and_a_row_of_its_own():
    one = Task(TRUTHS["a"], Yardstick("chance"))
    assert one.name == "yardstick:chance/a"
    row = score_task(scorer(), one)
    assert row.name == one.name
    assert row.values["auc"] == pytest.approx(0.5, abs=0.4)
    assert task(PIXELS).name == "a"


def test_errors_of_the_program_are_not_taken_for_bad_maps(monkeypatch):
    def broken(*_, **__):
        raise ZeroDivisionError("a slip")

    monkeypatch.setattr(Scorer, "scores", broken)
    with pytest.raises(ZeroDivisionError):
        score_task(scorer(), task(PIXELS))
