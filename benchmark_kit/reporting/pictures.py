"""The report's pictures: images where models do best and worst, and what they look like there.

For each image the stimulus with its fixations, and for each model its map, the overlay, and where
it gains or loses information against the centre bias. Pictures are WebP data URIs of bounded size.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from benchmark_kit.errors import InputError, ResultsError
from benchmark_kit.imaging.centre_bias import CentreBias
from benchmark_kit.imaging.colours import colourise
from benchmark_kit.imaging.density import DensitySpec, default_spec, density_of
from benchmark_kit.imaging.images import read_stimulus
from benchmark_kit.imaging.laid_over import draw, overlay, points_of
from benchmark_kit.imaging.min_max import min_max
from benchmark_kit.maps.check import CheckedMaps, check_maps
from benchmark_kit.maps.pixels import prepare_pixels
from benchmark_kit.metrics import METRICS
from benchmark_kit.progress import Progress, of_passes
from benchmark_kit.reporting._gain import gain_map, gain_picture
from benchmark_kit.reporting._same_maps import refuse_other_maps
from benchmark_kit.reporting.result_maps import GivenMaps, ResultMaps, maps_of_results
from benchmark_kit.results.record import Results
from benchmark_kit.types import GroundTruth, Truths

LONGEST = 400  # longer side of a picture in pixels
QUALITY = 72
PER_LIST = 6  # best images shown of a metric, and as many worst ones
FEW, MANY_MODELS = 3, 4  # shown instead where there are more models than this
MOST_DOTS = 300
LIMIT_QUANTILE = 0.999  # gains beyond are drawn in full colour
OfModels = dict[tuple[str, int], np.ndarray]  # (image, place of the model) -> its pixels


@dataclass
class ModelPictures:
    """One model on one image.

    Args:
        label: the model.
        scores: (label, value as text) of its metrics here.
        map: data URI of the map.
        overlay: data URI of the map over the picture, with fixations.
        gain: data URI of the gain map, or None without centre bias.
        bits: its sum in bits a fixation.
    """

    label: str
    scores: list[tuple[str, str]]
    map: str
    overlay: str
    gain: str | None = None
    bits: float | None = None


@dataclass
class ImagePictures:
    """One image of the report.

    Args:
        name: its name.
        category: its category, or None.
        reasons: why it is shown, for instance `"NSS: best 1"`.
        stimulus: data URI of the picture with its fixations.
        models: one entry a model.
    """

    name: str
    category: str | None
    reasons: list[str]
    stimulus: str
    models: list[ModelPictures] = field(default_factory=list)


@dataclass(frozen=True)
class Gallery:
    """All pictures of a report.

    Args:
        images: in the order of their first reason.
        lists: the reasons without their ranks, for filtering: `"NSS: best"`.
        limit: gain in bits on one percent of the picture that takes the full colour, or None.
    """

    images: tuple[ImagePictures, ...]
    lists: tuple[str, ...]
    limit: float | None


def choose_images(results: Sequence[Results], labels: Sequence[str]) -> dict[str, list[str]]:
    """Images to show: best and worst of the first model, largest differences to the second.

    Returns:
        reason (`"NSS: best"`) -> names, the most extreme first.
    """
    count = PER_LIST if len(results) <= MANY_MODELS else FEW
    first = results[0]
    keys = _choosing(first)
    model = "" if len(results) == 1 else f" of {labels[0]}"
    chosen = {}
    for key in keys:
        label = first.metrics[key]["label"]
        values = {row["name"]: row[key] for row in first.images}
        best, worst = _extremes(values, _sign(first, key), count)
        chosen[f"{label}: best{model}"] = best
        chosen[f"{label}: worst{model}"] = worst
    if len(results) > 1 and keys[0] in results[1].metrics:
        label = first.metrics[keys[0]]["label"]
        other = {row["name"]: row[keys[0]] for row in results[1].images}
        gains = {
            row["name"]: row[keys[0]] - other[row["name"]]
            for row in first.images
            if row[keys[0]] is not None and other.get(row["name"]) is not None
        }
        won, lost = _extremes(gains, _sign(first, keys[0]), count)
        chosen[f"{label}: {labels[0]} wins most"] = won
        chosen[f"{label}: {labels[1]} wins most"] = lost
    return {reason: names for reason, names in chosen.items() if names}


def _choosing(results: Results) -> list[str]:
    """The two columns of the first dialect by which images are chosen, as their metrics say."""
    places = {
        key: METRICS[variant.partition("@")[0]].facts.chooses
        for key, variant in results.data["variants"].items()
        if "@" not in key and key in results.metrics
    }
    chosen = sorted((place, key) for key, place in places.items() if place is not None)
    return [key for _, key in chosen][:2] or list(results.metrics)[:2]


def _extremes(
    values: Mapping[str, float | None], sign: int, count: int
) -> tuple[list[str], list[str]]:
    """Names of the highest and the lowest values after `sign`, none in both."""
    known = {name: sign * value for name, value in values.items() if value is not None}
    ordered = sorted(known, key=lambda name: (-known[name], name))
    most = min(count, (len(ordered) + 1) // 2)
    return ordered[:most], ordered[::-1][: min(most, len(ordered) // 2)]


def _sign(results: Results, key: str) -> int:
    return 1 if results.metrics[key]["better"] == "higher" else -1


def make_gallery(
    results: Sequence[Results],
    labels: Sequence[str],
    truths: Truths,
    maps: GivenMaps,
    strip: str = "",
    progress: Progress | None = None,
) -> Gallery:
    """Read, draw and encode everything shown.

    Args:
        results: one a model.
        labels: the models' names.
        truths: the data set that was scored.
        maps: each model's maps in the same order, or by name; None: it has no pictures.
        strip: suffix of map names that stimuli do not have, where maps do not say.
        progress: called with the pictures read and drawn, and how many there are to do.

    Raises:
        ConfigError: not maps of every model, or no such model.
        ResultsError: another data set, or other maps, than those that were scored.
        InputError: maps that do not fit.
    """
    if truths.fingerprint != results[0].data["dataset"]["fingerprint"]:
        raise ResultsError(
            "the data set given for pictures is not the one that was scored: "
            f"{truths.fingerprint[:23]} instead of "
            f"{results[0].data['dataset']['fingerprint'][:23]}. Fix: its folder, or its options"
        )
    lists = choose_images(results, labels)
    chosen: dict[str, list[str]] = {}
    for reason, names in lists.items():
        for rank, name in enumerate(names, start=1):
            chosen.setdefault(name, []).append(f"{reason} {rank}")
    shown = truths.subset(list(chosen))
    checked = [
        None if given is None else _checked(found, given, truths, shown)
        for found, given in zip(results, maps_of_results(maps, labels, strip), strict=True)
    ]
    pixels, gains = _read(checked, [_log(found) for found in results], truths, shown, progress)
    for k, (found, label) in enumerate(zip(results, labels, strict=True)):
        if checked[k] is None:
            continue
        scored = np.exp if _log(found) else np.asarray
        mine = {name: scored(values) for (name, model), values in pixels.items() if model == k}
        refuse_other_maps(found, label, mine, truths)
    limit = _limit(gains.values())
    drawing = of_passes(progress, 1, 2, len(chosen))
    images = []
    for name, reasons in chosen.items():
        images.append(_drawn(truths[name], reasons, results, labels, pixels, gains, limit))
        if drawing is not None:
            drawing(len(images), len(chosen))
    return Gallery(tuple(images), tuple(lists), limit if gains else None)


def _checked(found: Results, given: ResultMaps, truths: Truths, shown: Truths) -> CheckedMaps:
    maps = found.data["maps"]
    return check_maps(
        given.opened(shown, log_density=_log(found)),
        truths,
        strip=given.strip,
        prefix=given.prefix,
        partial=True,
        only=shown.names,
        transpose=bool(maps.get("transposed")),
        resize=maps["resized"]["kernel"] if maps["resized"] else None,
    )


def _log(found: Results) -> bool:
    return found.data["maps"].get("kind") == "log densities"


def _read(
    checked: Sequence[CheckedMaps | None],
    logs: Sequence[bool],
    truths: Truths,
    shown: Truths,
    progress: Progress | None,
) -> tuple[OfModels, OfModels]:
    """The maps of the images shown, and where they gain information; by name and model."""
    others = [truth for truth in truths if truth.fixations is not None and len(truth.fixations)]
    bias = CentreBias(truths) if len(others) > 1 else None
    spec = default_spec(truths)
    if spec.source == "shipped":
        spec = DensitySpec(sigma_px=truths.sigma_px)
    pixels: OfModels = {}
    gains: OfModels = {}
    progress = of_passes(progress, 0, 2, len(shown))
    for done, truth in enumerate(shown, start=1):
        for k, source in enumerate(checked):
            if source is not None and truth.name in source.references:
                transposed, kernel = truth.name in source.transposed, source.kernel(truth.name)
                read = prepare_pixels(source.references[truth.name], truth.size, transposed, kernel)
                pixels[truth.name, k] = read
        mine = [k for name, k in pixels if name == truth.name]
        if bias is not None and truth.fixations is not None and mine:
            density = density_of(truth.fixations, spec).values
            baseline = bias.density(truth.size, without=truth.fixations)
            for k in mine:
                read = pixels[truth.name, k]
                gains[truth.name, k] = gain_map(read, density, baseline, log_density=logs[k])
        if progress is not None:
            progress(done, len(shown))
    return pixels, gains


def _drawn(
    truth: GroundTruth,
    reasons: list[str],
    results: Sequence[Results],
    labels: Sequence[str],
    pixels: OfModels,
    gains: OfModels,
    limit: float,
) -> ImagePictures:
    """One image with what every model made of it."""
    name = truth.name
    picture = small(picture_of(truth))
    points = points_of(truth.fixations) * (picture.shape[1] / truth.size[1])
    points = points[:: max(1, -(-len(points) // MOST_DOTS))]
    entry = ImagePictures(name, truth.category, reasons, data_uri(draw(picture, [], points)))
    for k, (found, label) in enumerate(zip(results, labels, strict=True)):
        if (name, k) not in pixels:
            continue
        values = pixels[name, k].astype(np.float64)
        values = small(np.exp(values) if _log(found) else values)
        model = _model(found, label, name, picture, values, points)
        if (name, k) in gains:
            gain = gains[name, k]
            shown_gain = small(0.01 * gain.size * gain)
            model.gain = data_uri(gain_picture(shown_gain, limit, picture))
            model.bits = float(gain.sum())
        entry.models.append(model)
    return entry


def _limit(gains: Any) -> float:
    """The gain, in bits on one percent of a picture, that few pixels exceed."""
    tops = [np.quantile(np.abs(gain), LIMIT_QUANTILE) * 0.01 * gain.size for gain in gains]
    return float(np.median(tops)) if tops else 0.0


def picture_of(truth: GroundTruth) -> np.ndarray:
    """The stimulus, or plain gray where its file is not at hand."""
    if truth.stimulus is None:
        return np.full((*truth.size, 3), 128, np.uint8)
    picture = read_stimulus(truth.stimulus)
    if picture.shape[:2] != truth.size:
        raise InputError(f"{truth.stimulus}: {picture.shape[:2]} instead of {truth.size}")
    return picture


def _model(
    found: Results,
    label: str,
    name: str,
    picture: np.ndarray,
    values: np.ndarray,
    points: np.ndarray,
) -> ModelPictures:
    row = next(row for row in found.images if row["name"] == name)
    scores = [
        (entry["label"], "" if row[key] is None else f"{row[key]:.2f}")
        for key, entry in found.metrics.items()
    ]
    return ModelPictures(
        label,
        scores,
        data_uri(colourise(min_max(values))),
        data_uri(overlay(picture, values, fixations=points)),
    )


def small(pixels: np.ndarray) -> np.ndarray:
    """A picture (uint8) or map (float64) of at most `LONGEST` pixels a side, pixels averaged."""
    from PIL import Image

    height, width = pixels.shape[:2]
    scale = min(1.0, LONGEST / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    kind = pixels if pixels.dtype == np.uint8 else pixels.astype(np.float32)
    return np.asarray(Image.fromarray(kind).resize(size, Image.Resampling.BOX)).astype(pixels.dtype)


def data_uri(pixels: np.ndarray) -> str:
    """A picture as WebP in a `data:` URI."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="WEBP", quality=QUALITY, method=4)
    return f"data:image/webp;base64,{base64.b64encode(buffer.getvalue()).decode('ascii')}"
