from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmark_kit.errors import ConfigError, InputError
from benchmark_kit.types import Fixations, GroundTruth
from keras_saliency.lite.adapt import adapt
from keras_saliency.lite.calibration import Calibration
from keras_saliency.lite.weights import PRIOR_GRID

SIZE = (96, 128)
FLAT = np.full(PRIOR_GRID, -np.log(PRIOR_GRID[0] * PRIOR_GRID[1]), np.float32)
START = Calibration(1.4, 0.7, 1.0)


def scores_of(truth):
    """Two random hills a picture."""
    rng = np.random.default_rng(int(truth.name))
    y, x = np.mgrid[:6, :8]
    hills = [np.hypot(y - rng.uniform(0, 6), x - rng.uniform(0, 8)) for _ in range(2)]
    return 4 * np.exp(-0.5 * np.min(hills, axis=0) ** 2)


def observed(name, calibration, points=300, bias=FLAT):
    """Fixations drawn from what a calibration says of a picture's scores."""
    bare = GroundTruth(str(name), SIZE)  # its file is only asked whether it is there
    from keras_saliency.base.centre_bias import log_centre_bias

    density = np.exp(calibration.log_density(scores_of(bare), log_centre_bias(bias, SIZE)))
    rng = np.random.default_rng(name + 1000)
    at = rng.choice(density.size, points, p=density.ravel() / density.sum())
    fixations = Fixations(at % SIZE[1] + 0.5, at // SIZE[1] + 0.5, SIZE)
    return GroundTruth(str(name), SIZE, fixations, stimulus=Path(__file__))


def test_what_the_fixations_were_drawn_from_is_found_again():
    true = Calibration(2.5, 0.7, 0.6)
    truths = [observed(k, true) for k in range(40)]
    found = adapt(truths, scores_of, START, FLAT)
    assert found.calibration.gain == pytest.approx(true.gain, abs=0.12)
    assert found.calibration.sigma == pytest.approx(true.sigma, rel=0.35)
    assert found.after > found.before + 0.05
    assert found.pictures == 40
    assert found.prior.shape == PRIOR_GRID
    assert np.exp(found.prior.astype(np.float64)).sum() == pytest.approx(1, abs=1e-4)


def test_a_centre_bias_of_ones_own_is_learned():
    down, across = (np.linspace(-1, 1, n) for n in PRIOR_GRID)
    left = -((down[:, None]) ** 2 + (across[None] + 0.7) ** 2) / (2 * 0.3**2)
    bias = (left - np.log(np.exp(left).sum())).astype(np.float32)
    truths = [observed(k, Calibration(1.4, 1.0, 0.5), bias=bias) for k in range(30)]
    found = adapt(truths, scores_of, START, FLAT)
    assert found.after > found.before + 0.2
    columns = np.exp(found.prior).sum(axis=0)
    assert columns[:32].sum() > 0.8


def test_what_already_fits_is_left_nearly_as_it_is():
    truths = [observed(k, START) for k in range(30)]
    found = adapt(truths, scores_of, START, FLAT)
    assert found.calibration.gain == pytest.approx(START.gain, abs=0.1)
    assert abs(found.after - found.before) < 0.05


def test_it_says_what_it_brought():
    text = str(adapt([observed(k, START) for k in range(6)], scores_of, START, FLAT))
    assert "6 pictures" in text
    assert "left out (5 folds)" in text
    assert "gain" in text


def test_too_few_pictures_are_refused():
    with pytest.raises(ConfigError, match="five pictures or more"):
        adapt([observed(k, START) for k in range(4)], scores_of, START, FLAT)


def test_pictures_without_fixations_are_named():
    truths = [observed(k, START) for k in range(5)] + [GroundTruth("bare", SIZE)]
    with pytest.raises(InputError, match="no fixations of bare"):
        adapt(truths, scores_of, START, FLAT)


def test_pictures_without_a_file_are_named():
    truths = [observed(k, START) for k in range(5)]
    truths[3] = replace(truths[3], stimulus=None)
    with pytest.raises(InputError, match="no stimulus file for 3"):
        adapt(truths, scores_of, START, FLAT)
