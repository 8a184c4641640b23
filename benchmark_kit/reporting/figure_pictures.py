"""The pictures of a figure: of a data set, or of any folder, by name or the first few."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmark_kit.datasets.reading.reader import Defects
from benchmark_kit.datasets.reading.stimuli import EXTENSIONS, read_stimuli
from benchmark_kit.errors import ConfigError, InputError, name_some
from benchmark_kit.imaging.images import image_orientation, read_stimulus
from benchmark_kit.imaging.orientation import upright
from benchmark_kit.types import GroundTruth, Truths


def figure_pictures(
    pictures: Truths | str | Path, images: Sequence[str] | None, few: int
) -> tuple[Truths, list[GroundTruth]]:
    """All pictures, and those to show in the order of the rows.

    Args:
        pictures: a data set, or a folder of pictures.
        images: their names, with or without the extension; None: the first few.
        few: how many those are.

    Raises:
        ConfigError: no folder, no such picture, one named twice, or pictures that are not at hand.
        InputError: a folder without pictures, or with such as cannot be read.
    """
    truths = pictures if isinstance(pictures, Truths) else _of_folder(Path(pictures))
    names = list(truths.names[:few] if images is None else (_known(n, truths) for n in images))
    if not names:
        raise ConfigError("a figure needs a picture. Fix: name one, or leave the names out")
    if twice := [name for name in names if names.count(name) > 1]:
        raise ConfigError(f"the picture {twice[0]!r} is named twice. Fix: once")
    shown = [truths[name] for name in names]
    if without := [truth.name for truth in shown if truth.stimulus is None]:
        raise ConfigError(
            f"{truths.name}: no picture of {name_some(without)}. "
            "Fix: put the stimuli where docs/datasets.md has them"
        )
    if not isinstance(pictures, Truths):
        shown = [replace(truth, size=_upright_size(truth)) for truth in shown]
        turned = {truth.name: truth for truth in shown}
        images_of_all = tuple(turned.get(truth.name, truth) for truth in truths)
        truths = replace(truths, images=images_of_all)
    return truths, shown


def read_picture(truth: GroundTruth, *, upright: bool) -> np.ndarray:
    """A picture as uint8 (height, width, 3).

    Args:
        truth: of which picture.
        upright: turned as EXIF says; else the stored grid.

    Raises:
        DecodeError: it cannot be read.
    """
    assert truth.stimulus is not None
    return read_stimulus(truth.stimulus, turned=upright)


def _of_folder(folder: Path) -> Truths:
    if not folder.is_dir():
        raise ConfigError(f"{folder} is no folder of pictures. Fix: check the path")
    defects = Defects()
    found = read_stimuli(folder, defects)
    defects.raise_if_any(f"pictures in {folder}")
    if not found:
        kinds = ", ".join(sorted(EXTENSIONS))
        raise InputError(f"no pictures in {folder}; looked for {kinds}. Fix: another folder")
    return Truths(
        str(folder),
        tuple(GroundTruth(name, each.size, stimulus=each.path) for name, each in found.items()),
    )


def _known(name: str, truths: Truths) -> str:
    """The name of a picture as the data set has it."""
    stem = name.rpartition(".")[0] if Path(name).suffix.lower() in EXTENSIONS else name
    for candidate in (name, stem):
        if candidate in truths:
            return candidate
    from difflib import get_close_matches

    near = get_close_matches(stem, truths.names, n=3)
    raise ConfigError(
        f"there is no picture {name!r} in {truths.name}; "
        + (f"near are {', '.join(near)}" if near else f"it has {name_some(truths.names)}")
    )


def _upright_size(truth: GroundTruth) -> tuple[int, int]:
    assert truth.stimulus is not None
    grid = np.broadcast_to(np.uint8(0), truth.size)
    height, width = upright(grid, image_orientation(truth.stimulus)).shape
    return height, width
