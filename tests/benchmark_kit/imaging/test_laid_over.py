import numpy as np

from benchmark_kit.imaging.laid_over import lay_over


def test_colours_count_by_their_opacity_and_halves_are_rounded_up():
    ground, colours = np.full((2, 3, 1), 100), np.full((2, 3, 3), (0.0, 101.0, 200.0))
    found = lay_over(ground, colours, 0.5)
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found, np.full((2, 3, 3), (50, 101, 150)))  # 100.5 is 101


def test_every_pixel_may_have_its_own_opacity():
    opacity = np.array([0.0, 0.25, 1.0])[None, :, None]
    found = lay_over(np.full((1, 3, 3), 40.0), 240, opacity)
    np.testing.assert_array_equal(found[0, :, 0], [40, 90, 240])
