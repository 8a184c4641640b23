"""How well pixels explain a data set's points: whether they lie inside and spread as gaze does.

People look around the middle of a picture, a fifth to a quarter of each side wide. The numbers are
our choice, tried on generated sets of every kind and on real ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmark_kit.datasets.reading.tally import Sample

if TYPE_CHECKING:
    import numpy as np

MOSTLY = 0.9  # share of the points, and of the images, that an explanation must bring inside
SPREAD, SPREAD_SLACK = 0.22, 0.3  # of gaze, in shares of a side; slack of its logarithm
MIDDLE_SLACK = 0.06  # of the mean, in shares of a side
WORST, WORST_OF_FEW = 7.0, 5.0  # misfit above which an explanation is not believed
MANY = 200  # points
REACH, REACH_SLACK = 0.85, 0.12  # of many points, in shares of a side
LOST = 20.0  # misfit if all points lay outside
RARE = 2.5  # misfit of the way that few experiments use
MOST, FEW_OF_AN_IMAGE = 50_000, 10  # points looked at: of large sets a part


@dataclass(frozen=True)
class Explanation:
    """One way to read the coordinates.

    Args:
        kind: explanations of one kind differ in numbers only.
        text: what the coordinates look like, to follow "they look like".
        settings: lines of `dataset.toml` that turn them into pixels.
        misfit: how little the points then look like gaze; 0 is best.
        inside: share of the points that then lie inside.
        ratio: of the sizes, where the kind is `"another size"`.
        upwards: lines to add, or to write instead of those of the same keys, if y counts upwards,
            which points alone do not tell; empty where it is unusual.
    """

    kind: str
    text: str
    settings: tuple[str, ...]
    misfit: float
    inside: float
    ratio: float | None = None
    upwards: tuple[str, ...] = ()


class Points:
    """The samples of a data set as arrays, one entry a point."""

    def __init__(self, samples: Sequence[Sample], per_degree: float | None = None):
        import numpy as np

        lengths = [len(sample.x) for sample in samples]
        step = -(-sum(lengths) // MOST)
        if len(samples) > MOST // FEW_OF_AN_IMAGE:  # else every image keeps some
            samples, lengths, step = samples[::step], lengths[::step], 1
        self.x = np.concatenate([sample.x[::step] for sample in samples])
        self.y = np.concatenate([sample.y[::step] for sample in samples])
        lengths = [-(-length // step) for length in lengths]
        sizes = np.array([sample.size for sample in samples], dtype=np.float64)
        self.height, self.width = np.repeat(sizes, lengths, axis=0).T
        self.image = np.repeat(np.arange(len(samples)), lengths)
        self.sizes = {sample.size for sample in samples}
        self.per_degree = per_degree

    def explain(
        self, kind: str, text: str, settings: Sequence[str], x: np.ndarray, y: np.ndarray
    ) -> Explanation | None:
        """The explanation that x, y are the pixels, or None if they cannot be."""
        import numpy as np

        inside = (x >= 0) & (x < self.width) & (y >= 0) & (y < self.height)
        share = np.bincount(self.image, inside) / np.bincount(self.image)
        if inside.mean() < MOSTLY or (share >= MOSTLY - 0.1).mean() < MOSTLY:
            return None
        misfit = 0.0
        for values, side in ((x, self.width), (y, self.height)):
            relative = (values / side)[inside]
            misfit += spread_misfit(relative)
        misfit += LOST * float(1 - inside.mean()) + (RARE if kind == "filled screen" else 0.0)
        if misfit > (WORST if len(x) >= MANY else WORST_OF_FEW):
            return None
        return Explanation(kind, text, tuple(settings), misfit, float(inside.mean()))


def spread_misfit(relative: np.ndarray) -> float:
    """How unlike gaze one coordinate is, in shares of the side: its middle and its spread."""
    import numpy as np

    spread = max(float(relative.std()), 1e-9)
    slack = MIDDLE_SLACK + spread / np.sqrt(len(relative))
    off = (float(relative.mean()) - 0.5) / slack
    low, high = np.quantile(relative, [0.005, 0.995])
    short = max(0.0, REACH - float(high - low)) if len(relative) >= MANY else 0.0
    return float(
        (np.log(spread / SPREAD) / SPREAD_SLACK) ** 2 + off**2 + (short / REACH_SLACK) ** 2
    )


def ranges(points: Points) -> str:
    """Where the coordinates lie, and on what pictures."""
    shown = [f"{w}x{h}" for h, w in sorted(points.sizes)[:3]]
    more = f" and {len(points.sizes) - 3} more sizes" if len(points.sizes) > 3 else ""
    x, y = points.x, points.y
    return (
        f"x from {x.min():.6g} to {x.max():.6g} and y from {y.min():.6g} to {y.max():.6g} on "
        f"pictures of {', '.join(shown)}{more}"
    )


def images_outside(points: Points) -> tuple[int, int]:
    """Number of images all whose points lie outside, and number of images looked at."""
    import numpy as np

    inside = (points.x >= 0) & (points.x < points.width)
    inside &= (points.y >= 0) & (points.y < points.height)
    counts = np.bincount(points.image, inside)
    return int((counts == 0).sum()), len(counts)
