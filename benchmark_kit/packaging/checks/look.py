"""What one prediction's file and pixels say, found once in a worker process.

Everything that is told of it is small: numbers, a digest, a thumbnail that is summed up at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
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


@dataclass(frozen=True)
class Facts:
    """What is known of one prediction; what does not apply keeps its default.

    Args:
        format: of a picture by its content: `"png"`, `"jpeg"`, `"tiff"`, `"bmp"`.
        disguised: its extension promises another format.
        channels: in words where it is not one gray channel.
        quality: of a JPEG, about 1 to 100.
        axes: stored shape, where it has not two axes.
        not_finite: pixels that are NaN or +Inf.
        minus_infinite: pixels that are -Inf.
        pixels: what scoring knows as well (`maps.facts.examine`); empty where values are no
            numbers, and then nothing below is known either.
        base: of logarithms whose exponentials sum to one, `"e"`, `"2"` or `"10"`; empty if none
            does; None where values are no logarithms, or natural ones that are normalised.
        density: of a map: its values sum to one.
        narrow: of an integer map: it uses less than half of its type's range.
        median: of the min-max scaled map.
        flatness: entropy of its histogram over the largest that there is.
        border: mean of first and last row over the mean.
        like_picture: correlation with the gray picture.
        low: smallest value of what is meant as a log density.
        high: its largest value.
        total: logsumexp, the worse of stored type and float64.
        sum: of values that are no logarithms.
        plain: these sum to one.
        judged: a normalised log density, of which the following are known.
        uniform: it is uniform or nearly so.
        plateau: share of its pixels that have the commonest value.
    """

    format: str = ""
    disguised: bool = False
    channels: str = ""
    quality: int | None = None
    axes: tuple[int, ...] | None = None
    not_finite: int = 0
    minus_infinite: int = 0
    pixels: Mapping[str, Any] = field(default_factory=dict)
    base: str | None = None
    density: bool = False
    narrow: bool = False
    median: float | None = None
    flatness: float = 0.0
    border: float = 0.0
    like_picture: float | None = None
    low: float = 0.0
    high: float = 0.0
    total: float = 0.0
    sum: float = 0.0
    plain: bool = False
    judged: bool = False
    uniform: bool = False
    plateau: float = 0.0

    @property
    def constant(self) -> bool:
        """All values are equal."""
        return bool(self.pixels.get("constant"))


@dataclass(frozen=True, eq=False)
class Look:
    """What was seen.

    Args:
        name: the image's name.
        info: size and stored type, or None where the file cannot be taken as a map.
        refused: code, finding and fix of a file that cannot be taken as a map, or None.
        facts: of form and values.
        thumbnail: 48 x 64 means of the values, or None.
    """

    name: str
    info: MapInfo | None
    refused: tuple[str, str, str] | None
    facts: Facts = Facts()
    thumbnail: np.ndarray | None = None


def look_at(task: LookTask) -> Look:
    """Read a prediction once and keep what the checks need."""
    limit = most_pixels(task.size)
    try:
        source = _whole_file(task.reference, limit)
        if source is None:
            info = task.reference.inspect(limit)
            facts = Facts(axes=_axes(task.reference))
            pixels = task.reference.read(limit)
        else:
            info = inspect_map(source, most_pixels=limit)
            facts = _form(source, limit)
            pixels = read_map(source, most_pixels=limit)
    except DecodeError as error:
        return Look(task.name, None, (error.code, error.found, error.fix))
    not_finite, minus_infinite = _not_finite(pixels)
    if not_finite or minus_infinite:
        bad = replace(facts, not_finite=not_finite, minus_infinite=minus_infinite)
        return Look(task.name, info, None, bad)
    prepared = prepare(pixels, unit=False)
    facts = replace(facts, pixels=examine(pixels, prepared))
    if task.kind == "maps":
        facts = _map_values(pixels, prepared, facts)
        if task.picture is not None:
            facts = replace(facts, like_picture=_likeness(pixels, task.picture))
    else:
        facts = _density_values(pixels, prepared, facts)
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


def _form(source: tuple[str, bytes], limit: int) -> Facts:
    kind = suffix_of(source)
    if kind == ".npy":
        shape = npy_header(source, limit).shape
        return Facts(axes=shape if len(shape) != 2 else None)
    if kind not in PICTURES:
        return Facts()
    form = picture_form(*source)
    return Facts(form.format, form.disguised, form.channels, form.quality)


def _axes(reference: Reference) -> tuple[int, ...] | None:
    if isinstance(reference, ArrayReference):
        shape = tuple(np.shape(reference.array))
    elif isinstance(reference, DatasetReference):
        shape = tuple(reference.axes())
    else:
        return None
    return shape if len(shape) != 2 else None


def _not_finite(pixels: np.ndarray) -> tuple[int, int]:
    """Pixels that are NaN or +Inf, and -Inf."""
    if pixels.dtype.kind != "f":
        return 0, 0
    low = int(np.isneginf(pixels).sum())
    return int(pixels.size - np.isfinite(pixels).sum()) - low, low


def _map_values(pixels: np.ndarray, prepared: PreparedMap, facts: Facts) -> Facts:
    low, high = float(prepared.low[0]), float(prepared.high[0])
    if facts.pixels.get("log_density"):
        facts = replace(facts, base=_base(pixels))
    if not isinstance(prepared, LevelMap) and low >= 0:
        facts = replace(facts, density=abs(float(prepared.total[0]) - 1.0) <= NORMALISED)
    if low == high:
        return facts
    median, share = _distribution(pixels, low, high)
    edges = (float(pixels[0].mean(dtype=np.float64)) + float(pixels[-1].mean(dtype=np.float64))) / 2
    return replace(
        facts,
        narrow=pixels.dtype.kind == "u" and high - low < np.iinfo(pixels.dtype).max / 2,
        median=median,
        flatness=float(-(share * np.log(share)).sum() / np.log(BINS)),
        border=(edges - low) / (float(prepared.mean[0]) - low),
    )


def _distribution(pixels: np.ndarray, low: float, high: float) -> tuple[float, np.ndarray]:
    """Median of the min-max scaled map, and the shares of the bins that hold any, by a sample."""
    sample = _sample(pixels)
    # 8 bits: levels stand for pixels, each as often as it was drawn
    drawn = np.bincount(sample, minlength=256) if sample.dtype == np.uint8 else None
    values = sample.astype(np.float64) if drawn is None else np.flatnonzero(drawn)
    scaled = (values - low) / (high - low)
    bins = np.minimum((scaled * BINS).astype(np.int64), BINS - 1)
    if drawn is None:
        median, counts = np.median(scaled), np.bincount(bins)
    else:
        reached = np.cumsum(drawn[values])
        middle = [(sample.size - 1) // 2, sample.size // 2]
        median = scaled[np.searchsorted(reached, middle, side="right")].mean()
        counts = np.bincount(bins, weights=drawn[values])
    return float(median), counts[counts > 0] / sample.size


def _sample(pixels: np.ndarray) -> np.ndarray:
    """Pixels at even distances; a step without common factors leaves no column out."""
    step = max(1, pixels.size // SAMPLE)
    while np.gcd(step, pixels.shape[1]) > 1:
        step += 1
    return pixels.reshape(-1)[::step]


def _likeness(pixels: np.ndarray, path: Path) -> float | None:
    """Correlation of the map with the gray picture."""
    try:
        picture = read_stimulus(path)
    except DecodeError:
        return None  # the check of the stimuli says so
    gray = picture.mean(axis=2)
    if gray.shape != pixels.shape or gray.std() == 0 or pixels.std() == 0:
        return None
    return float(np.corrcoef(pixels.reshape(-1), gray.reshape(-1))[0, 1])


def _density_values(pixels: np.ndarray, prepared: PreparedMap, facts: Facts) -> Facts:
    from scipy.special import logsumexp

    low, high = float(prepared.low[0]), float(prepared.high[0])
    facts = replace(facts, low=low, high=high)
    if low >= 0:
        total = float(prepared.total[0])
        return replace(facts, sum=total, plain=abs(total - 1.0) <= NORMALISED)
    wide = log_sum(pixels, np.e)
    stored = float(logsumexp(pixels)) if pixels.dtype.kind == "f" else wide
    facts = replace(facts, total=max(wide, stored, key=abs))
    if abs(facts.total) >= NORMALISED:
        return replace(facts, base=_base(pixels))
    flat = pixels.reshape(-1).astype(np.float64)
    entropy = -float(np.sum(np.exp(flat) * flat)) / np.log(2.0)
    uniform = bool(np.log2(flat.size) - entropy <= 0.01)
    return replace(facts, judged=True, uniform=uniform, plateau=_plateau(pixels))


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
    block = pixels
    for axis, parts in enumerate(THUMBNAIL):
        length = pixels.shape[axis]
        if length % parts == 0:  # several times as fast as what follows
            apart = (*block.shape[:axis], parts, length // parts, *block.shape[axis + 1 :])
            block = block.reshape(apart).mean(axis=axis + 1, dtype=np.float64)
            continue
        edges = np.arange(parts) * length // parts
        widths = np.maximum(np.diff(np.append(edges, length)), 1)
        sums = np.add.reduceat(block.astype(np.float64), edges, axis=axis)
        block = sums / (widths[:, None] if axis == 0 else widths)
    return block
