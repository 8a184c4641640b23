"""Halving a map as the two toolboxes do it: Harel's GBVS and Walther's SaliencyToolbox."""

from __future__ import annotations

import numpy as np

SMALLEST_HALVED = 11  # Harel's program returns smaller maps unchanged
SEVEN_TAPS = np.array([1, 5, 10, 10, 5, 1, 1]) / 33.0  # the binomial has six; the program is kept


def halve_float32(values: np.ndarray) -> np.ndarray:
    """Harel's decimation by a binomial of six taps: along x, then along y, in single precision.

    Args:
        values: array (height, width) or (height, width, planes).

    Returns:
        float32 (height // 2, width // 2[, planes]); the values as they are where a side is 10 or
        less.
    """
    if min(values.shape[:2]) < SMALLEST_HALVED:
        return values
    # whole rows are added, so that memory is read in order
    columns = np.ascontiguousarray(values.swapaxes(0, 1), dtype=np.float32)
    return _halve(np.ascontiguousarray(_halve(columns).swapaxes(0, 1)))


def _halve(x: np.ndarray) -> np.ndarray:
    # order and precision of the sums matter: gbvs looks its colours up in a table by the result
    n = len(x)
    whole = (n - 4) // 2  # windows of six that lie inside
    a, b, c, d, e, f = (x[k : k + 2 * whole : 2] for k in range(6))
    end = x[2 * whole :]
    found = np.empty((n // 2, *x.shape[1:]), dtype=np.float32)
    found[0] = _mean(26, (10, x[0] + x[1]), (5, x[2]), (1, x[3]))
    found[1 : whole + 1] = _mean(32, (1, a + f), (5, b + e), (10, c + d))
    if n % 2:
        found[-1] = _mean(31, (1, end[0]), (5, end[1] + end[4]), (10, end[2] + end[3]))
    else:
        found[-1] = _mean(26, (1, end[0]), (5, end[1]), (10, end[2] + end[3]))
    return found


def _mean(total: int, *terms: tuple[int, np.ndarray]) -> np.ndarray:
    result = np.zeros(terms[0][1].shape)
    for weight, values in terms:
        result += np.multiply(values, weight, dtype=np.float64)
    result /= total
    return result


def halve_walther(values: np.ndarray) -> np.ndarray:
    """Walther's subsampling: his filter of seven taps, then every second sample of each axis.

    Args:
        values: float64 (height, width).

    Returns:
        (height // 2, width // 2); a side of 1 stays 1.
    """
    if min(values.shape) > 3:
        smooth = convolve_keeping_energy(values, SEVEN_TAPS, SEVEN_TAPS)
        return smooth[: values.shape[0] - 1 : 2, : values.shape[1] - 1 : 2]
    return _halve_columns(_halve_columns(values).T).T


def _halve_columns(values: np.ndarray) -> np.ndarray:
    n = len(values)
    if n == 1:
        return values
    if n == 2:
        return values.mean(axis=0, keepdims=True)
    if n == 3:
        return np.array([[0.25, 0.5, 0.25]]) @ values
    return _convolve_columns(values, SEVEN_TAPS)[: n - 1 : 2]


def convolve_keeping_energy(
    values: np.ndarray, columns: np.ndarray, rows: np.ndarray
) -> np.ndarray:
    """Separable convolution of the same size, borders rescaled for the taps that fall outside.

    Args:
        values: float64 (height, width).
        columns: filter along the first axis.
        rows: filter along the second axis.

    Reference: Walther and Koch, SaliencyToolbox, `sepConv2PreserveEnergy`.
    """
    return _convolve_columns(_convolve_columns(values, columns).T, rows).T


def _convolve_columns(values: np.ndarray, taps: np.ndarray) -> np.ndarray:
    from scipy.ndimage import convolve1d

    n, size = len(values), len(taps)
    sums = np.concatenate([[0.0], np.cumsum(taps)])
    end = np.arange(n) + size // 2 + 1  # place k sees the taps end - n to end - 1
    inside = sums[np.minimum(end, size)] - sums[np.maximum(end - n, 0)]
    return convolve1d(values, taps, axis=0, mode="constant") * (sums[-1] / inside)[:, None]
