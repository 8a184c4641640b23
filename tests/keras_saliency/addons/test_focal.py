"""The focal loss against its formula in numpy, from probabilities and from logits."""

import numpy as np
import pytest

from keras_saliency.addons.focal import SigmoidFocalCrossEntropy

RNG = np.random.default_rng(2)
Y = (RNG.random((5, 4, 3)) < 0.4).astype("float32")
P = RNG.uniform(0.02, 0.98, (5, 4, 3)).astype("float32")


def focal(y, p, alpha, gamma):
    y, p = y.astype(float), p.astype(float)
    value = -(y * np.log(p) + (1 - y) * np.log(1 - p))
    value = value * np.where(y == 1, 1 - p, p) ** gamma
    return value * (np.where(y == 1, alpha, 1 - alpha) if alpha else 1)


@pytest.mark.parametrize(("alpha", "gamma"), [(0.25, 2.0), (0.75, 0.0), (0, 1.5)])
@pytest.mark.parametrize("from_logits", [False, True])
def test_it_is_the_formula_summed_over_the_last_axis(alpha, gamma, from_logits):
    given = np.log(P / (1 - P)) if from_logits else P
    got = SigmoidFocalCrossEntropy(from_logits, alpha, gamma)(Y, given)
    expected = focal(Y, P, alpha, gamma).sum(-1)
    assert got.shape == (5, 4)
    np.testing.assert_allclose(np.asarray(got), expected, rtol=1e-4, atol=1e-6)


def test_worked_example():
    got = SigmoidFocalCrossEntropy()(np.ones((1, 1)), np.full((1, 1), 0.9, "float32"))
    assert float(got[0]) == pytest.approx(2.634e-4, rel=1e-3)


def test_a_reduction_averages_the_sums():
    got = SigmoidFocalCrossEntropy(reduction="sum_over_batch_size")(Y, P)
    assert float(got) == pytest.approx(focal(Y, P, 0.25, 2).sum(-1).mean(), rel=1e-4)


@pytest.mark.parametrize("from_logits", [False, True])
@pytest.mark.parametrize("gamma", [0.5, 2.0])
def test_value_and_gradient_are_finite_at_the_ends(value_and_gradient, from_logits, gamma):
    from keras import ops

    loss = SigmoidFocalCrossEntropy(from_logits, gamma=gamma)
    ends = np.array([[-60, 60, -60, 60]] if from_logits else [[0, 1, 0, 1]], "float32")
    labels = np.array([[0, 0, 1, 1]], "float32")
    value, slope = value_and_gradient(lambda x: ops.sum(loss(labels, x)), ends)
    assert np.isfinite(value)
    assert np.isfinite(slope).all()


def test_config_round_trip(assert_round_trip):
    again = assert_round_trip(SigmoidFocalCrossEntropy(True, 0.5, 1.0))
    assert (again.from_logits, again.alpha, again.gamma) == (True, 0.5, 1.0)


def test_a_negative_gamma_is_named():
    with pytest.raises(ValueError, match="0 or more; found -1"):
        SigmoidFocalCrossEntropy(gamma=-1)
