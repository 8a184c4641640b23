"""Arrays of a folder of goldens made by the reference programs of the classical models.

The folder is `CLASSICAL_GOLDENS` if set, else the shared one, else the small copy in this
repository. Images, cases and arrays are those of its `manifest.json`; nothing of a folder's content
is known to this file but the meaning of a model's array names. A case of a model that is not built
yet is counted, not failed. Authors' tables are taken from their variables, else from beside the
shared folder; without one what needs it is skipped.
"""

import json
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path

import numpy as np
import pytest

from benchmark_kit.imaging.images import read_stimulus
from benchmark_kit.imaging.min_max import min_max
from keras_saliency import build_model, list_models
from keras_saliency.classical import spectral_residual as sr
from keras_saliency.classical._colour import gray_levels

SHARED = Path(__file__).resolve().parents[3] / "shared"
OWN = Path(__file__).resolve().parents[1] / "golden" / "classical"
FOUND = SHARED / "golden" / "classical"
FOLDER = Path(os.environ.get("CLASSICAL_GOLDENS", FOUND if FOUND.is_dir() else OWN))
TABLES = {
    "GBVS_DKL": "gbvs_dkl.npz",
    "AIM_BASES": "",
    "SUN_STATS": "sun_stats.mat",
}

CASES = json.loads((FOLDER / "manifest.json").read_text(encoding="utf-8"))["cases"]

Arrays = Mapping[str, np.ndarray]
Named = Iterator[tuple[str, np.ndarray | None]]  # None: cannot be made without a table
Check = Callable[[np.ndarray, np.ndarray], None]


def table(variable: str) -> Path | None:
    """The authors' table that a variable names, if it is there."""
    path = Path(os.environ.get(variable, SHARED / "data" / "classical_bases" / TABLES[variable]))
    return path if path.exists() else None


# --- how near an array must be ---


def exact(found: np.ndarray, expected: np.ndarray) -> None:
    np.testing.assert_array_equal(found, expected)


def absolute(tolerance: float) -> Check:
    def check(found: np.ndarray, expected: np.ndarray) -> None:
        np.testing.assert_allclose(found, expected, atol=tolerance, rtol=0)

    return check


def relative(tolerance: float) -> Check:
    """Of the largest expected value; arrays stored in single precision: 1e-6 at best."""

    def check(found: np.ndarray, expected: np.ndarray) -> None:
        least = 1e-6 if expected.dtype == np.float32 else tolerance
        scale = np.abs(expected).max()
        np.testing.assert_allclose(found, expected, atol=max(tolerance, least) * scale, rtol=0)

    return check


# --- arrays of each model, by the name that a golden has for them ---


def spectral_residual(image: np.ndarray, golden: Arrays) -> Named:
    gray = gray_levels(image)
    yield "gray", gray
    small = sr.shrink(gray)
    yield "small", small
    residual = sr.spectral_residual(small)
    yield "residual", residual
    yield "map64", sr.residual_map(residual, small)


HAREL = {"C": "color", "D": "dkl", "I": "intensity", "O": "orientation"}


def itti(image: np.ndarray, golden: Arrays) -> Named:
    model = build_model("itti")
    contrasts = (
        one for of_channel in model.contrasts(image).values() for one in of_channel.items()
    )
    for number, (_, contrast) in enumerate(contrasts, 1):
        yield f"norm_{number:02}", min_max(contrast)
    for channel, conspicuity in model.conspicuity(image).items():
        yield f"top_{HAREL[channel]}", min_max(conspicuity)
    yield "master_normresize", model.master(image)
    yield "map_normresize", model.predict_map(image)
    yield "delta23_master_normresize", build_model("itti", deltas=(2, 3)).master(image)
    dkl = table("GBVS_DKL")
    in_dkl = dkl and build_model("itti", channels="DIO", dkl=dkl).master(image)
    yield "dkl_master_normresize", in_dkl


def gbvs(image: np.ndarray, golden: Arrays) -> Named:
    from keras_saliency.classical.gbvs import activation

    dkl = table("GBVS_DKL")
    model = build_model("gbvs", dkl=dkl)
    yield "dkl_crop32", model.table.convert(image[:32, :32] / 255)
    raw = model.raw_maps(image)
    for channel, maps in raw.items():
        name = {**HAREL, "D": "dklcolor"}[channel]
        for (kind, level), values in maps.items():
            yield f"raw_{name}_{kind}_{level}", values
    for key in golden:
        if key.startswith("acttype_"):
            channel, kind, level = golden[key]
            values = raw["DIO"[channel - 1]][int(kind), int(level)]
            yield key.replace("type", ""), min_max(activation(values))
    for channel, conspicuity in model.conspicuity(image).items():
        yield f"top_{HAREL[channel]}", min_max(conspicuity)
    yield "master_normresize", model.master(image)
    yield "map_normresize", model.predict_map(image)
    yield "noblur_master_normresize", build_model("gbvs", dkl=dkl, blurfrac=0).master(image)
    there = (dkl.parent / "gbvs_inv_center_bias.npz").exists()
    uncentred = build_model("gbvs", dkl=dkl, unCenterBias=True).master(image) if there else None
    yield "uncentred_master_normresize", uncentred


