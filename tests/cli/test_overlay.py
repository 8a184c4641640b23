"""`salbench overlay`: the picture it writes is the one the function makes, as its name says."""

import io
import re
import sys

import numpy as np
import pytest
from click.exceptions import BadParameter, UsageError
from click.testing import CliRunner
from PIL import Image

from benchmark_kit.cli.overlay import command
from benchmark_kit.errors import ConfigError, InputError, MissingExtra
from benchmark_kit.imaging.decoder import DecodeError
from benchmark_kit.imaging.images import read_map, read_stimulus, write_npy
from benchmark_kit.reporting.overlay import overlay

FIRST_BYTES = {
    ".png": b"\x89PNG\r\n",
    ".PNG": b"\x89PNG\r\n",
    ".jpg": b"\xff\xd8\xff",
    ".jpeg": b"\xff\xd8\xff",
    ".pdf": b"%PDF-",
    ".svg": b"<?xml",
}


def run(*arguments):
    return CliRunner().invoke(command, list(map(str, arguments)), standalone_mode=False)


@pytest.fixture
def pair(folder_set):
    """A picture and its map."""
    name = folder_set.names[1]
    return folder_set.root / "stimuli" / f"{name}.png", folder_set.maps / f"{name}.png"


@pytest.mark.parametrize("plain", [False, True])
def test_options_reach_the_picture(folder_set, pair, tmp_path, plain):
    out = tmp_path / "o.png"
    done = run(
        *(*pair, "--out", out, "--opacity", 0.5, "--colours", "viridis"),
        *("--fixations", folder_set.root / "fixations.csv", "--contours", "0.5,0.9"),
        *(["--plain"] if plain else []),
    )
    assert done.exception is None
    assert done.stdout == ""
    expected = overlay(
        read_stimulus(pair[0]),
        read_map(pair[1]),
        opacity=0.5,
        colours="viridis",
        fixations=folder_set.truths()[folder_set.names[1]].fixations,
        contours=(0.5, 0.9),
    )
    height, width = expected.shape[:2]
    with Image.open(out) as opened:
        found = np.asarray(opened)
    assert np.array_equal(found[:height, :width], expected)
    if plain:
        assert found.shape == expected.shape
    else:
        assert (found[:height, width:] != 255).any()  # the bar
        assert (found[height:] != 255).any()  # the legend
    again = run(*pair, "--out", out)
    assert isinstance(again.exception, ConfigError)
    assert run(*pair, "--out", out, "--force").exception is None


@pytest.mark.parametrize("suffix", FIRST_BYTES)
def test_a_file_is_of_the_kind_that_its_name_says(pair, tmp_path, suffix):
    out = tmp_path / f"o{suffix}"
    assert run(*pair, "--out", out, "--contours", "0.5").exception is None
    assert out.read_bytes().startswith(FIRST_BYTES[suffix])
    first = out.read_bytes()
    assert run(*pair, "--out", out, "--contours", "0.5", "--force").exception is None
    assert out.read_bytes() == first  # no dates, no random names


def test_vector_files_keep_words_and_lines(folder_set, pair, tmp_path):
    out = tmp_path / "o.svg"
    table = folder_set.root / "fixations.csv"
    assert run(*pair, "--out", out, "--fixations", table, "--contours", "0.5").exception is None
    text = out.read_text(encoding="utf-8")
    assert re.search(r"<text[^>]*>50 % of the map's mass</text>", text)
    assert re.search(r"<text[^>]*>\d+ fixations</text>", text)
    assert text.count("<image") >= 2  # the picture and the bar


@pytest.mark.parametrize("name", ["o.gif", "o.tif", "o", "o.png.txt"])
def test_other_kinds_are_refused_before_anything_is_read(pair, tmp_path, name):
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    refused = run(broken, pair[1], "--out", tmp_path / name).exception
    assert isinstance(refused, ConfigError)
    assert "a name that ends in .png, .jpg, .pdf, .svg" in str(refused)
    plain = run(broken, pair[1], "--plain", "--out", tmp_path / "o.pdf").exception
    assert "a name that ends in .png, .jpg, .jpeg" in str(plain)


def test_the_base_install_draws_pictures_and_says_what_vector_files_need(
    folder_set, pair, tmp_path, monkeypatch
):
    for library in ("matplotlib", "contourpy"):
        monkeypatch.setitem(sys.modules, library, None)
    table = ("--fixations", folder_set.root / "fixations.csv", "--contours", "0.5,0.9")
    assert run(*pair, *table, "--out", tmp_path / "o.png").exception is None
    for suffix in ("pdf", "svg"):
        out = tmp_path / f"o.{suffix}"
        refused = run(*pair, "--out", out).exception
        assert isinstance(refused, MissingExtra)
        assert 'pip install "keras-saliency[report]"' in str(refused)
        assert not out.exists()


