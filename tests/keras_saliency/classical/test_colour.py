import numpy as np

from keras_saliency.classical._colour import gray_levels, gray_of, lab_d50, opencv_gray_levels


def test_gray_levels_are_rounded_half_up():
    pure = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255], [10, 200, 30]]], np.uint8)
    # 76.229, 149.696, 29.075 and 2.989 + 117.409 + 3.421 = 123.819
    assert gray_levels(pure).tolist() == [[76, 150, 29, 124]]


def test_gray_stays_gray():
    levels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    np.testing.assert_array_equal(gray_levels(np.stack([levels] * 3, axis=2)), levels)


def test_gray_of_floats_is_not_rounded():
    # 0.0298936 + 0.1174086 + 0.0342063
    np.testing.assert_allclose(gray_of(np.array([0.1, 0.2, 0.3])), 0.1815085, atol=1e-7)


def test_opencv_gray_by_hand():
    pixels = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255], [10, 200, 30]]], np.uint8)
    # (9798 * 255 + 16384) >> 15 and so on
    assert opencv_gray_levels(pixels).tolist() == [[76, 150, 29, 124]]
    levels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    np.testing.assert_array_equal(opencv_gray_levels(np.stack([levels] * 3, axis=2)), levels)


def test_lab_under_d50():
    rgb = np.array([[1.0, 1, 1], [0, 0, 0], [1, 0, 0], [0.5, 0.5, 0.5]])
    # published values of sRGB under D50: white 100 0 0, red 54.29 80.81 69.89, half gray L 53.39
    expected = [[100, 0, 0], [0, 0, 0], [54.29, 80.81, 69.89], [53.39, 0, 0]]
    np.testing.assert_allclose(lab_d50(rgb), expected, atol=0.05)


def test_lab_goes_on_outside_the_range_without_nan():
    found = lab_d50(np.array([[-0.05, 1.1, 0.5], [-0.2, -0.1, -0.3]]))
    assert np.isfinite(found).all()
    assert found[1, 0] < 0
