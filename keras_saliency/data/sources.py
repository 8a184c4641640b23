"""The pictures that batches are made of: those of one data set, or of several with their weights.

What cannot be learned from is found here, before the first step: pictures without a file, densities
of another size, data sets without fixations.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from benchmark_kit.errors import ConfigError, InputError, KitError, Problem, name_some
from benchmark_kit.imaging.density import DensitySpec, parse_sigma
from benchmark_kit.imaging.images import inspect_map
from benchmark_kit.types import GroundTruth, Truths


@dataclass(frozen=True, eq=False)
class Source:
    """One data set.

    Args:
        name: it is called by; first part of a picture's name where there are several sets.
        truths: the data set's own record.
        images: those of its pictures that can be learned from.
        spec: how densities are made where none is shipped, or where a sigma was asked for.
        shipped: whether a picture's own density file goes before the computed one.
        weight: its share of an epoch, all weights together being one.
    """

    name: str
    truths: Truths
    images: tuple[GroundTruth, ...]
    spec: DensitySpec
    shipped: bool
    weight: float

    def density_spec(self, truth: GroundTruth) -> DensitySpec:
        """How the picture's density is made."""
        if self.shipped and truth.density_file is not None:
            return DensitySpec(source="shipped")
        return self.spec

    @cached_property
    def sizes(self) -> frozenset[tuple[int, int]]:
        """All sizes of its pictures."""
        return frozenset(truth.size for truth in self.images)


def gather(
    truths: Any, weights: Any = None, sigma: str | float | None = None, points: bool = True
) -> tuple[Source, ...]:
    """The data sets that a user names.

    Args:
        truths: `Truths`; a mapping of names to them; or a sequence of them.
        weights: their shares of an epoch, any scale: a mapping of the same names, or a sequence in
            the same order. None: by their numbers of pictures.
        sigma: of computed densities, in place of shipped ones too: pixels of the picture, or text
            (`"24px"`, `"1deg"`); None: the data set's own way.
        points: whether the targets need fixations, or only densities.

    Raises:
        ConfigError: no data set, weights that do not belong to them, or a sigma in degrees for a
            data set that states no pixels per degree.
        InputError: pictures without a file, with fixations of another size, or with a density of
            another size, all of them named; or nothing to learn from.
    """
    named = _named(truths)
    widths = {name: _width(name, each, sigma) for name, each in named.items()}
    problems: list[Problem] = []
    kept = {name: _usable(each, problems, sigma, points) for name, each in named.items()}
    if problems:
        raise InputError("these pictures cannot be learned from", problems)
    for name, images in kept.items():
        if not images:
            raise InputError(
                f"{name}: none of its {len(named[name])} pictures has fixations, so there is "
                "nothing to learn. Fix: a data set, or a part of it, whose fixations are public"
            )
        if left_out := len(named[name]) - len(images):
            missing = sorted(set(named[name].names) - {truth.name for truth in images})
            warnings.warn(
                f"{name}: {left_out} pictures have no fixations and are left out: "
                f"{name_some(missing)}",
                stacklevel=4,
            )
    shares = _shares(weights, {name: len(images) for name, images in kept.items()})
    return tuple(
        Source(
            name,
            each,
            kept[name],
            DensitySpec(sigma_px=widths[name]),
            sigma is None,
            shares[name],
        )
        for name, each in named.items()
    )


def _width(name: str, truths: Truths, sigma: str | float | None) -> float | None:
    if sigma is None:
        return truths.sigma_px
    try:
        return parse_sigma(str(sigma), truths.pixels_per_degree)
    except ConfigError as error:
        raise ConfigError(f"{name}: {error}") from None


def _named(truths: Any) -> dict[str, Truths]:
    if isinstance(truths, Truths):
        named = {truths.name: truths}
    elif isinstance(truths, Mapping):
        named = {str(name): each for name, each in truths.items()}
    elif isinstance(truths, Sequence):
        named = {}
        for each in truths:
            name = getattr(each, "name", type(each).__name__)
            number = sum(known.rstrip("0123456789") == name for known in named) + 1
            named[name if number == 1 else f"{name}{number}"] = each
    else:
        named = {}
    wrong = [type(each).__name__ for each in named.values() if not isinstance(each, Truths)]
    if not named or wrong:
        found = wrong[0] if wrong else type(truths).__name__
        raise ConfigError(
            f"batches are made of a data set's truths, or of several, got {found}. "
            'Fix: benchmark_kit.datasets.get_dataset("osie", ROOT)'
        )
    return named


def _usable(
    truths: Truths, problems: list[Problem], sigma: str | float | None, points: bool
) -> tuple[GroundTruth, ...]:
    """Pictures with something to learn from; what is wrong with others joins the problems."""
    kept, no_file, other_size = [], [], []
    for truth in truths:
        shipped = sigma is None and truth.density_file is not None
        if truth.stimulus is None or not os.path.isfile(truth.stimulus):
            no_file.append(truth.name if truth.stimulus is None else str(truth.stimulus))
            continue
        if truth.fixations is not None and truth.fixations.size != truth.size:
            other_size.append(truth.name)
            continue
        if shipped:
            _check_density(truth, problems)
        if (truth.fixations is not None and len(truth.fixations)) or (shipped and not points):
            kept.append(truth)
    if no_file:
        problems.append(
            Problem(
                "E701",
                tuple(no_file),
                f"{truths.name}: pictures whose file is not there",
                fix="the data set's stimuli, complete, or truths.subset(names)",
            )
        )
    if other_size:
        problems.append(
            Problem(
                "E703",
                tuple(other_size),
                f"{truths.name}: fixations that count on a picture of another size",
                "(height, width) of fixations and picture alike",
                "read the data set with its own reader",
            )
        )
    return tuple(kept)


def _check_density(truth: GroundTruth, problems: list[Problem]) -> None:
    assert truth.density_file is not None
    place = str(truth.density_file)
    try:
        size = inspect_map(truth.density_file).size
    except KitError as error:
        code = getattr(error, "code", "E301")
        found = f"a density that cannot be read: {getattr(error, 'found', error)}"
        problems.append(Problem(code, (place,), found, fix="sigma=, to blur the fixations instead"))
        return
    if size != truth.size:
        problems.append(
            Problem(
                "E703",
                (place,),
                f"a density of {size[1]}x{size[0]}",
                f"the picture's {truth.size[1]}x{truth.size[0]}",
                "the right file, or sigma=, to blur the fixations instead",
            )
        )


def _shares(weights: Any, counts: dict[str, int]) -> dict[str, float]:
    if weights is None:
        given: dict[str, float] = {name: float(count) for name, count in counts.items()}
    elif isinstance(weights, Mapping):
        given = {str(name): float(weight) for name, weight in weights.items()}
    else:
        given = dict(zip(counts, map(float, weights), strict=False))
        if len(weights) != len(counts):
            given["?"] = 0.0
    total = sum(given.values())
    if set(given) != set(counts) or not all(0 < w < float("inf") for w in given.values()):
        raise ConfigError(
            f"weights must give a number above 0 for each of {', '.join(counts)}, got {weights!r}"
        )
    return {name: weight / total for name, weight in given.items()}
