"""Batches of maps: precision, channels, and the kit's prepared form."""

import numpy as np
import pytest
from keras import backend, ops

from benchmark_kit.prepared.forms import prepare
from keras_saliency.ops.batch_maps import BatchMap, check_sizes, planes, wide


@pytest.mark.parametrize("dtype", ["uint8", "float16", "bfloat16", "float32"])
def test_everything_narrow_becomes_float32(dtype):
    found = wide(ops.cast(np.array([0.0, 1.0]), dtype))
    assert backend.standardize_dtype(found.dtype) == "float32"


def test_planes_are_the_channels():
    maps = np.arange(12, dtype=np.float32).reshape(1, 2, 3, 2)
    first, second = planes(maps, "y_true", 1, 2)
    np.testing.assert_array_equal(first, maps[..., 0])
    np.testing.assert_array_equal(second, maps[..., 1])
    (alone,) = planes(maps[..., 0], "y_true", 1)
    np.testing.assert_array_equal(alone, maps[..., 0])


@pytest.mark.parametrize("shape", [(2, 3), (1, 2, 3, 3), (1, 1, 2, 3, 1)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(ValueError, match=r"y_true must have the shape .*, 1\) or .*, 2\); found"):
        planes(np.zeros(shape), "y_true", 1, 2)


def test_only_rows_and_columns_must_agree():
    check_sizes(np.zeros((1, 4, 5)), np.zeros((3, 4, 5)))
    with pytest.raises(ValueError, match=r"size of y_pred, \(4, 6\); found \(4, 5\)"):
        check_sizes(np.zeros((1, 4, 5)), np.zeros((1, 4, 6)))


def test_statistics_are_the_kits():
    maps = np.random.default_rng(0).random((3, 5, 7)).astype(np.float32)
    batch = BatchMap(ops.convert_to_tensor(maps))
    for name in ("flat", "low", "high", "total", "mean", "deviations", "squares"):
        expected = np.stack([np.broadcast_to(getattr(prepare(m), name), (35,)) for m in maps])
        found = np.broadcast_to(np.asarray(getattr(batch, name)), (3, 35))
        np.testing.assert_allclose(found, expected, rtol=2e-6, atol=2e-6, err_msg=name)
    assert batch.n == 35
    assert not np.asarray(batch.constant).any()


def test_the_spread_of_a_constant_map_can_be_divided_by():
    maps = np.stack([np.full((4, 4), 0.37), np.eye(4)]).astype(np.float32)
    batch = BatchMap(ops.convert_to_tensor(maps))
    np.testing.assert_array_equal(batch.constant, [True, False])
    np.testing.assert_allclose(np.asarray(batch.squares)[:, 0], [1, 3])
