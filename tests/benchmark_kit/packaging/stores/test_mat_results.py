"""The cell array of LSUN 2015, old and new MATLAB files."""

import h5py
import numpy as np
import pytest
from scipy.io import savemat

from benchmark_kit.packaging.submission import open_submission


def order_of(s):
    path = s.root / "list.txt"
    path.write_text("\n".join(s.names))
    return path


def cells(s, column=True):
    array = np.empty((len(s.names), 1), dtype=object)
    for k, name in enumerate(s.names):
        array[k, 0] = s.maps[name]
    return array if column else array.T


def version_73(s, maps=None, transpose=True, variable="results"):
    """The file as MATLAB lays it out: references to transposed arrays."""
    path = s.root / "model.mat"
    with h5py.File(path, "w", userblock_size=512) as file:
        references = []
        for k, array in enumerate(maps or [s.maps[name] for name in s.names]):
            stored = array.T if transpose else array
            one = file.create_dataset(f"#refs#/{k:04d}", data=stored)
            one.attrs["MATLAB_class"] = np.bytes_("uint8")
            references.append(one.ref)
        cell = file.create_dataset(variable, (1, len(references)), dtype=h5py.ref_dtype)
        cell[0, :] = references
        cell.attrs["MATLAB_class"] = np.bytes_("cell")
    return path


@pytest.mark.parametrize("kind", ["column", "row", "7.3"])
def test_maps_come_in_the_lists_order(stand_in, kind):
    s = stand_in("lsun")
    path = version_73(s) if kind == "7.3" else s.root / "model.mat"
    if kind != "7.3":
        savemat(path, {"results": cells(s, kind == "column")})
    submission = open_submission(path, s.board, order=s.names)
    assert submission.names == tuple(s.names)
    for name in s.names:
        np.testing.assert_array_equal(submission.load(name), s.maps[name])
        assert submission.inspect(name).size == s.sizes[name]
    report = s.check(path, list_file=order_of(s))
    assert report.problems == ()
    assert {problem.code for problem in report.warnings} == {"W501"}


def test_maps_that_are_not_transposed_in_the_file_come_out_transposed(stand_in):
    s = stand_in("lsun")
    report = s.check(version_73(s, transpose=False), list_file=order_of(s))
    assert {problem.code for problem in report.problems} == {"E201"}


def test_a_wrong_count_is_refused(stand_in):
    s = stand_in("lsun")
    path = version_73(s, [s.maps[name] for name in s.names[:2]])
    report = s.check(path, list_file=order_of(s))
    assert {problem.code for problem in report.problems} == {"E102", "E504"}
    assert "2 maps, and the image list has 3 names" in report.text()


def test_another_variable_is_refused(stand_in):
    s = stand_in("lsun")
    for path in (version_73(s, variable="maps"), s.root / "classic.mat"):
        if path.name == "classic.mat":
            savemat(path, {"maps": cells(s)})
        (problem,) = s.check(path, list_file=order_of(s)).problems
        assert problem.code == "E303"
        assert "maps" in problem.found


def test_an_array_instead_of_a_cell_is_refused(stand_in):
    s = stand_in("lsun")
    savemat(s.root / "model.mat", {"results": np.zeros((3, 4))})
    (problem,) = s.check(s.root / "model.mat", list_file=order_of(s)).problems
    assert "not a cell array" in problem.found


def test_three_dimensions_are_refused(stand_in):
    s = stand_in("lsun")
    maps = [s.maps[name] for name in s.names]
    maps[0] = np.dstack([maps[0], maps[0], 255 - maps[0]])
    report = s.check(version_73(s, maps), list_file=order_of(s))
    assert {problem.code for problem in report.problems} == {"E303"}


def test_without_a_list_nothing_is_checked(stand_in):
    s = stand_in("lsun")
    (problem,) = s.check(version_73(s)).problems
    assert problem.code == "E504"


def test_cells_outside_the_file_are_refused(stand_in):
    s = stand_in("lsun")
    path = version_73(s)
    with h5py.File(path, "a") as file:
        outside = file.create_dataset(
            "#refs#/outside", (60, 80), dtype="u1", external=[(str(s.root / "raw"), 0, 4800)]
        )
        file["results"][0, 1] = outside.ref
    (problem,) = s.check(path, list_file=order_of(s)).problems
    assert "no array of its own" in problem.found
