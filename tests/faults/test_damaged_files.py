"""Every kind of file that is read, damaged in hundreds of ways: one kind of error, soon, in little
memory. `make fuzz` damages each in thousands of ways.
"""

import csv
import io
import json
import random
import resource
import shutil
import struct
import tarfile
import time
import warnings
import zipfile

import h5py
import numpy as np
import pytest
from PIL import Image
from scipy.io import savemat
from scipy.sparse import csc_matrix

from benchmark_kit.datasets import get_dataset
from benchmark_kit.errors import KitError
from benchmark_kit.imaging.images import inspect_map, read_map, read_stimulus
from benchmark_kit.imaging.matlab import MatFileError, load_mat, stored_numbers
from benchmark_kit.maps.sources import open_maps

LONGEST, MOST_MEMORY = 10.0, 2**31  # seconds and bytes that a damaged file may take
RNG = np.random.default_rng(0)
GRAY = RNG.integers(0, 256, (24, 32)).astype(np.uint8)
FLOATS = RNG.random((24, 32)).astype(np.float32)
PICTURES = {
    "gray.png": GRAY,
    "deep.png": GRAY.astype(np.uint16) * 257,
    "colour.png": np.stack([GRAY] * 3, axis=2),
    "gray.jpg": GRAY,
    "gray.tif": GRAY,
    "float.tif": FLOATS,
    "gray.bmp": GRAY,
    "gray.gif": GRAY,
    "colour.webp": np.stack([GRAY] * 3, axis=2),
}


def picture(path):
    name = path.name.removeprefix("good-")
    options = {"exif": b"Exif\0\0II*\0\x08\0\0\0\1\0\x12\1\3\0\1\0\0\0\1\0\0\0\0\0\0\0"}
    if path.suffix in (".bmp", ".gif"):
        options = {}
    elif name == "float.tif":
        options = {"compression": "tiff_lzw"}
    Image.fromarray(PICTURES[name]).save(path, **options)


def read_picture(path):
    for read in (inspect_map, read_map, lambda path: read_stimulus(path, turned=True)):
        try:
            read(path)
        except KitError:
            continue


def cells():
    inner = np.empty((1, 2), dtype=[("name", object), ("fix", object)])
    inner["name"][0, 0], inner["name"][0, 1] = "ann", "bob"
    inner["fix"][0, 0], inner["fix"][0, 1] = np.eye(3), np.empty((0, 0))
    cell = np.empty((2, 1), dtype=object)
    cell[0, 0], cell[1, 0] = np.eye(2), "hello"
    return {"gaze": inner, "cell": cell, "sparse": csc_matrix(np.eye(5)), "z": np.eye(2) * 1j}


def read_mat(path):
    try:
        for value in load_mat(path).values():
            if getattr(value, "dtype", np.dtype(object)).kind in "biuf":
                stored_numbers(value)
    except MatFileError as error:  # which data sets list
        raise KitError(str(error)) from None


def mat73(path):
    with h5py.File(path, "w", userblock_size=512) as file:
        table = file.create_dataset("#refs#/a", data=np.eye(3))
        table.attrs["MATLAB_class"] = np.bytes_("double")
        name = file.create_dataset("#refs#/b", data=np.array([[97], [98]], np.uint16))
        name.attrs["MATLAB_class"] = np.bytes_("char")
        cell = file.create_dataset("cell", (1, 2), h5py.ref_dtype)
        cell[0, 0], cell[0, 1] = table.ref, name.ref
        cell.attrs["MATLAB_class"] = np.bytes_("cell")
        file.create_dataset("gaze/fix", data=np.eye(4), compression="gzip")
    with open(path, "r+b") as file:
        file.write(b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM")


def hdf5(path, **options):
    with h5py.File(path, "w", **options) as file:
        for k in range(12):  # so many that newer files keep them in a heap
            file.create_dataset(f"in/{k}", data=FLOATS, compression="gzip", chunks=(16, 16))
        file.create_dataset("plain", data=FLOATS, fletcher32=True, compression="lzf")


def read_maps(path):
    for _, reference in open_maps(path).entries:
        try:
            reference.inspect(2**22)
            reference.read(2**22)
        except KitError:
            continue


def png_bytes():
    buffer = io.BytesIO()
    Image.fromarray(GRAY).save(buffer, format="PNG")
    return buffer.getvalue()


def zipped(path):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for k in range(3):
            archive.writestr(f"in/{k}.png", png_bytes())


def tarred(path):
    with tarfile.open(path, "w:gz" if path.suffix == ".gz" else "w") as archive:
        for k in range(3):
            info = tarfile.TarInfo(f"in/{k}{'long' * 40}.png")
            info.size = len(png_bytes())
            archive.addfile(info, io.BytesIO(png_bytes()))


def json2015(path):
    import base64

    text = base64.b64encode(png_bytes()).decode()
    with zipfile.ZipFile(path, "w") as archive:
        for split in ("val", "test"):
            entries = [{"image_id": k, "saliency_map": text} for k in range(3)]
            archive.writestr(f"fixations_{split}2014_m_results.json", json.dumps(entries))


def read_json2015(path):
    from benchmark_kit.packaging.stores.json2015 import open_json_results

    opened = open_json_results(path)
    for _, reference in opened.source.entries:
        try:
            reference.read(2**22)
        except KitError:
            continue


def table(path):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["image", "x", "y", "subject", "order", "duration"])
        writer.writerows(("a.png", 5.5 + k, 3 * k, "ann", k, 0.25) for k in range(6))


