"""Pictures that a user names: files, and folders with all that lies below them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from benchmark_kit.errors import ConfigError, InputError, Problem
from benchmark_kit.imaging.images import PICTURES

READ = (*PICTURES, ".webp")
# pictures all the same, so that nobody waits for their maps; other files are no business of ours
NOT_READ = (
    *(".gif", ".heic", ".heif", ".avif", ".jxl", ".jp2", ".svg", ".ico", ".psd", ".exr", ".hdr"),
    *(".ppm", ".pgm", ".pnm", ".tga", ".eps", ".raw", ".dng", ".cr2", ".cr3", ".nef", ".arw"),
)


class Pictures(NamedTuple):
    """What was found: `files` by name, and those `left_out` because they are of another kind."""

    files: dict[str, Path]
    left_out: list[Problem]


def list_pictures(folder: Path) -> Pictures:
    """Pictures below a folder: path without extension -> file, sorted.

    Raises:
        ConfigError: no such folder.
        InputError: no picture in it, or two of one name.
    """
    if not folder.is_dir():
        raise ConfigError(f"there is no folder {folder}. Fix: give the folder of the pictures")
    found: dict[str, Path] = {}
    left_out = []
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith((".", "__MACOSX")) for part in path.relative_to(folder).parts)
        if hidden or not path.is_file():
            continue
        suffix = path.suffix.lower()
        if suffix in READ:
            _add(found, path.relative_to(folder).with_suffix("").as_posix(), path)
        elif suffix in NOT_READ:
            left_out.append(
                Problem("E301", (str(path),), f"left out: {suffix} is not read", fix="save as PNG")
            )
    if not found:
        raise InputError(f"no pictures in {folder}; expected {', '.join(READ)}", left_out)
    return Pictures(found, left_out)


def named_pictures(paths: Iterable[Path]) -> Pictures:
    """Files by their stem, folders by the paths below them, in the order given.

    Raises:
        ConfigError: a path that does not exist.
        InputError: a folder without pictures, or two of one name.
    """
    found: dict[str, Path] = {}
    left_out = []
    for path in paths:
        if not path.exists():
            raise ConfigError(f"there is no picture or folder {path}. Fix: check the path")
        below = list_pictures(path) if path.is_dir() else Pictures({path.stem: path}, [])
        left_out += below.left_out
        for name, file in below.files.items():
            _add(found, name, file)
    return Pictures(found, left_out)


def found_in_folders(
    given: Iterable[Path], pictures: Mapping[str, Path], left_out: Iterable[Problem]
) -> set[str]:
    """Files that nobody named: they only lay in a folder that was.

    Args:
        given: what was named.
        pictures: what was found there.
        left_out: what is of another kind.
    """
    found = {str(file) for file in pictures.values()}.difference(map(str, given))
    return found.union(place for problem in left_out for place in problem.where)


def counts_as_failure(problems: Iterable[Problem], found: set[str], *, strict: bool) -> bool:
    """Whether anything was left out that a user named, or anything at all if that counts.

    Args:
        problems: what was left out.
        found: as `found_in_folders` gives it.
        strict: files that were only found count too.
    """
    return any(
        strict or not problem.where or not found.issuperset(problem.where) for problem in problems
    )


def _add(found: dict[str, Path], name: str, path: Path) -> None:
    if name in found:
        raise InputError(f"two pictures of one name: {found[name]} and {path}. Fix: rename one")
    found[name] = path
