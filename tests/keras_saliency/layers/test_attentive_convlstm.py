import numpy as np
import pytest

pytest.importorskip("keras")

import keras

from keras_saliency.layers.attentive_convlstm import AttentiveConvLSTM2D


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def convolve(x, kernel, bias=0.0):
    """Same padding, one image, float64."""
    k = kernel.shape[0]
    padded = np.pad(x, ((k // 2, k // 2), (k // 2, k // 2), (0, 0)))
    out = np.zeros((*x.shape[:2], kernel.shape[-1])) + bias
    for a in range(k):
        for b in range(k):
            out += padded[a : a + x.shape[0], b : b + x.shape[1]] @ kernel[a, b]
    return out


def reference(x, w, steps):
    """The recurrence as written, every convolution of its own."""
    h = np.zeros((*x.shape[:2], w["W_i"].shape[-1]))
    c = np.zeros_like(h)
    for _ in range(steps):
        e = convolve(
            np.tanh(convolve(h, w["W_a"], w["bW_a"]) + convolve(x, w["U_a"], w["bU_a"])), w["V_a"]
        )
        a = np.exp(e - e.max())
        a /= a.sum()
        z = x * a
        i, f, o, g = (
            convolve(z, w[f"W_{n}"], w[f"bW_{n}"]) + convolve(h, w[f"U_{n}"], w[f"bU_{n}"])
            for n in "ifoc"
        )
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
    return h


def randomised(layer, rng, scale=0.5):
    """Set random weights and return them by name."""
    values = {}
    for variable in layer.weights:
        values[variable.name] = rng.normal(size=variable.shape) * scale
        variable.assign(values[variable.name].astype("float32"))
    return values


@pytest.mark.parametrize(
    ("steps", "expected"), [(1, 0.181700), (2, 0.258118), (3, 0.291302), (4, 0.306588)]
)
def test_only_the_bias_of_the_input_gate_by_hand(steps, expected):
    layer = AttentiveConvLSTM2D(2, steps=steps)
    x = np.random.default_rng(0).normal(size=(1, 3, 4, 5)).astype("float32")
    layer.build(x.shape)
    for variable in layer.weights:
        variable.assign(np.full(variable.shape, float(variable.name == "bW_c")))
    np.testing.assert_allclose(np.asarray(layer(x)), expected, atol=1e-6)


def test_the_size_of_sam_has_its_number_of_parameters():
    zeros = keras.initializers.Zeros()
    layer = AttentiveConvLSTM2D(512, kernel_initializer=zeros, recurrent_initializer=zeros)
    layer.build((None, None, None, 512))
    assert layer.count_params() == 23_602_688


@pytest.mark.parametrize("kernel_size", [1, 3])
@pytest.mark.parametrize("steps", [1, 2, 4])
def test_agrees_with_the_recurrence_gate_by_gate(kernel_size, steps):
    rng = np.random.default_rng(steps)
    x = rng.normal(size=(2, 5, 4, 3))
    layer = AttentiveConvLSTM2D(2, kernel_size, steps)
    layer.build(x.shape)
    weights = randomised(layer, rng)
    got = np.asarray(layer(x.astype("float32")))
    for k in range(2):
        np.testing.assert_allclose(got[k], reference(x[k], weights, steps), atol=2e-5)


def test_attention_starts_uniform():
    # with V_a zero, the first step sees x/(rows columns)
    layer = AttentiveConvLSTM2D(3)
    x = np.random.default_rng(1).normal(size=(1, 4, 4, 2)).astype("float32")
    layer.build(x.shape)
    np.testing.assert_array_equal(np.asarray(layer.V_a), 0)
    weights = {v.name: np.asarray(v, dtype="float64") for v in layer.weights}
    z = x[0].astype("float64") / 16
    gates = {n: convolve(z, weights[f"W_{n}"]) for n in "ico"}
    first = sigmoid(gates["o"]) * np.tanh(sigmoid(gates["i"]) * np.tanh(gates["c"]))
    one = AttentiveConvLSTM2D(3, steps=1)
    one.build(x.shape)
    one.set_weights(layer.get_weights())
    np.testing.assert_allclose(np.asarray(one(x))[0], first, atol=1e-6)


def test_gates_start_with_different_kernels():
    layer = AttentiveConvLSTM2D(4)
    layer.build((None, None, None, 4))
    for a, b in (("W_i", "W_f"), ("U_i", "U_f"), ("W_c", "W_a")):
        assert np.abs(np.asarray(getattr(layer, a)) - np.asarray(getattr(layer, b))).max() > 0.01
    flat = np.asarray(layer.U_i).reshape(-1, 4)
    np.testing.assert_allclose(flat.T @ flat, 1.21 * np.eye(4), atol=1e-4)
    assert np.asarray(layer.W_i).std() == pytest.approx(0.05, rel=0.3)


def test_the_gradient_is_that_of_finite_differences(gradient):
    rng = np.random.default_rng(5)
    x = rng.normal(size=(1, 3, 3, 2))
    layer = AttentiveConvLSTM2D(2, steps=3)
    layer.build(x.shape)
    values = randomised(layer, rng)
    weights = rng.normal(size=(1, 3, 3, 2)).astype("float32")
    got = gradient(layer, (x.astype("float32"),), weights)
    by_name = dict(zip((v.name for v in layer.trainable_variables), got[1:], strict=True))

    def loss(image, changed):
        return (reference(image[0], {**values, **changed}, 3) * weights[0]).sum()

    step = np.zeros_like(x)
    step[0, 1, 2, 0] = 1e-5
    slope = (loss(x + step, {}) - loss(x - step, {})) / 2e-5
    assert got[0][0, 1, 2, 0] == pytest.approx(slope, rel=2e-3, abs=1e-5)
    for name in ("W_i", "U_f", "W_c", "U_o", "W_a", "U_a", "V_a", "bU_f", "bW_a"):
        at = tuple(n // 2 for n in values[name].shape)
        step = np.zeros_like(values[name])
        step[at] = 1e-5
        slope = loss(x, {name: values[name] + step}) - loss(x, {name: values[name] - step})
        assert by_name[name][at] == pytest.approx(slope / 2e-5, rel=5e-3, abs=2e-5), name


def test_a_peaked_attention_is_finite_in_half_precision():
    layer = AttentiveConvLSTM2D(2, dtype="mixed_float16")
    x = np.random.default_rng(6).normal(size=(1, 40, 40, 2)).astype("float32")
    layer.build(x.shape)
    randomised(layer, np.random.default_rng(7), scale=5.0)
    assert np.isfinite(np.asarray(layer(x), dtype="float32")).all()


@pytest.mark.parametrize(
    ("options", "words"),
    [({"kernel_size": 4}, "must be odd.*found 4"), ({"steps": 0}, "at least 1; found 0")],
)
def test_bad_arguments_are_named(options, words):
    with pytest.raises(ValueError, match=words):
        AttentiveConvLSTM2D(2, **options)
