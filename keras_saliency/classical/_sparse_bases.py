"""Filters that AIM and SUN learned from natural pictures, which the user supplies.

They belong to their authors, whose terms do not allow us to ship them, so they are read from a file
that is named by an option or by an environment variable.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmark_kit.errors import ConfigError, InputError
from benchmark_kit.imaging.matlab import MatFileError, load_mat, numbers

AIM_VARIABLE, SUN_VARIABLE = "AIM_BASES", "SUN_STATS"
AIM_BASES = (
    *("21jade950", "21infomax950", "21infomax900"),
    *("31jade950", "31jade900", "31infomax950"),
)
SUN_SIDE = 11

Named = str | os.PathLike[str] | None


@dataclass(frozen=True)
class SUNStatistics:
    """SUN's filters and how natural pictures answer to them.

    Args:
        filters: (n, side, side, 3): row, column, colour.
        sigmas: scale of the generalised Gaussian of each filter, (n,).
        thetas: its shape, (n,).
    """

    filters: np.ndarray
    sigmas: np.ndarray
    thetas: np.ndarray


def find_aim_basis(given: Named, basis: str) -> np.ndarray:
    """AIM's filters.

    Args:
        given: a folder of the authors' files or one file; None: the environment variable's.
        basis: which one of a folder, for instance `"21jade950"`.

    Returns:
        float64 (n, side, side, 3): row, column, colour.

    Raises:
        ConfigError: nothing is named, it does not exist, or a folder has no such basis.
        InputError: the file is no basis.
    """
    path = _named(
        given,
        AIM_VARIABLE,
        option="bases",
        what="aim needs filters learned from pictures: a folder of the authors' .mat files "
        "(21jade950.mat and its like), or one such file",
        source="TsotsosLab/AIM on GitHub, or your own pictures: "
        "python -m keras_saliency.classical.ica",
    )
    if path.is_dir():
        files = [path / f"{basis}.mat", path / f"aim_{basis}.mat"]
        found = [file for file in files if file.is_file()]
        if not found:
            raise ConfigError(
                f"no basis {basis!r} in {path}: neither {files[0].name} nor {files[1].name}. "
                f"Fix: put it there, or basis= one of {', '.join(AIM_BASES)} that is"
            )
        path = found[0]
    return read_aim_basis(path)


def read_aim_basis(path: Path) -> np.ndarray:
    """A basis from its file: matrix B, a filter a row, patches stretched column by column.

    Raises:
        InputError: no such file content; the message names the file.
    """
    matrix = _arrays(path, ("B",))["B"]
    side = round(np.sqrt(matrix.shape[-1] / 3)) if matrix.ndim == 2 else 0
    if matrix.size == 0 or side % 2 == 0 or matrix.shape[1] != 3 * side**2:
        raise InputError(
            f"{path}: B has shape {matrix.shape}; expected (filters, 3 side^2) with an odd side. "
            "Fix: one of the authors' files, or one that keras_saliency.classical.ica wrote"
        )
    return _unstretched(matrix, side)


def find_sun_statistics(given: Named) -> SUNStatistics:
    """SUN's filters and their statistics.

    Args:
        given: the authors' file; None: the environment variable's.

    Raises:
        ConfigError: no file is named, or it does not exist.
        InputError: the file holds something else; the message names it.
    """
    path = _named(
        given,
        SUN_VARIABLE,
        option="stats",
        what="sun needs the authors' filters and their statistics: the file stats.mat",
        source="TsotsosLab/SMILER on GitHub, models/matlab/SUN; sun_dog needs none and learns from "
        "your own pictures",
    )
    arrays = _arrays(path, ("B1", "sigmas", "thetas"))
    matrix, sigmas, thetas = arrays["B1"], arrays["sigmas"].ravel(), arrays["thetas"].ravel()
    columns, count = 3 * SUN_SIDE**2, len(sigmas)
    if matrix.shape != (count, columns) or len(thetas) != count or count == 0:
        raise InputError(
            f"{path}: B1 {matrix.shape}, sigmas {arrays['sigmas'].shape}, thetas "
            f"{arrays['thetas'].shape}; expected (n, {columns}), (1, n), (1, n). "
            "Fix: the authors' stats.mat, unchanged"
        )
    if sigmas.min() <= 0 or thetas.min() <= 0:
        raise InputError(
            f"{path}: sigmas and thetas must be above 0, found {sigmas.min():g} and "
            f"{thetas.min():g} at least. Fix: the authors' stats.mat, unchanged"
        )
    return SUNStatistics(_unstretched(matrix, SUN_SIDE), sigmas, thetas)


def stretched(filters: np.ndarray) -> np.ndarray:
    """Filters (n, side, side, 3) as the authors store them: column by column, colour by colour."""
    return filters.transpose(0, 3, 2, 1).reshape(len(filters), -1)


def _unstretched(matrix: np.ndarray, side: int) -> np.ndarray:
    return matrix.reshape(-1, 3, side, side).transpose(0, 3, 2, 1)


def _named(given: Named, variable: str, *, option: str, what: str, source: str) -> Path:
    named = given or os.environ.get(variable)
    if not named:
        raise ConfigError(
            f"{what}; not ours to ship. From: {source}. Fix: give it as {option}= or in the "
            f"variable {variable}"
        )
    path = Path(named).expanduser()
    if not path.exists():
        raise ConfigError(
            f"there is no {path}; {what}. From: {source}. Fix: check {option}= or {variable}"
        )
    return path


def _arrays(path: Path, names: tuple[str, ...]) -> dict[str, np.ndarray]:
    try:
        variables = load_mat(path)
        arrays = {name: numbers(variables[name]) for name in names if name in variables}
    except MatFileError as error:
        raise InputError(f"{path}: {error}. Fix: the authors' .mat file, unchanged") from None
    if missing := [name for name in names if name not in arrays]:
        raise InputError(
            f"{path}: expected {', '.join(names)}; missing {', '.join(missing)}, found "
            f"{', '.join(variables) or 'nothing'}. Fix: the authors' .mat file, unchanged"
        )
    if bad := [name for name in names if not np.isfinite(arrays[name]).all()]:
        raise InputError(f"{path}: not finite: {', '.join(bad)}. Fix: fetch the file again")
    return arrays
