"""What the values of the predictions say, as maps or as log densities."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median

import numpy as np

from benchmark_kit.errors import Problem
from benchmark_kit.maps.facts import warnings_from
from benchmark_kit.packaging.checks.findings import minus_infinite, pixel_facts, readable
from benchmark_kit.packaging.checks.look import THUMBNAIL, Facts, Look
from benchmark_kit.packaging.checks.looks import Thumbnails
from benchmark_kit.packaging.checks.names import PACKAGE
from benchmark_kit.packaging.checks.stimuli import BoardStimuli

LIKE_PICTURE = 0.98  # correlation at which a map is the gray picture
INVERTED_MEDIAN = 0.75  # predictions lie below 0.5, inverted ones above 0.88
INVERTED_CENTRE = -0.2  # correlation of the mean map with a centred Gaussian
NO_CENTRE = 0.3
BORDER = 1.1  # first and last row over the whole map's mean
EQUALISED_MEDIAN, EQUALISED_FLATNESS = 0.45, 0.95
WIDEST = 40.0  # nats
RENORMALISE = "renormalise"  # of `Problem.mended_by`: log densities whose base is right
SLIGHTLY = 1e-5  # |logsumexp| that a float32 density stays below


def map_findings(
    looks: Mapping[str, Look], sums: Thumbnails, stimuli: BoardStimuli
) -> list[Problem]:
    """What values say of predictions that are meant as maps: E107, E402, W301 to W312."""
    facts = readable(looks)
    found: list[Problem] = []
    infinite = minus_infinite(looks)
    if infinite:
        text = f"{sum(infinite.values())} pixels of {len(infinite)} maps are -Inf"
        found.append(Problem("E304", tuple(infinite), text, fix="mask before saving"))
    like = {n: f.like_picture for n, f in facts.items() if f.like_picture is not None}
    if like and min(like.values()) >= LIKE_PICTURE:
        text = f"maps are the stimuli in gray (correlation {min(like.values()):.3f} or more)"
        fix = "give the folder of the maps that a model made"
        found.append(Problem("E107", tuple(like), text, fix=fix))
    logs = {n: f.base for n, f in facts.items() if f.base}
    if logs:
        bases = " and ".join(sorted(set(logs.values())))
        text = f"{len(logs)} maps look like log densities to base {bases}"
        fix = "send maps, not their logarithms"
        if "densities" in stimuli.board.kinds:
            fix = "--kind densities, or derive maps from them"
        found.append(Problem("E402", tuple(logs), text, fix=fix))
    plain = {n: f for n, f in facts.items() if n not in logs}
    varied = {n: f for n, f in plain.items() if not f.constant}
    found += [p for p in warnings_from(pixel_facts(varied)) if p.code in ("W301", "W302", "W309")]
    dark = [n for n, f in varied.items() if f.narrow or f.pixels.get("top", 255) < 128]
    if dark:
        text = "maps use less than half of their type's range"
        found.append(Problem("W303", tuple(dark), text, fix="min-max scale before storing"))
    densities = [n for n, f in plain.items() if f.density]
    if densities and "densities" in stimuli.board.kinds:
        text = "maps look like densities (values sum to one)"
        fix = "--kind densities with their logarithms scores higher on this board"
        found.append(Problem("W311", tuple(densities), text, fix=fix))
    return found + _shape_findings(varied, sums)


def _shape_findings(facts: Mapping[str, Facts], sums: Thumbnails) -> list[Problem]:
    """W304, W305, W306, W312: what the distribution over gray levels and places looks like."""
    if not facts:
        return []
    found = []
    medians = {n: f.median for n, f in facts.items() if f.median is not None}
    high = [n for n, value in medians.items() if value > INVERTED_MEDIAN]
    centre = _centre_correlation(sums.scaled)
    if 2 * len(high) > len(facts) or centre < INVERTED_CENTRE:
        middle = median(medians.values())
        text = (
            f"maps look inverted (median of the scaled maps {middle:.2f}, "
            f"correlation of the mean map with a centred Gaussian {centre:.2f})"
        )
        found.append(
            Problem(
                "W304",
                tuple(high),
                text,
                fix="save 255 - map, if dark is salient",
            )
        )
    elif centre < NO_CENTRE:
        text = f"no centre bias (the mean map correlates {centre:.2f} with a centred Gaussian)"
        fix = "add a centre prior, unless the board ranks by sAUC"
        found.append(Problem("W305", (), text, fix=fix))
    border = median(f.border for f in facts.values())
    if border > BORDER:
        text = f"maps respond to the border (first and last row {border:.2f} times the mean)"
        found.append(Problem("W306", (), text, fix="crop or taper the border"))
    flat = [
        n
        for n, value in medians.items()
        if value > EQUALISED_MEDIAN and facts[n].flatness > EQUALISED_FLATNESS
    ]
    if 2 * len(flat) > len(facts):
        text = "maps look histogram-equalised or log-scaled, which halves NSS on peaked maps"
        fix = "send the unscaled maps, unless only AUC counts"
        found.append(Problem("W312", tuple(flat), text, fix=fix))
    return found


def _centre_correlation(mean_map: np.ndarray) -> float:
    """Correlation with a Gaussian of a quarter of each side; 1 for a mean map without variance."""
    rows, columns = (
        np.exp(-0.5 * ((np.arange(n) - (n - 1) / 2) / (n / 4)) ** 2) for n in THUMBNAIL
    )
    if mean_map.std() == 0:
        return 1.0
    gaussian = np.outer(rows, columns)
    return float(np.corrcoef(mean_map.reshape(-1), gaussian.reshape(-1))[0, 1])


def density_findings(looks: Mapping[str, Look]) -> list[Problem]:
    """What values say of predictions that are meant as log densities: E401, E403, E404, W40x."""
    facts = readable(looks)
    found: list[Problem] = []
    infinite = minus_infinite(looks)
    if infinite:
        text = f"{sum(infinite.values())} pixels of {len(infinite)} log densities are -inf"
        found.append(Problem("E404", tuple(infinite), text, fix=f"{PACKAGE}--floor"))
    maps = {n: f for n, f in facts.items() if f.low >= 0 and not f.plain}
    if maps:
        one = next(iter(maps.values()))
        text = f"maps given, log densities wanted (maximum {one.high:g}, sums to {one.sum:g})"
        found.append(Problem("E401", tuple(maps), text, fix=f"{PACKAGE}--to-density METHOD"))
    plain = [n for n, f in facts.items() if f.plain]
    if plain:
        text = (
            "plain densities, log densities wanted: the values sum to one, not their exponentials"
        )
        found.append(Problem("E403", tuple(plain), text, fix="take the natural logarithm"))
    off = {n: f for n, f in facts.items() if f.base is not None}
    for base in sorted({f.base or "" for f in off.values()}):
        found.append(_not_normalised({n: f for n, f in off.items() if f.base == base}, base))
    good = {n: f for n, f in facts.items() if f.judged}
    slightly = {n: f.total for n, f in good.items() if abs(f.total) >= SLIGHTLY}
    if slightly:
        worst = max(slightly, key=lambda n: abs(slightly[n]))
        text = f"logsumexp up to {slightly[worst]:.2g} ({worst}); the board takes less than 1e-3"
        found.append(Problem("W402", tuple(slightly), text, fix=f"{PACKAGE}--renormalise"))
    uniform = tuple(n for n, f in good.items() if f.uniform)
    if uniform:
        text = "densities are uniform or nearly so: IG will not be above 0"
        found.append(Problem("W401", uniform, text))
    flat = {n: f.plateau for n, f in good.items() if f.plateau and not f.uniform}
    if flat:
        text = (
            f"plateaus: up to {100 * max(flat.values()):.0f} % of the pixels share a value, and "
            "the board ranks those by place"
        )
        found.append(Problem("W403", tuple(flat), text, fix="float32, no clipping"))
    wide = {n: f.high - f.low for n, f in good.items() if f.high - f.low > WIDEST}
    if wide:
        text = f"densities span up to {max(wide.values()):.0f} nats, more than {WIDEST:g}"
        found.append(Problem("W404", tuple(wide), text, fix=f"{PACKAGE}--floor"))
    return found


def _not_normalised(off: Mapping[str, Facts], base: str) -> Problem:
    worst = max(off, key=lambda name: abs(off[name].total))
    value = off[worst].total
    text = f"log densities are not normalised (logsumexp up to {value:.4g}, {worst})"
    fix, mended_by = f"{PACKAGE}--renormalise", RENORMALISE
    if base in ("2", "10"):
        text = f"logarithms to base {base} instead of natural ones (logsumexp {value:.4g}, {worst})"
        fix, mended_by = f"multiply by ln {base}", ""
    return Problem("E403", tuple(off), text, "abs(logsumexp) below 1e-3", fix, mended_by)
