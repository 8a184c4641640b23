"""EML-NET's ResNet-50 from files as `torch.save` writes them, and files that would run code."""

import io
import os
import pickle
import struct
import sys
import types
import zipfile
from collections import OrderedDict

import numpy as np
import pytest

from benchmark_kit.errors import ConfigError, InputError
from keras_saliency.convert import convert
from keras_saliency.convert._state_dict import read_state
from keras_saliency.registry.cards import model_card

RNG = np.random.default_rng(2)
KINDS = {"f4": "FloatStorage", "f8": "DoubleStorage", "f2": "HalfStorage", "i8": "LongStorage"}


class Storage:
    """Values that lie beside the pickle."""

    def __init__(self, key, values):
        self.key, self.values = key, values


class Tensor:
    """Pickles as torch's: a call that puts it together from a storage."""

    parameter = False

    def __init__(self, storage, size, stride=None, offset=0):
        self.storage, self.size, self.offset = storage, tuple(size), offset
        self.stride = stride or tuple(int(np.prod(size[k + 1 :])) for k in range(len(size)))

    def __reduce_ex__(self, protocol):
        utils = sys.modules["torch._utils"]
        parts = (self.storage, self.offset, self.size, self.stride, False, OrderedDict())
        return utils._rebuild_tensor_v2, parts


class Parameter(Tensor):
    def __reduce_ex__(self, protocol):
        tensor = Tensor(self.storage, self.size, self.stride, self.offset)
        return sys.modules["torch._utils"]._rebuild_parameter, (tensor, True, OrderedDict())


class Saver:
    """`torch.save` of a dict of arrays (or of anything that this file's classes can hold)."""

    def __init__(self, monkeypatch):
        self.monkeypatch = monkeypatch
        self.storages = {}

    def tensor(self, array, make=Tensor):
        key = str(len(self.storages))
        self.storages[key] = Storage(key, np.ascontiguousarray(array).ravel())
        return make(self.storages[key], array.shape)

    def pickled(self, found, legacy):
        names = {}
        torch, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")
        for kind, name in KINDS.items():
            names[kind] = type(name, (), {"__module__": "torch"})
            setattr(torch, name, names[kind])
        for name in ("_rebuild_tensor_v2", "_rebuild_parameter"):
            function = types.FunctionType((lambda *_: None).__code__, {}, name)
            function.__module__, function.__qualname__ = "torch._utils", name
            setattr(utils, name, function)
        torch._utils = utils

        class Pickler(pickle.Pickler):
            def persistent_id(self, value):
                if isinstance(value, Storage):
                    kind = names[value.values.dtype.str[1:]]
                    saved = ("storage", kind, value.key, "cuda:0", len(value.values))
                    return (*saved, None) if legacy else saved
                return None

        into = io.BytesIO()
        with self.monkeypatch.context() as patch:
            patch.setitem(sys.modules, "torch", torch)
            patch.setitem(sys.modules, "torch._utils", utils)
            Pickler(into, protocol=2).dump(found)
        return into.getvalue()

    def zipped(self, path, found, **others):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("archive/data.pkl", self.pickled(found, legacy=False))
            archive.writestr("archive/byteorder", others.get("byteorder", "little"))
            for key, storage in self.storages.items():
                archive.writestr(f"archive/data/{key}", storage.values.tobytes())
            archive.writestr("archive/version", "3\n")
        return path

    def legacy(self, path, found, **others):
        order = {"protocol_version": 1001, "little_endian": others.get("little_endian", True)}
        heads = [0x1950A86A20F9469CFC6C, 1001, order]
        parts = [pickle.dumps(head, protocol=2) for head in heads]
        parts += [self.pickled(found, legacy=True), pickle.dumps(list(self.storages), protocol=2)]
        for storage in self.storages.values():
            parts += [struct.pack("<q", len(storage.values)), storage.values.tobytes()]
        path.write_bytes(b"".join(parts))
        return path


