"""How wide the densities are that networks learn from."""

from dataclasses import replace

import pytest

pytest.importorskip("keras")

from benchmark_kit.errors import ConfigError
from keras_saliency.data.sources import gather
from keras_saliency.training.label_width import label_width


@pytest.fixture
def two_screens(folder_set):
    """One data set as seen on two screens."""
    truths = folder_set.truths()
    return [replace(truths, pixels_per_degree=each) for each in (20.0, 32.5)]


def test_a_width_in_degrees_is_each_data_sets_own_in_pixels(two_screens):
    found = gather(two_screens, sigma="1.5deg")
    assert [source.spec.sigma_px for source in found] == [30.0, 48.75]
    assert [source.spec.sigma_px for source in gather(two_screens, sigma="7px")] == [7.0, 7.0]
    assert [source.spec.sigma_px for source in gather(two_screens, sigma=7)] == [7.0, 7.0]


def test_degrees_on_an_unknown_screen_are_refused_by_the_sets_name(two_screens, folder_set):
    with pytest.raises(ConfigError, match=r"folder2: '1deg': .*states no pixels per degree"):
        gather([two_screens[0], folder_set.truths()], sigma="1deg")
    with pytest.raises(ConfigError, match="folder: not a width: 'wide'"):
        gather(folder_set.truths(), sigma="wide")


def test_the_recipes_width_counts_where_none_is_given(two_screens, folder_set):
    degrees = {"sigma_deg": 1.0}
    assert label_width("3px", degrees, two_screens) == "3px"
    assert label_width(None, degrees, two_screens) == "1deg"
    assert label_width(None, degrees, [folder_set.truths()]) is None
    assert label_width(None, {"sigma_px": 9.0}, [folder_set.truths()]) == 9.0
    assert label_width(None, {}, two_screens) is None