def json_table(path):
    rows = [{"image": "a.png", "x": 5.5, "y": 3, "subject": "ann", "order": k} for k in range(6)]
    path.write_text(json.dumps(rows), encoding="utf-8")


def results(path):
    from benchmark_kit import evaluate
    from benchmark_kit.types import Fixations, GroundTruth, Truths

    x = np.arange(5.0)
    images = [GroundTruth(name, (6, 8), Fixations(x + k, x, (6, 8))) for k, name in enumerate("ab")]
    maps = {name: np.random.default_rng(k).random((6, 8)) for k, name in enumerate("ab")}
    truths = Truths("made", tuple(images), sigma_px=2.0)
    evaluate(maps, truths, metrics="auc,nss", workers=1, bootstrap=9, out=path, force=True)


def read_results(path):
    from benchmark_kit.results.record import load_results

    load_results(path)


COLUMNS, HEADER = ["auc", "nss"], {"maps": "sha256:1", "plan": ["nss", 1.5]}


def journal(path):
    from benchmark_kit.scoring.journal import Journal
    from benchmark_kit.types import Row

    path.unlink(missing_ok=True)
    begun = Journal(path, HEADER, columns=COLUMNS)
    values = {"auc": 0.5, "nss": None}
    begun.append([Row(name, 3, values, ("constant",), {"size": [24, 32]}) for name in "abc"])
    begun.close()


def read_journal(path):
    from benchmark_kit.scoring.journal import Journal

    Journal(path, HEADER, resume=True, columns=COLUMNS).close()


def card(path):
    path.write_text(
        'title = "A"\nkind = "network"\nbuilder = "a:B"\nyear = 2016\ninput_size = [240, 320]\n'
        '[options.depth]\nhelp = "how deep"\ndefault = 50\nchoices = [50, 101]\n'
        '[[scores]]\ndocument = "paper"\ndataset = "salicon"\nedition = "2015"\nsplit = "val"\n'
        'dialect = "unknown"\nvalues = {nss = 1.25, auc = 0.8}\n'
    )


def read_a_card(path):
    from keras_saliency.base.card import read_card

    read_card(path)


def saved_page(path):
    rows = [{"name": "SAM", "AUC": 0.87, "NSS": None}, {"name": "other", "AUC": 0.5, "NSS": 1}]
    path.write_text(json.dumps({"MIT300": {"rows": rows, "metric_names": ["AUC", "NSS"]}}))


def read_page(path):
    from benchmark_kit.leaderboards._saved_page import read_saved_page

    for page in read_saved_page(path):
        (page.text(), page.latex(), page.csv())


def places(path):
    """MIT1003's index of pictures, stored plainly so that damage reaches its numbers."""
    savemat(path, {"hash": {"a": 1.0, "b": 2.0}})


def read_places(path):
    root = path.parent / "mit1003"
    viewer = {"user": "ann", "appropFix": np.array([[5, 6], [7, 8]], np.uint16)}
    (root / "ALLSTIMULI").mkdir(parents=True, exist_ok=True)
    if not (root / "FixationDBCleaned.mat").exists():
        Image.new("L", (1024, 8)).save(root / "ALLSTIMULI/a.jpeg")
        entries = np.empty((2, 1), dtype=[("fixationData", object)])
        for k in range(2):
            entries["fixationData"][k, 0] = viewer
        savemat(root / "FixationDBCleaned.mat", {"FixationDBCleaned": entries})
    shutil.copy(path, root / "hash.mat")
    get_dataset("mit1003", root, cache=False)