@pytest.fixture
def saver(monkeypatch):
    return Saver(monkeypatch)


def resnet50(filters):
    """Names and arrays of the released encoder."""
    state = OrderedDict()

    def add(convolution, norm, shape, bias=False):
        state[f"{convolution}.weight"] = RNG.normal(size=shape)
        if bias:
            state[f"{convolution}.bias"] = RNG.normal(size=shape[0])
        for part in ("weight", "bias", "running_mean", "running_var"):
            state[f"{norm}.{part}"] = RNG.uniform(0.5, 1.5, shape[0])
        state[f"{norm}.num_batches_tracked"] = np.array(1250)

    add("conv1", "bn1", (64, 3, 7, 7))
    inside = 64
    for stage, (width, blocks) in enumerate(zip(filters, (3, 4, 6, 3), strict=True), 1):
        for block in range(blocks):
            at = f"layer{stage}.{block}"
            add(f"{at}.conv1", f"{at}.bn1", (width, inside, 1, 1))
            add(f"{at}.conv2", f"{at}.bn2", (width, width, 3, 3))
            add(f"{at}.conv3", f"{at}.bn3", (4 * width, width, 1, 1))
            if block == 0:
                add(f"{at}.downsample.0", f"{at}.downsample.1", (4 * width, inside, 1, 1))
            inside = 4 * width
    for k, width in enumerate((16, *filters)):
        add(f"output{k}.0", f"output{k}.1", (1, 4 * width, 3, 3), bias=True)
    add("combined.0", "combined.1", (1, 5, 3, 3), bias=True)
    return OrderedDict(
        (name, array.astype("i8" if array.dtype.kind == "i" else "f4"))
        for name, array in state.items()
    )


def assert_same(model, state):
    for ours, convolution, norm in (
        ("conv1", "conv1", "bn1"),
        ("conv2_block1_0", "layer1.0.downsample.0", "layer1.0.downsample.1"),
        ("conv3_block4_2", "layer2.3.conv2", "layer2.3.bn2"),
        ("conv5_block3_3", "layer4.2.conv3", "layer4.2.bn3"),
        ("output0", "output0.0", "output0.1"),
        ("output4", "output4.0", "output4.1"),
        ("combined", "combined.0", "combined.1"),
    ):
        kernel, *bias = model.get_layer(f"{ours}_conv").get_weights()
        wanted = state[f"{convolution}.weight"]
        for _ in range(30):
            o, i, a, b = (RNG.integers(n) for n in wanted.shape)
            assert kernel[a, b, i, o] == wanted[o, i, a, b], ours
        if bias:
            np.testing.assert_array_equal(bias[0], state[f"{convolution}.bias"])
        layer = model.get_layer(f"{ours}_bn")
        for ours_part, theirs in (
            (layer.gamma, "weight"),
            (layer.beta, "bias"),
            (layer.moving_mean, "running_mean"),
            (layer.moving_variance, "running_var"),
        ):
            np.testing.assert_array_equal(np.asarray(ours_part), state[f"{norm}.{theirs}"])


@pytest.fixture
def narrow(monkeypatch):
    monkeypatch.setattr("keras_saliency.backbones.resnet.FILTERS", (2, 2, 3, 3))
    return resnet50((2, 2, 3, 3))


@pytest.mark.parametrize("container", ["zipped", "legacy"])
def test_eml_net(narrow, saver, container, tmp_path):
    parallel = {f"module.{name}": saver.tensor(array) for name, array in narrow.items()}
    found = {"epoch": 10, "state_dict": OrderedDict(parallel)}
    path = getattr(saver, container)(tmp_path / "res_imagenet.pth", found)
    model, original = convert("eml_net_resnet50", path)
    assert_same(model, narrow)
    assert original.left == (), "counters of batches are no weights"


