"""Multi-scale SSIM against a direct computation, TensorFlow's and degenerate maps."""

import keras
import numpy as np
import pytest
from scipy.ndimage import correlate1d

from keras_saliency.losses import MSSSIMLoss

EXPONENTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)


def smooth_maps(size, seed=0):
    """Two alike maps (rows, columns) in 0..1."""
    rng = np.random.default_rng(seed)
    coarse = rng.random((size[0] // 8 + 1, size[1] // 8 + 1))
    first = np.kron(coarse, np.ones((8, 8)))[: size[0], : size[1]]
    second = np.clip(0.8 * first + 0.2 * rng.random(size), 0, 1)
    return first.astype(np.float32), second.astype(np.float32)


def windows(x):
    taps = np.exp(-0.5 * (np.arange(-5, 6) / 1.5) ** 2)
    taps /= taps.sum()
    return correlate1d(correlate1d(x, taps, axis=0), taps, axis=1)[5:-5, 5:-5]


def ms_ssim(p, y, exponents):
    p, y = p.astype(float), y.astype(float)
    value = 1.0
    for k, exponent in enumerate(exponents, start=1):
        mean_p, mean_y = windows(p), windows(y)
        variances = windows(p * p) - mean_p**2 + windows(y * y) - mean_y**2
        term = (2 * (windows(p * y) - mean_p * mean_y) + 9e-4) / (variances + 9e-4)
        if k == len(exponents):
            term = term * (2 * mean_p * mean_y + 1e-4) / (mean_p**2 + mean_y**2 + 1e-4)
        value *= max(term.mean(), 0) ** exponent
        h, w = p.shape[0] // 2 * 2, p.shape[1] // 2 * 2
        p, y = (x[:h, :w].reshape(h // 2, 2, w // 2, 2).mean(axis=(1, 3)) for x in (p, y))
    return value


def test_worked_example():
    maps = np.full((1, 11, 11), 0.2, np.float32)
    assert float(MSSSIMLoss()(2 * maps, maps)) == pytest.approx(0.1999000, abs=1e-5)


@pytest.mark.parametrize(
    ("size", "scales"), [((176, 180), 5), ((175, 200), 4), ((91, 47), 3), ((22, 30), 2)]
)
def test_it_is_the_formula_with_as_many_scales_as_fit(size, scales):
    pairs = [smooth_maps(size, seed) for seed in range(2)]
    exponents = EXPONENTS[:scales]
    if scales < 5:
        exponents = tuple(w / sum(exponents) for w in exponents)
    expected = 1 - np.mean([ms_ssim(*pair, exponents) for pair in pairs])
    maps, density = np.stack(pairs, axis=1)
    assert float(MSSSIMLoss()(density, maps[..., None])) == pytest.approx(expected, abs=1e-5)


@pytest.mark.skipif(keras.config.backend() != "tensorflow", reason="compares with TensorFlow's")
def test_it_is_tensorflows():
    import tensorflow as tf

    maps, density = smooth_maps((192, 256))
    expected = 1 - tf.image.ssim_multiscale(maps[..., None], density[..., None], 1.0)
    found = MSSSIMLoss()(density[None], maps[None])
    assert float(found) == pytest.approx(float(expected), abs=1e-5)


def test_equal_maps_cost_nothing():
    maps, _ = smooth_maps((64, 64))
    assert float(MSSSIMLoss()(maps[None], maps[None])) == pytest.approx(0, abs=1e-6)


def test_opposite_maps_cost_one_with_a_finite_gradient(assert_finite):
    maps, _ = smooth_maps((32, 32))
    value, _ = assert_finite(MSSSIMLoss(), 1 - maps[None], maps[None, ..., None])
    assert value == 1


def test_value_and_gradient_are_finite(degenerate, assert_finite):
    maps, density, _ = degenerate
    assert_finite(MSSSIMLoss(), density, maps)


def test_sizes_may_be_unknown(assert_any_size):
    maps, density = (x[None, ..., None] for x in smooth_maps((176, 192)))
    assert_any_size(MSSSIMLoss(), density, maps)


def test_config_round_trip(assert_round_trip):
    assert_round_trip(MSSSIMLoss())


def test_fit_lowers_it(fit_step):
    density = np.stack([smooth_maps((24, 28), seed)[0] for seed in range(4)])
    losses = fit_step(MSSSIMLoss(), density)
    assert losses[1] < losses[0]


def test_maps_below_one_window_are_refused():
    maps = np.zeros((1, 10, 30), np.float32)
    with pytest.raises(ValueError, match=r"at least 11x11 pixels.*found \(10, 30\)"):
        MSSSIMLoss()(maps, maps)
