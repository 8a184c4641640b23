"""Where a package goes: its name, and whether it can be written there at all."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from benchmark_kit.errors import ConfigError, InputError, Problem
from benchmark_kit.files import check_place, check_room
from benchmark_kit.packaging.checks.stimuli import BoardStimuli
from benchmark_kit.packaging.manifest import manifest_path
from benchmark_kit.packaging.recipe import Recipe
from benchmark_kit.packaging.stores import get_store

GRID_SHARE = 0.4  # of the bytes is left of log densities on a grid


def choose_place(out: Path, store: str, name: str | None, force: bool) -> Path:
    """The file to make; in a folder it is named after the model.

    Args:
        out: file or folder.
        store: how maps are stored, one of `packaging.stores.list_stores()`.
        name: the model's name, if it was given.
        force: replace what is there.

    Raises:
        ConfigError: no such folder, a name that the board would not take, or a file that exists.
    """
    way = get_store(store)
    if name is not None and (not name or set(name) & set("/\\\0")):
        raise ConfigError(f"--name {name!r}: a model's name holds no slash")
    if os.path.isdir(out):  # which a name that is too long is not
        if name is None and not way.file_name:
            raise ConfigError(f"--out {out} is a folder. Fix: --out FILE, or --name MODEL")
        out = out / (way.file_name or f"{name}{way.extensions[0]}")
    if out.suffix.lower() not in way.extensions:
        raise ConfigError(f"--out {out}: {store} is stored as {' or '.join(way.extensions)}")
    if way.file_name and out.name != way.file_name:
        raise ConfigError(f"--out {out}: this board takes a file named {way.file_name} alone")
    if not way.named_inside and name not in (None, out.stem):
        raise ConfigError(
            f"--name {name}: the file's own name is the model's here. Fix: --out {name}{out.suffix}"
        )
    for path in (out, manifest_path(out)):
        check_place(path, "--out", replace=force)
    return out


def refuse_place(out: Path, maps: Any, stimuli: Any) -> None:
    """Refuse an output among the inputs, or where nothing can be written.

    Args:
        out: the file to make.
        maps: path of the predictions, or anything else.
        stimuli: path of the images, or several.

    Raises:
        InputError: E601.
    """
    folders = [stimuli] if isinstance(stimuli, (str, Path)) else list(stimuli)
    inputs = [Path(p) for p in (maps, *folders) if isinstance(p, (str, Path))]
    for folder in inputs:
        if folder.resolve() in (out.resolve(), *out.resolve().parents):
            raise cannot_write(out, f"lies inside the input {folder}", "another path")
    try:
        check_room(out, "--out")
    except ConfigError as error:
        found, _, fix = str(error).partition(". Fix: ")
        raise cannot_write(out, found, fix) from None


def refuse_full_disk(out: Path, pictures: BoardStimuli, recipe: Recipe) -> None:
    """Refuse a disk that is too small for what such maps usually take.

    Raises:
        InputError: E601, with the bytes that are needed.
    """
    pixels = sum(image.width * image.height for image in pictures.images)
    needed = get_store(recipe.store).bytes_a_pixel * pixels
    if recipe.grid is not None:
        needed *= GRID_SHARE
    free = shutil.disk_usage(out.parent).free
    if free < needed:
        found = f"about {needed / 1e6:.0f} MB are needed and {free / 1e6:.0f} MB are free"
        raise cannot_write(out, found, "make room, or another path")


def cannot_write(out: Path, found: str, fix: str) -> InputError:
    """E601 as an error to raise."""
    return InputError(f"{out} was not written", [Problem("E601", (str(out),), found, fix=fix)])
