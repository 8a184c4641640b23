"""What becomes of a data set whose points do not fit its pictures: told, or refused with the cause.

A few points outside are a tracker's misses. Many are coordinates in other units, and whatever is
left of them would be scored as if nothing were wrong. Points that a reader leaves out on purpose,
as forced first fixations, and missing values are counted, but say nothing of the units.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from benchmark_kit.datasets.reading.tally import Tally
from benchmark_kit.errors import ConfigError, InputError, Problem

if TYPE_CHECKING:
    from benchmark_kit.datasets.reading.explanation import Explanation
    from benchmark_kit.types import Truths

MAX_OUTSIDE = 0.2  # share of the points that may lie outside (our choice)
FEW_OUTSIDE = 4  # that many are never refused: they tell nothing of the units (our choice)
OUTSIDE = ("negative", "outside")
CORNER, MANY_IN_CORNER = 0.01, 5  # share and number of points at (0, 0) from which they are told
NEARLY_ALL = 0.9  # share of the points in the first pixel from which it is told
ENOUGH = 100  # points that tell of other units although most of them lie inside


def check_limit(max_outside: float) -> None:
    """Refuse a limit that is no share.

    Raises:
        ConfigError: not between 0 and 1.
    """
    if not 0 <= max_outside <= 1:
        raise ConfigError(
            f"max_outside must be a share from 0 to 1, for instance {MAX_OUTSIDE:g}, "
            f"got {max_outside!r}"
        )


def too_many(dropped: Mapping[str, int], kept: int, max_outside: float) -> bool:
    """Whether more of the points lie outside than allowed.

    Args:
        dropped: numbers of points left out, by reason.
        kept: number of points inside.
        max_outside: share of the points that may lie outside.
    """
    outside = sum(dropped.get(reason, 0) for reason in OUTSIDE)
    return outside > FEW_OUTSIDE and outside > max_outside * (kept + outside)


def settle(truths: Truths, title: str, max_outside: float) -> Truths:
    """Freshly read ground truth with what its points look like among the notes.

    Args:
        truths: as a reader made it.
        title: what messages call the data set.
        max_outside: share of the points that may lie outside.

    Raises:
        InputError: more points outside than allowed, or coordinates that are certainly no pixels.
    """
    tally = truths.dropped
    if not isinstance(tally, Tally):
        return truths
    refuse_misfits(tally, truths.points_kept, title, max_outside, settings=truths.name == "folder")
    notes = truths.notes
    if tally.may_differ and (hint := _hint(tally, truths.name == "folder")):
        notes = (*notes, hint)
    if lost := _in_the_corner(truths):
        notes = (*notes, lost)
    return replace(truths, dropped=dict(tally), notes=notes)


def _in_the_corner(truths: Truths) -> str:
    """What to say of points at exactly (0, 0), which trackers write for samples they lost, and of
    points that all but lie there, as shares of a picture do if settings call them pixels.
    """
    looked_at = [truth.fixations for truth in truths if truth.fixations is not None]
    counts = [int(((each.x == 0) & (each.y == 0)).sum()) for each in looked_at]
    total, kept = sum(counts), truths.points_kept
    if total >= MANY_IN_CORNER and total >= CORNER * kept:
        return (
            f"{total:,} of {kept:,} fixations, in {sum(map(bool, counts))} images, lie at exactly "
            "(0, 0), which trackers write for samples they lost. Fix: leave such rows out"
        )
    near = sum(int(((each.x <= 1) & (each.y <= 1)).sum()) for each in looked_at)
    if near >= MANY_IN_CORNER and near >= NEARLY_ALL * kept:
        return (
            f"{near:,} of {kept:,} fixations lie in the first pixel of their pictures, as shares "
            'of the sides do. If they are shares: units = "normalised"'
        )
    return ""


def refuse_misfits(
    tally: Tally, kept: int, title: str, max_outside: float, *, settings: bool
) -> None:
    """Refuse points that do not fit their pictures.

    Args:
        tally: what was left out, and the sample.
        kept: number of points inside.
        title: what messages call the data.
        max_outside: share of the points that may lie outside.
        settings: a `dataset.toml` says how its values become pixels, so lines of it are the fix.

    Raises:
        InputError: more points outside than allowed, or coordinates that are certainly no pixels.
    """
    if too_many(tally, kept, max_outside):
        outside = sum(tally[reason] for reason in OUTSIDE)
        raise InputError(
            f"{title}: {outside:,} of {kept + outside:,} fixations "
            f"({outside / (kept + outside):.0%}) lie outside their pictures; up to "
            f"{max_outside:.0%} are accepted.",
            [_misfit(tally, settings, kept)],
        )
    if tally.may_differ and (found := _alike(tally)) and found[0].kind == "normalised":
        raise InputError(
            f"{title}: the fixations are not in pixels.", [_misfit(tally, settings, kept)]
        )


def _alike(tally: Tally) -> tuple[Explanation, ...]:
    from benchmark_kit.datasets.reading.units import look_alike

    if tally.looks is None:
        tally.looks = look_alike(tally.samples, tally.per_degree) if tally.samples else ()
    return tally.looks


def _misfit(tally: Tally, settings: bool, kept: int) -> Problem:
    """The problem: where the coordinates lie, what they look like, and what mends it."""
    from benchmark_kit.datasets.reading.explanation import Points, images_outside, ranges
    from benchmark_kit.datasets.reading.units import FEWEST

    points = Points(tally.samples)
    counts = ", ".join(f"{tally[reason]:,} {reason}" for reason in OUTSIDE if tally[reason])
    found = ranges(points) + (f" ({counts})" if counts else "")
    alike = [each for each in _alike(tally) if each.kind != "pixels"]
    if not tally.may_differ and len(alike) < len(_alike(tally)):
        fix = "leave units, offset, scale, screen and swap_xy out of dataset.toml"
        return Problem("E707", (), f"{found}; as they are they look like pixels", fix=fix)
    if not alike and sum(len(sample.x) for sample in tally.samples) < FEWEST:
        found += "; they are too few to tell their units"
    elif not alike:
        found += "; they look like no usual unit, shift or scale of pixels"
        some, images = images_outside(points)
        if 0 < some < images:
            found += (
                f" (of {some} of {images} images all points lie outside, as if units were mixed)"
            )
    if not alike:
        fix = (
            "say in dataset.toml how the values become pixels (docs/datasets.md), and check that "
            "the columns and the pictures are the right ones"
            if settings
            else "use the files of the data set as its authors distribute them"
        )
    else:
        found += f"; they look like {' or '.join(each.text for each in alike)}"
        lines = " or ".join(" and ".join(f"`{line}`" for line in each.settings) for each in alike)
        fix = (
            f"write into dataset.toml {lines}"
            if settings
            else "use the files of the data set as its authors distribute them, or write the "
            f"points as a table of --dataset folder whose dataset.toml says {lines}"
        )
        if settings and not tally.may_differ:
            fix += " in place of its units, index_base, offset, scale, screen and swap_xy"
        if len(alike) == 1 and alike[0].upwards:
            upwards = " and ".join(f"`{line}`" for line in alike[0].upwards)
            fix += f" (if y counts upwards, as of some trackers, with {upwards})"
    if kept and counts:
        fix += "; to score what lies inside all the same: --max-outside 1"
    return Problem("E707", (), found, fix=fix)


def _hint(tally: Tally, settings: bool) -> str:
    """A sentence if the points look like other units although most of them lie inside."""
    if sum(len(sample.x) for sample in tally.samples) < ENOUGH:
        return ""
    if _counted_from_one(tally):
        return "the points look counted from 1 (index_base = 1, --index-base 1)"
    found = _alike(tally)
    if len(found) != 1 or found[0].kind not in ("swapped", "another size"):
        return ""
    smaller = found[0].kind == "another size" and found[0].ratio is not None
    if smaller and not 0 < (found[0].ratio or 1) < 0.8:
        return ""
    fix = " and ".join(found[0].settings) if settings else "the authors' own files are needed"
    return f"the points look like {found[0].text}; if so: {fix}"


def _counted_from_one(tally: Tally) -> bool:
    """Whole numbers from 1 to the very width or height: the last pixel's number if counted from
    1.
    """
    at_end = False
    for sample in tally.samples:
        for values, side in ((sample.x, sample.size[1]), (sample.y, sample.size[0])):
            if (values % 1).any() or values.min() < 1 or values.max() > side:
                return False
            at_end |= bool((values == side).any())
    return at_end
