"""Pages: pictures stand unchanged where they belong, words fit, lines and dots are drawn."""

import numpy as np
import pytest

from benchmark_kit.imaging.colour_bar import bar_scale, with_bar
from benchmark_kit.imaging.colours import colourise
from benchmark_kit.imaging.lettering import fitted, missing_letters, text_width
from benchmark_kit.imaging.sheet import PAPER, Panel, Sheet, Words, sheet_pixels

NOISE = np.random.default_rng(0).integers(0, 256, (40, 60, 3)).astype(np.uint8)


def inked(pixels):
    return (pixels != PAPER).any(axis=2)


def test_a_picture_is_not_changed_at_its_own_size_and_stretched_at_another():
    page = sheet_pixels(Sheet(80, 50, (Panel((10, 5, 60, 40), NOISE),)))
    assert page.shape == (50, 80, 3)
    assert np.array_equal(page[5:45, 10:70], NOISE)
    assert (page[:5] == PAPER).all()
    twice = sheet_pixels(Sheet(80, 50, (Panel((10, 5, 60, 40), NOISE),)), 2)
    assert twice.shape == (100, 160, 3)
    assert np.abs(twice[10:90, 20:140].mean() - NOISE.mean()) < 2


def test_dots_and_lines_of_a_picture_go_where_the_picture_goes():
    dark = np.full((40, 60, 3), 60, np.uint8)
    line = np.array([[5.0, 30.0], [55.0, 30.0]])
    panel = Panel((10, 5, 60, 40), dark, (line,), np.array([[20.0, 10.0]]), 1.0)
    for scale in (1, 3):
        page = sheet_pixels(Sheet(80, 50, (panel,)), scale).astype(int)
        white = page.min(axis=2) > 180
        assert white[int((5 + 10.5) * scale), int((10 + 20.5) * scale)]
        assert white[int((5 + 30.5) * scale), int((10 + 30.5) * scale)]
        assert not white[int((5 + 20.5) * scale), int((10 + 30.5) * scale)]


def test_what_is_not_covered_by_lines_or_dots_stays_as_it_was():
    panel = Panel((0, 0, 60, 40), NOISE, (), np.array([[10.0, 10.0]]), 0.5)
    page = sheet_pixels(Sheet(60, 40, (panel,)))
    assert np.array_equal(page[:, 20:], NOISE[:, 20:])


@pytest.mark.parametrize("upwards", [False, True])
def test_words_stand_at_their_anchor(upwards):
    words = Words(60, 60, "salience", 14, "mm", upwards=upwards)
    rows, columns = np.nonzero(inked(sheet_pixels(Sheet(120, 120, (words,)))))
    assert abs((columns.min() + columns.max()) / 2 - 60) < 4
    assert abs((rows.min() + rows.max()) / 2 - 60) < 4
    long, short = np.ptp(columns), np.ptp(rows)
    assert bool(long < short) is upwards
    assert max(long, short) == pytest.approx(text_width("salience", 14), abs=4)


@pytest.mark.parametrize(
    "text", ["a" * 300, "w" * 40 + " " + "été" * 30, "model_with_a_long-name.v2"]
)
def test_long_words_are_cut_in_the_middle(text):
    short = fitted(text, 10, 80)
    assert text_width(short, 10) <= 80
    head, cut, tail = short.partition("…")
    assert cut
    assert text.startswith(head)
    assert text.endswith(tail)
    assert fitted("short", 10, 80) == "short"


def test_what_is_not_seen_is_written_out():
    assert fitted("a\u202eb\n", 10, 500) == "a\\u202eb\\x0a"


def test_letters_that_no_font_has_are_told():
    assert missing_letters("Größe, naïve, éléphant") == ""
    assert missing_letters("a\U0010fffd") == ""  # written out, in letters that there are
    assert missing_letters("x\U0001f9ff\U0001f9ff") in ("", "\U0001f9ff")


@pytest.mark.parametrize("height", [20, 40, 600])
def test_the_bar_runs_from_the_most_above_to_the_least_below(height):
    gray = np.full((height, 60, 3), 100, np.uint8)
    found = with_bar(gray)
    assert found.shape[0] == height
    assert np.array_equal(found[:, :60], gray)
    column = found[:, 60 + round(10 * bar_scale(height)) + 2].astype(int)
    assert np.abs(column[0] - colourise(1.0)).max() < 25
    assert np.abs(column[-1] - colourise(0.0)).max() < 25
    assert (np.diff(column.sum(axis=1)) <= 6).all()
    assert inked(found[:, -round(20 * bar_scale(height)) :]).any()  # the words
