"""The window that holds most of a map, and the file that becomes of it."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from benchmark_kit.errors import ConfigError, InputError
from keras_saliency.predict.crop import best_window, crop_files


def test_by_hand():
    saliency = np.zeros((4, 8))
    saliency[:, 5] = 1
    saliency[0, 0] = 1
    window = best_window(saliency, Fraction(1))
    assert window[1:4] == (0, 4, 4)
    assert window.left <= 5 < window.left + 4
    assert window.share == pytest.approx(0.8)
    assert window.left == 2  # of those that hold column 5 the nearest to the middle


def test_up_and_down():
    saliency = np.zeros((9, 3))
    saliency[7] = 1
    assert best_window(saliency, 1)[:4] == (0, 5, 3, 3)


@pytest.mark.parametrize("value", [0.0, 3.0, -2.0])
def test_a_constant_map_gives_the_middle(value):
    window = best_window(np.full((5, 11), value), 1)
    assert window[:4] == (3, 0, 5, 5)
    assert window.share == pytest.approx(5 / 11)


@given(
    st.integers(1, 12), st.integers(1, 12), st.integers(1, 5), st.integers(1, 5), st.integers(0, 99)
)
def test_against_every_window(height, width, across, down, seed):
    saliency = np.random.default_rng(seed).random((height, width))
    aspect = Fraction(across, down)
    try:
        window = best_window(saliency, aspect)
    except ConfigError:
        assert min(width / float(aspect), height * float(aspect)) <= 0.5
        return
    w, h = window.width, window.height
    assert w == width or h == height
    held = {
        (x, y): saliency[y : y + h, x : x + w].sum()
        for y in range(height - h + 1)
        for x in range(width - w + 1)
    }
    assert held[window.left, window.top] == pytest.approx(max(held.values()))
    assert window.share == pytest.approx(max(held.values()) / saliency.sum())


@pytest.mark.parametrize("aspect", [0, -1, float("nan")])
def test_no_shape(aspect):
    with pytest.raises(ConfigError, match="aspect must be positive"):
        best_window(np.ones((4, 4)), aspect)


def test_no_map():
    with pytest.raises(InputError, match="finite"):
        best_window(np.array([[1.0, np.nan]]), 1)


class Right:
    """Says that people look at the right end."""

    def predict_map(self, image):
        width, height = image.size  # a picture that was read, upright
        return np.tile(np.arange(width, dtype=float), (height, 1))


def cut(source, file, **options):
    problems = []
    found = list(crop_files(Right(), {file: source}, problems=problems, **options))
    assert not problems
    return found[0]


def test_pixels_profile_and_transparency_stay(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (6, 10, 4), np.uint8)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Image.fromarray(pixels).save(tmp_path / "a.png", icc_profile=profile)
    done = cut(tmp_path / "a.png", tmp_path / "out" / "a.png", aspect=Fraction(1))
    assert done.window[:4] == (4, 0, 6, 6)
    with Image.open(done.file) as picture:
        assert picture.mode == "RGBA"
        assert picture.info["icc_profile"] == profile
        np.testing.assert_array_equal(np.asarray(picture), pixels[:, 4:])


def test_a_photograph_is_cut_upright(tmp_path):
    pixels = np.zeros((8, 16, 3), np.uint8)
    pixels[:, :8] = 255  # upright: the upper half
    turned = Image.Exif()
    turned[0x0112] = 6
    Image.fromarray(pixels).save(tmp_path / "a.png", exif=turned)
    done = cut(tmp_path / "a.png", tmp_path / "b.png", aspect=Fraction(1, 2))
    with Image.open(done.file) as picture:
        assert picture.size == (8, 16)
        assert not picture.getexif()
        shown = np.asarray(picture)
    assert shown[:8].min() == 255
    assert shown[8:].max() == 0


def test_a_size_is_what_comes_out_and_jpeg_gets_white_for_nothing(tmp_path):
    Image.new("RGBA", (20, 10), (9, 9, 9, 0)).save(tmp_path / "a.png")
    done = cut(tmp_path / "a.png", tmp_path / "b.jpg", size=(4, 2))
    assert done.size == (4, 2)
    with Image.open(done.file) as picture:
        assert picture.size == (4, 2)
        assert np.asarray(picture).min() > 250


@pytest.mark.parametrize("mode", ["P", "1", "I;16", "LA", "L"])
def test_every_kind_of_picture(tmp_path, mode):
    if mode == "I;16":
        Image.fromarray(np.arange(200, dtype=np.uint16).reshape(10, 20)).save(tmp_path / "a.png")
    else:
        Image.new("RGB", (20, 10), (200, 30, 60)).convert(mode).save(tmp_path / "a.png")
    done = cut(tmp_path / "a.png", tmp_path / "b.png", size=(5, 5))
    with Image.open(done.file) as picture:
        assert picture.size == (5, 5)


def test_what_cannot_be_read_is_named_and_the_others_go_on(tmp_path):
    from keras_saliency import build_model

    (tmp_path / "a.png").write_bytes(b"no picture")
    Image.new("RGB", (20, 10)).save(tmp_path / "b.png")
    problems, model = [], build_model("spectral_residual")
    files = {tmp_path / "out" / name: tmp_path / name for name in ("a.png", "b.png")}
    done = list(crop_files(model, files, aspect=Fraction(1), problems=problems))
    assert [one.file.name for one in done] == ["b.png"]
    assert [problem.where for problem in problems] == [(str(tmp_path / "a.png"),)]
    assert not (tmp_path / "out" / "a.png").exists()
