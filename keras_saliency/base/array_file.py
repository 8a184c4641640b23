"""What estimators have learned as plain arrays in one `.npz` file: no pickle, nothing executed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from benchmark_kit.containers.damage import DamagedFile
from benchmark_kit.containers.npy import read_npz
from benchmark_kit.errors import ConfigError, InputError
from benchmark_kit.files import write_beside


def write_arrays(path: str | Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Write named arrays, beside, then rename.

    Args:
        path: the file; its name should end in `.npz`.
        arrays: of numbers or texts.

    Raises:
        RunFailed: the folder cannot be written.
    """
    write_beside(
        Path(path).expanduser(),
        lambda file: np.savez(file, **dict(arrays)),  # type: ignore[arg-type]  # of allow_pickle
    )


def read_arrays(path: str | Path, names: Sequence[str] | None = None) -> dict[str, np.ndarray]:
    """Read named arrays.

    Args:
        path: the file.
        names: what it must hold; None: all that it holds.

    Raises:
        ConfigError: no such file.
        InputError: no such archive, or one without some of the names.
    """
    path = Path(path).expanduser()
    if not path.is_file():
        raise ConfigError(f"there is no file {path}. Fix: check the path")
    try:
        found = read_npz(path)
    except DamagedFile as error:
        raise InputError(
            f"{path} is no .npz archive of plain arrays ({error.reason}). Fix: copy it again"
        ) from None
    names = list(found) if names is None else names
    if missing := [name for name in names if name not in found]:
        raise InputError(
            f"{path} lacks {', '.join(missing)}; expected {', '.join(names)}. "
            "Fix: a file that this model's save wrote"
        )
    return {name: found[name] for name in names}
