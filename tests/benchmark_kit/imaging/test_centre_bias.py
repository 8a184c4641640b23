import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from benchmark_kit.errors import ConfigError
from benchmark_kit.imaging.centre_bias import CentreBias
from benchmark_kit.imaging.density import count_map
from benchmark_kit.types import Fixations, GroundTruth

SIZE = (60, 80)


def images(count=5, size=SIZE, per_image=40):
    rng = np.random.default_rng(3)
    return [
        GroundTruth(
            str(k),
            size,
            Fixations(rng.uniform(0, size[1], per_image), rng.uniform(0, size[0], per_image), size),
        )
        for k in range(count)
    ]


@pytest.mark.parametrize("sigma", [4.0, 12.0])
def test_equals_a_blurred_map_of_the_other_images(sigma):
    truths = images()
    bias = CentreBias(truths, sigma, uniform=0.05)
    for truth in truths:
        others = sum(count_map(t.fixations) for t in truths if t is not truth).astype(float)
        blurred = gaussian_filter(others, sigma, mode="reflect", truncate=12) / others.sum()
        expected = 0.95 * blurred + 0.05 / others.size
        assert np.allclose(bias.density(SIZE, without=truth.fixations), expected, rtol=1e-9)
        at = bias.at_fixations(truth.fixations)
        assert np.allclose(at, expected.ravel()[truth.fixations.flat_index], rtol=1e-9)


@pytest.mark.parametrize("size", [(60, 80), (33, 45), (59, 20)])
def test_sums_to_one_at_any_size(size):
    assert CentreBias(images(), 9.0).density(size).sum() == pytest.approx(1.0)


def test_other_sizes_bring_their_points_to_the_same_relative_place():
    small, large = images(3), images(3, size=(120, 160))
    bias = CentreBias([*small, *large], 8.0)
    left_out = bias.density(SIZE, without=small[0].fixations)
    rest = CentreBias([*small[1:], *large], 8.0).density(SIZE)
    assert np.allclose(left_out, rest, rtol=1e-9)


def test_alone_it_is_uniform():
    (truth,) = images(1)
    bias = CentreBias([truth], 9.0)
    assert np.allclose(bias.at_fixations(truth.fixations), 1 / 4800)
    assert np.allclose(bias.density(SIZE, without=truth.fixations), 1 / 4800)


def test_larger_sizes_than_the_data_sets_are_refused():
    with pytest.raises(ValueError, match="finer"):
        CentreBias(images(), 9.0).density((200, 90))


def test_wrong_constants():
    for sigma, uniform in ((0, 0.1), (5, 1.0), (5, -0.1)):
        with pytest.raises(ConfigError):
            CentreBias(images(), sigma, uniform)


def test_images_without_fixations_add_nothing():
    none = np.empty(0)
    bare = [GroundTruth("u", SIZE), GroundTruth("v", SIZE, Fixations(none, none, SIZE))]
    np.testing.assert_array_equal(
        CentreBias([*images(), *bare], 6.0).density(SIZE), CentreBias(images(), 6.0).density(SIZE)
    )


@pytest.mark.parametrize("finer", [(120, 80), (60, 160)])
def test_a_size_at_which_the_blur_would_be_finer_is_refused_along_either_axis(finer):
    with pytest.raises(ValueError, match="finer than"):
        CentreBias(images(), 6.0).density(finer)
