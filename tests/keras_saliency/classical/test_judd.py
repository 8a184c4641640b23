import sys
from dataclasses import replace

import numpy as np
import pytest

from benchmark_kit.errors import ConfigError, InputError, MissingExtra
from keras_saliency import build_model
from keras_saliency.classical._judd_features import (
    COUNT,
    centre_feature,
    colour_features,
    colour_rarity,
    judd_features,
    subband_features,
    torralba_feature,
)
from keras_saliency.classical.judd import Judd


@pytest.fixture(scope="module")
def truths(tmp_path_factory, make_folder_set):
    made = make_folder_set(tmp_path_factory.mktemp("set"), images=4, size=(80, 104))
    return made.truths()


@pytest.fixture(scope="module")
def model(truths):
    pytest.importorskip("sklearn")
    return build_model("judd").fit(truths)


def noise(height, width):
    return np.random.default_rng(1).integers(0, 256, (height, width, 3), dtype=np.uint8)


def test_there_are_29_features():
    found = judd_features(noise(90, 120))
    assert found.shape == (200, 200, COUNT) == (200, 200, 29)
    assert np.isfinite(found).all()


def test_a_picture_too_small_for_its_channels_is_refused(model):
    with pytest.raises(InputError, match="itti1998"):
        model.predict_map(noise(20, 90))


def test_energies_are_over_their_mean():
    found = subband_features(noise(200, 200))
    np.testing.assert_allclose(found[..., 0].mean(), 1, rtol=1e-9)  # at full size, not resized
    np.testing.assert_allclose(found.mean(axis=(0, 1)), np.ones(13), atol=0.05)


def test_a_rare_edge_has_the_largest_rarity():
    picture = np.full((200, 200, 3), 100, np.uint8)
    picture[:, ::20] = 140
    picture[96:104, 100:108] = 255
    found = torralba_feature(picture)
    assert found.max() == 1
    row, column = np.unravel_index(found.argmax(), found.shape)
    assert abs(row - 100) < 16
    assert abs(column - 104) < 16


def test_colours_come_first_and_rare_ones_rank_high():
    picture = np.zeros((200, 200, 3), np.uint8)
    picture[:, 100:] = (200, 100, 50)
    picture[:10, :10] = (255, 255, 255)
    found = colour_features(picture)
    np.testing.assert_allclose(found[150, 150, :3], np.array([200, 100, 50]) / 255)
    assert found.shape[2] == 11
    # 100 pixels of white: their cell holds 101 of 41000
    assert found[5, 5, 6] == pytest.approx(-np.log(101 / 41000), rel=1e-12)
    assert found[5, 5, 6] > found[150, 50, 6]


def test_an_even_median_reaches_down_and_right_and_takes_the_mean_of_two():
    plane = np.zeros((6, 6, 3))
    plane[3, 3] = 0.95
    plane[3, 4] = 0.95
    plane[4, 3] = 0.25
    # windows of 2 x 2 from (2, 3) and (3, 3): (0, 0, .95, .95) and (.95, .95, .25, 0)
    cells = colour_rarity(plane, 2)
    # medians: (2, 3) 0.475, (3, 3) 0.6, (3, 2) 0.125, all others 0
    rare = -np.log(2 / 1036)
    for place in ((2, 3), (3, 3), (3, 2)):
        assert cells[place] == pytest.approx(rare)
    assert (np.delete(cells.ravel(), [15, 21, 20]) < rare).all()


def test_distance_to_the_middle_by_hand():
    found = centre_feature((200, 200))
    # counted from 1 the middle is 100
    assert found[99, 99] == 0
    assert found[99, 109] == pytest.approx(10 / 141)  # floor(sqrt(100^2 + 100^2)) = 141
    assert found[199, 199] == 1


def test_it_learns_where_people_looked(model, truths):
    gains = []
    for truth in truths:
        saliency = model.predict_map(truth.stimulus)
        assert saliency.shape == truth.size
        rows, columns = truth.fixations.y.astype(int), truth.fixations.x.astype(int)
        gains.append((saliency[rows, columns].mean() - saliency.mean()) / saliency.std())
    assert np.mean(gains) > 0.2  # the pictures are noise: only the middle tells


def test_the_map_is_the_weighted_sum(model):
    picture = noise(200, 200)
    known = model.learned
    scaled = (judd_features(picture) - known["means"]) / known["scales"]
    expected = sum(scaled[..., k] * known["weights"][k] for k in range(COUNT)) + known["bias"]
    np.testing.assert_allclose(model.predict_map(picture), expected, atol=1e-9)


def test_the_seed_decides_what_is_learned(model, truths):
    again = build_model("judd").fit(truths)
    other = build_model("judd", seed=1).fit(truths)
    np.testing.assert_array_equal(again.learned["weights"], model.learned["weights"])
    assert (other.learned["means"] != model.learned["means"]).any()


def test_saved_and_loaded_it_is_the_same(model, tmp_path):
    model.save(tmp_path / "own.npz")
    again = Judd.load(tmp_path / "own.npz")
    np.testing.assert_array_equal(
        again.predict_map(noise(90, 70)), model.predict_map(noise(90, 70))
    )


def test_a_constant_picture_gives_zeros(model):
    np.testing.assert_array_equal(
        model.predict_map(np.full((70, 80, 3), 9, np.uint8)), np.zeros((70, 80))
    )


def test_before_fit_it_says_what_to_do():
    with pytest.raises(ConfigError, match=r"fit\(dataset\)"):
        build_model("judd").predict_map(noise(70, 70))


def test_images_without_fixations_are_all_named(truths):
    first, second, *rest = truths
    secret = [replace(first, fixations=None), replace(second, fixations=None), *rest]
    pytest.importorskip("sklearn")
    with pytest.raises(InputError, match=rf"{first.name}, {second.name} \(2 of 4"):
        build_model("judd").fit(secret)


def test_without_scikit_learn_fit_names_the_extra(truths, monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.svm", None)
    with pytest.raises(MissingExtra, match=r"\[learn\]"):
        build_model("judd").fit(truths)
