"""Yardsticks, each against its definition written out with numpy and scipy."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from scipy.stats import norm, rankdata

from benchmark_kit.imaging.centre_bias import CentreBias
from benchmark_kit.scoring.plan import make_plan
from benchmark_kit.scoring.scorer import Scorer
from benchmark_kit.scoring.yardsticks import KINDS, Yardstick, make_yardsticks, row_name
from benchmark_kit.types import Fixations, GroundTruth, Truths

SIGMA = 4.0
SIZE = (40, 56)


def image(name, size=SIZE, n=24, observers=4):
    """An image whose fixations depend on its name alone, with repeats and odd observer numbers."""
    rng = np.random.default_rng(int.from_bytes(name.encode(), "little"))
    x, y = rng.uniform(0, size[1], n), rng.uniform(0, size[0], n)
    x[1], y[1] = x[0], y[0]
    subject = None if observers is None else 3 + 7 * (np.arange(n) % observers)
    return GroundTruth(name, size, Fixations(x, y, size, subject=subject))


def data_set(*images):
    return Truths("made", images)


@pytest.fixture(scope="module")
def truths():
    return data_set(*(image(name) for name in "abcd"))


class Recorder:
    """Stands for a scorer: keeps what it is given."""

    def __init__(self, truths, **options):
        self.plan = make_plan(truths, ["tuebingen"], ["nss"], **options)
        self.calls = []

    def scores(self, truth, pixels, density=None, own=None):
        self.calls.append((truth, pixels, density, own))
        return {"nss": float(len(self.calls))}


def made(truths, kind, name, seed=0, **options):
    """(row, calls of the scorer) of one yardstick of one image."""
    recorder = Recorder(truths, seed=seed, **options)
    work, _ = make_yardsticks(truths, list(truths.names), CentreBias(truths), SIGMA, seed)
    (yardstick,) = (y for truth, y in work if (truth.name, y.kind) == (name, kind))
    return yardstick.row(recorder, truths[name]), recorder.calls


def counts(fixations, size=None):
    """Points on each pixel, brought to a size by the ratio of the sides."""
    height, width = size = size or fixations.size
    found = np.zeros(size)
    for x, y in zip(fixations.x, fixations.y, strict=True):
        found[int(y * (height / fixations.size[0])), int(x * (width / fixations.size[1]))] += 1
    return found


def few_points_density(fixations, size=None):
    """Blurred counts with 1 % uniform."""
    blurred = gaussian_filter(counts(fixations, size), SIGMA, truncate=4.0)
    return 0.99 * blurred / blurred.sum() + 0.01 / blurred.size


def of_observers(fixations, numbers):
    return fixations.select(np.isin(fixations.subject, numbers))


def test_chance_is_uniform_noise_by_seed_and_image(truths):
    _, ((judged, pixels, density, _),) = made(truths, "chance", "a")
    assert judged.fixations is truths["a"].fixations
    assert density is None
    assert pixels.shape == SIZE
    found, _ = np.histogram(pixels, bins=10, range=(0, 1))
    assert found.sum() == pixels.size
    assert ((found - 224) ** 2 / 224).sum() < 27.9  # chi square of 9 at 0.1 %
    assert abs(np.corrcoef(pixels[:, 1:].ravel(), pixels[:, :-1].ravel())[0, 1]) < 0.07
    assert np.array_equal(made(truths, "chance", "a")[1][0][1], pixels)
    for other in (made(truths, "chance", "b"), made(truths, "chance", "a", seed=1)):
        assert not np.array_equal(other[1][0][1], pixels)


def test_centre_gaussian_has_a_quarter_of_each_side(truths):
    _, ((_, pixels, _, _),) = made(truths, "centre_gaussian", "a")
    height, width = SIZE
    rows = norm.pdf(np.arange(height) + 0.5, height / 2, height / 4)
    columns = norm.pdf(np.arange(width) + 0.5, width / 2, width / 4)
    expected = np.outer(rows, columns)
    assert np.allclose(pixels / pixels.sum(), expected / expected.sum(), rtol=1e-12)


def test_centre_bias_is_the_blur_of_the_other_images_points(truths):
    for name in truths.names:
        _, ((_, pixels, _, _),) = made(truths, "centre_bias", name)
        others = sum(counts(truth.fixations) for truth in truths if truth.name != name)
        blurred = gaussian_filter(others, 35.0, mode="reflect", truncate=12.0)
        expected = 0.99 * blurred / blurred.sum() + 0.01 / blurred.size
        assert np.allclose(pixels, expected, rtol=1e-9)


def test_permutation_is_one_other_images_density():
    truths = data_set(
        *(image(name, (40, 56) if k % 2 else (30, 61)) for k, name in enumerate("abcde"))
    )
    drawn = {}
    for truth in truths:
        _, ((judged, pixels, density, _),) = made(truths, "permutation", truth.name)
        assert judged.fixations is truth.fixations
        assert density is None
        equal = [
            other.name
            for other in truths
            if np.allclose(pixels, few_points_density(other.fixations, truth.size), rtol=1e-9)
        ]
        assert len(equal) == 1
        assert equal != [truth.name]
        drawn[truth.name] = equal[0]
    assert len(set(drawn.values())) > 1


def test_permutation_follows_the_seed_and_not_the_choice_of_images():
    truths = data_set(*(image(name) for name in "abcdefgh"))

    def partners(names, seed):
        work, _ = make_yardsticks(truths, names, CentreBias(truths), SIGMA, seed)
        found = [(t.name, y.other) for t, y in work if y.kind == "permutation"]
        return {name: next(t.name for t in truths if t.fixations is o) for name, o in found}

    whole = partners(list(truths.names), 0)
    assert all(name != other for name, other in whole.items())
    assert partners(["c"], 0) == {"c": whole["c"]}
    assert partners(list(truths.names), 1) != whole


def test_one_human_is_each_observer_judged_by_the_others(truths):
    row, calls = made(truths, "one_human", "a")
    fixations = truths["a"].fixations
    observers = np.unique(fixations.subject)
    assert len(calls) == len(observers) == 4
    for number, (judged, pixels, density, own) in zip(observers, calls, strict=True):
        mine = of_observers(fixations, [number])
        others = of_observers(fixations, observers[observers != number])
        assert np.allclose(pixels, few_points_density(mine), rtol=1e-9)
        assert np.array_equal(judged.fixations.x, others.x)
        blurred = gaussian_filter(counts(others), SIGMA, truncate=4.0)
        assert np.allclose(density.values, blurred, atol=1e-13)
        assert own is fixations
    assert row.values["nss"] == np.mean([1, 2, 3, 4])
    assert row.fixations == len(fixations)


def test_inter_observer_is_even_observers_judged_by_odd_ones(truths):
    _, ((judged, pixels, density, own),) = made(truths, "inter_observer", "a")
    fixations = truths["a"].fixations
    observers = np.unique(fixations.subject)
    even, odd = (of_observers(fixations, observers[start::2]) for start in (0, 1))
    assert np.allclose(pixels, few_points_density(even), rtol=1e-9)
    assert np.array_equal(judged.fixations.x, odd.x)
    blurred = gaussian_filter(counts(odd), SIGMA, truncate=4.0)
    assert np.allclose(density.values, blurred, atol=1e-13)
    assert own is fixations


def test_scores_of_observers_equal_the_formulas(truths):
    plan = make_plan(truths, ["tuebingen"], ["nss", "auc", "cc", "sauc"], sigma_px=SIGMA)
    row = Yardstick("inter_observer", SIGMA).row(Scorer(plan), truths["b"])
    fixations = truths["b"].fixations
    observers = np.unique(fixations.subject)
    pixels = few_points_density(of_observers(fixations, observers[0::2]))
    judging = counts(of_observers(fixations, observers[1::2]))
    standard = (pixels - pixels.mean()) / pixels.std()
    assert row.values["nss"] == pytest.approx((standard * judging).sum() / judging.sum())
    blurred = gaussian_filter(judging, SIGMA, truncate=4.0)
    correlation = np.corrcoef(pixels.ravel(), blurred.ravel())[0, 1]
    assert row.values["cc"] == pytest.approx(correlation)
    positives = np.repeat(pixels.ravel(), judging.ravel().astype(int))
    # the judged image supplies no negatives, not even by the observers that predict
    others = sum(counts(truth.fixations) for truth in truths if truth.name != "b")
    shuffled = np.repeat(pixels.ravel(), others.ravel().astype(int))
    for key, negatives in (("auc", pixels.ravel()), ("sauc", shuffled)):
        ranks = rankdata(np.concatenate([positives, negatives]))[: len(positives)]
        n, m = len(positives), len(negatives)
        expected = (ranks.sum() - n * (n + 1) / 2) / (n * m)
        assert row.values[key] == pytest.approx(expected)


def test_log_densities_are_scored_as_such(truths):
    for kind in KINDS:
        _, calls = made(truths, kind, "a", log_density=True)
        for (_, pixels, _, _), (_, plain, _, _) in zip(
            calls, made(truths, kind, "a")[1], strict=True
        ):
            assert np.allclose(np.exp(pixels), plain / plain.sum(), rtol=1e-12)


def test_fewer_than_two_observers_have_no_value_and_a_flag():
    truths = data_set(image("a"), image("b", observers=1), image("c"))
    for kind in ("one_human", "inter_observer"):
        row, calls = made(truths, kind, "b")
        assert calls == []
        assert row.values == {"nss": None}
        assert row.flags == ("fewer than two observers",)


def test_every_kind_of_every_image_with_fixations():
    empty = GroundTruth("c", SIZE, Fixations([], [], SIZE))
    truths = data_set(image("a"), image("b"), empty, GroundTruth("d", SIZE))
    work, notes = make_yardsticks(truths, list(truths.names), CentreBias(truths), SIGMA, 0)
    assert [(y.kind, truth.name) for truth, y in work] == [(k, n) for k in KINDS for n in "ab"]
    assert notes == []
    assert {y.name(truth) for truth, y in work} == {row_name(k, n) for k in KINDS for n in "ab"}
    assert row_name("chance", "x/y") == "yardstick:chance/x/y"


def test_what_cannot_be_made_is_said():
    truths = data_set(image("a", observers=None), image("b", observers=None))
    work, notes = make_yardsticks(truths, ["a", "b"], CentreBias(truths), SIGMA, 0)
    assert {y.kind for _, y in work} == set(KINDS) - {"one_human", "inter_observer"}
    assert [note.split(":")[0] for note in notes] == ["no yardsticks of observers"]
    alone = data_set(image("a"))
    work, notes = make_yardsticks(alone, ["a"], CentreBias(alone), SIGMA, 0)
    assert {y.kind for _, y in work} == set(KINDS) - {"centre_bias", "permutation"}
    assert [note.split(":")[0] for note in notes] == ["no centre bias and no permutation"]


def test_without_a_width_it_is_a_share_of_the_longer_side(truths):
    recorder = Recorder(truths)
    Yardstick("inter_observer").row(recorder, truths["a"])
    ((_, pixels, density, _),) = recorder.calls
    fixations = truths["a"].fixations
    observers = np.unique(fixations.subject)
    odd = counts(of_observers(fixations, observers[1::2]))
    sigma = 24 / 1024 * max(SIZE)
    assert np.allclose(density.values, gaussian_filter(odd, sigma, truncate=4.0), atol=1e-13)
    assert pixels.sum() == pytest.approx(1.0)


def test_the_maps_that_are_made_are_counted_beforehand(truths):
    work, _ = make_yardsticks(truths, list(truths.names), CentreBias(truths), 5.0, 0)
    for truth, yardstick in work:
        assert yardstick.count(truth) == sum(1 for _ in yardstick._pairs(truth))
    nobody = GroundTruth("a", (9, 9), Fixations([1.0], [1.0], (9, 9), subject=[3]))
    assert [Yardstick(kind).count(nobody) for kind in ("one_human", "inter_observer")] == [0, 0]
