import numpy as np

from benchmark_kit.imaging.colours import colourise
from keras_saliency.demo.contact_sheet import (
    CAPTION,
    COLOURS,
    FIRST,
    HEAD,
    LATER,
    MARGIN,
    PAGE,
    PANEL_HEIGHT,
    Row,
    draw_sheet,
    overlay,
)

WHITE = np.full((480, 640, 3), 255, np.uint8)
RAMP = np.tile(np.linspace(2, 9, 640), (480, 1))


def row(points=((100.0, 100.0, 0.0), (500.0, 300.0, 1.0))):
    maps = {"one": RAMP[:, ::-1], "other": RAMP}
    scores = {"one": "NSS 1.00", "other": "NSS 2.00"}
    return Row("name", WHITE, np.array(points), RAMP, maps, scores)


def count(pixels, colour):
    return int((pixels == colour).all(axis=-1).sum())


def test_every_model_has_its_column_and_its_scores_below():
    page = draw_sheet("Title", "subtitle", [row()])
    top = HEAD + CAPTION + PANEL_HEIGHT + 4
    below = (page[top : top + 20] != PAGE).any(axis=(0, 2))
    first = MARGIN + 3 * 334
    assert page.shape[1] == 2 * MARGIN + 4 * 334 + 320
    assert not below[:first].any()
    assert below[first : first + 320].any()
    assert below[first + 334 :].any()


def test_a_page_grows_by_its_rows():
    one, two = (draw_sheet("Title", "subtitle", [row()] * n) for n in (1, 2))
    assert one.shape[1] == two.shape[1]
    assert two.shape[0] - one.shape[0] > PANEL_HEIGHT
    assert one.dtype == np.uint8


def test_margins_are_empty():
    page = draw_sheet("Title", "subtitle", [row()])
    for edge in (page[:, :MARGIN], page[:, -MARGIN:], page[:16]):
        assert (edge == PAGE).all()


def test_dots_of_both_colours_stand_at_their_places():
    page = draw_sheet("Title", "subtitle", [row()])
    panel = page[HEAD + CAPTION :, MARGIN + 334 : MARGIN + 654][:PANEL_HEIGHT]
    for (x, y), colour in (((100, 100), FIRST), ((500, 300), LATER)):
        rows, columns = np.nonzero((panel == colour).all(axis=-1))
        assert abs(columns.mean() - x / 2) < 1
        assert abs(rows.mean() - y / 2) < 1


def test_a_first_fixation_lies_on_top():
    both = draw_sheet("T", "s", [row([(300.0, 200.0, 0.0), (300.0, 200.0, 5.0)])])
    alone = draw_sheet("T", "s", [row([(300.0, 200.0, 0.0)])])
    np.testing.assert_array_equal(both, alone)


def test_overlay_of_a_plain_stimulus_is_the_colour_map():
    found = overlay(WHITE, RAMP)
    np.testing.assert_array_equal(found, colourise((RAMP - 2) / 7, COLOURS))


def test_shapes_shine_through():
    stimulus = WHITE.copy()
    stimulus[100:120, 100:120] = 0
    found = overlay(stimulus, RAMP).astype(int) - overlay(WHITE, RAMP)
    assert (found[100:120, 100:120] > 0).all()
    assert np.count_nonzero(found.any(axis=-1)) == 400


def test_a_constant_map_is_drawn():
    assert count(overlay(WHITE, np.ones((480, 640))), colourise(0.0, COLOURS)) == 480 * 640
