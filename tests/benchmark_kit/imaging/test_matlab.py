"""MATLAB files: version 4 to 7.3 give the same values; damaged and hostile ones are refused."""

import h5py
import numpy as np
import pytest
from scipy.io import savemat
from scipy.sparse import csc_matrix

from benchmark_kit.imaging import matlab

HEADER = b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM"
TABLE = np.array([[1.5, 2.0, 3.0], [4.0, 5.0, 6.25]])


class Mat73:
    """A MATLAB 7.3 file: arrays transposed, cells and struct fields as references."""

    def __init__(self, path):
        self.file = h5py.File(path, "w", userblock_size=512)
        self.path, self.count = path, 0

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.file.close()
        with open(self.path, "r+b") as file:
            file.write(HEADER)

    def array(self, name, value, kind="double"):
        value = np.asarray(value)
        if value.size:
            node = self.file.create_dataset(name, data=value.T)
        else:
            node = self.file.create_dataset(name, data=np.array(value.shape, np.uint64))
            node.attrs["MATLAB_empty"] = np.uint8(1)
        node.attrs["MATLAB_class"] = np.bytes_(kind)
        return node

    def hidden(self, value, kind="double"):
        """A value that only a reference leads to."""
        self.count += 1
        return self.array(f"#refs#/{self.count}", value, kind).ref

    def references(self, name, references, kind=None):
        table = np.empty(np.shape(references), dtype=h5py.ref_dtype)
        table[...] = references
        node = self.file.create_dataset(name, data=table.T, dtype=h5py.ref_dtype)
        if kind:
            node.attrs["MATLAB_class"] = np.bytes_(kind)
        return node


def characters(text):
    return np.array([[ord(letter) for letter in text]], dtype=np.uint16)


def mat73(path, values):
    with Mat73(path) as file:
        for name, value in values.items():
            file.array(name, value)


WRITERS = {
    "4": lambda path, values: savemat(path, values, format="4"),
    "5": savemat,
    "7": lambda path, values: savemat(path, values, do_compression=True),
    "7.3": mat73,
}


@pytest.mark.parametrize("version", WRITERS)
def test_arrays_have_matlabs_shape_in_every_version(tmp_path, version):
    values = {"table": TABLE, "row": TABLE[:1], "one": TABLE[:1, :1], "column": TABLE[:, :1]}
    WRITERS[version](tmp_path / "x.mat", values)
    assert matlab.is_hdf5(tmp_path / "x.mat") == (version == "7.3")
    loaded = matlab.load_mat(tmp_path / "x.mat")
    assert set(loaded) == set(values)
    for name, value in values.items():
        np.testing.assert_array_equal(loaded[name], value, strict=True)


def test_cells_structs_and_text_are_alike_in_5_and_7_3(tmp_path):
    inner = np.empty((1, 2), dtype=[("name", object), ("fix", object)])
    inner["name"][0, 0], inner["name"][0, 1] = "ann", "bob"
    inner["fix"][0, 0], inner["fix"][0, 1] = TABLE, np.empty((0, 0))
    cell = np.empty((2, 1), dtype=object)
    cell[0, 0], cell[1, 0] = TABLE[:1], "hello"
    one = {"img": "1001.jpg", "size": np.array([[480.0, 640.0]])}
    savemat(tmp_path / "5.mat", {"gaze": inner, "cell": cell, "one": one})
    with Mat73(tmp_path / "73.mat") as file:
        names = [[file.hidden(characters(name), "char") for name in ("ann", "bob")]]
        tables = [[file.hidden(TABLE), file.hidden(np.empty((0, 0)))]]
        file.references("gaze/name", names)
        file.references("gaze/fix", tables)
        content = [[file.hidden(TABLE[:1])], [file.hidden(characters("hello"), "char")]]
        file.references("cell", content, "cell")
        file.array("one/img", characters("1001.jpg"), "char")
        file.array("one/size", [[480.0, 640.0]])
    for name in ("5.mat", "73.mat"):
        loaded = matlab.load_mat(tmp_path / name)
        ann, bob = matlab.items(loaded["gaze"])
        assert [matlab.text(matlab.field(who, "name")) for who in (ann, bob)] == ["ann", "bob"]
        np.testing.assert_array_equal(matlab.points(matlab.field(ann, "fix")), TABLE)
        assert matlab.points(matlab.field(bob, "fix")).shape == (0, 2)
        assert loaded["cell"].shape == (2, 1)
        first, second = matlab.items(loaded["cell"])
        np.testing.assert_array_equal(first, TABLE[:1])
        assert matlab.text(second) == "hello"
        assert matlab.text(matlab.field(loaded["one"], "img")) == "1001.jpg"
        assert matlab.numbers(matlab.field(loaded["one"], "size")).tolist() == [[480, 640]]


