"""Arrays of a folder of goldens made by TensorFlow Addons, and what took each function's place.

The folder is `TFA_GOLDENS` if set, else the shared one, else the small one beside these tests.
Every row of its `index.csv` is a case; it is run by its `function` and `params` alone. Where Keras
itself does the same, the adapter below shows with which arguments.
"""

import csv
import json
import os
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("keras")

import keras
from keras import ops

from keras_saliency.addons import activations as ours
from keras_saliency.addons import optimizers
from keras_saliency.addons.distance import euclidean_dist_transform
from keras_saliency.addons.filters import gaussian_filter2d, mean_filter2d, median_filter2d
from keras_saliency.addons.focal import SigmoidFocalCrossEntropy
from keras_saliency.addons.pearsons import PearsonsCorrelation
from keras_saliency.addons.schedules import CyclicalLearningRate
from keras_saliency.addons.warp import (
    dense_image_warp,
    interpolate_bilinear,
    resampler,
    rotate,
    transform,
    translate,
)
from keras_saliency.layers.maxout import Maxout
from keras_saliency.layers.normalization import FilterResponseNormalization, WeightNormalization
from keras_saliency.layers.pyramid_pooling import SpatialPyramidPooling2D
from keras_saliency.layers.stochastic_depth import StochasticDepth

SHARED = Path(__file__).resolve().parents[3] / "shared" / "golden" / "tensorflow_addons"
SMALL = Path(__file__).resolve().parents[1] / "golden" / "tensorflow_addons"
FOLDER = Path(os.environ.get("TFA_GOLDENS", SHARED if SHARED.is_dir() else SMALL))
with open(FOLDER / "index.csv", newline="", encoding="utf-8") as file:
    ROWS = list(csv.DictReader(file))

ACTIVATIONS = {
    "mish": keras.activations.mish,
    "hardshrink": keras.activations.hard_shrink,
    "softshrink": keras.activations.soft_shrink,
    "tanhshrink": keras.activations.tanh_shrink,
    "gelu": lambda x: keras.activations.gelu(x, approximate=True),
    "sparsemax": ours.sparsemax,
    "lisht": ours.lisht,
    "snake": ours.snake,
}


def with_weights(layer, x, **weights):
    """The layer's output; its weights, by name, are the arrays that are given."""
    layer.build(x.shape)
    for name, value in weights.items():
        variable = getattr(layer, name)
        variable.assign(np.reshape(value, variable.shape))
    return layer(x)


def group_normalization(x, gamma=None, beta=None, **params):
    weights = {"gamma": gamma, "beta": beta}
    weights = {name: value for name, value in weights.items() if value is not None}
    return with_weights(keras.layers.GroupNormalization(**params), x, **weights)


def spatial_pyramid_pooling2d(x, bins, data_format):
    layer = SpatialPyramidPooling2D(bins)
    if data_format == "channels_last":
        return layer(x)
    return ops.transpose(layer(ops.transpose(x, (0, 2, 3, 1))), (0, 2, 1))


def adaptive_average_pooling2d(x, **params):
    return keras.layers.AdaptiveAveragePooling2D(**params)(x)


