import numpy as np
import pytest

pytest.importorskip("keras")
import keras
from keras import ops

from keras_saliency.addons.optimizers import LAMB, Lookahead, MovingAverage

GRADIENTS = np.random.default_rng(1).normal(size=(6, 3)).astype("float32")
START = np.array([0.5, -2.0, 1.0], "float32")
KINDS = {
    "lamb": lambda: LAMB(0.05, weight_decay=0.1),
    "moving average": lambda: MovingAverage(keras.optimizers.Adam(0.05), 0.8, dynamic_decay=True),
    "lookahead": lambda: Lookahead(keras.optimizers.SGD(0.05, momentum=0.9), 2),
}


def walk(optimizer, steps=6):
    """The variable after every step."""
    weight, path = keras.Variable(START), []
    for gradient in GRADIENTS[:steps]:
        optimizer.apply([ops.convert_to_tensor(gradient)], [weight])
        path.append(ops.convert_to_numpy(weight.value).copy())
    return weight, np.array(path)


def test_lamb_by_hand():
    weight = keras.Variable([3.0, 4.0])
    LAMB(0.1, epsilon=0.0).apply([ops.ones((2,))], [weight])
    moved = 0.1 * 5 / 2**0.5
    np.testing.assert_allclose(np.asarray(weight.value), [3 - moved, 4 - moved], rtol=1e-5)


def test_lambs_decay_is_part_of_the_trusted_step():
    _, path = walk(LAMB(0.05, weight_decay=0.3, epsilon=1e-6))
    w, m, v = START.astype(float), 0.0, 0.0
    for t, g in enumerate(GRADIENTS.astype(float), start=1):
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        r = m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-6) + 0.3 * w
        w = w - 0.05 * np.linalg.norm(w) / np.linalg.norm(r) * r
        np.testing.assert_allclose(path[t - 1], w, rtol=1e-4)


def test_lamb_without_decay_is_keras_own():
    expected = walk(keras.optimizers.Lamb(0.05, epsilon=1e-6))[1]
    np.testing.assert_allclose(walk(LAMB(0.05))[1], expected, rtol=1e-5)


@pytest.mark.parametrize("start", [0, 2])
@pytest.mark.parametrize("dynamic", [False, True])
def test_the_average_lags_and_leaves_the_steps_alone(start, dynamic):
    optimizer = MovingAverage(keras.optimizers.Adam(0.05), 0.6, start, dynamic)
    weight, path = walk(optimizer)
    np.testing.assert_allclose(path, walk(keras.optimizers.Adam(0.05))[1], rtol=1e-6)
    average = START.astype(float)
    for t, w in enumerate(path):
        n = t - start
        decay = min(0.6, (1 + n) / (10 + n)) if dynamic else 0.6
        average = w if n < 0 else decay * average + (1 - decay) * w
    np.testing.assert_allclose(np.asarray(optimizer.average(weight)), average, rtol=1e-4)
    optimizer.assign_average_vars([weight])
    np.testing.assert_allclose(np.asarray(weight.value), average, rtol=1e-4)


def test_lookahead_steps_back_after_every_period():
    _, path = walk(Lookahead(keras.optimizers.SGD(0.1), 3, 0.25))
    fast = slow = START.astype(float)
    for t, g in enumerate(GRADIENTS):
        fast = fast - 0.1 * g
        if t % 3 == 2:
            fast = slow = slow + 0.25 * (fast - slow)
        np.testing.assert_allclose(path[t], fast, rtol=1e-5)


def test_lookahead_starts_from_weights_loaded_after_building():
    weight, optimizer = keras.Variable([5.0]), Lookahead(keras.optimizers.SGD(1.0), 1, 0.5)
    optimizer.build([weight])
    weight.assign([0.0])
    optimizer.apply([ops.full((1,), -2.0)], [weight])
    assert float(weight.value[0]) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_network_trains_saves_and_goes_on_as_before(kind, tmp_path):
    keras.utils.set_random_seed(0)
    x, y = GRADIENTS, GRADIENTS.sum(1, keepdims=True)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile(KINDS[kind](), "mse")
    losses = model.fit(x, y, batch_size=3, epochs=5, shuffle=False, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
    model.save(tmp_path / "m.keras")
    again = keras.saving.load_model(tmp_path / "m.keras")
    for one in (model, again):
        one.fit(x, y, batch_size=3, epochs=2, shuffle=False, verbose=0)
    assert int(again.optimizer.iterations) == 14
    for a, b in zip(model.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_config_round_trip(kind):
    optimizer = KINDS[kind]()
    again = keras.optimizers.deserialize(keras.optimizers.serialize(optimizer))
    assert type(again) is type(optimizer)
    assert again.get_config() == optimizer.get_config()


def test_the_learning_rate_is_the_inner_ones():
    optimizer = Lookahead(keras.optimizers.SGD(0.25))
    assert float(optimizer.learning_rate) == 0.25
    optimizer.learning_rate = 0.5
    assert float(optimizer.inner.learning_rate) == 0.5


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match=r"in \[0, 1\]; found 2"):
        MovingAverage("sgd", 2)
    with pytest.raises(ValueError, match="at least 1; found 0"):
        Lookahead("sgd", 0)
