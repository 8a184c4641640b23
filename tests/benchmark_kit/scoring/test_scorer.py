"""One image's columns: each equals its formula, alone or beside any others."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from scipy.stats import rankdata

from benchmark_kit.dialects import DIALECTS
from benchmark_kit.imaging.images import write_png
from benchmark_kit.scoring import scorer as scorer_module
from benchmark_kit.scoring.plan import make_plan
from benchmark_kit.scoring.scorer import NegativeMapError, Scorer
from benchmark_kit.types import Density, Fixations, GroundTruth, Truths

SIZE = (36, 50)
SIGMA = 3.0
EPS = 2.2204e-16
KINDS = ("uint8", "uint16", "float32", "float64")


def data_set(images=6, shipped=None):
    truths = []
    for k in range(images):
        rng = np.random.default_rng(k)
        x, y = rng.uniform(0, SIZE[1], 40), rng.uniform(0, SIZE[0], 40)
        x[30:], y[30:] = x[:10], y[:10]  # repeats
        points = Fixations(x, y, SIZE)
        truths.append(GroundTruth(f"i{k}", SIZE, points, density_file=shipped))
    return Truths("made", tuple(truths), density_source="shipped" if shipped else "computed")


TRUTHS = data_set()
TRUTH = TRUTHS["i2"]


def a_map(kind, seed=9):
    noise = gaussian_filter(np.random.default_rng(seed).random(SIZE), 2)
    values = (noise - noise.min()) / (noise.max() - noise.min())
    top = {"uint8": 255, "uint16": 65535}.get(kind, 1)
    return (values * top).astype(kind)


def score(pixels, dialects=("tuebingen",), metrics=None, truth=TRUTH, truths=TRUTHS, **options):
    plan = make_plan(truths, dialects, metrics, **options)
    return Scorer(plan).scores(truth, pixels)


def counts(*truths):
    found = np.zeros(SIZE)
    for truth in truths:
        np.add.at(found, (truth.fixations.y.astype(int), truth.fixations.x.astype(int)), 1)
    return found


def area(positives, negatives):
    """Share of the pairs that are ordered right, half of the ties."""
    n, m = len(positives), len(negatives)
    ranks = rankdata(np.concatenate([positives, negatives]))[:n]
    return (ranks.sum() - n * (n + 1) / 2) / (n * m)


def at(pixels, number):
    """Values at the pixels as often as they are counted."""
    return np.repeat(pixels.ravel(), number.ravel().astype(int))


@pytest.mark.parametrize("kind", KINDS)
def test_columns_equal_the_formulas(kind):
    pixels = a_map(kind)
    found = score(pixels, sigma_px=SIGMA)
    values, own = pixels.astype(float), counts(TRUTH)
    others = counts(*(t for t in TRUTHS if t.name != TRUTH.name))
    density = gaussian_filter(own, SIGMA, truncate=4.0)
    p, q = values / values.sum(), density / density.sum()
    bias = gaussian_filter(others, 35.0, mode="reflect", truncate=12.0)
    bias = 0.99 * bias / bias.sum() + 0.01 / bias.size
    gain = np.log2(p + EPS) - np.log2(bias)
    expected = {
        "nss": at((values - values.mean()) / values.std(), own).mean(),
        "auc": area(at(values, own), values.ravel()),
        "sauc": area(at(values, own), at(values, others)),
        "cc": np.corrcoef(values.ravel(), density.ravel())[0, 1],
        "sim": np.minimum(p, q).sum(),
        "kl": (q * np.log(EPS + q / (p + EPS))).sum(),
        "ig_map": at(gain, own).mean(),
    }
    assert found == pytest.approx(expected, rel=1e-6 if kind == "float32" else 1e-9)


def test_repeats_collapse_in_mit_and_only_repeats_count_in_salicon2015():
    pixels = a_map("float64")
    own = counts(TRUTH)
    standard = (pixels - pixels.mean()) / pixels.std(ddof=1)
    assert score(pixels, ["mit"], ["nss"])["nss"] == pytest.approx(at(standard, own > 0).mean())
    standard = (pixels - pixels.mean()) / pixels.std()
    assert score(pixels, ["salicon2015"], ["nss"])["nss"] == pytest.approx(
        at(standard, np.maximum(own - 1, 0)).mean()
    )


@pytest.mark.parametrize("kind", ["uint8", "float64"])
@pytest.mark.parametrize("stored", ["computed", "shipped"])
def test_columns_do_not_depend_on_the_others(kind, stored, tmp_path):
    """8-bit maps and densities share one pass over both; none may see another dialect's."""
    truths = TRUTHS
    if stored == "shipped":
        write_png(tmp_path / "d.png", a_map("uint8", seed=3))
        truths = data_set(shipped=tmp_path / "d.png")
    pixels = a_map(kind)
    options = {"truths": truths, "truth": truths["i2"], "ig_baseline": "centre-bias"}
    together = score(pixels, list(DIALECTS), **options)
    for name, dialect in DIALECTS.items():
        alone = score(pixels, [name], **options)
        for key, value in alone.items():
            joint = together[key if name == "tuebingen" else f"{key}@{name}"]
            np.testing.assert_equal(joint, value, err_msg=f"{key}@{name}")
        assert len(alone) == len(dialect.default_metrics)
    assert list(score(pixels, ["mit"], ["sim", "cc", "kl"], **options).values()) == [
        together[f"{key}@mit"] for key in ("sim", "cc", "kl")
    ]