@pytest.mark.parametrize("kind", [np.uint8, np.int16, np.uint16, np.float32, np.bool_])
def test_numbers_are_float64_so_that_subtracting_1_never_wraps(kind):
    found = matlab.numbers(np.array([[0, 1]], dtype=kind)) - 1
    np.testing.assert_array_equal(found, np.array([[-1.0, 0.0]]), strict=True)


def test_a_single_point_stays_a_table_and_nothing_is_squeezed(tmp_path):
    savemat(tmp_path / "x.mat", {"fixations": np.array([[7, 8]], dtype=np.uint8)})
    found = matlab.points(matlab.load_variable(tmp_path / "x.mat", "fixations"))
    np.testing.assert_array_equal(found, np.array([[7.0, 8.0]]), strict=True)


@pytest.mark.parametrize("empty", [np.empty((0, 0)), np.empty((0, 2)), np.empty((1, 0))])
def test_an_empty_table_has_its_columns(empty):
    assert matlab.points(empty, 3).shape == (0, 3)


@pytest.mark.parametrize("value", [np.ones((4, 1)), np.ones(4), np.ones((2, 2, 2))])
def test_another_shape_is_no_table_of_points(value):
    with pytest.raises(matlab.MatFileError, match="a table of 2 columns expected, found shape"):
        matlab.points(value)


def test_sparse_values_become_dense(tmp_path):
    savemat(tmp_path / "x.mat", {"map": csc_matrix(TABLE)})
    found = matlab.stored_numbers(matlab.load_variable(tmp_path / "x.mat", "map"))
    np.testing.assert_array_equal(found, TABLE)


def test_items_follow_matlabs_order_column_by_column():
    cell = np.array([["a", "b"], ["c", "d"]], dtype=object)
    assert matlab.items(cell) == ["a", "c", "b", "d"]
    assert matlab.items(np.empty((0, 0))) == []


@pytest.mark.parametrize(
    ("read", "value", "said"),
    [
        (matlab.numbers, np.array(["text"]), "numbers expected, found text"),
        (matlab.numbers, np.array([[1j]]), "numbers expected, found complex numbers"),
        (matlab.numbers, np.empty((2, 1), object), "numbers expected, found a cell of shape"),
        (matlab.numbers, np.zeros((1, 1), [("x", object)]), "found a struct with the fields x"),
        (matlab.text, np.ones((1, 1)), "text expected, found numbers of shape"),
        (matlab.items, np.ones((3, 3)), "a cell or struct expected, found numbers of shape"),
        (lambda v: matlab.field(v, "y"), np.zeros((1, 1), [("x", object)]), "the field 'y'"),
        (lambda v: matlab.field(v, "x"), np.zeros((2, 1), [("x", object)]), "found 2"),
        (lambda v: matlab.field(v, "x"), np.ones((1, 1)), "found numbers of shape"),
    ],
)
def test_a_value_of_another_kind_is_told_in_words(read, value, said):
    with pytest.raises(matlab.MatFileError, match=said):
        read(value)


def test_a_missing_variable_is_answered_with_those_there_are(tmp_path):
    savemat(tmp_path / "x.mat", {"b": 1, "a": 2})
    with pytest.raises(matlab.MatFileError, match="no variable 's' in it; variables found: a, b"):
        matlab.load_variable(tmp_path / "x.mat", "s")


