"""Submissions made to harm or confuse: each is refused with one clear message, nothing is executed,
unpacked or followed.
"""

import base64
import dataclasses
import io
import json
import os
import tarfile
import zipfile

import h5py
import numpy as np
import pytest
from PIL import Image

from benchmark_kit.leaderboards import get_board
from benchmark_kit.leaderboards.rules import Split
from benchmark_kit.packaging.validate import validate

SIZE = (40, 60)
FLAT = dataclasses.replace(
    get_board("mit300"), splits=(Split("test", 3, "i[123]", None, shown="i1 to i3"),)
)
IDS = (133, 208, 7)


def challenge():
    splits = tuple(
        Split(name, 3, rf"COCO_{name}2014_\d{{12}}", (60, 40), shown="COCO_…")
        for name in ("val", "test")
    )
    return dataclasses.replace(get_board("salicon2015"), splits=splits)


def a_map(seed):
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]]
    y, x = np.random.default_rng(seed).uniform(0.3, 0.7, 2) * SIZE
    peak = np.exp(-(((rows - y) / 9) ** 2) - ((columns - x) / 12) ** 2)
    return (20 + 235 * peak / peak.max()).astype(np.uint8)


def png(array):
    file = io.BytesIO()
    Image.fromarray(array).save(file, format="PNG")
    return file.getvalue()


MAPS = {f"i{k}": a_map(k) for k in (1, 2, 3)}
MEMBERS = {f"{name}.png": png(array) for name, array in MAPS.items()}