def settings(path):
    path.write_text('index_base = 1\noffset = [1.5, 0.0]\nscale = 0.75\nsubjects = ["ann"]\n')


def read_folder(path):
    """A data set with this table, or these settings."""
    root = path.parent / "set"
    (root / "stimuli").mkdir(parents=True, exist_ok=True)
    if not (root / "stimuli/a.png").exists():
        Image.fromarray(GRAY).save(root / "stimuli/a.png")
    if path.suffix == ".toml":
        table(root / "fixations.csv")
        shutil.copy(path, root / "dataset.toml")
    else:
        shutil.copy(path, root / f"fixations{path.suffix}")
    try:
        get_dataset("folder", root, cache=False)
    finally:
        (root / f"fixations{path.suffix}").unlink(missing_ok=True)


def pysaliency(path):
    with h5py.File(path, "w") as file:
        file.attrs["type"] = "Fixations"
        for name in ("x", "y", "t", "n", "subjects"):
            file[name] = np.arange(4.0)
        file["x_hist"] = np.full((4, 3), np.nan)


def read_pysaliency(path):
    from benchmark_kit.datasets.reading.pysaliency import PysaliencyFileError, read_fixations

    try:
        read_fixations(path)
    except PysaliencyFileError as error:  # which data sets list
        raise KitError(str(error)) from None


def npz(path):
    np.savez(path, model=np.array("edn"), weights=FLOATS, names=np.array(["a", "bc"]))


def read_npz(path):
    from keras_saliency.base.array_file import read_arrays

    {name: str(array) for name, array in read_arrays(path).items()}


def trunk(path):
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [b"conv", b"pool"]
        for name, weights in (("conv", [b"conv/kernel:0", b"conv/bias:0"]), ("pool", [])):
            group = file.create_group(name)
            group.attrs["weight_names"] = weights
            for weight in weights:
                group[weight.decode()] = FLOATS


def read_trunk(path):
    from keras_saliency.backbones.weights import read_layers

    read_layers(path)


class Network:
    """What `load_weights` asks of a model."""

    def save_weights(self, path):
        hdf5(path)

    def load_weights(self, path):
        """Keras reads it when all arrays have been read once."""


def read_weights(path):
    from keras_saliency.base.network_file import load_weights

    load_weights(Network(), path)


def whole_model(path):
    inner = path.with_suffix(".inner")
    hdf5(inner)
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(inner, "model.weights.h5")
    inner.unlink()


def text_op(text):
    return b"X" + struct.pack("<I", len(text)) + text.encode()


def state_pickle():
    """`{"layer": tensor of 2 x 3}` as torch pickles it."""
    storage = b"((" + text_op("storage") + b"ctorch\nFloatStorage\n" + text_op("0")
    storage += text_op("cpu") + b"K\x06tQ"
    tensor = b"ctorch._utils\n_rebuild_tensor_v2\n" + storage + b"K\x00K\x02K\x03\x86K\x03K\x01\x86"
    tensor += b"\x89ccollections\nOrderedDict\n)RtR"
    return b"\x80\x02}" + text_op("layer") + tensor + b"s."


