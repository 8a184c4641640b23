"""Scores of the learned models beside what sees no picture, what learned nothing, and observers.

    python benchmarks/learned_models.py --osie osie/ --mit1003 mit1003_test/ --out scores/
    python benchmarks/learned_models.py --osie osie/ --half        # half of the observers alone

Every row is scored by the kit at full size: the 150 test pictures of OSIE by the hash rule (sort
the stems by the SHA-256 of their text, 1279 by that of its duplicate 1374; 500 train, 50 validate,
the rest test), and a `folder` data set whole. IG is over the leave-one-image-out centre bias of the
scored pictures (sigma 35 px, uniform share 0.01). A model `NAME:dataset=…` takes the calibration
and centre bias that it learned for that data set; without, those for pictures of no known set.
"Half of the observers": the even ones blurred predict the odd ones and the other way round, with a
share of the scored set's centre bias. With --out a row whose results lie there is not scored again.
Prints a table a data set with 95 % intervals and, last, one JSON line.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from benchmark_kit import evaluate, get_dataset, load_results
from benchmark_kit.imaging.centre_bias import CentreBias
from benchmark_kit.imaging.density import blur_points
from benchmark_kit.results.record import Results
from benchmark_kit.types import Truths
from keras_saliency.data import split

METRICS = ("ig", "nss", "auc", "sauc", "cc", "kl", "sim")
FREE = ("gbvs_srgb", "bms", "spectral_residual")
# blurs in pixels that half of the observers predict by, and the share of the centre bias in it
HALF = {"osie": ((16, 20, 24), 0.1), "mit1003": ((24, 30, 35), 0.2)}
SIGMA_OF_BASELINE, UNIFORM = 35.0, 0.01


def test_part(truths: Truths) -> Truths:
    """OSIE's last 150 by the hash rule."""
    return split(truths, "hash:500/50/150")["test"]


def halves(truths: Truths) -> Iterator[tuple[Truths, Mapping[str, np.ndarray]]]:
    """Twice: half of the observers as truths, and each picture's numbers of the other half."""
    from dataclasses import replace

    for parity in (0, 1):
        kept, others = [], {}
        for truth in truths:
            subjects = truth.fixations.subject
            rank = np.unique(subjects, return_inverse=True)[1]
            mine = rank % 2 == parity
            kept.append(replace(truth, fixations=truth.fixations.select(mine)))
            others[truth.name] = truth.fixations.select(~mine)
        yield replace(truths, images=tuple(kept)), others


def half_observers(truths: Truths, sigma: float, of_centre: float) -> dict[str, float]:
    """Mean scores of one half of the observers predicting the other, both ways."""
    found = []
    for kept, others in halves(truths):
        bias = CentreBias(kept, SIGMA_OF_BASELINE, UNIFORM)
        maps = {}
        for truth in kept:
            blurred = blur_points(others[truth.name].flat_index, truth.size, sigma)
            density = (1 - of_centre) * blurred / blurred.sum()
            centre = bias.density(truth.size, without=truth.fixations)
            maps[truth.name] = np.log(density + of_centre * centre / centre.sum())
        results = evaluate(
            maps, kept, dialect="tuebingen", log_density=True, metrics=METRICS, bootstrap=0
        )
        found.append({key: results.value(key) for key in METRICS})
    return {key: float(np.mean([one[key] for one in found])) for key in METRICS}


def scored(name: str, truths: Truths, out: Path | None) -> Results:
    """A model's results: those that lie in `out`, else new ones, kept there."""
    file = out and out / f"{truths.name}-{name.replace(':', '-').replace('=', '-')}.json"
    if file and file.exists():
        found = load_results(file)
        if found.data["dataset"]["fingerprint"] == truths.fingerprint:
            return found
    print(f"scoring {name} on {len(truths)} pictures", file=sys.stderr)
    log_density = name.startswith("saliency_")
    options = {"dialect": "tuebingen", "log_density": log_density, "metrics": METRICS}
    return evaluate(None, truths, model=name, out=file, force=True, **options)


def line(name: str, values: Mapping[str, tuple[float, float, float] | float | None]) -> str:
    cells = []
    for key in METRICS:
        value = values.get(key)
        if value is None:
            cells.append("-")
        elif isinstance(value, tuple):
            cells.append(f"{value[0]:.3f} [{value[1]:.3f}, {value[2]:.3f}]")
        else:
            cells.append(f"{value:.3f}")
    return f"| {name} | {' | '.join(cells)} |"


def of_results(results: Results) -> dict[str, tuple[float, float, float]]:
    entries = results.metrics
    return {
        key.removesuffix("_map"): (entry["value"], entry["low"], entry["high"])
        for key, entry in entries.items()
    }


def table(called: str, truths: Truths, given: argparse.Namespace) -> dict[str, object]:
    rows: dict[str, object] = {}
    print(f"\n| {called}, {len(truths)} pictures | {' | '.join(METRICS)} |")
    print(f"|---{'|---:' * len(METRICS)}|")
    sigmas, of_centre = HALF[called]
    for sigma in sigmas:
        name = f"half of the observers, sigma {sigma} px"
        rows[name] = half_observers(truths, sigma, of_centre)
        print(line(name, rows[name]), flush=True)
    if given.half:
        return rows
    for name in [*filter(None, given.models.split(",")), *FREE]:
        for model in (f"{name}:dataset={called}", name) if name not in FREE else (name,):
            rows[model] = of_results(scored(model, truths, given.out))
            print(line(model, rows[model]), flush=True)
    results = evaluate(
        None,
        truths,
        model="uniform",
        dialect="tuebingen",
        metrics=METRICS,
        yardsticks=True,
        bootstrap=0,
    )
    for kind in ("centre_bias", "inter_observer"):
        own = results.yardsticks[kind]
        rows[kind] = {key.removesuffix("_map"): entry["value"] for key, entry in own.items()}
        print(line(kind.replace("_", " "), rows[kind]), flush=True)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--osie", type=Path, help="OSIE's folder")
    parser.add_argument("--mit1003", type=Path, help="test part of MIT1003, a folder data set")
    parser.add_argument("--models", default="saliency_lite", help="names, comma separated")
    parser.add_argument("--half", action="store_true", help="half of the observers alone")
    parser.add_argument("--out", type=Path, help="folder for a results file a model")
    given = parser.parse_args()
    if given.osie is None and given.mit1003 is None:
        parser.error("give --osie, --mit1003 or both")
    if given.out:
        given.out.mkdir(parents=True, exist_ok=True)
    found = {}
    if given.osie:
        found["osie"] = table("osie", test_part(get_dataset("osie", given.osie)), given)
    if given.mit1003:
        found["mit1003"] = table("mit1003", get_dataset("folder", given.mit1003), given)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
