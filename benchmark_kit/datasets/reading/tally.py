"""What a reader left out, by reason, and a sample of the points as their file gives them.

The counts go into the results. The sample tells, where too many points lie outside, what the
coordinates look like (`_units`); it is small, whatever the size of the data set.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from benchmark_kit.datasets.reading.explanation import Explanation

MOST_OF_AN_IMAGE = 200  # points of one image in the sample


@dataclass(frozen=True, eq=False)
class Sample:
    """Some points of one image, finite, in the units of their file.

    Args:
        size: (height, width) of the image in pixels.
        x: the first coordinate, float64 (n,).
        y: the second, likewise.
    """

    size: tuple[int, int]
    x: np.ndarray
    y: np.ndarray


class Tally(Counter[str]):
    """Numbers of points left out, by reason.

    `samples` keeps some points of every image. `may_differ` says that nobody has stated the points'
    units, so that they are to be judged by their looks.
    """

    def __init__(self) -> None:
        super().__init__()
        self.samples: list[Sample] = []
        self.may_differ = True
        self.per_degree: float | None = None  # pixels of one degree, where they are stated
        self.looks: tuple[Explanation, ...] | None = None  # found once, when first asked for

    def see(self, x: np.ndarray, y: np.ndarray, size: tuple[int, int]) -> None:
        """Keep a sample of an image's points, evenly spread over them."""
        import numpy as np

        finite = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
        if len(finite):
            step = -(-len(finite) // MOST_OF_AN_IMAGE)
            chosen = finite[::step]
            self.samples.append(Sample(size, x[chosen].copy(), y[chosen].copy()))