def torch_zip(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", state_pickle())
        archive.writestr("archive/data/0", np.arange(6, dtype="<f4").tobytes())


def read_torch(path):
    from keras_saliency.convert.torch import read

    read("eml_net_resnet50", path)


def varint(number):
    out = b""
    while number > 127:
        out, number = out + bytes([number & 127 | 128]), number >> 7
    return out + bytes([number])


def message(number, content):
    content = content if isinstance(content, bytes) else content.encode()
    return varint(number << 3 | 2) + varint(len(content)) + content


def number(field, value):
    return varint(field << 3) + varint(value)


def caffe(path):
    blob = message(7, number(1, 2) + number(1, 3)) + message(5, np.arange(6, dtype="<f4").tobytes())
    path.write_bytes(message(100, message(1, "conv1") + message(7, blob)) * 2)


def read_caffe(path):
    from keras_saliency.convert.caffe import read

    read("salnet", path)


def graph(path):
    shape = message(2, message(2, number(1, 2)) + message(2, number(1, 3)))
    tensor = number(1, 1) + shape + message(4, np.arange(6, dtype="<f4").tobytes())
    value = message(1, "value") + message(2, message(8, tensor))
    path.write_bytes(message(1, message(1, "conv") + message(2, "Const") + message(5, value)) * 2)


def read_graph(path):
    from keras_saliency.convert.tf1 import read

    read("msi_net", path)


# name of a sample -> how it is written and read
SAMPLES = {
    **{name: (picture, read_picture) for name in PICTURES},
    "map.npy": (lambda path: np.save(path, FLOATS), read_map),
    "map.mat": (lambda path: savemat(path, {"map": FLOATS}), read_map),
    "4.mat": (
        lambda path: savemat(
            path, {"x": FLOATS, "t": "abc", "s": csc_matrix(np.eye(4))}, format="4"
        ),
        read_mat,
    ),
    "5.mat": (lambda path: savemat(path, cells()), read_mat),
    "7.mat": (lambda path: savemat(path, cells(), do_compression=True), read_mat),
    "73.mat": (mat73, read_mat),
    "maps.h5": (hdf5, read_maps),
    "newer.h5": (lambda path: hdf5(path, libver="latest"), read_maps),
    "maps.zip": (zipped, read_maps),
    "maps.tar": (tarred, read_maps),
    "maps.tar.gz": (tarred, read_maps),
    "results.zip": (json2015, read_json2015),
    "fixations.csv": (table, read_folder),
    "fixations.json": (json_table, read_folder),
    "results.json": (results, read_results),
    "dataset.toml": (settings, read_folder),
    "results.json.journal": (journal, read_journal),
    "card.toml": (card, read_a_card),
    "data.json": (saved_page, read_page),
    "hash.mat": (places, read_places),
    "fixations.hdf5": (pysaliency, read_pysaliency),
    "fitted.npz": (npz, read_npz),
    "trunk.h5": (trunk, read_trunk),
    "net.weights.h5": (hdf5, read_weights),
    "net.keras": (whole_model, read_weights),
    "state.pth": (torch_zip, read_torch),
    "net.caffemodel": (caffe, read_caffe),
    "graph.pb": (graph, read_graph),
}
NUMBERS = [0, 1, 2, 7, 8, 14, 15, 127, 128, 255, 2**16 - 1, 2**31 - 1, 2**31, 2**32 - 1]


def damaged(data, rng):
    """Flipped bits, other bytes and numbers, a cut, a piece put in or taken out."""
    data = bytearray(data)
    for _ in range(rng.choice([1, 1, 1, 2, 4])):
        if not data:
            break
        # headers are short and decide most
        place = rng.randrange(len(data) if rng.random() < 0.5 else min(len(data), 512))
        if rng.random() < 0.2:
            place = len(data) - 1 - place % min(len(data), 256)
        match rng.randrange(7):
            case 0:
                data[place] ^= 1 << rng.randrange(8)
            case 1:
                data[place] = rng.choice(NUMBERS) & 255
            case 2:
                data[place : place + 4] = struct.pack(rng.choice("<>") + "I", rng.choice(NUMBERS))
            case 3:
                del data[place:]
            case 4:
                data[place:place] = rng.randbytes(rng.randrange(1, 9))
            case 5:
                del data[place : place + rng.randrange(1, 9)]
            case 6:
                other = rng.randrange(len(data))
                data[place : place + 8] = data[other : other + 8]
    return bytes(data)


def check(name, folder, seeds):
    write, read = SAMPLES[name]
    good = folder / f"good-{name}"
    write(good)
    read(good)
    content, path = good.read_bytes(), folder / name
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    refused = 0
    for seed in seeds:
        path.write_bytes(damaged(content, random.Random(f"{name} {seed}")))
        started = time.monotonic()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                read(path)
        except KitError:
            refused += 1
        except BaseException as error:
            raise AssertionError(f"{name}, seed {seed}: {type(error).__name__}: {error}") from error
        assert time.monotonic() - started < LONGEST, f"{name}, seed {seed}"
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    assert grown < MOST_MEMORY, f"{name}: {grown} bytes more"
    return refused


@pytest.mark.parametrize("name", SAMPLES)
def test_damaged_files_end_in_one_kind_of_error(tmp_path, name):
    refused = check(name, tmp_path, range(200))
    assert refused or name in PICTURES  # whose readers are several


@pytest.mark.fuzz
@pytest.mark.parametrize("name", SAMPLES)
def test_damaged_files_for_long(tmp_path, name):
    check(name, tmp_path, range(1000, 6000))
