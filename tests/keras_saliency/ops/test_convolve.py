"""Dilated convolution beside its definition and beside Keras' own, forwards and backwards."""

import os
import platform
import subprocess
import sys

import numpy as np
import pytest

pytest.importorskip("keras")

import keras
from keras import ops

from keras_saliency.ops import convolve as module
from keras_saliency.ops.convolve import convolve

CASES = [
    ((3, 3), 1, "same", 2),
    ((3, 3), 1, "same", (4, 7)),
    ((2, 4), 1, "same", 3),  # no middle pixel
    ((5, 5), 1, "valid", 2),
    ((1, 3), 1, "valid", (1, 5)),
    ((3, 3), 2, "same", 1),
    ((3, 3), (2, 1), "valid", 1),
]


OF_TENSORFLOW = pytest.mark.skipif(
    keras.config.backend() != "tensorflow", reason="TensorFlow's gradients"
)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def drawn(rng, kernel, channels=3, filters=4):
    images = rng.normal(size=(2, 11, 13, channels)).astype(np.float32)
    return images, rng.normal(size=(*kernel, channels, filters)).astype(np.float32)


def by_definition(images, kernel, padding, dilation):
    """The sum over the kernel's taps of the images moved to them."""
    rows, columns = ((n - 1) * dilation for n in kernel.shape[:2])
    if padding == "same":
        around = [(0, 0), (rows // 2, rows - rows // 2), (columns // 2, columns - columns // 2)]
        images = np.pad(images, [*around, (0, 0)])
    height, width = images.shape[1] - rows, images.shape[2] - columns
    total = 0.0
    for i, j in np.ndindex(*kernel.shape[:2]):
        y, x = i * dilation, j * dilation
        total = total + images[:, y : y + height, x : x + width] @ kernel[i, j]
    return total


@pytest.mark.parametrize(
    ("kernel", "padding", "dilation"),
    [((3, 3), "same", 6), ((2, 4), "same", 3), ((5, 5), "valid", 2)],
)
def test_it_is_the_sum_over_the_taps(rng, kernel, padding, dilation, monkeypatch):
    monkeypatch.setattr(module, "_learns_in_place", lambda dtype: True)
    images, weights = drawn(rng, kernel)
    found = convolve(images, weights, padding=padding, dilation_rate=dilation)
    expected = by_definition(images.astype(float), weights.astype(float), padding, dilation)
    np.testing.assert_allclose(found, expected, atol=1e-4)


@pytest.mark.parametrize("in_place", [True, False])
@pytest.mark.parametrize(("kernel", "strides", "padding", "dilation"), CASES)
def test_it_is_what_keras_computes(rng, kernel, strides, padding, dilation, in_place, monkeypatch):
    monkeypatch.setattr(module, "_learns_in_place", lambda dtype: in_place)
    images, weights = drawn(rng, kernel)
    found = convolve(images, weights, strides, padding, dilation)
    options = {"padding": padding, "dilation_rate": dilation, "data_format": "channels_last"}
    np.testing.assert_allclose(found, ops.conv(images, weights, strides, **options), atol=1e-5)


@pytest.mark.parametrize(("channels", "filters", "kernel_channels"), [(4, 6, 2), (6, 6, 1)])
def test_groups_are_kept(rng, channels, filters, kernel_channels):
    images, _ = drawn(rng, (3, 3), channels)
    weights = rng.normal(size=(3, 3, kernel_channels, filters)).astype(np.float32)
    found = convolve(images, weights, padding="same", dilation_rate=2)
    per = filters * kernel_channels // channels
    parts = [
        by_definition(
            images[..., g * kernel_channels : (g + 1) * kernel_channels],
            weights[..., g * per : (g + 1) * per],
            "same",
            2,
        )
        for g in range(channels // kernel_channels)
    ]
    np.testing.assert_allclose(found, np.concatenate(parts, axis=-1), atol=1e-4)


@pytest.mark.parametrize("dtype", ["float32", "float64", "bfloat16", "float16"])
@OF_TENSORFLOW
def test_every_precision_learns(rng, dtype):
    """TensorFlow has no gradient of every dtype in place, and other code then runs."""
    import tensorflow as tf

    images, weights = (tf.cast(values, dtype) for values in drawn(rng, (3, 3)))

    def gradients(run):
        with tf.GradientTape() as tape:
            tape.watch((images, weights))
            total = tf.reduce_sum(tf.square(run()))
        return [tf.cast(g, "float64").numpy() for g in tape.gradient(total, (images, weights))]

    ours = gradients(lambda: convolve(images, weights, padding="same", dilation_rate=2))
    options = {"padding": "same", "dilation_rate": 2, "data_format": "channels_last"}
    keras_own = gradients(lambda: ops.conv(images, weights, **options))
    near = {"float32": 1e-5, "float64": 1e-12, "bfloat16": 0.03, "float16": 0.004}[dtype]
    for one, other in zip(ours, keras_own, strict=True):
        assert np.abs(one - other).max() <= near * np.abs(other).max()


@pytest.mark.parametrize(
    ("kernel", "padding", "dilation"),
    [((3, 3), "same", (4, 7)), ((2, 4), "same", (3, 1)), ((5, 5), "valid", (2, 2))],
)
@OF_TENSORFLOW
def test_the_gradient_made_of_products_is_the_kernels(rng, kernel, padding, dilation):
    import tensorflow as tf

    images, weights = (tf.constant(values) for values in drawn(rng, kernel))
    options = {"padding": padding, "dilation_rate": dilation, "data_format": "channels_last"}
    with tf.GradientTape() as tape:
        tape.watch(weights)
        outputs = ops.conv(images, weights, **options)
        total = tf.reduce_sum(outputs**3)
    expected = tape.gradient(total, weights)
    found = module._kernel_gradient(
        images, weights.shape, 3 * outputs**2, padding.upper(), dilation
    )
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-3)


IN_PLACE = """
import numpy as np, tensorflow as tf
from keras import ops
from keras_saliency.ops.convolve import _learns_in_place, convolve

rng = np.random.default_rng(0)
images = tf.constant(rng.normal(size=(2, 11, 13, 3)), "float32")
kernel = tf.constant(rng.normal(size=(3, 3, 3, 4)), "float32")

@tf.function
def gradients(run):
    with tf.GradientTape() as tape:
        tape.watch((images, kernel))
        outputs = run()
        total = tf.reduce_sum(tf.square(outputs))
    return outputs, *tape.gradient(total, (images, kernel))

ours = gradients(lambda: convolve(images, kernel, padding="same", dilation_rate=(2, 5)))
options = {"padding": "same", "dilation_rate": (2, 5), "data_format": "channels_last"}
theirs = gradients(lambda: ops.conv(images, kernel, **options))
for one, other in zip(ours, theirs):
    assert np.abs(one - other).max() <= 1e-5 * np.abs(other).max()
print("in place" if _learns_in_place("float32") else "by Keras")
"""

IN_BFLOAT16 = """
import numpy as np, tensorflow as tf
from keras import ops
from keras_saliency.layers import Conv2D
from keras_saliency.ops.convolve import convolve

rng = np.random.default_rng(0)


def gradients(run, images, kernel):
    with tf.GradientTape() as tape:
        tape.watch((images, kernel))
        total = tf.reduce_sum(tf.square(tf.cast(run(images, kernel), "float32")))
    return [tf.cast(one, "float32").numpy() for one in tape.gradient(total, (images, kernel))]


for channels in (3, 16, 24, 100, 200):  # of some oneDNN's own gradient is not a number
    for filters in (5, 64):
        for dilation in (2, 8):
            images = tf.cast(rng.normal(size=(3, 24, 32, channels)), "bfloat16")
            kernel = tf.cast(rng.normal(size=(3, 3, channels, filters)) / 20, "bfloat16")
            options = {"padding": "same", "dilation_rate": dilation}
            ours = gradients(lambda i, k: convolve(i, k, **options), images, kernel)
            exact = [tf.cast(one, "float32") for one in (images, kernel)]
            options["data_format"] = "channels_last"
            theirs = gradients(lambda i, k: ops.conv(i, k, **options), *exact)
            for one, other in zip(ours, theirs):
                apart = np.abs(one - other).max() / np.abs(other).max()
                assert apart <= 0.02, (channels, filters, dilation, apart)

layer = Conv2D(5, 3, padding="same", dilation_rate=2, dtype="mixed_bfloat16")
images = rng.normal(size=(3, 24, 32, 24)).astype("float32")


def step():
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(tf.cast(layer(images), "float32") ** 2)
    return tape.gradient(total, [layer.kernel.value, layer.bias.value])


for gradients in (step(), tf.function(step)()):
    assert all(np.isfinite(one).all() and np.abs(one).max() > 0 for one in gradients)
    assert gradients[0].dtype == "float32"
"""


def with_onednn(script):
    """What a script prints with the kernels that users have: the tests run without oneDNN."""
    with_it = {k: v for k, v in os.environ.items() if k != "TF_ENABLE_ONEDNN_OPTS"}
    done = subprocess.run(
        [sys.executable, "-c", script], env=with_it, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.slow
@OF_TENSORFLOW
def test_with_the_kernels_that_users_have_bfloat16_learns_from_any_number_of_channels():
    with_onednn(IN_BFLOAT16)


@pytest.mark.slow
@OF_TENSORFLOW
def test_with_the_kernels_that_users_have_it_learns_the_same():
    found = with_onednn(IN_PLACE)
    if sys.platform == "linux" and platform.machine() == "x86_64":
        assert found == ["in", "place"]
