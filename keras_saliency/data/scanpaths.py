"""Samples of networks that know earlier fixations: one fixation and those before it."""

from __future__ import annotations

import numpy as np

from benchmark_kit.types import Fixations
from keras_saliency.base.probabilistic_model import PAST
from keras_saliency.data.view import View


def draw_step(
    fixations: Fixations, view: View, rng: np.random.Generator
) -> tuple[Fixations, Fixations | None]:
    """A fixation of the view, drawn at random, and those before it.

    Args:
        fixations: of the picture.
        view: whose fixations are drawn from.
        rng: decides.

    Returns:
        the one fixation, and its observer's earlier ones, oldest first; all fixations and None
        where the data set has no observers or no order, or the view holds no fixation.
    """
    candidates = np.flatnonzero(view.holds(fixations))
    if fixations.subject is None or fixations.order is None or not len(candidates):
        return fixations, None
    one = candidates[rng.integers(len(candidates))]
    before = np.flatnonzero(
        (fixations.subject == fixations.subject[one]) & (fixations.order < fixations.order[one])
    )
    before = before[np.argsort(fixations.order[before], kind="stable")]
    return fixations.select(np.array([one])), fixations.select(before)


def history_of(before: Fixations | None, view: View) -> np.ndarray:
    """The last four fixations in pixels of the frame, latest first, NaN where there are fewer.

    Returns:
        float32 (4, 2), x and y.
    """
    latest = np.full((PAST, 2), np.nan, np.float32)
    if before is None or not len(before):
        return latest
    plan = view.plan
    x = (before.x - view.left)[::-1][:PAST]
    y = (before.y - view.top)[::-1][:PAST]
    if view.mirrored:
        x = view.width - 1 - x
    latest[: len(x), 0] = plan.offset[1] + x * plan.inner[1] / view.width
    latest[: len(y), 1] = plan.offset[0] + y * plan.inner[0] / view.height
    return latest
