"""The file of the default model: what it holds, how large it is, the graph that belongs to it."""

import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmark_kit.errors import ConfigError, InputError
from keras_saliency import model_card
from keras_saliency.lite.calibration import Calibration
from keras_saliency.lite.layout import DATASETS
from keras_saliency.lite.weights import FILE, GRAPH, LiteWeights, read_weights, shipped

ROOT = Path(__file__).resolve().parents[3]


def test_all_that_is_shipped_stays_below_15_mb():
    assert FILE.stat().st_size + GRAPH.stat().st_size < 15e6


def test_the_card_names_the_file_by_its_digest():
    digest = hashlib.sha256(FILE.read_bytes()).hexdigest()
    assert digest in model_card("saliency_lite").recipes["quick"].note


def test_calibrations_and_priors_are_sound():
    held = shipped()
    assert set(held.calibrations) == set(DATASETS)
    assert set(held.priors) == {*DATASETS, "photo"}
    for one in held.calibrations.values():
        assert 0.5 < one.sigma < 4
        assert 0 < one.prior_weight < 1.5
        assert 0.5 < one.gain < 2
    for prior in held.priors.values():
        assert np.exp(prior.astype(np.float64)).sum() == pytest.approx(1, abs=2e-3)
    assert all(np.isfinite(array).all() for array in held.arrays.values())


def test_what_is_written_is_read(tmp_path):
    weights = LiteWeights(
        "efficientnet_lite0",
        {"stem_conv/0": np.arange(6, dtype=np.float32).reshape(1, 2, 3)},
        {"osie": Calibration(1.5, 0.5, 1.25)},
        {"photo": np.zeros((48, 64), np.float32)},
    )
    weights.write(tmp_path / "w.npz")
    found = read_weights(tmp_path / "w.npz")
    assert found.encoder == weights.encoder
    assert found.calibrations == weights.calibrations
    np.testing.assert_array_equal(found.arrays["stem_conv/0"], weights.arrays["stem_conv/0"])
    np.testing.assert_array_equal(found.priors["photo"], weights.priors["photo"])


def test_a_file_of_something_else_is_refused(tmp_path):
    np.savez(tmp_path / "other.npz", a=np.zeros(3))
    with pytest.raises(InputError, match="holds no weights"):
        read_weights(tmp_path / "other.npz")
    with pytest.raises(ConfigError, match="there is no file"):
        read_weights(tmp_path / "none.npz")


def test_the_graph_is_what_the_script_makes_of_the_file(tmp_path):
    pytest.importorskip("onnx")
    made = tmp_path / "graph.onnx"
    subprocess.run(
        [sys.executable, ROOT / "weights" / "graph.py", FILE, made],
        check=True,
        cwd=ROOT,
        capture_output=True,
    )
    assert made.read_bytes() == GRAPH.read_bytes()