def gbvs_srgb(image: np.ndarray, golden: Arrays) -> Named:
    model = build_model("gbvs_srgb")
    yield "master_normresize", model.master(image)
    yield "map_normresize", model.predict_map(image)
    yield "io_master_normresize", build_model("gbvs_srgb", channels="IO").master(image)


def itti1998(image: np.ndarray, golden: Arrays) -> Named:
    from keras_saliency.classical.itti1998 import NORMS, feature_pyramids

    pictures = {"image": image, "big512": image[:128, :128].repeat(4, axis=0).repeat(4, axis=1)}
    for name, picture in pictures.items():
        for norm in NORMS:
            model = build_model("itti1998", norm=norm)
            yield f"{norm}_{name}_map", model.level_map(picture)
            for channel, conspicuity in model.conspicuity(picture).items():
                yield f"{norm}_{name}_cm_{channel}", conspicuity
    (levels,) = feature_pyramids(image)["intensity"]
    for number, level in enumerate(levels, 1):
        yield f"intensity_level{number}", level


def levels_apart(most: float, share: float = 1.0, correlation: float = 0.0) -> Check:
    """Gray levels: all within `most` but a share of the pixels, a mean of 1 level at the most."""

    def check(found: np.ndarray, expected: np.ndarray) -> None:
        apart = np.abs(found.astype(np.float64) - expected)
        assert (apart > most).mean() <= 1 - share, f"up to {apart.max()} levels apart"
        assert apart.mean() <= 1, f"{apart.mean()} levels apart in the mean"
        if correlation and expected.std() > 0:
            assert np.corrcoef(found.ravel(), expected.ravel())[0, 1] >= correlation

    return check


BMS_FINISH = {"grow": 4, "sigma": 9.0, "reach": 18, "quantize": True}
ICCV_FINISH = {"grow": 11, "sigma": 20.0, "reach": 25, "quantize": True}


def bms(image: np.ndarray, golden: Arrays) -> Named:
    from keras_saliency.classical._boolean_maps import attention_sum
    from keras_saliency.classical._opencv_pixels import lab8
    from keras_saliency.classical.bms import finish, to_levels

    yield "lab_as_rgb8", lab8(np.ascontiguousarray(image[..., ::-1]))
    size = image.shape[:2]
    for name, longest in {"own": max(size), "down100": 100, "max400": 400}.items():
        model = build_model("bms", longest=longest, quantize=True)
        small = model.shrink(image)
        yield f"{name}_small", small
        yield f"{name}_features", model.features(small)
        yield f"{name}_final", model.predict_map(image)
        if f"{name}_features" in golden:  # the steps after these, without what went before
            total = attention_sum(golden[f"{name}_features"], 8, 3)
            yield f"{name}_sum", total
            yield f"{name}_map8", to_levels(total)
            yield f"{name}_post8", finish(total, total.shape, **BMS_FINISH)
            yield f"{name}_final", finish(total, size, **BMS_FINISH)
    plain = build_model("bms", longest=max(size), colour="RGB", whitening=False, quantize=True)
    yield "rgb_nowhiten_final", plain.predict_map(image)


def bms_iccv(image: np.ndarray, golden: Arrays) -> Named:
    from keras_saliency.classical._boolean_maps import attention_sum_closed
    from keras_saliency.classical.bms import finish, to_levels

    size = image.shape[:2]
    own = build_model("bms_iccv", width=size[1], quantize=True)
    yield "own_features", own.features(image)
    yield "own_final", own.predict_map(image)
    yield "width600_final", build_model("bms_iccv", quantize=True).predict_map(image)
    if "own_features" in golden:
        total = attention_sum_closed(golden["own_features"], 8, 3, 2)
        yield "own_sum", total
        yield "own_map8", to_levels(total)
        yield "own_final", finish(total, size, **ICCV_FINISH)


def image_signature(image: np.ndarray, golden: Arrays) -> Named:
    from keras_saliency.classical.image_signature import signature_map

    dkl = table("GBVS_DKL")
    for color in ("lab", "rgb", "gray", "dkl"):
        if color == "dkl" and dkl is None:
            yield "dkl_map64", None
            continue
        channels = build_model("image_signature", color=color, dkl=dkl).channels(image)
        yield f"{color}_small", channels
        yield f"{color}_map64", signature_map(channels)


def spectral_residual_opencv(image: np.ndarray, golden: Arrays) -> Named:
    from keras_saliency.classical.spectral_residual_opencv import shrink

    yield "gray64", shrink(image)
    yield "map", build_model("spectral_residual_opencv").predict_map(image)


