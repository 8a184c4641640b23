"""Places on the screen become pixels of the picture: against values by hand."""

import math

import pytest

from benchmark_kit.errors import ConfigError
from benchmark_kit.trackers.placement import Placement

SIZE = (600, 800)  # height, width
SCREEN = (1920.0, 1080.0)
POINT = (200.0, 150.0)  # of the picture, wanted back

CASES = {
    "its own pixels": (Placement(), POINT),
    "upwards": (Placement(y_up=True), (200, 450)),
    "in the middle": (Placement(screen=SCREEN), (760, 390)),
    "in the middle, upwards": (Placement(screen=SCREEN, y_up=True), (760, 690)),
    "somewhere": (Placement(place=(100, 50)), (300, 200)),
    "somewhere, upwards": (Placement(screen=SCREEN, place=(100, 50), y_up=True), (300, 880)),
    "larger, in the middle": (Placement(screen=SCREEN, scale=1.5), (660, 315)),
    "larger, somewhere": (Placement(place=(100, 50), scale=1.5), (400, 275)),
    "recorded on a larger copy": (Placement(scale=2), (400, 300)),
    "as large as it fits": (Placement(screen=SCREEN, scale="fit"), (240 + 360, 270)),
    "stretched": (Placement(screen=SCREEN, scale="fill"), (480, 270)),
    "shares of the picture": (Placement(units="normalised"), (0.25, 0.25)),
    "shares of the picture, upwards": (Placement(units="normalised", y_up=True), (0.25, 0.75)),
    "shares of the screen": (
        Placement(units="normalised", screen=SCREEN),
        (760 / 1920, 390 / 1080),
    ),
    "shares, somewhere": (
        Placement(units="normalised", screen=SCREEN, place=(100, 50), scale=1.5),
        (400 / 1920, 275 / 1080),
    ),
    "degrees": (Placement(units="degrees", pixels_per_degree=40), (-5, -3.75)),
    "degrees, upwards": (Placement(units="degrees", pixels_per_degree=40, y_up=True), (-5, 3.75)),
    "degrees, larger": (
        Placement(units="degrees", screen=SCREEN, pixels_per_degree=40, scale=2),
        (-10, -7.5),
    ),
    "degrees on a flat screen": (
        Placement(units="degrees", screen=SCREEN, screen_cm=(48, 27), distance=60),
        tuple(math.degrees(math.atan(pixels / 40 / 60)) for pixels in (-200, -150)),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_places_by_hand(case):
    placement, given = CASES[case]
    assert placement.on_picture(*given, SIZE) == pytest.approx(POINT, abs=1e-8)


def test_a_row_that_tells_the_rectangle_wins():
    shown = {"left": 300.0, "top": 20.0, "width": 400.0, "height": 300.0}
    found = Placement(screen=SCREEN, scale="fit").on_picture(400, 95, SIZE, shown)
    assert found == POINT
    only_width = Placement(screen=SCREEN).on_picture(860, 465, SIZE, {"width": 400.0})
    assert only_width == POINT


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"units": "inches"}, "unknown units"),
        ({"scale": 0}, "a number above 0"),
        ({"scale": math.nan}, "a number above 0"),
        ({"scale": "big"}, "fit or fill"),
        ({"scale": "fit"}, "--screen WIDTHxHEIGHT"),
        ({"screen": (0, 10)}, "--screen must be above 0"),
        ({"screen_cm": (10, -1)}, "--screen-cm must be above 0"),
        ({"units": "normalised", "place": (1, 2)}, "--place needs the screen"),
        ({"place": (1, 2), "y_up": True}, "--place needs the screen"),
        ({"units": "degrees", "distance": 60}, "--screen-cm WxH and --distance CM"),
    ],
)
def test_what_cannot_be_is_refused_with_what_is_missing(given, said):
    with pytest.raises(ConfigError, match=said):
        Placement(**given)


def test_pixels_of_a_degree_follow_from_the_screen():
    placement = Placement(screen=SCREEN, screen_cm=(48, 27), distance=57.3)
    assert placement.per_degree == pytest.approx(40, abs=0.02)
    assert Placement(pixels_per_degree=31).per_degree == 31
    assert Placement(screen=SCREEN).per_degree is None
