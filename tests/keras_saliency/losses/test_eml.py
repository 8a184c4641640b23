"""EML-NET's loss against formula, kit and degenerate maps."""

import numpy as np
import pytest

from benchmark_kit.metrics import cc, kl, nss
from keras_saliency.losses import EMLLoss


def stack(density, fixations):
    return np.stack([density, fixations], axis=-1)


def original(p, y, f, eps=1e-6):
    """The loss as the released code has it, in float64."""
    p, y, f = (a.astype(np.float64) for a in (p, y, f))
    share_y, share_p = y / y.sum(), p / p.sum()
    divergence = (share_y * np.log(share_y / (share_p + eps) + eps)).sum()
    z, r = ((a - a.mean()) / a.std(ddof=1) for a in (p, f))
    return divergence + 1 - np.corrcoef(p.ravel(), y.ravel())[0, 1] + (r - z)[f > 0].mean()


def test_worked_example(example):
    maps, density, fixations = example
    found = EMLLoss()(stack(density, fixations), maps)
    assert float(found) == pytest.approx(0.2536930, abs=1e-5)


def test_it_is_the_formula_averaged_over_the_batch(random_maps):
    expected = np.mean([original(*images) for images in zip(*random_maps, strict=True)])
    maps, density, fixations = random_maps
    found = EMLLoss()(stack(density, fixations), maps[..., None])
    # the kit's KL leaves out a term of the order of e = 1e-6
    assert float(found) == pytest.approx(expected, rel=2e-6)


def test_its_terms_are_the_kits(random_maps):
    maps, density, fixations = random_maps
    expected = []
    for p, y, f in zip(*random_maps, strict=True):
        points = np.argwhere(f)[:, ::-1]
        expected.append(
            kl(p, y, eps=1e-6, rule="sum")
            + (1 - cc(p, y, constant=0.0))
            + nss(f, points, ddof=1)
            - nss(p, points, ddof=1)
        )
    found = float(EMLLoss()(stack(density, fixations), maps))
    assert found == pytest.approx(np.mean(expected), rel=2e-6)


def test_a_perfect_map_costs_little_beyond_its_nss(random_maps):
    _, density, fixations = random_maps
    points = [np.argwhere(f)[:, ::-1] for f in fixations]
    gaps = [
        nss(f, at, ddof=1) - nss(y, at, ddof=1)
        for y, f, at in zip(density, fixations, points, strict=True)
    ]
    found = float(EMLLoss()(stack(density, fixations), density))
    # e beside the map's share takes e from KL at each of the 672 pixels, as in the original
    assert found - np.mean(gaps) == pytest.approx(-672e-6, rel=0.05)


def test_a_constant_map_leaves_kl_alone(example):
    maps, density, fixations = example
    found = EMLLoss()(stack(density, fixations), 0 * maps + 0.37)
    expected = kl(np.ones((2, 2)), density[0].astype(float), eps=1e-6, rule="sum")
    assert float(found) == pytest.approx(expected, abs=1e-6)


def test_without_fixations_the_nss_term_is_zero(example):
    maps, density, fixations = example
    found = EMLLoss()(stack(density, 0 * fixations), maps)
    assert float(found) == pytest.approx(0.1177805 + 0.0266715, abs=1e-5)


def test_value_and_gradient_are_finite(degenerate, assert_finite):
    maps, density, fixations = degenerate
    assert_finite(EMLLoss(), stack(density, fixations), maps)


def test_sizes_may_be_unknown(random_maps, assert_any_size):
    maps, density, fixations = random_maps
    assert_any_size(EMLLoss(), stack(density, fixations), maps[..., None])


def test_config_round_trip(assert_round_trip):
    assert_round_trip(EMLLoss())


def test_fit_lowers_it(random_maps, fit_step):
    losses = fit_step(EMLLoss(), stack(*random_maps[1:]))
    assert losses[1] < losses[0]
