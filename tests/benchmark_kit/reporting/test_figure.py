"""Figures: rows and columns are what was asked for, on the scale that was asked for."""

import re
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from benchmark_kit.errors import ConfigError, InputError, MissingExtra
from benchmark_kit.imaging.colours import colourise
from benchmark_kit.imaging.images import read_map
from benchmark_kit.reporting.figure import FEW, figure
from benchmark_kit.reporting.figure_page import GAP, LABEL, MARGIN, PANEL, SCALE


def pixels_of(path):
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB")).astype(int)


def panel(page, column, top=MARGIN + LABEL):
    """The square of a panel's middle in the first row."""
    left = (MARGIN + LABEL + column * (PANEL + GAP) + PANEL / 2 - 10) * SCALE
    top = (top + 30) * SCALE
    side = int(20 * SCALE)
    return page[int(top) : int(top) + side, int(left) : int(left) + side]


@pytest.fixture
def flat(folder_set):
    """Two sources of maps that hold few values: 0 to 100 and 0 to 200, most of it half."""

    def made(top):
        maps = {}
        for truth in folder_set.truths():
            values = np.full(truth.size, top / 2)
            values[0, 0], values[-1, -1] = 0, top
            maps[truth.name] = values
        return maps

    return {"low": made(100.0), "high": made(200.0)}


def test_every_map_has_its_own_scale_or_all_share_one(folder_set, flat, tmp_path):
    truths = folder_set.truths()
    out = tmp_path / "f.png"
    figure(truths, out=out, maps=flat, colours="gray")
    page = pixels_of(out)
    assert np.abs(panel(page, 2) - colourise(0.5, "gray")).max() <= 1
    assert np.abs(panel(page, 3) - colourise(0.5, "gray")).max() <= 1
    figure(truths, out=out, maps=flat, colours="gray", scale="shared")
    page = pixels_of(out)
    assert np.abs(panel(page, 2) - colourise(0.25, "gray")).max() <= 1
    assert np.abs(panel(page, 3) - colourise(0.5, "gray")).max() <= 1


def test_rows_columns_and_words(folder_set, flat, tmp_path):
    truths, names = folder_set.truths(), folder_set.names
    out = tmp_path / "f.svg"
    figure(truths, out=out, maps=flat, images=[names[3], names[0]])
    text = out.read_text(encoding="utf-8")
    words = re.findall(r"<text[^>]*>([^<]*)</text>", text)
    assert words[:4] == ["stimulus", "ground truth", "low", "high"]
    assert words[4:6] == [names[3], names[0]]  # in the order asked for
    assert text.count("<image") == 2 * 4 + 1
    figure(truths, out=out, maps=flat)
    assert out.read_text(encoding="utf-8").count("<image") == FEW * 4 + 1


def test_the_stimulus_and_the_ground_truth_are_those_of_the_picture(folder_set, tmp_path):
    truths, name = folder_set.truths(), folder_set.names[0]
    out = tmp_path / "f.png"
    figure(truths, out=out, maps={"m": folder_set.maps}, images=[name])
    page = pixels_of(out)
    stimulus = pixels_of(truths[name].stimulus)
    left, top = (int(x * SCALE) for x in (MARGIN + LABEL, MARGIN + LABEL))
    height = round(PANEL * SCALE * stimulus.shape[0] / stimulus.shape[1])
    shown = page[top : top + height, left : left + int(PANEL * SCALE)]
    small = np.asarray(
        Image.fromarray(shown.astype(np.uint8)).resize(stimulus.shape[1::-1], Image.Resampling.BOX)
    )
    assert np.corrcoef(small.ravel(), stimulus.ravel())[0, 1] > 0.9


def test_a_folder_of_pictures_needs_no_data_set(folder_set, tmp_path):
    stimuli = folder_set.root / "stimuli"
    out = tmp_path / "f.svg"
    names = [f"{folder_set.names[0]}.png", folder_set.names[1]]  # with or without the extension
    figure(stimuli, out=out, maps={"m": folder_set.maps}, images=names)
    assert "ground truth" not in out.read_text(encoding="utf-8")
    figure(stimuli, out=tmp_path / "f.png", models=["spectral_residual"], images=names)
    assert pixels_of(tmp_path / "f.png").shape[2] == 3


