"""Threshold grids: MATLAB's colon at its rounding, where a gray level falls on either side."""

import pytest

from benchmark_kit.metrics._steps import colon

EPS = 2.0**-52


def test_the_middle_is_half_the_end_and_the_second_half_is_built_from_it():
    found = colon(0.1, 0.6, "matlab")
    assert found.tolist() == [0.0, 0.1, 0.2, 0.3, 0.6 - 2 * 0.1, 0.6 - 0.1, 0.6]
    assert colon(0.1, 0.6, "octave")[3] == 3 * 0.1 != 0.3


@pytest.mark.parametrize(("halves", "last"), [(2, True), (3, True), (5, False), (8, False)])
def test_an_end_just_short_of_a_step_still_counts_within_two_units(halves, last):
    # doubles just below 256 lie half an eps of 256 apart
    top = 256.0 * (1 - halves * EPS / 2)
    found = colon(0.25, top, "matlab")
    assert len(found) == (1025 if last else 1024)
    assert found[-1] == (top if last else 1023 * 0.25)


@pytest.mark.parametrize(("units", "joined"), [(0, True), (1, True), (3, False)])
def test_an_end_just_beyond_a_step_takes_its_place_within_two_units(units, joined):
    # spacing above 1 is one eps
    top = 1.0 + units * EPS
    assert (colon(0.25, top, "matlab")[-1] == top) == joined
    assert colon(0.25, top, "arange")[-1] == (0.75 if units == 0 else 1.0)