@pytest.mark.parametrize("content", [b"", b"text", b"\x00" * 200, HEADER])
def test_what_is_no_matlab_file_is_refused(tmp_path, content):
    (tmp_path / "x.mat").write_bytes(content)
    with pytest.raises(matlab.MatFileError, match="not a readable MATLAB file"):
        matlab.load_mat(tmp_path / "x.mat")
    with pytest.raises(matlab.MatFileError, match="cannot be opened"):
        matlab.load_mat(tmp_path / "absent.mat")


@pytest.mark.parametrize("version", ["5", "7", "7.3"])
def test_every_cut_of_a_file_is_refused_or_read_whole(tmp_path, version):
    path = tmp_path / "x.mat"
    WRITERS[version](path, {"table": TABLE})
    content = path.read_bytes()
    for length in range(0, len(content), max(1, len(content) // 60)):
        path.write_bytes(content[:length])
        try:
            loaded = matlab.load_mat(path)
        except matlab.MatFileError:
            continue
        assert loaded == {} or np.array_equal(loaded["table"], TABLE)


def soft(file, elsewhere):
    file["x"] = h5py.SoftLink("/#refs#/1")


def outside(file, elsewhere):
    file["x"] = h5py.ExternalLink(str(elsewhere), "/secret")


def raw(file, elsewhere):
    file.create_dataset("x", (4,), "u1", external=[(str(elsewhere), 0, 4)])


def virtual(file, elsewhere):
    layout = h5py.VirtualLayout((2, 3), "f8")
    layout[...] = h5py.VirtualSource(str(elsewhere), "secret", (2, 3))
    file.create_virtual_dataset("x", layout)


@pytest.mark.parametrize("link", [soft, outside, raw, virtual])
def test_links_to_other_places_are_never_followed(tmp_path, link):
    with h5py.File(tmp_path / "secret.h5", "w") as file:
        file["secret"] = TABLE
    with h5py.File(tmp_path / "x.mat", "w") as file:
        file["#refs#/1"] = TABLE
        link(file, tmp_path / "secret.h5")
    with pytest.raises(matlab.MatFileError, match=r"not followed|not opened"):
        matlab.load_mat(tmp_path / "x.mat")


def test_cells_that_hold_themselves_do_not_end_in_a_loop(tmp_path):
    with Mat73(tmp_path / "x.mat") as file:
        node = file.references("loop", [[h5py.Reference()]], "cell")
        node[0, 0] = node.ref
    with pytest.raises(matlab.MatFileError, match="nested more than 16 deep"):
        matlab.load_mat(tmp_path / "x.mat")


def test_a_header_that_promises_too_much_is_refused_before_reading(tmp_path):
    with h5py.File(tmp_path / "x.mat", "w") as file:
        file.create_dataset("x", (2**16, 2**16), "f8", chunks=(1, 2**10), compression="gzip")
    with pytest.raises(matlab.MatFileError, match="an array of 4294967296 values"):
        matlab.load_mat(tmp_path / "x.mat")


def test_text_in_an_hdf5_file_of_other_makers_is_refused_in_words(tmp_path):
    with h5py.File(tmp_path / "x.mat", "w") as file:
        file["names"] = ["a", "b"]
    with pytest.raises(matlab.MatFileError, match=r"not laid out as MATLAB 7\.3 does"):
        matlab.load_mat(tmp_path / "x.mat")


def test_references_that_lead_to_more_than_the_file_can_hold(tmp_path):
    with Mat73(tmp_path / "x.mat") as file:
        one = file.hidden(TABLE)
        many = np.empty((100, 1), dtype=h5py.ref_dtype)
        many[...] = one
        inner = file.references("#refs#/inner", many, "cell").ref
        many[...] = inner
        file.references("cell", many, "cell")
    with pytest.raises(matlab.MatFileError, match="more arrays than a file of this size can hold"):
        matlab.load_mat(tmp_path / "x.mat")


def test_a_huge_sparse_array_is_not_written_out(tmp_path):
    savemat(tmp_path / "x.mat", {"map": csc_matrix(([1.0], ([0], [0])), shape=(10**5, 10**5))})
    with pytest.raises(matlab.MatFileError, match="a sparse array of 100000 x 100000 values"):
        matlab.stored_numbers(matlab.load_variable(tmp_path / "x.mat", "map"))
