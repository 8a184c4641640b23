"""Matching maps to images, and everything that can be wrong with them, told at once.

Only names and headers are read here; what needs the pixels (NaN, a truncated file) is found by the
workers, which then refuse the run with all such maps in one message.
"""

from __future__ import annotations

import filecmp
import hashlib
import os
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import numpy as np

from benchmark_kit.errors import InputError, Problem
from benchmark_kit.imaging.images import SUFFIXES, DecodeError, image_orientation
from benchmark_kit.imaging.orientation import BACK, TRANSPOSED
from benchmark_kit.imaging.resize import check_kernel, resize
from benchmark_kit.scoring.map_sources import FileReference, MapSource, Reference
from benchmark_kit.types import GroundTruth, Truths

LARGEST_RATIO = 4  # a map has at most this many times the pixels of the largest stimulus


@dataclass(frozen=True, eq=False)
class CheckedMaps:
    """Maps that may be scored.

    Args:
        names: images that have a map, in the data set's order.
        references: image name -> the map's reference.
        transposed: images whose map is stored transposed.
        other_size: images whose map is resized.
        kernel_name: kernel for those.
        missing: images without a map (with `partial`).
        warnings: what was let pass.
        stored_as: types of the maps in words.
        source: where they come from, in words.
        listing_fingerprint: changes when a map's file does.
    """

    names: tuple[str, ...]
    references: Mapping[str, Reference]
    transposed: frozenset[str]
    other_size: frozenset[str]
    kernel_name: str | None
    missing: tuple[str, ...]
    warnings: tuple[Problem, ...]
    stored_as: str
    source: str
    listing_fingerprint: str

    def kernel(self, name: str) -> str | None:
        """Kernel for this image's map, None where its size fits."""
        return self.kernel_name if name in self.other_size else None

    @property
    def resized(self) -> dict[str, Any] | None:
        """Number of resized maps and the kernel, or None."""
        if not self.other_size:
            return None
        return {"count": len(self.other_size), "kernel": self.kernel_name}


def prepare_pixels(
    reference: Reference, size: tuple[int, int], transpose: bool, kernel: str | None
) -> np.ndarray:
    """Read a map at its image's size.

    Raises:
        DecodeError: the file cannot be taken as a map.
    """
    pixels = reference.read(most_pixels(size))
    if transpose:
        pixels = np.ascontiguousarray(pixels.T)
    if pixels.shape != size and kernel is not None:
        pixels = resize(pixels, size, kernel)
    if pixels.shape != size:
        found = f"the pixels are {pixels.shape[1]}x{pixels.shape[0]}, the header said otherwise"
        raise DecodeError("E301", found, "write the file again")
    return pixels


def most_pixels(size: tuple[int, int]) -> int:
    """Pixels beyond which a map of an image of this size is refused undecoded."""
    return max(LARGEST_RATIO * size[0] * size[1], 2**22)


