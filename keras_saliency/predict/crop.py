"""The part of a photograph that people look at: the window of a shape that holds most of a map."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from benchmark_kit.errors import ConfigError, InputError, Problem, RunFailed
from benchmark_kit.files import write_beside
from keras_saliency.predict.predictor import Predictor

if TYPE_CHECKING:
    from PIL.Image import Image

JPEG_QUALITY = 95
KEPT = ("RGB", "RGBA", "L", "LA")  # modes of Pillow that are cut as they are stored
FORMATS = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".webp": "WEBP"}


class Window(NamedTuple):
    """A part of a picture, in pixels from its upper left corner, and its share of the map."""

    left: int
    top: int
    width: int
    height: int
    share: float


class Crop(NamedTuple):
    """A part that was written: where it was in the picture, and the size it was given."""

    file: Path
    window: Window
    size: tuple[int, int]  # width, height


def best_window(saliency: np.ndarray, aspect: Fraction | float) -> Window:
    """The largest window of a shape, placed where it holds most of the map.

    Args:
        saliency: (height, width), a density or any map; one with negative values counts from its
            least value on.
        aspect: width over height of the window.

    Returns:
        the window; of several that hold the same, the one nearest to the middle.

    Raises:
        ConfigError: an aspect that is not positive, or so long that the window has no pixel.
        InputError: a map that is not two-dimensional or not finite.
    """
    values = np.asarray(saliency, np.float64)
    if values.ndim != 2 or not np.isfinite(values).all():
        raise InputError(f"a map of shape {values.shape} that is finite is needed, two-dimensional")
    values = values - min(0.0, values.min())
    height, width = values.shape
    shape = _fitting(width, height, aspect)
    across = shape[1] == height  # the window can move sideways alone, or up and down alone
    sums = values.sum(axis=0 if across else 1)
    length = shape[0] if across else shape[1]
    totals = np.concatenate([[0.0], np.cumsum(sums)])
    held = totals[length:] - totals[:-length]
    place = _nearest_to_middle(held)
    left, top = (place, 0) if across else (0, place)
    share = held[place] / totals[-1] if totals[-1] > 0 else length / len(sums)
    return Window(left, top, *shape, float(share))


def _fitting(width: int, height: int, aspect: Fraction | float) -> tuple[int, int]:
    """(width, height) of the largest window of the shape inside a picture."""
    if not aspect > 0:
        raise ConfigError(f"an aspect must be positive, got {aspect}. Fix: for instance 16:9")
    if width > height * aspect:
        found = round(height * aspect), height
    else:
        found = width, round(width / aspect)
    if 0 in found:
        raise ConfigError(
            f"a picture of {width}x{height} has no window of {float(aspect):g}. "
            "Fix: another --aspect"
        )
    return min(found[0], width), min(found[1], height)


def _nearest_to_middle(held: np.ndarray) -> int:
    # sums of floats that should be equal differ in their last digits
    best = np.flatnonzero(held >= held.max() * (1 - 1e-12))
    return int(best[np.abs(best - (len(held) - 1) / 2).argmin()])


def crop_files(
    model: Predictor,
    pictures: Mapping[Path, Path],
    *,
    aspect: Fraction | None = None,
    size: tuple[int, int] | None = None,
    problems: list[Problem],
    progress: Callable[[int, int], None] | None = None,
) -> Iterator[Crop]:
    """Cut every picture to its best window and write that.

    A photograph is cut as it is seen upright; colours, transparency and colour profile stay.

    Args:
        model: with `predict_map(image)`.
        pictures: file to write -> picture; the suffix is one of `FORMATS`.
        aspect: width over height; None: that of `size`.
        size: (width, height) that the window is brought to; None: it keeps its pixels.
        problems: what could not be read or predicted is added, the others go on.
        progress: called with (pictures done, pictures in all).

    Yields:
        what was written.

    Raises:
        ConfigError: neither aspect nor size.
        RunFailed: a folder cannot be written.
    """
    if aspect is None:
        if size is None:
            raise ConfigError("an aspect or a size is needed. Fix: --aspect 1:1, for instance")
        aspect = Fraction(*size)
    for done, (file, source) in enumerate(pictures.items(), start=1):
        try:
            picture = _read(source)
            saliency = np.asarray(model.predict_map(picture))
            window = best_window(saliency if saliency.ndim == 2 else saliency.mean(-1), aspect)
        except InputError as error:
            problems += error.problems or [Problem("E301", (str(source),), str(error))]
        else:
            part = _cut(picture, window, size)
            _write(part, file)
            yield Crop(file, window, part.size)
        if progress is not None:
            progress(done, len(pictures))


def _read(source: Path) -> Image:
    """A picture upright, its colours, transparency and profile as stored where they can be kept.

    Raises:
        InputError: no picture that a model reads.
    """
    from PIL import Image, ImageOps

    from benchmark_kit.imaging.decoder import DecodeError, open_picture
    from benchmark_kit.imaging.images import MOST_STIMULUS
    from keras_saliency.base.array_model import rgb_pixels

    try:
        with open_picture(source, MOST_STIMULUS) as opened:
            opened.check()
            picture = opened.picture
            if picture.mode == "P":
                picture = picture.convert("RGBA" if "transparency" in picture.info else "RGB")
            if picture.mode in KEPT:
                return ImageOps.exif_transpose(picture)
    except DecodeError:
        pass  # the reader of all models says what is wrong, in its words
    return Image.fromarray(rgb_pixels(source))


def _cut(picture: Image, window: Window, size: tuple[int, int] | None) -> Image:
    from PIL import Image

    right, bottom = window.left + window.width, window.top + window.height
    part = picture.crop((window.left, window.top, right, bottom))
    if size is not None and size != part.size:
        part = part.resize(size, Image.Resampling.LANCZOS)
    profile = picture.info.get("icc_profile")
    part.info = {} if profile is None else {"icc_profile": profile}
    return part


def _write(part: Image, file: Path) -> None:
    kind = FORMATS[file.suffix.lower()]
    if kind == "JPEG" and part.mode not in ("RGB", "L"):
        part = _on_white(part)
    options = {"quality": JPEG_QUALITY} if kind in ("JPEG", "WEBP") else {}
    if "icc_profile" in part.info:
        options["icc_profile"] = part.info["icc_profile"]
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        text = f"cannot make {file.parent}: {error.strerror}. Fix: another --out"
        raise RunFailed(text) from None
    write_beside(file, lambda opened: part.save(opened, format=kind, **options))


def _on_white(part: Image) -> Image:
    """Without transparency, which JPEG does not have."""
    from PIL import Image

    seen = part.convert("RGBA")
    page = Image.new("RGBA", seen.size, (255, 255, 255, 255))
    page.alpha_composite(seen)
    flat = page.convert("RGB")
    flat.info = part.info
    return flat
