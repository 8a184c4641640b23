import numpy as np

from keras_saliency.classical._colour import gray_levels


def test_gray_levels_are_rounded_half_up():
    pure = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255], [10, 200, 30]]], np.uint8)
    # 76.229, 149.696, 29.075 and 2.989 + 117.409 + 3.421 = 123.819
    assert gray_levels(pure).tolist() == [[76, 150, 29, 124]]


def test_gray_stays_gray():
    levels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    np.testing.assert_array_equal(gray_levels(np.stack([levels] * 3, axis=2)), levels)
