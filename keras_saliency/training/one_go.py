"""Training of models that learn in one go: fit, save, score on the part that was kept apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmark_kit.errors import ConfigError
from benchmark_kit.types import Truths
from keras_saliency.training.parts import SPLIT, divide
from keras_saliency.training.run_folder import RunFolder
from keras_saliency.training.scoring import score_parts

OF_NETWORKS = {
    "recipe": None,
    "stage": None,
    "init": None,
    "trunks": (),
    "epochs": None,
    "minutes": None,
    "batch": None,
    "freeze": (),
    "augment": None,
    "sigma": None,
    "precision": "auto",
    "strategy": "one",
}


@dataclass(frozen=True)
class Fitted:
    """What a fit has come to.

    Args:
        folder: where everything lies.
        model: the file of what was learned.
        results: of the validation part, by data set.
    """

    folder: Path
    model: Path
    results: Mapping[str, Any] = field(default_factory=dict)


def train_estimator(
    model: Any,
    truths: Truths | Sequence[Truths],
    out: str | Path,
    *,
    split: str = SPLIT,
    resume: bool = False,
    on_note: Callable[[str], None] | None = None,
) -> Fitted:
    """Fit an estimator, and score it on the part that it did not learn from.

    Args:
        model: what `build_model` made of an entry that has `fit`.
        truths: one data set of the kit or several, which it learns from together.
        out: the run's folder; made here.
        split: the rule that parts each data set (`keras_saliency.data.split`).
        resume: learn again where an earlier call was stopped.
        on_note: called with what a user should read.

    Raises:
        ConfigError: a model that does not learn, a folder that is in use, or too few pictures.
        InputError: data that cannot be learned from.
        RunFailed: the folder cannot be written.
    """
    note = on_note or (lambda text: None)
    folder = RunFolder(out)
    going_on = folder.check(resume)
    name = model.card.name
    if not hasattr(model, "fit"):
        raise ConfigError(
            f"{name} does not learn: it is ready to predict (kind: {model.card.kind}). "
            "Fix: salbench predict, or a model that learns (salbench list models)"
        )
    parts = divide(truths, split)
    settings = {
        "model": name,
        "options": {key: str(value) for key, value in getattr(model, "options", {}).items()},
        "split": split,
        "data": [part.fingerprint for part in parts.sets],
    }
    if going_on:
        folder.refuse_changes(settings)
    folder.make()
    parts.save(folder.path)
    folder.begin({"settings": settings, "data": [part.describe() for part in parts.sets]})
    learned_from = [truth for part in parts.train for truth in part]
    note(f"{name} learns from {len(learned_from)} pictures")
    path = folder / f"{name}.npz"
    try:
        model.fit(learned_from)
        model.save(path)
        results = score_parts(path, parts, folder.path, workers=None, note=note)
    except KeyboardInterrupt as stop:
        stop.add_note(f"{folder.path}: the same command with --resume learns again")
        raise
    return Fitted(folder.path, path, results)


def refuse_settings(name: str, given: Mapping[str, Any]) -> None:
    """Refuse options that only networks have.

    Args:
        name: of the model.
        given: options by name.

    Raises:
        ConfigError: one of them is given; all are named.
    """
    wrong = [key for key, default in OF_NETWORKS.items() if given.get(key, default) != default]
    if wrong:
        options = ", ".join(f"--{key.rstrip('s') if key == 'trunks' else key}" for key in wrong)
        raise ConfigError(f"{name} learns in one go and has no {options}. Fix: leave them out")
