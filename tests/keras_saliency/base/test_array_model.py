import threading
import time

import numpy as np
import pytest
from PIL import Image

from benchmark_kit.errors import ConfigError, InputError
from keras_saliency.base.array_model import LOOK_AHEAD, ArrayModel, one_colour, rgb_pixels

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
    with pytest.raises(InputError, match=r"text\.png is no picture(.|\n)*E301"):
        rgb_pixels(tmp_path / "text.png")


def test_normalize():
    found = Red().predict_map(COLOURS, normalize=True)
    red = COLOURS[..., 0].astype(float)
    np.testing.assert_allclose(found, (red - red.min()) / np.ptp(red), rtol=1e-15)
    flat = Red().predict_map(np.full((3, 4), 7, np.uint8), normalize=True)
    np.testing.assert_array_equal(flat, np.zeros((3, 4)))


def pictures(taken, sizes):
    for size in sizes:
        taken.append(size)
        yield np.full((size, 4), size, np.uint8)


@pytest.fixture(params=[1, 3])
def cores(request, monkeypatch):
    monkeypatch.setattr("keras_saliency.base.array_model.default_workers", lambda: request.param)
    return request.param


def test_predict_maps_keeps_the_order(cores):
    class Slow(Red):
        def _saliency(self, image):
            time.sleep(0.02 if len(image) % 3 == 0 else 0)  # later pictures are done earlier
            return super()._saliency(image)

    found = list(Slow().predict_maps(pictures([], range(1, 12))))
    assert [one.shape for one in found] == [(size, 4) for size in range(1, 12)]
    assert [one[0, 0] for one in found] == list(range(1, 12))


def test_predict_maps_takes_few_pictures_ahead(cores):
    taken = []
    maps = Red().predict_maps(pictures(taken, range(1, 30)))
    assert taken == []
    next(maps)
    assert taken == list(range(1, LOOK_AHEAD * cores + 1))
    next(maps)
    assert len(taken) == LOOK_AHEAD * cores + 1
    maps.close()
    assert len(taken) == LOOK_AHEAD * cores + 1


def test_a_picture_that_fails_raises_at_its_place(cores):
    wrong = np.zeros((4, 4), np.uint16)
    maps = Red().predict_maps([COLOURS, COLOURS, wrong, COLOURS])
    assert [next(maps).shape, next(maps).shape] == [(5, 7), (5, 7)]
    with pytest.raises(InputError, match="uint16"):
        next(maps)


def test_pictures_that_end_in_an_error_raise_after_the_maps_before_it(cores):
    def broken():
        yield COLOURS
        raise OSError("disk gone")

    maps = Red().predict_maps(broken())
    assert next(maps).shape == (5, 7)
    with pytest.raises(OSError, match="disk gone"):
        next(maps)


def test_predict_maps_works_on_several_pictures_at_once(monkeypatch):
    monkeypatch.setattr("keras_saliency.base.array_model.default_workers", lambda: 2)
    both = threading.Barrier(2, timeout=20)  # passed only by two at a time

    class Meeting(Red):
        def _saliency(self, image):
            both.wait()
            return super()._saliency(image)

    assert len(list(Meeting().predict_maps([COLOURS] * 4))) == 4


def test_predict_maps_leaves_no_thread_behind():
    before = threading.active_count()
    maps = Red().predict_maps([COLOURS] * 50)
    next(maps)
    maps.close()
    assert threading.active_count() == before


def test_predict_maps_normalizes():
    (found,) = Red().predict_maps([COLOURS], normalize=True)
    np.testing.assert_array_equal(found, Red().predict_map(COLOURS, normalize=True))


def test_one_colour():
    assert one_colour(np.full((3, 4, 3), 7, np.uint8))
    assert one_colour(np.zeros((1, 1, 3), np.uint8))
    two = np.full((3, 4, 3), 7, np.uint8)
    two[2, 3, 1] = 8
    assert not one_colour(two)


def test_a_model_made_by_its_class_has_no_card():
    assert Red().card is None
