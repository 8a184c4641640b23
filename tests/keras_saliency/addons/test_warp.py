import numpy as np
import pytest

pytest.importorskip("keras")
import keras
from keras import ops
from scipy.ndimage import map_coordinates

from keras_saliency.addons.warp import (
    dense_image_warp,
    interpolate_bilinear,
    resampler,
    rotate,
    transform,
    translate,
)

RNG = np.random.default_rng(5)
IMAGES = RNG.normal(size=(2, 6, 9, 3)).astype("float32")


def at(image, rows, columns, mode):
    """Every channel of an image (rows, columns, channels) at real places, by scipy."""
    channels = [
        map_coordinates(image[..., c].astype(float), [rows, columns], order=1, mode=mode)
        for c in range(image.shape[-1])
    ]
    return np.stack(channels, -1)


@pytest.mark.parametrize("indexing", ["ij", "xy"])
def test_interpolation_agrees_with_scipy_and_repeats_the_border(indexing):
    rows, columns = RNG.uniform(-3, 9, (2, 40)), RNG.uniform(-3, 12, (2, 40))
    pair = (rows, columns) if indexing == "ij" else (columns, rows)
    got = interpolate_bilinear(IMAGES, np.stack(pair, -1).astype("float32"), indexing)
    expected = [at(*one, "nearest") for one in zip(IMAGES, rows, columns, strict=True)]
    np.testing.assert_allclose(np.asarray(got), expected, atol=1e-5)


def test_a_quarter_to_the_right_and_half_down():
    image = np.array([[0, 1], [2, 3]], dtype="float32")[None, ..., None]
    got = interpolate_bilinear(image, np.array([[[0.5, 0.25]]], dtype="float32"))
    assert float(got[0, 0, 0]) == 1.25


def test_content_moves_with_the_flow():
    flow = np.broadcast_to(np.array([1, -2], "float32"), (2, 6, 9, 2))
    got = np.asarray(dense_image_warp(IMAGES, flow))
    np.testing.assert_allclose(got[:, 1:, :-2], IMAGES[:, :-1, 2:], atol=1e-6)
    np.testing.assert_allclose(got[:, 0], got[:, 1], atol=1e-6)  # the border is repeated


def test_warp_agrees_with_scipy():
    flow = RNG.normal(size=(2, 6, 9, 2)).astype("float32") * 3
    y, x = np.mgrid[:6, :9].astype(float)
    expected = [
        at(image, y - moves[..., 0], x - moves[..., 1], "nearest")
        for image, moves in zip(IMAGES, flow, strict=True)
    ]
    np.testing.assert_allclose(np.asarray(dense_image_warp(IMAGES, flow)), expected, atol=1e-5)


def test_the_resampler_fades_to_zero_over_one_pixel():
    places = np.stack([RNG.uniform(-3, 12, (2, 4, 5)), RNG.uniform(-3, 9, (2, 4, 5))], -1)
    got = np.asarray(resampler(IMAGES, places.astype("float32")))
    expected = [
        at(image, xy[..., 1], xy[..., 0], "grid-constant")
        for image, xy in zip(IMAGES, places, strict=True)
    ]
    np.testing.assert_allclose(got, expected, atol=1e-5)


def test_the_resampler_outside_one_row():
    row = np.array([4, 8], "float32").reshape(1, 1, 2, 1)
    places = np.array([[[0.5, 0], [1.25, 0], [2, 0]]], "float32")
    np.testing.assert_allclose(np.asarray(resampler(row, places))[0, :, 0], [6, 6, 0])


@pytest.mark.parametrize("interpolation", ["nearest", "bilinear"])
@pytest.mark.parametrize("rank", [2, 3, 4])
def test_a_quarter_turn_is_numpys(interpolation, rank):
    image = {2: IMAGES[0, :, :6, 0], 3: IMAGES[0, :, :6], 4: IMAGES[:, :, :6]}[rank]
    got = np.asarray(rotate(image, np.pi / 2, interpolation))
    axes = (1, 2) if rank == 4 else (0, 1)
    np.testing.assert_allclose(got, np.rot90(image, axes=axes), atol=1e-5)


