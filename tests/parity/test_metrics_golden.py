"""Every number of a folder of metric goldens, made by running the reference programs.

The folder is `METRIC_GOLDENS` if set, else the shared one, else the small set in `tests/golden`.
Its `expected.csv` says case, metric, dialect, options, value and tolerance; nothing of a folder's
content is known to this file. Rows marked `info` are printed by `python -m pytest -s -k report`.
"""

import csv
import io
import os
import re
from collections import Counter
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
from scipy.special import logsumexp

from benchmark_kit import metrics
from benchmark_kit.dialects import get_dialect
from benchmark_kit.imaging.density import blur, blur_points
from benchmark_kit.imaging.resize import resize
from benchmark_kit.scoring.points import repeated_points
from benchmark_kit.types import Fixations

HERE = Path(__file__).resolve()
SHARED = HERE.parents[3] / "shared" / "golden" / "metrics"
SMALL = HERE.parents[1] / "golden" / "metrics"
EPS = 2.0**-52


def golden_folder() -> Path:
    if "METRIC_GOLDENS" in os.environ:
        return Path(os.environ["METRIC_GOLDENS"])
    return SHARED if SHARED.is_dir() else SMALL


FOLDER = golden_folder()
with open(FOLDER / "expected.csv", newline="", encoding="utf-8") as file:
    ROWS = list(csv.DictReader(file))


def parse_options(text: str) -> dict[str, str]:
    parts = re.split(r";(?![^(]*\))", text) if text else []
    return dict(part.split("=", 1) for part in parts)


@lru_cache(maxsize=4)
def load_case(name: str) -> dict[str, np.ndarray]:
    with np.load(FOLDER / "cases" / f"{name}.npz", allow_pickle=False) as archive:
        return {key: archive[key] for key in archive.files}


KERNELS = {
    "zoom1-nearest": "bilinear",
    "matlab-symmetric": "matlab-bicubic-symmetric",
    "matlab-replicate": "matlab-bicubic-replicate",
}
COMMON = {"average", "image", "points", "target", "resize", "note"}
KNOWN = {
    "tuebingen": COMMON
    | {"negatives", "thresholds", "jitter", "rng", "min_value", "eps", "swap", "baseline"}
    | {"unit", "derive", "of", "between"},
    "mit": COMMON
    | {"input", "jitter", "draw", "negatives", "step", "splits", "colon", "solver"}
    | {"downsize", "bins", "baseline"},
    "salicon2015": COMMON | {"zoom", "negatives", "rng", "filter", "step"},
    "salicon2017": COMMON | {"input", "negatives", "step", "colon", "baseline"},
}
METRICS = {
    *("AUC", "AUC_Judd", "AUC_Borji", "AUC_shuffled", "sAUC", "NSS", "CC", "SIM", "KL", "IG", "LL"),
    "EMD",
}


def calls(text: str) -> tuple[str, list[str], dict[str, str]]:
    """`name(a,b,c=1)` -> name, [a, b], {c: 1}; a bare word has no arguments."""
    match = re.fullmatch(r"(\w+)(?:\((.*)\))?", text)
    assert match, f"cannot read {text!r}"
    arguments = [a for a in (match[2] or "").split(",") if a]
    named = dict(a.split("=", 1) for a in arguments if "=" in a)
    return match[1], [a for a in arguments if "=" not in a], named


def fourier_blur(values: np.ndarray, cutoff: float) -> np.ndarray:
    """The densities of some goldens: `antonioGaussian.m` of the MIT code, circular on the next
    power-of-two square; falls to 6 dB at `cutoff` cycles an image, and may ring below zero.
    """
    height, width = values.shape
    n = max(height, width)
    n += n % 2
    n = 1 << (n - 1).bit_length()
    frequency = np.fft.ifftshift(np.arange(n) - n / 2)
    s2 = cutoff**2 / np.log(2.0)
    line = np.exp(-(frequency**2) / s2)
    padded = np.zeros((n, n))
    padded[:height, :width] = values
    return np.fft.ifft2(np.fft.fft2(padded) * np.outer(line, line)).real[:height, :width]


