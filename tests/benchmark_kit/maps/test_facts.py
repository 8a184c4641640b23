"""Warnings about maps: each at its threshold, told by the pixels alone."""

import numpy as np
import pytest

from benchmark_kit.maps.facts import examine, unusable, warnings_from
from benchmark_kit.prepared.forms import prepare


def facts(pixels):
    return examine(pixels, prepare(pixels))


def codes(*maps, log_density=False):
    found = warnings_from({f"m{k}": facts(m) for k, m in enumerate(maps)}, log_density)
    return [problem.code for problem in found]


def warning(code, *maps):
    found = warnings_from({f"m{k}": facts(m) for k, m in enumerate(maps)})
    (problem,) = (p for p in found if p.code == code)
    return problem


def levels(number, zeros=0, size=(40, 50), seed=0, top=255):
    """An 8-bit map of so many gray levels up to `top`, with so many zero pixels."""
    wanted = np.round(np.linspace(0 if zeros else 1, top, number)).astype(np.uint8)
    generator = np.random.default_rng(seed)
    flat = generator.choice(wanted[1:] if zeros else wanted, size[0] * size[1])
    flat[: len(wanted)] = wanted
    if zeros:
        flat[:zeros] = 0
        flat[zeros : zeros + len(wanted) - 1] = wanted[1:]
    return flat.reshape(size)


def log_density(size=(30, 40), base=np.e):
    density = np.random.default_rng(0).random(size) + 0.01
    return np.log(density / density.sum()) / np.log(base)


@pytest.mark.parametrize("kind", ["uint8", "uint16", "float32", "float64"])
def test_constant_maps_of_every_type(kind):
    pixels = np.full((5, 6), 7, kind)
    assert facts(pixels)["constant"] is True
    pixels[0, 0] = 8
    assert facts(pixels)["constant"] is False
    assert "W202" in codes(np.full((5, 6), 7, kind), pixels)


def test_the_digest_is_of_type_shape_and_pixels():
    pixels = np.arange(12, dtype=np.uint8).reshape(3, 4)
    base = facts(pixels)["digest"]
    assert facts(np.asfortranarray(pixels))["digest"] == base
    for other in (pixels.reshape(4, 3), pixels.astype(np.uint16), pixels.astype(float), pixels + 1):
        assert facts(np.ascontiguousarray(other))["digest"] != base


def test_identical_maps_are_all_named():
    one, two, three = (np.random.default_rng(k).random((5, 6)) for k in range(3))
    problem = warning("W201", one, two, one, three, two, one)
    assert sorted(problem.where) == ["m0", "m1", "m2", "m4", "m5"]
    assert "W201" not in codes(one, two, three)


def test_levels_zeros_and_top_equal_a_plain_count():
    pixels = levels(50, zeros=300)
    found = facts(pixels)
    assert found["levels"] == len(np.unique(pixels)) == 50
    assert found["zeros"] == pytest.approx((pixels == 0).mean(), abs=1e-6)
    assert found["top"] == pixels.max()


@pytest.mark.parametrize(("number", "warned"), [(31, True), (32, False)])
def test_few_gray_levels_in_the_median_map(number, warned):
    assert ("W301" in codes(levels(5), levels(number), levels(200))) == warned
    if warned:
        assert (
            f"few gray levels: {number} in the median map" in warning("W301", levels(number)).found
        )


@pytest.mark.parametrize(("zeros", "warned"), [(100, False), (102, True)])
def test_many_zeros_over_all_pixels(zeros, warned):
    maps = [levels(64, zeros=zeros), levels(64, zeros=zeros, seed=1)]
    assert maps[0].size * 0.05 == 100
    assert ("W302" in codes(*maps)) == warned
    # the share is of all maps together
    assert "W302" not in codes(maps[0], levels(64))


def test_many_zeros_are_told_in_per_cent():
    assert warning("W302", levels(64, zeros=500)).found.startswith("25 % of all pixels")


@pytest.mark.parametrize(("top", "warned"), [(127, True), (128, False)])
def test_less_than_half_of_the_range(top, warned):
    assert ("W303" in codes(levels(64, top=top), levels(200))) == warned
    if warned:
        assert warning("W303", levels(64, top=top), levels(200)).where == ("m0",)


@pytest.mark.parametrize("kind", ["uint16", "float32", "float64"])
def test_gray_levels_concern_8_bit_maps_alone(kind):
    assert codes(levels(4, zeros=1500, top=60).astype(kind)) == []


def test_negative_values():
    pixels = np.random.default_rng(0).random((5, 6)) - 0.5
    assert codes(pixels) == ["W309"]
    assert warning("W309", np.abs(pixels), pixels).where == ("m1",)
    assert codes(np.abs(pixels)) == []


@pytest.mark.parametrize("base", [np.e, 2.0, 10.0])
@pytest.mark.parametrize("kind", ["float32", "float64"])
def test_log_densities_of_every_base_are_recognised(base, kind):
    pixels = log_density(base=base).astype(kind)
    assert codes(pixels) == ["W313"]
    assert codes(pixels, log_density=True) == []


@pytest.mark.parametrize(
    ("pixels", "found"),
    [
        (log_density() + 0.045, ["W313"]),
        (log_density() + 0.055, ["W309"]),
        (log_density() * 1.5, ["W309"]),
        (-np.random.default_rng(0).random((5, 6)), ["W309"]),
        (np.full((5, 6), -np.log(30)), ["W202", "W309"]),
    ],
)
def test_what_is_taken_for_a_log_density(pixels, found):
    assert codes(pixels) == found


def test_one_log_density_among_negative_maps_is_named_alone():
    negative = np.random.default_rng(0).random((30, 40)) - 0.5
    problem = warning("W313", negative, log_density())
    assert problem.where == ("m1",)
    assert "--log-density" in problem.fix


def test_good_maps_pass_without_a_word():
    assert codes(levels(256), levels(256, seed=1), np.random.default_rng(0).random((5, 6))) == []
    assert warnings_from({}) == []
    assert warnings_from({"resumed without facts": {}}) == []


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("kind", ["float32", "float64"])
def test_values_that_are_no_numbers_are_unusable(value, kind):
    pixels = np.random.default_rng(0).random((5, 6)).astype(kind)
    assert unusable(pixels, prepare(pixels), log_density=False) is None
    pixels[3, 3] = value
    code, found, fix = unusable(pixels, prepare(pixels), log_density=False)
    assert (code, found, fix) == ("E304", "values that are NaN or Inf", "mask before saving")


@pytest.mark.parametrize(("off", "refused"), [(0.0009, False), (0.0011, True)])
@pytest.mark.parametrize("sign", [-1, 1])
def test_log_densities_must_sum_to_one(off, refused, sign):
    pixels = log_density() + sign * off
    found = unusable(pixels, prepare(pixels), log_density=True)
    assert (found is not None) == refused
    if refused:
        assert found[0] == "E403"
        assert f"logsumexp is {sign * off:.4g}" in found[1]
    assert unusable(pixels, prepare(pixels), log_density=False) is None
