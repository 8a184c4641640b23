"""What tests of losses need: the worked example, degenerate maps, graphs of any size."""

import keras
import numpy as np
import pytest

P = np.array([[0.2, 0.4], [0.8, 0.4]], np.float32)
Y = np.array([[0.0, 0.5], [1.0, 0.5]], np.float32)
F = np.array([[0.0, 0.0], [1.0, 0.0]], np.float32)


def _one_hot(size):
    maps = np.zeros(size, np.float32)
    maps[3, 4] = 1
    return maps


@pytest.fixture
def example():
    """Map, density and fixations of 2x2 pixels, as a batch of one."""
    return P[None], Y[None], F[None]


@pytest.fixture
def random_maps():
    """Four maps, densities and fixations of 24x28 pixels."""
    rng = np.random.default_rng(11)
    size = (4, 24, 28)
    maps = rng.gamma(0.7, size=size).astype(np.float32)
    densities = rng.gamma(0.5, size=size)
    densities = (densities / densities.max(axis=(1, 2), keepdims=True)).astype(np.float32)
    fixations = (rng.random(size) < 0.03).astype(np.float32)
    return maps, densities, fixations


@pytest.fixture(
    params=[
        (what, dtype)
        for what in ("all zero", "constant", "one-hot", "no truth", "constant truth", "all equal")
        for dtype in ("float32", "bfloat16")
    ],
    ids=lambda pair: f"{pair[0]} {pair[1]}",
)
def degenerate(request):
    """A map as a tensor (1, 24, 28, 1), its density and its fixations, one of them degenerate."""
    what, dtype = request.param
    rng = np.random.default_rng(3)
    size = (24, 28)
    maps, density = (rng.random(size).astype(np.float32) for _ in range(2))
    fixations = (rng.random(size) < 0.05).astype(np.float32)
    if what == "all zero":
        maps = np.zeros(size, np.float32)
    elif what == "constant":
        maps = np.full(size, 0.37, np.float32)
    elif what == "one-hot":
        maps = _one_hot(size)
    elif what == "no truth":
        density, fixations = np.zeros((2, *size), np.float32)
    elif what == "constant truth":
        density, fixations = np.full(size, 0.5, np.float32), np.ones(size, np.float32)
    else:
        maps = density = fixations = _one_hot(size)
    tensor = keras.ops.cast(keras.ops.convert_to_tensor(maps[None, ..., None]), dtype)
    return tensor, density[None], fixations[None]


@pytest.fixture
def assert_finite(value_and_gradient):
    """Assert that a loss and its gradient are finite at maps (batch, rows, columns, 1)."""

    def check(loss, y_true, maps):
        value, slope = value_and_gradient(lambda x: loss(y_true, x), maps)
        assert np.isfinite(value)
        assert np.isfinite(slope).all()
        return float(value), slope

    return check


@pytest.fixture
def assert_any_size():
    """Assert that a graph that knows neither batch nor size gives the value of the call."""

    def check(loss, y_true, maps):
        if keras.config.backend() != "tensorflow":
            pytest.skip("only TensorFlow has graphs of unknown sizes")
        import tensorflow as tf

        shapes = [(None, None, None, x.shape[-1]) for x in (y_true, maps)]
        graph = tf.function(
            lambda y, p: loss(y, p), input_signature=[tf.TensorSpec(s) for s in shapes]
        )
        assert float(graph(y_true, maps)) == pytest.approx(float(loss(y_true, maps)), rel=1e-5)

    return check


@pytest.fixture
def fit_step():
    """Losses of a network after each of two epochs: unknown sizes, mixed precision, compiled."""

    def run(loss, y_true, channels=1, activation="sigmoid", policy="mixed_bfloat16"):
        keras.utils.set_random_seed(0)
        inputs = keras.Input((None, None, 3))
        x = keras.layers.Conv2D(
            4, 3, padding="same", activation="relu", data_format="channels_last", dtype=policy
        )(inputs)
        x = keras.layers.Conv2D(
            channels, 1, activation=activation, data_format="channels_last", dtype=policy
        )(x)
        model = keras.Model(inputs, x)
        model.compile(keras.optimizers.SGD(0.01), loss=loss, jit_compile=True)
        images = np.random.default_rng(0).random((*y_true.shape[:3], 3)).astype(np.float32)
        losses = model.fit(images, y_true, batch_size=2, epochs=2, verbose=0).history["loss"]
        assert np.isfinite(model.evaluate(images[:, :-2], y_true[:, :-2], verbose=0))
        return losses

    return run
