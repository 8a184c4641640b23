"""What a network is about to learn from: the first batch in numbers, and what looks wrong in it.

Wrong scaling, swapped axes and empty targets cost hours before anybody sees them in a loss. Here
they are told from one batch: by the range that the network's own preparation of colours gives, by
where fixations lie against where pictures have contrast, and by sums.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import keras
import numpy as np

from benchmark_kit.errors import InputError, name_some

CELLS = 12  # a side of the square on which contrast and target are compared
LEAST_GAIN = 0.05  # mean correlation that swapping must win
SURE = 3.0  # standard errors of that mean
FEWEST, ENOUGH = 4, 32  # pictures that say anything of swapped axes, and that say it
NARROW = 64  # a range that much smaller than expected is another scale: 0..1 is 255 times


@dataclass(frozen=True)
class FirstBatch:
    """The numbers of one batch.

    Args:
        lines: a table, line by line.
        warnings: what looks wrong, each with what to do.
    """

    lines: tuple[str, ...]
    warnings: tuple[str, ...]


def describe_batch(
    model: Any,
    inputs: Any,
    targets: Any,
    names: Sequence[str],
    truth: Sequence[str] = ("map",),
    more: Iterable[tuple[Any, Any]] = (),
) -> FirstBatch:
    """Ranges, sums and shares of zeros of a batch, and warnings.

    Args:
        model: the network; its `front` says which range its pictures have.
        inputs: what it takes, arrays (b, …) in any structure.
        targets: what its loss compares with, arrays (b, rows, columns, channels) likewise.
        names: of the pictures.
        truth: names of the targets' channels (`MapLoss.truth`).
        more: further batches; 32 pictures together tell swapped axes, a single batch seldom does.

    Raises:
        InputError: values that are not finite; the pictures are named.
    """
    given = list(_arrays("input", inputs))
    wanted = list(_arrays("target", targets))
    _refuse_not_finite([*given, *wanted], names)
    rows: list[tuple[str, ...]] = [("", "shape", "least", "mean", "most", "sum of one", "zeros")]
    rows += [_row(name, values) for name, values in given]
    for name, values in wanted:
        kinds = truth if values.ndim == 4 and values.shape[-1] == len(truth) else ("",)
        for k, kind in enumerate(kinds):
            part = values[..., k] if len(kinds) > 1 else values
            rows.append(_row(f"{name} {kind}".strip(), part))
    swapped = _swapped(chain([(inputs, targets)], more))
    warnings = [*_scale(model, given), *_empty(wanted, names), *swapped]
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)) for row in rows]
    return FirstBatch(tuple(line.rstrip() for line in lines), tuple(warnings))


def _arrays(kind: str, values: Any) -> Iterator[tuple[str, np.ndarray]]:
    leaves = keras.tree.flatten_with_path(values)
    for path, leaf in leaves:
        name = " ".join([kind, *map(str, path)]) if len(leaves) > 1 else kind
        yield name, np.asarray(leaf)


def _row(name: str, values: np.ndarray) -> tuple[str, ...]:
    wide = values.astype(np.float64)
    shape = "x".join(map(str, values.shape))
    if not wide.size:
        return (name, shape, "", "", "", "", "")
    numbers = [wide.min(), wide.mean(), wide.max(), wide.sum() / len(wide)]
    return (name, shape, *(f"{n:.4g}" for n in numbers), f"{100 * np.mean(wide == 0):.0f} %")


def _refuse_not_finite(arrays: list[tuple[str, np.ndarray]], names: Sequence[str]) -> None:
    for what, values in arrays:
        odd = [n for n, part in zip(names, values, strict=False) if not np.isfinite(part).all()]
        if odd:
            raise InputError(
                f"the first batch's {what} has values that are not finite: {name_some(odd)}. "
                "Fix: leave these pictures out, or mend their files"
            )


def _pictures(arrays: list[tuple[str, np.ndarray]]) -> np.ndarray | None:
    return next((v for _, v in arrays if v.ndim == 4 and v.shape[-1] == 3), None)


def _scale(model: Any, given: list[tuple[str, np.ndarray]]) -> Iterator[str]:
    """Whether pictures have the range that the network's colours make of 0..255."""
    pictures, front = _pictures(given), getattr(model, "front", None)
    if pictures is None or front is None:
        return
    ends = front.colours(np.array([[0.0] * 3, [255.0] * 3], np.float32))
    low, high = float(ends.min()), float(ends.max())
    span = float(np.ptp(ends, axis=0).min())  # of each channel: their means may lie apart
    spread = float(np.ptp(pictures.reshape(-1, 3), axis=0).max())
    least, most = float(pictures.min()), float(pictures.max())
    found = f"pictures range from {least:.3g} to {most:.3g}"
    expected = f"{low:.3g} to {high:.3g}"
    if spread == 0:
        yield f"all pictures are of one colour ({least:.3g}). Fix: look at the picture files"
    elif spread < span / NARROW:
        yield (
            f"{found}, {model.name} expects {expected}: are they 0..1 where 0..255 is expected? "
            "Fix: prepare them by model.preprocess, from 0..255 or from floats in 0..1"
        )
    elif most > high + span or least < low - span:
        yield (
            f"{found}, {model.name} expects {expected}: are they 0..255, or not prepared at all? "
            "Fix: prepare them by model.preprocess"
        )


