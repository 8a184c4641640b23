"""HDF5 files that ask for too much, that lead elsewhere, or that crash and hang their library."""

import os
import time

import h5py
import numpy as np
import pytest

from benchmark_kit.containers import _rehearsal, hdf5
from benchmark_kit.containers.damage import DamagedFile
from benchmark_kit.containers.hdf5 import members, open_hdf5, own_member, read_values

RNG = np.random.default_rng(0)
VALUES = RNG.random((90, 70))


def read(path, name="x", most_bytes=None):
    with open_hdf5(path) as file:
        return read_values(own_member(file, name), most_bytes)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"compression": "gzip", "shuffle": True, "chunks": (90, 70)},
        {"compression": "gzip", "chunks": (40, 40), "maxshape": (None, None), "fillvalue": 7},
        {"compression": "gzip", "shuffle": True, "fletcher32": True},
        {"compression": "lzf"},
    ],
)
@pytest.mark.parametrize("dtype", ["<f8", ">f4", "<u2", "?", "<f2"])
@pytest.mark.parametrize("safe", [0, 2**18])
def test_values_come_out_as_h5py_reads_them(tmp_path, options, dtype, safe, monkeypatch):
    monkeypatch.setattr(hdf5, "SAFE_CHUNK", safe)  # 0: every chunk is unpacked here
    values = (VALUES * 200).astype(dtype)
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file.create_dataset("x", data=values, **options)
        if "maxshape" in options:
            file["x"].resize((100, 90))
        wanted = file["x"][()]
    np.testing.assert_array_equal(read(tmp_path / "x.h5"), wanted, strict=True)


def test_an_empty_dataset_that_claims_gigabytes(tmp_path):
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file.create_dataset("x", (2**15, 2**15), "f8")
        file.create_dataset("one", (24, 32), "f8", chunks=(20_000, 20_000), maxshape=(None, None))
    with pytest.raises(DamagedFile, match="an array of 1073741824 values, 8589934592 bytes"):
        read(tmp_path / "x.h5")
    with pytest.raises(DamagedFile, match="chunks of 3200000000 bytes for an array of 768 values"):
        read(tmp_path / "x.h5", "one")
    with h5py.File(tmp_path / "y.h5", "w") as file:
        file["x"] = VALUES
    with pytest.raises(DamagedFile, match="50400 bytes, where at most 50000"):
        read(tmp_path / "y.h5", most_bytes=50_000)


@pytest.mark.parametrize("fletcher32", [False, True])
def test_a_chunk_that_unpacks_to_more_than_it_holds(tmp_path, fletcher32, monkeypatch):
    import zlib

    monkeypatch.setattr(hdf5, "SAFE_CHUNK", 0)
    with h5py.File(tmp_path / "x.h5", "w") as file:
        made = file.create_dataset(
            "x", (64, 64), "u1", chunks=(64, 64), compression="gzip", fletcher32=fletcher32
        )
        made.id.write_direct_chunk((0, 0), zlib.compress(bytes(10**6)))
    with pytest.raises(DamagedFile, match="unpack"):
        read(tmp_path / "x.h5")


def test_filters_of_others_are_not_loaded(tmp_path):
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plist.set_chunk((4, 4))
    plist.set_filter(305, h5py.h5z.FLAG_OPTIONAL, ())
    with h5py.File(tmp_path / "x.h5", "w") as file:
        space = h5py.h5s.create_simple((4, 4))
        h5py.h5d.create(file.id, b"x", h5py.h5t.NATIVE_UINT8, space, plist)
    with pytest.raises(DamagedFile, match="the filter 305, which HDF5 does not bring"):
        read(tmp_path / "x.h5")


def test_links_and_values_elsewhere(tmp_path):
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["secret"] = VALUES
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file["in/own"] = VALUES
        file["soft"] = h5py.SoftLink("/in/own")
        file["outside"] = h5py.ExternalLink(str(tmp_path / "other.h5"), "/secret")
        file["in/loop"] = file["in"]
        file.create_dataset("raw", (4,), "u1", external=[(str(tmp_path / "other.h5"), 0, 4)])
        with_texts = file.create_dataset("texts", data=["a", "bc"])
        assert with_texts.dtype.hasobject
    with open_hdf5(tmp_path / "x.h5") as file:
        found = {name: dataset is not None for name, dataset in members(file)}
        assert found == {
            "in/own": True,
            "texts": True,
            "soft": False,
            "outside": False,
            "raw": False,
        }
        assert read_values(own_member(file, "texts")).tolist() == [b"a", b"bc"]
        for name in ("soft", "outside", "in/no", "texts/x"):
            with pytest.raises(ValueError, match=r"not followed|is missing"):
                own_member(file, name)


