import numpy as np
import pytest

pytest.importorskip("keras")

import keras

from keras_saliency.layers.upsample import BilinearUpsampling2D, ResizeLike, ResizeTo

ROW = np.array([0, 1, 3], dtype="float32").reshape(1, 1, 3, 1)


@pytest.mark.parametrize(
    ("alignment", "expected"),
    [
        ("half_pixel", [0, 0.25, 0.75, 1.5, 2.5, 3]),
        ("asymmetric", [0, 0.5, 1, 2, 3, 3]),
        ("align_corners", [0, 0.4, 0.8, 1.4, 2.2, 3]),
        ("theano", [0, 0.5, 1, 2, 3, 3]),
        ("nearest", [0, 0, 1, 1, 3, 3]),
    ],
)
def test_all_three_layers_give_the_alignments_values(alignment, expected):
    like = np.zeros((1, 1, 6, 5), dtype="float32")
    for got in (
        BilinearUpsampling2D((1, 2), alignment)(ROW),
        ResizeTo((1, 6), alignment)(ROW),
        ResizeLike(alignment)(ROW, like),
    ):
        np.testing.assert_allclose(np.asarray(got).ravel(), expected, atol=1e-6)


def test_one_graph_serves_many_sizes_in_one_process():
    small = keras.Input((None, None, 2))
    large = keras.Input((None, None, 1))
    twice = BilinearUpsampling2D(2)(small)
    model = keras.Model([small, large], [twice, ResizeLike("align_corners")(small, large)])
    assert model.output_shape == [(None, None, None, 2), (None, None, None, 2)]
    rng = np.random.default_rng(0)
    for h, w in ((4, 6), (5, 3), (7, 7), (1, 2)):
        x = rng.normal(size=(2, h, w, 2)).astype("float32")
        like = np.zeros((2, h + 3, 2 * w, 1), dtype="float32")
        up, resized = model.predict([x, like], verbose=0)
        assert up.shape == (2, 2 * h, 2 * w, 2)
        assert resized.shape == (2, h + 3, 2 * w, 2)
        np.testing.assert_allclose(resized[:, [0, -1]][:, :, [0, -1]], x[:, [0, -1]][:, :, [0, -1]])


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: BilinearUpsampling2D(0), "factor must be one or two whole numbers >= 1; found 0"),
        (lambda: BilinearUpsampling2D((2, 0.5)), "factor must be"),
        (lambda: ResizeTo((3, 0)), "size must be"),
        (lambda: ResizeLike("bicubic"), "found 'bicubic'"),
    ],
)
def test_bad_arguments_are_named(make, words):
    with pytest.raises(ValueError, match=words):
        make()
