import json

import numpy as np
import pytest

pytest.importorskip("keras")

import keras

from keras_saliency.layers.spatial_lstm import SpatialLSTM

UNITS = 3


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def read(sequence, context, kernel, from_context, bias, recurrent):
    """One sequence (steps, channels), one step after the other."""
    h = c = np.zeros(UNITS)
    out = []
    for k, x in enumerate(sequence):
        gates = x @ kernel + bias + h @ recurrent
        if k == 0:
            gates = gates + context @ from_context
        i, f, o, g = np.split(gates, 4)
        c = sigmoid(f + 1) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        out.append(h)
    return np.array(out)


def weights_of(layer, axis):
    cell = getattr(layer, f"{axis}_reader").cell
    own = [getattr(layer, f"{axis}_{part}") for part in ("kernel", "context_kernel", "bias")]
    return [np.asarray(weight) for weight in (*own, cell.recurrent_kernel)]


def reference(x, context, layer, order="paper"):
    def rows(values, context, own):
        ahead = [read(row, context, *own) for row in values]
        back = [read(row[::-1], context, *own)[::-1] for row in values]
        return np.array(ahead), np.array(back)

    found = []
    for values, one in zip(x, context, strict=True):
        along = np.concatenate(rows(values, one, weights_of(layer, "row")), axis=-1)
        down, up = rows(along.swapaxes(0, 1), one, weights_of(layer, "column"))
        first = down if order == "paper" else up
        found.append(np.concatenate([first, up], axis=-1).swapaxes(0, 1))
    return np.array(found)


def inputs(size=(4, 5), seed=0):
    rng = np.random.default_rng(seed)
    return [rng.normal(size=s).astype(np.float32) for s in ((2, *size, 2), (2, 6))]


def filled(order="paper", **more):
    layer = SpatialLSTM(UNITS, order, name="layer", **more)
    layer([np.zeros((1, 2, 2, 2), np.float32), np.zeros((1, 6), np.float32)])
    rng = np.random.default_rng(1)
    layer.set_weights([rng.normal(0, 0.7, w.shape) for w in layer.get_weights()])
    return layer


@pytest.mark.parametrize("order", ["paper", "released"])
@pytest.mark.parametrize("size", [(4, 5), (1, 6), (5, 1)])
def test_agrees_with_sequences_read_one_by_one(order, size):
    layer = filled(order)
    wanted = reference(*inputs(size), layer, order)
    np.testing.assert_allclose(np.asarray(layer(inputs(size))), wanted, atol=1e-5)


def test_the_first_three_places_by_hand():
    layer = SpatialLSTM(1)
    x = np.zeros((1, 1, 3, 1), np.float32)
    layer([x, np.zeros((1, 1), np.float32)])
    names = [w.name for w in layer.weights]
    values = [np.zeros(w.shape) for w in layer.weights]
    values[names.index("row_bias")][3] = 1
    layer.set_weights(values)
    ahead, back = layer._along_rows(x, np.zeros((1, 1), np.float32), "row")
    wanted = 0.5 * np.tanh([0.3808, 0.6592, 0.8627])
    np.testing.assert_allclose(np.asarray(ahead).ravel(), wanted, atol=1e-4)
    np.testing.assert_allclose(np.asarray(back).ravel(), wanted[::-1], atol=1e-4)


def test_every_place_sees_every_other_and_columns_read_upwards_do_not_look_up():
    x, context = inputs()
    changed = x.copy()
    changed[:, 0, 0] += 1
    for order in ("paper", "released"):
        layer = filled(order)
        moved = np.asarray(layer([changed, context]) - layer([x, context]))
        assert (np.abs(moved[:, 0]).max(axis=-1) > 0).all()
        # the first row is above all others: it reaches them only where columns are read downwards
        assert (np.abs(moved[:, 1:]).max() > 0) == (order == "paper")


def test_sizes_may_be_unknown():
    maps, context = keras.Input((None, None, 2)), keras.Input((6,))
    model = keras.Model([maps, context], filled()([maps, context]))
    assert model.output_shape == (None, None, None, 2 * UNITS)
    for size in ((4, 5), (6, 3)):
        arrays = inputs(size)
        wanted = np.asarray(filled()(arrays))
        np.testing.assert_allclose(model.predict(arrays, verbose=0), wanted, atol=1e-5)


@pytest.mark.parametrize("jit_compile", [False, True])
def test_a_step_of_training_moves_every_weight(jit_compile):
    arrays = inputs()
    tensors = [keras.Input(a.shape[1:]) for a in arrays]
    model = keras.Model(tensors, SpatialLSTM(UNITS)(tensors))
    model.compile(keras.optimizers.SGD(0.1), "mse", jit_compile=jit_compile)
    before = model.get_weights()
    model.fit(arrays, np.ones((2, 4, 5, 2 * UNITS)), verbose=0)
    for old, new in zip(before, model.get_weights(), strict=True):
        assert np.isfinite(new).all()
        assert (old != new).any(axis=None)


@pytest.mark.parametrize(("policy", "room"), [("mixed_float16", 0.01), ("mixed_bfloat16", 0.06)])
def test_half_precision_is_close_to_float32(policy, room):
    wanted = np.asarray(filled()(inputs()))
    layer = filled(dtype=policy)
    got = layer(inputs())
    assert keras.backend.standardize_dtype(got.dtype) == layer.compute_dtype
    assert {keras.backend.standardize_dtype(w.dtype) for w in layer.weights} == {"float32"}
    np.testing.assert_allclose(
        np.asarray(got, np.float32), wanted, atol=room * np.abs(wanted).max()
    )


def test_kernels_start_within_a_fifth_and_differ_and_biases_at_zero():
    layer = SpatialLSTM(8, kernel_initializer=keras.initializers.RandomUniform(-0.2, 0.2, seed=3))
    layer([np.zeros((1, 2, 2, 16), np.float32), np.zeros((1, 6), np.float32)])
    for weight in layer.weights:
        values = np.asarray(weight)
        if weight.name.endswith("bias"):
            assert (values == 0).all()
        else:
            assert 0.15 < np.abs(values).max() <= 0.2


def test_a_config_makes_the_same_layer_again():
    layer = SpatialLSTM(UNITS, "released", keras.initializers.Zeros())
    again = keras.saving.deserialize_keras_object(
        json.loads(json.dumps(keras.saving.serialize_keras_object(layer)))
    )
    assert again.get_config() == layer.get_config()
    with pytest.raises(ValueError, match="found 'upwards'"):
        SpatialLSTM(UNITS, "upwards")