def test_a_bare_state_dict_of_parameters(saver, tmp_path):
    arrays = {name: RNG.normal(size=(2, 3)).astype("f4") for name in "ab"}
    found = OrderedDict((name, saver.tensor(array, Parameter)) for name, array in arrays.items())
    found.version = 1  # torch's dicts carry attributes
    state = read_state(saver.zipped(tmp_path / "m.pt", found))
    for name, array in arrays.items():
        np.testing.assert_array_equal(state[name], array)


@pytest.mark.parametrize("container", ["zipped", "legacy"])
def test_tensors_are_views_of_storages(saver, container, tmp_path):
    values = np.arange(24, dtype="f8")
    storage = saver.tensor(values).storage
    found = {
        "part": Tensor(storage, (3, 2), (4, 1), 5),
        "turned": Tensor(storage, (4, 6), (1, 4)),
        "number": Tensor(storage, (), (), 7),
        "empty": Tensor(storage, (0, 3), (3, 1)),
    }
    state = read_state(getattr(saver, container)(tmp_path / "m.pt", found))
    np.testing.assert_array_equal(state["part"], [[5, 6], [9, 10], [13, 14]])
    np.testing.assert_array_equal(state["turned"], values.reshape(6, 4).T)
    assert state["number"] == 7
    assert state["empty"].shape == (0, 3)


@pytest.mark.parametrize(
    "parts",
    [
        ((4, 2), (3, 1), 0),  # the last value is the eleventh of ten
        ((10,), (1,), 1),
        ((-1,), (1,), 0),
        ((2,), (-1,), 5),
        ((2**40,), (0,), 0),
        ((2, 2), (1,), 0),
        ((), (), 10),
        ((True,), (1,), 0),
    ],
)
def test_tensors_beyond_their_storage_are_refused(saver, parts, tmp_path):
    storage = saver.tensor(np.zeros(10, "f4")).storage
    size, stride, offset = parts
    tensor = Tensor(storage, (1,), (1,), offset)
    tensor.size, tensor.stride = size, stride
    with pytest.raises(InputError, match="state dict of torch"):
        convert("eml_net_resnet50", saver.zipped(tmp_path / "m.pt", {"a": tensor}))


class Looped(Tensor):
    """A tensor whose storage is another tensor, one that repeats a single value."""

    def __reduce_ex__(self, protocol):
        inner = Tensor(self.storage, (10,), (0,), 9)
        parts = (inner, 0, (10,), (1,), False, OrderedDict())
        return sys.modules["torch._utils"]._rebuild_tensor_v2, parts


def test_a_tensor_is_no_storage(saver, tmp_path):
    storage = saver.tensor(np.zeros(10, "f4")).storage
    path = saver.zipped(tmp_path / "m.pt", {"a": Looped(storage, (10,))})
    with pytest.raises(InputError, match="without a storage"):
        convert("eml_net_resnet50", path)


class Harm:
    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize("container", ["zipped", "legacy", "bare"])
@pytest.mark.parametrize("way", ["system", "eval", "open", "getattr"])
def test_code_is_never_run(saver, container, way, tmp_path):
    marker = tmp_path / "harmed"
    harm = {
        "system": Harm(os.system, f"touch {marker}"),
        "eval": Harm(eval, f"open({str(marker)!r}, 'w')"),
        "open": Harm(open, str(marker), "w"),
        "getattr": Harm(getattr, Harm(__import__, "os"), "system"),
    }[way]
    path = tmp_path / "model.pth"
    found = {"state_dict": {"conv1.weight": harm}}
    if container == "bare":
        path.write_bytes(pickle.dumps(found, protocol=2))
    else:
        getattr(saver, container)(path, found)
    with pytest.raises(InputError, match=r"run code|torch did not write"):
        convert("eml_net_resnet50", path)
    assert not marker.exists()


def test_the_refusal_names_what_was_asked_for(saver, tmp_path):
    path = saver.zipped(tmp_path / "m.pt", {"a": Harm(os.system, "true")})
    with pytest.raises(InputError, match=r"m\.pt.*asks for (posix|nt)\.system.*Fix"):
        convert("eml_net_resnet50", path)


