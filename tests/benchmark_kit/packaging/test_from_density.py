"""The maps that a board makes of a log density."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter, zoom
from scipy.special import logsumexp

from benchmark_kit.errors import ConfigError
from benchmark_kit.packaging.from_density import METRICS, MeanDensity, map_for

LOGS = np.random.default_rng(3).standard_normal((30, 40))
LOGS -= logsumexp(LOGS)


def test_auc_is_given_ranks():
    expected = np.argsort(np.argsort(LOGS.ravel())).reshape(LOGS.shape) / LOGS.size
    assert (map_for("auc", LOGS) == expected).all()


def test_equal_pixels_keep_equal_ranks():
    flat = np.full((2, 2), np.log(0.25))
    assert len(np.unique(map_for("auc", flat))) == 1


def test_nss_and_ig_are_given_the_density_and_its_log():
    assert map_for("nss", LOGS) == pytest.approx(np.exp(LOGS))
    assert (map_for("ig", LOGS) == LOGS).all()


@pytest.mark.parametrize("metric", ["cc", "kl", "sim"])
def test_blurred_metrics_lose_mass_at_the_border_as_the_board_does(metric):
    expected = gaussian_filter(np.exp(LOGS), 5, mode="constant")
    assert map_for(metric, LOGS, sigma_px=5.0) == pytest.approx(expected)


def test_sauc_is_given_ranks_over_the_mean_of_all_others():
    rng = np.random.default_rng(0)
    densities = []
    for size in ((30, 40), (24, 50), (40, 40)):
        logs = rng.standard_normal(size)
        densities.append(logs - logsumexp(logs))
    mean = MeanDensity()
    scaled = []
    for logs in densities:
        mean.add(logs)
        big = zoom(logs, [500 / n for n in logs.shape], order=1, mode="nearest")
        scaled.append(big - logsumexp(big))
    count = len(scaled)
    average = logsumexp(scaled, axis=0) - np.log(count)
    left = np.log(
        np.exp(average + np.log(count) - np.log(count - 1)) - np.exp(scaled[1] - np.log(count - 1))
    )
    expected = zoom(left, (24 / 500, 50 / 500), order=1, mode="nearest")
    expected -= logsumexp(expected)
    others = mean.without(densities[1])
    assert others == pytest.approx(expected, abs=1e-9)
    ratio = densities[1] - others
    assert (np.argsort(map_for("sauc", densities[1], others=others).ravel())
            == np.argsort(ratio.ravel())).all()  # fmt: skip


def test_what_is_missing_is_named():
    for metric in ("cc", "kl", "sim", "sauc"):
        with pytest.raises(ConfigError, match="needs"):
            map_for(metric, LOGS)
    with pytest.raises(ConfigError, match=", ".join(METRICS)):
        map_for("emd", LOGS)
    one = MeanDensity()
    one.add(LOGS)
    with pytest.raises(ConfigError, match="two images"):
        one.without(LOGS)