def check_maps(
    source: MapSource,
    truths: Truths,
    *,
    strip: str = "",
    partial: bool = False,
    transpose: bool = False,
    resize: str | None = None,
) -> CheckedMaps:
    """Match maps to images by relative path without extension and check names and headers.

    Args:
        source: the maps.
        truths: the data set.
        strip: suffix to take off the maps' names.
        partial: let images without a map pass.
        transpose: maps of swapped sides are stored transposed.
        resize: kernel for maps of another size.

    Raises:
        InputError: everything wrong with names and headers, in one message.
        ConfigError: unknown kernel.
    """
    if resize is not None:
        check_kernel(resize)
    problems, warnings = list(source.problems), []
    if not source.entries:
        raise InputError(
            f"no maps in {source.where or 'the mapping'}", [*problems, _nothing(source)]
        )
    stems, output = _stems(source, strip)
    problems += output
    plain_names = {_plain(truth.name): truth.name for truth in truths}
    stems, note = _without_top_folder(stems, plain_names)
    if note:
        warnings.append(note)
    found, clashes = _group(stems, plain_names)
    problems += clashes
    missing = [name for name in truths.names if name not in found]
    extra = [stem for stem in stems if _plain(stem) not in plain_names]
    if missing and extra:
        problems += _pattern(missing, extra)
    if missing and not (partial and found):
        fix = "predict these images, or score the others by --partial"
        problems.append(
            Problem("E102", tuple(missing), f"{len(missing)} images have no map", fix=fix)
        )
    if extra and not partial:
        fix = "remove them, or score the known ones by --partial"
        problems.append(
            Problem("E103", tuple(extra), f"{len(extra)} maps belong to no image", fix=fix)
        )
    elif extra:
        warnings.append(Problem("W103", tuple(extra), "maps belong to no image and were left out"))
    problems += _are_stimuli(found, truths)
    headers = _Headers(transpose, resize)
    for name, (_, reference) in found.items():
        headers.look(truths[name], reference)
    problems += headers.problems()
    if problems:
        raise InputError(f"maps in {source.where or 'the mapping'} cannot be scored", problems)
    names = tuple(name for name in truths.names if name in found)
    if missing:
        text = f"{len(missing)} images have no map and were not scored"
        warnings.append(Problem("W102", tuple(missing), text))
    return CheckedMaps(
        names=names,
        references={name: found[name][1] for name in names},
        transposed=frozenset(headers.transposed),
        other_size=frozenset(headers.other_size),
        kernel_name=resize,
        missing=tuple(missing),
        warnings=tuple(warnings),
        stored_as=", ".join(f"{kind}" for kind, _ in headers.kinds.most_common()),
        source=source.describe(),
        listing_fingerprint=_listing(names, found),
    )


def _plain(name: str) -> str:
    # file systems disagree on how accents are encoded
    return unicodedata.normalize("NFC", name)


def _nothing(source: MapSource) -> Problem:
    found = f"no file that could be a map among {len(source.ignored)} files"
    expected = f"one of {', '.join(SUFFIXES)}"
    return Problem(
        "E107", source.ignored[:5], found, expected, "give the folder that holds the maps"
    )


def _stems(
    source: MapSource, strip: str
) -> tuple[dict[str, list[tuple[str, Reference]]], list[Problem]]:
    """Name -> (path, reference) of all maps of that name; folders `Output` apart."""
    stems: dict[str, list[tuple[str, Reference]]] = {}
    output = []
    for path, reference in source.entries:
        pure = PurePosixPath(path)
        if any(part.lower() == "output" for part in pure.parts[:-1]):
            output.append(path)
            continue
        known = pure.suffix.lower() in SUFFIXES
        stem = str(pure.with_suffix("")) if known else path
        if strip and stem.endswith(strip):
            stem = stem.removesuffix(strip)
        stems.setdefault(stem, []).append((path, reference))
    problems = []
    if output:
        text = "maps lie in folders named Output, which hold other people's maps in CAT2000"
        problems.append(Problem("E106", tuple(output), text, fix="remove these folders"))
    return stems, problems


def _without_top_folder(
    stems: dict[str, list[tuple[str, Reference]]], known: Mapping[str, str]
) -> tuple[dict[str, list[tuple[str, Reference]]], Problem | None]:
    """Take one folder around everything off, if names only match without it."""
    tops = {stem.split("/", 1)[0] for stem in stems if "/" in stem}
    if len(tops) != 1 or any("/" not in stem for stem in stems):
        return stems, None
    if any(_plain(stem) in known for stem in stems):
        return stems, None
    inner = {stem.split("/", 1)[1]: entries for stem, entries in stems.items()}
    if not any(_plain(stem) in known for stem in inner):
        return stems, None
    top = tops.pop()
    return inner, Problem(
        "W105", (), f"the folder {top!r} around all maps was taken off their names"
    )


