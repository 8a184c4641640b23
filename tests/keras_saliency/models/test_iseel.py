"""iSEEL: learning from pictures, retrieval, its file, and what it says when it cannot."""

import keras
import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import gaussian_filter

from benchmark_kit.errors import ConfigError, InputError
from benchmark_kit.types import Fixations, GroundTruth
from keras_saliency import build_model, model_card
from keras_saliency.models import iseel
from keras_saliency.models.iseel import ISEEL


@pytest.fixture(scope="module")
def trunk():
    """Two convolutions of stride 2 and 4."""
    keras.utils.set_random_seed(0)
    inputs = keras.Input((None, None, 3))
    scaled = keras.layers.Rescaling(1 / 255)(inputs)
    x = keras.layers.Conv2D(6, 3, strides=2, padding="same", activation="relu", name="a")(scaled)
    x = keras.layers.Conv2D(8, 3, strides=2, padding="same", activation="relu", name="b")(x)
    return keras.Model(inputs, x, name="own")


def scene(seed, size=(64, 96)):
    """A gray picture with a patch of noise, and where the patch is."""
    rng = np.random.default_rng(seed)
    picture = np.full((*size, 3), 100, np.uint8)
    top, left = rng.integers(8, size[0] - 28), rng.integers(8, size[1] - 28)
    picture[top : top + 20, left : left + 20] = rng.integers(0, 256, (20, 20, 3))
    return picture, (top, left)


@pytest.fixture
def truths(tmp_path):
    found = []
    for k in range(6):
        picture, (top, left) = scene(k)
        path = tmp_path / f"{k}.png"
        Image.fromarray(picture).save(path)
        rng = np.random.default_rng(100 + k)
        x, y = left + rng.uniform(2, 18, 30), top + rng.uniform(2, 18, 30)
        size = picture.shape[:2]
        found.append(GroundTruth(str(k), size, Fixations(x, y, size), stimulus=path))
    return found


def test_it_learns_what_was_looked_at_and_is_the_same_from_its_file(trunk, truths, tmp_path):
    model = ISEEL(trunk, neighbours=3).fit(truths)
    gains = []
    for seed in range(20, 26):
        picture, (top, left) = scene(seed)
        found = model.predict_map(picture)
        assert found.shape == (64, 96)
        assert found.min() >= 0
        mask = np.zeros(found.shape, bool)
        mask[top : top + 20, left : left + 20] = True
        gains.append(found[mask].mean() > found[~mask].mean())
    assert sum(gains) >= 5
    model.save(tmp_path / "learned.npz")
    again = ISEEL.load(tmp_path / "learned.npz", encoder=trunk, neighbours=3)
    np.testing.assert_array_equal(again.predict_map(picture), model.predict_map(picture))


def test_a_picture_is_predicted_by_its_nearest_alone(trunk, truths):
    model = ISEEL(trunk, neighbours=1).fit(truths)
    picture = np.asarray(Image.open(truths[4].stimulus))
    rows, grid, descriptor = model._described(picture)
    np.testing.assert_allclose(model.learned["descriptors"][4], descriptor, atol=1e-6)
    assert np.linalg.norm(descriptor) == pytest.approx(1)
    assert grid == (8, 12)
    assert rows.shape == (96, 3 + 6 + 8 + 2)
    np.testing.assert_allclose(rows[:12, -2], np.linspace(-1, 1, 12))
    np.testing.assert_allclose(rows[::12, -1], np.linspace(-1, 1, 8))
    raw = iseel._mean_map(model.learned, rows, grid, [4])
    wanted = iseel._finished(raw, model.learned["prior"], float(model.learned["power"]))
    enlarged = iseel.resample(wanted.astype(np.float32), (64, 96), "bilinear")
    np.testing.assert_allclose(model.predict_map(picture), enlarged, rtol=1e-6)


def test_with_as_many_units_as_cells_a_picture_learned_from_is_nearly_met(trunk, truths):
    model = ISEEL(trunk, neighbours=1).fit(truths)  # 100 units for 96 cells
    rows, grid, _ = model._described(np.asarray(Image.open(truths[2].stimulus)))
    density = iseel.resample(iseel._density(truths[2]), grid, "area")
    found = iseel._mean_map(model.learned, rows, grid, [2])
    assert np.corrcoef(found.ravel(), density.ravel())[0, 1] > 0.99
    other = iseel._mean_map(model.learned, rows, grid, [3])
    assert np.corrcoef(other.ravel(), density.ravel())[0, 1] < 0.99


