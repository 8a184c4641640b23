"""Headers of arrays are matched, never evaluated; what they promise is compared with the file."""

import io
import struct
import time
import zipfile

import numpy as np
import pytest

from benchmark_kit.containers import damage
from benchmark_kit.containers.damage import DamagedFile
from benchmark_kit.containers.npy import open_npy, read_npz

VALUES = np.arange(6, dtype=np.float32).reshape(2, 3)


def with_header(text, version=1):
    content = VALUES.tobytes()
    raw = text.encode("latin1") + b"\n"
    length = struct.pack("<H" if version == 1 else "<I", len(raw))
    return b"\x93NUMPY" + bytes([version, 0]) + length + raw + content


@pytest.mark.parametrize("dtype", ["u1", ">f8", "<f2", "?", "<i8", "<U3", "<c16", "<M8[s]"])
@pytest.mark.parametrize("shape", [(), (0,), (1,), (2, 3), (0, 4), (2, 1, 3)])
def test_arrays_come_out_as_numpy_reads_them(tmp_path, dtype, shape):
    values = np.ones(shape).astype(dtype) if dtype != "<U3" else np.full(shape, "abc")
    for written in (values, np.asfortranarray(values)):
        np.save(tmp_path / "a.npy", written)
        found = open_npy(tmp_path / "a.npy")
        np.testing.assert_array_equal(found, np.load(tmp_path / "a.npy"), strict=True)
        assert found.flags.writeable


@pytest.mark.parametrize("version", [1, 2, 3])
@pytest.mark.parametrize(
    "header",
    [
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2L, 3L)}",
        "{'shape': (2, 3), 'fortran_order': False, 'descr': '<f4'}   ",
        '{"descr": "<f4", "fortran_order": False, "shape": (2, 3)}',
    ],
)
def test_headers_of_other_programs(tmp_path, header, version):
    (tmp_path / "a.npy").write_bytes(with_header(header, version))
    np.testing.assert_array_equal(open_npy(tmp_path / "a.npy"), VALUES)


HEAD = "{'descr': '<f4', 'fortran_order': False, 'shape': %s}"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "does not begin as one"),
        (with_header("((("), "the header"),
        (with_header("(" * 9000), "the header"),
        (with_header("-" * 20_000), "a header of 20001 bytes"),
        (with_header(HEAD % "(10, 3)"), "24 bytes of values instead of 120"),
        (with_header(HEAD % ("(" + "9" * 60 + ",)")), "the shape"),
        (with_header(HEAD % "(-2, -3)"), "the header"),
        (with_header(HEAD % "(2.0, 3)"), "the header"),
        (with_header(HEAD % "None"), "the header"),
        (with_header(HEAD % "(2)"), "the header"),
        (with_header(HEAD % ("(" + "1," * 40 + ")")), "the shape"),
        (with_header(HEAD % "(2, 3), 'shape': (6,)"), "the header"),
        (with_header("{'descr': '<f9', 'fortran_order': False, 'shape': (2, 3)}"), "f9"),
        (with_header("{'descr': '|O', 'fortran_order': False, 'shape': (3,)}"), "pickled"),
        (with_header("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (6,)}"), "named"),
        (with_header(HEAD % "(2, 3)", version=9), "version 9"),
        (with_header("{'descr': '<U1', 'fortran_order': False, 'shape': (6,)}"), "text that is"),
    ],
)
def test_what_is_no_array_is_refused_by_its_name(tmp_path, content, said):
    if "U1" in repr(content):
        content = content[:-24] + b"\xff\xff\xff\x7f" * 6
    (tmp_path / "a.npy").write_bytes(content)
    with pytest.raises(DamagedFile, match=rf"a\.npy cannot be read(.|\n)*{said}"):
        open_npy(tmp_path / "a.npy")


def test_a_header_of_blanks_is_matched_at_once(tmp_path):
    gap = " " * 3000
    header = f"{{'descr': '<f4'{gap}'fortran_order': False{gap}'shape': (2, 3){gap}!"
    (tmp_path / "a.npy").write_bytes(with_header(header))
    started = time.monotonic()
    with pytest.raises(DamagedFile, match="the header"):
        open_npy(tmp_path / "a.npy")
    assert time.monotonic() - started < 20


def test_an_archive_may_not_unpack_to_more_than_its_size_explains(tmp_path, monkeypatch):
    path = tmp_path / "a.npz"
    np.savez_compressed(path, zeros=np.zeros(100_000), ones=np.ones(3))
    assert read_npz(path)["zeros"].sum() == 0
    monkeypatch.setattr(damage, "FLOOR", 500_000)
    with pytest.raises(DamagedFile, match="unpacks to more than 500000 bytes"):
        read_npz(path)


def test_an_archive_of_other_things(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("readme.txt", "nothing")
    with pytest.raises(DamagedFile, match=r"'readme\.txt', which is no array"):
        read_npz(tmp_path / "a.npz")
    buffer = io.BytesIO()
    np.save(buffer, VALUES)
    (tmp_path / "a.npz").write_bytes(buffer.getvalue())
    with pytest.raises(DamagedFile, match="not a readable archive"):
        read_npz(tmp_path / "a.npz")
