"""ONNX files are compared with Keras before they are kept."""

import keras
import numpy as np
import pytest

from benchmark_kit.errors import ConfigError, MissingExtra, RunFailed
from keras_saliency.export import export_onnx, random_batch
from keras_saliency.layers import AlignedMaxPooling2D, BilinearUpsampling2D, GaussianPrior

pytestmark = pytest.mark.skipif(
    keras.config.backend() != "tensorflow", reason="ONNX is exported under TensorFlow"
)


@pytest.fixture
def network():
    picture = keras.Input((16, 24, 3))
    x = keras.layers.Conv2D(4, 3, padding="same", activation="relu")(picture)
    x = AlignedMaxPooling2D(3, 2, alignment="caffe")(x)
    x = keras.layers.Concatenate()([x, GaussianPrior(2)(x)])
    x = BilinearUpsampling2D(2, "theano")(keras.layers.Conv2D(1, 1)(x))
    return keras.Model(picture, x, name="small")


@pytest.mark.slow
def test_the_file_gives_the_same_maps(network, tmp_path):
    onnxruntime = pytest.importorskip("onnxruntime")
    pytest.importorskip("tf2onnx")
    path = tmp_path / "small.onnx"
    assert export_onnx(network, path) < 1e-5
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (batch,) = random_batch(network, (16, 24), seed=5)
    (found,) = session.run(None, {session.get_inputs()[0].name: batch})
    np.testing.assert_allclose(found, network.predict_on_batch(batch), atol=1e-5)
    assert [p.name for p in tmp_path.iterdir()] == ["small.onnx"]


@pytest.mark.slow
def test_a_file_that_differs_is_not_kept(network, tmp_path, monkeypatch):
    pytest.importorskip("onnxruntime")
    pytest.importorskip("tf2onnx")
    path = tmp_path / "small.onnx"
    path.write_bytes(b"before")
    right = network.predict_on_batch
    monkeypatch.setattr(network, "predict_on_batch", lambda batch: right(batch) * 1.01)
    with pytest.raises(RunFailed, match="no file was written"):
        export_onnx(network, path)
    assert path.read_bytes() == b"before"
    assert [p.name for p in tmp_path.iterdir()] == ["small.onnx"]


def test_another_suffix_and_missing_libraries(network, tmp_path, monkeypatch):
    with pytest.raises(ConfigError, match=r"\.onnx"):
        export_onnx(network, tmp_path / "small.pb")
    monkeypatch.setitem(__import__("sys").modules, "onnxruntime", None)
    with pytest.raises(MissingExtra, match=r"keras-saliency\[onnx\]"):
        export_onnx(network, tmp_path / "small.onnx")


def test_open_sides_are_filled():
    model = keras.Sequential([keras.Input((None, None, 3)), keras.layers.Conv2D(1, 1)])
    assert [v.shape for v in random_batch(model, (20, 30))] == [(1, 20, 30, 3)]


@pytest.mark.slow
@pytest.mark.parametrize("size", [(96, 128), (128, 96)])
def test_a_network_of_the_registry_at_two_sizes(tmp_path, size):
    pytest.importorskip("onnxruntime")
    pytest.importorskip("tf2onnx")
    from keras_saliency import build_model, list_models, model_card

    assert "onnx" in model_card("ml_net").exports
    assert [name for name in list_models() if "onnx" in model_card(name).exports]
    # a small trunk: the libraries take 70 times the size of the weights
    model = build_model("ml_net", input_shape=size, encoder="mobilenet")
    assert export_onnx(model, tmp_path / "m.onnx") < 1e-4
