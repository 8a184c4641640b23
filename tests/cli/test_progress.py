import pytest

from benchmark_kit.console.progress import _per_second


@pytest.mark.parametrize(
    ("rate", "shown"),
    [(812.3, "812/s"), (10.0, "10/s"), (3.26, "3.3/s"), (0.4, "0.4/s"), (0.0, "")],
)
def test_slow_work_has_a_rate_too(rate, shown):
    assert _per_second(rate) == shown
