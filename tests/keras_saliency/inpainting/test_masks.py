"""Every pixel lies in exactly one hole of each scale, and there are 1,360 of them."""

import numpy as np
import pytest

from keras_saliency.inpainting.error_maps import holes_of
from keras_saliency.inpainting.masks import SCALES, Hole, holes


def test_the_grid_covers_every_pixel_once():
    numbers = []
    for scale in SCALES:
        covered = np.zeros((512, 512), int)
        found = list(holes(scale))
        for hole in found:
            covered[hole.window] += 1
        assert (covered == 1).all()
        numbers.append(len(found))
    assert numbers == [1024, 256, 64, 16]
    assert sum(numbers) == holes_of(SCALES) == 1360


def test_a_mask_hides_its_window_alone():
    mask = Hole(16, 32, 16).mask((64, 80))
    assert mask.sum() == 64 * 80 - 256
    assert (mask[16:32, 32:48] == 0).all()


def test_a_step_takes_a_coarser_grid():
    found = {(hole.top, hole.left) for hole in holes(16, 3, (64, 64))}
    assert found == {(top, left) for top in (0, 48) for left in (0, 48)}
    assert holes_of((16,), 3) == 11**2


@pytest.mark.parametrize(("scale", "step"), [(15, 1), (16, 0)])
def test_what_does_not_fit_is_refused(scale, step):
    with pytest.raises(ValueError, match=r"Fix|step"):
        list(holes(scale, step))


def test_a_circle_lies_inside_its_square():
    hole = Hole(16, 32, 16, "circle")
    mask = hole.mask((64, 80))
    inside = [(x - 7.5) ** 2 + (y - 7.5) ** 2 <= 8**2 for x in range(16) for y in range(16)]
    assert (1 - mask).sum() == sum(inside) == 208  # whole pixels; pi 8^2 is 201
    outside = mask.copy()
    outside[hole.window] = 1
    assert (outside == 1).all()
    assert mask[16, 32] == 1, "a corner"
    assert (mask[16:32, 32:48] == mask[16:32, 32:48].T).all()
    assert {h.shape for h in holes(16, 1, (32, 32), "circle")} == {"circle"}
    with pytest.raises(ValueError, match="square, circle, got 'star'"):
        list(holes(16, 1, (32, 32), "star"))
