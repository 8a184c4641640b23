"""The small charts: numbers of images, means and ticks are where the axes say."""

import re

import numpy as np
import pytest

from benchmark_kit.reporting._charts import BASE, LEFT, RIGHT, TOP, histogram_chart, nice_ticks


def test_bars_are_numbers_of_images_and_the_highest_touches_the_top():
    values = np.array([0.0, 0.1, 0.1, 0.9, 1.0])
    chart = histogram_chart("nss", "NSS ↑", ["m"], [values])
    (line,) = chart.lines
    heights = [float(y) for y in re.findall(r"V([\d.]+)H", line.path)]
    counts = np.histogram(values, np.linspace(0, 1, len(heights) + 1))[0]
    expected = BASE - (BASE - TOP) * counts / counts.max()
    assert heights == pytest.approx(expected, abs=0.05)
    assert line.mean_x == pytest.approx(LEFT + (RIGHT - LEFT) * values.mean(), abs=0.01)
    assert "mean 0.420, median 0.100" in line.words
    assert "5 images" in line.words


def test_models_share_the_axis():
    first, second = np.linspace(0, 1, 50), np.linspace(1, 3, 10)
    chart = histogram_chart("nss", "NSS ↑", ["a", "b"], [first, second])
    assert [line.label for line in chart.lines] == ["a", "b"]
    assert chart.lines[0].mean_x == pytest.approx(LEFT + (RIGHT - LEFT) * 0.5 / 3, abs=0.01)
    assert chart.lines[1].mean_x == pytest.approx(LEFT + (RIGHT - LEFT) * 2 / 3, abs=0.01)
    assert [text for _, text in chart.ticks] == ["0", "1", "2", "3"]


def test_bars_of_models_with_different_images_are_counted_alike():
    many, few = np.linspace(0, 1, 100), np.array([0.5, 0.5])
    chart = histogram_chart("nss", "NSS ↑", ["many", "few"], [many, few])
    assert [text for _, text in chart.counts] == ["0", "5", "10"]
    assert dict((text, y) for y, text in chart.counts)["10"] == TOP
    heights = [min(float(y) for y in re.findall(r"V([\d.]+)H", line.path)) for line in chart.lines]
    assert heights == pytest.approx([TOP, BASE - (BASE - TOP) * 2 / 10], abs=0.05)


@pytest.mark.parametrize(("images", "texts"), [(1, ["0", "1"]), (9000, ["0", "2,000", "4,000"])])
def test_the_axis_of_images_has_whole_numbers(images, texts):
    chart = histogram_chart("nss", "NSS", ["m"], [np.repeat([0.0, 1.0], [(images + 1) // 2] * 2)])
    assert [text for _, text in chart.counts] == texts
    assert chart.counts[0][0] == BASE


def test_nothing_and_one_value():
    assert histogram_chart("nss", "NSS", ["m"], [np.array([])]) is None
    chart = histogram_chart("nss", "NSS", ["m"], [np.array([2.0])])
    assert chart.lines[0].mean_x == (LEFT + RIGHT) / 2


@pytest.mark.parametrize(
    ("low", "high"), [(0, 1), (-0.3, 4.1), (0.81, 0.834), (-2000, 300), (1.01, 11)]
)
def test_ticks_are_round_and_inside(low, high):
    ticks = nice_ticks(low, high)
    assert 2 <= len(ticks) <= 6
    assert low <= ticks[0] < ticks[-1] <= high
    step = ticks[1] - ticks[0]
    digit = step / 10.0 ** np.floor(np.log10(step) + 1e-9)
    assert min(abs(digit - d) for d in (1, 2, 5)) < 1e-6
