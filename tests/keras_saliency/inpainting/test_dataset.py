"""The data set of error maps: resumable, never mixed, what two training steps need."""

import json

import numpy as np
import pytest

from benchmark_kit.errors import ConfigError, InputError
from benchmark_kit.imaging.images import write_png
from keras_saliency.inpainting.dataset import make_dataset, read_dataset
from keras_saliency.inpainting.harmonic import HarmonicInpainter
from keras_saliency.inpainting.network import open_inpainter
from keras_saliency.predict.pictures import list_pictures


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(0)
    for name in ("a/one", "a/two", "three"):
        path = tmp_path / "in" / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_png(path, rng.integers(0, 256, (30, 40, 3)).astype(np.uint8))
    (tmp_path / "in/notes.txt").write_text("no picture")
    return tmp_path / "in"


def make(folder, out, **options):
    given = {"inpainter_name": "harmonic", "scales": (128,), **options}
    return make_dataset(list_pictures(folder).files, out, HarmonicInpainter(), **given)


def test_pictures_are_named_by_their_place(folder):
    assert list(list_pictures(folder).files) == ["a/one", "a/two", "three"]


def test_a_stopped_run_goes_on(folder, tmp_path):
    out = tmp_path / "out"

    class Stop(Exception):
        pass

    def stop(done, total):
        if done > 20:
            raise Stop

    with pytest.raises(Stop):
        make(folder, out, progress=stop)
    kept = (out / "maps/a/one.npy").stat().st_mtime_ns
    with pytest.raises(ConfigError, match="--resume"):
        make(folder, out)
    counts = []
    assert make(folder, out, resume=True, progress=lambda *now: counts.append(now)) == (2, [])
    assert counts[0] == (16, 48)
    assert counts[-1] == (48, 48)
    assert (out / "maps/a/one.npy").stat().st_mtime_ns == kept
    found = list(read_dataset(out))
    assert [(p.shape, m.shape) for p, m in found] == [((512, 512, 3), (512, 512, 1))] * 3
    assert (out / "views/three.png").is_file()
    assert json.loads((out / "about.json").read_text())["inpainter"] == "harmonic"


def test_a_picture_that_cannot_be_read_is_named_and_the_others_done(folder, tmp_path):
    (folder / "broken.png").write_bytes(b"no picture")
    made, problems = make(folder, tmp_path / "out", scales=(256,))
    assert made == 3
    assert [problem.where for problem in problems] == [(str(folder / "broken.png"),)]


def test_a_run_of_other_settings_is_not_mixed_in(folder, tmp_path):
    make(folder, tmp_path / "out")
    with pytest.raises(ConfigError, match=r"other settings \(scales\)"):
        make(folder, tmp_path / "out", resume=True, scales=(64,))
    (tmp_path / "out/about.json").write_text("[]")
    with pytest.raises(ConfigError, match="other settings"):
        make(folder, tmp_path / "out", resume=True)


def test_a_folder_with_other_things_is_left_alone(folder, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out/mine.txt").write_text("mine")
    with pytest.raises(ConfigError, match="not empty"):
        make(folder, tmp_path / "out")
    with pytest.raises(ConfigError, match=r"no about\.json"):
        list(read_dataset(tmp_path / "out"))


def test_no_pictures_and_two_of_one_name(folder, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="no pictures"):
        list_pictures(tmp_path / "empty")
    with pytest.raises(ConfigError, match="no folder"):
        list_pictures(tmp_path / "none")
    (folder / "three.jpg").write_bytes((folder / "three.png").read_bytes())
    with pytest.raises(InputError, match="two pictures of one name"):
        list_pictures(folder)


def test_a_network_without_weights_is_refused():
    with pytest.raises(ConfigError, match="--inpainter harmonic"):
        open_inpainter("pconv_unet")


@pytest.mark.slow
def test_a_network_fills_holes_and_a_model_trains_on_the_maps(folder, tmp_path, recwarn):
    from keras_saliency import build_model

    make(folder, tmp_path / "out")
    pictures, maps = (
        np.stack(column) for column in zip(*read_dataset(tmp_path / "out"), strict=True)
    )
    model = build_model("salnet", input_shape=(64, 64))
    model.compile("sgd", "mean_squared_error")
    before = [weight.copy() for weight in model.get_weights()]
    small, targets = pictures[:, ::8, ::8] / np.float32(255), maps[:, ::8, ::8]
    model.fit(small, targets, batch_size=2, epochs=1, verbose=0)
    assert any((a != b).any() for a, b in zip(before, model.get_weights(), strict=True))
    network = build_model("pconv_unet", input_shape=(256, 256))
    path = tmp_path / "pconv.weights.h5"
    network.save_weights(path)
    fill, name = open_inpainter("pconv_unet", path)
    assert name == "pconv_unet pconv.weights.h5"
    mask = np.ones((1, 512, 512), np.float32)
    mask[0, 64:128, 64:128] = 0
    shown = pictures[:1] / np.float32(255)
    found = fill(shown, mask)
    np.testing.assert_array_equal(found[mask > 0], shown[mask > 0])
    assert (found[mask == 0] != 0).any()
