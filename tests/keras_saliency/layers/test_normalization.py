import numpy as np
import pytest

pytest.importorskip("keras")
import keras
from keras import ops

from keras_saliency.layers.normalization import FilterResponseNormalization, WeightNormalization

RNG = np.random.default_rng(0)
X = RNG.normal(2, 3, size=(40, 4)).astype("float32")


def test_three_and_four_by_hand():
    image = np.array([3, 4], "float32").reshape(1, 1, 2, 1)
    got = np.asarray(FilterResponseNormalization()(image)).ravel()
    np.testing.assert_allclose(got, np.array([3, 4]) / 12.5**0.5, rtol=1e-6)


def test_agrees_with_the_formula_for_every_image_and_channel():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2, 4, 5, 3)) * 3
    gamma, beta = rng.normal(size=(2, 3))
    layer = FilterResponseNormalization(epsilon=0.2)
    layer.build(x.shape)
    layer.set_weights([gamma, beta])
    expected = gamma * x / np.sqrt((x**2).mean((1, 2), keepdims=True) + 0.2) + beta
    np.testing.assert_allclose(np.asarray(layer(x.astype("float32"))), expected, atol=1e-5)


def test_large_half_precision_values_do_not_overflow():
    x = np.full((1, 2, 2, 1), 300.0, "float16")  # its square is beyond float16
    got = FilterResponseNormalization(dtype="mixed_float16")(x)
    assert float(got[0, 0, 0, 0]) == pytest.approx(1, abs=1e-3)


def test_bad_arguments_of_the_response_are_named():
    with pytest.raises(ValueError, match="positive; found 0"):
        FilterResponseNormalization(epsilon=0)
    with pytest.raises(ValueError, match=r"found the shape \(2, 3\)"):
        FilterResponseNormalization()(np.zeros((2, 3)))


def normalised(data_init=False, **options):
    layer = WeightNormalization(keras.layers.Dense(3, **options), data_init=data_init)
    layer.build(X.shape)
    return layer


def test_three_four_and_a_gain_of_ten():
    layer = WeightNormalization(keras.layers.Dense(1))
    layer.build((1, 2))
    layer.layer.kernel.assign([[3.0], [4.0]])
    layer.g.assign([10.0])
    got = np.asarray(layer(np.array([[1, 0], [0, 1]], "float32"))).ravel()
    np.testing.assert_allclose(got, [6, 8], rtol=1e-6)


@pytest.mark.parametrize("activation", [None, "relu"])
def test_it_starts_as_the_plain_layer(activation):
    plain = keras.layers.Dense(3, activation=activation)
    expected = np.asarray(plain(X))
    got = np.asarray(WeightNormalization(plain)(X))
    np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-5)


def test_a_convolutions_kernel_is_normalised_filter_by_filter():
    x = RNG.normal(size=(2, 5, 6, 2)).astype("float32")
    inner = keras.layers.Conv2D(3, 3, padding="same", data_format="channels_last")
    layer = WeightNormalization(inner)
    layer.build(x.shape)
    v = np.asarray(inner.kernel)
    layer.g.assign([1.0, 2.0, 3.0])
    kernel = v / np.sqrt((v**2).sum((0, 1, 2))) * [1, 2, 3]
    plain = ops.conv(x, kernel.astype("float32"), padding="same", data_format="channels_last")
    np.testing.assert_allclose(np.asarray(layer(x)), np.asarray(plain), atol=1e-5)


@pytest.mark.parametrize("use_bias", [True, False])
def test_the_first_batch_sets_gain_and_bias_and_later_ones_do_not(use_bias):
    layer = normalised(data_init=True, activation="relu", use_bias=use_bias)
    v = np.asarray(layer.layer.kernel).astype(float)
    first = X @ v
    std = np.sqrt(first.var(0) + 1e-10)
    shift = -first.mean(0) / std if use_bias else 0
    kernel = v / std / np.sqrt((v**2).sum(0))
    np.testing.assert_allclose(np.asarray(layer(X)), np.maximum(X @ kernel + shift, 0), atol=1e-4)
    np.testing.assert_allclose(np.asarray(layer.gain), 1 / std, rtol=1e-4)
    other = X[:7] * 5 + 1
    np.testing.assert_allclose(
        np.asarray(layer(other)), np.maximum(other @ kernel + shift, 0), atol=1e-3
    )


def test_the_first_batch_of_fit_counts_and_is_saved(tmp_path):
    model = keras.Sequential([keras.Input((4,)), normalised(data_init=True)])
    model.compile(keras.optimizers.SGD(0.0), "mse")
    v = np.asarray(model.layers[0].layer.kernel)
    model.fit(X, np.zeros((40, 3)), batch_size=40, verbose=0)
    gain = np.asarray(model.layers[0].gain)
    np.testing.assert_allclose(gain, 1 / (X @ v).std(0), rtol=1e-4)
    expected = model.predict(X[:5] * 3, verbose=0)
    model.save(tmp_path / "m.keras")
    again = keras.saving.load_model(tmp_path / "m.keras")
    np.testing.assert_allclose(again.predict(X[:5] * 3, verbose=0), expected, rtol=1e-5, atol=1e-5)


def test_removing_it_leaves_the_same_layer_without_it():
    layer = normalised(data_init=True)
    expected = np.asarray(layer(X))
    plain = layer.remove()
    assert type(plain) is keras.layers.Dense
    np.testing.assert_allclose(np.asarray(plain(X)), expected, atol=1e-5)


def test_the_gradient_is_across_the_kernel(gradient):
    layer = normalised()
    weights = RNG.normal(size=(40, 3)).astype("float32")
    _, *slopes = gradient(layer, (X,), weights)
    of = dict(zip((v.name for v in layer.trainable_variables), slopes, strict=True))
    v = np.asarray(layer.layer.kernel)
    # along v nothing changes, and along g the outputs are those of v/|v|
    np.testing.assert_allclose((of["kernel"] * v).sum(0), 0, atol=1e-2)
    unit = v / np.sqrt((v**2).sum(0))
    np.testing.assert_allclose(of["g"], (X @ unit * weights).sum(0), rtol=1e-3, atol=1e-3)


def test_a_layer_without_a_kernel_is_refused():
    with pytest.raises(ValueError, match="must have a kernel; found ReLU"):
        WeightNormalization(keras.layers.ReLU())(X)
