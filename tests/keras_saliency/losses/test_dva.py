"""DVA's cross-entropy, plain and balanced, against formulas and degenerate maps."""

import numpy as np
import pytest

from keras_saliency.losses import DVALoss

LABELS = np.array([[[1, 0], [0, 0.5]]], np.float32)
LOGITS = np.zeros((1, 2, 2), np.float32)


@pytest.mark.parametrize(("balance", "expected"), [(None, 2.772589), ("hed", 0.924196)])
def test_worked_example(balance, expected):
    loss = DVALoss(balance, from_logits=True)
    assert float(loss(LABELS, LOGITS)) == pytest.approx(expected, abs=1e-5)
    assert float(DVALoss(balance)(LABELS, LOGITS + 0.5)) == pytest.approx(expected, abs=1e-5)


def test_worked_example_of_the_balanced_gradient(value_and_gradient):
    loss = DVALoss("hed", from_logits=True)
    _, slope = value_and_gradient(lambda x: loss(LABELS, x), LOGITS)
    np.testing.assert_allclose(slope.ravel(), [-1 / 3, 1 / 6, 1 / 6, 0], atol=1e-6)


def test_labels_in_between_keep_the_plain_gradient_when_balanced(value_and_gradient):
    labels, logits = LABELS * 0 + 0.3, LOGITS + 0.7
    value, slope = value_and_gradient(lambda x: DVALoss("hed", from_logits=True)(labels, x), logits)
    assert value == 0
    np.testing.assert_allclose(slope, 1 / (1 + np.exp(-logits)) - labels, rtol=1e-5)


@pytest.mark.parametrize("over_pixels", ["sum", "mean"])
def test_it_is_the_formula_averaged_over_the_batch(random_maps, over_pixels):
    maps, density, _ = random_maps
    p, y = 1 / (1 + np.exp(-maps.astype(float))), density.astype(float)
    entropy = -y * np.log(p) - (1 - y) * np.log(1 - p)
    expected = getattr(np, over_pixels)(entropy, axis=(1, 2)).mean()
    found = DVALoss(over_pixels=over_pixels)(density, p.astype(np.float32)[..., None])
    assert float(found) == pytest.approx(expected, rel=2e-6)
    found = DVALoss(over_pixels=over_pixels, from_logits=True)(density, maps)
    assert float(found) == pytest.approx(expected, rel=2e-6)


def test_balance_weighs_each_kind_by_the_others_share(random_maps):
    maps, _, fixations = random_maps
    p, y = 1 / (1 + np.exp(-maps.astype(float))), fixations.astype(float)
    share = y.mean(axis=(1, 2), keepdims=True)
    entropy = -y * np.log(p) * (1 - share) - (1 - y) * np.log(1 - p) * share
    found = DVALoss("hed", from_logits=True)(fixations, maps)
    assert float(found) == pytest.approx(entropy.sum(axis=(1, 2)).mean(), rel=2e-6)


@pytest.mark.parametrize("balance", [None, "hed"])
@pytest.mark.parametrize("from_logits", [False, True])
def test_value_and_gradient_are_finite(degenerate, assert_finite, balance, from_logits):
    maps, density, _ = degenerate
    assert_finite(DVALoss(balance, from_logits=from_logits), density, maps)


def test_sizes_may_be_unknown(random_maps, assert_any_size):
    maps, density, _ = random_maps
    assert_any_size(DVALoss("hed", from_logits=True), density[..., None], maps[..., None])


def test_config_round_trip(assert_round_trip):
    again = assert_round_trip(DVALoss("hed", over_pixels="mean", from_logits=True))
    assert (again.balance, again.over_pixels, again.from_logits) == ("hed", "mean", True)


@pytest.mark.parametrize("balance", [None, "hed"])
def test_fit_lowers_it(random_maps, fit_step, balance):
    losses = fit_step(DVALoss(balance, over_pixels="mean"), random_maps[2])
    assert losses[1] < losses[0]


def test_arguments_are_checked():
    with pytest.raises(ValueError, match="balance must be None or 'hed'; found 'half'"):
        DVALoss("half")
    with pytest.raises(ValueError, match="over_pixels must be 'sum' or 'mean'; found 'max'"):
        DVALoss(over_pixels="max")
