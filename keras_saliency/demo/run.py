"""The demo from end to end: displays, observers, maps, scores, pictures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmark_kit.errors import ConfigError, RunFailed
from keras_saliency.demo.displays import Display, make_displays

if TYPE_CHECKING:
    from benchmark_kit.results.record import Results
    from keras_saliency.demo.observers import Fixation

MODELS = ("spectral_residual", "saliency_lite")  # training-free, and learned
SHOWN = ("nss", "auc")  # the two scores written on the pictures
MARKER = ".salbench-demo"
MARKED = "Written by salbench demo, which may replace what it wrote here.\n"
Progress = Callable[[str], AbstractContextManager[Callable[[int, int], None] | None]]


def run_demo(out: Path, seed: int, progress: Progress) -> dict[str, Results]:
    """Write the demo into a folder.

    Args:
        out: made if absent; else empty, or an earlier demo's.
        seed: seed of displays, observers and scores.
        progress: called with the name of a stage, gives a callable of (done, all) or None.

    Returns:
        model -> its results, as in `results/<model>.json`.

    Raises:
        ConfigError: a folder, or a file in it, that is not the demo's own.
        RunFailed: the folder cannot be written.
    """
    displays = make_displays(seed)
    try:
        _claim(out, displays)
        return _run(out, displays, seed, progress)
    except OSError as error:
        raise RunFailed(
            f"cannot write {out}: {error.strerror}. Fix: --out another folder"
        ) from None


def _claim(out: Path, displays: list[Display]) -> None:
    """Make the folder ours, unless somebody else's files are in it."""
    if out.exists() and not out.is_dir():
        raise ConfigError(f"--out {out} is a file. Fix: name a folder")
    marker = out / MARKER
    if out.is_dir() and any(out.iterdir()) and not marker.is_file():
        raise ConfigError(
            f"--out {out} holds files that are not an earlier demo's, so nothing is written there. "
            "Fix: --out another folder, for instance one that does not exist yet"
        )
    folders = ("dataset/stimuli", *(f"maps/{model}" for model in MODELS))
    ours = {f"{folder}/{display.name}.png" for display in displays for folder in folders}
    ours |= {"dataset/fixations.csv", "dataset/dataset.toml"}
    found = [
        path
        for name in ("dataset", "maps")
        for path in (out / name).rglob("*")
        if not path.is_dir()
    ]
    if strange := sorted(
        str(path) for path in found if path.relative_to(out).as_posix() not in ours
    ):
        raise ConfigError(
            f"{strange[0]} ({len(strange)} such files) is not the demo's and would take part "
            "in it. Fix: move it away, or --out another folder"
        )
    out.mkdir(parents=True, exist_ok=True)
    marker.write_text(MARKED, encoding="utf-8")


def _run(out: Path, displays: list[Display], seed: int, progress: Progress) -> dict[str, Results]:
    import benchmark_kit
    from keras_saliency.demo.dataset import write_dataset

    fixations = write_dataset(out / "dataset", displays, seed)
    maps, results = {}, {}
    (out / "results").mkdir(exist_ok=True)
    for model in MODELS:
        with progress(f"predicting {model}") as tick:
            maps[model] = _predict(model, out, displays, tick)
        with progress(f"scoring {model}") as tick:
            results[model] = benchmark_kit.evaluate(
                out / "maps" / model,
                "folder",
                root=out / "dataset",
                yardsticks=True,
                seed=seed,
                out=out / "results" / f"{model}.json",
                csv=out / "results" / f"{model}.csv",
                force=True,
                cache=False,
                progress=tick,
            )
    _write_sheets(out, displays, fixations, maps, results)
    return results


def _predict(
    name: str, out: Path, displays: list[Display], tick: Callable[[int, int], None] | None
) -> dict[str, np.ndarray]:
    from benchmark_kit.imaging.images import quantise, write_png
    from keras_saliency.predict.predictor import open_predictor

    model = open_predictor(name)
    maps = {}
    for k, display in enumerate(displays):
        maps[display.name] = model.predict_map(out / "dataset" / "stimuli" / f"{display.name}.png")
        path = out / "maps" / name / f"{display.name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_png(path, quantise(maps[display.name]))
        if tick is not None:
            tick(k + 1, len(displays))
    return maps


def _write_sheets(
    out: Path,
    displays: list[Display],
    fixations: Mapping[str, list[Fixation]],
    maps: Mapping[str, Mapping[str, np.ndarray]],
    results: Mapping[str, Results],
) -> None:
    from benchmark_kit.datasets import get_dataset
    from benchmark_kit.imaging.density import default_spec, density_of
    from benchmark_kit.imaging.images import read_stimulus, write_png
    from keras_saliency.demo.contact_sheet import Row, draw_sheet

    truths = get_dataset("folder", out / "dataset", cache=False)
    scores = {model: {row["name"]: row for row in own.images} for model, own in results.items()}
    labels = {key: results[MODELS[0]].metrics[key]["label"] for key in SHOWN}
    rows = {}
    for display in displays:
        name, recorded = display.name, truths[display.name].fixations
        assert recorded is not None
        rows[name] = Row(
            name,
            read_stimulus(out / "dataset" / "stimuli" / f"{name}.png"),
            np.array([(fixation.x, fixation.y, fixation.order) for fixation in fixations[name]]),
            density_of(recorded, default_spec(truths)).values,
            {model: maps[model][name] for model in MODELS},
            {model: _shown(labels, scores[model][name], gap="     ") for model in MODELS},
        )
    folder = out / "pictures"
    folder.mkdir(exist_ok=True)
    note = "drawn displays, fixations of simulated observers"
    categories = dict.fromkeys(display.category for display in displays)
    for category in categories:
        mine = [rows[display.name] for display in displays if display.category == category]
        groups = {m: own.data["groups"]["category"][category] for m, own in results.items()}
        title = f"{category.capitalize()} displays: {_all_shown(labels, groups)}"
        write_png(folder / f"{category}.png", draw_sheet(title, note, mine))
    firsts = [rows[f"{category}/02"] for category in categories]
    means = {model: own.metrics for model, own in results.items()}
    title = f"Demo, {len(rows)} displays: {_all_shown(labels, means)}"
    note = f"{note}; one display a category"
    write_png(folder / "overview.png", draw_sheet(title, note, firsts))


def _all_shown(labels: Mapping[str, str], means: Mapping[str, Mapping[str, Any]]) -> str:
    return "; ".join(
        f"{model} {_shown(labels, {key: own[key]['value'] for key in SHOWN})}"
        for model, own in means.items()
    )


def _shown(labels: Mapping[str, str], values: Mapping[str, float], gap: str = ", ") -> str:
    return gap.join(f"{labels[key]} {values[key]:.2f}" for key in SHOWN)
