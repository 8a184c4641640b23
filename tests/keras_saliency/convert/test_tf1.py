"""MSI-Net from frozen graphs that TensorFlow's own classes write."""

import numpy as np
import pytest

from benchmark_kit.errors import ConfigError, InputError
from keras_saliency.convert import convert
from keras_saliency.convert.tf1 import read_constants
from keras_saliency.registry.cards import model_card

tensorflow = pytest.importorskip("tensorflow")
RNG = np.random.default_rng(4)


def graph(constants):
    """A frozen graph: constants, and operations that are none."""
    made = tensorflow.compat.v1.GraphDef()
    made.node.add(name="input", op="Placeholder")
    for name, value in constants.items():
        node = made.node.add(name=name, op="Const")
        array = np.asarray(value)
        node.attr["dtype"].type = tensorflow.dtypes.as_dtype(array.dtype).as_datatype_enum
        node.attr["value"].tensor.CopyFrom(tensorflow.make_tensor_proto(array))
    made.node.add(name="output", op="RealDiv", input=["sub", "add"])
    return made


def msi_net(trunk):
    constants, inside = {}, 3

    def add(name, size, inside, outside):
        constants[f"{name}/kernel"] = RNG.normal(size=(size, size, inside, outside))
        constants[f"{name}/bias"] = RNG.normal(size=outside)

    for block, (filters, depth) in enumerate(zip(trunk, (2, 2, 3, 3, 3), strict=True), 1):
        for k in range(1, depth + 1):
            add(f"conv{block}/conv{block}_{k}", 3, inside, filters)
            inside = filters
    levels = sum(trunk[2:])
    for k, size in enumerate((1, 3, 3, 3, 1), 1):
        add(f"aspp/conv1_{k}", size, levels, 256)
    add("aspp/conv2", 1, 5 * 256, 256)
    for k, (inside, outside) in enumerate(((256, 128), (128, 64), (64, 32), (32, 1)), 1):
        add(f"decoder/conv{k}", 3, inside, outside)
    return {name: array.astype(np.float32) for name, array in constants.items()}


OURS = {
    "block1_conv1": "conv1/conv1_1",
    "block5_conv3": "conv5/conv5_3",
    "aspp_conv1": "aspp/conv1_1",
    "aspp_conv5": "aspp/conv1_5",
    "aspp_fuse": "aspp/conv2",
    "decoder_conv4": "decoder/conv4",
}


def assert_same(model, constants):
    for ours, theirs in OURS.items():
        kernel, bias = model.get_layer(ours).get_weights()
        np.testing.assert_array_equal(kernel, constants[f"{theirs}/kernel"])
        np.testing.assert_array_equal(bias, constants[f"{theirs}/bias"])


def test_msi_net(monkeypatch, tmp_path):
    monkeypatch.setattr("keras_saliency.backbones.vgg.FILTERS", (2, 2, 3, 3, 2))
    constants = msi_net((2, 2, 3, 3, 2))
    mean = np.array([103.939, 116.779, 123.68], np.float32)
    others = {"Reshape": mean.reshape(1, 1, 1, 3), "shape": np.array([1, 2])}
    path = tmp_path / "model_salicon_cpu.pb"
    path.write_bytes(graph({**constants, **others}).SerializeToString())
    model, original = convert("msi_net", path)
    assert_same(model, constants)
    assert original.left == ("Reshape",), "whole numbers are no weights"
    assert original.used["aspp_fuse"] == ("aspp/conv2/kernel", "aspp/conv2/bias")


def test_every_form_of_a_constant(tmp_path):
    made = graph({"whole": RNG.normal(size=(2, 3)).astype(np.float32), "one": np.float32(2.5)})
    repeated = made.node.add(name="repeated", op="Const").attr["value"].tensor
    repeated.dtype = 1
    repeated.tensor_shape.dim.add(size=2)
    repeated.tensor_shape.dim.add(size=2)
    repeated.float_val.extend([1, 7])
    (tmp_path / "g.pb").write_bytes(made.SerializeToString())
    found = read_constants(tmp_path / "g.pb")
    for node in made.node:
        if node.op == "Const":
            wanted = tensorflow.make_ndarray(node.attr["value"].tensor)
            np.testing.assert_array_equal(found[node.name], wanted)
    np.testing.assert_array_equal(found["repeated"], [[1, 7], [7, 7]])