def _group(
    stems: Mapping[str, list[tuple[str, Reference]]], known: Mapping[str, str]
) -> tuple[dict[str, tuple[str, Reference]], list[Problem]]:
    """Image name -> its one map, and what stands in the way of that."""
    found, doubled = {}, []
    folded: dict[str, list[str]] = {}
    for stem, entries in stems.items():
        folded.setdefault(_plain(stem).casefold(), []).extend(path for path, _ in entries)
        name = known.get(_plain(stem))
        if name is not None:
            found[name] = entries[0]
    for paths in folded.values():
        if len(paths) > 1:
            doubled.append(" = ".join(sorted(paths)))
    problems = []
    if doubled:
        text = "several maps for one name (names that differ by case alone count as one)"
        problems.append(Problem("E104", tuple(doubled), text, fix="delete all but one"))
    return found, problems


def _pattern(missing: Sequence[str], extra: Sequence[str]) -> list[Problem]:
    """The one change of names that explains most of what is missing and extra."""
    wanted = set(missing)
    suffixes: Counter[str] = Counter()
    prefixes: Counter[str] = Counter()
    by_last = {PurePosixPath(name).name: name for name in missing}
    for stem in extra[:200]:
        for name in missing if len(missing) <= 2000 else missing[:200]:
            if stem.startswith(name):
                suffixes[stem[len(name) :]] += 1
            if stem.endswith(name):
                prefixes[stem[: len(stem) - len(name)]] += 1
    changes: list[tuple[str, str, dict[str, str]]] = []
    if suffixes:
        tail = suffixes.most_common(1)[0][0]
        renamed = {s: s.removesuffix(tail) for s in extra}
        changes.append((f"the suffix {tail!r}", f"--strip {tail}", renamed))
    if prefixes:
        head = prefixes.most_common(1)[0][0]
        renamed = {s: s.removeprefix(head) for s in extra}
        changes.append((f"the prefix {head!r}", "rename the maps", renamed))
    lower = {name.casefold(): name for name in missing}
    changes += [
        (
            "upper and lower case",
            "rename the maps",
            {s: lower.get(s.casefold(), "") for s in extra},
        ),
        (
            "an underscore for the folder's slash",
            "put the maps into folders as the stimuli are",
            {s: s.replace("_", "/", 1) for s in extra},
        ),
        (
            "the folder's missing name",
            "put the maps into folders as the stimuli are",
            {s: by_last.get(s, "") for s in extra},
        ),
        (
            "'Satellite' for the data set's 'Satelite'",
            "rename the folder to Satelite",
            {s: s.replace("Satellite", "Satelite") for s in extra},
        ),
    ]
    best = max(changes, key=lambda change: sum(new in wanted for new in change[2].values()))
    explained = [stem for stem, new in best[2].items() if new in wanted]
    if len(explained) * 2 < min(len(missing), len(extra)) or not explained:
        return []
    text = (
        f"names differ by {best[0]}, which explains {len(explained)} of {len(extra)} unknown maps"
    )
    return [Problem("E105", tuple(explained), text, fix=best[1])]


def _are_stimuli(found: Mapping[str, tuple[str, Reference]], truths: Truths) -> list[Problem]:
    """The stimuli themselves given as maps: the same files, or files of the same bytes."""
    same = []
    for name, (path, reference) in found.items():
        stimulus = truths[name].stimulus
        if stimulus is None or not isinstance(reference, FileReference):
            continue
        try:
            one, other = reference.path.stat(), stimulus.stat()
            if os.path.samestat(one, other) or (
                one.st_size == other.st_size and filecmp.cmp(reference.path, stimulus, False)
            ):
                same.append(path)
        except OSError:
            continue  # a broken link: the header check says so
    if not same:
        return []
    fix = "give the folder of the maps that a model made"
    return [Problem("E107", tuple(same), "the stimuli themselves were given as maps", fix=fix)]