def test_groups_nested_without_end(tmp_path):
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file.create_group("/".join("a" * 100))
    with (
        pytest.raises(DamagedFile, match="nested more than 64 deep"),
        open_hdf5(tmp_path / "x.h5") as file,
    ):
        list(members(file))


def newer(path):
    """Groups in a heap, where HDF5 crashes on some wrong bytes."""
    with h5py.File(path, "w", libver="latest") as file:
        for k in range(12):
            file[f"i{k}"] = VALUES[:4, :4]


class Behaviour:
    """Another process that answers a path as it is told to."""

    def __init__(self, monkeypatch, code):
        start = (
            "import sys, time\nsys.stdout.write('ready\\n'); sys.stdout.flush()\n"
            f"for line in sys.stdin:\n    {code}\n"
        )
        real = _rehearsal.subprocess.Popen
        monkeypatch.setattr(
            _rehearsal.subprocess,
            "Popen",
            lambda command, **options: real([command[0], "-c", start], **options),
        )
        self.process = _rehearsal._Process()


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import os; os.abort()", "it crashes the library"),
        ("time.sleep(60)", "it keeps the library that reads it busy without end"),
        ("sys.stdout.write('...\"\"\\n'); sys.stdout.flush()", ""),
        ("sys.stdout.write('\"wrong\"\\n'); sys.stdout.flush()", "wrong"),
    ],
)
def test_what_becomes_of_the_other_process(tmp_path, monkeypatch, code, said):
    newer(tmp_path / "x.h5")
    monkeypatch.setattr(_rehearsal, "PATIENCE", 0.5)
    process = Behaviour(monkeypatch, code).process
    started = time.monotonic()
    for _ in range(2):  # a process that has died is started again
        assert process.walk(tmp_path / "x.h5").startswith(said)
    assert time.monotonic() - started < 10
    process.stop()
    assert process.child is None


def test_one_process_serves_many_files_and_a_file_is_walked_once(tmp_path, monkeypatch):
    newer(tmp_path / "a.h5")
    newer(tmp_path / "b.h5")
    asked = []
    walk = _rehearsal._process.walk
    monkeypatch.setattr(
        _rehearsal._process, "walk", lambda path: (asked.append(path.name), walk(path))[1]
    )
    pids = set()
    for name in ("a.h5", "b.h5", "a.h5", "b.h5"):
        with open_hdf5(tmp_path / name) as file:
            assert len(file) == 12
        pids.add(_rehearsal._process.child.pid)
    assert asked == ["a.h5", "b.h5"]
    assert len(pids) == 1
    assert os.getpid() not in pids


def test_signs_of_life_do_not_help_for_ever(tmp_path, monkeypatch):
    monkeypatch.setattr(_rehearsal, "WHOLE", 0.5)
    code = "[(time.sleep(0.05), sys.stdout.write('.'), sys.stdout.flush()) for _ in range(200)]"
    process = Behaviour(monkeypatch, code).process
    newer(tmp_path / "x.h5")
    assert process.walk(tmp_path / "x.h5").startswith("it keeps the library")


def test_an_attribute_of_gigabytes_is_not_read(tmp_path):
    import struct

    with h5py.File(tmp_path / "x.h5", "w") as file:
        file["x"] = VALUES[:4]
        file["x"].attrs.create("names", ["abc", "defghi"], dtype=h5py.string_dtype())
    content = bytearray((tmp_path / "x.h5").read_bytes())
    # a text is kept as its length and the place of the heap that holds it
    at = content.index(struct.pack("<Q", content.index(b"GCOL"))) - 4
    content[at : at + 4] = struct.pack("<I", 2**32 - 1)
    (tmp_path / "x.h5").write_bytes(content)
    with pytest.raises(DamagedFile):
        read(tmp_path / "x.h5")
