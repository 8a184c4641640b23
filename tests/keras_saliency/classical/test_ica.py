import numpy as np
import pytest
from scipy.io import loadmat

from benchmark_kit.errors import ConfigError, InputError
from benchmark_kit.imaging.images import write_png
from keras_saliency import build_model
from keras_saliency.classical.ica import fast_ica, learn_basis, main


def blobs(seed):
    from scipy.ndimage import gaussian_filter

    rng = np.random.default_rng(seed)
    planes = gaussian_filter(rng.normal(size=(60, 80, 3)), (2, 2, 0.5))
    planes -= planes.min()
    return (255 * planes / planes.max()).astype(np.uint8)


def test_mixed_sources_are_found_again():
    rng = np.random.default_rng(0)
    sources = rng.laplace(size=(20_000, 3)) / np.sqrt(2)
    turn, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    found = fast_ica(sources @ turn.T, rng)
    np.testing.assert_allclose(found @ found.T, np.eye(3), atol=1e-12)
    gains = np.abs(found @ turn)  # a permutation with signs
    np.testing.assert_allclose(gains.max(axis=1), 1, atol=0.01)
    assert sorted(gains.argmax(axis=1)) == [0, 1, 2]


def test_responses_of_the_patches_are_white():
    pictures = [blobs(k) for k in range(4)]
    filters = learn_basis(pictures, side=5, patches=4000, variance=0.9)
    windows = np.concatenate(
        [
            np.lib.stride_tricks.sliding_window_view(p / 255, (5, 5), (0, 1)).reshape(-1, 3, 5, 5)
            for p in pictures
        ]
    )
    answers = np.einsum("nchw,fhwc->nf", windows, filters)
    np.testing.assert_allclose(np.cov(answers.T), np.eye(len(filters)), atol=0.25)


def test_more_variance_keeps_more_filters_and_a_seed_settles_them():
    pictures = [blobs(k) for k in range(3)]
    few, again, many = (
        learn_basis(pictures, side=5, patches=2000, variance=share) for share in (0.8, 0.8, 0.99)
    )
    assert len(few) < len(many) <= 75
    np.testing.assert_array_equal(few, again)


def test_the_command_writes_what_aim_reads(tmp_path, capsys):
    (tmp_path / "pictures" / "below").mkdir(parents=True)
    for k in range(3):
        write_png(tmp_path / "pictures" / "below" / f"{k}.png", blobs(k))
    out = tmp_path / "own.mat"
    main([str(tmp_path / "pictures"), str(out), "--side", "5", "--patches", "1500"])
    assert "3 pictures" in capsys.readouterr().out
    assert loadmat(out)["B"].shape[1] == 75
    found = build_model("aim", bases=out).predict_map(blobs(9))
    assert found.max() > found.min() >= 0
    assert {p.name for p in tmp_path.iterdir()} == {"pictures", "own.mat"}


@pytest.mark.parametrize(
    ("pictures", "options", "message"),
    [
        ([], {}, "got none"),
        ([blobs(0)], {"side": 4}, "must be odd"),
        ([blobs(0)], {"variance": 0}, "share"),
        ([blobs(0)], {"side": 21, "patches": 100}, "1323"),
    ],
)
def test_what_cannot_be_learned_from_is_refused(pictures, options, message):
    with pytest.raises(ConfigError, match=message):
        learn_basis(pictures, **options)


def test_all_small_pictures_are_named():
    pictures = [blobs(0), np.zeros((4, 90, 3), np.uint8), np.zeros((90, 4, 3), np.uint8)]
    with pytest.raises(InputError, match="number 1, number 2"):
        learn_basis(pictures, side=5, patches=300)


def test_pictures_of_one_colour_teach_nothing():
    with pytest.raises(InputError, match="one colour"):
        learn_basis([np.full((30, 30, 3), 7, np.uint8)], side=5, patches=300)