class Image:
    """One image of a case, with a row's options applied."""

    def __init__(self, case, dialect, options, k=None):
        self.case, self.options, self.dialect = case, options, get_dialect(dialect)
        suffix = "" if k is None else f"_{k}"
        if f"map{suffix}" not in case:
            raise KeyError(f"map{suffix}")
        stored = case[f"map{suffix}"]
        if "image_id" in case:
            from PIL import Image as Picture

            stored = np.asarray(Picture.open(io.BytesIO(stored.tobytes())))
        points = case[f"fix{suffix}"].astype(np.float64)
        self.size = stored.shape if k is not None else case["density"].shape
        self.fixations = Fixations(points[:, 0], points[:, 1], self.size)
        if options.get("filter") == "duplicates":
            kept = repeated_points(self.fixations.flat_index)
            width = self.size[1]
            self.fixations = Fixations(kept % width, kept // width, self.size)
        self.map = self.sized(self.scaled(stored))

    def scaled(self, values):
        if self.dialect.unit and values.dtype == np.uint8:
            return values / 255.0
        if self.dialect.unit and values.dtype == np.uint16:
            return values / 65535.0
        return values

    def sized(self, values):
        kernel = self.options.get("resize")
        if self.options.get("zoom") == "spline3":
            from scipy.ndimage import zoom

            factors = [new / old for new, old in zip(self.size, values.shape, strict=True)]
            # SALICON's evaluator zooms also at equal size, where ours leaves the map alone
            return zoom(values.astype(float), factors, order=3)
        if values.shape != self.size:
            assert kernel or self.options.get("zoom") == "none", "a size differs without a kernel"
            return resize(values, self.size, KERNELS[kernel])
        return values

    @property
    def binary(self):
        default = "binary" if self.dialect.binary else "all"
        return self.options.get("points", default) == "binary"

    @property
    def points(self):
        index = self.fixations.unique_index if self.binary else self.fixations.flat_index
        return np.stack([index % self.size[1], index // self.size[1]], axis=1)

    def target(self):
        text = self.options.get("target", "blur(points,binary,sigma=19,mode=reflect,minmax)")
        name, words, named = calls(text)
        ones = np.bincount(self.fixations.unique_index, minlength=np.prod(self.size)) * 1.0
        if name == "density":
            return self.scaled(self.case["density"])
        if name == "points":
            return ones.reshape(self.size)
        if name == "antonio8":
            return fourier_blur(ones.reshape(self.size), 8)
        assert name == "blur", text
        fixations = self.fixations
        index = fixations.unique_index if "binary" in words else fixations.flat_index
        values = blur_points(index, self.size, float(named["sigma"]), named["mode"])
        if "minmax" in words:
            values = values - values.min()
            values = values / values.max()
        return values

    def counts(self):
        counts = self.case["shuf"].astype(np.int64)
        texts = (self.options.get("negatives", ""), self.options.get("baseline", ""))
        if any("shuf-own" in text for text in texts):
            counts.reshape(-1)[self.fixations.unique_index] -= 1
        return counts


def equalize(values):
    """Ranks of the pixels over their number, as the board derives them (ties by numpy's sort)."""
    return (np.argsort(np.argsort(values.reshape(-1))) / values.size).reshape(values.shape)


def shuffled_baseline(case, k, text):
    """Log of the mean of the other images' densities, on a common grid, zoomed to image k."""
    rows, columns = (int(v) for v in re.fullmatch(r"(\d+)x(\d+)", text).groups())
    logs = []
    for j in range(int(case["n"])):
        log = resize(case[f"logp_{j}"], (rows, columns), "bilinear")
        logs.append(log - logsumexp(log))
    n = len(logs)
    mean = logsumexp(logs, axis=0) - np.log(n)
    mean -= logsumexp(mean)
    others = np.log(np.exp(mean + np.log(n) - np.log(n - 1)) - np.exp(logs[k] - np.log(n - 1)))
    sized = resize(others, case[f"logp_{k}"].shape, "bilinear")
    return sized - logsumexp(sized)


def derived(image, case, k):
    text = image.options.get("derive")
    if text is None:
        return image.map
    name, inner = re.fullmatch(r"(\w+)\((.*)\)", text).groups()
    if name == "equalize" and inner == "density":
        return equalize(np.exp(case["logp"]))
    if name == "equalize":
        grid = re.search(r"shuffled_baseline\((\w+),numpy\)", inner)[1]
        return equalize(case[f"logp_{k}"] - shuffled_baseline(case, k, grid))
    assert name == "blur", text
    named = dict(part.split("=") for part in inner.split(",") if "=" in part)
    return blur(np.exp(case["logp"]), float(named["sigma"]), named["mode"])


def negatives_of_others(case, k):
    """All fixations of the other images, scaled to image k, then truncated."""
    height, width = case[f"map_{k}"].shape
    points = []
    for j in range(int(case["n"])):
        if j != k:
            h, w = case[f"map_{j}"].shape
            points.append(np.trunc(case[f"fix_{j}"] * [width / w, height / h]))
    return np.concatenate(points)


def value_of(metric, dialect, options, case, k=None, seed=0):
    image = Image(case, dialect, options, k)
    saliency, points = derived(image, case, k), image.points
    if len(points) == 0:
        return np.nan
    if dialect == "tuebingen":
        return tuebingen(metric, options, case, k, image, saliency, points)
    if dialect == "salicon2015":
        return salicon2015(metric, options, case, image, saliency, points, seed)
    if dialect == "salicon2017":
        if metric == "sAUC":
            form = metrics.sauc.in_dialect("salicon2017")
            return form(saliency, points, negative_counts=image.counts(), colon=options["colon"])
        assert metric == "IG"
        name, _, named = calls(options["baseline"])
        assert name == "blur", options["baseline"]
        baseline = blur(image.counts(), float(named["sigma"]), named["mode"])
        return metrics.ig.in_dialect("salicon2017")(saliency, points, baseline)
    return mit(metric, options, case, image, saliency, points, seed)


def tuebingen(metric, options, case, k, image, saliency, points):
    if metric in ("AUC", "AUC_Judd"):
        if options.get("thresholds") == "fixations":
            jitter = "normal" if "jitter" in options else "none"
            return metrics.auc_judd(saliency, points, jitter=jitter, form="fixation thresholds")
        return metrics.auc(saliency, points, negatives=options["negatives"])
    if metric == "sAUC":
        other = options["negatives"] == "other-images"
        return metrics.sauc(
            saliency, points, negatives_of_others(case, k) if other else case["neg"]
        )
    if metric == "NSS":
        return metrics.nss.in_dialect("tuebingen")(saliency, points)
    if metric in ("IG", "LL"):
        if metric == "LL" and "of" in options:
            grid = re.search(r"shuffled_baseline\((\w+),numpy\)", options["of"])[1]
            log_p = shuffled_baseline(case, k, grid)
        else:
            log_p = case["logp" if k is None else f"logp_{k}"]
        if metric == "LL":
            # information gain over a density of one is the log-likelihood, in bits
            flat = np.zeros_like(log_p)
            return metrics.ig(log_p, points, flat, form="log density") * np.log(2)
        baseline = options["baseline"]
        if baseline.startswith("shuffled_baseline"):
            grid = re.search(r"\((\w+),numpy\)", baseline)[1]
            baseline = shuffled_baseline(case, k, grid)
        elif baseline != "uniform":
            baseline = case[baseline]
        return metrics.ig(log_p, points, baseline, form="log density")
    if options.get("between") == "log-densities":
        first, second = np.exp(case["logp"]), np.exp(case["logp_base"])
        return metrics.kl(first, second, eps=0.0, rule="shifted sum")
    target = image.target()
    if options.get("swap") == "1":
        saliency, target = target, saliency
    if metric == "KL":
        constants = {"eps": float(options["eps"]), "added": float(options["min_value"])}
        return metrics.kl(saliency, target, rule="shifted sum", **constants)
    return metrics.METRICS[metric.lower()].in_dialect("tuebingen")(saliency, target)


def salicon2015(metric, options, case, image, saliency, points, seed):
    if metric == "AUC":
        form = metrics.auc.in_dialect("salicon2015")
        named = calls(options["rng"])[1] if "rng" in options else None
        if named is None:
            return form(saliency, points, seed=seed, step=float(options["step"]))
        draw = np.random.RandomState(int(named[0])).randint(saliency.size, size=100000)
        return form(saliency, points, draw=draw, step=float(options["step"]))
    if metric == "sAUC":
        counts = case["shuf"] if "shuf" in case else pooled_counts(case, options)
        form = metrics.sauc.in_dialect("salicon2015")
        return form(saliency, points, negative_counts=counts)
    if metric == "NSS":
        return metrics.nss.in_dialect("salicon2015")(saliency, points)
    assert metric == "CC"
    return metrics.cc.in_dialect("salicon2015")(saliency, image.target())


def pooled_counts(case, options):
    images = [Image(case, "salicon2015", options, k) for k in range(int(case["n"]))]
    counts = np.zeros(images[0].size, np.int64).reshape(-1)
    for image in images:
        counts[image.fixations.unique_index] += 1
    return counts.reshape(images[0].size)


def mit(metric, options, case, image, saliency, points, seed):
    if metric == "AUC_Judd":
        jitter = {"none": "none", "uniform1e-7": "uniform"}[options["jitter"]]
        return metrics.auc_judd.in_dialect("mit")(saliency, points, jitter=jitter, seed=seed)
    if metric in ("AUC_Borji", "AUC_shuffled"):
        grid = {"step": float(options["step"]), "colon": options["colon"], "seed": seed}
        grid["splits"] = int(options.get("splits", 100))
        if "draw" in options:
            grid["draw"] = case[options["draw"]]
        if metric == "AUC_Borji":
            return metrics.auc_borji.in_dialect("mit")(saliency, points, **grid)
        others = case[options.get("negatives", "other")]
        return metrics.sauc.in_dialect("mit")(saliency, points, negative_counts=others, **grid)
    if metric == "NSS":
        return metrics.nss.in_dialect("mit")(saliency, points)
    if metric == "IG":
        baseline = image.scaled(case[options["baseline"]])
        return metrics.ig.in_dialect("mit")(saliency, points, baseline)
    target = image.target()
    if metric == "EMD":
        # the map is resized inside the metric, to the shrunken density's size
        saliency = image.scaled(case["map"])
        kernel = KERNELS.get(options["resize"], "matlab-bicubic-symmetric")
        return metrics.emd(saliency, target, downsize=int(options["downsize"]), kernel=kernel)
    return metrics.METRICS[metric.lower()].in_dialect("mit")(saliency, target)


def row_value(row, seed=0):
    options = parse_options(row["options"])
    unknown = set(options) - KNOWN[row["dialect"]]
    assert not unknown, f"unknown option {sorted(unknown)} in {row}"
    assert row["metric"] in METRICS, f"unknown metric in {row}"
    case = load_case(row["case"])
    arguments = (row["metric"], row["dialect"], options, case)
    if "n" not in case:
        return value_of(*arguments, seed=seed)
    if "image" in options:
        return value_of(*arguments, k=int(options["image"]), seed=seed)
    n = int(case["n"])
    values = np.array([value_of(*arguments, k=k, seed=seed + 1000 * k) for k in range(n)])
    if options["average"] == "fixation":
        counts = [len(case[f"fix_{k}"]) for k in range(n)]
        return np.average(values, weights=counts)
    return values.mean()


def check_of(kind):
    return [row for row in ROWS if row["check"] == kind]


def names(rows):
    return [f"{i}-{r['case']}-{r['metric']}-{r['dialect']}" for i, r in enumerate(rows)]


def test_the_folder_holds_rows_to_check():
    assert check_of("exact"), f"{FOLDER}/expected.csv has no row that could fail"
    unknown = {row["check"] for row in ROWS} - {"exact", "statistical", "info"}
    assert not unknown
    dialects = {row["dialect"] for row in ROWS} - set(KNOWN) - {"port"}
    assert not dialects


@pytest.mark.parametrize("row", check_of("exact"), ids=names(check_of("exact")))
def test_exact_row(row):
    ours, value = float(row_value(row)), float(row["value"])
    if np.isnan(value):
        assert np.isnan(ours), row
    else:
        assert abs(ours - value) <= float(row["tolerance"]) * max(1.0, abs(value)), (ours, row)


@pytest.mark.slow
@pytest.mark.parametrize("row", check_of("statistical"), ids=names(check_of("statistical")))
def test_statistical_row(row):
    runs = 5 if parse_options(row["options"]).get("splits") == "10000" else 30
    ours = np.array([row_value(row, seed=seed) for seed in range(runs)])
    value, sd, n = float(row["value"]), float(row["sd"] or 0), int(row["n"] or 1)
    slack = float(row["tolerance"] or 0)
    bound = 4 * np.sqrt(ours.var(ddof=1) / runs + sd**2 / n) + slack
    assert abs(ours.mean() - value) <= bound, (ours.mean(), ours.std(ddof=1), row)


@pytest.mark.slow
def test_report_of_info_rows(capsys):
    """Never fails on a number: the rows of ports, older code and rounding noise, side by side."""
    lines, outcomes = [], Counter()
    for row in check_of("info"):
        if row["dialect"] == "port" or row["metric"] not in METRICS:
            outcomes["port, not ours"] += 1
            continue
        options = parse_options(row["options"])
        if options.get("input") in ("uint8", "uint16") or options.get("resize") == "octave":
            outcomes["integer input or Octave's resize, not ours"] += 1
            continue
        try:
            ours = float(row_value(row))
        except (KeyError, ValueError, pytest.skip.Exception) as reason:
            outcomes[f"refused by ours: {type(reason).__name__}"] += 1
            continue
        outcomes["shown"] += 1
        head = f"{row['case']:18} {row['metric']:12} {row['dialect']:12}"
        lines.append(f"{head} theirs {row['value']:>24} ours {ours:24.17g}")
    with capsys.disabled():
        print(f"\ninfo rows of {FOLDER.name}: {dict(outcomes)}")
        if os.environ.get("METRIC_GOLDENS_REPORT"):
            print("\n".join(lines))
    assert sum(outcomes.values()) == len(check_of("info"))


ARRAYS = FOLDER / "arrays.npz"


@pytest.mark.skipif(not ARRAYS.is_file(), reason="this folder has no arrays.npz")
def test_arrays():
    with np.load(ARRAYS, allow_pickle=False) as archive:
        arrays = {key: archive[key] for key in archive.files}
    checked = 0
    for key, expected in arrays.items():
        kind, _, case_name = key.partition("__")
        if kind.startswith("resize_matlab_") and case_name:
            case = load_case(case_name)
            stored = case["map"] / 255.0 if case["map"].dtype == np.uint8 else case["map"]
            border = kind.removeprefix("resize_matlab_")
            ours = resize(stored, case["density"].shape, f"matlab-bicubic-{border}")
        elif kind in ("antonio_fc8", "antonio_s3"):
            case = load_case(case_name)
            size = case["density"].shape
            points = Fixations(*case["fix"].T, size)
            ones = np.bincount(points.unique_index, minlength=size[0] * size[1]).reshape(size)
            cutoff = 8.0 if kind == "antonio_fc8" else run_cutoff(size, 3.0)
            ours = fourier_blur(ones, cutoff)
        elif key == "mathworks2011_out":
            ours = resize(arrays["mathworks2011_in"], (8, 8), "matlab-bicubic-replicate")
            assert np.abs(ours - expected).max() <= 5.1e-5
            checked += 1
            continue
        else:
            continue
        assert np.abs(ours - expected).max() <= 1e-12, key
        checked += 1
    assert checked


def run_cutoff(size, sigma):
    """Cut-off that `run_antonioGaussian` takes for a sigma on the unpadded size."""
    return max(size) * np.sqrt(np.log(2) / (2 * np.pi**2 * sigma**2))
