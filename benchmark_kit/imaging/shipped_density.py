"""An image's ground-truth density, fit to compare with: a shipped one is data and may be broken."""

from __future__ import annotations

import numpy as np

from benchmark_kit.errors import ConfigError, InputError, KitError, Problem
from benchmark_kit.imaging.density import DensitySpec, read_density
from benchmark_kit.types import Density, GroundTruth


def usable_density(truth: GroundTruth, spec: DensitySpec) -> Density:
    """The density as `spec` says.

    Raises:
        InputError: a shipped density that cannot be read, is blank though the image has fixations,
            holds NaN or Inf, or logarithms; the problem names its file.
        ConfigError: shipped densities asked for where the data set has none.
    """
    if spec.source != "shipped" or truth.density_file is None:
        return read_density(truth, spec)
    place = str(truth.density_file)
    fix = "copy the densities again, or --density computed"
    try:
        density = read_density(truth, spec)
    except ConfigError as error:  # of another size
        found = f"another size than its image: {str(error).removeprefix(f'{place}: ')}"
        problem = Problem("E703", (place,), found, fix=fix)
        raise InputError(str(error), [problem]) from None
    except KitError as error:
        found = f"a density that cannot be used: {getattr(error, 'found', error)}"
        code = getattr(error, "code", "E301")
        raise InputError(place, [Problem(code, (place,), found, fix=fix)]) from None
    if found := _unusable(density.values, truth):
        problem = Problem("E702", (place,), f"a density that cannot be used: {found}", fix=fix)
        raise InputError(place, [problem])
    return density


def _unusable(values: np.ndarray, truth: GroundTruth) -> str:
    """What is wrong with a density's values, or an empty text."""
    low, high = values.min(), values.max()
    if not (np.isfinite(low) and np.isfinite(high)):
        return "it holds NaN or Inf"
    if low < 0 and high <= 0:
        return "no value is above 0, as in a log density (store its exponential)"
    if low == high == 0:
        points = 0 if truth.fixations is None else len(truth.fixations)
        return f"it is blank, though the image has {points} fixations"
    return ""
