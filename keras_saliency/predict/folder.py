"""Maps of many pictures into a folder: one after the other, resumable, the unreadable named."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np

from benchmark_kit.errors import ConfigError, InputError, Problem, RunFailed
from benchmark_kit.files import refuse_full_folder, refuse_inputs
from benchmark_kit.imaging.colour_bar import with_bar
from benchmark_kit.imaging.images import quantise, write_npy, write_png
from benchmark_kit.imaging.laid_over import overlay as laid_over
from benchmark_kit.shard import Shard, refuse_done
from keras_saliency.base.array_model import rgb_pixels
from keras_saliency.predict.outputs import LogDensities
from keras_saliency.predict.predictor import Predictor

DEPTHS = ("8", "16", "float", "log")
ARRAYS = ("float", "log")  # of them, those that are written as .npy


def predict_files(
    model: Predictor,
    pictures: Mapping[str, Path],
    out: Path,
    *,
    depth: str = "8",
    overlay: Path | None = None,
    resume: bool = False,
    force: bool = False,
    shard: Shard | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[Problem]:
    """Write the map of every picture, named as the picture, folders kept.

    A model of several maps gets a folder for each, named as the map.

    Args:
        model: with `predict_maps(images)` and `predict_map(image)`.
        pictures: name (path without extension) -> file.
        out: folder to make.
        depth: `"8"` or `"16"` bits (PNG, `imaging.images.quantise`), `"float"` (`.npy`, the
            model's own values) or `"log"` (`.npy`, natural-log densities of a probabilistic model).
        overlay: folder for pictures with their maps laid over them, and a bar of the colours; of
            several maps the mean is laid over.
        resume: keep maps that are there and predict the others.
        force: write into a folder that is not empty, over maps of the same names.
        shard: only this part of the pictures; all parts write into one folder.
        progress: called with (pictures done, pictures in all).

    Returns:
        what could not be predicted; the others are written.

    Raises:
        ConfigError: an unknown depth, log densities of a model that has none, a folder that is not
            empty, or that of the pictures.
        RunFailed: the folder cannot be written.
    """
    if depth not in DEPTHS:
        raise ConfigError(f"depth must be one of {', '.join(DEPTHS)}, got {depth!r}")
    if depth == "log":
        model = LogDensities(model)
    if shard is not None:
        pictures = dict(shard.of(list(pictures.items())))
    if shard is None and (not (resume or force) or not out.is_dir()):
        refuse_full_folder(out, "--out", "--resume, --force or another")
    suffix = ".npy" if depth in ARRAYS else ".png"
    folders = [out / name for name in getattr(model, "map_names", ())]
    files = {name: [folder / f"{name}{suffix}" for folder in folders or [out]] for name in pictures}
    laid = {} if overlay is None else {name: overlay / f"{name}.png" for name in pictures}
    made = {name: [*files[name], *([laid[name]] if laid else [])] for name in pictures}
    if shard is not None and not (resume or force):
        refuse_done(shard, (file for places in made.values() for file in places))
    todo = [n for n in pictures if not (resume and all(file.exists() for file in made[n]))]
    refuse_inputs(
        (("the map", file) for places in made.values() for file in places), pictures.values()
    )
    done = len(pictures) - len(todo)
    problems: list[Problem] = []

    def finish(name: str, saliency: np.ndarray) -> None:
        nonlocal done
        maps = np.moveaxis(saliency, -1, 0) if folders else [saliency]
        for file, values in zip(files[name], maps, strict=True):
            _write(file, values, depth)
        if laid:
            whole = np.exp(maps[0]) if depth == "log" else np.mean(maps, axis=0)
            pixels = with_bar(laid_over(rgb_pixels(pictures[name]), whole))
            make_folder_of(laid[name])
            write_png(laid[name], pixels)
        done += 1
        if progress is not None:
            progress(done + len(problems), len(pictures))

    if progress is not None:
        progress(done, len(pictures))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*random weights")  # asked for, or refused
        while todo:
            taken: list[str] = []
            finished = 0
            try:
                for saliency in model.predict_maps(_read(pictures, todo, taken, problems)):
                    finish(taken[finished], np.asarray(saliency))
                    finished += 1
                todo = []
            except InputError:
                if finished == len(taken):  # of no picture
                    raise
                # of a picture that was taken ahead: alone, each says whether it was that one
                name = taken[finished]
                try:
                    finish(name, np.asarray(model.predict_map(pictures[name])))
                except InputError as error:
                    problems += error.problems or [_problem(pictures[name], error)]
                todo = todo[todo.index(name) + 1 :]
    return problems


def _read(
    pictures: Mapping[str, Path], names: list[str], taken: list[str], problems: list[Problem]
) -> Iterator[np.ndarray]:
    """Pixels of the pictures that can be read, whose names go to `taken`."""
    for name in names:
        try:
            pixels = rgb_pixels(pictures[name])
        except InputError as error:
            new = error.problems or [_problem(pictures[name], error)]
            problems += [problem for problem in new if problem not in problems]
            continue
        taken.append(name)
        yield pixels


def _problem(path: Path, error: InputError) -> Problem:
    return Problem("E301", (str(path),), str(error))


def make_folder_of(path: Path) -> None:
    """Make the folder that a file is to lie in.

    Raises:
        RunFailed: it cannot be made.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunFailed(
            f"cannot make {path.parent}: {error.strerror}. Fix: another --out"
        ) from None


def _write(path: Path, saliency: np.ndarray, depth: str) -> None:
    make_folder_of(path)
    if depth in ARRAYS:
        write_npy(path, saliency)
    else:
        write_png(path, quantise(saliency, int(depth)))
