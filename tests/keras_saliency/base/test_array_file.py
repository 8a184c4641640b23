"""Files of estimators: plain arrays, whole or not at all, nothing executed."""

import numpy as np
import pytest

from benchmark_kit.errors import ConfigError, InputError, RunFailed
from keras_saliency.base.array_file import read_arrays, write_arrays


def test_arrays_come_back_and_nothing_is_left_beside(tmp_path):
    arrays = {"a": np.arange(3.0), "text": np.array("words")}
    for _ in range(2):  # the second replaces the first
        write_arrays(tmp_path / "x.npz", arrays)
    assert [path.name for path in tmp_path.iterdir()] == ["x.npz"]
    found = read_arrays(tmp_path / "x.npz", ("a", "text"))
    np.testing.assert_array_equal(found["a"], arrays["a"])
    assert str(found["text"]) == "words"


def test_what_cannot_be_written_or_read_is_said(tmp_path):
    with pytest.raises(RunFailed, match="cannot write"):
        write_arrays(tmp_path / "no folder" / "x.npz", {"a": np.zeros(1)})
    with pytest.raises(ConfigError, match="there is no file"):
        read_arrays(tmp_path / "x.npz", ("a",))
    write_arrays(tmp_path / "x.npz", {"a": np.zeros(1)})
    with pytest.raises(InputError, match="lacks b, c; expected a, b, c"):
        read_arrays(tmp_path / "x.npz", ("a", "b", "c"))
    assert set(read_arrays(tmp_path / "x.npz")) == {"a"}
    whole = (tmp_path / "x.npz").read_bytes()
    (tmp_path / "x.npz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match=r"no \.npz archive"):
        read_arrays(tmp_path / "x.npz", ("a",))
    np.save(tmp_path / "x.npy", np.zeros(3))
    with pytest.raises(InputError, match=r"no \.npz archive"):
        read_arrays(tmp_path / "x.npy", ("a",))


def test_pickled_objects_are_refused(tmp_path):
    np.savez(tmp_path / "x.npz", a=np.array([{"code": 1}], dtype=object))
    with pytest.raises(InputError, match="plain arrays"):
        read_arrays(tmp_path / "x.npz", ("a",))
