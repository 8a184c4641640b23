"""What coordinates in other units look like: right on generated gaze of every kind, else silent."""

import numpy as np
import pytest

from benchmark_kit.datasets.reading.settings import read_settings
from benchmark_kit.datasets.reading.tally import MOST_OF_AN_IMAGE, Tally
from benchmark_kit.datasets.reading.units import look_alike

ONE, SEVERAL = [(600, 800)], [(600, 800), (480, 640), (768, 1024), (700, 500)]
SCREEN, PER_DEGREE, RATIO = (1680, 1050), 31.0, 1.6

KINDS = {
    "pixels": lambda x, y, w, h: (x, y),
    "normalised": lambda x, y, w, h: (x / w, y / h),
    "degrees": lambda x, y, w, h: ((x - w / 2) / PER_DEGREE, (y - h / 2) / PER_DEGREE),
    "swapped": lambda x, y, w, h: (y, x),
    "screen": lambda x, y, w, h: (x + (SCREEN[0] - w) / 2, y + (SCREEN[1] - h) / 2),
    "another size": lambda x, y, w, h: (RATIO * x, RATIO * y),
    "pixels from the centre": lambda x, y, w, h: (x - w / 2, y - h / 2),
}


def gaze(rng, spread, width, height, n):
    """Points on a picture: uniform, or around a middle that is not exactly its own."""
    if spread is None:
        return rng.uniform(0, width, n), rng.uniform(0, height, n)
    x, y = rng.normal([0.52, 0.47], [spread, 0.9 * spread], (n, 2)).clip(0, 0.999).T
    return width * x, height * y


def tally(kind, sizes, spread, images=24, points=25, seed=0):
    rng = np.random.default_rng(seed)
    found = Tally()
    for k in range(images):
        height, width = sizes[k % len(sizes)]
        x, y = gaze(rng, spread, width, height, points)
        found.see(*KINDS[kind](x, y, width, height), (height, width))
    return found


