"""`salbench figure`: its options reach the figure, and what cannot be is refused."""

import numpy as np
import pytest
from click.exceptions import UsageError
from click.testing import CliRunner
from PIL import Image

from benchmark_kit.cli.figure import command
from benchmark_kit.errors import ConfigError, InputError
from benchmark_kit.reporting.figure import figure


def run(*arguments):
    return CliRunner().invoke(command, list(map(str, arguments)), standalone_mode=False)


def test_options_reach_the_figure(folder_set, tmp_path):
    out, other = tmp_path / "a.png", tmp_path / "b.png"
    names = folder_set.names
    done = run(
        *("--dataset", "folder", "--root", folder_set.root, "--no-cache", "--out", out),
        *("--maps", f"mine={folder_set.maps}", "--model", "spectral_residual"),
        *("--images", f"{names[2]},{names[0]}", "--range", "shared", "--colours", "gray", "-q"),
    )
    assert done.exception is None
    figure(
        folder_set.truths(),
        out=other,
        maps={"mine": folder_set.maps},
        models=["spectral_residual"],
        images=[names[2], names[0]],
        scale="shared",
        colours="gray",
    )
    assert out.read_bytes() == other.read_bytes()
    again = run("--stimuli", folder_set.root / "stimuli", "--maps", folder_set.maps, "--out", out)
    assert isinstance(again.exception, ConfigError)
    assert "--force" in str(again.exception)


def test_a_folder_of_pictures(folder_set, tmp_path):
    place = ("--stimuli", folder_set.root / "stimuli", "--maps", folder_set.maps, "-q")
    done = run(*place, "--images", folder_set.names[0], "--out", tmp_path / "f.svg")
    assert done.exception is None
    assert f">{folder_set.maps.stem}</text>" in (tmp_path / "f.svg").read_text(encoding="utf-8")


def test_refusals(folder_set, tmp_path):
    stimuli, out = ("--stimuli", folder_set.root / "stimuli"), tmp_path / "f.png"
    maps = ("--maps", f"m={folder_set.maps}")
    with pytest.raises(UsageError, match="--stimuli DIR, or --dataset"):
        raise run(*maps, "--out", out).exception
    with pytest.raises(UsageError, match="--maps NAME=DIR or --model"):
        raise run(*stimuli, "--out", out).exception
    with pytest.raises(ConfigError, match="two --maps have one name"):
        raise run(*stimuli, *maps, *maps, "--out", out).exception
    with pytest.raises(ConfigError, match="no such file or folder: gone"):
        raise run(*stimuli, "--maps", "m=gone", "--out", out).exception
    with pytest.raises(ConfigError, match="--split is of a --dataset"):
        raise run(*stimuli, *maps, "--split", "val", "--out", out).exception
    with pytest.raises(ConfigError, match=r"ends in \.png, \.jpg, \.pdf, \.svg"):
        raise run(*stimuli, *maps, "--out", tmp_path / "f.bmp").exception
    with pytest.raises(ConfigError, match="needs its folder"):
        raise run("--dataset", "folder", *maps, "--out", out).exception
    with pytest.raises(ConfigError, match="no_such_model"):
        raise run(*stimuli, "--model", "no_such_model", "--out", out).exception
    assert not out.exists()


def test_a_picture_that_is_read_is_never_replaced(tmp_path):
    photos = tmp_path / "photos"
    photos.mkdir()
    pixels = np.random.default_rng(0).integers(0, 256, (40, 60, 3)).astype(np.uint8)
    Image.fromarray(pixels).save(photos / "a.png")
    before = (photos / "a.png").read_bytes()
    place = ("--stimuli", photos, "--model", "spectral_residual", "--force", "-q")
    refused = run(*place, "--out", photos / "a.png").exception
    assert isinstance(refused, ConfigError)
    assert (photos / "a.png").read_bytes() == before
    missing = run("--stimuli", photos, "--maps", f"m={photos}", "-q", "--out", tmp_path / "f.png")
    assert isinstance(missing.exception, InputError)  # the stimuli themselves
