"""Which image each map belongs to, by its path without extension."""

from __future__ import annotations

import filecmp
import os
import unicodedata
from collections.abc import Mapping
from pathlib import PurePosixPath

from benchmark_kit.errors import Problem
from benchmark_kit.imaging.images import SUFFIXES
from benchmark_kit.maps.sources import FileReference, MapSource, Reference
from benchmark_kit.types import Truths


def plain(name: str) -> str:
    """A name in NFC: file systems disagree on how accents are encoded."""
    return unicodedata.normalize("NFC", name)


def nothing_found(source: MapSource) -> Problem:
    """E107: no file of a source could be a map."""
    found = f"no file that could be a map among {len(source.ignored)} files"
    expected = f"one of {', '.join(SUFFIXES)}"
    return Problem(
        "E107", source.ignored[:5], found, expected, "give the folder that holds the maps"
    )


def by_stem(
    source: MapSource, strip: str, prefix: str = ""
) -> tuple[dict[str, list[tuple[str, Reference]]], list[Problem]]:
    """Name -> (path, reference) of all maps of that name; folders `Output` apart.

    Args:
        source: the maps.
        strip: suffix to take off the names.
        prefix: prefix to take off the last part of the names.
    """
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
        if prefix:
            folder, slash, last = stem.rpartition("/")
            stem = f"{folder}{slash}{last.removeprefix(prefix)}"
        stems.setdefault(stem, []).append((path, reference))
    problems = []
    if output:
        text = "maps lie in folders named Output, which hold other people's maps in CAT2000"
        problems.append(Problem("E106", tuple(output), text, fix="remove these folders"))
    return stems, problems


def without_top_folder(
    stems: dict[str, list[tuple[str, Reference]]], known: Mapping[str, str]
) -> tuple[dict[str, list[tuple[str, Reference]]], Problem | None]:
    """Take one folder around everything off, if names only match without it."""
    tops = {stem.split("/", 1)[0] for stem in stems if "/" in stem}
    if len(tops) != 1 or any("/" not in stem for stem in stems):
        return stems, None
    if any(plain(stem) in known for stem in stems):
        return stems, None
    inner = {stem.split("/", 1)[1]: entries for stem, entries in stems.items()}
    if not any(plain(stem) in known for stem in inner):
        return stems, None
    top = tops.pop()
    return inner, Problem(
        "W105", (), f"the folder {top!r} around all maps was taken off their names"
    )


def one_each(
    stems: Mapping[str, list[tuple[str, Reference]]], known: Mapping[str, str]
) -> tuple[dict[str, tuple[str, Reference]], list[Problem]]:
    """Image name -> its one map, and what stands in the way of that."""
    found, doubled = {}, []
    folded: dict[str, list[str]] = {}
    for stem, entries in stems.items():
        folded.setdefault(plain(stem).casefold(), []).extend(path for path, _ in entries)
        name = known.get(plain(stem))
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


def are_stimuli(found: Mapping[str, tuple[str, Reference]], truths: Truths) -> list[Problem]:
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
