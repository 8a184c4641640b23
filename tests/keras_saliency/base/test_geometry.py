"""Pictures into the frame and maps back: exact places, whatever the size."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_saliency.base.geometry import Geometry

SIDES = st.integers(1, 90)


@given(SIDES, SIDES, st.sampled_from(["squeeze", "pad", "shrink"]))
@settings(max_examples=60, deadline=None)
def test_a_map_comes_back_at_the_pictures_size(height, width, fit):
    plan = Geometry(fit).plan((height, width), (24, 32))
    framed = plan.into_frame(np.zeros((height, width, 3)))
    assert framed.shape == (*plan.frame, 3)
    assert framed.dtype == np.float32
    for sides in (plan.frame, (3, 4), (48, 64)):
        assert plan.onto_image(np.zeros(sides)).shape == (height, width)


@given(SIDES, SIDES)
@settings(max_examples=60, deadline=None)
def test_padding_keeps_the_aspect_and_fills_one_side(height, width):
    plan = Geometry("pad").plan((height, width), (24, 32))
    assert plan.inner[0] == 24 or plan.inner[1] == 32
    assert all(inner <= frame for inner, frame in zip(plan.inner, plan.frame, strict=True))
    wanted = min(24 / height, 32 / width)
    assert abs(plan.inner[0] - height * wanted) <= 1
    assert abs(plan.inner[1] - width * wanted) <= 1


def test_ml_nets_padding_floors_and_centres():
    # 481x640 is upright beside 480x640: 640 * 480 // 481 = 638 columns, one column left of them
    plan = Geometry("pad", fill=7).plan((481, 640), (480, 640))
    assert plan.inner == (480, 638)
    assert plan.offset == (0, 1)
    framed = plan.into_frame(np.full((481, 640, 3), 100.0))
    assert (framed[:, 0] == 7).all()
    assert (framed[:, 1:639] == 100).all()
    assert (framed[:, 639] == 7).all()


def test_rounding_instead_of_floor():
    assert Geometry("pad", rounding="round").plan((3, 5), (24, 32)).inner == (19, 32)
    assert Geometry("pad").plan((3, 5), (24, 32)).inner == (19, 32)
    assert Geometry("pad", rounding="round").plan((481, 640), (480, 640)).inner == (480, 639)


def test_shrinking_never_enlarges_and_turns_upright_pictures():
    assert Geometry("shrink").plan((100, 50), (480, 640)).frame == (100, 50)
    assert Geometry("shrink").plan((960, 1280), (480, 640)).frame == (480, 640)
    assert Geometry("shrink").plan((1280, 960), (480, 640)).frame == (480, 360)
    assert Geometry("shrink", turn=True).plan((1280, 960), (480, 640)).frame == (640, 480)
    assert Geometry("shrink", multiple=32).plan((100, 50), (480, 640)).frame == (96, 64)


@pytest.mark.parametrize("size", [(60, 80), (80, 60), (31, 90), (200, 20)])
def test_a_bright_spot_comes_back_to_its_place(size):
    plan = Geometry("pad").plan(size, (48, 64))
    picture = np.zeros((*size, 1))
    top, left = size[0] // 4, size[1] // 2
    picture[top : top + 3, left : left + 3] = 255
    found = plan.onto_image(plan.into_frame(picture)[..., 0])
    at = np.unravel_index(found.argmax(), size)
    slack = 1.5 + max(size) / 48
    assert abs(at[0] - top - 1) <= slack
    assert abs(at[1] - left - 1) <= slack


@pytest.mark.parametrize(
    ("image", "inner"),
    [
        ((600, 800), (384, 512)),
        ((800, 600), (512, 384)),
        ((60, 80), (384, 512)),  # small ones are enlarged
        ((427, 640), (352, 544)),
        ((500, 500), (448, 448)),
        ((1, 1), (448, 448)),
        ((10, 10_000), (64, 1536)),  # a strip is squeezed
    ],
)
def test_area_keeps_the_aspect_and_about_the_frames_pixels(image, inner):
    plan = Geometry("area", "antialiased", multiple=32, least=64).plan(image, (384, 512))
    assert plan.inner == plan.frame == inner
    assert plan.offset == (0, 0)
