"""Whether results may be compared: complete, unchanged, and of the same data and conventions."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmark_kit.errors import ConfigError, ResultsError
from benchmark_kit.metrics import METRICS, Needs
from benchmark_kit.results.record import Results, check_kind, load_results

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ROUNDING = 1e-12  # a stored mean and its rows agree to the last digits


def open_results(given: Results | str | Path, name: str) -> Results:
    """Results that hold an evaluation whose rows give its means.

    Args:
        given: results or a path.
        name: what messages call it.

    Raises:
        ResultsError: not an evaluation, incomplete, or changed after it was written.
    """
    if isinstance(given, Results):
        found = given
        check_kind(found.data, name)
    else:
        found = load_results(given)
    names = [row["name"] for row in found.images]
    changed = [key for key in found.metrics if not _rows_give_the_mean(found, key)]
    if repeated := len(names) - len(set(names)):
        raise ResultsError(
            f"{name}: {repeated} images have several rows, so the file was changed after it was "
            "written. Fix: score the maps again"
        )
    if changed:
        raise ResultsError(
            f"{name}: its rows do not give the stored means of {', '.join(changed)}, so the file "
            "was changed after it was written. Fix: score the maps again"
        )
    return found


def _rows_give_the_mean(found: Results, key: str) -> bool:
    values = [row[key] for row in found.images if row["fixations"]]
    known = [value for value in values if value is not None]
    entry = found.metrics[key]
    if len(known) != entry["n"] or not known:
        return len(known) == entry["n"] and entry["value"] is None
    mean = math.fsum(known) / len(known)
    return entry["value"] is not None and math.isclose(
        mean, entry["value"], rel_tol=ROUNDING, abs_tol=ROUNDING
    )


def result_labels(results: Sequence[Any], labels: Sequence[str] | None = None) -> list[str]:
    """What to call results: as asked, else by their files, else by their folders of maps.

    Raises:
        ConfigError: names that are not as many, or not different.
    """
    if labels is not None:
        if len(labels) != len(results) or len(set(labels)) != len(labels):
            raise ConfigError(
                f"labels must be {len(results)} different names, got {', '.join(labels)}"
            )
        return list(labels)
    files = [None if isinstance(given, Results) else Path(given) for given in results]
    names = [
        given.data.get("maps", {}).get("source", "").rpartition(" ")[2]
        if file is None
        else file.name.removesuffix(".json")
        for given, file in zip(results, files, strict=True)
    ]
    if len(set(names)) < len(names):  # results.json in several folders, or arrays twice
        names = [
            LETTERS[k % len(LETTERS)] if file is None else str(file) for k, file in enumerate(files)
        ]
    if len(set(names)) < len(names):
        raise ConfigError(f"the same results are given twice: {', '.join(names)}")
    return names


def shared_keys(
    loaded: Sequence[Results], names: Sequence[str], metrics: str | Sequence[str] | None
) -> list[str]:
    """Columns that all results have, or those asked for.

    Raises:
        ConfigError: a column asked for that not all have.
        ResultsError: no column in common.
    """
    shared = [key for key in loaded[0].metrics if all(key in found.metrics for found in loaded)]
    if metrics is None:
        if not shared:
            raise ResultsError(f"{' and '.join(names)} have no metric in common")
        return shared
    asked = metrics.split(",") if isinstance(metrics, str) else list(metrics)
    asked = list(dict.fromkeys(key.strip() for key in asked if key.strip()))
    if not asked:
        raise ConfigError(f"no column is named; all have {', '.join(shared)}")
    if unknown := [key for key in asked if key not in shared]:
        raise ConfigError(
            f"not scored in all results: {', '.join(unknown)}; all have {', '.join(shared)}"
        )
    return asked


def refuse_different(loaded: Sequence[Results], names: Sequence[str], keys: Sequence[str]) -> None:
    """Refuse results whose numbers differ for another reason than the maps.

    Raises:
        ResultsError: they do; everything in which they differ is listed.
    """
    facts = [_conditions(found.data, keys) for found in loaded]
    lines = []
    for fact in facts[0]:
        values = [each[fact] for each in facts]
        if any(value != values[0] for value in values):
            shown = ", ".join(f"{name}: {value}" for name, value in zip(names, values, strict=True))
            lines.append(f"  {fact}: {shown}")
    if lines:
        raise ResultsError(
            "these results cannot be compared; they differ in\n"
            + "\n".join(lines)
            + "\nFix: score all maps on the same data in the same way, or name comparable columns "
            "by --metrics"
        )


def _conditions(data: Mapping[str, Any], keys: Sequence[str]) -> dict[str, Any]:
    """What must be equal, in words: the data, and of each column what its numbers rest on."""
    dataset = data["dataset"]
    facts = {name: dataset[name] for name in ("edition", "split", "points")}
    facts = {"data set": dataset["name"], **facts}
    facts["ground truth (fingerprint)"] = dataset["fingerprint"][:23]
    facts["version of numbers"] = data["made"]["numbers_version"]
    for key in keys:
        facts[f"dialect of {key}"] = data["variants"][key]
        metric = data["variants"][key].partition("@")[0]
        needs = METRICS[metric].facts.needs
        if needs is Needs.DENSITY:
            density = dataset["density"].get(data["metrics"][key]["dialect"])
            facts[f"density behind {key}"] = density
        elif needs is Needs.BASELINE:
            facts[f"baseline of {key}"] = data.get("ig_baseline")
        elif needs is Needs.OTHERS:
            facts[f"negatives of {key}"] = data["negatives"].get(key, {}).get("images")
    return facts
