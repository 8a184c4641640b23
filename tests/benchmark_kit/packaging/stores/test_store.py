"""One map in every store: what is kept of it, and what the record says of the loss."""

import io

import numpy as np
import pytest
from PIL import Image

from benchmark_kit.imaging.images import read_map
from benchmark_kit.packaging.stores import get_store, list_stores
from benchmark_kit.packaging.stores.store import (
    crowded_share,
    encode_map,
    stored_array,
)


def coded(values, store):
    return encode_map("a", "a", values, get_store(store))


def stored_as(values, store):
    return stored_array(values, get_store(store))


def decoded(values, store):
    return read_map(("map.png", coded(values, store).data))


MAP = np.random.default_rng(1).random((30, 40)) ** 4 + 0.01


def test_png8_is_the_ceiling_of_the_min_max_scaled_map():
    pixels = np.asarray(Image.open(io.BytesIO(coded(MAP, "png8").data)))
    scaled = (MAP - MAP.min()) / (MAP.max() - MAP.min()) * 255
    assert pixels.dtype == np.uint8
    assert (pixels == np.ceil(scaled)).all()
    assert (pixels == 0).sum() == 1
    assert pixels.max() == 255


def test_png16_keeps_zeros_and_lifts_every_value_above_them():
    values = MAP.copy()
    values[0] = 0
    values[1] = 1e-12
    pixels = np.asarray(Image.open(io.BytesIO(coded(values, "png16").data)))
    assert (pixels[0] == 0).all()
    assert (pixels[1] == 1).all()
    assert (pixels[2:] == np.round(65535 * values[2:] / values.max())).all()


def test_npy_is_float32():
    array = np.load(io.BytesIO(coded(MAP, "npy").data))
    assert array.dtype == np.float32
    assert (array == MAP.astype(np.float32)).all()


def test_jpeg_is_gray_of_quality_95_made_from_the_ceiling():
    y, x = np.indices((60, 80))
    smooth = np.exp(-((y - 20) ** 2 + (x - 50) ** 2) / 400)
    one = coded(smooth, "jpeg")
    picture = Image.open(io.BytesIO(one.data))
    reference = io.BytesIO()
    Image.new("L", (80, 60)).save(reference, format="JPEG", quality=95)
    assert picture.mode == "L"
    assert picture.quantization == Image.open(reference).quantization
    assert np.abs(np.asarray(picture).astype(int) - np.ceil(255 * smooth)).max() <= 3
    assert one.error < 5


@pytest.mark.parametrize("store", ["png8", "jpeg", "json2015", "mat73"])
def test_a_map_of_8_bits_goes_in_unchanged(store):
    pixels = np.random.default_rng(0).integers(20, 151, (10, 12)).astype(np.uint8)
    assert stored_as(pixels, store) is pixels
    assert coded(pixels, store).error == 0 or store == "jpeg"


def test_a_map_of_16_bits_goes_unchanged_into_16_bits_and_by_the_ceiling_into_8():
    pixels = np.random.default_rng(0).integers(0, 60000, (10, 12)).astype(np.uint16)
    assert (decoded(pixels, "png16") == pixels).all()
    span = (pixels - float(pixels.min())) / (float(pixels.max()) - pixels.min())
    assert (stored_as(pixels, "png8") == np.ceil(255 * span)).all()


@pytest.mark.parametrize("store", list_stores())
def test_the_error_is_below_what_rounding_explains(store):
    one = coded(MAP, store)
    assert one.error <= get_store(store).allowed
    if store != "jpeg":
        # and it is no constant: half of the bound is reached
        assert one.error > get_store(store).allowed / 8


def test_the_error_of_8_bits_is_counted_in_steps():
    values = np.array([[0.0, 0.25, 1.0]])  # 63.75 becomes 64
    assert coded(values, "png8").error == pytest.approx(0.25)


def test_nothing_is_stored_of_a_map_with_nan_or_beyond_float32():
    for bad in (np.nan, np.inf):
        for store in list_stores():
            with pytest.raises(ValueError, match="NaN"):
                coded(np.array([[0.0, bad]]), store)
    with pytest.raises(ValueError, match="beyond float32"):
        coded(np.array([[0.0, 1e300]]), "npy")


def test_constant_maps_are_stored():
    assert (decoded(np.full((4, 5), 3.0), "png8") == 0).all()
    sixteen = read_map(("map.png", coded(np.full((4, 5), 3.0), "png16").data))
    assert (sixteen == 65535).all()


def test_crowded_pixels_are_those_that_the_ceiling_puts_together():
    values = np.array([[0.0, 0.0, 1e-5, 2e-5, 3e-5, 1.0]])
    assert crowded_share(values, stored_as(values, "png8")) == 0.5
    assert crowded_share(values, stored_as(values, "png16")) == 0
    eight = stored_as(values, "png8")
    assert crowded_share(eight, eight) == 0  # stored as it came: nothing was put together


def test_two_maps_differ_in_digest_and_the_same_map_does_not():
    first, again = (coded(MAP, "png8") for _ in range(2))
    assert first == again
    assert coded(MAP.T, "png8").pixels != first.pixels
