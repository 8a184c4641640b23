"""Scores of the learned models beside what sees no picture, what learned nothing, and observers.

    python benchmarks/learned_models.py --osie osie/ --mit1003 mit1003_test/ --out scores/
    python benchmarks/learned_models.py --osie osie/ --half        # observers by observers alone
    python benchmarks/learned_models.py --mit1003 mit1003_test/ --model run/best.keras \
        --fit-mit1003 mit1003_train/

Every row is scored by the kit at full size: the 150 test pictures of OSIE by the hash rule (sort
the stems by the SHA-256 of their text, 1279 by that of its duplicate 1374; 500 train, 50 validate,
the rest test), and a `folder` data set whole. IG is over the leave-one-image-out centre bias of the
scored pictures (sigma 35 px, uniform share 0.01). A model `NAME:dataset=…` takes the calibration
and centre bias that it learned for that data set; without, those for pictures of no known set.
"Half of the observers": the even ones blurred predict the odd ones and the other way round, with a
share of the scored set's centre bias; "all other observers": so do all but one that one, each in
turn, in the metrics that look at fixations alone (one observer's density is no yardstick). With
--out a row whose results lie there is not scored again.

--model scores a saved network instead, as often as it is given. Information gain of maps that are
no densities is the kit's, of the map over its sum; `ig fitted` is that of a density made of it:
`fit_density`'s monotone transform and centre bias, fitted on validation pictures, OSIE's 50 or
MIT1003's 50 by `hash:853/50`.

Prints a table a data set with 95 % intervals and, last, one JSON line.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmark_kit import evaluate, get_dataset
from benchmark_kit.imaging.centre_bias import CentreBias
from benchmark_kit.imaging.density import blur_points
from benchmark_kit.packaging.fitted_density import fit_density
from benchmark_kit.results.record import Results, load_results_of
from benchmark_kit.types import Truths
from keras_saliency.base.centre_bias import normalised
from keras_saliency.base.probabilistic_model import ProbabilisticModel
from keras_saliency.data import split
from keras_saliency.predict.predictor import open_predictor

Values = Mapping[str, tuple[float, float, float] | float | None]

FITTED = "ig fitted"
METRICS = ("ig", "nss", "auc", "sauc", "cc", "kl", "sim")
OF_POINTS = ("ig", "nss", "auc", "sauc")  # which do not look at a density of the fixations
FREE = ("gbvs_srgb", "bms", "spectral_residual")
# blurs in pixels that observers predict by, and the share of the centre bias in it
BLURS = {"osie": ((16, 20, 24), 0.1), "mit1003": ((24, 30, 35), 0.2)}
SIGMA_OF_BASELINE, UNIFORM = 35.0, 0.01


def test_part(truths: Truths) -> Truths:
    """OSIE's last 150 by the hash rule."""
    return split(truths, "hash:500/50/150")["test"]


def judging_part(called: str, root: Path) -> Truths:
    """50 pictures of OSIE, or of MIT1003's training part, that no network learned from."""
    if called == "osie":
        return split(get_dataset("osie", root), "hash:500/50/150")["validate"]
    return split(get_dataset("folder", root), "hash:853/50")["validate"]


def parted(truths: Truths, parts: int) -> Iterator[tuple[Truths, Mapping[str, np.ndarray]]]:
    """As often as there are parts: the observers of one as truths, and the others' fixations."""
    from dataclasses import replace

    for part in range(parts):
        kept, others = [], {}
        for truth in truths:
            subjects = truth.fixations.subject
            rank = np.unique(subjects, return_inverse=True)[1]
            mine = rank % parts == part
            if mine.any():  # not every observer saw every picture
                kept.append(replace(truth, fixations=truth.fixations.select(mine)))
                others[truth.name] = truth.fixations.select(~mine)
        yield replace(truths, images=tuple(kept)), others


