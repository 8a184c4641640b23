"""DKL colours by the GBVS toolbox' table, which the user supplies.

The table measures one monitor and belongs to the toolbox (academic licence), so it is read from a
file that is named by `dkl=` or by the environment variable `GBVS_DKL` and is not part of this
package.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmark_kit.containers.damage import DamagedFile
from benchmark_kit.containers.npy import read_npz
from benchmark_kit.errors import ConfigError, InputError

VARIABLE = "GBVS_DKL"
SHAPES = {
    "lut_rgb": (256, 3),
    "rgb_to_lms": (3, 3),
    "lms0": (3,),
    "lms_to_dkl": (3, 3),
    "dkl_scale": (3,),
}


@dataclass(frozen=True)
class DKLTable:
    """Colours of a screen as cone contrasts: luminance, red-green, blue-yellow.

    Args:
        levels: (256, 3), light of each channel by its level.
        matrix: (3, 3), light of R, G, B to DKL.
        offset: (3,), added afterwards.
        path: the file it was read from.
    """

    levels: np.ndarray
    matrix: np.ndarray
    offset: np.ndarray
    path: Path

    def convert(self, rgb: np.ndarray) -> np.ndarray:
        """DKL of colours.

        Args:
            rgb: (..., 3) in 0..1. A value x reads row ceil(255 x), counted from 1, so that 0 and
                1/255 share a row and the last one is never read.

        Returns:
            float64 (..., 3).
        """
        rows = np.clip(np.ceil(255.0 * rgb.astype(np.float64)), 1, 256).astype(np.intp) - 1
        light = np.stack([self.levels[rows[..., k], k] for k in range(3)], axis=-1)
        return light @ self.matrix.T + self.offset


def find_dkl_table(given: str | os.PathLike[str] | None, model: str, without: str) -> DKLTable:
    """The table named by the caller or by the environment.

    Args:
        given: path, or None for the environment variable's.
        model: what asks for it, for messages.
        without: what to use without a table, for messages.

    Raises:
        ConfigError: no file is named, or it does not exist.
        InputError: the file is no such table.
    """
    named = given or os.environ.get(VARIABLE)
    if not named:
        raise ConfigError(
            f"{model} needs the GBVS toolbox' DKL table, which is not ours to ship: a file .npz of "
            f"{_expected()}; numbers: util/rgb2dkl.m of the toolbox (TsotsosLab/SMILER, "
            f"models/matlab/GBVS). Fix: give the file as dkl= or in the variable {VARIABLE}, "
            f"or use {without}, which needs none"
        )
    path = Path(named).expanduser()
    if not path.is_file():
        raise ConfigError(
            f"there is no DKL table {path}. Fix: check dkl= or {VARIABLE}, or use {without}, "
            "which needs none"
        )
    return read_dkl_table(path)


def read_dkl_table(path: Path) -> DKLTable:
    """A table from its file.

    Raises:
        InputError: no archive, or arrays missing, of another shape or not finite; all are named.
    """
    try:
        arrays = read_npz(path)
    except DamagedFile as error:
        reason = f"{path} is no .npz archive: {error.reason}; expected {_expected()}"
        raise InputError(reason) from None
    wrong = []
    for name, shape in SHAPES.items():
        if name not in arrays:
            wrong.append(f"{name}: missing, expected {shape}")
        elif arrays[name].shape != shape or arrays[name].dtype.kind != "f":
            found = f"{arrays[name].dtype} {arrays[name].shape}"
            wrong.append(f"{name}: expected floats {shape}, found {found}")
        elif not np.isfinite(arrays[name]).all():
            wrong.append(f"{name}: expected finite numbers, found nan or infinity")
    if wrong:
        raise InputError("\n  ".join([f"{path} is no DKL table:", *wrong]))
    to_dkl = arrays["dkl_scale"][:, None] * arrays["lms_to_dkl"]
    matrix, offset = to_dkl @ arrays["rgb_to_lms"], -to_dkl @ arrays["lms0"]
    return DKLTable(arrays["lut_rgb"], matrix, offset, path)


def _expected() -> str:
    return ", ".join(f"{name} {shape}" for name, shape in SHAPES.items())
