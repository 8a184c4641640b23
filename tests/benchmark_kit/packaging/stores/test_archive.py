"""The zip holds its members and nothing else, and the same maps give the same bytes."""

import hashlib
import time
import zipfile

import numpy as np

from benchmark_kit.packaging.stores import get_store
from benchmark_kit.packaging.stores._archive import write_archive
from benchmark_kit.packaging.stores.store import encode_map


def encoded(names):
    rng = np.random.default_rng(0)
    return [encode_map(n, f"{n}.png", rng.random((8, 9)), get_store("png8")) for n in names]


def test_members_are_stored_in_order_without_directories(tmp_path):
    maps = encoded(["Action/002", "Action/004", "Art/002"])
    digests = write_archive(tmp_path / "a.zip", maps)
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        infos = archive.infolist()
        assert [i.filename for i in infos] == ["Action/002.png", "Action/004.png", "Art/002.png"]
        assert {i.compress_type for i in infos} == {zipfile.ZIP_STORED}
        assert {i.date_time for i in infos} == {(1980, 1, 1, 0, 0, 0)}
        for one in maps:
            assert archive.read(one.member) == one.data
            assert digests[one.member] == hashlib.sha256(one.data).hexdigest()
        assert archive.testzip() is None


def test_the_bytes_do_not_depend_on_time(tmp_path):
    write_archive(tmp_path / "a.zip", encoded(["i1", "i2"]))
    time.sleep(2.1)  # a zip counts in steps of two seconds
    write_archive(tmp_path / "b.zip", encoded(["i1", "i2"]))
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