def _empty(wanted: list[tuple[str, np.ndarray]], names: Sequence[str]) -> Iterator[str]:
    """Targets with nothing in them."""
    for what, values in wanted:
        if values.ndim < 3:
            continue
        flat = values.reshape(len(values), -1)
        empty = [n for n, part in zip(names, flat, strict=False) if not part.any()]
        if empty:
            yield (
                f"{what}: nothing at all in {len(empty)} of {len(values)}: {name_some(empty)}. "
                "Fix: leave out pictures without fixations, or look whether fixations lie inside "
                "their pictures"
            )


def _swapped(batches: Iterable[tuple[Any, Any]]) -> Iterator[str]:
    """Whether targets follow the contrast of the pictures better with x and y exchanged."""
    gains: list[float] = []
    for inputs, targets in batches:
        gains += _gains(inputs, targets)
        if len(gains) >= ENOUGH:
            break
    if len(gains) < FEWEST:
        return
    error = np.std(gains, ddof=1) / np.sqrt(len(gains))
    if np.mean(gains) > max(LEAST_GAIN, SURE * error):
        yield (
            "fixations follow what stands out in the pictures better with x and y exchanged "
            f"(correlation {np.mean(gains):+.2f}): are the axes swapped? "
            "Fix: swap_xy = true in dataset.toml, or look at salbench overlay --fixations"
        )


def _gains(inputs: Any, targets: Any) -> Iterator[float]:
    """Of each picture, what exchanging x and y adds to the correlation of contrast and target.

    Points whose axes were exchanged lie in the square at the upper left, whatever the picture's
    shape: only it is looked at.
    """
    pictures = _pictures(list(_arrays("input", inputs)))
    maps = next((v for _, v in _arrays("target", targets) if v.ndim == 4), None)
    if pictures is None or maps is None or len(maps) != len(pictures):
        return
    for picture, target in zip(pictures, maps[..., 0], strict=True):
        cells = min(CELLS, *picture.shape[:2], *target.shape)
        contrast, seen = (_upper_left(part, cells) for part in (_contrast(picture), target))
        if contrast.std() > 0 and seen.std() > 0:
            plain, turned = (np.corrcoef(contrast.ravel(), s.ravel())[0, 1] for s in (seen, seen.T))
            yield turned - plain


def _contrast(picture: np.ndarray) -> np.ndarray:
    """Length of the gray values' gradient."""
    down, across = np.gradient(picture.astype(np.float64).mean(axis=-1))
    return np.hypot(down, across)


def _upper_left(values: np.ndarray, cells: int) -> np.ndarray:
    """The square of the shorter side, as means over a grid of cells x cells."""
    side = min(values.shape)
    of_cell = np.eye(cells)[np.arange(side) * cells // side]
    sums = of_cell.T @ values[:side, :side].astype(np.float64) @ of_cell
    return sums / np.outer(of_cell.sum(axis=0), of_cell.sum(axis=0))
