"""Simulated observers: made-up fixations on the demo's displays, not data of people.

Every observer begins near the centre. Each later fixation goes to the target, to some other item,
or to a place around the centre; the stronger the target differs, the oftener it is looked at. Of
the other items near ones are preferred, and some interest all observers more than others. Landing
errors are Gaussian and durations log-normal. All numbers are chosen to look plausible, none was
measured.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from keras_saliency.demo.displays import HEIGHT, WIDTH, Display

OBSERVERS = 12
FEWEST, MOST = 6, 8
TARGET_SHARE = (0.35, 0.6)  # of fixations after the first, for the weakest and the strongest target
CENTRE_SHARE = 0.1
FIRST_SPREAD = 0.04  # of the width, like the next three
LANDING_SPREAD = 0.016
CENTRE_SPREAD = 0.12
NEAR = 0.3  # how far the next item looked at tends to be
INTEREST = 1.5  # standard deviation of the items' log interest
MEDIAN_SECONDS, SPREAD_LOG = 0.24, 0.35


@dataclass(frozen=True)
class Fixation:
    """One line of the table: 0-based pixels, seconds."""

    image: str
    x: float
    y: float
    subject: int
    order: int
    duration: float


def simulate(display: Display, seed: int = 0) -> list[Fixation]:
    """All observers' fixations on a display; the same seed and name give the same ones."""
    name = display.name.encode()
    interest = np.exp(
        INTEREST * np.random.default_rng((seed, 0, *name)).normal(size=len(display.items) - 1)
    )
    found = []
    for subject in range(1, OBSERVERS + 1):
        random = np.random.default_rng((seed, subject, *name))
        here = np.array([WIDTH / 2, HEIGHT / 2])
        for order in range(random.integers(FEWEST, MOST + 1)):
            if order == 0:
                here = _land(here, FIRST_SPREAD, random)
            else:
                here = _next(display, interest, here, random)
            duration = MEDIAN_SECONDS * np.exp(random.normal(0, SPREAD_LOG))
            x, y = (round(float(value), 1) for value in here)
            found.append(Fixation(display.name, x, y, subject, order, round(float(duration), 3)))
    return found


def _next(
    display: Display, interest: np.ndarray, here: np.ndarray, random: np.random.Generator
) -> np.ndarray:
    weak, strong = TARGET_SHARE
    choice = random.random()
    if choice < weak + (strong - weak) * display.contrast:
        return _land(np.array([display.target.x, display.target.y]), LANDING_SPREAD, random)
    if choice > 1 - CENTRE_SHARE:
        return _land(np.array([WIDTH / 2, HEIGHT / 2]), CENTRE_SPREAD, random)
    others = np.array([(item.x, item.y) for item in display.items[1:]])
    distance = np.hypot(*(others - here).T) / WIDTH
    weight = interest * np.exp(-0.5 * (distance / NEAR) ** 2)
    return _land(
        others[random.choice(len(others), p=weight / weight.sum())], LANDING_SPREAD, random
    )


def _land(aim: np.ndarray, spread: float, random: np.random.Generator) -> np.ndarray:
    """A place around the aim, drawn again until it lies inside the picture."""
    while True:
        x, y = aim + random.normal(0, spread * WIDTH, 2)
        if 0 <= x < WIDTH - 1 and 0 <= y < HEIGHT - 1:
            return np.array([x, y])
