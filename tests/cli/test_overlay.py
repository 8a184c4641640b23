"""`salbench overlay`: the picture it writes is the one the function makes."""

import numpy as np
import pytest
from click.exceptions import BadParameter
from click.testing import CliRunner
from PIL import Image

from benchmark_kit.cli.overlay import command
from benchmark_kit.errors import ConfigError, InputError
from benchmark_kit.imaging.images import read_map, read_stimulus
from benchmark_kit.reporting.overlay import overlay


def run(*arguments):
    return CliRunner().invoke(command, list(map(str, arguments)), standalone_mode=False)


def test_options_reach_the_picture(folder_set, tmp_path):
    name = folder_set.names[1]
    image, saliency = (folder_set.root / "stimuli" / f"{name}.png"), folder_set.maps / f"{name}.png"
    out = tmp_path / "o.png"
    done = run(
        *(image, saliency, "--out", out, "--opacity", 0.5, "--colours", "viridis"),
        *("--fixations", folder_set.root / "fixations.csv", "--contours", "0.5,0.9"),
    )
    assert done.exception is None
    assert done.stdout == ""
    fixations = folder_set.truths()[name].fixations
    expected = overlay(
        read_stimulus(image),
        read_map(saliency),
        opacity=0.5,
        colours="viridis",
        fixations=fixations,
        contours=(0.5, 0.9),
    )
    with Image.open(out) as found:
        assert np.array_equal(np.asarray(found), expected)
    again = run(image, saliency, "--out", out)
    assert isinstance(again.exception, ConfigError)
    assert run(image, saliency, "--out", out, "--force").exception is None


def test_a_png_is_named_as_one(folder_set, tmp_path):
    name = folder_set.names[0]
    image, saliency = (folder_set.root / "stimuli" / f"{name}.png"), folder_set.maps / f"{name}.png"
    done = run(image, saliency, "--out", tmp_path / "o.jpg")
    assert isinstance(done.exception, ConfigError)
    assert "a name that ends in .png" in str(done.exception)
    assert run(image, saliency, "--out", tmp_path / "o.PNG").exception is None


def test_refusals(folder_set, tmp_path):
    name, other = folder_set.names[1], folder_set.names[3]  # of another size
    image, out = folder_set.root / "stimuli" / f"{name}.png", tmp_path / "o.png"
    wrong = run(image, folder_set.maps / f"{other}.png", "--out", out).exception
    assert isinstance(wrong, InputError)
    assert "the map is 60x56, the picture 64x48" in str(wrong)
    missing = run(image, tmp_path / "no.png", "--out", out).exception
    assert isinstance(missing, ConfigError)
    with pytest.raises(BadParameter, match=r"write 0\.5,0\.9"):
        raise run(image, image, "--out", out, "--contours", "half").exception
    assert not out.exists()