class _Headers:
    """What the headers say, image by image."""

    def __init__(self, transpose: bool, kernel: str | None):
        self.transpose, self.resize = transpose, kernel
        self.transposed: list[str] = []
        self.other_size: list[str] = []
        self.kinds: Counter[str] = Counter()
        self.wrong_axes: list[str] = []
        self.wrong_size: list[tuple[str, tuple[int, int], tuple[int, int]]] = []
        self.refused: dict[tuple[str, str, str], list[str]] = {}

    def look(self, truth: GroundTruth, reference: Reference) -> None:
        try:
            info = reference.inspect(most_pixels(truth.size))
        except DecodeError as error:
            self.refused.setdefault((error.code, error.found, error.fix), []).append(truth.name)
            return
        self.kinds[info.stored_as] += 1
        size = info.size
        if size == truth.size:
            return
        if turned := self._made_upright(truth, size):
            self.refused.setdefault(turned, []).append(truth.name)
        elif size == truth.size[::-1]:
            (self.transposed if self.transpose else self.wrong_axes).append(truth.name)
        elif self.resize is not None:
            self.other_size.append(truth.name)
        else:
            self.wrong_size.append((truth.name, size, truth.size))

    def _made_upright(
        self, truth: GroundTruth, size: tuple[int, int]
    ) -> tuple[str, str, str] | None:
        """E204 of a map that was made of the picture as EXIF turns it, not of the stored grid."""
        height, width = truth.size
        if size[0] * height != size[1] * width or truth.stimulus is None:
            return None  # not of the turned picture's proportions
        try:
            orientation = image_orientation(truth.stimulus)
        except DecodeError:
            return None
        if orientation not in BACK or height == width:
            return None
        if self.transpose and BACK[orientation] == TRANSPOSED:
            return None
        found = f"maps made upright of pictures that EXIF turns (orientation {orientation})"
        fix = (
            f"turn every map back by {BACK[orientation]}, since fixations refer to the stored "
            "picture; or take the tag off the pictures and predict again"
        )
        return "E204", found, fix

    def problems(self) -> list[Problem]:
        found = [
            Problem(code, tuple(names), text, fix=fix)
            for (code, text, fix), names in sorted(self.refused.items())
        ]
        if self.wrong_axes:
            text = f"{len(self.wrong_axes)} maps are transposed: width and height are swapped"
            fix = "--transpose, or save maps as rows x columns"
            found.append(Problem("E201", tuple(self.wrong_axes), text, fix=fix))
        if self.wrong_size:
            found.append(self._sizes())
        return found

    def _sizes(self) -> Problem:
        shown = tuple(
            f"{name} {map_size[1]}x{map_size[0]} (image {size[1]}x{size[0]})"
            for name, map_size, size in self.wrong_size
        )
        ratios = {
            (round(map_size[0] / size[0], 3), round(map_size[1] / size[1], 3))
            for _, map_size, size in self.wrong_size
        }
        fix = (
            "--resize KERNEL (bilinear is what the MIT/Tuebingen board does), "
            "or predict at full size"
        )
        if len(ratios) == 1:
            down, across = ratios.pop()
            text = f"{len(shown)} maps have {across:g} x {down:g} times the size of their images"
            return Problem("E202", shown, text, fix=fix)
        one = {map_size for _, map_size, _ in self.wrong_size}
        text = f"{len(shown)} maps have another size than their images"
        if len(one) == 1:
            text += ", all the same: the network's output size, perhaps"
        return Problem("E203", shown, text, fix=fix)


def _listing(names: Sequence[str], found: Mapping[str, tuple[str, Reference]]) -> str:
    digest = hashlib.sha256()
    for name in sorted(names):
        path, reference = found[name]
        digest.update(
            f"{name}\0{path}\0{reference.identity()}\0".encode("utf-8", "surrogateescape")
        )
    return f"sha256:{digest.hexdigest()}"
