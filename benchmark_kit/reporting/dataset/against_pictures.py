"""Whether fixations follow what the pictures show, as they stand and with axes turned.

People look where a picture has detail. Detail is measured roughly, as the local contrast of a small
copy, and compared at the fixations with what it would be if they were mirrored, swapped, or those
of another picture. Differences count over pictures, in standard errors: on a hundred photographs
true fixations lie more than four apart from every alternative.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from benchmark_kit.imaging.images import read_stimulus
from benchmark_kit.reporting.dataset.doubts import Doubt, in_standard_errors
from benchmark_kit.reporting.dataset.gaze import Gaze
from benchmark_kit.types import GroundTruth

MOST = 120  # pictures that are looked at
SIDE = 96  # longer side of the small copies, pixels
FINE, COARSE = 2.0, 3.0  # blurs in pixels of the copy
FEWEST = 12  # pictures below which nothing is said
FEWEST_UNRELATED, FEWEST_POINTS = 40, 1500  # pictures and fixations for the gravest doubt
CLEARLY = 3.0  # standard errors by which an alternative must be better
OTHERS = 5  # other pictures that each picture is compared with
UNRELATED = 0.2  # standard deviations below which own pictures are no better than others
FEWEST_INSIDE = 4  # fixations of a picture that a turn must leave inside
MOST_POINTS = 400  # of a picture

# shares of width and height, and width / height -> shares, perhaps outside of 0 to 1
Turn = Callable[[np.ndarray, np.ndarray, float], tuple[np.ndarray, np.ndarray]]
SWAPPED = (
    "x and y swapped",
    "`salbench import --map x=COLUMN,y=COLUMN` with the columns exchanged, or `swap_xy = true` "
    "in dataset.toml",
)
TURNS: dict[str, tuple[str, str, Turn]] = {
    "upside down": (
        "y upside down",
        "`salbench import --y-up`: y counts from the lower edge",
        lambda u, v, _: (u, 1 - v),
    ),
    "mirrored": (
        "x mirrored",
        "`scale = [-1, 1]` and an `offset` in dataset.toml, or mirror the column of x",
        lambda u, v, _: (1 - u, v),
    ),
    "turned": (
        "x mirrored and y upside down",
        "turn the columns of x and y, or the pictures, by 180 degrees",
        lambda u, v, _: (1 - u, 1 - v),
    ),
    "swapped": (*SWAPPED, lambda u, v, ratio: (v / ratio, u * ratio)),  # in pixels
    "swapped shares": (*SWAPPED, lambda u, v, _: (v, u)),
}


@dataclass(frozen=True, eq=False)
class _Look:
    """One picture's detail and its fixations.

    Args:
        detail: float64 (height, width), mean 0, standard deviation 1.
        across: shares of the width (n,).
        down: shares of the height (n,).
    """

    detail: np.ndarray
    across: np.ndarray
    down: np.ndarray

    def at(self, across: np.ndarray, down: np.ndarray) -> float:
        height, width = self.detail.shape
        rows = (down * height).astype(np.int64).clip(0, height - 1)
        columns = (across * width).astype(np.int64).clip(0, width - 1)
        return float(self.detail[rows, columns].mean())

    def gain(self, turn: Turn) -> float:
        """How much more detail turned fixations lie on, of those that stay inside."""
        height, width = self.detail.shape
        across, down = turn(self.across, self.down, width / height)
        inside = (across >= 0) & (across < 1) & (down >= 0) & (down < 1)
        if inside.sum() < FEWEST_INSIDE:
            return 0.0
        own = self.at(self.across[inside], self.down[inside])
        return self.at(across[inside], down[inside]) - own


def doubts_against_pictures(gaze: Gaze) -> Iterator[Doubt]:
    """Doubts whether the fixations belong to the pictures as they stand."""
    looks = _looks(gaze)
    if len(looks) < FEWEST:
        return
    own = np.array([look.at(look.across, look.down) for look in looks])
    better = {
        key: in_standard_errors(np.array([look.gain(turn) for look in looks]))
        for key, (_, _, turn) in TURNS.items()
    }
    best = max(better, key=lambda key: better[key])
    if better[best] > CLEARLY:
        words, fix, _ = TURNS[best]
        yield Doubt(
            best,
            f"With {words} the fixations lie on more detail of the pictures than as they stand "
            f"({better[best]:.1f} standard errors over {len(looks)} pictures).",
            fix,
        )
        return
    if len(looks) < FEWEST_UNRELATED or len(gaze) < FEWEST_POINTS:
        return
    others = np.mean(
        [
            [
                look.at(other.across, other.down)
                for look, other in zip(looks, looks[k:] + looks[:k], strict=True)
            ]
            for k in range(1, OTHERS + 1)
        ],
        axis=0,
    )
    own_lead = in_standard_errors(own - others)
    if own_lead < UNRELATED * len(looks) ** 0.5:
        yield Doubt(
            "unrelated",
            "The fixations lie on no more detail of their own pictures than those of other "
            f"pictures would ({own_lead:.1f} standard errors over {len(looks)} pictures): they may "
            "belong to other pictures.",
            "see whether the table names the picture that was shown (`salbench import --map "
            "image=COLUMN`), and whether `--stimuli` held those pictures",
        )


def _looks(gaze: Gaze) -> list[_Look]:
    """Evenly chosen pictures that have fixations and detail."""
    images = gaze.truths.images
    known = [k for k, count in enumerate(gaze.per_image) if count and images[k].stimulus]
    chosen: Sequence[int] = known
    if len(known) > MOST:
        chosen = [known[k] for k in np.linspace(0, len(known) - 1, MOST).astype(int)]
    starts = np.concatenate([[0], np.cumsum(gaze.per_image)])
    looks = []
    for k in chosen:
        mine = slice(int(starts[k]), int(starts[k + 1]), max(1, gaze.per_image[k] // MOST_POINTS))
        detail = _detail(images[k])
        if detail is not None:
            looks.append(_Look(detail, gaze.across[mine], gaze.down[mine]))
    return looks


def _detail(truth: GroundTruth) -> np.ndarray | None:
    """Blurred local contrast, standardised; None of a picture without any."""
    from PIL import Image
    from scipy.ndimage import gaussian_filter

    assert truth.stimulus is not None
    pixels = read_stimulus(truth.stimulus)
    scale = SIDE / max(pixels.shape[:2])
    size = (max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale)))
    small = Image.fromarray(pixels).convert("L").resize(size, Image.Resampling.BOX)
    gray = np.asarray(small, dtype=np.float64)
    detail = gaussian_filter(np.abs(gray - gaussian_filter(gray, COARSE)), FINE)
    spread = float(detail.std())
    return (detail - detail.mean()) / spread if spread > 1e-9 else None
