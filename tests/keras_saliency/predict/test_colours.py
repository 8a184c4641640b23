import numpy as np

from keras_saliency.predict.colours import ANCHORS, colourise


def lightness(colours):
    """CIE L* of sRGB colours."""
    values = np.asarray(colours) / 255
    linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    return 116 * np.cbrt(linear @ [0.2126, 0.7152, 0.0722]) - 16


def test_lightness_rises_evenly():
    steps = np.diff(lightness(colourise(np.linspace(0, 1, 21))))
    assert steps.min() > 0
    assert steps.max() < 2 * steps.min()


def test_ends_and_anchors():
    places = np.linspace(0, 1, len(ANCHORS))
    np.testing.assert_array_equal(colourise(places), ANCHORS)
    assert colourise(np.zeros((2, 3))).shape == (2, 3, 3)
    assert colourise(0.5).dtype == np.uint8
