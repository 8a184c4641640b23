"""When frames are shown: times that a damaged file gives do not stop the video."""

from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from keras_saliency.predict.video_writer import LONGEST, Clock

RATE = Fraction(30000, 1001)


def test_times_that_do_not_follow_are_a_step_after_the_last():
    clock = Clock(RATE, Fraction(1, 90000))
    step = clock.step
    assert [clock.of(time) for time in (900, None, 900, 2**62, -(2**62))] == [
        k * step for k in range(5)
    ]


def test_a_source_without_times_has_a_constant_rate():
    clock = Clock(Fraction(25), None)
    assert [clock.of(None) * clock.tick for _ in range(3)] == [0, Fraction(1, 25), Fraction(2, 25)]


@given(
    st.fractions(Fraction(1, 10), 1000),
    st.sampled_from([None, Fraction(1, 1000), Fraction(1, 90000), Fraction(1001, 30000)]),
    st.lists(st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1)), max_size=20),
)
def test_ticks_always_go_on_and_never_far(rate, unit, times):
    clock = Clock(rate, unit)
    found = [clock.of(time) for time in times]
    assert found[:1] in ([], [0])
    most = max(LONGEST / clock.tick, clock.step)
    assert all(0 < after - before <= most for before, after in pairwise(found))
