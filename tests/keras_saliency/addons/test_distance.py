import numpy as np
import pytest

pytest.importorskip("keras")
import keras
from scipy.ndimage import distance_transform_edt

from keras_saliency.addons.distance import euclidean_dist_transform


def test_two_rows_by_hand():
    got = euclidean_dist_transform(np.array([[0, 1, 1], [1, 1, 1]], "uint8"))
    np.testing.assert_allclose(np.asarray(got), [[0, 1, 2], [1, 2**0.5, 5**0.5]], rtol=1e-6)


@pytest.mark.parametrize("share", [0.02, 0.3, 1.0])
def test_agrees_with_scipy_image_by_image(share):
    rng = np.random.default_rng(1)
    masks = (rng.random((3, 19, 31)) > share).astype("uint8") * 255
    masks[:, 4, 5] = 0
    expected = [distance_transform_edt(mask) for mask in masks]
    got = np.asarray(euclidean_dist_transform(masks[..., None]))
    assert got.dtype == np.float32
    np.testing.assert_allclose(got[..., 0], expected, rtol=1e-6)
    one = np.asarray(euclidean_dist_transform(masks[1, ..., None]))
    np.testing.assert_array_equal(one, got[1])


def test_without_a_zero_everything_is_infinitely_far():
    assert np.isinf(np.asarray(euclidean_dist_transform(np.ones((3, 4))))).all()


def test_several_channels_are_refused():
    with pytest.raises(ValueError, match=r"found \(2, 4, 4, 3\)"):
        euclidean_dist_transform(np.zeros((2, 4, 4, 3)))


class Through(keras.layers.Layer):
    """Distances to zeros."""

    def call(self, inputs):
        return euclidean_dist_transform(inputs)

    def compute_output_shape(self, input_shape):
        return input_shape


def test_sizes_may_be_unknown_and_change():
    model = keras.Sequential([keras.Input((None, None, 1)), Through()])
    for size in ((5, 6), (7, 4)):
        x = np.random.default_rng(2).integers(0, 2, (2, *size, 1)).astype("float32")
        np.testing.assert_allclose(model.predict(x, verbose=0), Through()(x), atol=1e-6)
