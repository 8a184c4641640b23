"""SalNet and DVA from Caffe models that protobuf's own library writes, by Caffe's definitions."""

import numpy as np
import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from benchmark_kit.errors import ConfigError, InputError
from keras_saliency.convert import convert
from keras_saliency.convert.caffe import read_blobs
from keras_saliency.registry.cards import model_card

RNG = np.random.default_rng(3)
FIELD = descriptor_pb2.FieldDescriptorProto
ONE, MANY = FIELD.LABEL_OPTIONAL, FIELD.LABEL_REPEATED
NUMBER, FLOAT, DOUBLE, WORD = (
    FIELD.TYPE_INT32,
    FIELD.TYPE_FLOAT,
    FIELD.TYPE_DOUBLE,
    FIELD.TYPE_STRING,
)


def define(packed):
    """Caffe's messages as far as weights need them; `packed` says how numbers lie in the file."""
    file = descriptor_pb2.FileDescriptorProto(
        name=f"caffe_{packed}.proto", package=f"caffe{packed}", syntax="proto2"
    )
    messages = {
        "BlobShape": [("dim", 1, MANY, FIELD.TYPE_INT64)],
        "BlobProto": [
            *(
                (name, k, ONE, NUMBER)
                for k, name in enumerate(("num", "channels", "height", "width"), 1)
            ),
            ("data", 5, MANY, FLOAT),
            ("diff", 6, MANY, FLOAT),
            ("shape", 7, ONE, "BlobShape"),
            ("double_data", 8, MANY, DOUBLE),
        ],
        "LayerParameter": [
            ("name", 1, ONE, WORD),
            ("type", 2, ONE, WORD),
            ("blobs", 7, MANY, "BlobProto"),
        ],
        "V1LayerParameter": [
            ("bottom", 2, MANY, WORD),
            ("name", 4, ONE, WORD),
            ("type", 5, ONE, NUMBER),
            ("blobs", 6, MANY, "BlobProto"),
        ],
        "NetParameter": [
            ("name", 1, ONE, WORD),
            ("layers", 2, MANY, "V1LayerParameter"),
            ("input", 3, MANY, WORD),
            ("layer", 100, MANY, "LayerParameter"),
        ],
    }
    for name, entries in messages.items():
        message = file.message_type.add(name=name)
        for field, number, label, kind in entries:
            made = message.field.add(name=field, number=number, label=label)
            if isinstance(kind, str):
                made.type, made.type_name = FIELD.TYPE_MESSAGE, f".caffe{packed}.{kind}"
            else:
                made.type = kind
                if label == MANY and kind != WORD:
                    made.options.packed = packed
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    network = pool.FindMessageTypeByName(f"caffe{packed}.NetParameter")
    return message_factory.GetMessageClass(network)


@pytest.fixture(scope="module")
def definitions():
    return {packed: define(packed) for packed in (True, False)}


def network(make, layers, old_layers=False, old_shapes=False, doubles=False):
    """Layers: name -> arrays."""
    net = make(name="net", input=["data"])
    made = net.layers if old_layers else net.layer
    made.add(name="data", type=0 if old_layers else "Input")
    for name, arrays in layers.items():
        layer = made.add(name=name, type=4 if old_layers else "Convolution")
        for array in arrays:
            blob = layer.blobs.add()
            (blob.double_data if doubles else blob.data).extend(array.ravel().tolist())
            if old_shapes:
                four = (1,) * (4 - array.ndim) + array.shape
                blob.num, blob.channels, blob.height, blob.width = four
            else:
                blob.shape.dim.extend(array.shape)
    return net.SerializeToString()


def pair(outside, inside, size):
    arrays = RNG.normal(size=(outside, inside, size, size)), RNG.normal(size=outside)
    return [array.astype(np.float32) for array in arrays]


def salnet_layers(widths):
    layers, inside = {}, 3
    shapes = zip((96, 256, *widths, 1), (7, 5, 3, 5, 5, 7, 11, 11, 13), strict=True)
    for k, (outside, size) in enumerate(shapes, 1):
        layers[f"conv{k}"] = pair(outside, inside, size)
        inside = outside
    return {**layers, "deconv1": pair(1, 1, 8)[:1]}


def dva_layers(trunk, branches):
    layers, inside, taps = {}, 3, {}
    for block, (filters, depth) in enumerate(zip(trunk, (2, 2, 3, 3, 3), strict=True), 1):
        for k in range(1, depth + 1):
            layers[f"conv{block}_{k}"] = pair(filters, inside, 3)
            inside = filters
        taps[block] = filters
    for number, (block, channels) in enumerate(zip((5, 4, 3), branches, strict=True), 1):
        inside = taps[block]
        for k, filters in enumerate(channels, 1):
            # a transposed convolution's kernel begins with what comes in
            kernel, _ = pair(inside, filters, 4)
            layers[f"deconv{block}_{k}"] = [kernel, pair(filters, 1, 1)[1]]
            inside = filters
        layers[f"attention{number}_pred"] = pair(1, inside, 3)
    return {**layers, "final_attention_pred": pair(1, 3, 3)}


def assert_same(model, ours, arrays):
    """Keras' (rows, columns, last two axes the other way round); the bias as it is."""
    kernel, *bias = model.get_layer(ours).get_weights()
    assert kernel.shape == tuple(arrays[0].shape[k] for k in (2, 3, 1, 0))
    for _ in range(50):
        p, q, a, b = (RNG.integers(n) for n in arrays[0].shape)
        assert kernel[a, b, q, p] == arrays[0][p, q, a, b]
    for found, wanted in zip(bias, arrays[1:], strict=True):
        np.testing.assert_array_equal(found, wanted)


