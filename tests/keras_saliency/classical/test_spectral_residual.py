import numpy as np
import pytest

from keras_saliency import build_model
from keras_saliency.classical.spectral_residual import residual_map, shrink, spectral_residual

MODEL = build_model("spectral_residual")


def noise(height, width, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize(
    "size", [(48, 64), (90, 131), (131, 90), (1, 1), (1, 9), (200, 40), (64, 64)]
)
def test_the_map_has_the_pictures_size(size):
    found = MODEL.predict_map(noise(*size))
    assert found.shape == size
    assert found.dtype == np.float64
    assert np.isfinite(found).all()
    assert found.min() >= 0


@pytest.mark.parametrize("level", [0, 7, 255])
def test_a_constant_picture_gives_zeros(level):
    found = MODEL.predict_map(np.full((50, 70, 3), level, np.uint8))
    np.testing.assert_array_equal(found, np.zeros((50, 70)))


def test_colours_of_one_gray_level_give_zeros():
    picture = np.zeros((40, 60, 3), np.uint8)
    picture[:, :30] = (100, 100, 100)
    picture[:, 30:] = (196, 49, 114)  # gray 58.594 + 28.765 + 12.998 = 100.4
    np.testing.assert_array_equal(MODEL.predict_map(picture), np.zeros((40, 60)))


def test_the_same_picture_gives_the_same_bytes():
    picture = noise(60, 80)
    first = MODEL.predict_map(picture)
    again = build_model("spectral_residual").predict_map(picture.copy())
    assert first.tobytes() == again.tobytes()


def test_gray_and_alpha():
    gray = noise(60, 80)[..., 0]
    three = np.stack([gray] * 3, axis=2)
    expected = MODEL.predict_map(three)
    np.testing.assert_array_equal(MODEL.predict_map(gray), expected)
    alpha = np.concatenate([three, noise(60, 80, 1)[..., :1]], axis=2)
    np.testing.assert_array_equal(MODEL.predict_map(alpha), expected)


def test_shrink_takes_the_ceiling_of_the_height():
    assert shrink(np.zeros((160, 200), np.uint8)).shape == (52, 64)  # 51.2


def test_a_spot_stands_out():
    picture = np.full((120, 160, 3), 128, np.uint8)
    picture[30:38, 110:118] = 255
    found = MODEL.predict_map(picture)
    row, column = np.unravel_index(found.argmax(), found.shape)
    # the program's blur of even size moves the map by half a pixel of width 64, which is 1.25 here
    assert abs(row - 33.5) < 6
    assert abs(column - 113.5) < 6


def test_residual_is_log_amplitude_minus_its_neighbourhood():
    small = np.random.default_rng(0).random((6, 8))
    log_amplitude = np.log(np.abs(np.fft.fft2(small)))
    padded = np.pad(log_amplitude, 1, mode="edge")
    mean = sum(padded[i : i + 6, j : j + 8] for i in range(3) for j in range(3)) / 9
    # numbers near 1 and nine terms: some units of the last place
    np.testing.assert_allclose(spectral_residual(small), log_amplitude - mean, atol=1e-13, rtol=0)


@pytest.mark.parametrize("kind", ["stripes", "ramp", "checks", "dot"])
def test_zeros_in_the_spectrum_stay_finite(kind):
    row = {
        "stripes": np.tile([0, 0, 255, 255], 16),
        "ramp": np.arange(64) * 4,
        "checks": np.tile([0, 255], 32),
        "dot": np.eye(1, 64, 20)[0] * 255,
    }[kind]
    picture = np.tile(row.astype(np.uint8), (48, 1))
    if kind == "checks":
        picture[1::2] = 255 - picture[1::2]
    small = shrink(picture)
    assert (np.abs(np.fft.fft2(small)) == 0).any(), "the picture does not test this"
    assert np.isfinite(MODEL.predict_map(picture)).all()


def test_amplitude_has_no_scale():
    random = np.random.default_rng(0)
    small = random.random((6, 8))
    residual = random.normal(size=small.shape)
    found = residual_map(residual, small)
    np.testing.assert_allclose(residual_map(residual + 3, small), found, atol=1e-12, rtol=0)


def test_the_small_map_reaches_from_0_to_1():
    small = np.random.default_rng(0).random((48, 64))
    found = residual_map(spectral_residual(small), small)
    assert (found.min(), found.max()) == (0, 1)
