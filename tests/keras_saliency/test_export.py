"""Files of other runtimes are compared with Keras before they are kept."""

import keras
import numpy as np
import pytest

from benchmark_kit.errors import ConfigError, MissingExtra, RunFailed
from keras_saliency.export import FORMS, export_network, form_of, random_batch
from keras_saliency.layers import AlignedMaxPooling2D, BilinearUpsampling2D, GaussianPrior

pytestmark = pytest.mark.skipif(
    keras.config.backend() != "tensorflow", reason="networks are exported under TensorFlow"
)


@pytest.fixture
def network():
    picture = keras.Input((16, 24, 3), name="picture")
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
    assert export_network(network, path) < 1e-5
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
        export_network(network, path)
    assert path.read_bytes() == b"before"
    assert [p.name for p in tmp_path.iterdir()] == ["small.onnx"]


def test_another_suffix_and_missing_libraries(network, tmp_path, monkeypatch):
    with pytest.raises(ConfigError, match=r"\.onnx \(onnx\), \.tflite \(litert\)"):
        export_network(network, tmp_path / "small.pb")
    monkeypatch.setitem(__import__("sys").modules, "tf2onnx", None)
    with pytest.raises(MissingExtra, match=r"keras-saliency\[onnx\]"):
        export_network(network, tmp_path / "small.onnx")


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
    assert export_network(model, tmp_path / "m.onnx") < 1e-4


@pytest.mark.parametrize(
    ("name", "form", "found"),
    [
        ("a.onnx", None, "onnx"),
        ("a.ONNX", None, "onnx"),
        ("a.tflite", "litert", "litert"),
        ("a", None, "savedmodel"),
    ],
)
def test_the_name_says_the_form(tmp_path, name, form, found):
    assert form_of(tmp_path / name, form) == found


@pytest.mark.parametrize(
    ("name", "form"), [("a.onnx", "litert"), ("a", "onnx"), ("a.x", "savedmodel")]
)
def test_a_name_of_another_form(tmp_path, name, form):
    with pytest.raises(ConfigError, match=f"no name for {form}"):
        form_of(tmp_path / name, form)


IN_ANOTHER_PROCESS = """
import sys
import numpy as np
import tensorflow as tf
path, batch, out = sys.argv[1:]
batch = np.load(batch)
if path.endswith(".tflite"):
    (found,) = tf.lite.Interpreter(path).get_signature_runner()(picture=batch).values()
else:
    loaded = tf.saved_model.load(path)
    found = loaded.serve(tf.constant(batch))
np.save(out, found)
"""


@pytest.mark.slow
@pytest.mark.parametrize("name", ["small.tflite", "small"])
def test_it_runs_in_a_process_that_knows_nothing_of_us(network, tmp_path, name):
    import subprocess
    import sys

    (tmp_path / "out").mkdir()
    assert export_network(network, tmp_path / "out" / name) < 1e-5
    (batch,) = random_batch(network, (16, 24), seed=5)
    np.save(tmp_path / "batch.npy", batch)
    line = [sys.executable, "-c", IN_ANOTHER_PROCESS, tmp_path / "out" / name]
    subprocess.run([*line, tmp_path / "batch.npy", tmp_path / "f.npy"], check=True, cwd=tmp_path)
    found = np.load(tmp_path / "f.npy")
    np.testing.assert_allclose(found, network.predict_on_batch(batch), atol=1e-5)
    assert [p.name for p in (tmp_path / "out").iterdir()] == [name]


@pytest.mark.slow
@pytest.mark.parametrize("form", ["litert", "savedmodel"])
def test_several_inputs_of_any_size(tmp_path, form):
    from keras_saliency import build_model

    path = tmp_path / f"lite{FORMS[form].suffix}"
    assert export_network(build_model("saliency_lite"), path, size=(96, 128)) < 1e-4
    assert path.exists()
    if form == "litert":  # whose runtime computes no sizes
        import tensorflow as tf

        with pytest.warns(UserWarning, match="deprecated"):
            interpreter = tf.lite.Interpreter(str(path))
        shapes = {entry["name"]: list(entry["shape"]) for entry in interpreter.get_input_details()}
        assert [1, 96, 128, 3] in shapes.values()


def test_a_folder_that_holds_something_is_kept(network, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years")
    with pytest.raises(ConfigError, match="not empty"):
        export_network(network, tmp_path / "mine")
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "years"
