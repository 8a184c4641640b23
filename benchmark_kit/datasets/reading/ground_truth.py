"""From a data set's pictures and what was found for them to its ground truth."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark_kit.datasets.reading.points import no_fixations
from benchmark_kit.datasets.reading.stimuli import Stimulus

if TYPE_CHECKING:
    from benchmark_kit.types import Fixations, GroundTruth


def every_picture(
    stimuli: Mapping[str, Stimulus],
    found: Mapping[str, Fixations],
    *,
    categories: bool = False,
    density_file: Callable[[str], Path | None] = lambda name: None,
) -> tuple[GroundTruth, ...]:
    """The ground truth of all pictures, in their order; those without fixations have none of them.

    Args:
        stimuli: the pictures by name.
        found: fixations by picture.
        categories: the first folder of a picture is its category.
        density_file: a picture's shipped density.
    """
    from benchmark_kit.types import GroundTruth

    return tuple(
        GroundTruth(
            name,
            stimulus.size,
            found[name] if name in found else no_fixations(stimulus.size),
            category=stimulus.category if categories else None,
            stimulus=stimulus.path,
            density_file=density_file(name),
        )
        for name, stimulus in stimuli.items()
    )
