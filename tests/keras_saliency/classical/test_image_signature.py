import numpy as np
import pytest
from scipy.fft import idctn

from benchmark_kit.errors import ConfigError
from keras_saliency import build_model
from keras_saliency.classical.image_signature import signature_map

NOISE = np.random.default_rng(0).integers(0, 256, (90, 130, 3), dtype=np.uint8)


@pytest.mark.parametrize("color", ["lab", "rgb", "gray"])
def test_a_spot_stands_out(color):
    picture = np.full((120, 160, 3), 128, np.uint8)
    picture[30:40, 110:120] = (250, 160, 40)
    found = build_model("image_signature", color=color).predict_map(picture)
    y, x = np.unravel_index(found.argmax(), found.shape)
    # even blur: half a pixel of width 64 is 1.25 here
    assert np.hypot(y - 34.5, x - 114.5) < 8
    assert (found.min(), found.max()) == (0, 1)


def test_only_signs_count():
    channels = np.random.default_rng(0).normal(size=(24, 64, 1))
    found = signature_map(channels)
    np.testing.assert_allclose(signature_map(-7 * channels), found, atol=1e-12)
    signs = np.random.default_rng(1).choice([-1.0, 1.0], (24, 64))
    strong = idctn(signs * 9, norm="ortho")
    weak = idctn(signs * np.random.default_rng(2).uniform(1, 5, signs.shape), norm="ortho")
    np.testing.assert_allclose(
        signature_map(strong[..., None]), signature_map(weak[..., None]), atol=1e-12
    )


def test_gray_sees_no_colour():
    picture = np.zeros((60, 64, 3), np.uint8)
    picture[:] = (100, 100, 100)
    picture[20:30, 20:30] = (196, 49, 114)  # gray 100.4
    found = {c: build_model("image_signature", color=c).channels(picture) for c in ("gray", "lab")}
    assert np.ptp(found["gray"]) < 0.01
    assert np.ptp(found["lab"][..., 1]) > 50


def test_channels_are_64_wide_and_in_the_space_asked_for():
    assert build_model("image_signature").channels(NOISE).shape == (45, 64, 3)  # 44.3
    rgb = build_model("image_signature", color="rgb").channels(np.repeat(NOISE[..., :1], 3, 2))
    np.testing.assert_array_equal(rgb[..., 0], rgb[..., 2])
    assert -0.3 < rgb.min() < rgb.max() < 1.3


def test_unknown_space():
    with pytest.raises(ConfigError, match="lab"):
        build_model("image_signature", color="hsv")
