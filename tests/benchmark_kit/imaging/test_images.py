import numpy as np
import pytest
from PIL import Image

from benchmark_kit.errors import RunFailed
from benchmark_kit.imaging.images import (
    DecodeError,
    image_size,
    inspect_map,
    quantise,
    read_map,
    read_stimulus,
    write_npy,
    write_png,
)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("suffix", [".png", ".tiff"])
def test_integers_come_back_as_written(tmp_path, dtype, suffix):
    array = np.random.default_rng(0).integers(0, np.iinfo(dtype).max, (9, 14)).astype(dtype)
    path = tmp_path / f"map{suffix}"
    Image.fromarray(array).save(path)
    read = read_map(path)
    assert read.dtype == dtype
    assert np.array_equal(read, array)
    info = inspect_map(path)
    assert info.size == (9, 14)
    assert info.stored_as == f"{array.dtype.name} {suffix[1:]}"


def test_float_tiff(tmp_path):
    array = np.random.default_rng(0).random((5, 6)).astype(np.float32)
    Image.fromarray(array).save(tmp_path / "map.tif")
    assert np.array_equal(read_map(tmp_path / "map.tif"), array)


@pytest.mark.parametrize("dtype", ["<f8", ">f4", "<f2", "?", "<i8", "<u2"])
def test_npy_types(tmp_path, dtype):
    array = (np.random.default_rng(0).random((4, 5)) * 2).astype(dtype)
    write_npy(tmp_path / "map.npy", array)
    read = read_map(tmp_path / "map.npy")
    assert read.dtype.isnative
    assert read.dtype.name in ("uint8", "uint16", "float32", "float64")
    assert np.array_equal(read, array.astype(np.float64))


def test_ceiling_keeps_small_values_apart_from_zeros():
    values = np.array([[0.0, 1e-6, 0.5, 1.0]])
    assert quantise(values).tolist() == [[0, 1, 128, 255]]
    assert quantise(values, 16).tolist() == [[0, 1, 32768, 65535]]
    assert quantise(values + 3).tolist() == [[0, 1, 128, 255]]
    assert quantise(np.full((2, 2), 7.0)).tolist() == [[0, 0], [0, 0]]
    with pytest.raises(ValueError, match="NaN or Inf"):
        quantise(np.array([[np.nan]]))


def test_floats_of_0_to_1_are_written_over_the_full_range(tmp_path):
    values = np.random.default_rng(0).random((8, 8))
    write_png(tmp_path / "map.png", quantise(values))
    read = read_map(tmp_path / "map.png")
    assert read.max() == 255
    assert np.abs(read / 255 - (values - values.min()) / np.ptp(values)).max() <= 1 / 255


def test_exif_does_not_turn_a_stimulus(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (30, 20), (9, 9, 9)).save(tmp_path / "a.jpg", exif=exif)
    assert image_size(tmp_path / "a.jpg") == (20, 30)
    assert read_stimulus(tmp_path / "a.jpg").shape == (20, 30, 3)


@pytest.mark.parametrize("transparency", [1, bytes([0, 90])], ids=["one", "several"])
def test_colours_of_a_palette_stay_under_their_transparency(tmp_path, transparency):
    picture = Image.new("P", (2, 1))
    picture.putpalette([10, 20, 30, 200, 100, 50])
    picture.putpixel((1, 0), 1)
    picture.save(tmp_path / "p.png", transparency=transparency)
    found = read_stimulus(tmp_path / "p.png")
    np.testing.assert_array_equal(found, [[[10, 20, 30], [200, 100, 50]]])


def test_missing_file_and_missing_folder(tmp_path):
    with pytest.raises(DecodeError, match="cannot be opened"):
        read_map(tmp_path / "gone.png")
    with pytest.raises(RunFailed, match="cannot write"):
        write_png(tmp_path / "no" / "map.png", np.zeros((2, 2), np.uint8))


def test_a_failed_write_leaves_nothing(tmp_path):
    with pytest.raises(TypeError):
        write_png(tmp_path / "map.png", np.zeros((2, 2), np.complex64))
    assert list(tmp_path.iterdir()) == []