@pytest.fixture
def narrow(monkeypatch):
    sizes = (3, 5, 5, 7, 11, 11)
    monkeypatch.setattr("keras_saliency.models.salnet.LAYERS", tuple((2, size) for size in sizes))
    monkeypatch.setattr("keras_saliency.backbones.vgg.FILTERS", (2, 3, 2, 3, 2))
    monkeypatch.setattr(
        "keras_saliency.models.dva.BRANCHES",
        (
            ("block5_conv3", (2, 3, 2, 3), 48),
            ("block4_conv3", (2, 3, 2), 40),
            ("block3_conv3", (2, 3), 36),
        ),
    )


def test_salnet(narrow, definitions, tmp_path):
    layers = salnet_layers((2,) * 6)
    (tmp_path / "deep_net_model.caffemodel").write_bytes(network(definitions[True], layers))
    model, original = convert("salnet", tmp_path / "deep_net_model.caffemodel")
    for name, arrays in layers.items():
        assert_same(model, name, arrays)
    assert original.left == ()
    assert original.used["deconv1"] == ("deconv1/0",)


def test_dva(narrow, definitions, tmp_path):
    layers = dva_layers((2, 3, 2, 3, 2), ((2, 3, 2, 3), (2, 3, 2), (2, 3)))
    path = tmp_path / "attention_final"
    path.write_bytes(network(definitions[True], layers))
    model, original = convert("dva", path)
    assert original.left == ()
    for ours, theirs in {
        "block1_conv1": "conv1_1",
        "block5_conv3": "conv5_3",
        "branch1_deconv4": "deconv5_4",
        "branch2_deconv1": "deconv4_1",
        "branch3_deconv2": "deconv3_2",
        "branch1_score": "attention1_pred",
        "branch3_score": "attention3_pred",
        "fuse": "final_attention_pred",
    }.items():
        assert_same(model, ours, layers[theirs])


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("old_layers", [False, True])
@pytest.mark.parametrize("form", [{}, {"old_shapes": True}, {"doubles": True}])
def test_every_form_of_a_caffe_model(definitions, tmp_path, packed, old_layers, form):
    layers = {"conv": pair(3, 2, 3), "deconv": pair(2, 2, 4)[:1]}
    made = network(definitions[packed], layers, old_layers, **form)
    (tmp_path / "m").write_bytes(made)
    found = read_blobs(tmp_path / "m")
    assert list(found) == ["conv", "deconv"], "layers without blobs are not there"
    for name, arrays in layers.items():
        for have, want in zip(found[name], arrays, strict=True):
            np.testing.assert_array_equal(have.reshape(want.shape), want)
    assert found["conv"][1].size == 3


def test_a_file_of_another_network_names_its_layers(narrow, definitions, tmp_path):
    layers = salnet_layers((2,) * 6)
    layers["conv4"] = pair(2, 2, 3)
    del layers["deconv1"]
    layers["fc8"] = pair(1, 1, 1)
    (tmp_path / "m").write_bytes(network(definitions[True], layers))
    with pytest.raises(InputError) as caught:
        convert("salnet", tmp_path / "m")
    assert "conv4: the model has" in str(caught.value)
    assert "deconv1: the file does not have it" in str(caught.value)


def test_a_file_cut_anywhere_is_refused_or_lacks_layers(definitions, tmp_path):
    layers = {"conv": pair(3, 2, 3), "deconv": pair(2, 2, 4)}
    whole = network(definitions[True], layers)
    path = tmp_path / "m"
    for cut in range(0, len(whole), 7):
        path.write_bytes(whole[:cut])
        with pytest.raises(InputError):
            convert("salnet", path)


HOSTILE = {
    "a layer longer than the file": b"\xa2\x06\xff\xff\xff\xff\x7fx",
    # layer "c" with one blob: a shape of 2^40 x 2^40 and one value
    "a shape without its values": b"\xa2\x06\x1b\x0a\x01c\x3a\x16\x3a\x0e\x0a\x0c"
    + b"\x80\x80\x80\x80\x80\x20" * 2
    + b"\x2a\x04\0\0\0\0",
    "half a value": b"\xa2\x06\x0d\x0a\x01c\x3a\x08\x3a\x03\x0a\x01\x01\x2a\x01\0",
    "no protocol buffer": b"\x89HDF\r\n\x1a\n" + bytes(64),
    "nothing": b"",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_files_are_refused(kind, tmp_path):
    (tmp_path / "m").write_bytes(HOSTILE[kind])
    with pytest.raises(InputError, match="Caffe model"):
        convert("salnet", tmp_path / "m")


def test_a_shape_is_compared_with_the_values(tmp_path):
    (tmp_path / "m").write_bytes(HOSTILE["a shape without its values"])
    with pytest.raises(ValueError, match="c, blob 0 has 1 values for the shape"):
        read_blobs(tmp_path / "m")


def test_a_path_that_does_not_exist(tmp_path):
    with pytest.raises(ConfigError, match="no weights file"):
        convert("dva", tmp_path / "none")


@pytest.mark.slow
def test_salnet_at_full_size(definitions, tmp_path):
    layers = salnet_layers((512, 512, 512, 256, 128, 32))
    assert sum(a.size for each in layers.values() for a in each) == model_card("salnet").parameters
    (tmp_path / "m").write_bytes(network(definitions[True], layers, old_shapes=True))
    model, original = convert("salnet", tmp_path / "m")
    assert original.left == ()
    for name in ("conv1", "conv6", "deconv1"):
        assert_same(model, name, layers[name])
