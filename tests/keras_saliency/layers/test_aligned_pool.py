import math

import numpy as np
import pytest

pytest.importorskip("keras")

import keras

from keras_saliency.layers.aligned_pool import AlignedAveragePooling2D, AlignedMaxPooling2D

FALLING = -np.arange(1, 9, dtype="float32").reshape(1, 1, 8, 1)


def geometry(n, k, s, p, alignment):
    """(padding before, windows) from the table of conventions."""
    if alignment == "tf":
        count = math.ceil(n / s)
        return max((count - 1) * s + k - n, 0) // 2, count
    if alignment == "theano":
        return (k - 1 if k % 2 == 0 else max(k - 2, 0)), math.ceil(n / s)
    if alignment == "caffe":
        count = math.ceil((n + 2 * p - k) / s) + 1
        if (count - 1) * s >= n + p:
            count -= 1
        return p, count
    return p, (n + 2 * p - k) // s + 1


def slow(image, k, s, p, alignment, combine):
    """Window by window over the samples that exist."""
    h, w, c = image.shape
    (before_h, rows), (before_w, columns) = (geometry(n, k, s, p, alignment) for n in (h, w))
    out = np.zeros((rows, columns, c))
    for i in range(rows):
        for j in range(columns):
            top, left = i * s - before_h, j * s - before_w
            window = image[max(top, 0) : top + k, max(left, 0) : left + k]
            out[i, j] = combine(window, axis=(0, 1))
    return out


@pytest.mark.parametrize(
    ("k", "s", "alignment", "expected"),
    [
        (2, 2, "theano", [-1, -2, -4, -6]),
        (2, 2, "tf", [-1, -3, -5, -7]),
        (2, 1, "theano", [-1, -1, -2, -3, -4, -5, -6, -7]),
        (2, 1, "tf", [-1, -2, -3, -4, -5, -6, -7, -8]),
        (3, 2, "theano", [-1, -2, -4, -6]),
        (3, 2, "tf", [-1, -3, -5, -7]),
    ],
)
def test_the_windows_of_tensorflow_and_theano(k, s, alignment, expected):
    pool = AlignedMaxPooling2D((1, k), (1, s), alignment=alignment)
    np.testing.assert_array_equal(np.asarray(pool(FALLING)).ravel(), expected)


def test_the_mean_leaves_padding_out_of_the_divisor():
    got = AlignedAveragePooling2D((1, 2), alignment="theano")(-FALLING)
    np.testing.assert_allclose(np.asarray(got).ravel(), [1, 2.5, 4.5, 6.5])


@pytest.mark.parametrize(
    ("n", "k", "s", "caffe", "torch"),
    [(240, 3, 2, 120, 119), (292, 2, 2, 146, 146), (73, 2, 2, 37, 36), (37, 2, 2, 19, 18)],
)
def test_caffe_rounds_up_and_torch_down(n, k, s, caffe, torch):
    for alignment, expected in (("caffe", caffe), ("torch", torch)):
        pool = AlignedMaxPooling2D((k, 1), (s, 1), alignment=alignment)
        assert pool.compute_output_shape((None, n, 1, 1)) == (None, expected, 1, 1)
        assert pool(np.zeros((1, n, 1, 1), dtype="float32")).shape == (1, expected, 1, 1)


def test_caffe_drops_a_window_that_starts_in_the_padding():
    # 5 samples, padding 1, windows of 2 every 2: ceil(5/2) + 1 = 4 windows, the last starts at 6
    pool = AlignedMaxPooling2D((1, 2), (1, 2), padding=(0, 1), alignment="caffe")
    got = np.asarray(pool(FALLING[:, :, :5])).ravel()
    np.testing.assert_array_equal(got, [-1, -2, -4])


@pytest.mark.parametrize("alignment", ["tf", "theano", "valid", "caffe", "torch"])
@pytest.mark.parametrize(("k", "s"), [(2, 2), (2, 1), (3, 2), (3, 1), (5, 1), (1, 2), (4, 3)])
def test_agrees_with_a_loop_over_windows(alignment, k, s):
    image = np.random.default_rng(1).normal(size=(9, 10, 2))
    image -= 5  # zeros of a padding would be maxima
    for p in {0, k // 2 if alignment in ("caffe", "torch") else 0}:
        for layer, combine in (
            (AlignedMaxPooling2D(k, s, p, alignment), np.max),
            (AlignedAveragePooling2D(k, s, p, alignment), np.mean),
        ):
            expected = slow(image, k, s, p, alignment, combine)
            got = np.asarray(layer(image[None].astype("float32")))[0]
            assert layer.compute_output_shape((1, 9, 10, 2))[1:] == expected.shape
            np.testing.assert_allclose(got, expected, atol=1e-5)


def test_theano_three_by_two_is_the_symmetric_padding_of_torch():
    image = np.random.default_rng(2).normal(size=(1, 8, 12, 3)).astype("float32")
    theano = AlignedMaxPooling2D(3, 2, alignment="theano")(image)
    torch = AlignedMaxPooling2D(3, 2, padding=1, alignment="torch")(image)
    np.testing.assert_array_equal(np.asarray(theano), np.asarray(torch))


def test_unknown_sizes_give_the_same_numbers():
    inputs = keras.Input((None, None, 1))
    outputs = [
        layer(3, 2, alignment=alignment)(inputs)
        for layer in (AlignedMaxPooling2D, AlignedAveragePooling2D)
        for alignment in ("theano", "caffe")
    ]
    model = keras.Model(inputs, outputs)
    for h, w in ((7, 8), (10, 5)):
        image = np.random.default_rng(h).normal(size=(1, h, w, 1)).astype("float32")
        got = model.predict(image, verbose=0)
        for k, (combine, alignment) in enumerate(
            [(np.max, "theano"), (np.max, "caffe"), (np.mean, "theano"), (np.mean, "caffe")]
        ):
            expected = slow(image[0], 3, 2, 0, alignment, combine)
            np.testing.assert_allclose(got[k][0], expected, atol=1e-5)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"alignment": "same"}, "found 'same'"),
        ({"padding": 1}, "'tf' has a padding of its own; found padding=1"),
        ({"padding": 2, "alignment": "torch"}, "smaller than pool_size"),
        ({"pool_size": 0}, "pool_size must be one or two whole numbers >= 1; found 0"),
    ],
)
def test_bad_arguments_are_named(options, words):
    with pytest.raises(ValueError, match=words):
        AlignedMaxPooling2D(**options)


def test_an_image_smaller_than_a_window_is_refused():
    with pytest.raises(ValueError, match="at least 3 samples on axis 1"):
        AlignedMaxPooling2D(3, 1, alignment="valid").compute_output_shape((None, 2, 8, 1))