def test_a_model_predicts_in_one_go(pair, tmp_path):
    from keras_saliency import build_model

    out = tmp_path / "o.png"
    done = run(pair[0], "--model", "spectral_residual", "--plain", "--out", out)
    assert done.exception is None
    saliency = build_model("spectral_residual").predict_map(pair[0])
    with Image.open(out) as found:
        assert np.array_equal(np.asarray(found), overlay(read_stimulus(pair[0]), saliency))


@pytest.mark.parametrize("stored", [False, True])
def test_a_photograph_that_exif_turns_is_upright_unless_points_refer_to_it(tmp_path, stored):
    exif = Image.Exif()
    exif[0x0112] = 6
    grid = np.random.default_rng(0).integers(0, 256, (64, 96, 3)).astype(np.uint8)
    photo, out = tmp_path / "photo.png", tmp_path / "o.png"
    Image.fromarray(grid).save(photo, exif=exif)
    (tmp_path / "f.csv").write_text("image,x,y\nphoto.png,80,20\nphoto.png,70,10\n")
    table = ("--fixations", tmp_path / "f.csv") if stored else ()
    done = run(photo, "--model", "spectral_residual", "--plain", "--out", out, *table)
    assert done.exception is None
    with Image.open(out) as found:
        assert found.size == ((96, 64) if stored else (64, 96))


@pytest.mark.parametrize("kind", ["uint16 png", "float32 tiff", "float64 npy", "constant"])
def test_maps_of_all_depths(pair, tmp_path, kind):
    values = read_map(pair[1]).astype(np.float64) / 255
    place = tmp_path / "map.png"
    if kind == "uint16 png":
        Image.fromarray(np.round(values * 65535).astype(np.uint16)).save(place)
    elif kind == "float32 tiff":
        place = tmp_path / "map.tif"
        Image.fromarray(values.astype(np.float32)).save(place)
    elif kind == "float64 npy":
        place = tmp_path / "map.npy"
        write_npy(place, values)
    else:
        values = np.full(values.shape, 7.0)
        Image.fromarray(values.astype(np.uint8)).save(place)
    out = tmp_path / "o.png"
    assert run(pair[0], place, "--plain", "--out", out).exception is None
    with Image.open(out) as found:
        wanted = overlay(read_stimulus(pair[0]), values).astype(int)
        assert np.abs(np.asarray(found) - wanted).max() <= 1
    assert run(pair[0], place, "--out", out, "--force").exception is None  # with its bar


def test_gray_pictures_are_drawn_and_what_is_not_exact_is_refused(pair, tmp_path):
    gray = tmp_path / "gray.png"
    with Image.open(pair[0]) as picture:
        picture.convert("L").save(gray)
        picture.convert("CMYK").save(tmp_path / "cmyk.jpg")
    assert run(gray, pair[1], "--out", tmp_path / "o.png").exception is None
    refused = run(tmp_path / "cmyk.jpg", pair[1], "--out", tmp_path / "c.png").exception
    assert isinstance(refused, DecodeError)
    assert "CMYK" in str(refused)
    write_npy(tmp_path / "nan.npy", np.full(read_map(pair[1]).shape, np.nan))
    broken = run(pair[0], tmp_path / "nan.npy", "--out", tmp_path / "c.png").exception
    assert "E304" in str(broken)
    assert not (tmp_path / "c.png").exists()


def test_refusals(folder_set, pair, tmp_path):
    image, out = pair[0], tmp_path / "o.png"
    wrong = run(image, folder_set.maps / f"{folder_set.names[3]}.png", "--out", out).exception
    assert isinstance(wrong, InputError)
    assert "the map is 60x56, the picture 64x48" in str(wrong)
    assert isinstance(run(image, tmp_path / "no.png", "--out", out).exception, ConfigError)
    with pytest.raises(BadParameter, match=r"write 0\.5,0\.9"):
        raise run(image, image, "--out", out, "--contours", "half").exception
    with pytest.raises(UsageError, match="either MAP or --model"):
        raise run(image, "--out", out).exception
    with pytest.raises(UsageError, match="either MAP or --model"):
        raise run(*pair, "--model", "aim", "--out", out).exception
    with pytest.raises(ConfigError, match="no_such_model"):
        raise run(image, "--model", "no_such_model", "--out", out).exception
    assert "got 'jet'" in str(run(*pair, "--colours", "jet", "--out", out).exception)
    assert not out.exists()


def test_a_jpeg_is_of_good_quality(pair, tmp_path):
    out = tmp_path / "o.jpg"
    assert run(*pair, "--plain", "--out", out).exception is None
    wanted = overlay(read_stimulus(pair[0]), read_map(pair[1])).astype(int)
    with Image.open(io.BytesIO(out.read_bytes())) as found:
        assert np.abs(np.asarray(found) - wanted).mean() < 4