def test_gray_levels_and_floats_of_the_same_values_agree():
    levels = a_map("uint8")
    found, floats = score(levels), score(levels.astype(float))
    assert found == pytest.approx(floats, rel=1e-12)
    assert found["auc"] == floats["auc"]


def test_8_bit_maps_are_divided_by_255_where_the_dialect_says_so():
    levels = a_map("uint8")
    assert score(levels, ["mit"], ["kl"]) == pytest.approx(
        score(levels / 255.0, ["mit"], ["kl"]), rel=1e-12
    )


def test_own_fixations_are_no_negatives():
    pixels = np.zeros(SIZE)
    pixels[counts(TRUTH) > 0] = 1.0
    others = counts(*(t for t in TRUTHS if t.name != TRUTH.name))
    shared = (others * pixels).sum() / others.sum()  # ties with pixels that others looked at, too
    assert score(pixels, metrics=["sauc"])["sauc"] == pytest.approx(1 - shared / 2)


def test_negatives_are_all_others_even_if_few_images_are_scored():
    plan = make_plan(TRUTHS, ["tuebingen"], ["sauc"])
    negatives = Scorer(plan).negatives(
        DIALECTS["tuebingen"], TRUTH, TRUTH.fixations.flat_index, TRUTH.fixations
    )
    others = counts(*(t for t in TRUTHS if t.name != TRUTH.name))
    left = negatives.counts - np.bincount(negatives.own, minlength=others.size)
    assert np.array_equal(left.reshape(SIZE), others)


def test_alone_in_its_data_set_an_image_has_no_shuffled_auc():
    alone = data_set(images=1)
    for name in ("tuebingen", "mit", "salicon2015", "salicon2017"):
        found = score(a_map("float64"), [name], ["sauc", "nss"], alone["i0"], alone)
        assert np.isnan(found["sauc"])
        assert np.isfinite(found["nss"])


def test_uniform_baseline_is_minus_log2_of_the_number_of_pixels():
    pixels = a_map("float64")
    found = score(pixels, metrics=["ig"], ig_baseline="uniform")["ig_map"]
    p = pixels / pixels.sum() + EPS
    assert found == pytest.approx(at(np.log2(p) + np.log2(p.size), counts(TRUTH)).mean())


