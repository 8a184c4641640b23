import numpy as np
import pytest
from PIL import Image

from benchmark_kit.errors import ConfigError
from benchmark_kit.imaging.images import quantise, read_map
from keras_saliency import build_model
from keras_saliency.predict.folder import predict_files
from keras_saliency.predict.outputs import OneMap
from keras_saliency.predict.pictures import list_pictures

RNG = np.random.default_rng(0)


@pytest.fixture
def photos(tmp_path):
    for name, size in (("a", (40, 60)), ("sub/b", (50, 30)), ("sub/c", (33, 44))):
        path = tmp_path / "in" / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(RNG.integers(0, 256, (*size, 3)).astype(np.uint8)).save(path)
    return tmp_path / "in"


@pytest.fixture(scope="module")
def model():
    return build_model("spectral_residual")


@pytest.mark.parametrize(("depth", "suffix"), [("8", "png"), ("16", "png"), ("float", "npy")])
def test_folders_are_mirrored_and_values_are_the_models(photos, model, tmp_path, depth, suffix):
    out = tmp_path / "out"
    assert predict_files(model, list_pictures(photos).files, out, depth=depth) == []
    found = sorted(p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file())
    assert found == [f"a.{suffix}", f"sub/b.{suffix}", f"sub/c.{suffix}"]
    wanted = model.predict_map(photos / "sub" / "b.png")
    if depth != "float":
        wanted = quantise(wanted, int(depth))
    np.testing.assert_array_equal(read_map(out / f"sub/b.{suffix}"), wanted)


def test_unreadable_pictures_are_named_and_the_others_written(photos, model, tmp_path):
    (photos / "broken.png").write_bytes((photos / "a.png").read_bytes()[:60])
    seen = []
    problems = predict_files(
        model,
        list_pictures(photos).files,
        tmp_path / "out",
        progress=lambda done, count: seen.append((done, count)),
    )
    assert [p.where for p in problems] == [(str(photos / "broken.png"),)]
    assert len(list((tmp_path / "out").rglob("*.png"))) == 3
    assert seen[-1] == (4, 4)


def test_resume_predicts_what_is_missing_alone(photos, model, tmp_path):
    out, pictures = tmp_path / "out", list_pictures(photos).files
    predict_files(model, pictures, out)
    (out / "sub" / "c.png").unlink()
    (out / "a.png").write_bytes(b"kept")
    with pytest.raises(ConfigError, match="not empty"):
        predict_files(model, pictures, out)
    predict_files(model, pictures, out, resume=True)
    assert (out / "a.png").read_bytes() == b"kept"
    assert (out / "sub" / "c.png").exists()
    predict_files(model, pictures, out, force=True)
    assert (out / "a.png").read_bytes() != b"kept"


@pytest.mark.parametrize("how", ["resume", "force"])
def test_maps_never_stand_for_or_replace_the_pictures(photos, model, how):
    before = {path: path.read_bytes() for path in photos.rglob("*.png")}
    with pytest.raises(ConfigError, match="would replace a file that is read"):
        predict_files(model, list_pictures(photos).files, photos, **{how: True})
    assert {path: path.read_bytes() for path in photos.rglob("*.png")} == before


def test_an_unknown_depth_is_refused(photos, model, tmp_path):
    with pytest.raises(ConfigError, match="8, 16, float, log"):
        predict_files(model, list_pictures(photos).files, tmp_path / "out", depth="12")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("places", [("b",), ("a", "c", "d"), ("e",)])
def test_pictures_that_the_model_refuses_are_named_and_the_others_written(tmp_path, places):
    (tmp_path / "in").mkdir()
    for name in "abcde":
        size = (8, 8) if name in places else (64, 72)
        pixels = RNG.integers(0, 256, (*size, 3)).astype(np.uint8)
        Image.fromarray(pixels).save(tmp_path / "in" / f"{name}.png")
    out = tmp_path / "out"
    problems = predict_files(build_model("itti1998"), list_pictures(tmp_path / "in").files, out)
    assert sorted(f.stem for f in out.iterdir()) == sorted(set("abcde") - set(places))
    assert [p.where for p in problems] == [(str(tmp_path / f"in/{n}.png"),) for n in places]
    assert all("32" in p.found for p in problems)


class TwoMaps:
    """Gives the red and the green channel."""

    map_names = ("red", "green")
    random_weights = False
    card = None

    def predict_map(self, image):
        return np.asarray(image, np.float64)[..., :2]

    def predict_maps(self, images):
        return map(self.predict_map, images)


def test_several_maps_go_into_a_folder_each(photos, tmp_path):
    out = tmp_path / "out"
    assert predict_files(TwoMaps(), list_pictures(photos).files, out, depth="float") == []
    found = sorted(p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file())
    assert found == [f"{c}/{n}.npy" for c in ("green", "red") for n in ("a", "sub/b", "sub/c")]
    pixels = np.asarray(Image.open(photos / "a.png"))
    np.testing.assert_array_equal(np.load(out / "green/a.npy"), pixels[..., 1])
    (out / "green/a.npy").unlink()
    assert predict_files(TwoMaps(), list_pictures(photos).files, out, resume=True) == []


def test_one_of_several_maps_or_their_mean():
    pixels = RNG.integers(0, 256, (4, 5, 3)).astype(np.uint8)
    green = OneMap(TwoMaps(), "green")
    np.testing.assert_array_equal(green.predict_map(pixels), pixels[..., 1])
    (found,) = OneMap(TwoMaps(), "mean").predict_maps([pixels])
    np.testing.assert_allclose(found, pixels[..., :2].mean(axis=-1))
    with pytest.raises(ConfigError, match="no map 'blue'; its maps: red, green, or mean"):
        OneMap(TwoMaps(), "blue")
    with pytest.raises(ConfigError, match="gives one map"):
        OneMap(build_model("spectral_residual"), "64")
