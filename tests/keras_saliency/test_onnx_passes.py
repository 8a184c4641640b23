"""Networks under ONNX Runtime: the same maps, one export of the same weights, clear refusals."""

import sys

import keras
import numpy as np
import pytest

from benchmark_kit.errors import ConfigError, MissingExtra, RunFailed
from keras_saliency import build_model, onnx_passes
from keras_saliency.onnx_passes import run_under_onnx
from keras_saliency.predict.predictor import open_predictor

if keras.config.backend() != "tensorflow":
    pytest.skip("networks are exported under TensorFlow", allow_module_level=True)

PICTURES = list(np.random.default_rng(0).integers(0, 256, (3, 40, 60, 3)).astype(np.uint8))


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_SALIENCY_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(onnx_passes, "free_bytes", lambda: None)  # other tests may have it
    return tmp_path / "cache" / "networks"


def network(seed=0):
    keras.utils.set_random_seed(seed)
    # few weights: an export takes seventy times their memory
    model = build_model("ml_net", input_shape=(96, 128), encoder="mobilenet")
    model.random_weights = False
    return model


def apart(found, wanted):
    """Mean difference over the range: ML-Net's maps have 256 levels, and rounding may cross one."""
    pairs = [(w, np.abs(f - w)) for f, w in zip(found, wanted, strict=True)]
    assert max(off.max() for _, off in pairs) <= 1
    return max(off.mean() / np.ptp(w) for w, off in pairs)


@pytest.mark.slow
def test_the_same_maps_and_one_export_for_the_same_weights(tmp_path, cache, monkeypatch, recwarn):
    pytest.importorskip("tf2onnx")
    plain, other = network(), network(seed=1)
    plain.save(tmp_path / "mine.keras")
    notes = []
    model = open_predictor(f"{tmp_path}/mine.keras", engine="onnx", on_note=notes.append)
    ran = model.engine(None)
    monkeypatch.setattr(ran.network, "predict_on_batch", _once(ran.network.predict_on_batch))
    assert apart(model.predict_maps(PICTURES), plain.predict_maps(PICTURES)) < 1e-4
    assert apart([model.predict_map(PICTURES[1])], [plain.predict_map(PICTURES[1])]) < 1e-4
    assert notes == ["exporting ml_net for ONNX Runtime, once for these weights"]
    (kept,) = cache.iterdir()

    exported = onnx_passes.export_network
    monkeypatch.setattr(onnx_passes, "export_network", _never)
    again = open_predictor(f"{tmp_path}/mine.keras:engine=onnx")
    assert apart(again.predict_maps(PICTURES), plain.predict_maps(PICTURES)) < 1e-4
    again.set_weights(other.get_weights())
    with pytest.raises(AssertionError, match="exported again"):
        again.predict_map(PICTURES[0])

    monkeypatch.setattr(onnx_passes, "export_network", exported)
    assert apart(again.predict_maps(PICTURES), other.predict_maps(PICTURES)) < 1e-4
    (new,) = cache.iterdir()
    assert new != kept, "one file of an entry is kept"

    new.write_bytes(new.read_bytes()[:1000])
    run_under_onnx(other)  # the damaged file is made anew
    assert apart(other.predict_maps(PICTURES), again.predict_maps(PICTURES)) < 1e-6
    assert not [one for one in recwarn if "Keras goes on" in str(one.message)]


def _once(run):
    """Keras predicts the first batch, with which the other is compared, and no other."""
    batches = []

    def counted(inputs):
        batches.append(inputs)
        assert len(batches) == 1, "Keras predicted again"
        return run(inputs)

    return counted


def _never(*arguments, **options):
    raise AssertionError("exported again")


class Wrong:
    """A session whose outputs are others."""

    def __init__(self, model):
        self.model = model

    def get_inputs(self):
        return self.model.inputs

    def run(self, names, given):
        (batch,) = given.values()
        return [self.model.predict_on_batch(batch) * 1.001]


def test_keras_goes_on_where_the_two_differ(monkeypatch):
    model = network()
    wanted = list(model.predict_maps(PICTURES))
    monkeypatch.setattr(onnx_passes, "_session", lambda path: Wrong(model))
    run_under_onnx(model)
    with pytest.warns(UserWarning, match=r"differ by 1\.0e-03 .* so that Keras goes on"):
        found = list(model.predict_maps(PICTURES, batch_size=1))
    assert apart(found, wanted) < 1e-5
    assert apart(model.predict_maps(PICTURES), wanted) == 0, "of later calls, too, without a word"


def test_what_cannot_be_is_said_before_anything_is_predicted(monkeypatch, cache):
    model = network()
    monkeypatch.setattr(onnx_passes, "free_bytes", lambda: 100_000_000)
    with pytest.raises(RunFailed, match=r"exporting ml_net takes about \d GB .* --engine keras"):
        run_under_onnx(model)
    monkeypatch.setattr(onnx_passes, "free_bytes", lambda: None)
    monkeypatch.setitem(sys.modules, "tf2onnx", None)
    with pytest.raises(MissingExtra, match=r"keras-saliency\[onnx\]"):
        run_under_onnx(model)
    assert not list(cache.iterdir())
    monkeypatch.setattr(keras.config, "backend", lambda: "jax")
    with pytest.raises(ConfigError, match="the backend is jax"):
        run_under_onnx(model)


def test_a_cache_that_cannot_be_written_keeps_nothing(monkeypatch, tmp_path):
    model = network()
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("KERAS_SALIENCY_CACHE", str(tmp_path / "file"))
    made = []

    def export(network, path, size):
        path.write_bytes(b"a network")
        made.append(path)

    def session(path):
        assert path.read_bytes() == b"a network"
        return Wrong(model)

    monkeypatch.setattr(onnx_passes, "export_network", export)
    monkeypatch.setattr(onnx_passes, "_session", session)
    run_under_onnx(model)
    assert len(made) == 1
    assert not made[0].parent.exists()


@pytest.mark.parametrize("engine", ["torch", 3])
def test_an_unknown_engine(engine):
    with pytest.raises(ConfigError, match="engine must be one of auto, keras, onnx"):
        open_predictor("msi_net", engine=engine)


def test_an_engine_behind_a_name():
    from keras_saliency.lite.model import SaliencyLite

    assert isinstance(open_predictor("saliency_lite:engine=onnx"), SaliencyLite)
    assert isinstance(open_predictor("saliency_lite:engine=auto"), SaliencyLite)
    assert isinstance(open_predictor("saliency_lite:engine=keras,gain=0.9"), keras.Model)
    with pytest.raises(ConfigError, match="no engine runs it"):
        open_predictor("image_signature:engine=onnx")
