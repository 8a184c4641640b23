"""The walk through MATLAB's elements: what scipy could not survive never reaches it."""

import struct
import subprocess
import sys
import zlib

import numpy as np
import pytest
from scipy.io import loadmat, savemat
from scipy.sparse import csc_matrix

from benchmark_kit.containers.damage import DamagedFile
from benchmark_kit.containers.mat5 import load_classic

HEADER = b"MATLAB 5.0 MAT-file".ljust(124) + b"\x00\x01IM"


def element(kind, content):
    return struct.pack("<II", kind, len(content)) + content + bytes(-len(content) % 8)


def array(held, shape, *content, name=b"x", flags=0):
    head = element(6, struct.pack("<II", held | flags, 0))
    dimensions = element(5, struct.pack(f"<{len(shape)}i", *shape))
    return element(14, head + dimensions + element(1, name) + b"".join(content))


def doubles(count):
    return element(9, np.arange(count, dtype="<f8").tobytes())


def load(tmp_path, *variables, **options):
    (tmp_path / "x.mat").write_bytes(HEADER + b"".join(variables))
    return load_classic(tmp_path / "x.mat", **options)


@pytest.mark.filterwarnings("ignore:.*default value for `spmatrix`")  # scipy 1.18 and later
def test_a_file_of_all_kinds_of_values_is_read_as_scipy_reads_it(tmp_path):
    cell = np.empty((2, 2), dtype=object)
    cell[0, 0], cell[1, 0] = np.eye(3, dtype=np.uint8), "hello"
    cell[0, 1], cell[1, 1] = np.empty((0, 0)), csc_matrix(np.eye(4))
    struct_ = np.zeros((1, 2), dtype=[("name", object), ("fix", object)])
    for k, name in enumerate(("änn", "bob")):
        struct_["name"][0, k], struct_["fix"][0, k] = name, np.ones((2, 2)) * 1j
    values = {"cell": cell, "gaze": struct_, "b": np.ones((2, 3), bool), "n": np.arange(3.0)}
    for format_, packed in (("5", False), ("5", True), ("4", False)):
        kept = values if format_ == "5" else {"n": values["n"], "s": csc_matrix(np.eye(3))}
        savemat(tmp_path / "x.mat", kept, format=format_, do_compression=packed)
        found, wanted = load_classic(tmp_path / "x.mat"), loadmat(tmp_path / "x.mat")
        assert {name: repr(value) for name, value in found.items()} == {
            name: repr(value) for name, value in wanted.items() if not name.startswith("__")
        }


@pytest.mark.parametrize(
    ("variable", "said"),
    [
        (array(6, (2, 3), doubles(5)), "40 bytes of type 9 for 6 values"),
        (array(6, (2, 3), element(200, bytes(48))), "48 bytes of type 200 for 6 values"),
        (array(6, (-2, -3), doubles(6)), "dimensions"),
        (array(6, (2**31 - 1, 2**31 - 1), doubles(6)), "48 bytes of type 9"),
        (array(6, (6,), doubles(6)), "without its dimensions"),
        (array(6, (1,) * 40, doubles(1)), "without its dimensions"),
        (array(99, (1, 1), doubles(1)), "unknown class 99"),
        (array(1, (1000, 1000)), "1000000 arrays in 0 bytes"),
        (array(4, (1, 9), element(4, bytes(6))), "6 bytes of type 4 for 9 letters"),
        (array(2, (1, 1), element(5, b"\0\0\0\0"), element(1, b"ab")), "names of its fields"),
        (element(14, element(6, bytes(8)))[:-4], "bytes at byte 128"),
        (element(7, b""), "an element of type 7"),
        (element(15, b"no zlib stream"), "incorrect header check"),
        (element(15, zlib.compress(struct.pack("<II", 14, 2**31))), "promises 2147483648 bytes"),
        (element(15, zlib.compress(array(6, (1, 1), doubles(1)))[:-2]), "end where it says"),
    ],
)
def test_elements_that_do_not_add_up_are_refused(tmp_path, variable, said):
    with pytest.raises(DamagedFile, match=said):
        load(tmp_path, variable)


def sparse(rows, starts, count=3):
    indices = [element(5, np.array(each, "<i4").tobytes()) for each in (rows, starts)]
    return array(5, (3, 3), *indices, doubles(count))


def test_sparse_indices_stay_inside(tmp_path):
    good = load(tmp_path, sparse([0, 1, 2], [0, 1, 2, 3]))["x"]
    np.testing.assert_array_equal(good.toarray(), np.diag([0.0, 1, 2]))
    for rows, starts in (
        ([0, 1, 3], [0, 1, 2, 3]),
        ([0, -1, 2], [0, 1, 2, 3]),
        ([0, 1, 2], [0, 1, 2, 4]),
        ([0, 1, 2], [0, 2, 1, 3]),
        ([0, 1, 2], [1, 1, 2, 3]),
        ([0, 1, 2], [0, 1, 3]),
    ):
        with pytest.raises(DamagedFile, match="indices outside of it"):
            load(tmp_path, sparse(rows, starts))
    with pytest.raises(DamagedFile, match="3 values without them"):
        load(tmp_path, sparse([0, 1, 2], [0, 1, 2, 3], count=2))


def test_nesting_ends(tmp_path):
    variable = array(6, (1, 1), doubles(1), name=b"")
    for _ in range(20):
        variable = array(1, (1, 1), variable, name=b"")
    with pytest.raises(DamagedFile, match="nested more than 16 deep"):
        load(tmp_path, variable)


def test_what_a_file_unpacks_to_is_limited_by_what_is_wanted(tmp_path):
    savemat(tmp_path / "x.mat", {"x": np.zeros((500, 500))}, do_compression=True)
    assert (tmp_path / "x.mat").stat().st_size < 5000
    assert load_classic(tmp_path / "x.mat")["x"].shape == (500, 500)
    with pytest.raises(DamagedFile, match="promises 2000048 bytes, at most 100000"):
        load_classic(tmp_path / "x.mat", 100_000)


@pytest.mark.parametrize("place", range(0, 60, 4))
def test_version_4_headers(tmp_path, place):
    savemat(tmp_path / "x.mat", {"a": np.eye(2), "b": np.eye(2)}, format="4")
    content = bytearray((tmp_path / "x.mat").read_bytes())
    content[place : place + 4] = b"\xff\xff\xff\x7f"
    (tmp_path / "x.mat").write_bytes(content)
    if 20 <= place < 54:
        return  # values and the next name: any bytes will do
    with pytest.raises(DamagedFile):
        load_classic(tmp_path / "x.mat")


def test_a_wrong_type_of_a_nested_element_ends_in_an_error_not_the_interpreter(tmp_path):
    inner = array(6, (1, 1), element(30_000, bytes(8)), name=b"")
    (tmp_path / "x.mat").write_bytes(HEADER + array(1, (1, 1), inner))
    code = (
        "import sys; from pathlib import Path\n"
        "from benchmark_kit.containers.mat5 import load_classic\n"
        "load_classic(Path(sys.argv[1]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "x.mat"], capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "x.mat cannot be read" in done.stderr