def fine_grained(image: np.ndarray, golden: Arrays) -> Named:
    from keras_saliency.classical._colour import opencv_gray_levels
    from keras_saliency.classical.fine_grained import smooth

    gray = opencv_gray_levels(image)
    yield "gray", gray
    yield "gray_blurred", smooth(smooth(gray))
    yield "map8", build_model("fine_grained").predict_map(image) * 255


# compared by the neighbour, test_classical_golden_b.py
ELSEWHERE = {"aim", "context_aware", "covsal", "judd", "ssr", "sun"}
# Made to be read, not compared: other resizers, programs with a known fault left in, and labels.
UNTESTED = ("*_octave", "*_asis", "acttype_*")
# model: (its arrays for an image, pattern of names -> how near); the first pattern that fits holds
MODELS: dict[str, tuple[Callable[..., Named], dict[str, Check]]] = {
    # 1e-9: the references' FFT and sums have another order than ours
    "spectral_residual": (spectral_residual, {"gray": exact, "*": absolute(1e-9)}),
    "itti": (itti, {"*": relative(1e-9)}),
    "gbvs": (gbvs, {"*": relative(1e-9)}),
    "gbvs_srgb": (gbvs_srgb, {"*": relative(1e-9)}),
    "itti1998": (itti1998, {"*": relative(1e-9)}),
    "bms": (
        bms,
        {
            "lab_as_rgb8": exact,
            "*_small": levels_apart(1),
            "*_features": levels_apart(1, share=0.98),
            "*_sum": relative(1e-5),  # the program adds in single precision
            "*_map8": exact,
            "*": levels_apart(2, share=0.98, correlation=0.999),
        },
    ),
    "bms_iccv": (
        bms_iccv,
        {
            "*_features": levels_apart(1, share=0.98),
            "*_sum": relative(1e-6),
            "*_map8": exact,
            "*": levels_apart(2, share=0.98, correlation=0.999),
        },
    ),
    "image_signature": (
        image_signature,
        {"lab_small": relative(1e-6), "*": absolute(1e-9)},
    ),
    "spectral_residual_opencv": (
        spectral_residual_opencv,
        {"gray64": exact, "*": absolute(1e-4)},  # the program works in single precision
    ),
    "fine_grained": (fine_grained, {"*": exact}),
}
BUILT = [case for case in CASES if case["model"] in MODELS]


def parts_of(name: str) -> tuple[str, int]:
    """`map_every2` is every second row and column of `map`."""
    match = re.fullmatch(r"(.+)_every(\d+)", name)
    return (match[1], int(match[2])) if match else (name, 1)


def label(case: dict) -> str:
    return Path(case["file"]).stem


@contextmanager
def naming(arrays: list[str], name: str):
    """Failures of one array do not hide those of the next."""
    try:
        yield
    except AssertionError as error:
        arrays.append(f"{name}: {' '.join(str(error).split())[:300]}")


@pytest.mark.parametrize("case", BUILT, ids=label)
def test_arrays(case):
    compute, checks = MODELS[case["model"]]
    with np.load(FOLDER / case["file"], allow_pickle=False) as archive:
        golden = {name: archive[name] for name in archive.files}
    wanted = {
        parts_of(name)[0]: name
        for name in case["arrays"]
        if name in golden and not any(fnmatchcase(name, pattern) for pattern in UNTESTED)
    }
    needs = case.get("params", {}).get("needs")
    if needs and table(needs) is None:
        pytest.skip(f"needs the authors' table: set {needs}")
    if not wanted:
        pytest.skip(f"{case['file']} holds none of the arrays that are compared")
    failed: list[str] = []
    computed = set()
    for plain, values in compute(read_stimulus(FOLDER / case["image"]), golden):
        if (name := wanted.get(plain)) is None:
            continue
        computed.add(name)
        if values is None:
            continue
        step = parts_of(name)[1]
        found = values[::step, ::step]
        with naming(failed, name):
            assert found.shape == golden[name].shape
            next(check for pattern, check in checks.items() if fnmatchcase(plain, pattern))(
                found, golden[name]
            )
    failed += [f"{name}: nothing computes it" for name in wanted.values() if name not in computed]
    assert not failed, "\n".join(failed)


def test_every_built_model_with_goldens_is_checked(capsys):
    unbuilt = Counter(case["model"] for case in CASES if case["model"] not in list_models())
    if unbuilt:
        shown = ", ".join(f"{name} ({count})" for name, count in sorted(unbuilt.items()))
        with capsys.disabled():
            print(f"\nnot built yet, cases not compared: {shown}")
    forgotten = {case["model"] for case in CASES} & set(list_models()) - set(MODELS) - ELSEWHERE
    assert not forgotten, f"models with goldens that no test compares: {sorted(forgotten)}"
    if not BUILT:
        pytest.skip(f"{FOLDER} holds no case of a model that is built")
