"""`dataset.toml`: how the values of exports become pixels (docs/datasets.md shows them)."""

import numpy as np
import pytest

from benchmark_kit.datasets.reading.reader import Defects
from benchmark_kit.datasets.reading.settings import read_settings
from benchmark_kit.errors import InputError

SIZE = (60, 80)
X, Y = np.array([10.0, 79.5, 40.0]), np.array([5.0, 59.0, 30.0])

EXPORTS = {
    "": (X, Y),
    'units = "pixels"': (X, Y),
    "index_base = 1": (X + 1, Y + 1),
    "swap_xy = true": (Y, X),
    "scale = 2": (2 * X, 2 * Y),
    "scale = [2, 0.5]": (2 * X, Y / 2),
    "offset = [560, 240]": (X + 560, Y + 240),
    "screen = [1920, 1080]": (X + 920, Y + 510),
    "screen = [0, 0]": (X - 40, Y - 30),
    "screen = [0, 0]\nscale = [1, -1]": (X - 40, 30 - Y),
    "screen = [1920, 1080]\nscale = 2": (2 * X + (1920 - 160) / 2, 2 * Y + (1080 - 120) / 2),
    "screen = [1920, 1080]\nswap_xy = true": (Y + 510, X + 920),
    'units = "normalised"': (X / 80, Y / 60),
    'units = "normalised"\nscreen = [1920, 1080]': ((X + 920) / 1920, (Y + 510) / 1080),
    'units = "normalised"\noffset = [-1, 1]\nscale = [2, -2]': (X / 40 - 1, 1 - Y / 30),
    'units = "degrees"\npixels_per_degree = 32': ((X - 40) / 32, (Y - 30) / 32),
    'units = "degrees"\npixels_per_degree = 32\nscale = [1, -1]': ((X - 40) / 32, (30 - Y) / 32),
    'units = "degrees"\npixels_per_degree = 32\noffset = [9, 7]': (
        (X - 40) / 32 + 9,
        (Y - 30) / 32 + 7,
    ),
}


@pytest.mark.parametrize("text", EXPORTS, ids=lambda text: text.replace("\n", ", ") or "nothing")
def test_an_export_becomes_pixels(tmp_path, text):
    (tmp_path / "dataset.toml").write_text(text)
    found = read_settings(tmp_path, Defects()).pixels(*EXPORTS[text], SIZE)
    np.testing.assert_allclose(found, (X, Y), atol=1e-12)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('units = "degrees"', "without pixels_per_degree"),
        ('units = "inches"', "expected one of pixels, normalised, degrees"),
        ('units = "degrees"\npixels_per_degree = 9\nscreen = [9, 9]', "screen with degrees"),
        ('units = "normalised"\nindex_base = 1', "index_base = 1 with normalised values"),
        ("screen = [-1, 5]", "expected two numbers, [width, height], 0 or more"),
        ("screen = 1920", "expected two numbers, [width, height]"),
        ("scale = -1", "expected a number above 0"),
        ("scale = [1, 0]", "two other than 0"),
        ("scale = [1, 2, 3]", "two other than 0"),
        ("swap_xy = 1", "expected true or false"),
    ],
)
def test_settings_that_mean_nothing_are_refused(tmp_path, text, said):
    defects = Defects()
    (tmp_path / "dataset.toml").write_text(text)
    read_settings(tmp_path, defects)
    with pytest.raises(InputError, match="E704") as caught:
        defects.raise_if_any("here")
    assert said in str(caught.value)


def test_values_beyond_all_use_are_not_finite_and_make_no_noise(tmp_path):
    (tmp_path / "dataset.toml").write_text("scale = 1e-300")
    x, _ = read_settings(tmp_path, Defects()).pixels(np.array([1e300]), np.array([1.0]), SIZE)
    assert np.isinf(x).all()
