"""The array functions that differentiable metrics may use, under three namespaces.

CC, SIM, KL, NSS and IG are written once, over the functions named in `NAMES`; scoring runs them on
numpy, training on `keras.ops`, the device engine on TensorFlow, with exact areas beside them.
`mean`, `var` and `std` are left out on purpose: they have no `ddof`, and on JAX Keras computes them
in float32 even for float64 input, so formulas say `sum(x) / n`.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

NAMES = (
    "isfinite",
    "log",
    "max",
    "maximum",
    "min",
    "minimum",
    "reshape",
    "searchsorted",
    "sort",
    "sqrt",
    "sum",
    "take_along_axis",
    "where",
)


def numpy_namespace() -> Any:
    """The numpy form of `NAMES`; arrays stay numpy arrays of their own dtype."""
    import numpy as np

    return SimpleNamespace(**{name: getattr(np, name) for name in NAMES})


def keras_namespace() -> Any:
    """The same names from `keras.ops` (imports Keras and its backend)."""
    from keras import ops

    return SimpleNamespace(**{name: getattr(ops, name) for name in NAMES})


def tensorflow_namespace() -> Any:
    """The same names as TensorFlow graph operations (imports TensorFlow)."""
    import tensorflow as tf

    def take_along_axis(x: Any, indices: Any, axis: int = -1) -> Any:
        return tf.gather(x, indices, axis=axis, batch_dims=len(x.shape) - 1)

    def searchsorted(ordered: Any, values: Any, side: str = "left") -> Any:
        return tf.searchsorted(ordered, values, side=side, out_type=tf.int64)

    own = {
        "isfinite": tf.math.is_finite,
        "log": tf.math.log,
        "max": tf.reduce_max,
        "min": tf.reduce_min,
        "searchsorted": searchsorted,
        "sum": tf.reduce_sum,
        "take_along_axis": take_along_axis,
    }
    return SimpleNamespace(**{name: own.get(name) or getattr(tf, name) for name in NAMES})