def test_an_allowed_name_leads_no_further(saver, tmp_path):
    # protocol 4 resolves dotted names: OrderedDict.fromkeys must not pass as OrderedDict
    dotted = b"\x80\x04\x8c\x0bcollections\x8c\x14OrderedDict.fromkeys\x93."
    with zipfile.ZipFile(tmp_path / "m.pt", "w") as archive:
        archive.writestr("archive/data.pkl", dotted)
    with pytest.raises(InputError, match=r"collections\.OrderedDict\.fromkeys"):
        convert("eml_net_resnet50", tmp_path / "m.pt")


def test_a_number_of_an_object_reserves_no_memory(tmp_path):
    # an object that calls itself the 4,294,967,295th of its pickle
    with zipfile.ZipFile(tmp_path / "m.pt", "w") as archive:
        archive.writestr("archive/data.pkl", b"\x80\x02}r\xff\xff\xff\xff.")
    with pytest.raises(InputError, match="no tensors"):
        convert("eml_net_resnet50", tmp_path / "m.pt")


@pytest.mark.parametrize("container", ["zipped", "legacy"])
def test_a_file_cut_anywhere(saver, container, tmp_path):
    found = {name: saver.tensor(RNG.normal(size=(3, 4))) for name in "ab"}
    path = getattr(saver, container)(tmp_path / "m.pt", found)
    whole = path.read_bytes()
    for cut in range(0, len(whole), 11):
        path.write_bytes(whole[:cut])
        with pytest.raises(InputError, match=r"m\.pt: expected a state dict of torch"):
            convert("eml_net_resnet50", path)


def test_storages_of_another_size_are_refused(saver, tmp_path):
    found = {"a": saver.tensor(np.zeros(10, "f4"))}
    path = saver.zipped(tmp_path / "m.pt", found)
    with zipfile.ZipFile(tmp_path / "short.pt", "w") as archive, zipfile.ZipFile(path) as source:
        archive.writestr("archive/data.pkl", source.read("archive/data.pkl"))
        archive.writestr("archive/data/0", bytes(36))
    with pytest.raises(InputError, match="storage 0 has 9 values, not 10"):
        convert("eml_net_resnet50", tmp_path / "short.pt")


def test_storages_larger_than_their_file_reserve_nothing(saver, tmp_path):
    tensor = saver.tensor(np.zeros(10, "f4"))

    class Endless(np.ndarray):
        def __len__(self):
            return 2**50

    tensor.storage.values = tensor.storage.values.view(Endless)
    with pytest.raises(InputError, match="larger than the file"):
        convert("eml_net_resnet50", saver.legacy(tmp_path / "m.pt", {"a": tensor}))


def test_compressed_members_are_not_unpacked(tmp_path):
    with zipfile.ZipFile(tmp_path / "m.pt", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", b"\x80\x02}.")
        archive.writestr("archive/data/0", bytes(10**6))
    with pytest.raises(InputError, match="larger than the file"):
        convert("eml_net_resnet50", tmp_path / "m.pt")


def test_big_endian_files_are_refused(saver, tmp_path):
    found = {"a": saver.tensor(np.zeros(2, "f4"))}
    for path in (
        saver.zipped(tmp_path / "zip", found, byteorder="big"),
        saver.legacy(tmp_path / "old", found, little_endian=False),
    ):
        with pytest.raises(InputError, match="big-endian"):
            convert("eml_net_resnet50", path)


def test_foreign_files(tmp_path):
    (tmp_path / "text").write_text("weights")
    with zipfile.ZipFile(tmp_path / "zip", "w") as archive:
        archive.writestr("readme", "weights")
    (tmp_path / "empty").write_bytes(b"")
    for name, reason in (("text", "neither"), ("zip", "data.pkl"), ("empty", "neither")):
        with pytest.raises(InputError, match=reason):
            convert("eml_net_resnet50", tmp_path / name)
    with pytest.raises(ConfigError, match="no weights file"):
        convert("eml_net_resnet50", tmp_path / "none")


