"""Odd pictures, given to every model that needs no training.

A model that needs an authors' table which is not there is skipped, and said so.
"""

import numpy as np
import pytest
from PIL import Image

from benchmark_kit.errors import ConfigError, InputError
from keras_saliency import build_model, list_models

NAMES = list_models(kind="training-free")
# models that take seconds for the smallest picture
COSTLY = {"context_aware", "covsal", "ssr"}
SMALLER = {"context_aware": {"longest": 100}}  # its time grows with the fourth power


@pytest.fixture(
    params=[pytest.param(name, marks=pytest.mark.slow if name in COSTLY else ()) for name in NAMES]
)
def model(request):
    try:
        return build_model(request.param, **SMALLER.get(request.param, {}))
    except ConfigError as error:
        pytest.skip(str(error))


def noise(height, width, channels=3, seed=0):
    shape = (height, width, channels)
    return np.random.default_rng(seed).integers(0, 256, shape).astype(np.uint8)


def map_or_refusal(model, picture):
    """A finite map of the picture's size, or None where the model says that it is too small."""
    try:
        found = model.predict_map(picture)
    except InputError as error:
        message = str(error)
        height, width = np.shape(picture)[:2]
        assert f"{width} x {height}" in message or f"{height} x {width}" in message, message
        assert "Fix:" in message
        return None
    assert found.shape == np.shape(picture)[:2]
    assert found.dtype == np.float64
    assert np.isfinite(found).all()
    return found


@pytest.mark.parametrize("size", [(1, 1), (1, 2), (1, 40), (40, 1), (2, 2), (3, 3), (3, 50)])
def test_tiny_pictures_give_a_finite_map_or_a_clear_error(model, size):
    map_or_refusal(model, noise(*size))


@pytest.mark.parametrize("size", [(12, 9), (20, 31), (33, 17), (40, 200)])
def test_small_pictures_give_a_finite_map_or_a_clear_error(model, size):
    map_or_refusal(model, noise(*size))


@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_picture_of_one_level_gives_a_constant_map(model, level):
    found = map_or_refusal(model, np.full((60, 70, 3), level, np.uint8))
    assert found is None or found.min() == found.max()


def test_a_picture_of_one_colour_gives_a_constant_map(model):
    found = map_or_refusal(model, np.full((60, 70, 3), (200, 30, 90), np.uint8))
    assert found is None or found.min() == found.max()


def test_black_and_white_halves_are_finite(model):
    picture = np.zeros((64, 80, 3), np.uint8)
    picture[:, 40:] = 255
    map_or_refusal(model, picture)


def test_a_single_bright_pixel_is_finite(model):
    picture = np.zeros((64, 80, 3), np.uint8)
    picture[30, 41] = 255
    map_or_refusal(model, picture)


def test_every_form_of_a_picture_gives_the_same_map(model):
    gray = noise(64, 80, 1)
    colours = np.repeat(gray, 3, axis=2)
    expected = model.predict_map(colours)
    alpha = np.concatenate([colours, noise(64, 80, 1, seed=1)], axis=2)
    forms = {
        "gray": gray[..., 0],
        "gray with an axis": gray,
        "alpha": alpha,
        "0..255 floats": colours.astype(np.float32),
        "0..1 floats": colours / 255.0,
        "pillow": Image.fromarray(gray[..., 0]),
        "another order in memory": np.asfortranarray(colours),
    }
    for form, picture in forms.items():
        np.testing.assert_array_equal(model.predict_map(picture), expected, err_msg=form)


@pytest.mark.parametrize(
    ("picture", "says"),
    [
        (np.zeros((64, 80, 3), np.uint16), "65535"),
        (np.full((64, 80, 3), np.nan), "nan"),
        (np.full((64, 80, 3), np.inf), "inf"),
        (np.full((64, 80, 3), -1.0), "from -1"),
        (np.zeros((0, 80, 3), np.uint8), "without pixels"),
        (np.zeros((2, 64, 80, 3), np.uint8), "predict_maps"),
    ],
    ids=["16 bits", "nan", "infinite", "negative", "empty", "several"],
)
def test_what_is_no_picture_is_refused_with_the_fix(model, picture, says):
    with pytest.raises(InputError, match=says):
        model.predict_map(picture)


def test_the_same_picture_gives_the_same_bytes(model):
    picture = noise(64, 80)
    first = model.predict_map(picture)
    assert model.predict_map(picture.copy()).tobytes() == first.tobytes()


def test_predict_maps_gives_the_bytes_of_predict_map(model):
    pictures = [noise(64 + 3 * k, 80 - 2 * k, seed=k) for k in range(5)]
    alone = [model.predict_map(picture).tobytes() for picture in pictures]
    assert [found.tobytes() for found in model.predict_maps(pictures)] == alone


def test_the_picture_is_left_alone(model):
    picture = noise(64, 80)
    before = picture.copy()
    model.predict_map(picture)
    np.testing.assert_array_equal(picture, before)


@pytest.mark.slow
def test_a_very_large_picture_needs_bounded_memory():
    """8192 x 8192: the picture, some planes of it in double precision and the map, no more."""
    import resource

    if "spectral_residual_opencv" not in NAMES:
        pytest.skip("the model is not there")
    picture = np.tile(noise(256, 256), (32, 32, 1))
    picture[4000:4200, 5000:5200] = 255
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = build_model("spectral_residual_opencv").predict_map(picture)
    assert found.shape == (8192, 8192)
    assert np.isfinite(found).all()
    used = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024**2  # GiB
    assert used < 6  # a plane in double precision is half a GiB
