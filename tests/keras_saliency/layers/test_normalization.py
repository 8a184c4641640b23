import numpy as np
import pytest

pytest.importorskip("keras")

from keras_saliency.layers.normalization import FilterResponseNormalization


def test_three_and_four_by_hand():
    image = np.array([3, 4], "float32").reshape(1, 1, 2, 1)
    got = np.asarray(FilterResponseNormalization()(image)).ravel()
    np.testing.assert_allclose(got, np.array([3, 4]) / 12.5**0.5, rtol=1e-6)


def test_agrees_with_the_formula_for_every_image_and_channel():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2, 4, 5, 3)) * 3
    gamma, beta = rng.normal(size=(2, 3))
    layer = FilterResponseNormalization(epsilon=0.2)
    layer.build(x.shape)
    layer.set_weights([gamma, beta])
    expected = gamma * x / np.sqrt((x**2).mean((1, 2), keepdims=True) + 0.2) + beta
    np.testing.assert_allclose(np.asarray(layer(x.astype("float32"))), expected, atol=1e-5)


def test_large_half_precision_values_do_not_overflow():
    x = np.full((1, 2, 2, 1), 300.0, "float16")  # its square is beyond float16
    got = FilterResponseNormalization(dtype="mixed_float16")(x)
    assert float(got[0, 0, 0, 0]) == pytest.approx(1, abs=1e-3)


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match="positive; found 0"):
        FilterResponseNormalization(epsilon=0)
    with pytest.raises(ValueError, match=r"found the shape \(2, 3\)"):
        FilterResponseNormalization()(np.zeros((2, 3)))
