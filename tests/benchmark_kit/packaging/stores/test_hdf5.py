"""The HDF5 file: keys, type, filters, and bytes that repeat."""

import time

import h5py
import numpy as np
import pytest

from benchmark_kit.packaging.stores import get_store
from benchmark_kit.packaging.stores.hdf5 import write_hdf5
from benchmark_kit.packaging.stores.store import encode_map

MAPS = {f"{folder}/{k:03d}.jpg": np.random.default_rng(k).random((20 + k, 31)) - 5
        for folder in ("Action", "Satelite") for k in (2, 4)}  # fmt: skip


def write(path):
    return write_hdf5(
        path, [encode_map(key[:-4], key, m, get_store("hdf5")) for key, m in MAPS.items()]
    )


def test_every_key_holds_its_map_as_float32_with_gzip_and_shuffle(tmp_path):
    digests = write(tmp_path / "a.hdf5")
    assert list(digests) == list(MAPS)
    with h5py.File(tmp_path / "a.hdf5") as file:
        assert sorted(file) == ["Action", "Satelite"]
        for key, values in MAPS.items():
            dataset = file[key]
            assert dataset.dtype == np.dtype("<f4")
            assert (dataset[()] == values.astype(np.float32)).all()
            assert (dataset.compression, dataset.compression_opts) == ("gzip", 4)
            assert dataset.shuffle
            assert len(dataset.attrs) == 0
            assert isinstance(file.get(key, getlink=True), h5py.HardLink)


def test_the_bytes_do_not_depend_on_time(tmp_path):
    write(tmp_path / "a.hdf5")
    time.sleep(1.1)
    write(tmp_path / "b.hdf5")
    assert (tmp_path / "a.hdf5").read_bytes() == (tmp_path / "b.hdf5").read_bytes()


def test_smooth_densities_shrink(tmp_path):
    y, x = np.indices((240, 320))
    logs = -((y - 120.0) ** 2 + (x - 160.0) ** 2) / 5000
    write_hdf5(tmp_path / "a.h5", [encode_map("a", "a.jpg", logs, get_store("hdf5"))])
    assert (tmp_path / "a.h5").stat().st_size < 0.75 * 4 * logs.size


def test_maps_are_taken_one_at_a_time(tmp_path):
    def stream():
        yield encode_map("a", "a.jpg", np.eye(4), get_store("hdf5"))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_hdf5(tmp_path / "a.h5", stream())
    with h5py.File(tmp_path / "a.h5") as file:  # the first was written before the second was asked
        assert list(file) == ["a.jpg"]
