"""Tables of colours: even in lightness, the published ones unchanged."""

import sys

import numpy as np
import pytest

from benchmark_kit.errors import ConfigError
from benchmark_kit.imaging.colours import COLOURS, GAIN, LINES, colourise


def lightness(colours):
    """CIE L* of sRGB colours."""
    values = np.asarray(colours) / 255
    linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    luminance = linear @ [0.2126, 0.7152, 0.0722]
    return np.where(luminance > 0.008856, 116 * np.cbrt(luminance) - 16, 903.3 * luminance)


@pytest.mark.parametrize("colours", COLOURS)
def test_lightness_rises_evenly(colours):
    steps = np.diff(lightness(colourise(np.linspace(0, 1, 11), colours)))
    assert steps.min() > 0
    assert steps[1:-1].max() < 2 * steps[1:-1].min()


def test_the_tables_of_others_are_as_published():
    maps = pytest.importorskip("matplotlib").colormaps
    for name in set(COLOURS) - set(LINES):
        wanted = 255 * maps[name](np.arange(256))[:, :3]
        assert np.abs(colourise((np.arange(256) + 0.5) / 256, name) - wanted).max() <= 0.5 + 1e-9


@pytest.mark.parametrize("name", LINES)
def test_ours_go_through_their_corners(name):
    corners = LINES[name]
    assert colourise(np.linspace(0, 1, len(corners)), name).tolist() == [list(c) for c in corners]


def test_gains_and_losses_are_equally_strong_and_meet_in_white():
    below, above = lightness(GAIN[:2]), lightness(GAIN[:2:-1])
    assert np.abs(below - above).max() < 6
    assert lightness(GAIN[2]) > lightness(GAIN).max() - 1e-9
    assert colourise(0.5, "gain").min() >= 245


def test_shapes_types_and_what_lies_outside():
    assert colourise(np.zeros((2, 3))).shape == (2, 3, 3)
    assert colourise(0.5).dtype == np.uint8
    assert np.array_equal(colourise(np.array([-3.0, 9.0])), colourise(np.array([0.0, 1.0])))
    with pytest.raises(
        ConfigError, match="magma, viridis, cividis, inferno, dusk, gray, got 'jet'"
    ):
        colourise(0.0, "jet")


def test_no_plotting_library_is_needed(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert colourise(1.0, "viridis").tolist() == [253, 231, 37]
