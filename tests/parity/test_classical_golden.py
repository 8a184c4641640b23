"""Arrays of a folder of goldens made by the reference programs of the classical models.

The folder is `CLASSICAL_GOLDENS` if set, else the shared one. Images, cases and arrays are those
of its `manifest.json`; nothing of a folder's content is known to this file but the meaning of a
model's array names. A case of a model that is not built yet is counted, not failed.
"""

import json
import os
import re
from collections import Counter
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from benchmark_kit.imaging.images import read_stimulus
from keras_saliency import list_models
from keras_saliency.classical import spectral_residual as sr
from keras_saliency.classical._colour import gray_levels

SHARED = Path(__file__).resolve().parents[3] / "shared" / "golden" / "classical"
FOLDER = Path(os.environ.get("CLASSICAL_GOLDENS", SHARED))
if "CLASSICAL_GOLDENS" not in os.environ and not SHARED.is_dir():
    pytest.skip("no goldens: set CLASSICAL_GOLDENS to a folder of them", allow_module_level=True)

pytestmark = pytest.mark.shared

CASES = json.loads((FOLDER / "manifest.json").read_text(encoding="utf-8"))["cases"]


@cache
def spectral_residual(image: Path) -> Mapping[str, np.ndarray]:
    gray = gray_levels(read_stimulus(image))
    small = sr.shrink(gray)
    residual = sr.spectral_residual(small)
    return {
        "gray": gray,
        "small": small,
        "residual": residual,
        "map64": sr.residual_map(residual, small),
    }


# model: (arrays of an image by name, tolerance of each; 0 is exact)
MODELS: dict[str, tuple[Callable[[Path], Mapping[str, np.ndarray]], Mapping[str, float]]] = {
    "spectral_residual": (
        spectral_residual,
        # 1e-9: the reference's FFT and ours order their sums differently, log amplifies near 0
        {"gray": 0, "small": 1e-9, "residual": 1e-9, "map64": 1e-9},
    ),
}
BUILT = [case for case in CASES if case["model"] in MODELS]
ARRAYS = [(case, name) for case in BUILT for name in case["arrays"]]


def parts_of(name: str) -> tuple[str, int]:
    """`map_every2` is every second row and column of `map`."""
    match = re.fullmatch(r"(.+)_every(\d+)", name)
    return (match[1], int(match[2])) if match else (name, 1)


def label(value: object) -> str:
    return f"{value['model']}-{Path(value['file']).stem}" if isinstance(value, dict) else str(value)


@pytest.mark.parametrize(("case", "name"), ARRAYS, ids=label)
def test_array(case, name):
    compute, tolerances = MODELS[case["model"]]
    with np.load(FOLDER / case["file"], allow_pickle=False) as archive:
        if name not in archive.files:
            pytest.skip(f"{case['file']} does not hold {name}")
        expected = archive[name]
    plain, step = parts_of(name)
    found = compute(FOLDER / case["image"])[plain][::step, ::step]
    assert found.shape == expected.shape
    if tolerances[plain] == 0:
        np.testing.assert_array_equal(found, expected)
    else:
        np.testing.assert_allclose(found, expected, atol=tolerances[plain], rtol=0)


def test_every_built_model_with_goldens_is_checked(capsys):
    unbuilt = Counter(case["model"] for case in CASES if case["model"] not in list_models())
    if unbuilt:
        shown = ", ".join(f"{name} ({count})" for name, count in sorted(unbuilt.items()))
        with capsys.disabled():
            print(f"\nnot built yet, cases not compared: {shown}")
    forgotten = {case["model"] for case in CASES} & set(list_models()) - set(MODELS)
    assert not forgotten, f"models with goldens that no test compares: {sorted(forgotten)}"
    if not BUILT:
        pytest.skip(f"{FOLDER} holds no case of a model that is built")
    assert ARRAYS, f"{FOLDER} holds no array of a model that is built"
