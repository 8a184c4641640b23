"""What looks wrong with a data set's fixations, by rules, and what would mend it.

A doubt is no verdict: it says what was seen and what usually causes it. The limits are our choice;
OSIE, MIT1003, PASCAL-S and EyeCrowd ("these sets" below) stay within all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from benchmark_kit.errors import name_some
from benchmark_kit.reporting.dataset.gaze import Gaze

FEWEST, FEWEST_IMAGES = 100, 10  # below which nothing is said of where fixations lie
MOST_OUTSIDE = 0.05  # share of the fixations outside their pictures
FEWEST_SPAN = 500  # fixations below which nothing is said of how much they span
OFF_CENTRE = 0.1  # share of a side by which the mean may miss the middle; of these sets: 0.07
NARROWEST = 0.6  # share of a side that 98 % of the fixations span; of these sets: 0.73 or more
ON_BORDER, BORDER_RATIO = 0.01, 3.0  # share in the outermost pixels, and against the next ones
REPEATED, LEAST_REPEATS = 0.01, 10  # share and number of fixations at one and the same place
MANY_IN_SCANPATH = 60  # fixations of one observer on one picture, which take some 15 seconds
CENTRAL, MANY_CENTRAL, RARER = 0.1, 0.6, 4.0  # of the shorter side; share; against the others
FEW_OF_SUBJECT = 1 / 3  # of the median observer's fixations
FEW_OF_IMAGE, MEDIAN_OF_IMAGES = 0.2, 20  # of the median image's fixations, if it has so many
DURATIONS = (0.06, 1.5)  # seconds between which a median lies


@dataclass(frozen=True)
class Doubt:
    """Something that looks wrong.

    Args:
        key: the rule, a word.
        text: what was seen, sentences.
        fix: what mends it, if it is wrong.
        images: names of images that show it, some of them.
    """

    key: str
    text: str
    fix: str
    images: tuple[str, ...] = ()


def doubts(gaze: Gaze) -> list[Doubt]:
    """What the rules that need no picture find, the gravest first."""
    return [found for rule in RULES for found in rule(gaze)]


def in_standard_errors(values: np.ndarray) -> float:
    """A mean over pictures in its standard errors; 0 where the values do not differ."""
    spread = float(values.std(ddof=1))
    return float(values.mean()) / spread * len(values) ** 0.5 if spread else 0.0


def _outside(gaze: Gaze) -> Iterator[Doubt]:
    dropped = gaze.truths.dropped
    lost = sum(dropped.get(reason, 0) for reason in ("outside", "negative"))
    if lost >= LEAST_REPEATS and lost > MOST_OUTSIDE * (lost + len(gaze)):
        share = lost / (lost + len(gaze))
        yield Doubt(
            "outside",
            f"{lost:,} fixations ({share:.0%}) lie outside their pictures and were left out: they "
            "may count on the screen, or on pictures of another size.",
            "`salbench import --screen WxH`, with `--place` or `--scale`, or with other columns of "
            "x and y (`--map`)",
        )


def _frame(gaze: Gaze) -> Iterator[Doubt]:
    """Fixations that leave much of every picture empty, or lie to one side."""
    if len(gaze) < FEWEST or (gaze.per_image > 0).sum() < FEWEST_IMAGES:
        return
    spans = [np.quantile(values, [0.01, 0.99]) for values in (gaze.across, gaze.down)]
    means = [float(values.mean()) for values in (gaze.across, gaze.down)]
    off = [_off_centre(gaze, values) for values in (gaze.across, gaze.down)]
    narrow = [float(high - low) < NARROWEST for low, high in spans]
    if len(gaze) < FEWEST_SPAN:  # a few fixations may leave much of a frame empty
        narrow = [False, False]
    if not any(narrow) and max(off) < OFF_CENTRE:
        return
    sides = [
        word if mean < 0.5 else other
        for mean, miss, (word, other) in zip(
            means[::-1], off[::-1], (("upper", "lower"), ("left", "right")), strict=True
        )
        if miss >= OFF_CENTRE
    ]
    place = f"to the {' '.join(sides)}" if sides else "in the middle"
    text = (
        f"The fixations lie {place} of the pictures: their mean is at {means[0]:.0%} of the width "
        f"and {means[1]:.0%} of the height, and 98 % of them span {spans[0][0]:.0%} to "
        f"{spans[0][1]:.0%} and {spans[1][0]:.0%} to {spans[1][1]:.0%}. "
    )
    if sides and not any(narrow):
        yield Doubt(
            "off-centre",
            text + "People look at the middle most: the coordinates may count from another corner "
            "than the picture's, as on a screen.",
            "`salbench import --screen WxH` (the picture in its middle) or `--place X,Y` (the "
            "picture's upper left corner on the screen)",
        )
    else:
        yield Doubt(
            "narrow",
            text + "People look at most of a picture: the coordinates may count on a picture of "
            "another size, or in other units.",
            "`salbench import --scale S` (screen pixels a pixel of the picture), or with `--units`",
        )


def _off_centre(gaze: Gaze, values: np.ndarray) -> float:
    """By how much the mean misses the middle for sure: two standard errors over images are off."""
    shown = gaze.per_image > 0
    sums = np.bincount(gaze.image, weights=values, minlength=len(shown))[shown]
    means = sums / gaze.per_image[shown]
    error = float(means.std(ddof=1) / np.sqrt(len(means))) if len(means) > 1 else 0.0
    return abs(float(values.mean()) - 0.5) - 2 * error


def _border(gaze: Gaze) -> Iterator[Doubt]:
    if len(gaze) < FEWEST:
        return
    ring = np.floor(
        np.minimum.reduce([gaze.x, gaze.y, gaze.width - 1 - gaze.x, gaze.height - 1 - gaze.y])
    ).clip(0)
    outermost, next_ones = int((ring == 0).sum()), int(((ring > 0) & (ring <= 4)).sum()) / 4
    if outermost >= LEAST_REPEATS and outermost > max(
        ON_BORDER * len(gaze), BORDER_RATIO * next_ones
    ):
        yield Doubt(
            "border",
            f"{outermost:,} fixations ({outermost / len(gaze):.0%}) lie in the outermost pixels of "
            f"their pictures, {next_ones:,.0f} in the ring beside: places outside were moved to "
            "the border.",
            "export places as they were recorded; what lies outside is left out, not moved",
            _names(gaze, ring == 0),
        )


def _one_place(gaze: Gaze) -> Iterator[Doubt]:
    if not len(gaze):
        return
    corner = np.stack([gaze.x, gaze.y])
    centre = np.stack([gaze.x - gaze.width / 2, gaze.y - gaze.height / 2])
    for places in (corner, centre):
        _, member, counts = np.unique(places, axis=1, return_inverse=True, return_counts=True)
        most = int(counts.argmax())
        there = member.reshape(-1) == most
        images = len(np.unique(gaze.image[there]))
        if counts[most] >= LEAST_REPEATS and counts[most] > REPEATED * len(gaze) and images > 2:
            x, y = corner[:, there.argmax()]
            yield Doubt(
                "one place",
                f"{counts[most]:,} fixations on {images:,} pictures lie at exactly the same place, "
                f"for instance at {x:g}, {y:g}: trackers write such places for samples that they "
                "lost, and programs for missing values.",
                "leave these rows out, or mark them as missing (an empty cell, `NA` or `.`), and "
                "import again",
                _names(gaze, there),
            )
            return


def _repeated_rows(gaze: Gaze) -> Iterator[Doubt]:
    if gaze.subject is None or len(gaze) < 2:
        return
    rows = np.stack([gaze.scanpath, gaze.x, gaze.y])[:, gaze.in_time]
    same = (np.diff(rows, axis=1) == 0).all(axis=0)
    count = int(same.sum())
    if count >= LEAST_REPEATS and count > REPEATED * len(gaze):
        yield Doubt(
            "repeated rows",
            f"{count:,} fixations ({count / len(gaze):.0%}) stand at exactly the place of the one "
            "before: every sample of a fixation may have its row, or a table was given twice.",
            "export fixations, not samples, or name the column that numbers them: `salbench import "
            "--map event=COLUMN`",
            _names(gaze, np.isin(np.arange(len(gaze)), gaze.in_time[1:][same])),
        )


def _samples(gaze: Gaze) -> Iterator[Doubt]:
    if gaze.subject is None or gaze.truths.points != "fixations" or not len(gaze):
        return
    lengths = np.bincount(gaze.scanpath)
    typical = float(np.median(lengths))
    if typical > MANY_IN_SCANPATH:
        yield Doubt(
            "samples",
            f"An observer has {typical:,.0f} fixations on a picture (median). People make three or "
            "four a second: these may be samples of a tracker.",
            "export fixations, or detect them in the samples: `salbench import --detect ivt`",
        )


def _first(gaze: Gaze) -> Iterator[Doubt]:
    if gaze.order is None or gaze.subject is None or len(gaze) < FEWEST:
        return
    shorter = np.minimum(gaze.width, gaze.height)
    away = np.hypot(gaze.x - gaze.width / 2, gaze.y - gaze.height / 2) / shorter
    first, others = away[gaze.first] < CENTRAL, away[~gaze.first] < CENTRAL
    if first.size < FEWEST / 4 or not others.size:
        return
    if first.mean() > MANY_CENTRAL and first.mean() > RARER * others.mean():
        yield Doubt(
            "first fixation",
            f"{first.mean():.0%} of the first fixations lie at the centre of their pictures, "
            f"{others.mean():.0%} of the later ones: they rest on the cross that was shown before, "
            "and raise the score of everything that favours the centre.",
            "`salbench import --drop-first`, or `drop_first = true` in dataset.toml",
        )


def _durations(gaze: Gaze) -> Iterator[Doubt]:
    if gaze.duration is None or not len(gaze) or gaze.truths.points != "fixations":
        return
    typical = float(np.median(gaze.duration))
    if not DURATIONS[0] <= typical <= DURATIONS[1]:
        yield Doubt(
            "durations",
            f"The median fixation lasts {typical:g} s; people's last a quarter of a second. The "
            "durations may be in another unit.",
            "`salbench import --duration-unit s`, `ms`, `us` or `ns`",
        )


def _subjects(gaze: Gaze) -> Iterator[Doubt]:
    if gaze.subject is None or gaze.truths.points != "fixations" or not len(gaze):
        return
    numbers, member, counts = np.unique(gaze.subject, return_inverse=True, return_counts=True)
    seen = np.array([len(np.unique(gaze.image[member == k])) for k in range(len(numbers))])
    # where everybody sees a few pictures of many, numbers are compared a picture
    a_picture = np.median(seen) < len(gaze.truths) / 2
    values = counts / seen if a_picture else counts.astype(np.float64)
    typical = float(np.median(values))
    few = values < FEW_OF_SUBJECT * typical
    if len(numbers) > 2 and few.any():
        shown = [
            f"{gaze.truths.subject_name(int(number))} ({value:,.0f})"
            for number, value in zip(numbers[few], values[few], strict=True)
        ]
        yield Doubt(
            "subjects",
            f"Observers with far fewer fixations{' a picture' if a_picture else ''} than the "
            f"median one ({typical:,.0f}): {name_some(shown)}. Their recording may have been "
            "broken off, or one observer goes by two names.",
            'mend the names in the table, or leave them out: `subjects = ["…"]` in dataset.toml',
        )


def _images(gaze: Gaze) -> Iterator[Doubt]:
    names, counts = np.array(gaze.truths.names, dtype=object), gaze.per_image
    empty = counts == 0
    if empty.any():
        yield Doubt(
            "without fixations",
            f"{int(empty.sum()):,} of {len(counts):,} pictures have no fixation: "
            f"{name_some(list(names[empty]))}. They are not scored.",
            "give `salbench import` the tables of all trials, or see whether the table calls these "
            "pictures otherwise (`--map image=COLUMN`)",
            tuple(names[empty][:3]),
        )
    typical = float(np.median(counts[~empty])) if not empty.all() else 0.0
    few = ~empty & (counts < FEW_OF_IMAGE * typical)
    if typical >= MEDIAN_OF_IMAGES and few.any():
        shown = [f"{name} ({count})" for name, count in zip(names[few], counts[few], strict=True)]
        yield Doubt(
            "few fixations",
            f"Pictures with far fewer fixations than the median one ({typical:,.0f}): "
            f"{name_some(shown)}.",
            "see whether trials are missing; `salbench import` with `--screen`, `--place` or "
            "`--scale`, where the fixations fell outside",
            tuple(names[few][:3]),
        )


def _names(gaze: Gaze, there: np.ndarray) -> tuple[str, ...]:
    """Images that have most of the fixations for which `there` holds."""
    counts = np.bincount(gaze.image[there], minlength=len(gaze.truths))
    most = np.argsort(-counts, kind="stable")[:3]
    return tuple(gaze.truths.names[k] for k in most if counts[k])


RULES = (
    *(_outside, _frame, _border, _one_place, _repeated_rows, _samples, _first, _durations),
    *(_subjects, _images),
)
