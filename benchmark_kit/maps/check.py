"""Matching maps to images, and everything that can be wrong with them, told at once.

Only names and headers are read here; what needs the pixels (NaN, a truncated file) is found by the
workers, which then refuse the run with all such maps in one message.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmark_kit.errors import InputError, Problem
from benchmark_kit.imaging.resize import check_kernel
from benchmark_kit.maps.headers import Headers
from benchmark_kit.maps.names import (
    are_stimuli,
    by_stem,
    nothing_found,
    one_each,
    plain,
    without_top_folder,
)
from benchmark_kit.maps.renames import find_changes, renaming_problems, unnamed_problems
from benchmark_kit.maps.sources import MapSource, Reference
from benchmark_kit.types import Truths


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


def check_maps(
    source: MapSource,
    truths: Truths,
    *,
    strip: str = "",
    prefix: str = "",
    partial: bool | None = False,
    only: Collection[str] | None = None,
    transpose: bool = False,
    resize: str | None = None,
) -> CheckedMaps:
    """Match maps to images by relative path without extension and check names and headers.

    Args:
        source: the maps.
        truths: the data set.
        strip: suffix to take off the maps' names.
        prefix: prefix to take off the last part of the maps' names.
        partial: let images without a map pass; None: no, and nobody can ask for it here.
        only: images whose maps are wanted; None: all. Maps of the others may be there or not.
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
            f"no maps in {source.where or 'the mapping'}", [*problems, nothing_found(source)]
        )
    stems, output = by_stem(source, strip, prefix)
    problems += output
    plain_names = {plain(truth.name): truth.name for truth in truths}
    stems, note = without_top_folder(stems, plain_names)
    if note:
        warnings.append(note)
    found, clashes = one_each(stems, plain_names)
    problems += clashes
    wanted = [name for name in truths.names if only is None or name in only]
    missing = [name for name in wanted if name not in found]
    extra = [stem for stem in stems if plain(stem) not in plain_names]
    changes = find_changes(missing, extra)
    problems += renaming_problems(changes, extra)
    if missing and extra and not changes:
        problems += unnamed_problems(stems, extra, truths.names)
    other = "" if partial is None else ", or {} by --partial"
    if missing and not (partial and found):
        fix = "predict these images" + (other.format("score the others") if found else "")
        problems.append(
            Problem("E102", tuple(missing), f"{len(missing)} images have no map", fix=fix)
        )
    if extra and not partial:
        fix = "remove them" + other.format("score the known ones")
        problems.append(
            Problem("E103", tuple(extra), f"{len(extra)} maps belong to no image", fix=fix)
        )
    elif extra:
        warnings.append(Problem("W103", tuple(extra), "maps belong to no image and were left out"))
    problems += are_stimuli(found, truths)
    headers = Headers(transpose, resize)
    for name, (_, reference) in found.items():
        if only is None or name in only:
            headers.look(truths[name], reference)
    problems += headers.problems()
    if problems:
        raise InputError(f"maps in {source.where or 'the mapping'} cannot be scored", problems)
    names = tuple(name for name in wanted if name in found)
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


def _listing(names: Sequence[str], found: Mapping[str, tuple[str, Reference]]) -> str:
    digest = hashlib.sha256()
    for name in sorted(names):
        path, reference = found[name]
        digest.update(
            f"{name}\0{path}\0{reference.identity()}\0".encode("utf-8", "surrogateescape")
        )
    return f"sha256:{digest.hexdigest()}"
