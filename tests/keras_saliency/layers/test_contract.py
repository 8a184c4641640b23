"""What every layer must be able to do, whatever it computes."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("keras")

import keras
from keras import ops

from keras_saliency import layers

CONFIGS = Path(__file__).resolve().parents[2] / "golden" / "configs"
SIZES = ((6, 8), (5, 7))
CONVOLUTION = {"filters": 2, "kernel_size": 3, "data_format": "channels_last", "name": "inner"}
# these take their inputs as one list
LISTS = (
    *("AddCentreBias", "BroadcastLike", "CropLike", "DensityMixture", "ResizeToGrid"),
    "StochasticDepth",
)
# inputs of another rank: tests of their own
ELSEWHERE = {"DatasetCalibration", "ScanpathEncoding", "ScanpathFeatures", "SpatialLSTM"}
# name: (arguments, channels of every input)
CASES = {
    "AddCentreBias": ({"trainable_weight": True}, [1, 1]),
    "DensityMixture": ({}, [1, 1]),
    "IntensityContrast": ({"colour": True, "widest": 8, "scale": 0.0125}, [3]),
    "L2Normalization": ({"scale": 7.0, "epsilon": 0.01}, [3]),
    "LogDensity": ({}, [1]),
    "MapNormalization": ({"epsilon": 1e-6}, [3]),
    "ResizeToGrid": ({"factor": 2.0}, [3, 1]),
    "Standardize": ({}, [3]),
    "Subsample": ({"factor": 1.5}, [3]),
    "AlignedAveragePooling2D": ({"pool_size": 3, "strides": 2, "alignment": "theano"}, [3]),
    "AlignedMaxPooling2D": (
        {"pool_size": 3, "strides": 2, "padding": 1, "alignment": "caffe"},
        [3],
    ),
    "AttentiveConvLSTM2D": ({"filters": 4, "steps": 2}, [3]),
    "BilinearUpsampling2D": ({"factor": 4, "alignment": "theano"}, [3]),
    "BroadcastLike": ({}, [3, 1]),
    "Conv2D": ({"filters": 2, "kernel_size": 3, "dilation_rate": 2, "padding": "same"}, [3]),
    "CropLike": ({"offset": 1}, [3, 1]),
    "FilterResponseNormalization": ({"epsilon": 0.01}, [3]),
    "FixedBatchNormalization": ({"epsilon": 0.01}, [3]),
    "GaussianBlur2D": (
        {
            "sigma": 1.2,
            "truncate": 3,
            "border": "nearest",
            "radius": "ceil",
            "learned": True,
            "sigma_max": 2.0,
        },
        [3],
    ),
    "GaussianPrior": ({"count": 4, "gradient": "straight_through"}, [3]),
    "LocalResponseNormalization": ({"size": 3, "alpha": 0.1}, [3]),
    "LocationBiasedConv2D": (
        {"filters": 2, "kernel_size": 3, "dilation_rate": 2, "activation": "relu"},
        [3],
    ),
    "Maxout": ({"num_units": 2, "pairing": "strided"}, [4]),
    "MinMax": ({"epsilon": 0.001}, [3]),
    "PartialConv2D": ({"filters": 2, "kernel_size": 3, "strides": 2, "activation": "elu"}, [3, 1]),
    "PixelShuffle": ({"factor": 2}, [8]),
    "PrepareColours": ({"order": "bgr", "scale": 0.5, "mean": (1, 2, 3)}, [3]),
    "CentreWeight": ({"size": 3}, [3]),
    "PriorMap": ({"shape": (2, 3), "mode": "direct", "regularizer_scale": 0.5}, [3]),
    "ResizeLike": ({"alignment": "align_corners"}, [3, 1]),
    "ResizeTo": ({"size": (9, 4), "alignment": "asymmetric"}, [3]),
    "SpatialPyramidPooling2D": ({"bins": ((1, 1), (2, 3))}, [3]),
    "StochasticDepth": ({"survival_probability": 0.75, "seed": 3}, [3, 3]),
    "SubtractMinimum": ({}, [3]),
    "WeightNormConv2D": ({"filters": 2, "kernel_size": 3, "activation": "relu"}, [3]),
    "WeightNormalization": ({"layer": keras.layers.Conv2D(**CONVOLUTION), "data_init": True}, [3]),
}


def make(name, **more):
    options = dict(CASES[name][0])
    if "layer" in options:  # each with a layer of its own
        inner = more.get("dtype", "float32")
        options["layer"] = keras.layers.Conv2D(**CONVOLUTION, dtype=inner)
    return getattr(layers, name)(**options, name="layer", **more)


def arguments(name, inputs):
    """The inputs as the layer's call takes them."""
    return [list(inputs)] if name in LISTS else list(inputs)


def data(name, size, seed=0):
    """One array for every input; a second input is a mask of zeros and ones."""
    rng = np.random.default_rng(seed)
    first, *rest = CASES[name][1]
    arrays = [rng.normal(size=(2, *size, first))]
    arrays += [(rng.random((2, *size, c)) < 0.7).astype(float) for c in rest]
    if name == "BroadcastLike":
        arrays[0] = arrays[0][:, :1, :1]
    if name == "CropLike":
        arrays[1] = arrays[1][:, :3, :4]
    return [a.astype("float32") for a in arrays]


def model_of(name):
    """The layer at unknown sizes, after a convolution that its gradient must reach.

    It has no bias: a density does not change with that, so that only rounding would move it.
    """
    inputs = [keras.Input((None, None, c)) for c in CASES[name][1]]
    first, *rest = inputs
    if name != "GaussianPrior":  # looks at sizes only
        first = keras.layers.Conv2D(
            first.shape[-1], 1, use_bias=False, data_format="channels_last"
        )(first)
    return keras.Model(inputs, make(name)(*arguments(name, [first, *rest])))