def by_observers(
    truths: Truths, parts: int, sigma: float, of_centre: float, metrics: Sequence[str]
) -> dict[str, float]:
    """Mean scores of the observers of each part, predicted by all others."""
    found = []
    for kept, others in parted(truths, parts):
        bias = CentreBias(kept, SIGMA_OF_BASELINE, UNIFORM)
        maps = {}
        for truth in kept:
            blurred = blur_points(others[truth.name].flat_index, truth.size, sigma)
            density = (1 - of_centre) * blurred / blurred.sum()
            centre = bias.density(truth.size, without=truth.fixations)
            maps[truth.name] = np.log(density + of_centre * centre / centre.sum())
        results = evaluate(
            maps, kept, dialect="tuebingen", log_density=True, metrics=metrics, bootstrap=0
        )
        found.append({key: results.value(key) for key in metrics})
    return {key: float(np.mean([one[key] for one in found])) for key in metrics}


def scored(name: str, truths: Truths, out: Path | None) -> Results:
    """A model's results: those that lie in `out`, else new ones, kept there."""
    file = out and out / f"{truths.name}-{name.replace(':', '-').replace('=', '-')}.json"
    if file and (kept := load_results_of(file, truths)):
        return kept
    print(f"scoring {name} on {len(truths)} pictures", file=sys.stderr)
    log_density = name.startswith("saliency_")
    options = {"dialect": "tuebingen", "log_density": log_density, "metrics": METRICS}
    return evaluate(None, truths, model=name, out=file, force=True, **options)


def scored_maps(
    predict: Callable[[str], np.ndarray], truths: Truths, judges: Truths | None, *, density: bool
) -> Values:
    """Scores of a function from a picture's file to its map.

    Args:
        predict: gives float (height, width).
        truths: what is scored.
        judges: validation pictures that `ig fitted` is fitted on; None: it is left out.
        density: whether maps are natural-log densities, whose information gain counts as it is.
    """
    options: dict[str, Any] = {"dialect": "tuebingen", "metrics": METRICS}
    maps = predicted(predict, truths)
    rows = of_results(evaluate(maps, truths, log_density=density, **options))
    if judges is not None:
        fitted = fit_density(judges, predicted(predict, judges))
        for name, found in maps.items():
            maps[name] = normalised(fitted.unnormalised(found)).astype(np.float64)
        options["metrics"] = ("ig",)
        rows[FITTED] = of_results(evaluate(maps, truths, log_density=True, **options))["ig"]
    return rows


def predicted(predict: Callable[[str], np.ndarray], truths: Truths) -> dict[str, np.ndarray]:
    return {truth.name: np.asarray(predict(str(truth.stimulus))) for truth in truths}


def of_file(path: Path, truths: Truths, judges: Truths | None) -> Values:
    """Scores of a saved network."""
    model = open_predictor(str(path))
    if isinstance(model, ProbabilisticModel):
        return scored_maps(model.predict_log_density, truths, None, density=True)
    return scored_maps(model.predict_map, truths, judges, density=False)


def heading(called: str, truths: Truths, columns: Sequence[str]) -> str:
    first = f"| {called}, {len(truths)} pictures | {' | '.join(columns)} |"
    return f"\n{first}\n|---{'|---:' * len(columns)}|"


def line(name: str, values: Values, columns: Sequence[str] = METRICS) -> str:
    cells = []
    for key in columns:
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
    if given.model:
        print(heading(called, truths, (*METRICS, FITTED)))
        for path in given.model:
            root = getattr(given, f"fit_{called}")
            rows[str(path)] = of_file(path, truths, root and judging_part(called, root))
            print(line(f"`{path}`", rows[str(path)], (*METRICS, FITTED)), flush=True)
        return rows
    print(heading(called, truths, METRICS))
    sigmas, of_centre = BLURS[called]
    observers = len({one for truth in truths for one in np.unique(truth.fixations.subject)})
    for who, parts, metrics in (("half of the", 2, METRICS), ("all other", observers, OF_POINTS)):
        for sigma in sigmas:
            name = f"{who} observers, sigma {sigma} px"
            rows[name] = by_observers(truths, parts, sigma, of_centre, metrics)
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
    parser.add_argument(
        "--model", type=Path, action="append", default=[], help="a saved network, these alone"
    )
    parser.add_argument("--fit-osie", type=Path, help="OSIE's folder, for `ig fitted`")
    parser.add_argument("--fit-mit1003", type=Path, help="MIT1003's training part, for `ig fitted`")
    parser.add_argument("--half", action="store_true", help="observers by observers alone")
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
