"""The beginning of a run: features standardised, the split and the first checkpoint put down."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np

from keras_saliency.layers.standardize import Standardize
from keras_saliency.training.checkpoint import save_state
from keras_saliency.training.loop import START
from keras_saliency.training.parts import Parts
from keras_saliency.training.run_folder import RunFolder
from keras_saliency.training.standardization import learn_standardization
from keras_saliency.training.steps import Steps


def begin(
    folder: RunFolder,
    steps: Steps,
    parts: Parts,
    learn: Any,
    settings: Mapping[str, Any],
    start: Mapping[str, str | Path],
) -> dict[str, Any]:
    """Put down what the run begins with; the configuration comes last.

    Args:
        folder: the run's.
        steps: of the network as it starts.
        parts: the data.
        learn: batches to learn from.
        settings: what must not change before the run has ended.
        start: names of what the weights came from -> file.

    Returns:
        the position to begin at.

    Raises:
        RunFailed: the folder cannot be written.
    """
    model = steps.model
    # a readout that has learned goes on with the features as it knows them
    if model.random_weights and any(isinstance(layer, Standardize) for layer in model.layers):
        learn_standardization(model, learn.inputs())
    position = dict(START)
    if not steps.writes:
        return position
    folder.make()
    parts.save(folder.path)
    save_state(folder.last, steps.variables, position)
    folder.begin(
        {
            "settings": settings,
            "data": [part.describe() for part in parts.sets],
            "start": {
                **{what: str(file) for what, file in start.items()},
                "weights": _weights_sha256(model),
            },
            "parameters": model.count_params(),
            "learning": sum(int(np.prod(v.shape)) for v in model.trainable_variables),
        }
    )
    return position


def sha256_of(path: Path) -> str:
    """A file's fingerprint; of what is no file, its name."""
    if not path.is_file():  # as "imagenet", which is no file of the user's
        return str(path)
    with path.open("rb") as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"


def _weights_sha256(model: Any) -> str:
    digest = hashlib.sha256()
    for variable in model.weights:
        digest.update(np.ascontiguousarray(keras.ops.convert_to_numpy(variable)).tobytes())
    return f"sha256:{digest.hexdigest()}"
