from dataclasses import replace

import numpy as np
import pytest
from scipy.special import gamma

from benchmark_kit.errors import ConfigError, InputError, RunFailed
from benchmark_kit.types import GroundTruth
from keras_saliency import build_model, load_model
from keras_saliency.classical.sun_dog import SunDoG, dog_responses, generalised_gaussian


@pytest.fixture(scope="module")
def truths(tmp_path_factory, make_folder_set):
    return make_folder_set(tmp_path_factory.mktemp("set"), images=3).truths()


@pytest.fixture(scope="module")
def model(truths):
    return build_model("sun_dog").fit(truths)


def noise(height, width):
    return np.random.default_rng(1).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize("size", [(48, 64), (31, 40), (1, 1), (1, 9)])
def test_the_map_has_the_pictures_size(model, size):
    found = model.predict_map(noise(*size))
    assert found.shape == size
    assert found.dtype == np.float64
    assert np.isfinite(found).all()


def test_a_constant_picture_gives_zeros(model):
    np.testing.assert_array_equal(
        model.predict_map(np.full((40, 50, 3), 9, np.uint8)), np.zeros((40, 50))
    )


def test_a_dot_answers_with_the_filter():
    picture = np.zeros((301, 301, 3), np.uint8)
    picture[150, 150] = (10, 0, 0)
    found = dog_responses(picture)
    row, column = np.indices((301, 301)) - 150
    square = row**2 + column**2
    for k, s in enumerate((4, 8, 16)):
        dog = np.exp(-square / s**2) / s**2 - np.exp(-square / (1.6 * s) ** 2) / (1.6 * s) ** 2
        np.testing.assert_allclose(found[0, k], 10 * dog, atol=1e-6)
        np.testing.assert_allclose(found[1, k], 10 * dog, atol=1e-6)
        np.testing.assert_allclose(found[2, k], -5 * dog, atol=1e-6)


def test_blue_yellow_by_hand():
    # a flat patch answers with 0, so channels are told by their difference to a flat surround
    picture = np.zeros((64, 64, 3), np.uint8)
    picture[:, 32:] = (100, 60, 10)
    found = dog_responses(picture)
    step = found[0] / 170  # intensity of the step
    np.testing.assert_allclose(found[1], 40 * step, atol=1e-9)
    np.testing.assert_allclose(found[2], (10 - 80 - 30) * step, atol=1e-9)


@pytest.mark.parametrize("theta", [0.4, 1.0, 2.0, 3.5])
def test_shape_and_scale_from_their_own_moments(theta):
    sigma = 1.7
    absolute = sigma * gamma(2 / theta) / gamma(1 / theta)
    square = sigma**2 * gamma(3 / theta) / gamma(1 / theta)
    assert generalised_gaussian(absolute, square) == pytest.approx((sigma, theta), rel=1e-9)


def test_shape_and_scale_of_drawn_values():
    values = np.random.default_rng(0).laplace(scale=3.0, size=200_000)
    found = generalised_gaussian(np.abs(values).mean(), (values**2).mean())
    assert found == pytest.approx((3.0, 1.0), rel=0.02)


def test_the_map_is_of_the_learned_numbers(model):
    picture = noise(40, 50)
    answers = np.abs(dog_responses(picture))
    expected = sum(
        (answers[c, s] / model.learned["sigmas"][c, s]) ** model.learned["thetas"][c, s]
        for c in range(3)
        for s in range(4)
    )
    np.testing.assert_allclose(model.predict_map(picture), expected, rtol=1e-12)


def test_before_fit_it_says_what_to_do():
    fresh = build_model("sun_dog")
    for ask in (lambda: fresh.predict_map(noise(5, 5)), lambda: fresh.save("x.npz")):
        with pytest.raises(ConfigError, match=r"fit\(dataset\)"):
            ask()


def test_saved_and_loaded_it_is_the_same(model, tmp_path):
    path = tmp_path / "own.npz"
    model.save(path)
    expected = model.predict_map(noise(40, 50))
    for again in (SunDoG.load(path), build_model("sun_dog", fitted=path), load_model(path)):
        np.testing.assert_array_equal(again.predict_map(noise(40, 50)), expected)
    assert [p.name for p in tmp_path.iterdir()] == ["own.npz"]


def test_a_file_of_something_else_is_refused_with_all_that_is_wrong(tmp_path):
    path = tmp_path / "odd.npz"
    np.savez(path, model=np.array("judd"), sigmas=np.ones(3))
    with pytest.raises(InputError) as caught:
        SunDoG.load(path)
    for word in ("odd.npz", "written by judd", "sigmas", "(3,)", "thetas: missing"):
        assert word in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"text", b"PK\x03\x04 cut off"])
def test_no_archive_is_refused(tmp_path, content):
    (tmp_path / "odd.npz").write_bytes(content)
    with pytest.raises(InputError, match=r"no \.npz archive"):
        SunDoG.load(tmp_path / "odd.npz")


def test_pickled_objects_are_never_loaded(tmp_path):
    path = tmp_path / "odd.npz"
    np.savez(path, sigmas=np.array([{"a": 1}], dtype=object))
    with pytest.raises(InputError, match="plain arrays"):
        SunDoG.load(path)


def test_a_missing_file_and_a_missing_folder(model, tmp_path):
    with pytest.raises(ConfigError, match=r"none\.npz"):
        SunDoG.load(tmp_path / "none.npz")
    with pytest.raises(RunFailed, match="nowhere"):
        model.save(tmp_path / "nowhere" / "own.npz")


def test_images_without_pictures_are_all_named(truths):
    first, second, third = truths
    gone = third.stimulus.with_name("gone.png")
    lost = [replace(first, stimulus=None), second, replace(third, stimulus=gone)]
    with pytest.raises(InputError, match=rf"{first.name}, {third.name} \(2 of 3"):
        build_model("sun_dog").fit(lost)
    with pytest.raises(ConfigError, match="learns from 1 image or more, got 0"):
        build_model("sun_dog").fit([])


def test_gray_pictures_teach_no_colour(tmp_path):
    from benchmark_kit.imaging.images import write_png

    write_png(tmp_path / "gray.png", noise(30, 40)[..., :1].repeat(3, axis=2))
    truth = GroundTruth("gray", (30, 40), stimulus=tmp_path / "gray.png")
    with pytest.raises(InputError, match="contrast"):
        build_model("sun_dog").fit([truth])


@pytest.mark.parametrize(
    "options", ['{"fitted": 1}', '{"name": "judd"}', '[["a", 1]]', "[" * 100_000, '{"own": 1}']
)
def test_options_that_save_never_wrote_are_refused(model, tmp_path, options):
    path = tmp_path / "odd.npz"
    model.save(path)
    with np.load(path) as arrays:
        np.savez(path, **{**arrays, "options": np.array(options)})
    with pytest.raises(InputError, match=r"odd\.npz"):
        load_model(path)
