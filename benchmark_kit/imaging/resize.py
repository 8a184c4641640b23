"""Resizing maps by kernels that are named, because each moves the scores in its own way.

matlab-bicubic-symmetric   MATLAB's imresize (bicubic, antialiased), border mirrored: today's MATLAB
matlab-bicubic-replicate   the same with the edge pixel repeated: MATLAB until at least 2014
bilinear                   order 1, corners aligned: what the MIT/Tuebingen board does to maps
spline3                    cubic spline, corners aligned: SALICON's evaluator of 2015
nearest                    nearest pixel centre
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from benchmark_kit.errors import ConfigError

KERNELS = (
    "matlab-bicubic-symmetric",
    "matlab-bicubic-replicate",
    "bilinear",
    "spline3",
    "nearest",
)


def check_kernel(kernel: str) -> str:
    """The kernel's name, if it is one.

    Raises:
        ConfigError: unknown name; the message lists the known ones.
    """
    if kernel not in KERNELS:
        raise ConfigError(f"unknown kernel {kernel!r}: known are {', '.join(KERNELS)}")
    return kernel


def resize(values: np.ndarray, size: tuple[int, int], kernel: str) -> np.ndarray:
    """Resize a map.

    Args:
        values: array (height, width) of any real type.
        size: wanted (height, width).
        kernel: one of `KERNELS`.

    Returns:
        float64 array of that size; a map that has it already comes back unchanged, as float64.

    Raises:
        ConfigError: unknown kernel.
    """
    check_kernel(kernel)
    values = np.asarray(values, dtype=np.float64)
    size = (int(size[0]), int(size[1]))
    if values.shape == size:
        return values
    if kernel.startswith("matlab"):
        scales = tuple(new / old for new, old in zip(size, values.shape, strict=True))
        return _imresize(values, size, scales, kernel.rsplit("-", 1)[1])
    if kernel == "nearest":
        rows = ((np.arange(size[0]) + 0.5) * values.shape[0] / size[0]).astype(np.int64)
        columns = ((np.arange(size[1]) + 0.5) * values.shape[1] / size[1]).astype(np.int64)
        return values[rows[:, None], columns]
    from scipy.ndimage import zoom

    factors = [new / old for new, old in zip(size, values.shape, strict=True)]
    if kernel == "bilinear":
        return zoom(values, factors, order=1, mode="nearest")
    return zoom(values, factors, order=3)


def resize_by_factor(values: np.ndarray, factor: float, kernel: str) -> np.ndarray:
    """MATLAB's imresize by a factor: output size is the ceiling, the scale is the factor itself.

    Args:
        values: array (height, width).
        factor: scale of both sides, > 0.
        kernel: one of the two MATLAB kernels.
    """
    check_kernel(kernel)
    values = np.asarray(values, dtype=np.float64)
    size = (int(np.ceil(values.shape[0] * factor)), int(np.ceil(values.shape[1] * factor)))
    return _imresize(values, size, (factor, factor), kernel.rsplit("-", 1)[1])


def _imresize(
    values: np.ndarray, size: tuple[int, int], scales: tuple[float, float], border: str
) -> np.ndarray:
    rows = imresize_matrix(values.shape[0], size[0], scales[0], border)
    columns = imresize_matrix(values.shape[1], size[1], scales[1], border)
    # the axis with the smaller scale comes first, as in MATLAB: the order shows in the last digits
    if scales[0] <= scales[1]:
        return (rows @ values) @ columns.T
    return rows @ (values @ columns.T)


@lru_cache(maxsize=16)
def imresize_matrix(
    n_in: int, n_out: int, scale: float, border: str, shape: str = "cubic"
) -> np.ndarray:
    """Weights (n_out, n_in) of MATLAB's resize of one axis; the kernel widens when it shrinks.

    Args:
        n_in: pixels.
        n_out: wanted pixels.
        scale: of the axis; not always n_out / n_in.
        border: `"symmetric"` or `"replicate"`.
        shape: of the kernel: `"cubic"` (Keys 1981, a = -0.5) or `"triangle"` (bilinear).

    Reference: MathWorks' description of imresize.
    """
    weigh, support = SHAPES[shape]
    shrink = min(scale, 1.0)
    width = support / shrink
    centre = np.arange(1, n_out + 1) / scale + 0.5 * (1 - 1 / scale)
    left = np.floor(centre - width / 2)
    taps = left[:, None] + np.arange(int(np.ceil(width)) + 2)
    weights = weigh((centre[:, None] - taps) * shrink)
    weights /= weights.sum(axis=1, keepdims=True)
    index = taps.astype(np.int64) - 1
    if border == "replicate":
        index = np.clip(index, 0, n_in - 1)
    else:
        index = np.mod(index, 2 * n_in)
        index = np.minimum(index, 2 * n_in - 1 - index)
    flat = (np.arange(n_out)[:, None] * n_in + index).ravel()
    matrix = np.bincount(flat, weights=weights.ravel(), minlength=n_out * n_in)
    matrix = matrix.reshape(n_out, n_in)
    matrix.flags.writeable = False
    return matrix


def _cubic(x: np.ndarray) -> np.ndarray:
    x = np.abs(x)
    near = 1.5 * x**3 - 2.5 * x**2 + 1
    far = -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2
    return np.where(x <= 1, near, np.where(x <= 2, far, 0.0))


def _triangle(x: np.ndarray) -> np.ndarray:
    return np.maximum(0.0, 1.0 - np.abs(x))


SHAPES = {"cubic": (_cubic, 4.0), "triangle": (_triangle, 2.0)}  # and how far it reaches
