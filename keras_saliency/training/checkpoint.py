"""The whole state of a training run in one file: a killed run goes on as if it had not been.

All variables of what learns (weights, statistics of batch normalisation, the states of random
generators, which Keras leaves out of its own files), all of its optimizers (steps and moments), and
where in the data the run stands. Plain arrays and one text of JSON, nothing that is executed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np

from benchmark_kit.errors import InputError
from keras_saliency.base.array_file import read_arrays, write_arrays

POSITION = "position"
SHOWN = 5


def variables_of(model: Any) -> dict[str, Any]:
    """Every variable of a compiled network and its optimizer, which is built, by its place.

    Keras' own paths may count the layers of a process.
    """
    found = {f"model/{k:04d} {v.name}": v for k, v in enumerate(model.variables)}
    return found | {f"optimizer/{k:04d}": v for k, v in enumerate(model.optimizer.variables)}


def save_state(path: Path, variables: Mapping[str, Any], position: dict[str, Any]) -> None:
    """Write variables and position; the former file stands until the new one is whole.

    Args:
        path: the file, `.npz`.
        variables: by name, those of `Steps.variables`.
        position: where the run stands; what JSON holds.

    Raises:
        RunFailed: the folder cannot be written or is full.
    """
    arrays = {name: keras.ops.convert_to_numpy(v) for name, v in variables.items()}
    arrays[POSITION] = np.array(json.dumps(position))
    write_arrays(path, arrays)


def stage_of(path: Path) -> int:
    """The stage that a checkpoint was written in, from 0.

    Raises:
        ConfigError: no such file.
        InputError: no checkpoint.
    """
    return int(_position(path, read_arrays(path)).get("stage", 0))


def load_state(path: Path, variables: Mapping[str, Any]) -> dict[str, Any]:
    """Set variables to a state; nothing is changed where it does not fit.

    Args:
        path: the file.
        variables: as for `save_state`.

    Returns:
        the position.

    Raises:
        ConfigError: no such file.
        InputError: a damaged file, or one of another network; says which arrays differ.
    """
    arrays = read_arrays(path)
    position = _position(path, arrays)
    wrong = [f"{name}: the checkpoint does not have it" for name in variables if name not in arrays]
    wrong += [f"{name}: the network does not have it" for name in arrays if name not in variables]
    wrong += [
        f"{name}: the network has {tuple(variable.shape)}, the checkpoint {arrays[name].shape}"
        for name, variable in variables.items()
        if name in arrays and tuple(variable.shape) != arrays[name].shape
    ]
    if wrong:
        more = [f"and {len(wrong) - SHOWN} more"] if len(wrong) > SHOWN else []
        raise InputError(
            "\n  ".join([f"{path} is the checkpoint of another network:", *wrong[:SHOWN], *more])
        )
    for name, variable in variables.items():
        variable.assign(arrays[name])
    return position


def _position(path: Path, arrays: dict[str, Any]) -> dict[str, Any]:
    try:
        return dict(json.loads(str(arrays.pop(POSITION))))
    except (KeyError, ValueError, TypeError):
        raise InputError(
            f"{path} is no checkpoint of a training run. Fix: the last.npz of its folder"
        ) from None
