"""A finished file is believed only when it gives back what was encoded."""

import zipfile
from dataclasses import replace

import h5py
import numpy as np
import pytest

from benchmark_kit.errors import InputError
from benchmark_kit.packaging.readback import largest_error, read_back
from benchmark_kit.packaging.stores import get_store
from benchmark_kit.packaging.stores._archive import write_archive
from benchmark_kit.packaging.stores.store import encode_map


@pytest.fixture
def written(stand_in, tmp_path):
    """A board's maps in one store, and what was encoded."""

    def write(store, board="mit300"):
        stand = stand_in(board)
        suffix = {"hdf5": ".jpg", "mat73": ""}.get(store, ".png")
        proofs = [
            encode_map(name, f"{k:03d}" if store == "mat73" else name + suffix,
                       stand.maps[name] / 9.0, get_store(store))
            for k, name in enumerate(stand.names)
        ]  # fmt: skip
        path = tmp_path / {"hdf5": "a.hdf5", "mat73": "a.mat"}.get(store, "a.zip")
        writer = get_store(store).write
        writer(path, proofs)
        return stand, path, proofs

    return write


def check(stand, path, proofs, store, **options):
    read_back(path, stand.board, "maps", store, proofs, workers=1, **options)


def refused(*arguments):
    with pytest.raises(InputError) as error:
        check(*arguments)
    assert {problem.code for problem in error.value.problems} == {"E505"}
    return error.value.problems


@pytest.mark.parametrize(
    ("store", "board"), [("png8", "mit300"), ("png16", "mit300"), ("hdf5", "cat2000")]
)
def test_an_honest_file_passes(written, store, board):
    seen = []
    stand, path, proofs = written(store, board)
    check(stand, path, proofs, store, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(k, 4) for k in range(1, 5)]


def test_matlab_cells_are_read_in_the_maps_order(written):
    stand, path, proofs = written("mat73", "lsun")
    check(stand, path, proofs, "mat73")
    problems = refused(stand, path, [proofs[1], proofs[0], proofs[2]], "mat73")
    assert problems[0].where == ("sun_a", "sun_b")


def test_swapped_maps_are_found(written):
    stand, path, proofs = written("png8")
    first, second = proofs[0], proofs[1]
    write_archive(path, [replace(first, data=second.data), replace(second, data=first.data),
                         *proofs[2:]])  # fmt: skip
    problems = refused(stand, path, proofs, "png8")
    assert problems[0].where == ("i1", "i2")


def test_one_changed_pixel_is_found(written):
    stand, path, proofs = written("hdf5", "cat2000")
    with h5py.File(path, "r+") as file:
        file["Action/002.jpg"][3, 4] = np.nextafter(file["Action/002.jpg"][3, 4], 2)
    assert refused(stand, path, proofs, "hdf5")[0].where == ("Action/002",)


def test_missing_and_extra_members_are_found(written):
    stand, path, proofs = written("png8")
    write_archive(path, proofs[1:])
    assert refused(stand, path, proofs, "png8")[0].where == ("i1",)
    write_archive(path, proofs)
    assert refused(stand, path, proofs[1:], "png8")[0].where == ("i1.png",)


def test_a_damaged_member_is_found(written):
    stand, path, proofs = written("png8")
    with zipfile.ZipFile(path) as archive:
        place = archive.getinfo("i2.png").header_offset + 90
    data = bytearray(path.read_bytes())
    data[place] ^= 255
    path.write_bytes(data)
    assert refused(stand, path, proofs, "png8")[0].where == ("i2",)


def test_an_error_beyond_rounding_is_refused(written):
    stand, path, proofs = written("png8")
    assert max(one.error for one in proofs) <= 1
    far = [replace(proofs[0], error=1.01), *proofs[1:]]
    assert "i1 (1.01, allowed 1)" in refused(stand, path, far, "png8")[0].where


def test_the_largest_error_names_its_image_and_unit(written):
    _, _, proofs = written("png8")
    worst = largest_error([replace(one, error=0.1 * k) for k, one in enumerate(proofs)])
    assert worst == {"image": "i12", "value": 0.3, "unit": "uint8 levels"}
    floats = encode_map("a", "a", np.array([[0.1, 1.0]]), get_store("npy"))
    assert largest_error([floats])["unit"] == "of the largest value"
