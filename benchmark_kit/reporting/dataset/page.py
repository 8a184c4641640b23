"""`salbench show`: a data set as one HTML file, to see whether it is what it should be."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmark_kit.errors import ConfigError
from benchmark_kit.files import write_text
from benchmark_kit.imaging.centre_bias import CentreBias
from benchmark_kit.imaging.colours import colourise
from benchmark_kit.imaging.laid_over import draw, points_of
from benchmark_kit.imaging.min_max import min_max
from benchmark_kit.reporting._charts import Chart, histogram_chart
from benchmark_kit.reporting._templates import template
from benchmark_kit.reporting.dataset.against_pictures import doubts_against_pictures
from benchmark_kit.reporting.dataset.agreement import doubts_of_agreement
from benchmark_kit.reporting.dataset.doubts import Doubt, doubts
from benchmark_kit.reporting.dataset.gaze import Gaze, pooled
from benchmark_kit.reporting.pictures import data_uri, picture_of, small
from benchmark_kit.types import Truths, dropped_text
from benchmark_kit.version import __version__

SHOWN = 12  # pictures, besides those that doubts name
MOST_DOUBTFUL = 12
CELLS = 64  # of the longer side of the maps of all fixations
MOST_DOTS = 500  # of a picture


@dataclass(frozen=True)
class Shown:
    """What was written.

    Args:
        out: the page.
        doubts: what looks wrong.
    """

    out: Path
    doubts: tuple[Doubt, ...]


def show(
    truths: Truths,
    out: str | Path,
    *,
    root: str | Path | None = None,
    refused: str | None = None,
) -> Shown:
    """Write the page of a data set.

    Args:
        truths: the data set.
        out: file to write; an existing one is replaced.
        root: its folder, as the page tells it.
        refused: what `evaluate` says when it refuses this data set, or None.

    Raises:
        ConfigError: its fixations are secret, or it has none.
        MissingExtra: jinja2 is not installed.
        DecodeError: a picture that cannot be read.
        RunFailed: the file cannot be written.
    """
    gaze = pooled(truths)
    if not len(gaze):
        raise ConfigError(
            f"{truths.name} has no fixations to show"
            + (f" (left out: {dropped_text(truths.dropped, 0)})" if _lost(truths.dropped) else "")
        )
    page = template("dataset.html.jinja", "the page of a data set")
    found = [*doubts(gaze), *doubts_against_pictures(gaze), *doubts_of_agreement(gaze)]
    if refused is not None:
        found = [each for each in found if each.key != "outside"]
    text = page.render(
        title=_title(truths),
        root=None if root is None else str(root),
        facts=_facts(gaze),
        refused=None if refused is None else refused.splitlines(),
        doubts=found,
        pictures=_pictures(gaze, found),
        maps=_maps(gaze),
        gradient=_gradient(),
        charts=_charts(gaze),
        subjects=_subjects(gaze),
        images=_images(gaze),
        dropped=dropped_text(truths.dropped, len(gaze)) if _lost(truths.dropped) else "none",
        notes=truths.notes,
        fingerprint=truths.fingerprint,
        command=_command(truths, root),
        version=__version__,
    )
    write_text(Path(out), text)
    return Shown(Path(out), tuple(found))


def _lost(dropped: Mapping[str, int]) -> bool:
    return any(dropped.values())


def _title(truths: Truths) -> str:
    return " ".join(filter(None, [truths.name, truths.edition, truths.split]))


def _command(truths: Truths, root: str | Path | None) -> str:
    part = "".join(
        f" --{key} {shlex.quote(value)}"
        for key in ("edition", "split")
        if (value := getattr(truths, key))
    )
    place = "DIR" if root is None else shlex.quote(str(root))
    return f"salbench evaluate MAPS --dataset {truths.name} --root {place}{part} --yardsticks"


def _facts(gaze: Gaze) -> list[tuple[str, str]]:
    """The first things to know: (what, how many)."""
    sizes = {truth.size for truth in gaze.truths}
    heights, widths = [size[0] for size in sizes], [size[1] for size in sizes]
    size = (
        f"{widths[0]}x{heights[0]}"
        if len(sizes) == 1
        else f"{len(sizes)} sizes, {min(widths)} to {max(widths)} x {min(heights)} to "
        f"{max(heights)}"
    )
    facts = [
        ("pictures", f"{len(gaze.truths):,} ({size})"),
        (gaze.truths.points, f"{len(gaze):,}, {np.median(gaze.per_image):,.0f} a picture (median)"),
    ]
    if gaze.subject is not None:
        lengths = np.bincount(gaze.scanpath)
        facts += [
            ("observers", f"{len(np.unique(gaze.subject)):,}"),
            (
                "scanpaths",
                f"{len(lengths):,}, {np.median(lengths):,.0f} {gaze.truths.points} each (median)",
            ),
        ]
    if gaze.duration is not None:
        low, middle, high = np.quantile(gaze.duration, [0.05, 0.5, 0.95])
        facts.append(("durations", f"{middle:.3g} s (median; nine in ten {low:.3g} to {high:.3g})"))
    return facts


def _pictures(gaze: Gaze, found: Sequence[Doubt]) -> list[dict[str, Any]]:
    """Pictures with their fixations: those that doubts name, and some evenly chosen."""
    names = gaze.truths.names
    why: dict[str, list[str]] = {}
    for doubt in found:
        for name in doubt.images:
            why.setdefault(name, []).append(doubt.key)
    chosen = list(why)[:MOST_DOUBTFUL]
    count = min(SHOWN, len(names))
    chosen += [
        name
        for k in np.linspace(0, len(names) - 1, count).astype(int)
        if (name := names[k]) not in chosen
    ]
    shown = []
    for name in chosen:
        truth = gaze.truths[name]
        picture = small(picture_of(truth))
        points = points_of(truth.fixations) * (picture.shape[1] / truth.size[1])
        points = points[:: max(1, -(-len(points) // MOST_DOTS))]
        subject = None if truth.fixations is None else truth.fixations.subject
        shown.append(
            {
                "name": name,
                "why": why.get(name, []),
                "uri": data_uri(draw(picture, [], points)),
                "fixations": 0 if truth.fixations is None else len(truth.fixations),
                "observers": None if subject is None else len(np.unique(subject)),
            }
        )
    return shown


def _maps(gaze: Gaze) -> list[tuple[str, str]]:
    """(title, picture) of where all fixations lie: counted, and as the centre bias."""
    height, width = _frame(gaze)
    cells = (gaze.down * height).astype(int) * width + (gaze.across * width).astype(int)
    counts = np.bincount(cells, minlength=height * width).reshape(height, width)
    maps = [("all fixations, counted on a grid", np.sqrt(counts))]
    if gaze.per_image.astype(bool).sum() > 1:
        largest = max((truth.size for truth in gaze.truths), key=lambda size: size[0] * size[1])
        maps.append(("centre bias (Gaussian, 35 px)", CentreBias(gaze.truths).density(largest)))
    return [(title, data_uri(_coloured(values, (height, width)))) for title, values in maps]


def _frame(gaze: Gaze) -> tuple[int, int]:
    """(height, width) of a grid as long and wide as the median picture."""
    ratio = float(np.median([truth.size[1] / truth.size[0] for truth in gaze.truths]))
    sides = (CELLS / ratio, CELLS) if ratio > 1 else (CELLS, CELLS * ratio)
    return max(1, round(sides[0])), max(1, round(sides[1]))


def _coloured(values: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    from PIL import Image

    shape = (size[1] * 6, size[0] * 6)
    kind = Image.Resampling.NEAREST if values.shape == size else Image.Resampling.BILINEAR
    large = Image.fromarray(min_max(values.astype(np.float64)).astype(np.float32)).resize(
        shape, kind
    )
    return colourise(np.asarray(large, dtype=np.float64).clip(0, 1), "magma").astype(np.uint8)


def _gradient() -> str:
    stops = colourise(np.linspace(0, 1, 11), "magma").astype(int)
    return ", ".join(f"rgb({red} {green} {blue})" for red, green, blue in stops)


def _charts(gaze: Gaze) -> list[Chart]:
    columns: list[tuple[str, str, np.ndarray]] = [
        ("across", "x as a share of the width", gaze.across),
        ("down", "y as a share of the height, downwards", gaze.down),
        ("images", f"{gaze.truths.points} a picture", gaze.per_image.astype(np.float64)),
    ]
    if gaze.subject is not None:
        lengths = np.bincount(gaze.scanpath).astype(np.float64)
        columns.append(("scanpaths", f"{gaze.truths.points} a scanpath", lengths))
    if gaze.duration is not None:
        seconds = gaze.duration.clip(0, float(np.quantile(gaze.duration, 0.99)))
        columns.append(("seconds", "durations in seconds (the longest 1 % at the end)", seconds))
    charts = [histogram_chart(key, title, [""], [values]) for key, title, values in columns]
    return [chart for chart in charts if chart is not None]


def _subjects(gaze: Gaze) -> list[dict[str, Any]]:
    """One row an observer."""
    if gaze.subject is None:
        return []
    rows = []
    for number in np.unique(gaze.subject):
        mine = gaze.subject == number
        pictures = len(np.unique(gaze.image[mine]))
        rows.append(
            {
                "name": gaze.truths.subject_name(int(number)),
                "fixations": int(mine.sum()),
                "pictures": pictures,
                "each": mine.sum() / pictures,
                "x": float(gaze.across[mine].mean()),
                "y": float(gaze.down[mine].mean()),
                "duration": None
                if gaze.duration is None
                else float(np.median(gaze.duration[mine])),
            }
        )
    return rows


def _images(gaze: Gaze) -> list[dict[str, Any]]:
    """One row a picture."""
    observers: Sequence[int | None] = [None] * len(gaze.truths)
    if gaze.subject is not None:
        pairs = np.unique(np.stack([gaze.image, gaze.subject]), axis=1)
        observers = np.bincount(pairs[0], minlength=len(gaze.truths)).tolist()
    return [
        {
            "name": truth.name,
            "size": f"{truth.size[1]}x{truth.size[0]}",
            "fixations": int(count),
            "observers": seen,
        }
        for truth, count, seen in zip(gaze.truths, gaze.per_image, observers, strict=True)
    ]
