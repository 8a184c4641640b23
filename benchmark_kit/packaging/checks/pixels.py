"""Which of many pictures have the same pixels, without decoding all of them whole.

JPEGs are decoded to an eighth of their sides, which reads every coefficient (damage shows) and
leaves out most of the arithmetic: pictures that are equal are equal there, and only those are
decoded again to be sure.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from benchmark_kit.imaging.decoder import DecodeError, open_picture

EIGHTH = 8
JPEG = ("JPEG", "MPO")


def pixel_sha1(path: Path) -> str:
    """SHA-1 of a picture's decoded pixels, gray pictures with one channel; empty if unreadable."""
    return _digest(path, reduced=False)


def picture_sketch(path: Path) -> str:
    """A digest that equal pictures share; empty if unreadable.

    It begins with `"jpeg"` where the picture was decoded to an eighth of its sides.
    """
    return _digest(path, reduced=True)


def equal_pictures(sketches: Mapping[str, str], paths: Mapping[str, Path]) -> list[list[str]]:
    """Names of pictures that are equal, a list a group, in the order of the names.

    Args:
        sketches: name -> `picture_sketch`; of several kinds of files all are decoded whole.
        paths: name -> file.
    """
    mixed = len({sketch.startswith("jpeg") for sketch in sketches.values() if sketch}) > 1
    alike = [list(sketches)] if mixed else _grouped(sketches.items())
    groups = [_grouped((name, pixel_sha1(paths[name])) for name in names) for names in alike]
    return [names for found in groups for names in found]


def _grouped(pairs: Iterable[tuple[str, str]]) -> list[list[str]]:
    """Names that share a digest with another."""
    by_digest: dict[str, list[str]] = {}
    for name, digest in pairs:
        by_digest.setdefault(digest, []).append(name)
    return [names for digest, names in by_digest.items() if digest and names[1:]]


def _digest(path: Path, *, reduced: bool) -> str:
    try:
        with open_picture(path) as opened:
            picture, size, kind = opened.picture, opened.size, ""
            if reduced and picture.format in JPEG:
                kind = f"jpeg {picture.mode} {size} "
                picture.draft(picture.mode, (size[1] // EIGHTH, size[0] // EIGHTH))
            plain = picture if picture.mode in ("L", "RGB") else picture.convert("RGB")
            pixels = np.asarray(plain).tobytes()
            return kind + hashlib.sha1(pixels, usedforsecurity=False).hexdigest()
    except DecodeError:
        return ""
