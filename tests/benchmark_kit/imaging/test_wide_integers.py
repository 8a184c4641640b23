"""Integers that no float holds are refused, wherever maps come from; the others are exact."""

import h5py
import numpy as np
import pytest

from benchmark_kit.imaging.images import DecodeError, read_map
from benchmark_kit.maps.sources import open_maps
from benchmark_kit.metrics import auc, cc

SMALL = np.arange(12).reshape(3, 4)
POINTS = np.array([[0.0, 0.0], [3.0, 2.0]])
WIDE = {
    "uint64": SMALL.astype(np.uint64) + np.uint64(2**63),
    "int64": SMALL.astype(np.int64) - 2**62,
    "one": np.where(SMALL == 5, 2**53 + 1, SMALL),
}


@pytest.mark.parametrize("kind", WIDE)
def test_they_are_refused(tmp_path, kind):
    np.save(tmp_path / "a.npy", WIDE[kind])
    with h5py.File(tmp_path / "m.h5", "w") as file:
        file["a"] = WIDE[kind]
    ((_, stored),) = open_maps(tmp_path / "m.h5").entries
    for read in (lambda: read_map(tmp_path / "a.npy"), lambda: stored.read(100)):
        with pytest.raises(DecodeError, match=r"integers beyond 2\*\*53") as caught:
            read()
        assert caught.value.code == "E303"
    for score in (
        lambda: auc(WIDE[kind], POINTS),
        lambda: cc(WIDE[kind], SMALL / 66, constant=0),
    ):
        with pytest.raises(ValueError, match=r"integers beyond 2\*\*53.*Fix: subtract"):
            score()


@pytest.mark.parametrize("dtype", [np.int64, np.uint64, np.int32, np.uint32])
def test_the_others_are_exact(tmp_path, dtype):
    high = min(np.iinfo(dtype).max, 2**53)
    values = (high - SMALL).astype(dtype)
    np.save(tmp_path / "a.npy", values)
    assert (read_map(tmp_path / "a.npy").astype(dtype) == values).all()
    assert auc(values, POINTS) == auc(11.0 - SMALL, POINTS)
