"""The image list of a challenge: which images, in which order.

A MATLAB file (a struct array with the field `image`, as `testing.mat`, or a cell array of names) or
a text file with one name a line. Names are taken without extension.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from benchmark_kit.errors import ConfigError, InputError, Problem
from benchmark_kit.imaging import matlab
from benchmark_kit.imaging.images import PICTURES


def read_image_list(path: Path) -> tuple[str, ...]:
    """Names of the images in the list's order.

    Raises:
        ConfigError: no such file.
        InputError: E504, a file that holds no list of names, or a name that occurs twice.
    """
    if not path.is_file():
        raise ConfigError(f"no such image list: {path}. Fix: --list FILE, for instance testing.mat")
    try:
        if path.suffix.lower() == ".mat":
            names = _mat_names(matlab.load_mat(path))
        else:
            lines = path.read_text(encoding="utf-8-sig").splitlines()
            names = [line.strip() for line in lines if line.strip()]
    except (matlab.MatFileError, UnicodeDecodeError) as error:
        raise _refuse(path, (), f"no list of image names ({error})") from None
    stems = tuple(_stem(name) for name in names)
    if not stems:
        raise _refuse(path, (), "no names in it")
    if twice := [name for name, count in Counter(stems).items() if count > 1]:
        raise _refuse(path, tuple(twice), "names that occur more than once")
    return stems


def _mat_names(variables: dict[str, Any]) -> list[str]:
    if len(variables) != 1:
        raise matlab.MatFileError(f"one variable expected, found {len(variables)}")
    entries = matlab.items(next(iter(variables.values())))
    return [
        matlab.text(matlab.field(entry, "image") if getattr(entry.dtype, "names", None) else entry)
        for entry in entries
    ]


def _stem(name: str) -> str:
    head, dot, extension = name.replace("\\", "/").rpartition(".")
    return head if f"{dot}{extension.lower()}" in PICTURES else name


def _refuse(path: Path, where: tuple[str, ...], found: str) -> InputError:
    expected = "one image name a line, or a .mat with the field image"
    problem = Problem("E504", where, f"{path.name}: {found}", expected, "--list FILE")
    return InputError(f"the image list {path} cannot be used", [problem])
