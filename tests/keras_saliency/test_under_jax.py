"""The same tests under the JAX backend: layers, losses, metrics, what was saved, and some networks.

A process reads its backend once, so each part runs in one of its own.
"""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
# a learned prior, dilated convolutions, and a density; what else networks are made of are layers
NETWORKS = "(ml_net] or msi_net or deepgaze1])"
ALL_MODELS = "models/test_all_models.py"
# part: (where its tests are, which of them by name)
PARTS = {
    "layers": (["ops", "layers"], ""),
    "losses": (["losses", "metrics", "addons"], ""),
    "saved": (["test_saved_names.py"], ""),
    "training": (["training"], "goes_on_as_if or folder_promises or up_inside_an_epoch"),
    "networks": ([ALL_MODELS], f"{NETWORKS} and not one_step and not default_size"),
    "steps": ([ALL_MODELS], f"{NETWORKS} and one_step"),
    "deep": (["../parity"], "deep_golden"),
}
# An operation outside a compiled function is compiled by itself, which takes longer than running
# it: without optimisation half as long. A network's whole step is slow without.
QUICK = {
    "JAX_DISABLE_MOST_OPTIMIZATIONS": "1",
    "XLA_FLAGS": "--xla_cpu_use_fusion_emitters=false",
}


@pytest.fixture(scope="module")
def quick():
    """The settings above, or none where this version of JAX does not know one of them."""
    trial = [sys.executable, "-c", "import jax; jax.devices()"]
    known = subprocess.run(trial, env={**os.environ, **QUICK}, capture_output=True)
    return QUICK if known.returncode == 0 else {}


@pytest.mark.jax
@pytest.mark.slow
@pytest.mark.parametrize("part", PARTS)
def test_under_jax(part, quick):
    if importlib.util.find_spec("jax") is None:
        pytest.skip('jax is not installed. Fix: pip install "keras-saliency[jax]"')
    places, names = PARTS[part]
    command = [sys.executable, "-m", "pytest", *(str(HERE / place) for place in places)]
    done = subprocess.run(
        [*command, "-k", names, "-q", "-p", "no:cacheprovider", "-m", "not jax and not large"],
        cwd=ROOT,
        env={**os.environ, "KERAS_BACKEND": "jax", **({} if part == "steps" else quick)},
        capture_output=True,
        text=True,
    )
    last = done.stdout.strip().splitlines()[-1] if done.stdout.strip() else done.stderr
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert "passed" in last
    print(f"\n{part} under JAX: {last}")
