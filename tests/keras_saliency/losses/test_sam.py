"""SAM's loss and its terms against formula, kit and degenerate maps."""

import keras
import numpy as np
import pytest

from benchmark_kit.metrics import METRICS, cc, kl, nss
from benchmark_kit.prepared.forms import PixelMap, PreparedTruth
from benchmark_kit.xp import keras_namespace
from keras_saliency.losses import SAMLoss

TERMS = {
    "kl": (SAMLoss(kl=1, cc=0, nss=0), 0.1177828),
    "cc": (SAMLoss(kl=0, cc=1, nss=0), 0.9733285),
    "nss": (SAMLoss(kl=0, cc=0, nss=1), 1.6059095),
    "all": (SAMLoss(), -2.3747388),
}


def stack(density, fixations):
    return np.stack([density, fixations], axis=-1)


def original(p, y, f, eps=1e-7):
    """KL, CC and NSS as the released code has them, in float64."""
    p, y, f = (a.astype(np.float64) for a in (p, y, f))
    q = p / p.max()
    share_y, share_q = y / (y.sum() + eps), q / (q.sum() + eps)
    divergence = (share_y * np.log(share_y / (share_q + eps) + eps)).sum()
    correlation = np.corrcoef(share_y.ravel(), share_q.ravel())[0, 1]
    z = (q - q.mean()) / (q.std() + eps)
    return divergence, correlation, (f * z).sum() / f.sum()


@pytest.mark.parametrize("term", TERMS)
def test_worked_example(example, term):
    maps, density, fixations = example
    loss, expected = TERMS[term]
    assert float(loss(stack(density, fixations), maps)) == pytest.approx(expected, abs=1e-5)


def test_it_is_the_formula_averaged_over_the_batch(random_maps):
    terms = np.array([original(*images) for images in zip(*random_maps, strict=True)])
    expected = (terms @ [10, -2, -1]).mean()
    maps, density, fixations = random_maps
    found = SAMLoss()(stack(density, fixations), maps[..., None])
    assert float(found) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("term", ["kl", "cc", "nss"])
def test_unweighted_terms_are_the_kits(random_maps, term):
    maps, density, fixations = random_maps
    expected = {
        "kl": [kl(p, y, eps=1e-7, rule="sum") for p, y in zip(maps, density, strict=True)],
        "cc": [cc(p, y, constant=0.0) for p, y in zip(maps, density, strict=True)],
        "nss": [nss(p, np.argwhere(f)[:, ::-1]) for p, f in zip(maps, fixations, strict=True)],
    }[term]
    found = float(TERMS[term][0](stack(density, fixations), maps))
    # the spread of the maps is about .15, to which the original adds 1e-7
    assert found == pytest.approx(np.mean(expected), rel=3e-6)


def test_a_sharp_peak_has_the_originals_nss():
    maps = np.zeros((1, 240, 320), np.float32)
    maps[0, 5, 7] = 2
    fixations = np.zeros_like(maps)
    fixations[0, 5, 7] = 1
    expected = original(maps[0], maps[0], fixations[0])[2]
    found = float(TERMS["nss"][0](stack(maps, fixations), maps))
    # the constant in the spread, .0036, makes 3e-5 of the value
    assert found == pytest.approx(expected, rel=2e-6)


def test_without_fixations_the_nss_term_is_zero(random_maps):
    maps, density, fixations = random_maps
    with_them = SAMLoss(nss=0.0)(stack(density, fixations), maps)
    assert float(SAMLoss()(stack(density, 0 * fixations), maps)) == float(with_them)


def test_of_a_constant_map_only_kl_is_left(random_maps):
    maps, density, fixations = random_maps
    maps = 0 * maps + 0.37
    only = SAMLoss(cc=0.0, nss=0.0)(stack(density, fixations), maps)
    assert float(SAMLoss()(stack(density, fixations), maps)) == float(only)


def test_a_broken_network_is_not_hidden(random_maps):
    maps, density, fixations = random_maps
    assert np.isnan(float(SAMLoss()(stack(density, fixations), maps * np.float32("nan"))))


def test_value_and_gradient_are_finite(degenerate, assert_finite):
    maps, density, fixations = degenerate
    assert_finite(SAMLoss(), stack(density, fixations), maps)


def test_sizes_may_be_unknown(random_maps, assert_any_size):
    maps, density, fixations = random_maps
    assert_any_size(SAMLoss(), stack(density, fixations), maps[..., None])


def test_weights_are_attributes_and_come_back(assert_round_trip):
    again = assert_round_trip(SAMLoss(kl=5, cc=-1, nss=-3))
    assert (again.kl, again.cc, again.nss) == (5, -1, -3)


def test_fit_lowers_it(random_maps, fit_step):
    losses = fit_step(SAMLoss(), stack(*random_maps[1:]))
    assert losses[1] < losses[0]


def test_the_truth_has_two_channels(random_maps):
    maps, density, _ = random_maps
    with pytest.raises(ValueError, match=r"\(batch, rows, columns, 2\); found \(4, 24, 28\)"):
        SAMLoss()(density, maps)


def test_the_kits_own_nss_has_a_gradient_on_a_constant_map(value_and_gradient):
    maps = np.full((1, 4, 5), 0.37, np.float32)
    index = keras.ops.convert_to_tensor([[3, 7]])

    def score(x):
        prepared = PixelMap(x, keras_namespace())
        return METRICS["nss"].compute(prepared, PreparedTruth(index), ddof=0, constant=0.0)[0]

    _, slope = value_and_gradient(score, maps)
    assert np.isfinite(slope).all()
