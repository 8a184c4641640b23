"""The error maps of a folder of pictures on disk: what the inpainting networks are trained on.

`DIR/maps/NAME.npy` float16 (512, 512, scales) and `DIR/pictures/NAME.png`, `DIR/views/NAME.png` to
look at, and `DIR/about.json`, which says how they were made. Each picture is written when it is
finished, so a stopped run goes on where it was; a folder that was made otherwise is refused.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmark_kit.containers.npy import open_npy
from benchmark_kit.containers.text import read_json
from benchmark_kit.errors import ConfigError, InputError, Problem, RunFailed
from benchmark_kit.files import refuse_full_folder
from keras_saliency.base.array_model import rgb_pixels
from keras_saliency.base.resample import resample
from keras_saliency.inpainting.error_maps import SIGMA, Inpainter, error_maps, holes_of
from keras_saliency.inpainting.masks import SCALES, SIDE

ABOUT = "about.json"


def make_dataset(
    pictures: dict[str, Path],
    out: Path,
    inpainter: Inpainter,
    *,
    inpainter_name: str,
    scales: Sequence[int] = SCALES,
    step: int = 1,
    scope: str = "image",
    sigma: float = SIGMA,
    shape: str = "square",
    batch: int = 16,
    resume: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[int, list[Problem]]:
    """Write the error maps of pictures.

    Args:
        pictures: name -> file.
        out: folder to make.
        inpainter: as for `error_maps.error_cells`.
        inpainter_name: what fills the holes, written into `about.json`.
        scales: sides of the holes.
        step: only every step-th hole.
        scope: see `ssim.dissimilarity`.
        sigma: of the Gaussian that smooths each map, in pixels.
        shape: of the holes, one of `masks.SHAPES`.
        batch: holes filled in one call.
        resume: go on with a folder that was left unfinished.
        progress: called with (holes done, holes in all).

    Returns:
        how many pictures were computed now, and those that could not be read.

    Raises:
        ConfigError: a folder that holds something else, or maps made otherwise.
        RunFailed: a file cannot be written; `resume` goes on.
    """
    about = {
        "inpainter": inpainter_name,
        "scales": list(scales),
        "step": step,
        "scope": scope,
        "side": SIDE,
        "sigma": float(sigma),
        "shape": shape,
    }
    _claim(out, about, resume)
    done = {name for name in pictures if _map_file(out, name).is_file()}
    each = holes_of(scales, step)
    counted = [len(done) * each]

    def tick(holes: int) -> None:
        counted[0] += holes
        if progress is not None:
            progress(counted[0], len(pictures) * each)

    tick(0)
    problems: list[Problem] = []
    for name, path in pictures.items():
        if name in done:
            continue
        try:
            picture = rgb_pixels(path)
        except InputError as error:
            problems += error.problems or [Problem("E301", (str(path),), str(error))]
            continue
        maps = error_maps(
            picture,
            inpainter,
            scales=scales,
            step=step,
            scope=scope,
            sigma=sigma,
            shape=shape,
            batch=batch,
            progress=tick,
        )
        _write(out, name, picture, maps)
    return len(pictures) - len(done) - len(problems), problems


def read_dataset(folder: Path) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Pictures uint8 (512, 512, 3) and maps float32 (512, 512, scales), sorted by name.

    Raises:
        ConfigError: no such data set.
    """
    if not (folder / ABOUT).is_file():
        raise ConfigError(f"{folder} is no set of error maps: it has no {ABOUT}")
    for path in sorted((folder / "maps").rglob("*.npy")):
        name = path.relative_to(folder / "maps").with_suffix(".png")
        maps = open_npy(path).astype(np.float32)
        yield rgb_pixels(folder / "pictures" / name), maps


def _claim(out: Path, about: dict[str, Any], resume: bool) -> None:
    marker = out / ABOUT
    if marker.is_file():
        if not resume:
            raise ConfigError(f"{out} holds error maps. Fix: --resume to go on, or another --out")
        before = read_json(marker)
        # folders of before there were round holes do not say that theirs are square
        known = {"shape": "square", **before} if isinstance(before, dict) else {}
        if known != about:
            changed = ", ".join(key for key in about if known.get(key) != about[key])
            raise ConfigError(
                f"{out} was made with other settings ({changed}). Fix: the same, or another --out"
            )
        return
    refuse_full_folder(out, "--out")
    try:
        out.mkdir(parents=True, exist_ok=True)
        marker.write_text(json.dumps(about, indent=1) + "\n")
    except OSError as error:
        raise RunFailed(f"cannot write {out}: {error.strerror}. Fix: another --out") from None


def view(picture: np.ndarray, maps: np.ndarray) -> np.ndarray:
    """The picture and its maps side by side, uint8 (256, 256 * (1 + scales), 3), to look at."""
    small = picture[::2, ::2]
    grays = [
        np.repeat((255 * maps[::2, ::2, k]).astype(np.uint8)[..., None], 3, axis=2)
        for k in range(maps.shape[2])
    ]
    return np.concatenate([small, *grays], axis=1)


def _made(folder: Path, name: str) -> Path:
    path = folder / f"{name}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _map_file(out: Path, name: str) -> Path:
    return out / "maps" / f"{name}.npy"


def _write(out: Path, name: str, source: np.ndarray, maps: np.ndarray) -> None:
    from benchmark_kit.imaging.images import write_npy, write_png

    scaled = resample(source.astype(np.float32), (SIDE, SIDE), "antialiased")
    picture = np.clip(np.rint(scaled), 0, 255).astype(np.uint8)
    target = _map_file(out, name)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        write_png(_made(out / "pictures", name), picture)
        write_png(_made(out / "views", name), view(picture, maps))
        # last, and whole or not at all: a map that is there is finished
        write_npy(target, maps.astype(np.float16))
    except OSError as error:
        raise RunFailed(
            f"cannot write {target}: {error.strerror}. Fix: free space, then --resume"
        ) from None
