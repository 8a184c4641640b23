"""The `.mat` of LSUN: header, cell, transposed maps, order."""

import time

import h5py
import numpy as np

from benchmark_kit.imaging import matlab
from benchmark_kit.packaging.stores import get_store
from benchmark_kit.packaging.stores.mat73 import write_mat73
from benchmark_kit.packaging.stores.store import encode_map, stored_array

MAPS = [np.random.default_rng(k).random((11 + k, 17)) for k in range(3)]


def write(path):
    return write_mat73(path, (encode_map(f"{k}", f"{k:05d}", m, get_store("mat73"))
                              for k, m in enumerate(MAPS)))  # fmt: skip


def test_the_header_is_matlabs(tmp_path):
    write(tmp_path / "a.mat")
    head = (tmp_path / "a.mat").read_bytes()[:512]
    assert head.startswith(b"MATLAB 7.3 MAT-file")
    assert head[124:128] == b"\x00\x02\x49\x4d"
    assert set(head[128:]) == {0}


def test_results_is_a_cell_of_n_by_1_in_the_maps_order(tmp_path):
    write(tmp_path / "a.mat")
    with h5py.File(tmp_path / "a.mat") as file:
        results = file["results"]
        assert results.shape == (1, 3)
        assert results.attrs["MATLAB_class"] == b"cell"
        for k, values in enumerate(MAPS):
            stored = file[results[0, k]]
            assert stored.attrs["MATLAB_class"] == b"uint8"
            assert stored.dtype == np.uint8
            assert (stored_array(values, get_store("mat73")) == stored[()].T).all()


def test_the_kits_reader_gives_the_maps(tmp_path):
    write(tmp_path / "a.mat")
    cells = matlab.items(matlab.load_mat(tmp_path / "a.mat")["results"])
    for cell, values in zip(cells, MAPS, strict=True):
        assert (np.asarray(cell) == stored_array(values, get_store("mat73"))).all()


def test_the_bytes_do_not_depend_on_time(tmp_path):
    write(tmp_path / "a.mat")
    time.sleep(1.1)
    write(tmp_path / "b.mat")
    assert (tmp_path / "a.mat").read_bytes() == (tmp_path / "b.mat").read_bytes()
