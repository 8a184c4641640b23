import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

pytest.importorskip("keras")

from keras_saliency.layers import IntensityContrast

PICTURE = np.random.default_rng(0).integers(0, 256, (1, 40, 64, 3)).astype("float32")


def test_a_gray_picture_has_its_level_and_no_contrast():
    found = np.asarray(IntensityContrast()(np.full((1, 20, 30, 3), 128, "float32")))
    np.testing.assert_allclose(found[..., :5], 128 / 255, rtol=1e-5)
    np.testing.assert_allclose(found[..., 5:], 1e-3, rtol=1e-2)


def test_features_are_scipys_blurs():
    red, green, blue = (PICTURE[0, ..., k] / 255 for k in range(3))
    channels = [0.299 * red + 0.587 * green + 0.114 * blue, red - green, blue - (red + green) / 2]
    found = np.asarray(IntensityContrast(colour=True)(PICTURE))[0]
    for c, y in enumerate(channels):
        for k, sigma in enumerate((5, 10, 20, 40, 80)):
            width = sigma * 64 / 1024
            mean = gaussian_filter(y, width, mode="nearest", truncate=3)
            spread = gaussian_filter((y - mean) ** 2, width, mode="nearest", truncate=3)
            np.testing.assert_allclose(found[..., 10 * c + k], mean, atol=2e-5)
            np.testing.assert_allclose(
                found[..., 10 * c + 5 + k], np.sqrt(spread + 1e-6), atol=1e-3
            )


def test_an_open_width_gives_the_same(monkeypatch):
    import keras

    inputs = keras.Input((None, None, 3))
    model = keras.Model(inputs, IntensityContrast(widest=512)(inputs))
    known = np.asarray(IntensityContrast()(PICTURE))
    np.testing.assert_allclose(model.predict(PICTURE, verbose=0), known, atol=1e-5)


def test_wrong_arguments_are_refused():
    with pytest.raises(ValueError, match="widest"):
        IntensityContrast(widest=0)