def test_a_file_of_another_network_names_its_layers(narrow, saver, tmp_path):
    narrow["conv1.weight"] = np.zeros((64, 3, 3, 3), "f4")
    del narrow["combined.1.running_var"]
    found = {name: saver.tensor(array) for name, array in narrow.items()}
    with pytest.raises(InputError) as caught:
        convert("eml_net_resnet50", saver.zipped(tmp_path / "m.pt", found))
    assert "conv1_conv: the model has" in str(caught.value)
    assert "combined_bn: the file does not have it" in str(caught.value)


@pytest.mark.slow
def test_eml_net_at_full_size(saver, tmp_path):
    state = resnet50((64, 128, 256, 512))
    weights = sum(array.size for array in state.values() if array.dtype.kind == "f")
    assert weights == model_card("eml_net_resnet50").parameters
    found = OrderedDict((name, saver.tensor(array)) for name, array in state.items())
    model, original = convert("eml_net_resnet50", saver.legacy(tmp_path / "m.pth", found))
    assert_same(model, state)
    assert original.left == ()


@pytest.mark.filterwarnings("ignore:.*random weights")
def test_readouts_of_deepgaze_3(saver, tmp_path):
    from keras_saliency import build_model
    from keras_saliency.convert import deepgaze

    def one():
        return build_model("deepgaze3", (64, 64), encoder="mobilenet", components=2)

    model = one()
    state, wanted = OrderedDict(), {}
    shapes = {layer.name: [tuple(w.shape) for w in layer.weights] for layer in model.layers}
    for name, (names, layout) in deepgaze.plan(2).items():
        arrays = [RNG.normal(size=_torch_shape(k, shapes[name])) for k in names]
        wanted[name] = layout(*[a.astype("f4") for a in arrays])
        state.update({k: saver.tensor(a.astype("f4")) for k, a in zip(names, arrays, strict=True)})
    state["features.conv0.weight"] = saver.tensor(np.zeros((2, 3, 1, 1), "f4"))
    path = saver.zipped(tmp_path / "deepgaze3.pth", state)
    original = deepgaze.load_readouts(model, path)
    assert original.left == ("features.conv0.weight",)
    for name, arrays in wanted.items():
        for have, want in zip(model.get_layer(name).get_weights(), arrays, strict=True):
            np.testing.assert_array_equal(have, want)
    assert model.random_weights, "its trunk is random still"
    with pytest.raises(InputError, match="component2"):
        deepgaze.load_readouts(
            build_model("deepgaze3", (64, 64), encoder="mobilenet", components=3), path
        )
    with pytest.raises(ConfigError, match="readouts are known of"):
        deepgaze.load_readouts(build_model("icf", (64, 64)), path)


def _torch_shape(name, shapes):
    """The original's shape of an array of a readout, from ours."""
    filters = shapes[-1][-1] if shapes[-1] else 1
    if "sigma" in name:
        return ()
    if "center_bias_weight" in name:
        return (1,)
    if "convolutions" in name:
        return (filters, 3, 1, 1) if name.endswith("weight") else (filters,)
    if "conv_part" in name:
        return (filters, 1 if name.endswith("part0.weight") else shapes[0][2] - 1, 1, 1)
    if ".conv" in name:
        return (shapes[0][3], shapes[0][2], 1, 1)
    return (filters,)


def test_tuples_that_hold_themselves_twice_do_not_take_for_ever(tmp_path):
    path = tmp_path / "bomb.pth"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", b"\x80\x02}N" + b"2\x86" * 40 + b"K\x01s.")
    with pytest.raises(InputError, match="tuples without end"):
        convert("eml_net_resnet50", path)
