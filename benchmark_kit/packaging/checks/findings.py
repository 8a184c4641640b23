"""What files and form of the predictions say: problems and warnings, each with all its places."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from benchmark_kit.errors import Problem
from benchmark_kit.imaging.images import DecodeError, MapInfo
from benchmark_kit.maps.facts import warnings_from
from benchmark_kit.maps.headers import Headers
from benchmark_kit.packaging.checks.look import Facts, Look
from benchmark_kit.packaging.checks.looks import Thumbnails
from benchmark_kit.packaging.checks.names import PACKAGE
from benchmark_kit.packaging.checks.stimuli import BoardStimuli

ALPHA = "an alpha channel"
HALF = "float16"
ALIKE = 0.98  # mean correlation of all pairs of maps: a centre-bias entry
GOOD_JPEG = 90


def header_findings(looks: Mapping[str, Look], stimuli: BoardStimuli) -> list[Problem]:
    """E201 to E204 and E301 to E303: sizes and files that cannot be taken as maps."""
    headers = Headers(transpose=False, kernel=None, command=PACKAGE)
    for name, look in looks.items():
        headers.look(stimuli.truths[name], _Seen(look))  # type: ignore[arg-type]
    return headers.problems()


class _Seen:
    """A map whose header has been read already, for the check that scoring shares."""

    def __init__(self, look: Look):
        self.look = look

    def inspect(self, most_pixels: int) -> MapInfo:
        if self.look.refused is not None:
            raise DecodeError(*self.look.refused)
        assert self.look.info is not None
        return self.look.info


def form_findings(
    looks: Mapping[str, Look], stimuli: BoardStimuli, *, keyed: bool, convert: bool
) -> tuple[list[Problem], list[str]]:
    """How files are stored: E302, E303, E405, W307, W308, W310; notes on what is converted."""
    board, problems, notes = stimuli.board, [], []

    def add(code: str, names: Sequence[str], found: str, fix: str) -> None:
        if names:
            problems.append(Problem(code, tuple(names), found, fix=fix))

    package = "salbench package stores one gray channel"
    alpha = places_where(looks, lambda f: f.channels == ALPHA)
    axes = places_where(looks, lambda f: f.axes is not None)
    if convert:
        other = [name for name, look in looks.items() if look.facts.channels]
        if converted := [*other, *axes]:
            notes.append(f"{len(converted)} maps of several channels or axes are stored gray")
    else:
        add("E302", alpha, "maps have an alpha channel, which boards refuse", package)
        add("E303", axes, "arrays have more than two axes, which boards refuse", package)
        equal = places_where(looks, lambda f: f.channels and f.channels != ALPHA)
        if equal:
            notes.append(f"{len(equal)} maps store gray as colours; that is read as gray")
    halves = [n for n, look in looks.items() if look.info and look.info.dtype == HALF]
    if keyed and not convert:
        text = "float16 in HDF5: the board sums in the stored type"
        add("E405", halves, text, "store float32")
    else:
        add("W310", halves, "maps are float16, with 10 bits of precision", "store float32")
    add(
        "W308",
        places_where(looks, lambda f: f.disguised),
        "files hold another format than their names say",
        "save them again under their own extension",
    )
    qualities = ((name, look.facts.quality) for name, look in looks.items())
    poor = {name: q for name, q in qualities if q is not None and q < GOOD_JPEG}
    if poor:
        text = f"JPEG of quality {min(poor.values())} to {max(poor.values())}, below {GOOD_JPEG}"
        add("W307", list(poor), text, "PNG, or quality 95")
    elif ".png" in board.members and not convert:
        jpegs = places_where(looks, lambda f: f.format == "jpeg")
        add("W307", jpegs, "maps are JPEG, and the board takes PNG", "PNG")
    return problems, notes


def shared_findings(looks: Mapping[str, Look]) -> list[Problem]:
    """E304 for both kinds: values that are no numbers."""
    bad = {n: look.facts.not_finite for n, look in looks.items() if look.facts.not_finite}
    if not bad:
        return []
    found = f"{sum(bad.values())} pixels of {len(bad)} maps are NaN or Inf"
    return [Problem("E304", tuple(bad), found, fix="mask before saving")]


def same_findings(
    looks: Mapping[str, Look], sums: Thumbnails, kind: str, *, constant: bool, identical: bool
) -> list[Problem]:
    """E305, E306, W201, W202, W203: maps that are constant, the same, or nearly the same.

    Args:
        looks: what was seen.
        sums: of the thumbnails.
        kind: `"maps"` or `"densities"`.
        constant: constant maps are wanted.
        identical: equal maps are wanted.
    """
    facts = readable(looks)
    found = []
    all_constant = bool(facts) and all(f.constant for f in facts.values())
    all_equal = len(facts) > 1 and len({f.pixels["digest"] for f in facts.values()}) == 1
    if all_constant and kind == "maps" and not constant:
        text = f"all {len(facts)} maps are constant or zero"
        fix = "check the model's output; --allow-constant if it is meant"
        found.append(Problem("E305", (), text, fix=fix))
    if all_equal and not all_constant and not identical:
        text = f"all {len(facts)} maps are identical, for different images"
        fix = "check the loop; --allow-identical for a centre-bias entry"
        found.append(Problem("E306", (), text, fix=fix))
    errors = {problem.code for problem in found}
    replaced = {"E305": {"W201", "W202"}, "E306": {"W201"}}
    left_out = set().union(*(replaced[code] for code in errors))
    if kind == "densities":
        left_out.add("W202")  # W401 says it of a density
    shared = warnings_from(pixel_facts(facts), log_density=True)
    found += [p for p in shared if p.code in {"W201", "W202"} - left_out]
    if not errors and sums.likeness is not None and sums.likeness > ALIKE:
        text = f"maps are nearly the same for every image (mean correlation {sums.likeness:.3f})"
        found.append(Problem("W203", (), text, fix="a centre-bias entry, perhaps?"))
    return found


def readable(looks: Mapping[str, Look]) -> dict[str, Facts]:
    """Facts of the predictions whose values could be judged, by image name."""
    return {name: look.facts for name, look in looks.items() if look.facts.pixels}


def pixel_facts(facts: Mapping[str, Facts]) -> dict[str, Mapping[str, Any]]:
    """The part of the facts that scoring knows as well."""
    return {name: one.pixels for name, one in facts.items()}


def places_where(looks: Mapping[str, Look], holds: Callable[[Facts], Any]) -> list[str]:
    """Names of the predictions whose facts fulfil a condition."""
    return [name for name, look in looks.items() if holds(look.facts)]


def minus_infinite(looks: Mapping[str, Look]) -> dict[str, int]:
    """Numbers of pixels that are -Inf, where there are some."""
    return {n: look.facts.minus_infinite for n, look in looks.items() if look.facts.minus_infinite}