def test_every_image_may_turn_by_its_own_angle():
    both = np.asarray(rotate(IMAGES, [0.3, -0.2], "bilinear", "reflect"))
    for k, angle in enumerate((0.3, -0.2)):
        np.testing.assert_allclose(both[k], rotate(IMAGES[k], angle, "bilinear", "reflect"))


def test_a_translation_moves_right_and_down_and_fills():
    got = np.asarray(translate(IMAGES, (2, 1), fill_value=7.0))
    np.testing.assert_array_equal(got[:, 1:, 2:], IMAGES[:, :-1, :-2])
    assert (got[:, 0] == 7).all()
    assert (got[:, :, :2] == 7).all()


@pytest.mark.parametrize("fill_mode", ["constant", "nearest", "reflect", "wrap"])
@pytest.mark.parametrize("interpolation", ["nearest", "bilinear"])
def test_transforms_agree_with_tensorflows_op_also_far_outside(fill_mode, interpolation):
    tf = pytest.importorskip("tensorflow")
    numbers = np.array([1.7, 0.3, -21.3, -0.2, 2.1, -13.7, 0.01, -0.02], "float32")
    images = np.concatenate([IMAGES, IMAGES + 1])
    many = np.stack([numbers, [1, 0, 0.5, 0, 1, -0.5, 0, 0], [1, 0, 30, 0, 1, 9, 0, 0], numbers])
    many[3, :6] *= -0.5
    expected = tf.raw_ops.ImageProjectiveTransformV3(
        images=images,
        transforms=many.astype("float32"),
        output_shape=[7, 11],
        fill_value=0.25,
        interpolation=interpolation.upper(),
        fill_mode=fill_mode.upper(),
    ).numpy()
    got = np.asarray(transform(images, many, interpolation, fill_mode, (7, 11), 0.25))
    np.testing.assert_allclose(got, expected, rtol=1e-4, atol=2e-4)


def test_a_vanishing_denominator_gives_the_fill_value():
    numbers = [1, 0, 0, 0, 1, 0, -0.5, 0]  # k = 1 - x/2
    got = np.asarray(transform(IMAGES, numbers, "bilinear", "reflect", None, 9.0))
    assert (got[:, :, 2] == 9).all()
    assert not (got[:, :, 3] == 9).any()


def test_integers_are_truncated():
    image = np.array([[0, 3]], "uint8")
    got = translate(image, (0.5, 0), "bilinear", "nearest")
    assert "uint8" in str(got.dtype)
    np.testing.assert_array_equal(np.asarray(got), [[0, 1]])


def test_half_precision_keeps_its_dtype_and_places_are_float32():
    wide = np.arange(600, dtype="float32")[None, None, :, None] % 7
    image = ops.cast(np.repeat(wide, 2, 1), "bfloat16")
    got = interpolate_bilinear(image, np.array([[[0, 501.0]]], "float32"))
    assert "bfloat16" in str(got.dtype)
    assert float(got[0, 0, 0]) == 501 % 7


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: interpolate_bilinear(IMAGES, np.zeros((2, 1, 2)), "yx"), "found 'yx'"),
        (lambda: dense_image_warp(IMAGES[:, :1], np.zeros((2, 1, 9, 2))), "at least 2 pixels"),
        (lambda: rotate(IMAGES, 1.0, "cubic"), "found 'cubic'"),
        (lambda: translate(IMAGES, (1, 1), fill_mode="mirror"), "found 'mirror'"),
        (lambda: transform(IMAGES[None], [1, 0, 0, 0, 1, 0, 0, 0]), "two, three or four axes"),
    ],
)
def test_bad_arguments_are_named(call, words):
    with pytest.raises(ValueError, match=words):
        call()


class Through(keras.layers.Layer):
    """Turns its input, and warps it by itself."""

    def call(self, inputs):
        return rotate(dense_image_warp(inputs, inputs), 0.3, "bilinear", "reflect")

    def compute_output_shape(self, input_shape):
        return input_shape


def test_sizes_may_be_unknown_and_change():
    model = keras.Sequential([keras.Input((None, None, 2)), Through()])
    for size in ((5, 6), (7, 4)):
        x = RNG.normal(size=(2, *size, 2)).astype("float32")
        np.testing.assert_allclose(model.predict(x, verbose=0), Through()(x), atol=1e-5)
