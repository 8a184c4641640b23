import numpy as np

from keras_saliency import build_model
from keras_saliency.classical.spectral_residual_opencv import residual_map, shrink

MODEL = build_model("spectral_residual_opencv")


def test_the_aspect_is_dropped():
    assert shrink(np.zeros((30, 300, 3), np.uint8)).shape == (64, 64)


def test_a_spot_stands_out():
    picture = np.full((120, 160, 3), 128, np.uint8)
    picture[30:38, 110:118] = 255
    found = MODEL.predict_map(picture)
    y, x = np.unravel_index(found.argmax(), found.shape)
    assert np.hypot(y - 33.5, x - 113.5) < 8
    assert found.min() >= 0
    assert found.max() <= 1


def test_the_steps_one_by_one():
    small = np.random.default_rng(0).integers(0, 256, (64, 64)).astype(np.uint8)
    spectrum = np.fft.fft2(small)
    log = np.log(np.abs(spectrum) + 1)
    padded = np.pad(log, 1, mode="reflect")
    mean = sum(padded[i : i + 64, j : j + 64] for i in range(3) for j in range(3)) / 9
    amplitude = np.abs(np.fft.ifft2(np.exp(log - mean) * spectrum / np.abs(spectrum)))
    taps = np.exp(-(np.arange(-2, 3) ** 2) / 128)
    taps /= taps.sum()
    padded = np.pad(amplitude, 2, mode="reflect")
    blurred = sum(
        taps[i] * taps[j] * padded[i : i + 64, j : j + 64] for i in range(5) for j in range(5)
    )
    expected = blurred**2 / (blurred**2).max()
    np.testing.assert_allclose(residual_map(small), expected, atol=1e-10)
