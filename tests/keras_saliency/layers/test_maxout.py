import csv
import json

import numpy as np
import pytest

pytest.importorskip("keras")

from keras_saliency.layers.maxout import Maxout

FOUR = np.array([[1, 5, 2, 3]], dtype="float32")


@pytest.mark.parametrize(("pairing", "expected"), [("adjacent", [5, 3]), ("strided", [2, 5])])
def test_four_channels_in_two_units(pairing, expected):
    np.testing.assert_array_equal(np.asarray(Maxout(2, pairing=pairing)(FOUR))[0], expected)


@pytest.mark.parametrize("axis", [-1, 1, 2])
@pytest.mark.parametrize("pairing", ["adjacent", "strided"])
def test_agrees_with_a_loop_over_units_on_every_axis(axis, pairing):
    values = np.random.default_rng(0).normal(size=(2, 6, 6, 6)).astype("float32")
    moved = np.moveaxis(values, axis, -1)
    for units in (1, 2, 3, 6):
        k = 6 // units
        groups = [
            range(j * k, j * k + k) if pairing == "adjacent" else range(j, 6, units)
            for j in range(units)
        ]
        expected = np.stack([moved[..., list(g)].max(-1) for g in groups], -1)
        got = np.moveaxis(np.asarray(Maxout(units, axis, pairing)(values)), axis, -1)
        np.testing.assert_array_equal(got, expected)


def test_odd_biases_win_among_adjacent_pairs():
    # JuntingNet: a hidden layer of 0, 1, 2, ... becomes the odd numbers
    got = Maxout(4)(np.arange(8, dtype="float32")[None])
    np.testing.assert_array_equal(np.asarray(got)[0], [1, 3, 5, 7])


@pytest.mark.shared
def test_strided_reproduces_the_recorded_cases_of_tensorflow_addons(shared):
    folder = shared / "golden" / "tensorflow_addons"
    arrays = np.load(folder / "maxout.npz", allow_pickle=False)
    with open(folder / "index.csv", newline="") as file:
        rows = [r for r in csv.DictReader(file) if r["function"] == "maxout"]
    assert rows
    for row in rows:
        layer = Maxout(**json.loads(row["params"]), pairing="strided")
        got = np.asarray(layer(arrays[f"{row['case']}/in/x"]))
        expected = arrays[f"{row['case']}/out/y"]
        np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-6, err_msg=row["case"])


def test_channels_that_do_not_divide_are_refused():
    with pytest.raises(ValueError, match=r"divisible by num_units = 3; found 4"):
        Maxout(3)(FOUR)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"num_units": 0}, "found 0"),
        ({"num_units": 2, "axis": 0}, "batch axis"),
        ({"num_units": 2, "pairing": "pairs"}, "found 'pairs'"),
    ],
)
def test_bad_arguments_are_named(options, words):
    with pytest.raises(ValueError, match=words):
        Maxout(**options)
