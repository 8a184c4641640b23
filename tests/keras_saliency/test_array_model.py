import numpy as np
import pytest
from PIL import Image

from benchmark_kit.errors import ConfigError, InputError
from keras_saliency.array_model import ArrayModel, min_max, rgb_pixels

COLOURS = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)


class Red(ArrayModel):
    def _saliency(self, image):
        return image[..., 0].astype(np.float64)


def test_every_form_of_a_picture_is_the_same_picture(tmp_path):
    Image.fromarray(COLOURS).save(tmp_path / "a.png")
    alpha = np.full((5, 7, 1), 9, np.uint8)
    forms = {
        "path": tmp_path / "a.png",
        "text": str(tmp_path / "a.png"),
        "array": COLOURS,
        "alpha": np.concatenate([COLOURS, alpha], axis=2),
        "float 255": COLOURS.astype(np.float32),
        "float 1": COLOURS / 255,
        "pillow": Image.fromarray(COLOURS),
        "other order": np.asfortranarray(COLOURS),
    }
    for form, image in forms.items():
        pixels = rgb_pixels(image)
        assert pixels.dtype == np.uint8, form
        np.testing.assert_array_equal(pixels, COLOURS, err_msg=form)


@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 1)])
def test_gray_is_three_equal_channels(shape):
    gray = COLOURS[..., 0].reshape(shape)
    expected = np.stack([COLOURS[..., 0]] * 3, axis=2)
    np.testing.assert_array_equal(rgb_pixels(gray), expected)
    np.testing.assert_array_equal(rgb_pixels(Image.fromarray(COLOURS[..., 0])), expected)


def test_the_callers_array_is_left_alone():
    before = COLOURS.copy()
    Red().predict_map(COLOURS, normalize=True)
    np.testing.assert_array_equal(COLOURS, before)


@pytest.mark.parametrize(
    ("image", "says"),
    [
        (np.zeros((2, 3, 4, 3), np.uint8), r"shape \(2, 3, 4, 3\).*predict_maps"),
        (np.zeros((4, 3, 2), np.uint8), "channels last"),
        (np.zeros(5, np.uint8), "shape"),
        (np.zeros((0, 4), np.uint8), "without pixels"),
        (np.zeros((4, 4), np.uint16), "uint16"),
        (Image.fromarray(np.zeros((4, 4), np.uint16)), "uint16|int32"),
        (np.zeros((4, 4), bool), "bool"),
        (np.full((4, 4), -1.0), "from -1 to -1.*prepared for a network"),
        (np.full((4, 4), 256.0), "from 256"),
        (np.full((4, 4), np.nan), "nan"),
        (None, "object"),
    ],
)
def test_what_is_no_picture(image, says):
    with pytest.raises(InputError, match=says):
        rgb_pixels(image)


def test_files_that_are_no_pictures(tmp_path):
    with pytest.raises(ConfigError, match=r"no picture .*absent\.png"):
        rgb_pixels(tmp_path / "absent.png")
    (tmp_path / "text.png").write_text("no picture")
    with pytest.raises(InputError, match=r"text\.png.*E301"):
        rgb_pixels(tmp_path / "text.png")


def test_normalize():
    found = Red().predict_map(COLOURS, normalize=True)
    red = COLOURS[..., 0].astype(float)
    np.testing.assert_allclose(found, (red - red.min()) / np.ptp(red), rtol=1e-15)
    flat = Red().predict_map(np.full((3, 4), 7, np.uint8), normalize=True)
    np.testing.assert_array_equal(flat, np.zeros((3, 4)))


def test_predict_maps_is_lazy_and_in_order():
    taken = []

    def pictures():
        for level in (1, 2, 3):
            taken.append(level)
            yield np.full((level, 4), level, np.uint8)

    maps = Red().predict_maps(pictures())
    assert taken == []
    assert next(maps).shape == (1, 4)
    assert taken == [1]
    assert [found[0, 0] for found in maps] == [2, 3]


def test_a_model_made_by_its_class_has_no_card():
    assert Red().card is None


def test_min_max_of_integers_is_float():
    found = min_max(np.array([[3, 3]]))
    assert found.dtype == np.float64
