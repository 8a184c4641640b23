"""Maps of many pictures into a folder: one after the other, resumable, the unreadable named."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from benchmark_kit.errors import ConfigError, InputError, Problem, RunFailed
from benchmark_kit.imaging.images import quantise, write_npy, write_png
from keras_saliency.array_model import rgb_pixels

DEPTHS = ("8", "16", "float")


def predict_files(
    model: Any,
    pictures: Mapping[str, Path],
    out: Path,
    *,
    depth: str = "8",
    resume: bool = False,
    force: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> list[Problem]:
    """Write the map of every picture, named as the picture, folders kept.

    Args:
        model: with `predict_maps(images)`.
        pictures: name (path without extension) -> file.
        out: folder to make.
        depth: `"8"` or `"16"` bits (PNG, `imaging.images.quantise`), or `"float"` (`.npy`, the
            model's own values).
        resume: keep maps that are there and predict the others.
        force: write into a folder that is not empty, over maps of the same names.
        progress: called with (pictures done, pictures in all).

    Returns:
        what could not be predicted; the others are written.

    Raises:
        ConfigError: an unknown depth, or a folder that is not empty.
        RunFailed: the folder cannot be written.
    """
    if depth not in DEPTHS:
        raise ConfigError(f"depth must be one of {', '.join(DEPTHS)}, got {depth!r}")
    if out.exists() and (not out.is_dir() or (any(out.iterdir()) and not (resume or force))):
        raise ConfigError(f"--out {out} exists and is not empty. Fix: --resume, --force or another")
    suffix = ".npy" if depth == "float" else ".png"
    files = {name: out / f"{name}{suffix}" for name in pictures}
    todo = [name for name in pictures if not (resume and files[name].exists())]
    done = len(pictures) - len(todo)
    problems: list[Problem] = []
    readable: list[str] = []

    def read() -> Iterator[np.ndarray]:
        for name in todo:
            try:
                pixels = rgb_pixels(pictures[name])
            except InputError as error:
                untold = Problem("E301", (str(pictures[name]),), str(error))
                problems.extend(error.problems or [untold])
                continue
            readable.append(name)
            yield pixels

    if progress is not None:
        progress(done, len(pictures))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*random weights")  # asked for, or refused
        for k, saliency in enumerate(model.predict_maps(read())):
            _write(files[readable[k]], np.asarray(saliency), depth)
            if progress is not None:
                progress(done + k + 1 + len(problems), len(pictures))
    return problems


def _write(path: Path, saliency: np.ndarray, depth: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunFailed(
            f"cannot make {path.parent}: {error.strerror}. Fix: another --out"
        ) from None
    if depth == "float":
        write_npy(path, saliency)
    else:
        write_png(path, quantise(saliency, int(depth)))
