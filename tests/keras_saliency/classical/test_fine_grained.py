import numpy as np
import pytest

from keras_saliency import build_model
from keras_saliency.classical.fine_grained import (
    NEIGHBOURHOODS,
    contrast_map,
    integral_image,
    smooth,
    surround_mean,
)

NOISE = np.random.default_rng(0).integers(0, 256, (40, 50)).astype(np.uint8)


def test_surround_by_hand():
    centre = NOISE.astype(np.float32)
    for reach in (3, 12, 56):
        found = surround_mean(integral_image(NOISE), centre, reach)
        for y, x in ((0, 0), (20, 25), (39, 49), (5, 44)):
            square = NOISE[
                max(0, y - reach + 1) : y + reach + 1, max(0, x - reach + 1) : x + reach + 1
            ]
            expected = (square.sum(dtype=float) - NOISE[y, x]) / (square.size - 1)
            assert found[y, x] == pytest.approx(expected, rel=1e-5)


def test_contrasts_by_hand():
    gray = np.full((30, 30), 100, np.uint8)
    gray[10, 10], gray[20, 20] = 200, 60
    on = off = 0
    for reach in NEIGHBOURHOODS:
        low, high = (max(0, p - reach + 1) for p in (10, 20))
        first = gray[low : 10 + reach + 1, low : 10 + reach + 1]
        second = gray[high : 20 + reach + 1, high : 20 + reach + 1]
        on += int(200 - (first.sum(dtype=float) - 200) / (first.size - 1))
        off += int((second.sum(dtype=float) - 60) / (second.size - 1) - 60)
    found = contrast_map(gray)
    assert on > off
    # each contrast is stretched to 255 by itself, so that both places have the largest value
    assert found[10, 10] == found[20, 20] == 255
    assert np.median(found) < 30


def test_the_integral_adds_rows_in_single_precision():
    gray = np.full((600, 600), 255, np.uint8)
    rows = np.float32(600 * 255)
    total = np.float32(0)
    for _ in range(600):
        total = np.float32(total + rows)
    assert integral_image(gray)[-1, -1] == total
    assert integral_image(NOISE)[-1, -1] == NOISE.sum()


def test_smoothing_by_hand():
    padded = np.pad(NOISE.astype(int), 1, mode="reflect")
    weights = np.outer((1, 2, 1), (1, 2, 1))
    total = sum(weights[i, j] * padded[i : i + 40, j : j + 50] for i in range(3) for j in range(3))
    np.testing.assert_array_equal(smooth(NOISE), (total + 8) // 16)


def test_one_row_is_smoothed_along_itself():
    row = np.array([[0, 0, 160, 0, 0]], np.uint8)
    assert smooth(row).tolist() == [[0, 40, 80, 40, 0]]


def test_bright_and_dark_spots_stand_out_and_colour_alone_does_not():
    picture = np.full((80, 100, 3), 120, np.uint8)
    picture[20:24, 30:34] = 250
    picture[50:54, 70:74] = 5
    model = build_model("fine_grained")
    found = model.predict_map(picture)
    assert found[22, 32] > 0.8
    assert found[52, 72] > 0.8
    assert found[60, 20] < 0.3
    coloured = np.full((80, 100, 3), (120, 120, 120), np.uint8)
    coloured[20:24, 30:34] = (200, 81, 114)  # the same gray in OpenCV's weights
    np.testing.assert_array_equal(model.predict_map(coloured), np.zeros((80, 100)))
