"""eDN: sizes, features, learning, files, and the errors of one that has learned nothing."""

import sys

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import gaussian_filter, zoom

from benchmark_kit.errors import ConfigError, InputError, MissingExtra
from benchmark_kit.types import Fixations, GroundTruth
from keras_saliency import build_model
from keras_saliency.models import _edn_features, edn
from keras_saliency.models._sthor import Block, Hierarchy, Norm


@pytest.fixture
def tiny(monkeypatch):
    """Two small hierarchies instead of the six, and pictures left at their size."""
    first = Block(4, 3, None, None, 3, 2, Norm(3, 1, 1))
    second = Block(3, 3, 0, None, 3, 10, Norm(3, 1, 1, remove_mean=True))
    norm = Norm(5, 1, 1)
    monkeypatch.setattr(
        _edn_features,
        "HIERARCHIES",
        (Hierarchy("rgb", norm, (first, second)), Hierarchy("yuv", norm, (first,))),
    )
    monkeypatch.setattr(edn, "COUNT", 7)
    monkeypatch.setattr(edn, "resized", lambda image: image)


def scene(seed, size=(48, 64)):
    """A gray picture with a patch of noise, and where the patch is."""
    rng = np.random.default_rng(seed)
    picture = np.full((*size, 3), 128, np.uint8)
    top, left = rng.integers(4, size[0] - 20), rng.integers(4, size[1] - 20)
    picture[top : top + 16, left : left + 16] = rng.integers(0, 256, (16, 16, 3))
    return picture, (top, left)


@pytest.fixture
def truths(tmp_path):
    found = []
    for k in range(8):
        picture, (top, left) = scene(k)
        Image.fromarray(picture).save(tmp_path / f"{k}.png")
        rng = np.random.default_rng(100 + k)
        x, y = left + rng.uniform(2, 14, 20), top + rng.uniform(2, 14, 20)
        fixations = Fixations(x, y, picture.shape[:2])
        found.append(
            GroundTruth(str(k), picture.shape[:2], fixations, stimulus=tmp_path / f"{k}.png")
        )
    return found


def inside(found, place):
    top, left = place
    mask = np.zeros(found.shape, bool)
    mask[top : top + 16, left : left + 16] = True
    return found[mask].mean() - found[~mask].mean()


def test_the_six_hierarchies_have_832_features():
    assert [h.blocks[-1].filters for h in _edn_features.HIERARCHIES] == [
        128,
        128,
        128,
        64,
        256,
        128,
    ]
    assert edn.COUNT == 832


@pytest.mark.parametrize(
    ("size", "wanted"),
    [
        ((768, 1024), (384, 512)),
        ((1024, 768), (512, 384)),
        ((300, 300), (448, 448)),
        ((1, 131), (7, 1024)),
    ],
)
def test_pictures_are_half_as_512_wide_and_half_as_384_high(size, wanted):
    assert edn.resized(np.zeros((*size, 3), np.uint8)).shape == (*wanted, 3)


