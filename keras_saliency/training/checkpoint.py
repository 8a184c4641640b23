"""The whole state of a training run in one file: a killed run goes on as if it had not been.

All variables of the network (weights, statistics of batch normalisation, the states of its random
generators, which Keras leaves out of its own files), all of the optimizer (its steps and moments),
and where in the data the run stands. Plain arrays and one text of JSON, nothing that is executed.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import keras
import numpy as np

from benchmark_kit.errors import InputError
from keras_saliency.base.array_file import read_arrays, write_arrays

POSITION = "position"
SHOWN = 5


def save_state(path: Path, model: Any, position: dict[str, Any]) -> None:
    """Write network, optimizer and position; the former file stands until the new one is whole.

    Args:
        path: the file, `.npz`.
        model: a compiled network whose optimizer is built.
        position: where the run stands; what JSON holds.

    Raises:
        RunFailed: the folder cannot be written or is full.
    """
    arrays = {name: keras.ops.convert_to_numpy(v) for name, v in _variables(model).items()}
    arrays[POSITION] = np.array(json.dumps(position))
    write_arrays(path, arrays)


def stage_of(path: Path) -> int:
    """The stage that a checkpoint was written in, from 0.

    Raises:
        ConfigError: no such file.
        InputError: no checkpoint.
    """
    return int(_position(path, read_arrays(path)).get("stage", 0))


def load_state(path: Path, model: Any) -> dict[str, Any]:
    """Set network and optimizer to a state; nothing is changed where it does not fit.

    Returns:
        the position.

    Raises:
        ConfigError: no such file.
        InputError: a damaged file, or one of another network; says which arrays differ.
    """
    arrays = read_arrays(path)
    wanted = _variables(model)
    position = _position(path, arrays)
    wrong = [f"{name}: the checkpoint does not have it" for name in wanted if name not in arrays]
    wrong += [f"{name}: the network does not have it" for name in arrays if name not in wanted]
    wrong += [
        f"{name}: the network has {tuple(variable.shape)}, the checkpoint {arrays[name].shape}"
        for name, variable in wanted.items()
        if name in arrays and tuple(variable.shape) != arrays[name].shape
    ]
    if wrong:
        more = [f"and {len(wrong) - SHOWN} more"] if len(wrong) > SHOWN else []
        raise InputError(
            "\n  ".join([f"{path} is the checkpoint of another network:", *wrong[:SHOWN], *more])
        )
    for name, variable in wanted.items():
        variable.assign(arrays[name])
    return position


def _position(path: Path, arrays: dict[str, Any]) -> dict[str, Any]:
    try:
        return dict(json.loads(str(arrays.pop(POSITION))))
    except (KeyError, ValueError, TypeError):
        raise InputError(
            f"{path} is no checkpoint of a training run. Fix: the last.npz of its folder"
        ) from None


def _variables(model: Any) -> dict[str, Any]:
    """Every variable of the run, by its place: Keras' own paths may count layers of the process."""
    found = {f"model/{k:04d} {v.name}": v for k, v in enumerate(model.variables)}
    return found | {f"optimizer/{k:04d}": v for k, v in enumerate(model.optimizer.variables)}