def plain(config):
    """As JSON gives it back: lists for tuples, a layer as its configuration."""
    return json.loads(json.dumps(config, default=keras.saving.serialize_keras_object))


def test_every_layer_of_the_package_is_driven():
    assert sorted({*CASES, *ELSEWHERE}) == layers.__all__
    assert set(layers.__all__) <= {path.stem for path in CONFIGS.glob("*.json")}


@pytest.mark.parametrize("name", layers.__all__)
def test_only_keras_own_methods_are_left_to_the_docstring_of_the_class(name):
    silent = {
        key
        for key, value in vars(getattr(layers, name)).items()
        if not key.startswith("_") and callable(value) and not value.__doc__
    }
    assert silent <= {"build", "call", "compute_output_shape", "get_config"}


@pytest.mark.parametrize("name", CASES)
def test_a_config_makes_the_same_layer_again(name):
    layer = make(name)
    config = layer.get_config()
    for argument, value in CASES[name][0].items():
        held = plain(config)[argument]
        assert held in (plain(value), plain([value, value])), argument
    again = type(layer).from_config(dict(config))
    assert plain(again.get_config()) == plain(config)


@pytest.mark.parametrize("name", CASES)
def test_a_config_saved_long_ago_still_loads(name):
    wanted = getattr(layers, name)  # importing it makes it known to Keras
    text = (CONFIGS / f"{name}.json").read_text()
    saved, layer = json.loads(text), keras.saving.deserialize_keras_object(json.loads(text))
    assert type(layer) is wanted
    assert plain(layer.get_config()) == saved["config"]


@pytest.mark.parametrize("name", CASES)
def test_unknown_sizes_are_built_once_and_met_twice(name):
    model = model_of(name)
    assert len(model.output_shape) == (3 if name == "SpatialPyramidPooling2D" else 4)
    assert model.output_shape[0] is None
    layer = model.get_layer("layer")
    for size in SIZES:
        arrays = data(name, size)
        predicted = model.predict(arrays, verbose=0)
        called = np.asarray(model(arrays))
        np.testing.assert_allclose(predicted, called, rtol=1e-4, atol=1e-5)
        assert (
            layer.compute_output_shape(*arguments(name, [a.shape for a in arrays])) == called.shape
        )
        assert np.isfinite(called).all()


# JAX without compilation runs, and compiles, operation by operation: that is what other tests do
@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize(
    "jit_compile", [False, True] if keras.backend.backend() == "tensorflow" else [True]
)
def test_a_step_of_training_moves_every_weight(name, jit_compile):
    model = model_of(name)
    model.compile(keras.optimizers.SGD(0.1), "mse", jit_compile=jit_compile)
    before = [v.numpy().copy() for v in model.trainable_variables]
    assert before
    for size in SIZES[: 1 if jit_compile else 2]:
        arrays = data(name, size)
        target = np.ones_like(np.asarray(model(arrays))) * 3
        history = model.fit(arrays, target, epochs=1, verbose=0)
        assert np.isfinite(history.history["loss"][0])
    for old, variable in zip(before, model.trainable_variables, strict=True):
        # attention: W_a meets V_a = 0 in its first step
        still = name == "AttentiveConvLSTM2D" and variable.name in ("W_a", "bW_a", "U_a", "bU_a")
        assert still or (variable.numpy() != old).any(), variable.path


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize(("policy", "room"), [("mixed_float16", 0.01), ("mixed_bfloat16", 0.06)])
def test_half_precision_is_close_to_float32(name, policy, room):
    arrays = data(name, SIZES[0])
    full, half = make(name), make(name, dtype=policy)
    expected = np.asarray(full(*arguments(name, arrays)))
    half(*arguments(name, arrays))
    half.set_weights(full.get_weights())
    got = half(*arguments(name, arrays))
    assert keras.backend.standardize_dtype(got.dtype) == half.compute_dtype
    assert all(v.dtype == "float32" for v in half.weights)
    got = np.asarray(ops.cast(got, "float32"))
    np.testing.assert_allclose(got, expected, atol=room * np.abs(expected).max())


LOAD = """
import sys, numpy as np, keras, keras_saliency
import keras_saliency.layers
from pathlib import Path
for name in keras_saliency.layers.__all__:
    if not (Path(sys.argv[1]) / f"{name}.keras").exists():
        continue
    model = keras.saving.load_model(Path(sys.argv[1]) / f"{name}.keras")
    held = np.load(Path(sys.argv[1]) / f"{name}.npz")
    arrays = [held[f"in{k}"] for k in range(len(model.inputs))]
    got = np.asarray(model(arrays))
    np.testing.assert_allclose(got, held["out"], rtol=1e-4, atol=1e-5, err_msg=name)
    print(name)
"""


@pytest.mark.slow
def test_saved_models_load_in_another_process_without_custom_objects(tmp_path):
    for name in CASES:
        model = model_of(name)
        arrays = data(name, SIZES[0])
        model.save(tmp_path / f"{name}.keras")
        held = {f"in{k}": a for k, a in enumerate(arrays)}
        np.savez(tmp_path / f"{name}.npz", out=np.asarray(model(arrays)), **held)
    result = subprocess.run(
        [sys.executable, "-c", LOAD, str(tmp_path)], capture_output=True, text=True, timeout=600
    )
    assert result.stdout.split() == sorted(CASES), result.stderr