def test_features_of_a_cell_are_its_columns_distance_first(tiny):
    picture, _ = scene(0, (26, 32))
    matrix, grid = _edn_features.feature_matrix(picture, centred=True)
    assert grid == (7, 8)
    assert matrix.shape == (56, 8)
    distance = matrix[:, 0].reshape(grid, order="F")
    assert distance.max() == pytest.approx(1, abs=0.05)
    assert np.abs(distance[3, 4]) < 0.1
    first = _edn_features.features(picture, _edn_features.HIERARCHIES[0])
    np.testing.assert_allclose(matrix[:, 1], first[..., 0].ravel(order="F"))
    other = _edn_features.features(
        np.asarray(Image.fromarray(picture).convert("YCbCr")), _edn_features.HIERARCHIES[1]
    )
    assert other.shape[:2] == (13, 16)
    wanted = zoom(other[..., 3], (7 / 13, 0.5))
    np.testing.assert_allclose(matrix[:, 7], wanted.ravel(order="F"), rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(
        _edn_features.feature_matrix(picture, centred=False)[0], matrix[:, 1:]
    )


@pytest.mark.parametrize("centred", [True, False])
def test_it_learns_what_was_looked_at_and_is_the_same_from_its_file(
    tiny, truths, tmp_path, centred
):
    pytest.importorskip("sklearn")
    model = edn.EDN(centred=centred).fit(truths)
    assert model.learned["weights"].shape == (7 + centred,)
    for seed in range(20, 25):
        picture, place = scene(seed)
        scores = zoom(model.decision(picture), 4, order=1)
        assert inside(scores, place) > 0
    model.save(tmp_path / "learned.npz")
    again = edn.EDN.load(tmp_path / "learned.npz")
    assert again.centred == centred
    picture, _ = scene(30)
    np.testing.assert_array_equal(again.predict_map(picture), model.predict_map(picture))
    wanted = zoom(model.decision(picture), (48 / 12, 64 / 16))
    np.testing.assert_allclose(model.predict_map(picture), gaussian_filter(wanted, 30), rtol=1e-6)


def test_the_same_seed_learns_the_same(tiny, truths):
    pytest.importorskip("sklearn")
    found = [edn.EDN(seed=s).fit(truths).learned["weights"] for s in (1, 1, 2)]
    np.testing.assert_array_equal(found[0], found[1])
    assert (found[0] != found[2]).any()


def test_published_machines_are_read_from_a_file(tiny, tmp_path):
    rng = np.random.default_rng(0)
    arrays = {"svm-slm-cntr": rng.normal(size=8), "whiten-slm-cntr": rng.uniform(1, 2, (2, 8))}
    picture, _ = scene(1)
    found = []
    for prefix in ("", "published/"):
        np.savez(tmp_path / "p.npz", **{prefix + name: array for name, array in arrays.items()})
        found.append(edn.EDN(published=tmp_path / "p.npz").decision(picture))
    matrix, grid = _edn_features.feature_matrix(picture, centred=True)
    mean, deviation = arrays["whiten-slm-cntr"]
    wanted = ((matrix - mean) / deviation) @ arrays["svm-slm-cntr"]
    for each in found:
        np.testing.assert_allclose(each, wanted.reshape(grid, order="F"))
    with pytest.raises(InputError, match=r"lacks svm-slm, whiten-slm"):
        edn.EDN(centred=False, published=tmp_path / "p.npz")
    np.savez(tmp_path / "short.npz", **{name: array[..., :5] for name, array in arrays.items()})
    with pytest.raises(InputError, match=r"of 8, found float64 \(5,\)"):
        edn.EDN(published=tmp_path / "short.npz")


def test_asked_before_it_learned_it_says_what_to_do(tmp_path):
    model = build_model("edn")
    assert model.card.kind == "estimator"
    for ask in (lambda: model.predict_map(np.zeros((9, 9, 3), np.uint8)), lambda: model.save("x")):
        with pytest.raises(ConfigError, match=r"learned nothing yet.*fit\(dataset\)"):
            ask()
    with pytest.raises(ConfigError, match="there is no file"):
        edn.EDN.load(tmp_path / "none.npz")
    (tmp_path / "text.npz").write_text("no archive")
    with pytest.raises(InputError, match=r"no \.npz archive"):
        edn.EDN.load(tmp_path / "text.npz")


def test_it_needs_two_images_and_scikit_learn(tiny, truths, monkeypatch):
    pytest.importorskip("sklearn")
    with pytest.raises(ConfigError, match=r"2 images or more, got 1"):
        edn.EDN().fit(truths[:1])
    monkeypatch.setitem(sys.modules, "sklearn.svm", None)
    with pytest.raises(MissingExtra, match=r"keras-saliency\[learn\]"):
        edn.EDN().fit(truths)
