import hashlib

import numpy as np
import pytest

from keras_saliency.classical._opencv_pixels import lab8, resize_area, resize_linear, smooth3


def test_lab_of_known_colours():
    colours = np.array([[[255, 255, 255], [0, 0, 0], [255, 0, 0], [0, 0, 255]]], np.uint8)
    # L a b of sRGB under D65: 100 0 0, 0 0 0, 53.24 80.09 67.20, 32.30 79.19 -107.86
    expected = [[255, 128, 128], [0, 128, 128], [136, 208, 195], [82, 207, 20]]
    np.testing.assert_allclose(lab8(colours)[0], expected, atol=1)


def test_whole_factors_average_and_round_halves_up():
    image = np.array([[0, 1, 10, 11], [0, 1, 10, 11]], np.uint8)[..., None]
    assert resize_area(image, (1, 2))[..., 0].tolist() == [[1, 11]]  # 0.5 and 10.5


def test_other_factors_weigh_by_the_area_covered():
    image = np.array([[0, 90, 180]], np.uint8)[..., None]
    # the first covers all of 0 and half of 90
    assert resize_area(image, (1, 2))[..., 0].tolist() == [[30, 150]]


def noise(height, width):
    rng = np.random.default_rng([height, width])
    return rng.integers(0, 256, (height, width, 3)).astype(np.uint8)


def digest(pixels):
    return hashlib.sha256(pixels.tobytes()).hexdigest()[:16]


@pytest.mark.parametrize(
    ("size", "wanted", "right"),
    [
        # larger, at ratios that are no binary fractions
        ((132, 176), (300, 400), "920b7e3f1ca74d8a"),
        ((150, 180), (333, 400), "54849c4fcd643239"),
        ((120, 90), (400, 300), "0ebd699636ac28e6"),
        ((56, 49), (144, 126), "5bb07bacbfa8329f"),
        ((131, 72), (49, 88), "3c9f137331a6df6c"),
        # smaller, by parts of pixels and by whole ones; 49 is no 1 / (1 / 49)
        ((533, 800), (266, 400), "dd6f6ee06d815872"),
        ((1080, 1920), (225, 400), "90dec9cc6ac760d2"),
        ((120, 160), (30, 40), "b391afd6d82dcf0e"),
        ((98, 147), (2, 3), "c0f63e8113f449a1"),
    ],
)
def test_area_has_the_bytes_of_opencv_4_14(size, wanted, right):
    # cv2.resize(noise(*size), wanted[::-1], interpolation=cv2.INTER_AREA) of the package 4.14.0
    assert digest(resize_area(noise(*size), wanted)) == right


def test_lab_has_the_bytes_of_opencv_4_14():
    # cv2.cvtColor(noise(1000, 1000), cv2.COLOR_RGB2Lab)
    assert digest(lab8(noise(1000, 1000))) == "dcc2eee6447d16c8"


@pytest.mark.parametrize(
    ("colour", "right"),
    [
        # either side of the roots that rounding would move
        ((0, 20, 141), (45, 171, 63)),
        ((0, 25, 133), (45, 166, 68)),
        ((0, 126, 174), (126, 117, 95)),
        ((0, 120, 158), (119, 114, 100)),
        ((0, 225, 139), (203, 63, 157)),
        ((15, 209, 159), (191, 73, 141)),
    ],
)
def test_lab_of_colours_whose_root_is_nearly_halfway(colour, right):
    assert tuple(lab8(np.uint8([[colour]]))[0, 0]) == right


def test_growing_keeps_pixels_flat_up_to_their_successor():
    image = np.array([[0, 200]], np.uint8)[..., None]
    # shares of the second: 0, 0, (2 + 1) - 1 * 5 / 2 = 0.5, none left after the last pixel
    assert resize_area(image, (1, 5))[..., 0].tolist() == [[0, 0, 100, 200, 200]]


@pytest.mark.parametrize("size", [(9, 14), (3, 4), (30, 41)])
def test_linear_resize_of_a_ramp(size):
    ramp = np.tile(np.arange(14.0), (9, 1))
    expected = np.clip((np.arange(size[1]) + 0.5) * 14 / size[1] - 0.5, 0, 13)
    found = resize_linear(ramp, size)
    np.testing.assert_allclose(found, np.tile(expected, (size[0], 1)), atol=1e-12)


def test_smoothing_in_fixed_point():
    image = np.zeros((5, 5, 1), np.uint8)
    image[2, 2] = 255
    found = smooth3(image)[..., 0]
    assert found[2, 2] == int(255 * 116 * 116 / 65536 + 0.5)
    assert found[1, 2] == int(255 * 116 * 70 / 65536 + 0.5)
    assert found[0].max() == 0
    np.testing.assert_array_equal(smooth3(np.full((4, 6, 3), 77, np.uint8)), 77)