def test_maps_are_cut_at_zero_before_they_are_averaged(trunk, truths):
    model = ISEEL(trunk).fit(truths)
    rows, grid, _ = model._described(np.asarray(Image.open(truths[0].stimulus)))
    model.learned["output"][1] *= -1  # below 0 nearly everywhere
    both = iseel._mean_map(model.learned, rows, grid, [0, 1])
    alone = [iseel._mean_map(model.learned, rows, grid, [k]) for k in (0, 1)]
    assert alone[1].min() == 0
    np.testing.assert_allclose(both, np.mean(alone, axis=0))


def test_the_map_is_weighted_raised_and_then_blurred():
    rng = np.random.default_rng(0)
    raw, prior = rng.random((30, 50)), rng.random((30, 50))
    wanted = gaussian_filter((raw * prior.astype(np.float32)) ** 2, 1.0)
    np.testing.assert_allclose(iseel._finished(raw, prior, 2.0), wanted, rtol=1e-6)


def test_the_power_is_the_one_of_the_best_correlation_without_the_picture_itself(trunk, truths):
    model = ISEEL(trunk, neighbours=2).fit(truths)
    priors = [iseel.resample(iseel._density(t), iseel.PRIOR, "area") for t in truths]
    np.testing.assert_allclose(model.learned["prior"], np.mean(priors, axis=0), rtol=1e-6)
    scores = np.zeros(len(iseel.POWERS))
    for k, truth in enumerate(truths):
        rows, grid, descriptor = model._described(np.asarray(Image.open(truth.stimulus)))
        far = np.linalg.norm(model.learned["descriptors"] - descriptor, axis=1)
        far[k] = np.inf
        raw = iseel._mean_map(model.learned, rows, grid, np.argsort(far)[:2])
        others = np.mean([p for j, p in enumerate(priors) if j != k], axis=0)
        wanted = iseel.resample(iseel._density(truth), grid, "area").ravel()
        maps = [iseel._finished(raw, others, power).ravel() for power in iseel.POWERS]
        scores += [np.corrcoef(found, wanted)[0, 1] for found in maps]
    assert float(model.learned["power"]) == iseel.POWERS[int(np.argmax(scores))]


def test_another_trunk_is_refused(trunk, truths, tmp_path):
    ISEEL(trunk).fit(truths).save(tmp_path / "learned.npz")
    other = keras.models.clone_model(trunk)
    with pytest.raises(InputError, match="learned with another trunk"):
        ISEEL.load(tmp_path / "learned.npz", encoder=other)


def test_asked_before_it_learned_it_says_what_to_do(trunk, truths, tmp_path):
    model = build_model("iseel", encoder=trunk)
    assert model.card is model_card("iseel")
    for ask in (
        lambda: model.predict_map(np.zeros((9, 9, 3), np.uint8)),
        lambda: model.save(tmp_path / "x.npz"),
    ):
        with pytest.raises(ConfigError, match=r"learned nothing yet.*fit\(dataset\)"):
            ask()
    with pytest.raises(ConfigError, match=r"2 images or more, got 1"):
        model.fit(truths[:1])
    with pytest.raises(ConfigError, match="1 neighbour or more, got 0"):
        ISEEL(trunk, neighbours=0)


def test_a_named_trunk_without_weights_is_warned_of(truths):
    model = ISEEL("mobilenet")
    with pytest.warns(UserWarning, match="trunk has random weights"):
        model.fit(truths[:2])
    assert len(model.learned["descriptors"]) == 2


def test_pictures_of_any_size_get_maps_of_their_size(trunk, truths):
    model = ISEEL(trunk).fit(truths)
    for size in ((1, 131), (1, 1), (700, 30), (97, 131)):
        found = model.predict_map(np.full((*size, 3), 7, np.uint8))
        assert found.shape == size
        assert np.isfinite(found).all()
