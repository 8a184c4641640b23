from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("keras")

from benchmark_kit.errors import InputError
from keras_saliency.base.colours import CAFFE, SIGNED, TORCH, UNIT
from keras_saliency.training.first_batch import describe_batch

NAMES = tuple("abcdef")


def network(colours=CAFFE):
    return SimpleNamespace(name="net", front=SimpleNamespace(colours=colours))


def batch(colours=CAFFE, swapped=False, count=6):
    """Dark pictures with one lively spot each, at which people look."""
    rng = np.random.default_rng(0)
    pictures = np.full((count, 60, 80, 3), 40.0, np.float32)
    maps = np.zeros((count, 30, 40, 1), np.float32)
    for picture, found in zip(pictures, maps, strict=True):
        y, x = rng.uniform(0.2, 0.8, 2)
        while abs(y - x) < 0.2:
            y, x = rng.uniform(0.2, 0.8, 2)
        row, column = int(60 * y), int(60 * x)
        spot = picture[row - 6 : row + 6, column - 6 : column + 6]
        spot[:] = rng.uniform(0, 255, spot.shape)
        seen = (x, y) if swapped else (y, x)
        row, column = int(30 * seen[0]), int(30 * seen[1])
        found[row - 3 : row + 3, column - 3 : column + 3] = 1
    pictures[:, 0, 0], pictures[:, 0, 1] = 0, 255
    return colours(pictures), maps


@pytest.mark.parametrize("colours", [CAFFE, SIGNED, TORCH, UNIT])
def test_a_good_batch_is_described_and_nothing_is_warned_of(colours):
    found = describe_batch(network(colours), *batch(colours), NAMES)
    assert found.warnings == ()
    head, inputs, targets = found.lines
    assert head.split()[:4] == ["shape", "least", "mean", "most"]
    assert inputs.split()[:2] == ["input", "6x60x80x3"]
    assert targets.split()[:3] == ["target", "map", "6x30x40x1"]
    assert targets.split()[-3:] == ["36", "97", "%"]


def test_every_channel_of_a_target_has_its_line():
    pictures, maps = batch()
    both = np.concatenate([maps, maps > 0], axis=-1)
    lines = describe_batch(network(), pictures, both, NAMES, ("density", "fixations")).lines
    assert [line.split()[1] for line in lines[2:]] == ["density", "fixations"]


def test_pictures_in_0_to_1_where_255_is_expected_are_told():
    pictures, maps = batch()
    (said,) = describe_batch(
        network(), CAFFE(np.zeros_like(pictures)) + pictures / 400, maps, NAMES
    ).warnings
    assert "0..1 where 0..255 is expected" in said


@pytest.mark.parametrize("colours", [SIGNED, TORCH, UNIT])
def test_pictures_in_0_to_255_where_units_are_expected_are_told(colours):
    raw = batch(lambda pictures: pictures)[0]
    (said,) = describe_batch(network(colours), raw, batch()[1], NAMES).warnings
    assert "are they 0..255, or not prepared" in said


def test_swapped_axes_are_told():
    (said,) = describe_batch(network(), *batch(swapped=True), NAMES).warnings
    assert "are the axes swapped" in said


def test_maps_of_few_cells_are_compared_on_them():
    pictures, maps = batch(swapped=True)
    coarse = maps.reshape(6, 6, 5, 8, 5, 1).mean(axis=(2, 4))
    (said,) = describe_batch(network(), pictures, coarse, NAMES).warnings
    assert "are the axes swapped" in said


def test_further_batches_make_sure():
    """Spots of 12 pixels and nothing else leave no doubt; photographs need more than a batch."""
    few = [batch(swapped=True, count=3)] * 3
    (said,) = describe_batch(network(), *few[0], NAMES, more=few[1:]).warnings
    assert "are the axes swapped" in said


def test_three_pictures_are_too_few_to_tell_swapped_axes():
    assert not describe_batch(network(), *batch(swapped=True, count=3), NAMES).warnings


def test_empty_targets_are_named():
    pictures, maps = batch()
    maps[2] = 0
    (said,) = describe_batch(network(), pictures, maps, NAMES).warnings
    assert "nothing at all in 1 of 6: c." in said


@pytest.mark.parametrize("where", [0, 1])
def test_values_that_are_not_finite_are_refused_by_name(where):
    parts = list(batch())
    parts[where] = parts[where].copy()
    parts[where][4, 0, 0, 0] = np.nan
    with pytest.raises(InputError, match=r"not finite: e\."):
        describe_batch(network(), *parts, NAMES)


def test_several_inputs_are_told_apart():
    pictures, maps = batch()
    inputs = {"picture": pictures, "centre_bias": np.zeros((6, 30, 40, 1), np.float32)}
    lines = describe_batch(network(), inputs, {"map": maps, "side": maps}, NAMES).lines
    assert [line.split("  ")[0] for line in lines[1:]] == [
        "input centre_bias",
        "input picture",
        "target map map",
        "target side map",
    ]
