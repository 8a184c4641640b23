"""Holes to learn from: any form, the shares of the paper, away from the border where asked."""

import numpy as np
import pytest

from keras_saliency.inpainting.irregular_masks import BINS, MARGIN, irregular_mask

SIZE = (128, 160)


@pytest.mark.parametrize("share", BINS)
@pytest.mark.parametrize("margin", [0.0, MARGIN])
def test_the_hole_covers_the_share_that_was_asked_for(share, margin):
    for seed in range(5):
        mask = irregular_mask(SIZE, np.random.default_rng(seed), share, margin)
        assert mask.dtype == np.float32
        assert set(np.unique(mask)) == {0, 1}
        assert share[0] <= 1 - mask.mean() <= share[1]


def test_a_margin_keeps_holes_off_the_border():
    width = round(MARGIN * min(SIZE))
    assert width == 12
    inner = np.zeros(SIZE, bool)
    inner[width:-width, width:-width] = True
    for seed in range(5):
        mask = irregular_mask(SIZE, np.random.default_rng(seed), (0.3, 0.4), MARGIN)
        assert (mask[~inner] == 1).all()


def test_the_same_numbers_draw_the_same_mask_and_others_another():
    masks = [irregular_mask(SIZE, np.random.default_rng(seed)) for seed in (1, 1, 2)]
    np.testing.assert_array_equal(masks[0], masks[1])
    assert (masks[0] != masks[2]).any()


def test_holes_are_of_many_forms():
    mask = irregular_mask(SIZE, np.random.default_rng(3), (0.2, 0.3))
    hole = mask < 1
    filled = hole[hole.any(1)][:, hole.any(0)]
    assert not filled.all(), "no rectangle"


def test_every_bin_is_drawn_where_none_is_asked_for():
    rng = np.random.default_rng(0)
    shares = [1 - irregular_mask((64, 64), rng).mean() for _ in range(60)]
    assert set(np.digitize(shares, [b[1] for b in BINS[:-1]])) == set(range(len(BINS)))


@pytest.mark.parametrize(
    ("share", "margin"), [((0.5, 0.4), 0.0), ((0, 0.1), 0.0), ((0.1, 1.2), 0.0), ((0.5, 0.6), 0.3)]
)
def test_shares_that_cannot_be(share, margin):
    with pytest.raises(ValueError, match="what the margin leaves"):
        irregular_mask(SIZE, np.random.default_rng(0), share, margin)