def write_stimuli(folder, names):
    folder.mkdir()
    for k, name in enumerate(names):
        pixels = np.random.default_rng([1, k]).integers(0, 256, (*SIZE, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{name}.jpg")
    return folder


@pytest.fixture
def stimuli(tmp_path):
    return write_stimuli(tmp_path / "stimuli", MAPS)


@pytest.fixture
def coco(tmp_path):
    names = [f"COCO_{split}2014_{k:012d}" for split in ("val", "test") for k in IDS]
    return write_stimuli(tmp_path / "stimuli", names)


def codes(report):
    return {problem.code for problem in report.problems}


def packed(tmp_path, members, name="model.zip"):
    with zipfile.ZipFile(tmp_path / name, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, data in members.items():
            archive.writestr(zipfile.ZipInfo(member), data, zipfile.ZIP_DEFLATED)
    return tmp_path / name


@pytest.mark.parametrize(
    ("member", "reason"),
    [
        ("/etc/i1.png", "an absolute path"),
        ("C:/i1.png", "an absolute path"),
        ("../../i1.png", "leaves the archive"),
        ("a/../../i1.png", "leaves the archive"),
        ("a\\i1.png", "a backslash"),
        ("inner.zip", "an archive inside"),
        ("inner.tar.gz", "an archive inside"),
    ],
)
def test_members_that_must_not_be_there(tmp_path, stimuli, member, reason):
    before = {path for path in tmp_path.rglob("*")}
    path = packed(tmp_path, MEMBERS | {member: MEMBERS["i1.png"]})
    report = validate(path, FLAT, stimuli, workers=1)
    assert codes(report) == {"E502"}
    assert reason in report.text()
    assert {p for p in tmp_path.rglob("*")} - before == {path}  # nothing was unpacked


def test_links_in_archives_are_refused(tmp_path, stimuli):
    secret = tmp_path / "secret.png"
    secret.write_bytes(MEMBERS["i1.png"])
    path = tmp_path / "model.tar"
    with tarfile.open(path, "w") as archive:
        for name, data in MEMBERS.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            if name == "i1.png":
                info.type, info.linkname, info.size = tarfile.SYMTYPE, str(secret), 0
            archive.addfile(info, io.BytesIO(data))
    report = validate(path, FLAT, stimuli, workers=1)
    assert codes(report) == {"E102", "E502"}
    link = zipfile.ZipInfo("i1.png")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "model.zip", "w") as archive:
        archive.writestr(link, str(secret))
    report = validate(tmp_path / "model.zip", FLAT, stimuli, workers=1)
    assert {"E102", "E502"} <= codes(report)


def test_encrypted_members_are_refused(tmp_path, stimuli):
    path = packed(tmp_path, MEMBERS)
    data = bytearray(path.read_bytes())
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(signature)
        data[at + place] |= 1  # the flag of an encrypted member
    path.write_bytes(bytes(data))
    report = validate(path, FLAT, stimuli, workers=1)
    assert codes(report) == {"E102", "E502"}
    assert "encryption" in report.text()


def test_a_bomb_of_bytes_is_not_unpacked(tmp_path, stimuli):
    bomb = MEMBERS["i1.png"] + b"\0" * 200_000_000
    path = packed(tmp_path, MEMBERS | {"i1.png": bomb})
    assert path.stat().st_size < 10**6
    report = validate(path, FLAT, stimuli, workers=1)
    assert codes(report) == {"E301"}
    assert "unpacks to more than" in report.text()


def test_a_bomb_of_pixels_is_not_decoded(tmp_path, stimuli):
    data = bytearray(MEMBERS["i1.png"])
    import struct
    import zlib

    data[16:24] = struct.pack(">II", 60000, 60000)
    data[29:33] = struct.pack(">I", zlib.crc32(bytes(data[12:29])))
    report = validate(packed(tmp_path, MEMBERS | {"i1.png": bytes(data)}), FLAT, stimuli, workers=1)
    assert codes(report) == {"E301"}
    assert "pixels" in report.text()


def test_an_hdf5_file_that_promises_a_terabyte_is_not_read(tmp_path, stimuli):
    with h5py.File(tmp_path / "model.hdf5", "w") as file:
        for name, array in MAPS.items():
            file[f"{name}.jpg"] = array
        del file["i1.jpg"]
        file.create_dataset("i1.jpg", (10**6, 10**6), dtype="u1", chunks=(1000, 1000))
    report = validate(tmp_path / "model.hdf5", FLAT, stimuli, workers=1)
    assert codes(report) == {"E301"}


@pytest.mark.parametrize("kind", ["external link", "soft link", "external storage", "virtual"])
def test_hdf5_that_points_elsewhere_is_not_followed(tmp_path, stimuli, kind):
    secret = tmp_path / "secret.h5"
    with h5py.File(secret, "w") as file:
        file["i1.jpg"] = MAPS["i1"]
    with h5py.File(tmp_path / "model.hdf5", "w") as file:
        for name in ("i2", "i3"):
            file[f"{name}.jpg"] = MAPS[name]
        if kind == "external link":
            file["i1.jpg"] = h5py.ExternalLink(secret, "i1.jpg")
        elif kind == "soft link":
            file["i1.jpg"] = h5py.SoftLink("/i2.jpg")
        elif kind == "external storage":
            (tmp_path / "raw").write_bytes(MAPS["i1"].tobytes())
            file.create_dataset(
                "i1.jpg", SIZE, dtype="u1", external=[(str(tmp_path / "raw"), 0, MAPS["i1"].size)]
            )
        else:
            layout = h5py.VirtualLayout(SIZE, dtype="u1")
            layout[:] = h5py.VirtualSource(str(secret), "i1.jpg", shape=SIZE)
            file.create_virtual_dataset("i1.jpg", layout)
    report = validate(tmp_path / "model.hdf5", FLAT, stimuli, workers=1)
    assert codes(report) == {"E102", "E406"}
    assert "never followed" in report.text()


def test_hdf5_of_objects_text_and_scalars_is_refused(tmp_path, stimuli):
    with h5py.File(tmp_path / "model.hdf5", "w") as file:
        file["i1.jpg"] = "a text"
        file["i2.jpg"] = 3.0
        file.create_dataset("i3.jpg", (2,), dtype=h5py.vlen_dtype(np.float32))
    report = validate(tmp_path / "model.hdf5", FLAT, stimuli, workers=1)
    assert codes(report) == {"E303"}
    assert sum(len(p.where) for p in report.problems) == 3


def test_a_group_that_holds_itself_ends(tmp_path, stimuli):
    with h5py.File(tmp_path / "model.hdf5", "w") as file:
        for name, array in MAPS.items():
            file[f"{name}.jpg"] = array
        file["loop"] = file["/"]
    assert validate(tmp_path / "model.hdf5", FLAT, stimuli, workers=1).ok


def entries(split, change=None):
    found = [{"image_id": k, "saliency_map": base64.b64encode(png(a_map(k))).decode()} for k in IDS]
    return change(found) if change and split == "val" else found


def results_zip(tmp_path, change=None, skip=None):
    members = {
        f"fixations_{split}2014_model_results.json": json.dumps(entries(split, change))
        for split in ("val", "test")
        if split != skip
    }
    return packed(tmp_path, members, "results.zip")


def test_good_results_of_2015_pass(tmp_path, coco):
    assert validate(results_zip(tmp_path), challenge(), coco, workers=1).ok


def replaced(**values):
    def change(found):
        return [{**found[0], **values}, *found[1:]]

    return change


COLOUR = base64.b64encode(png(np.dstack([a_map(0), 255 - a_map(0), a_map(0)]))).decode()
BROKEN = base64.b64encode(png(a_map(0))).decode()[:-7] + "*******"


@pytest.mark.parametrize(
    ("change", "expected", "says"),
    [
        (replaced(saliency_map=BROKEN), {"E503"}, "no base64"),
        (replaced(saliency_map=None), {"E503"}, "no base64"),
        (replaced(saliency_map="aGVsbG8="), {"E503"}, "no base64 of a PNG"),
        (replaced(saliency_map=COLOUR), {"E302"}, "colour (RGB) instead of gray"),
        (replaced(image_id="133"), {"E503"}, "no whole number"),
        (replaced(image_id=True), {"E503"}, "no whole number"),
        (replaced(image_id=-1), {"E503"}, "no whole number"),
        (lambda found: found[1:], {"E503"}, "1 ids are missing"),
        (lambda found: [*found, found[0]], {"E503"}, "more than once"),
        (lambda found: [*found[1:], {"image_id": 1}], {"E503"}, "without image_id"),
        (lambda found: [*found[1:], 3], {"E503"}, "JSON list"),
        (lambda found: {"results": found}, {"E503"}, "not a JSON list"),
        (lambda found: [], {"E503"}, "3 ids are missing"),
    ],
)
def test_broken_results_of_2015(tmp_path, coco, change, expected, says):
    report = validate(results_zip(tmp_path, change), challenge(), coco, workers=1)
    assert codes(report) == expected
    assert says in report.text()


def test_an_id_of_the_other_split_is_told(tmp_path):
    names = [f"COCO_val2014_{k:012d}" for k in IDS]
    names += [f"COCO_test2014_{k:012d}" for k in (*IDS[1:], 99)]
    coco = write_stimuli(tmp_path / "stimuli", names)
    report = validate(results_zip(tmp_path, replaced(image_id=99)), challenge(), coco, workers=1)
    assert codes(report) == {"E503"}
    assert "named like the other split" in report.text()


def test_both_result_files_are_wanted(tmp_path, coco):
    report = validate(results_zip(tmp_path, skip="test"), challenge(), coco, workers=1)
    assert codes(report) == {"E503"}
    assert "fixations_test2014_…_results.json" in report.text()


def test_result_files_of_other_names_and_in_folders(tmp_path, coco):
    members = {
        "a/fixations_val2014_model_results.json": json.dumps(entries("val")),
        "val.json": json.dumps(entries("val")),
    }
    report = validate(packed(tmp_path, members, "results.zip"), challenge(), coco, workers=1)
    assert "E503" in codes(report)
    assert "a JSON file of another name" in report.text()


def test_stimuli_and_maps_in_the_same_folder(tmp_path, stimuli):
    for name, data in MEMBERS.items():
        (stimuli / name).write_bytes(data)
    report = validate(stimuli, FLAT, stimuli, workers=1)
    assert "E104" in codes(report)  # two pictures of one name: which is the stimulus?


def test_maps_in_the_folder_of_the_stimuli_of_other_folders(tmp_path, stimuli):
    """Maps below the stimuli's folder, asked for from one folder above both."""
    (tmp_path / "maps").mkdir()
    for name, data in MEMBERS.items():
        (tmp_path / "maps" / name).write_bytes(data)
    report = validate(tmp_path, FLAT, stimuli, workers=1)
    assert codes(report) == {"E107"}
    assert "3 of the stimuli themselves lie in the folder of the maps" in report.text()


def test_the_stimuli_themselves_as_maps(stimuli):
    report = validate(stimuli, FLAT, stimuli, workers=1)
    assert {"E102", "E107"} <= codes(report)


def test_copies_of_the_stimuli_as_maps(tmp_path, stimuli):
    (tmp_path / "maps").mkdir()
    for path in stimuli.iterdir():
        (tmp_path / "maps" / path.name).write_bytes(path.read_bytes())
    report = validate(tmp_path / "maps", FLAT, stimuli, workers=1)
    assert "E107" in codes(report)
    assert "the stimuli themselves were given as maps" in report.text()


def test_names_that_collide_after_case_folding(tmp_path, stimuli):
    path = packed(tmp_path, MEMBERS | {"I1.png": MEMBERS["i1.png"]})
    report = validate(path, FLAT, stimuli, workers=1)
    assert {"E103", "E104"} <= codes(report)
    assert "I1.png = i1.png" in report.text()


def test_names_that_collide_as_suffixes(tmp_path, stimuli):
    path = packed(tmp_path, MEMBERS | {"ai1.png": MEMBERS["i1.png"]})
    report = validate(path, FLAT, stimuli, workers=1)
    assert codes(report) == {"E103", "E104"}
    assert "ai1.png = i1.png" in report.text()


def test_identical_stimuli_are_reported(tmp_path, stimuli):
    (stimuli / "i2.jpg").write_bytes((stimuli / "i1.jpg").read_bytes())
    report = validate(packed(tmp_path, MEMBERS), FLAT, stimuli, workers=1)
    assert report.ok
    (warning,) = report.warnings
    assert (warning.code, warning.where) == ("W101", ("i1 = i2",))


def test_a_file_that_may_not_be_read_is_named(tmp_path, stimuli):
    folder = tmp_path / "maps"
    folder.mkdir()
    for name, data in MEMBERS.items():
        (folder / name).write_bytes(data)
    (folder / "i1.png").unlink()
    os.symlink(tmp_path / "nowhere.png", folder / "i1.png")
    report = validate(folder, FLAT, stimuli, workers=1)
    assert codes(report) == {"E301"}
    assert "cannot be opened" in report.text()


def test_a_pickle_in_an_array_file_is_never_loaded(tmp_path, stimuli):
    class Trap:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "trapped"),)

    file = io.BytesIO()
    np.save(file, np.array([Trap()], dtype=object), allow_pickle=True)
    members = {**MEMBERS, "i1.npy": file.getvalue()}
    del members["i1.png"]
    report = validate(packed(tmp_path, members), FLAT, stimuli, workers=1)
    assert codes(report) == {"E303"}
    assert not (tmp_path / "trapped").exists()
