"""A layer's arrays from their original order to Keras': flips, transposes, orders of a flatten.

Theano's convolution (Keras 1 on Theano, Lasagne) turns its kernels by 180 degrees before it
slides them, all others slide them as they are. Every function takes the arrays of one layer in the
order of the original and returns them in the order of Keras' `get_weights`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
Layout = Callable[..., list[Array]]


def theano_convolution(kernel: Array, *bias: Array) -> list[Array]:
    """Kernel (out, in, rows, columns), turned by 180 degrees, and bias: Keras 1 and Lasagne.

    Raises:
        ValueError: the kernel does not have four axes.
    """
    slid, *rest = caffe_convolution(kernel, *bias)
    return [slid[::-1, ::-1], *rest]


def caffe_convolution(kernel: Array, *bias: Array) -> list[Array]:
    """Kernel (out, in per group, rows, columns) and bias: Caffe, torch, Lasagne without flip.

    A transposed convolution, whose kernel is (in, out, rows, columns) there and (rows, columns,
    out, in) in Keras, takes the same transpose.

    Raises:
        ValueError: the kernel does not have four axes.
    """
    return [np.transpose(kernel, (2, 3, 1, 0)), *map(np.ravel, bias)]


def theano_dense(kernel: Array, *bias: Array, grid: tuple[int, int] = (1, 1)) -> list[Array]:
    """Kernel (in, out) and bias of a dense layer.

    Args:
        kernel: after a flatten its rows are ordered channel, row, column, Keras' row, column,
            channel.
        *bias: the bias, if there is one.
        grid: (rows, columns) of the map that was flattened; (1, 1) where none was.

    Raises:
        ValueError: the kernel does not have two axes, or is of another map.
    """
    _, units = kernel.shape
    ordered = np.transpose(kernel.reshape(-1, *grid, units), (1, 2, 0, 3))
    return [ordered.reshape(-1, units), *map(np.ravel, bias)]


def as_they_are(*arrays: Array) -> list[Array]:
    """Arrays that Keras has in the same order.

    TensorFlow's convolutions; batch normalisation of torch (weight, bias, running mean and
    variance) and of Keras 1 (gamma, beta, running mean, and `running_std`, which despite its name
    holds the variance); vectors.
    """
    return list(arrays)
