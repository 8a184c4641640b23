"""What one prediction's file and pixels say, found once in a worker process.

Everything that is told of it is small: numbers, a digest, a thumbnail that is summed up at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from benchmark_kit.imaging.images import (
    BYTES_A_PIXEL,
    PICTURES,
    DecodeError,
    MapInfo,
    inspect_map,
    npy_header,
    read_map,
    read_stimulus,
    suffix_of,
)
from benchmark_kit.maps.facts import LOG_SLACK, NORMALISED, examine, log_sum
from benchmark_kit.maps.pixels import most_pixels
from benchmark_kit.maps.sources import (
    ArrayReference,
    DatasetReference,
    FileReference,
    MemberReference,
    Reference,
)
from benchmark_kit.packaging.checks.picture_form import picture_form
from benchmark_kit.prepared.forms import LevelMap, PreparedMap, prepare

THUMBNAIL = (48, 64)  # rows, columns
SAMPLE = 2**16  # pixels that median and histogram are taken from
BINS = 16
BASES = {"e": np.e, "2": 2.0, "10": 10.0}
CROWDED = 0.01  # share of pixels of one value that makes a plateau


@dataclass(frozen=True)
class LookTask:
    """One prediction to look at.

    Args:
        name: the image's name.
        reference: where the prediction lies.
        size: (height, width) of the image.
        kind: `"maps"` or `"densities"`.
        picture: the image itself where the prediction is to be compared with it, else None.
    """

    name: str
    reference: Reference
    size: tuple[int, int]
    kind: str
    picture: Path | None = None


@dataclass(frozen=True, eq=False)
class Look:
    """What was seen.

    Args:
        name: the image's name.
        info: size and stored type, or None where the file cannot be taken as a map.
        refused: code, finding and fix of a file that cannot be taken as a map, or None.
        facts: of form and values (see `look_at`).
        thumbnail: 48 x 64 means of the values, or None.
    """

    name: str
    info: MapInfo | None
    refused: tuple[str, str, str] | None
    facts: Mapping[str, Any] = field(default_factory=dict)
    thumbnail: np.ndarray | None = None


def look_at(task: LookTask) -> Look:
    """Read a prediction once and keep what the checks need.

    Returns:
        facts of form: `format`, `disguised`, `channels`, `quality`, `axes` (stored shape, if not
        two); of values: `not_finite` (pixels), `minus_infinite`, those of `map_facts.examine`, and
        for maps `base`, `density`, `median`, `flatness`, `border`, `narrow`, `like_picture`; for
        densities `low`, `high`, `total` (logsumexp, the worse of stored type and float64), `base`,
        `plain`, `uniform`, `plateau`, `span`.
    """
    limit = most_pixels(task.size)
    try:
        source = _whole_file(task.reference, limit)
        if source is None:
            info = task.reference.inspect(limit)
            facts = _axes(task.reference)
            pixels = task.reference.read(limit)
        else:
            info = inspect_map(source, most_pixels=limit)
            facts = _form(source, limit)
            pixels = read_map(source, most_pixels=limit)
    except DecodeError as error:
        return Look(task.name, None, (error.code, error.found, error.fix))
    bad = _not_finite(pixels)
    if bad:
        return Look(task.name, info, None, {**facts, **bad})
    prepared = prepare(pixels, unit=False)
    facts |= examine(pixels, prepared)
    if task.kind == "maps":
        facts |= _map_values(pixels, prepared, facts)
        if task.picture is not None:
            facts |= _likeness(pixels, task.picture)
    else:
        facts |= _density_values(pixels, prepared)
    return Look(task.name, info, None, facts, _thumbnail(pixels))


def _whole_file(reference: Reference, limit: int) -> tuple[str, bytes] | None:
    """Name and bytes of a prediction that is a file, so that it is fetched only once."""
    if isinstance(reference, MemberReference):
        return reference.member, reference._bytes(limit)
    if not isinstance(reference, FileReference):
        return None
    most = limit * BYTES_A_PIXEL + 2**20
    try:
        with open(reference.path, "rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        text = f"cannot be opened ({error.strerror})"
        raise DecodeError("E301", text, "check the file and its rights") from None
    if len(data) > most:
        text = f"more than {most} bytes, which no map of this size needs"
        raise DecodeError("E301", text, "write the file again")
    return reference.path.name, data


def _form(source: tuple[str, bytes], limit: int) -> dict[str, Any]:
    kind = suffix_of(source)
    if kind == ".npy":
        shape = npy_header(source, limit).shape
        return {"axes": shape} if len(shape) != 2 else {}
    if kind not in PICTURES:
        return {}
    form = picture_form(*source)
    return {
        "format": form.format,
        "disguised": form.disguised,
        "channels": form.channels,
        "quality": form.quality,
    }


def _axes(reference: Reference) -> dict[str, Any]:
    if isinstance(reference, ArrayReference):
        shape = np.shape(reference.array)
    elif isinstance(reference, DatasetReference):
        shape = reference.axes()
    else:
        return {}
    return {"axes": tuple(shape)} if len(shape) != 2 else {}


def _not_finite(pixels: np.ndarray) -> dict[str, int]:
    if pixels.dtype.kind != "f":
        return {}
    low = int(np.isneginf(pixels).sum())
    other = int(pixels.size - np.isfinite(pixels).sum()) - low
    return {key: count for key, count in (("not_finite", other), ("minus_infinite", low)) if count}


def _map_values(
    pixels: np.ndarray, prepared: PreparedMap, facts: Mapping[str, Any]
) -> dict[str, Any]:
    low, high = float(prepared.low[0]), float(prepared.high[0])
    found: dict[str, Any] = {}
    if facts.get("log_density"):
        found["base"] = _base(pixels)
    if not isinstance(prepared, LevelMap) and low >= 0:
        found["density"] = abs(float(prepared.total[0]) - 1.0) <= NORMALISED
    if low == high:
        return found
    if pixels.dtype.kind == "u":
        found["narrow"] = high - low < np.iinfo(pixels.dtype).max / 2
    sample = _sample(pixels)
    scaled = (sample - low) / (high - low)
    counts = np.bincount(np.minimum((scaled * BINS).astype(np.int64), BINS - 1), minlength=BINS)
    share = counts[counts > 0] / scaled.size
    found["median"] = float(np.median(scaled))
    found["flatness"] = float(-(share * np.log(share)).sum() / np.log(BINS))
    edges = (float(pixels[0].mean(dtype=np.float64)) + float(pixels[-1].mean(dtype=np.float64))) / 2
    found["border"] = (edges - low) / (float(prepared.mean[0]) - low)
    return found


def _sample(pixels: np.ndarray) -> np.ndarray:
    """Pixels at even distances, float64; a step without common factors leaves no column out."""
    step = max(1, pixels.size // SAMPLE)
    while np.gcd(step, pixels.shape[1]) > 1:
        step += 1
    return pixels.reshape(-1)[::step].astype(np.float64)


def _likeness(pixels: np.ndarray, path: Path) -> dict[str, float]:
    """Correlation of the map with the gray picture."""
    try:
        picture = read_stimulus(path)
    except DecodeError:
        return {}  # the check of the stimuli says so
    gray = picture.mean(axis=2)
    if gray.shape != pixels.shape or gray.std() == 0 or pixels.std() == 0:
        return {}
    return {"like_picture": float(np.corrcoef(pixels.reshape(-1), gray.reshape(-1))[0, 1])}


def _density_values(pixels: np.ndarray, prepared: PreparedMap) -> dict[str, Any]:
    from scipy.special import logsumexp

    low, high = float(prepared.low[0]), float(prepared.high[0])
    found: dict[str, Any] = {"low": low, "high": high, "span": high - low}
    if low >= 0:
        total = float(prepared.total[0])
        found["sum"] = total
        found["plain"] = abs(total - 1.0) <= NORMALISED
        return found
    wide = log_sum(pixels, np.e)
    stored = float(logsumexp(pixels)) if pixels.dtype.kind == "f" else wide
    found["total"] = max(wide, stored, key=abs)
    if abs(found["total"]) >= NORMALISED:
        found["base"] = _base(pixels)
        return found
    flat = pixels.reshape(-1).astype(np.float64)
    entropy = -float(np.sum(np.exp(flat) * flat)) / np.log(2.0)
    found["uniform"] = np.log2(flat.size) - entropy <= 0.01
    found["plateau"] = _plateau(pixels)
    return found


def _base(pixels: np.ndarray) -> str:
    """Base of the logarithms by which the exponentials sum to one; empty if none does."""
    fits = {name: abs(log_sum(pixels, base)) for name, base in BASES.items()}
    best = min(fits, key=lambda name: fits[name])
    return best if fits[best] < LOG_SLACK else ""


def _plateau(pixels: np.ndarray) -> float:
    """Share of the pixels that have the commonest value, 0 if it is under one percent."""
    ordered = np.sort(pixels, axis=None)
    most = int(CROWDED * ordered.size)
    if most < 1 or not (ordered[most:] == ordered[:-most]).any():
        return 0.0
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1], [True])))
    return float(np.diff(starts).max() / ordered.size)


def _thumbnail(pixels: np.ndarray) -> np.ndarray:
    """Means of 48 x 64 blocks, float64; smaller maps repeat their pixels."""
    block = pixels.astype(np.float64)
    for axis, parts in enumerate(THUMBNAIL):
        edges = np.arange(parts) * pixels.shape[axis] // parts
        widths = np.maximum(np.diff(np.append(edges, pixels.shape[axis])), 1)
        block = np.add.reduceat(block, edges, axis=axis)
        block = block / (widths[:, None] if axis == 0 else widths)
    return block
