"""What storing a map costs: five maps in nineteen stored forms, scored on OSIE.

    python benchmarks/quantisation.py --root osie/ [--every 7] [--workers N]

Images 1001, 1008, … 1694 (every seventh of 700). Observers 0, 2, … 14 make the map, observers 1,
3, … 13 judge it: exact AUC, sAUC against the judging observers' fixations of all other images, NSS;
CC, KL and SIM with the judges' counts blurred by 24 px (nearest); IG (map) over a fixed yardstick,
all fixations of all images blurred by 35 px. Values are differences to the map in float64, means
over the images. The maps: a centre Gaussian, the KDE of the map observers, that with centre bias
and a uniform share, a peaky one, and the spectral residual. Prints a table a map and, last, one
JSON line.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter, uniform_filter
from scipy.stats import rankdata

from benchmark_kit.datasets import get_dataset
from benchmark_kit.dialects import EPS, EPS_FIVE_DIGITS
from benchmark_kit.imaging.density import blur, blur_points
from benchmark_kit.imaging.images import quantise
from benchmark_kit.metrics import auc, cc, ig, kl, nss, sauc, sim
from benchmark_kit.types import Fixations, GroundTruth

SCORES = ("AUC", "sAUC", "NSS", "CC", "KL", "SIM", "IG (map)", "fix. on 0")
MAPS = (
    "centre Gaussian",
    "8-observer KDE s=24",
    "density (KDE+CB+uniform)",
    "peaky density s=10",
    "spectral residual",
)
State = tuple[np.ndarray, np.ndarray]  # centre bias, counts of all judging observers


def scaled(m: np.ndarray) -> np.ndarray:
    return (m - m.min()) / (m.max() - m.min())


def lifted(levels: np.ndarray) -> np.ndarray:
    return np.maximum(1, np.round(levels))


def jpeg(m: np.ndarray, quality: int) -> np.ndarray:
    buffer = io.BytesIO()
    picture = Image.fromarray(np.round(255 * scaled(m)).astype(np.uint8))
    picture.save(buffer, format="JPEG", quality=quality)
    return np.asarray(Image.open(buffer))


def log_scaled(m: np.ndarray) -> np.ndarray:
    return scaled(np.log(np.maximum(m / m.max(), 1e-12)))


STORED: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "float32": lambda m: m.astype(np.float32),
    "float16 (map/max)": lambda m: (m / m.max()).astype(np.float16),
    "16-bit round": lambda m: np.round(65535 * scaled(m)),
    "16-bit max(1, round)": lambda m: lifted(65535 * scaled(m)),
    "16-bit max(1, round(m/max))": lambda m: lifted(65535 * m / m.max()),
    "8-bit floor": lambda m: np.floor(255 * scaled(m)),
    "8-bit round": lambda m: np.round(255 * scaled(m)),
    "8-bit ceil": quantise,
    "8-bit max(1, round)": lambda m: lifted(255 * scaled(m)),
    "8-bit 1+round(254 n)": lambda m: 1 + np.round(254 * scaled(m)),
    "8-bit ceil of m/max": lambda m: np.ceil(255 * m / m.max()),
    "8-bit max(1, round(m/max))": lambda m: lifted(255 * m / m.max()),
    "8-bit x/max, truncated": lambda m: np.floor(255 * m / m.max()),
    "JPEG 95": lambda m: jpeg(m, 95),
    "JPEG 75": lambda m: jpeg(m, 75),
    "8-bit sqrt": lambda m: np.round(255 * np.sqrt(scaled(m))),
    "8-bit log, min-max": lambda m: np.round(255 * log_scaled(m)),
    "8-bit equalised": lambda m: np.floor(256 * (rankdata(m).reshape(m.shape) - 0.5) / m.size),
    "4-bit round": lambda m: np.round(15 * scaled(m)),
}


def split_observers(fixations: Fixations) -> tuple[Fixations, Fixations]:
    """Fixations of those that make the map, and of those that judge it."""
    makes = fixations.subject % 2 == 0
    return fixations.select(makes), fixations.select(~makes)


def spectral_residual(truth: GroundTruth) -> np.ndarray:
    height, width = truth.size
    gray = Image.open(truth.stimulus).convert("L").resize((64, 48), Image.Resampling.BILINEAR)
    spectrum = np.fft.fft2(np.asarray(gray, dtype=np.float64))
    amplitude = np.log(np.abs(spectrum) + 1e-9)
    residual = amplitude - uniform_filter(amplitude, 3, mode="wrap")
    back = np.abs(np.fft.ifft2(np.exp(residual + 1j * np.angle(spectrum)))) ** 2
    small = Image.fromarray(gaussian_filter(back, 2.5).astype(np.float32))
    return np.asarray(small.resize((width, height), Image.Resampling.BICUBIC), dtype=np.float64)


def make_maps(truth: GroundTruth, makers: Fixations, bias: np.ndarray) -> list[np.ndarray]:
    height, width = size = truth.size
    y, x = np.indices(size)
    gaussian = np.exp(
        -(((y - (height - 1) / 2) / 150) ** 2) / 2 - ((x - (width - 1) / 2) / 200) ** 2 / 2
    )
    broad, narrow = (blur_points(makers.flat_index, size, s, "constant") for s in (24.0, 10.0))
    broad, narrow = broad / broad.sum(), narrow / narrow.sum()
    density = 0.85 * broad + 0.14 * bias + 0.01 / bias.size
    return [gaussian, broad, density, 0.95 * narrow + 0.05 * bias, spectral_residual(truth)]


def score(values: np.ndarray, judges: Fixations, truth: np.ndarray, state: State) -> list[float]:
    bias, counts = state
    values = values.astype(np.float64)
    own = np.bincount(judges.flat_index, minlength=values.size).reshape(values.shape)
    return [
        auc(values, judges),
        sauc(values, judges, negative_counts=counts - own),
        float(nss(values, judges, ddof=0)),
        float(cc(values, truth, constant=0.0)),
        float(kl(values, truth, eps=EPS_FIVE_DIGITS, rule="shifted sum")),
        float(sim(values, truth, rule="shifted sum")),
        float(ig(values, judges, bias, form="map", eps=EPS)),
        float((values.ravel()[judges.flat_index] == 0).mean()),
    ]


def score_image(truth: GroundTruth, state: State) -> np.ndarray:
    """Scores of one image (maps, 1 + stored forms, scores); the first form is float64."""
    makers, judges = split_observers(truth.fixations)
    empirical = blur_points(judges.flat_index, truth.size, 24.0, "nearest")
    return np.array(
        [
            [score(values, judges, empirical, state)]
            + [score(store(values), judges, empirical, state) for store in STORED.values()]
            for values in make_maps(truth, makers, state[0])
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=Path, required=True, help="OSIE's folder")
    parser.add_argument("--every", type=int, default=7, help="score every n-th image")
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    given = parser.parse_args()
    began = time.perf_counter()
    truths = get_dataset("osie", given.root, cache=False)
    size = truths.images[0].size
    everything = np.concatenate([t.fixations.flat_index for t in truths])
    bias = blur(np.bincount(everything, minlength=size[0] * size[1]).reshape(size), 35.0)
    judging = np.concatenate([split_observers(t.fixations)[1].flat_index for t in truths])
    counts = np.bincount(judging, minlength=size[0] * size[1]).reshape(size)
    chosen = truths.images[:: given.every]
    work = partial(score_image, state=(bias / bias.sum(), counts))
    with ProcessPoolExecutor(given.workers, mp_context=get_context("spawn")) as pool:
        means = np.mean(list(pool.map(work, chosen)), axis=0)
    for name, table in zip(MAPS, means, strict=True):
        first = ", ".join(f"{s} {v:.4f}" for s, v in zip(SCORES, table[0], strict=True))
        print(f"\n{name} (float64: {first})")
        for form, row in zip(STORED, table[1:], strict=True):
            cells = " ".join(f"{d:+9.4f}" for d in (row - table[0])[:-1])
            print(f"{form:28s} {cells} {100 * row[-1]:6.1f} %")
    record = {
        "benchmark": "quantisation",
        "images": len(chosen),
        "seconds": round(time.perf_counter() - began, 1),
        "scores": SCORES,
        "maps": {
            name: {
                form: [round(float(v), 5) for v in row]
                for form, row in zip(("float64", *STORED), table, strict=True)
            }
            for name, table in zip(MAPS, means, strict=True)
        },
    }
    print(json.dumps(record))


if __name__ == "__main__":
    main()