@pytest.mark.parametrize("sizes", [(2**31, 2**31), (2**62, 4), (-1, -1), (3,)])
def test_a_shape_that_its_values_do_not_fill_is_refused(sizes, tmp_path):
    made = graph({})
    tensor = made.node.add(name="c", op="Const").attr["value"].tensor
    tensor.dtype = 1
    for size in sizes:
        tensor.tensor_shape.dim.add(size=size)
    tensor.tensor_content = bytes(8) if sizes == (3,) else b""
    if sizes != (3,):
        tensor.float_val.append(1)
    (tmp_path / "g.pb").write_bytes(made.SerializeToString())
    with pytest.raises(InputError, match="values for the shape"):
        convert("msi_net", tmp_path / "g.pb")


def test_a_file_of_another_network_names_its_layers(monkeypatch, tmp_path):
    monkeypatch.setattr("keras_saliency.backbones.vgg.FILTERS", (2, 2, 3, 3, 2))
    constants = msi_net((2, 2, 3, 3, 2))
    constants["decoder/conv1/kernel"] = np.zeros((5, 5, 256, 128), np.float32)
    del constants["aspp/conv2/bias"]
    (tmp_path / "g.pb").write_bytes(graph(constants).SerializeToString())
    with pytest.raises(InputError) as caught:
        convert("msi_net", tmp_path / "g.pb")
    assert "decoder_conv1: the model has" in str(caught.value)
    assert "aspp_fuse: the file does not have it" in str(caught.value)


def test_truncated_and_foreign_files(tmp_path):
    whole = graph({"a": RNG.normal(size=(3, 3)).astype(np.float32)}).SerializeToString()
    path = tmp_path / "g.pb"
    for cut in range(len(whole)):
        path.write_bytes(whole[:cut])
        with pytest.raises(InputError):
            convert("msi_net", path)
    path.write_bytes(graph({}).SerializeToString())
    with pytest.raises(InputError, match="no node holds float32"):
        convert("msi_net", path)
    with pytest.raises(ConfigError, match="no weights file"):
        convert("msi_net", tmp_path / "none.pb")


@pytest.mark.slow
def test_msi_net_at_full_size(tmp_path):
    constants = msi_net((64, 128, 256, 512, 512))
    assert sum(a.size for a in constants.values()) == model_card("msi_net").parameters
    (tmp_path / "g.pb").write_bytes(graph(constants).SerializeToString())
    model, original = convert("msi_net", tmp_path / "g.pb")
    assert_same(model, constants)
    assert original.left == ()


@pytest.mark.parametrize("form", ["folder", "index"])
def test_the_variables_of_a_saved_model(monkeypatch, tmp_path, form):
    monkeypatch.setattr("keras_saliency.backbones.vgg.FILTERS", (2, 2, 3, 3, 2))
    constants = msi_net((2, 2, 3, 3, 2))
    v1 = tensorflow.compat.v1
    folder = tmp_path / "saved"
    with tensorflow.Graph().as_default(), v1.Session() as session:
        for name, value in constants.items():
            v1.get_variable(name, initializer=value)
        v1.get_variable("global_step", initializer=np.int64(7))
        session.run(v1.global_variables_initializer())
        builder = v1.saved_model.Builder(str(folder))
        builder.add_meta_graph_and_variables(session, ["serve"])
        builder.save()
    path = folder if form == "folder" else folder / "variables" / "variables.index"
    model, original = convert("msi_net", path)
    assert_same(model, constants)
    assert original.left == ()


def test_a_folder_without_variables_and_a_broken_index_are_refused(tmp_path):
    with pytest.raises(ConfigError, match=r"variables\.index"):
        convert("msi_net", tmp_path)
    broken = tmp_path / "model.index"
    broken.write_bytes(b"no index")
    with pytest.raises(InputError, match="index of a TensorFlow checkpoint"):
        convert("msi_net", broken)
