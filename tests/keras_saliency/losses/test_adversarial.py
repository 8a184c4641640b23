"""SalGAN's content loss and its adversarial pair."""

import keras
import numpy as np
import pytest

from keras_saliency.losses import SalGANContentLoss, discriminator_loss, generator_loss


def entropy(y, p):
    p = np.clip(p, 1e-7, 1 - 1e-7)
    return -y * np.log(p) - (1 - y) * np.log(1 - p)


def test_worked_example(random_maps):
    maps, density, _ = random_maps
    found = SalGANContentLoss()(density, 0 * maps + 0.5)
    assert float(found) == pytest.approx(0.6931472, abs=1e-6)


def test_it_is_the_entropy_of_averages_over_four_by_four_pixels():
    rng = np.random.default_rng(2)
    p, y = rng.random((2, 3, 10, 15))  # two rows and three columns are left over
    pooled = [x[:, :8, :12].reshape(3, 2, 4, 3, 4).mean(axis=(2, 4)) for x in (p, y)]
    expected = entropy(pooled[1], pooled[0]).mean()
    found = SalGANContentLoss()(y.astype(np.float32), p.astype(np.float32)[..., None])
    assert float(found) == pytest.approx(expected, rel=1e-6)


def test_value_and_gradient_are_finite(degenerate, assert_finite):
    maps, density, _ = degenerate
    assert_finite(SalGANContentLoss(), density, maps)


def test_sizes_may_be_unknown(random_maps, assert_any_size):
    maps, density, _ = random_maps
    maps = maps / maps.max()
    assert_any_size(SalGANContentLoss(), density[..., None], maps[..., None])


def test_config_round_trip(assert_round_trip):
    assert_round_trip(SalGANContentLoss())


def test_fit_lowers_it(random_maps, fit_step):
    losses = fit_step(SalGANContentLoss(), random_maps[1])
    assert losses[1] < losses[0]


def test_maps_below_one_window_are_refused():
    maps = np.zeros((1, 3, 8), np.float32)
    with pytest.raises(ValueError, match=r"at least 4x4 pixels; found \(3, 8\)"):
        SalGANContentLoss()(maps, maps)


def test_worked_examples_of_the_pair():
    half = np.full((2, 1), 0.5, np.float32)
    assert float(generator_loss(half, 2.0)) == pytest.approx(0.7931472, abs=1e-6)
    real, fake = half + 0.3, half - 0.1
    assert float(discriminator_loss(real, fake)) == pytest.approx(0.3669846, abs=1e-6)


def test_the_pair_are_entropies_of_all_judgements():
    rng = np.random.default_rng(4)
    real, fake = rng.random((2, 5, 1)).astype(np.float32)
    both = np.concatenate([entropy(1, real), entropy(0, fake)])
    assert float(discriminator_loss(real, fake)) == pytest.approx(both.mean(), rel=1e-6)
    expected = entropy(1, fake).mean() + 0.005 * 3
    assert float(generator_loss(fake, 3.0, alpha=0.005)) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("sure", [0.0, 1.0])
def test_a_sure_discriminator_leaves_everything_finite(value_and_gradient, dtype, sure):
    judged = keras.ops.cast(np.full((2, 1), sure, np.float32), dtype)
    for loss in (
        lambda x: generator_loss(x, 1.0),
        lambda x: discriminator_loss(x, 1 - x),
        lambda x: discriminator_loss(1 - x, x),
    ):
        value, slope = value_and_gradient(loss, judged)
        assert np.isfinite(value)
        assert np.isfinite(slope).all()