def test_the_pooled_baseline_is_the_blur_of_other_images_pixels():
    pixels = a_map("float64")
    found = score(pixels, ["salicon2017"], ["ig"])["ig"]
    once = sum((counts(t) > 0).astype(float) for t in TRUTHS if t.name != TRUTH.name)
    base = gaussian_filter(once, 19.0, mode="reflect", truncate=4.0)

    def log2(values):
        shares = (values - values.min()) / (values.max() - values.min())
        return np.log2(2.0**-52 + shares / shares.sum())

    assert found == pytest.approx(at(log2(pixels) - log2(base), counts(TRUTH) > 0).mean())


def test_log_densities_are_taken_at_their_word_by_ig_and_as_densities_by_the_rest():
    density = a_map("float64") + 0.01
    density /= density.sum()
    logs = score(np.log(density), ig_baseline="uniform", log_density=True)
    maps = score(density, ig_baseline="uniform")
    gain = np.log2(density * density.size)
    assert logs.pop("ig") == pytest.approx(at(gain, counts(TRUTH)).mean(), rel=1e-12)
    maps.pop("ig_map")
    assert logs == pytest.approx(maps, rel=1e-9)


def test_random_columns_follow_the_seed_and_the_name_alone():
    pixels, random = a_map("float64"), ["auc_borji", "sauc", "auc_judd"]
    one = score(pixels, ["mit"], random)
    assert score(pixels, ["mit"], random[::-1]) == one
    assert score(pixels, ["mit"], ["nss", *random], seed=0).items() >= one.items()
    other = score(pixels, ["mit"], random, seed=1)
    assert all(other[key] != one[key] for key in ("auc_borji", "sauc"))
    renamed = Truths(
        "made",
        tuple(GroundTruth("other" if t is TRUTH else t.name, SIZE, t.fixations) for t in TRUTHS),
    )
    again = score(pixels, ["mit"], random, renamed["other"], renamed)
    assert all(again[key] != one[key] for key in ("auc_borji", "sauc"))


def test_a_negative_map_has_no_kl_in_mit_and_is_named():
    with pytest.raises(NegativeMapError):
        score(a_map("float64") - 0.5, ["mit"], ["kl"])
    assert np.isfinite(score(a_map("float64") - 0.5, ["tuebingen"], ["kl"])["kl"])


@pytest.mark.parametrize("kind", ["uint8", "float64"])
@pytest.mark.parametrize(
    "dialect",
    [
        "tuebingen",
        "mit",
        "salicon2015",
        "salicon2017",
    ],
)
def test_a_map_that_is_zero_wherever_anybody_looked_is_at_chance(dialect, kind):
    rows = np.repeat([5.0, 9.0, 30.0], 2)  # everybody looks twice, in each image elsewhere
    images = (Fixations(rows + k, rows, SIZE) for k in range(3))
    truths = Truths("made", tuple(GroundTruth(f"i{k}", SIZE, f) for k, f in enumerate(images)))
    pixels = np.zeros(SIZE, kind)
    pixels[20, 20] = 200
    assert score(pixels, [dialect], ["sauc"], truths["i0"], truths)["sauc"] == 0.5


def test_maps_of_one_image_share_its_truth_and_change_none_of_their_scores(monkeypatch):
    calls = []
    real = scorer_module.usable_density
    monkeypatch.setattr(
        scorer_module, "usable_density", lambda *given: calls.append(given) or real(*given)
    )
    plan = make_plan(TRUTHS, ["tuebingen", "mit", "salicon2017"], None)
    shared = Scorer(plan)
    for kind in KINDS:
        pixels = a_map(kind, seed=KINDS.index(kind))
        assert shared.scores(TRUTH, pixels) == Scorer(plan).scores(TRUTH, pixels)
    assert len(calls) == 1 + len(KINDS)
    others = TRUTHS["i3"]
    pixels = a_map("float64")
    assert shared.scores(others, pixels) == Scorer(plan).scores(others, pixels)
    given = Density(a_map("float32", seed=5))
    found = shared.scores(others, pixels, given, own=TRUTH.fixations)
    assert found == Scorer(plan).scores(others, pixels, given, own=TRUTH.fixations)
    assert shared.scores(others, pixels) == Scorer(plan).scores(others, pixels)
