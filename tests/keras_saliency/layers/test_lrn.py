import numpy as np
import pytest

pytest.importorskip("keras")

from keras_saliency.layers.lrn import LocalResponseNormalization


def reference(values, size, alpha, beta, k):
    out = np.empty_like(values)
    channels = values.shape[-1]
    for c in range(channels):
        window = values[..., max(c - size // 2, 0) : c + size // 2 + 1]
        out[..., c] = values[..., c] / (k + alpha / size * (window**2).sum(-1)) ** beta
    return out


def test_five_channels_of_a_hundred():
    hundred = np.full((1, 1, 1, 5), 100.0, dtype="float32")
    got = np.asarray(LocalResponseNormalization()(hundred)).ravel()
    np.testing.assert_allclose(got[[0, 2, 4]], [70.293, 59.460, 70.293], atol=1e-3)


@pytest.mark.parametrize(("size", "channels"), [(5, 9), (3, 2), (1, 4), (7, 3)])
def test_agrees_with_a_loop_over_channels(size, channels):
    values = np.random.default_rng(0).normal(size=(2, 3, 4, channels)) * 50
    options = {"size": size, "alpha": 0.02, "beta": 0.6, "k": 2.0}
    got = np.asarray(LocalResponseNormalization(**options)(values.astype("float32")))
    np.testing.assert_allclose(got, reference(values, **options), rtol=2e-5)


def test_the_gradient_is_that_of_finite_differences(gradient):
    rng = np.random.default_rng(1)
    values, weights = rng.normal(size=(2, 1, 1, 2, 6))
    options = {"size": 3, "alpha": 1.5, "beta": 0.75, "k": 1.0}
    layer = LocalResponseNormalization(**options)
    (got,) = gradient(layer, (values.astype("float32"),), weights.astype("float32"))
    for at in np.ndindex(values.shape):
        step = np.zeros_like(values)
        step[at] = 1e-5
        up, down = (reference(values + s, **options) for s in (step, -step))
        assert got[at] == pytest.approx(((up - down) * weights).sum() / 2e-5, abs=1e-4)


def test_zeros_stay_zeros():
    zeros = np.zeros((1, 2, 2, 5), dtype="float32")
    np.testing.assert_array_equal(np.asarray(LocalResponseNormalization()(zeros)), 0)


def test_an_even_window_is_refused():
    with pytest.raises(ValueError, match=r"must be odd.*found 4"):
        LocalResponseNormalization(4)
