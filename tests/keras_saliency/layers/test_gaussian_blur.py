import math

import numpy as np
import pytest

pytest.importorskip("keras")
from scipy.ndimage import gaussian_filter

from keras_saliency.layers.gaussian_blur import GaussianBlur2D

IMAGE = np.random.default_rng(0).normal(size=(2, 11, 13, 2)).astype("float32")


def reference(image, sigma, truncate):
    """DeepGaze's window: ceil(truncate sigma) to each side, replicated border, float64."""
    radius = math.ceil(truncate * sigma)
    x = np.arange(-radius, radius + 1)
    window = np.exp(-0.5 * (x / sigma) ** 2)
    window /= window.sum()
    padded = np.pad(
        image.astype("float64"), ((0, 0), (radius, radius), (radius, radius), (0, 0)), mode="edge"
    )
    rows = sum(w * padded[:, k : k + image.shape[1]] for k, w in enumerate(window))
    return sum(w * rows[:, :, k : k + image.shape[2]] for k, w in enumerate(window))


@pytest.mark.parametrize(
    ("options", "scipys"),
    [
        ({"sigma": 2.0}, {"sigma": 2.0}),
        ({"sigma": 7.0}, {"sigma": 7.0}),
        (
            {"sigma": 1.1, "radius": 2, "border": "mirror"},
            {"sigma": 1.1, "radius": 2, "mode": "mirror"},
        ),
        ({"sigma": 3.0, "border": "nearest"}, {"sigma": 3.0, "mode": "nearest"}),
        ({"sigma": 3.0, "border": "constant"}, {"sigma": 3.0, "mode": "constant"}),
    ],
)
def test_a_fixed_blur_agrees_with_scipy(options, scipys):
    scipys = {k: (0, v, v, 0) if k in ("sigma", "radius") else v for k, v in scipys.items()}
    expected = gaussian_filter(IMAGE.astype("float64"), **scipys)
    layer = GaussianBlur2D(**options)
    np.testing.assert_allclose(np.asarray(layer(IMAGE)), expected, atol=2e-6)
    assert layer.count_params() == 0


def test_an_impulse_shows_the_window():
    impulse = np.zeros((1, 3, 3, 1), dtype="float32")
    impulse[0, 1, 1, 0] = 1
    got = np.asarray(GaussianBlur2D(1.0, radius=1, border="constant")(impulse))[0, ..., 0]
    np.testing.assert_allclose(got[1], [0.4519 * v for v in (0.2741, 0.4519, 0.2741)], atol=1e-4)


@pytest.mark.parametrize("sigma", [0.4, 1.3, 2.5, 8.0])
@pytest.mark.parametrize("truncate", [3, 4])
def test_a_learned_sigma_gives_the_window_of_its_own_radius(sigma, truncate):
    layer = GaussianBlur2D(
        sigma, truncate, border="nearest", radius="ceil", learned=True, sigma_max=9.0
    )
    got = np.asarray(layer(IMAGE))
    np.testing.assert_allclose(got, reference(IMAGE, sigma, truncate), atol=2e-6)
    assert layer.count_params() == 1


@pytest.mark.shared
def test_the_recorded_blurs_of_deepgaze(shared, gradient):
    golden = np.load(shared / "golden" / "deep" / "deepgaze_pytorch_modules.npz")
    image = golden["gauss/x"].transpose(0, 2, 3, 1)
    weights = golden["gauss/loss_weights"].transpose(0, 2, 3, 1)

    def layer(sigma, truncate):
        return GaussianBlur2D(
            sigma, truncate, border="nearest", radius="ceil", learned=True, sigma_max=8.0
        )

    for sigma in (0.4, 1.3, 2.5, 8.0):
        for truncate in (3, 4):
            got = np.asarray(layer(sigma, truncate)(image)).transpose(0, 3, 1, 2)
            expected = golden[f"gauss/y_sigma{sigma}_truncate{truncate}"]
            np.testing.assert_allclose(got, expected, atol=2e-6)
    slope = gradient(layer(2.5, 3), (image,), weights)[-1]
    assert float(slope) == pytest.approx(float(golden["gauss/dsigma_2.5_truncate3"]), rel=1e-4)


def test_the_gradient_of_sigma_is_that_of_finite_differences(gradient):
    weights = np.random.default_rng(1).normal(size=IMAGE.shape).astype("float32")
    layer = GaussianBlur2D(1.5, 3, border="nearest", radius="ceil", learned=True, sigma_max=4.0)
    got = gradient(layer, (IMAGE,), weights)[-1]
    # 3 * 1.5 = 4.5: both neighbours have the radius of the middle
    up, down = (reference(IMAGE, 1.5 + s, 3) for s in (1e-4, -1e-4))
    assert float(got) == pytest.approx(((up - down) * weights).sum() / 2e-4, rel=1e-3)


def test_a_learned_sigma_stays_within_its_bounds():
    layer = GaussianBlur2D(1.0, learned=True, sigma_max=4.0)
    layer.build((None, None, None, 1))
    constraint = layer.learned_sigma.constraint
    assert [float(constraint(np.float32(s))) for s in (-1, 2, 9)] == pytest.approx([0.1, 2, 4])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"sigma": 0}, "found 0"),
        ({"sigma": 1.0, "border": "wrap"}, "found 'wrap'"),
        ({"sigma": 1.0, "radius": "floor"}, "found 'floor'"),
        ({"sigma": 1.0, "learned": True}, "sigma_max=None"),
        ({"sigma": 3.0, "learned": True, "sigma_max": 2.0}, "sigma_max=2.0"),
        ({"sigma": 0.05, "learned": True, "sigma_max": 2.0}, "sigma=0.05"),
    ],
)
def test_bad_arguments_are_named(options, words):
    with pytest.raises(ValueError, match=words):
        GaussianBlur2D(**options)
