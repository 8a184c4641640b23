"""Arrays of a folder of goldens: covsal, aim, sun, ssr, context_aware and judd.

The folder is `CLASSICAL_GOLDENS` if set, else the shared one, else the small one in the tests;
images, cases and arrays are those of its `manifest.json`. A case whose `needs` names the variable
of an authors' table is skipped where that is not set.
"""

import json
import os
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from benchmark_kit.imaging.images import read_stimulus
from keras_saliency import build_model
from keras_saliency.classical import _judd_features as judd
from keras_saliency.classical import ssr
from keras_saliency.classical._matlab_bilinear import resize_bilinear
from keras_saliency.classical.context_aware import ContextAware

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared" / "golden" / "classical"
OWN = ROOT / "tests" / "golden" / "classical"
FOLDER = Path(os.environ.get("CLASSICAL_GOLDENS", SHARED if SHARED.is_dir() else OWN))
if not FOLDER.is_dir():
    pytest.skip("no goldens: set CLASSICAL_GOLDENS to a folder of them", allow_module_level=True)

pytestmark = pytest.mark.shared

CASES = json.loads((FOLDER / "manifest.json").read_text(encoding="utf-8"))["cases"]


@cache
def covsal(image: Path, method: str, size: int, noise: str) -> np.ndarray:
    with np.load(FOLDER / noise, allow_pickle=False) as archive:
        drawn = archive["noise_times_32"] / 32.0
    model = build_model("covsal", method=method, size=size, exponents=(4, 3, 2), noise=drawn)
    return model.predict_map(image)


def covsal_array(plain: str, image: Path, params: Mapping) -> np.ndarray:
    method = {"covariances": "CovariancesOnly", "covariances_means": "SigmaPoints"}[plain]
    return covsal(image, method, params["size"], params["noise"])


@cache
def aim(image: Path, name: str) -> np.ndarray:
    algorithm = re.search(r"(\d\d)?((?:jade|infomax)\d+)", name)
    options = {"basis": (algorithm[1] or "21") + algorithm[2], "convolve": "gauss" in name}
    if every := re.search(r"allfeat(\d+)", name):
        options |= {"bins": int(every[1]), "scaling": "all"}
    options |= {"method": "parzen"} if "parzen" in name else {}
    options |= {"resize": 0.5} if name.endswith("half") else {}
    return build_model("aim", **options).information(read_stimulus(image))


def few_bins_apart(name: str, found: np.ndarray, expected: np.ndarray) -> None:
    """Another order of sums may move a response over the edge of its bin."""
    assert (np.abs(found - expected) > 1e-5).mean() <= 1e-3


@cache
def sun(image: Path, name: str) -> np.ndarray:
    kind = re.fullmatch(r"(ica|conv)_map(_half)?", name)
    model = build_model("sun", flipped=kind[1] == "conv", resize=0.5 if kind[2] else 1.0)
    return model.inner_map(read_stimulus(image))


@cache
def ssr_map(image: Path, form: str, window: int, surround: int) -> np.ndarray:
    return build_model("ssr", form=form, window=window, surround=surround).predict_map(image)


def ssr_array(plain: str, image: Path, _: Mapping) -> np.ndarray:
    pixels = read_stimulus(image)
    if plain == "lab_crop32":
        return ssr.lab_rec709(pixels / 255.0)[:32, :32]
    if plain == "lark_L_centre":
        small = resize_bilinear(ssr.lab_rec709(pixels / 255.0)[..., 0] / 100, (64, 64))
        return ssr.kernels(small)[24:40, 24:40]
    kind = re.fullmatch(r"(local|global)_L(\d+)(?:_N(\d+))?", plain)
    return ssr_map(image, kind[1], int(kind[2]), int(kind[3] or 7))


def nearly_everywhere(name: str, found: np.ndarray, expected: np.ndarray) -> None:
    """A pixel at the threshold of what is attended moves all distances to it."""
    apart = np.abs(found - expected)
    assert (apart > 1e-5).mean() <= 0.01
    assert apart.max() <= 1e-3
    assert np.corrcoef(found.ravel(), expected.ravel())[0, 1] >= 0.9999


def judd_array(plain: str, image: Path, _: Mapping) -> np.ndarray:
    pixels = read_stimulus(image)
    if plain == "center":
        return judd.centre_feature(pixels.shape[:2])
    compute = {
        "subbands": judd.subband_features,
        "itti": judd.itti_features,
        "torralba": judd.torralba_feature,
        "color": judd.colour_features,
    }
    return compute[plain](pixels)


def judd_check(name: str, found: np.ndarray, expected: np.ndarray) -> None:
    if name in ("subbands", "center"):
        relative(found, expected, 1e-5)
    elif name == "torralba":
        np.testing.assert_allclose(found, expected, atol=1e-6, rtol=0)
    elif name == "color":
        np.testing.assert_allclose(found[..., :6], expected[..., :6], atol=1e-6, rtol=0)
        # a channel on the edge of a bin is counted in one and looked up in the other
        assert (np.abs(found[..., 6:] - expected[..., 6:]) <= 0.02).mean() >= 0.99
    else:
        # orientation is not compared: the program's borders of its Gabor filters are ill-defined
        relative(found[..., :2], expected[..., :2], 1e-5)


def relative(found: np.ndarray, expected: np.ndarray, bound: float) -> None:
    np.testing.assert_allclose(found, expected, atol=bound * np.abs(expected).max(), rtol=0)


# model: (array of an image by its plain name, check of each name)
Compute = Callable[[str, Path, Mapping], np.ndarray]
Check = Callable[[str, np.ndarray, np.ndarray], None]
MODELS: dict[str, tuple[Compute, Check]] = {
    "covsal": (covsal_array, lambda name, found, expected: relative(found, expected, 1e-6)),
    "aim": (lambda name, image, _: aim(image, name), few_bins_apart),
    "context_aware": (
        lambda name, image, _: ContextAware(longest=100).small_map(read_stimulus(image)),
        nearly_everywhere,
    ),
    "judd": (judd_array, judd_check),
    "ssr": (
        ssr_array,
        lambda name, found, expected: np.testing.assert_allclose(
            found, expected, atol=1e-9 if expected.dtype == np.float64 else 1e-6, rtol=0
        ),
    ),
    "sun": (
        lambda name, image, _: sun(image, name),
        lambda name, found, expected: relative(found, expected, 1e-6),
    ),
}
ARRAYS = [(case, name) for case in CASES if case["model"] in MODELS for name in case["arrays"]]


def label(value: object) -> str:
    return f"{value['model']}-{Path(value['file']).stem}" if isinstance(value, dict) else str(value)


@pytest.mark.parametrize(("case", "name"), ARRAYS, ids=label)
def test_array(case, name):
    needs = case["params"].get("needs")
    if needs and needs not in os.environ:
        pytest.skip(f"needs the authors' table: set {needs}")
    with np.load(FOLDER / case["file"], allow_pickle=False) as archive:
        if name not in archive.files:
            pytest.skip(f"{case['file']} does not hold {name}")
        expected = archive[name]
    compute, check = MODELS[case["model"]]
    match = re.fullmatch(r"(.+)_every(\d+)(_asis)?", name)
    plain, step = (match[1], int(match[2])) if match else (name, 1)
    found = compute(plain, FOLDER / case["image"], case["params"])[::step, ::step]
    assert found.shape == expected.shape
    check(plain, found, expected)
