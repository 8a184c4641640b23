"""What is counted by gray levels is what the pixels themselves say."""

import numpy as np
import pytest

from benchmark_kit.packaging.checks.look import _distribution


@pytest.mark.parametrize("shape", [(2, 1), (7, 9), (90, 131), (400, 641)])
@pytest.mark.parametrize("top", [1, 9, 255])
def test_levels_and_pixels_give_one_distribution(shape, top):
    rng = np.random.default_rng(shape[0])
    pixels = np.ceil(rng.random(shape) ** 3 * top).astype(np.uint8)
    pixels[0, 0], pixels[-1, -1] = 0, top
    median, shares = _distribution(pixels, 0.0, float(top))
    expected, counted = _distribution(pixels.astype(np.float64), 0.0, float(top))
    assert median == expected
    assert np.array_equal(shares, counted)