def test_photographs_are_upright_as_predict_shows_them(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    grid = np.random.default_rng(0).integers(0, 256, (40, 80, 3)).astype(np.uint8)
    (tmp_path / "in").mkdir()
    Image.fromarray(grid).save(tmp_path / "in" / "a.jpg", exif=exif)
    maps = {"m": {"a": np.random.default_rng(1).random((80, 40))}}
    figure(tmp_path / "in", out=tmp_path / "f.png", maps=maps, models=["spectral_residual"])
    with pytest.raises(InputError, match="E204 maps of the stored grid"):
        figure(tmp_path / "in", out=tmp_path / "g.png", maps={"m": {"a": np.ones((40, 80))}})


def test_a_picture_without_a_map_is_named(folder_set, flat, tmp_path):
    truths, names = folder_set.truths(), folder_set.names
    part = {"m": {name: flat["low"][name] for name in names if name != names[2]}}
    with pytest.raises(InputError, match=rf"maps of m(.|\n)*E102 1 pictures.*{names[2]}"):
        figure(truths, out=tmp_path / "f.png", maps=part)
    figure(truths, out=tmp_path / "f.png", maps=part, images=names[:2])  # not asked for
    with pytest.raises(InputError, match="E102") as caught:
        figure(truths, out=tmp_path / "g.png", maps={"m": {"else": flat["low"][names[0]]}})
    assert "--partial" not in str(caught.value)
    assert not (tmp_path / "g.png").exists()


def test_maps_of_another_size_or_without_numbers_are_refused(folder_set, flat, tmp_path):
    truths, name = folder_set.truths(), folder_set.names[0]
    small = {"m": {name: np.random.default_rng(0).random((12, 16))}}
    with pytest.raises(InputError, match="E202"):
        figure(truths, out=tmp_path / "f.png", maps=small, images=[name])
    figure(truths, out=tmp_path / "f.png", maps=small, images=[name], resize="bilinear")
    broken = {"m": {name: np.full(truths[name].size, np.nan)}}
    with pytest.raises(InputError, match=f"E304 NaN or Inf.*{name} of m"):
        figure(truths, out=tmp_path / "g.png", maps=broken, images=[name])
    constant = {"m": {name: np.full(truths[name].size, 3.0)}}
    for scale in ("each", "shared"):
        figure(truths, out=tmp_path / "f.png", maps=constant, images=[name], scale=scale)
        assert np.abs(panel(pixels_of(tmp_path / "f.png"), 2) - colourise(0.0)).max() <= 1


def test_wrong_requests(folder_set, flat, tmp_path, monkeypatch):
    truths, out = folder_set.truths(), tmp_path / "f.png"
    with pytest.raises(ConfigError, match=r"a name that ends in \.png, \.jpg, \.pdf, \.svg"):
        figure(truths, out=tmp_path / "f.gif", maps=flat)
    with pytest.raises(ConfigError, match=r"near are .*indoor/000"):
        figure(truths, out=out, maps=flat, images=["indor/000"])
    with pytest.raises(ConfigError, match="named twice"):
        figure(truths, out=out, maps=flat, images=[truths.names[0]] * 2)
    with pytest.raises(ConfigError, match="needs maps or models"):
        figure(truths, out=out)
    with pytest.raises(ConfigError, match="two columns are called 'spectral_residual'"):
        figure(truths, out=out, maps={"spectral_residual": {}}, models=["spectral_residual"])
    with pytest.raises(ConfigError, match="scale must be each or shared"):
        figure(truths, out=out, maps=flat, scale="one")
    with pytest.raises(ConfigError, match="no folder of pictures"):
        figure(tmp_path / "no", out=out, maps=flat)
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="no pictures in"):
        figure(tmp_path / "empty", out=out, maps=flat)
    monkeypatch.setitem(__import__("sys").modules, "matplotlib", None)
    with pytest.raises(MissingExtra):
        figure(truths, out=tmp_path / "f.pdf", maps=flat)
    assert not list(tmp_path.glob("f.*"))


@pytest.mark.slow
def test_forty_pictures_and_hostile_names(tmp_path):
    rng = np.random.default_rng(0)
    stimuli, maps = tmp_path / "in", {}
    stimuli.mkdir()
    names = [f"{k:02d}" for k in range(37)] + ["x" * 120, "größe_$a$&<b>", "鸟"]
    for name in names:
        Image.fromarray(rng.integers(0, 256, (30, 40, 3)).astype(np.uint8)).save(
            stimuli / f"{name}.png"
        )
        maps[name] = rng.random((30, 40))
    sources = {"a model with quite a long name, $x_1$ & <more>": maps}
    for suffix in ("png", "pdf", "svg"):
        out = tmp_path / f"f.{suffix}"
        figure(stimuli, out=out, maps=sources, images=names)
    height, width, _ = pixels_of(tmp_path / "f.png").shape
    assert width == int((2 * MARGIN + LABEL + 2 * PANEL + GAP) * SCALE)
    assert height > 40 * 90 * SCALE
    text = (tmp_path / "f.svg").read_text(encoding="utf-8")
    assert "größe_$a$&amp;&lt;b&gt;" in text
    many = {f"m{k}": maps for k in range(40)}
    with pytest.raises(ConfigError, match="too large for PNG"):
        figure(stimuli, out=tmp_path / "g.png", maps=many, images=names)


def test_maps_are_read_from_files_as_they_are(folder_set, tmp_path):
    name = folder_set.names[0]
    out = tmp_path / "f.png"
    figure(folder_set.truths(), out=out, maps={"m": folder_set.maps}, images=[name], colours="gray")
    saliency = read_map(folder_set.maps / f"{name}.png")
    page = pixels_of(out)
    left = int((MARGIN + LABEL + 2 * (PANEL + GAP)) * SCALE)
    top = int((MARGIN + LABEL) * SCALE)
    height = round(PANEL * SCALE * saliency.shape[0] / saliency.shape[1])
    shown = page[top : top + height, left : left + int(PANEL * SCALE), 0].astype(np.uint8)
    small = Image.fromarray(shown).resize(saliency.shape[::-1], Image.Resampling.BOX)
    assert np.corrcoef(np.asarray(small).ravel(), saliency.ravel())[0, 1] > 0.98


def test_pictures_whose_fixations_are_secret_have_no_ground_truth(folder_set, flat, tmp_path):
    truths = folder_set.truths()
    some = [replace(t, fixations=None) if k % 2 else t for k, t in enumerate(truths)]
    out = tmp_path / "f.svg"
    figure(replace(truths, images=tuple(some)), out=out, maps=flat)
    assert out.read_text(encoding="utf-8").count(">none</text>") == FEW // 2
    secret = [replace(t, fixations=None) for t in truths]
    figure(replace(truths, images=tuple(secret)), out=out, maps=flat)
    assert "ground truth" not in out.read_text(encoding="utf-8")