@pytest.mark.parametrize("spread", [None, 0.18, 0.24])
@pytest.mark.parametrize("sizes", [ONE, SEVERAL], ids=["one size", "several"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_told_by_its_looks(kind, sizes, spread, tmp_path):
    for seed in range(3):
        found = look_alike(tally(kind, sizes, spread, seed=seed).samples)
        assert kind in [each.kind for each in found], found
        # where a tight gaze leaves two readings both are named, the likelier first
        assert len(found) == 1 or found[0].kind == kind, found


@pytest.mark.parametrize("sizes", [ONE, SEVERAL], ids=["one size", "several"])
@pytest.mark.parametrize("kind", ["normalised", "swapped", "screen", "pixels from the centre"])
def test_the_lines_it_gives_bring_the_points_back(kind, sizes, tmp_path):
    sample = tally(kind, sizes, 0.22)
    (best, *_) = look_alike(sample.samples)
    (tmp_path / "dataset.toml").write_text("\n".join(best.settings))
    settings = read_settings(tmp_path, None)
    truth = tally("pixels", sizes, 0.22)
    for given, right in zip(sample.samples, truth.samples, strict=True):
        x, y = settings.pixels(given.x, given.y, given.size)
        np.testing.assert_allclose([x, y], [right.x, right.y], atol=1e-9)


def test_estimated_numbers_are_called_so():
    (degrees,) = look_alike(tally("degrees", ONE, 0.22).samples)
    assert degrees.settings[0] == 'units = "degrees"'
    number, _, remark = degrees.settings[1].removeprefix("pixels_per_degree = ").partition("  # ")
    assert float(number) == pytest.approx(PER_DEGREE, rel=0.2)
    assert remark == "about: give your screen's"
    (size,) = look_alike(tally("another size", SEVERAL, 0.18, images=12, points=10).samples)
    assert "about" in size.text


@pytest.mark.parametrize("seed", range(4))
def test_nothing_is_claimed_of_junk_mixtures_and_few_points(seed):
    rng = np.random.default_rng(seed)
    junk, mixed, mixed_images = Tally(), Tally(), Tally()
    for k in range(24):
        height, width = SEVERAL[k % 4]
        x, y = gaze(rng, 0.2, width, height, 25)
        junk.see(rng.exponential(4000, 25), rng.uniform(-5e3, 9e3, 25), (height, width))
        screen, share = (KINDS[kind](x, y, width, height) for kind in ("screen", "normalised"))
        mixed.see(*np.where(rng.random(25) < 0.5, screen, share), (height, width))
        kind = ("pixels", "degrees", "normalised")[k % 3]
        mixed_images.see(*KINDS[kind](x, y, width, height), (height, width))
    for sample in (junk, mixed, mixed_images, tally("screen", ONE, 0.2, images=1, points=14)):
        assert look_alike(sample.samples) == ()


def test_few_shares_are_told_since_no_pixels_lie_so_close_to_zero():
    found = Tally()
    found.see(np.array([0.2, 0.81, 0.5, 0.43, 0.6]), np.array([0.7, 0.3, 0.2, 0.5, 0.9]), (60, 80))
    assert [each.settings for each in look_alike(found.samples)] == [('units = "normalised"',)]
    whole = Tally()
    whole.see(np.array([0.0, 1, 1, 0, 1]), np.array([1.0, 0, 1, 0, 0]), (60, 80))
    assert look_alike(whole.samples) == ()


def test_degrees_on_a_tiny_picture_are_no_shares():
    rng, found = np.random.default_rng(0), Tally()
    for _ in range(20):
        x, y = gaze(rng, None, 64, 48, 20)
        found.see((x - 32) / 32, (y - 24) / 32, (48, 64))
    assert [each.kind for each in look_alike(found.samples)] == ["degrees"]


def test_a_sample_is_small_and_holds_finite_points_of_the_whole():
    found = Tally()
    x = np.arange(10_000.0)
    x[::2] = np.nan
    found.see(x, x, (9, 9))
    (sample,) = found.samples
    assert MOST_OF_AN_IMAGE / 2 < len(sample.x) <= MOST_OF_AN_IMAGE
    assert sample.x.min() < 100
    assert sample.x.max() > 9_900


@pytest.mark.parametrize("sizes", [ONE, SEVERAL], ids=["one size", "several"])
def test_shares_of_a_screen_are_no_shares_of_the_picture(sizes):
    rng, found = np.random.default_rng(0), Tally()
    for k in range(24):
        height, width = sizes[k % len(sizes)]
        x, y = KINDS["screen"](*gaze(rng, 0.2, width, height, 25), width, height)
        found.see(x / SCREEN[0], y / SCREEN[1], (height, width))
    (best,) = look_alike(found.samples)
    assert best.settings[0] == 'units = "normalised"'
    assert best.settings[1].startswith("screen = [")
    assert "give your screen's" in best.settings[1]


def test_known_pixels_per_degree_are_not_estimated_anew():
    sample = tally("degrees", ONE, 0.22)
    assert look_alike(sample.samples, PER_DEGREE)[0].settings == ('units = "degrees"',)
    wrong = look_alike(sample.samples, 3.0)[0].settings
    assert wrong[1].startswith("pixels_per_degree = ")


ODD = {
    "zeros": [0.0],
    "one place": [5.5],
    "huge": [1e308, -1e308, 3.0],
    "huge and positive": [1e308, 1e300],
    "tiny": [5e-324, 1e-300],
    "minus ones": [-1.0],
}


@pytest.mark.parametrize("kind", ODD)
@pytest.mark.parametrize("n", [1, 30, 300])
def test_any_numbers_may_stand_in_a_table(kind, n):
    found = Tally()
    values = np.resize(np.array(ODD[kind]), n)
    found.see(values, values[::-1], (60, 80))
    found.see(values, np.resize([20.0, 30.5], n), (48, 64))
    assert all("nan" not in line for each in look_alike(found.samples) for line in each.settings)
