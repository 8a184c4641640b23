"""Decay inside the gradient, two kinds of velocity, layers that learn faster: by hand."""

import keras
import numpy as np
import pytest

from keras_saliency.training.coupled_decay import (
    CoupledAdagrad,
    CoupledAdam,
    CoupledRMSprop,
    CoupledSGD,
)


def run(optimizer, gradients, start=1.0, rates=None):
    """Values of one variable after each gradient."""
    variable = keras.Variable(start, name="w")
    optimizer.build([variable])
    values = []
    for k, gradient in enumerate(gradients):
        if rates is not None:
            optimizer.learning_rate = rates[k]
        optimizer.apply([keras.ops.convert_to_tensor(gradient)], [variable])
        values.append(float(variable))
    return values


def test_decay_is_part_of_the_gradient():
    (value,) = run(CoupledSGD(0.1, decay=0.5), [1.0])
    assert value == pytest.approx(1 - 0.1 * (1 + 0.5 * 1))


def test_decay_goes_through_the_momentum():
    w, v, wanted = 1.0, 0.0, []
    for gradient in (1.0, -2.0, 0.5):
        v = 0.9 * v + 0.1 * (gradient + 0.5 * w)
        w -= v
        wanted.append(w)
    assert run(CoupledSGD(0.1, momentum=0.9, decay=0.5), [1.0, -2.0, 0.5]) == pytest.approx(wanted)


@pytest.mark.parametrize("nesterov", [False, True])
def test_torchs_velocity_obeys_a_new_rate_at_once(nesterov):
    rates, w, v, wanted = (0.1, 0.01, 0.01), 1.0, 0.0, []
    for rate, gradient in zip(rates, (1.0, 1.0, 1.0), strict=True):
        v = 0.9 * v + gradient
        w -= rate * (gradient + 0.9 * v if nesterov else v)
        wanted.append(w)
    made = CoupledSGD(0.1, momentum=0.9, nesterov=nesterov, velocity="torch")
    assert run(made, [1.0] * 3, rates=rates) == pytest.approx(wanted)
    keras_way = run(CoupledSGD(0.1, momentum=0.9, nesterov=nesterov), [1.0] * 3, rates=rates)
    assert keras_way[1] < wanted[1] - 0.05, "Keras' goes on with the old rate's velocity"


@pytest.mark.parametrize("nesterov", [False, True])
@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_without_decay_it_is_keras_sgd(momentum, nesterov):
    ours = CoupledSGD(0.1, momentum=momentum, nesterov=nesterov)
    theirs = keras.optimizers.SGD(0.1, momentum=momentum, nesterov=nesterov)
    gradients = [1.0, -0.5, 2.0]
    assert run(ours, gradients) == pytest.approx(run(theirs, gradients))


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (CoupledAdam, keras.optimizers.Adam),
        (CoupledRMSprop, keras.optimizers.RMSprop),
        (CoupledAdagrad, keras.optimizers.Adagrad),
    ],
)
def test_others_see_the_sum_as_their_gradient(ours, theirs):
    found = run(ours(0.1, decay=0.5), [1.0, -2.0])
    first = run(theirs(0.1), [1.0 + 0.5 * 1.0])[0]
    assert found[0] == pytest.approx(first)
    assert found[1] == pytest.approx(run(theirs(0.1), [1.5, -2.0 + 0.5 * first])[1])


def test_the_momentum_can_change_while_it_trains():
    made = CoupledSGD(0.1, momentum=0.9)
    variable = keras.Variable(1.0, name="w")
    made.build([variable])
    made.apply([keras.ops.convert_to_tensor(1.0)], [variable])
    made.moving_momentum.assign(0.5)
    made.apply([keras.ops.convert_to_tensor(1.0)], [variable])
    assert float(variable) == pytest.approx(0.9 - (0.5 * 0.1 + 0.1))


def value(weight):
    return np.array(keras.ops.convert_to_numpy(weight))


def network():
    inputs = keras.Input((2,))
    x = keras.layers.Dense(2, name="old")(inputs)
    return keras.Model(inputs, keras.layers.Dense(1, name="new")(x))


def test_paths_choose_what_is_spared_and_what_is_faster():
    model = network()
    before = {w.path: value(w) for w in model.trainable_weights}
    faster = {"old/*": 0.1, "*/bias": 2.0}
    made = CoupledSGD(0.5, decay=0.2, spared=["*/bias"], faster=faster)
    made.build(model.trainable_weights)
    gradients = [keras.ops.ones(w.shape) for w in model.trainable_weights]
    made.apply(gradients, model.trainable_weights)
    factor = {"old/kernel": 0.1, "old/bias": 0.1, "new/kernel": 1.0, "new/bias": 2.0}
    for weight in model.trainable_weights:
        was = before[weight.path]
        decay = 0 if weight.path.endswith("bias") else 0.2
        wanted = was - 0.5 * factor[weight.path] * (1 + decay * was)
        np.testing.assert_allclose(value(weight), wanted, rtol=1e-5, err_msg=weight.path)


def test_a_pattern_that_fits_nothing_is_told():
    made = CoupledSGD(0.5, faster={"olde/*": 0.1})
    with pytest.raises(ValueError, match=r"no weight that trains is called 'olde/\*'.*old/kernel"):
        made.build(network().trainable_weights)


def test_another_velocity_is_told():
    with pytest.raises(ValueError, match="keras, torch; found 'caffe'"):
        CoupledSGD(velocity="caffe")


@pytest.mark.parametrize("cls", [CoupledSGD, CoupledAdam, CoupledRMSprop, CoupledAdagrad])
def test_it_is_made_again_from_its_configuration(cls):
    made = cls(0.1, decay=0.5, spared=["*/bias"], faster={"a/*": 3.0})
    again = keras.optimizers.deserialize(keras.optimizers.serialize(made))
    assert type(again) is cls
    assert (again.decay, list(again.spared), dict(again.faster)) == (0.5, ["*/bias"], {"a/*": 3.0})
    assert again.get_config() == made.get_config()


def test_fit_trains_with_it():
    keras.utils.set_random_seed(0)
    model = network()
    model.compile(CoupledSGD(0.05, momentum=0.9, decay=1e-3, velocity="torch"), "mse")
    rng = np.random.default_rng(0)
    x = rng.random((32, 2)).astype("float32")
    told = model.fit(x, x.sum(1), batch_size=8, epochs=10, verbose=0).history["loss"]
    assert told[-1] < told[0] / 2