def adaptive_max_pooling2d(x, output_size, data_format):
    # sizes divide; Keras' own AdaptiveMaxPooling2D ends TensorFlow's process where a side of the
    # output is 1
    sides = x.shape[2:] if data_format == "channels_first" else x.shape[1:3]
    window = [n // m for n, m in zip(sides, output_size, strict=True)]
    return keras.layers.MaxPooling2D(window, data_format=data_format)(x)


def cyclical_learning_rate(step, name, **params):
    return CyclicalLearningRate(mode=name, **params)(step)


def pearsons_correlation(a, b, updates):
    metric = PearsonsCorrelation()
    for parts in zip(np.split(a, updates), np.split(b, updates), strict=True):
        metric.update_state(*parts)
    return metric.result()


# function: what gives its output y, called with the row's inputs and params
FUNCTIONS = {
    "maxout": lambda x, **params: Maxout(pairing="strided", **params)(x),
    "gaussian_filter2d": gaussian_filter2d,
    "mean_filter2d": mean_filter2d,
    "median_filter2d": median_filter2d,
    "sigmoid_focal_crossentropy": lambda y_true, y_pred, **params: SigmoidFocalCrossEntropy(
        **params
    )(y_true, y_pred),
    "spatial_pyramid_pooling2d": spatial_pyramid_pooling2d,
    "adaptive_average_pooling2d": adaptive_average_pooling2d,
    "adaptive_max_pooling2d": adaptive_max_pooling2d,
    "interpolate_bilinear": interpolate_bilinear,
    "dense_image_warp": dense_image_warp,
    "resampler": resampler,
    "rotate": rotate,
    "translate": translate,
    "transform": transform,
    "group_normalization": group_normalization,
    "instance_normalization": lambda x, **params: group_normalization(x, groups=-1, **params),
    "filter_response_normalization": lambda x, gamma, beta, **params: with_weights(
        FilterResponseNormalization(**params), x, gamma=gamma, beta=beta
    ),
    "activation": lambda x, name: ACTIVATIONS[name](x),
    "cyclical_learning_rate": cyclical_learning_rate,
    "pearsons_correlation": pearsons_correlation,
    "euclidean_dist_transform": euclidean_dist_transform,
}


def weight_normalization(x, v, inner, data_init, **params):
    if inner == "dense":
        layer = keras.layers.Dense(v.shape[-1], **params)
    else:
        layer = keras.layers.Conv2D(v.shape[-1], v.shape[:2], **params)
    layer.build(x.shape)
    layer.kernel.assign(v)
    layer = WeightNormalization(layer, data_init=data_init)
    outputs = {"y": layer(x), "g": layer.gain}
    plain = layer.remove()
    return {**outputs, "kernel": plain.kernel.value, "bias": plain.bias.value}


def make_optimizer(name, learning_rate, **params):
    if name in ("AdamW", "SGDW"):  # Keras multiplies the decay by the learning rate
        decay = params.pop("weight_decay") / learning_rate
        kind = {"AdamW": keras.optimizers.AdamW, "SGDW": keras.optimizers.SGD}[name]
        return kind(learning_rate, weight_decay=decay, **params)
    if name == "LAMB":
        return optimizers.LAMB(learning_rate, **params)
    inner = getattr(keras.optimizers, params.pop("inner"))(learning_rate)
    around = {"MovingAverage": optimizers.MovingAverage, "Lookahead": optimizers.Lookahead}
    return around[name](inner, **params)


def optimizer(w0, grads, **params):
    variable, stepper = keras.Variable(w0), make_optimizer(**params)
    trajectory = []
    for gradient in grads:
        stepper.apply([ops.convert_to_tensor(gradient)], [variable])
        trajectory.append(ops.convert_to_numpy(variable.value))
    average = stepper.average(variable) if params["name"] == "MovingAverage" else variable
    return {"trajectory": np.stack(trajectory), "average": average.value}


# function: what gives its outputs by name
SEVERAL = {"weight_normalization": weight_normalization, "optimizer": optimizer}


def gradients(function, inputs, names, weights):
    """Gradients of sum(function(**inputs) * weights) in the inputs of these names."""
    tensors = [ops.convert_to_tensor(inputs[name]) for name in names]

    def total(*values):
        return ops.sum(function(**{**inputs, **dict(zip(names, values, strict=True))}) * weights)

    if keras.backend.backend() == "jax":
        import jax

        return jax.jit(jax.grad(total, argnums=tuple(range(len(names)))))(*tensors)
    import tensorflow as tf

    with tf.GradientTape() as tape:
        tape.watch(tensors)
        value = total(*tensors)
    return tape.gradient(value, tensors)


def check(got, row, want, slack=0):
    got, want = np.asarray(got), np.asarray(want)
    assert got.shape == want.shape
    room = slack + float(row["atol"]) + float(row["rtol"]) * np.abs(want.astype("float64"))
    near = np.abs(got.astype("float64") - want) <= room
    assert (near | (np.isnan(got) & np.isnan(want))).all(), (got, want)


def slack_of(row, inputs, params, want):
    """Room beyond the row's own: what no float32 program can know better."""
    if row["function"] == "gaussian_filter2d" and want.dtype.kind in "ui":
        # a value that falls on a whole number may be truncated to either side
        exact = np.asarray(gaussian_filter2d(inputs["x"].astype("float32"), **params))
        return np.abs(exact - np.round(exact)) < 1e-4
    # without x64, JAX turns float64 into float32
    return 1e-6 if want.dtype == np.float64 and keras.backend.backend() == "jax" else 0


def test_there_are_cases():
    assert ROWS


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["case"])
def test_case(row):
    params = json.loads(row["params"])
    with np.load(FOLDER / row["file"], allow_pickle=False) as archive:
        inputs = {name: archive[f"{row['case']}/in/{name}"] for name in row["inputs"].split()}
        wanted = {name: archive[f"{row['case']}/out/{name}"] for name in row["outputs"].split()}
    name = row["function"]
    if "sigma" in params and not np.min(params["sigma"]) > 0:
        with pytest.raises(ValueError, match="sigma"):
            FUNCTIONS[name](*inputs.values(), **params)
        return
    if name in SEVERAL:
        outputs = SEVERAL[name](**inputs, **params)
        for output, want in wanted.items():
            check(outputs[output], row, want)
        return
    if name == "stochastic_depth":
        stochastic_depth(row, params, inputs, wanted["y"])
        return
    # filters call their only input image, the rest have the goldens' own names
    weights = inputs.pop("w", None)
    first = {"x": first_argument(name)}
    inputs = {first.get(k, k): v for k, v in inputs.items()}

    def function(**tensors):
        return FUNCTIONS[name](**tensors, **params)

    slack = slack_of(row, {"x": next(iter(inputs.values()))}, params, wanted["y"])
    check(function(**inputs), row, wanted.pop("y"), slack)
    if wanted:
        names = [next(k for k in inputs if matches(k, output, first)) for output in wanted]
        found = gradients(function, inputs, names, weights)
        for want, got in zip(wanted.values(), found, strict=True):
            check(got, row, want)


def first_argument(function):
    """What our function calls the goldens' `x`."""
    if function.endswith("filter2d"):
        return "image"
    return (
        "images"
        if function in ("rotate", "translate", "transform", "euclidean_dist_transform")
        else "x"
    )


def matches(argument, output, first):
    """`grad_x` belongs to x, whatever it is called here, and `grad_query` to query_points."""
    name = output.removeprefix("grad_")
    return argument.startswith(first.get(name, name))


def stochastic_depth(row, params, inputs, want):
    survival, training = params["survival_probability"], params["training"]
    pair = [inputs["shortcut"], inputs["residual"]]
    if training and 0 < survival < 1:  # whichever way their coin fell
        kept, dropped = (np.asarray(StochasticDepth(p)(pair, training=True)) for p in (1, 0))
        check(
            kept if np.abs(kept - want).max() < np.abs(dropped - want).max() else dropped, row, want
        )
        return
    check(StochasticDepth(survival)(pair, training=training), row, want)
