"""Pictures that a user names: files, and folders with all that lies below them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from benchmark_kit.errors import ConfigError, InputError
from benchmark_kit.imaging.images import PICTURES


def list_pictures(folder: Path) -> dict[str, Path]:
    """Pictures below a folder: path without extension -> file, sorted.

    Raises:
        ConfigError: no such folder.
        InputError: no picture in it, or two of one name.
    """
    if not folder.is_dir():
        raise ConfigError(f"there is no folder {folder}. Fix: give the folder of the pictures")
    found: dict[str, Path] = {}
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith((".", "__MACOSX")) for part in path.relative_to(folder).parts)
        if path.suffix.lower() not in PICTURES or hidden or not path.is_file():
            continue
        _add(found, path.relative_to(folder).with_suffix("").as_posix(), path)
    if not found:
        raise InputError(f"no pictures in {folder}; expected {', '.join(PICTURES)}")
    return found


def named_pictures(paths: Iterable[Path]) -> dict[str, Path]:
    """Files by their stem, folders by the paths below them, in the order given.

    Raises:
        ConfigError: a path that does not exist.
        InputError: a folder without pictures, or two of one name.
    """
    found: dict[str, Path] = {}
    for path in paths:
        if not path.exists():
            raise ConfigError(f"there is no picture or folder {path}. Fix: check the path")
        for name, file in (list_pictures(path) if path.is_dir() else {path.stem: path}).items():
            _add(found, name, file)
    return found


def _add(found: dict[str, Path], name: str, path: Path) -> None:
    if name in found:
        raise InputError(f"two pictures of one name: {found[name]} and {path}. Fix: rename one")
    found[name] = path
