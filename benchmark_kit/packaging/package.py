"""Checked predictions -> the file that a leaderboard takes, with its manifest, read back.

The order is: refuse whatever the board would refuse or misread, encode, write beside, read back,
rename. Until the last step nothing stands at the output's name, and after an error or Ctrl-C
nothing is left beside it.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np

from benchmark_kit.errors import InputError, Problem
from benchmark_kit.files import write_text, written_beside
from benchmark_kit.imaging.images import as_stored
from benchmark_kit.leaderboards import get_board
from benchmark_kit.leaderboards.rules import Board
from benchmark_kit.maps.sources import ArrayReference, Maps, Reference
from benchmark_kit.packaging.checks.stimuli import read_board_stimuli
from benchmark_kit.packaging.fitted_density import FittedDensity
from benchmark_kit.packaging.jobs import make_jobs
from benchmark_kit.packaging.manifest import make_manifest, manifest_path, manifest_text
from benchmark_kit.packaging.output_place import (
    cannot_write,
    choose_place,
    refuse_full_disk,
    refuse_place,
)
from benchmark_kit.packaging.readback import largest_error, read_back
from benchmark_kit.packaging.recipe import Job, Recipe, choose_recipe, encode_job
from benchmark_kit.packaging.stores import get_store
from benchmark_kit.packaging.stores.store import CROWDED, Encoded
from benchmark_kit.packaging.submission import open_submission
from benchmark_kit.packaging.to_density import OURS
from benchmark_kit.packaging.validate import Findings, closed_warnings, file_warnings, find_all
from benchmark_kit.parallel import in_order, number_of_workers
from benchmark_kit.progress import Progress, of_passes
from benchmark_kit.results.evaluation import provenance
from benchmark_kit.results.record import plain_problem


@runtime_checkable
class Predictor(Protocol):
    """A model: anything that makes a map of a picture."""

    def predict_map(self, image: Any) -> np.ndarray:
        """A map (height, width) of a picture: a path, or uint8 (height, width, 3)."""


@dataclass(frozen=True)
class Package:
    """A finished package.

    Args:
        path: the file to send.
        manifest: plain data of the manifest beside it.
        warnings: what the sender should know.
    """

    path: Path
    manifest: dict[str, Any]
    warnings: tuple[Problem, ...]

    @property
    def manifest_path(self) -> Path:
        """The manifest's file."""
        return manifest_path(self.path)

    def __str__(self) -> str:
        data, error = self.manifest, self.manifest["largest_error"]
        if data["predictions"] == "densities":
            proof = f"every density is there to the bit, |logsumexp| below {OURS:g}"
        else:
            proof = (
                f"every map is there; largest distance from its source {error['value']:.2g} "
                f"{error['unit']} ({error['image']})"
            )
        return (
            f"{self.path}: {data['images']} {data['predictions']} of {data['model']!r} for "
            f"{data['leaderboard']['title']}, {data['store']}, {data['file']['bytes'] / 1e6:.1f} "
            f"MB\nread back: {proof}\nsha256 {data['file']['sha256']}\n"
            f"manifest {self.manifest_path}"
        )


def package(
    maps: Maps | Predictor,
    board: str | Board,
    stimuli: str | Path | Sequence[str | Path],
    out: str | Path,
    *,
    kind: str = "maps",
    store: str | None = None,
    depth: int | None = None,
    to_density: str | FittedDensity | None = None,
    floor: float | None = None,
    grid: float | None = None,
    list_file: str | Path | None = None,
    name: str | None = None,
    resize: str | None = None,
    transpose: bool = False,
    renormalise: bool = False,
    strip: str = "",
    prefix: str = "",
    allow_constant: bool = False,
    allow_identical: bool = False,
    workers: int | None = None,
    force: bool = False,
    progress: Progress | None = None,
) -> Package:
    """Make the file that a leaderboard takes.

    Args:
        maps: a folder, archive or HDF5 file, a mapping from image name to array, or a model: an
            object with `predict_map(path) -> (height, width)`, asked once an image.
        board: the leaderboard's name or rules.
        stimuli: the benchmark's own images: the only source of names and sizes; SALICON 2015 has a
            folder a split.
        out: the file to make; its stem is shown as the model's name.
        kind: `"maps"` or `"densities"` (natural log, sum one).
        store: how maps are stored, one of the board's `stores`; None: its first.
        depth: 8 or 16 bits of PNG, in place of `store`.
        to_density: makes densities of maps: `"softmax"`, `"sum"`, a file of fitted parameters, or
            what `packaging.fitted_density.fit_density` gave.
        floor: share of the uniform density mixed in. None: 1e-4 with `to_density`, else nothing.
        grid: round log densities to multiples of this power of two; files shrink to a third.
        list_file: image list of `lsun`.
        name: the model's name inside the archive, where there is one; None: the stem of `out`.
        resize: kernel for maps of another size (`imaging.resize.KERNELS`).
        transpose: swap the axes of maps that are stored transposed.
        renormalise: subtract the logsumexp of densities that do not sum to one.
        strip: suffix of the maps' names that the images do not have.
        prefix: prefix of the last part of the maps' names that the images do not have.
        allow_constant: let constant maps pass.
        allow_identical: let the same map for every image pass.
        workers: processes; None: every core. The bytes do not depend on them.
        force: replace an existing file.
        progress: called with (steps done, steps in all).

    Returns:
        the finished package.

    Raises:
        ConfigError: the request is wrong: unknown names, options that exclude each other, an output
            that exists.
        InputError: predictions that the board would refuse or misread, everything wrong with them
            at once; an output that cannot be written (E601); a file that does not read back (E505).
        RunFailed: a worker process died.

    Example:
        >>> made = package("mit300/maps", "mit300", "mit300/stimuli", "net.zip")
        >>> made.path.name, made.manifest["images"]
        ('net.zip', 300)
    """
    began = time.perf_counter()
    board = get_board(board)
    recipe = choose_recipe(
        board,
        kind,
        store=store,
        depth=depth,
        to_density=to_density,
        resize=resize,
        transpose=transpose,
        floor=floor,
        grid=grid,
        renormalise=renormalise,
    )
    out = choose_place(Path(out), recipe.store, name, force)
    model = name or out.stem
    refuse_place(out, maps, stimuli)
    pictures = read_board_stimuli(board, stimuli, list_file)
    if pictures.problems:
        raise InputError(f"the images are not those of {board.name}", pictures.problems)
    board, count = pictures.board, len(pictures)
    refuse_full_disk(out, pictures, recipe)
    model_given = isinstance(maps, Predictor)
    passes = 2 if model_given else 3
    find = partial(
        find_all,
        stimuli=pictures,
        allow_constant=allow_constant,
        allow_identical=allow_identical,
        workers=workers,
    )
    warnings = list(pictures.warnings)
    source: dict[str, str] = {}
    if isinstance(maps, Predictor):
        model_of_maps = maps

        def reference(image: str) -> Reference:
            picture = as_stored(pictures.by_name[image].path)
            return ArrayReference(np.asarray(model_of_maps.predict_map(picture)))

    else:
        given = kind if recipe.method is None else "maps"
        order = [image.name for image in pictures.images] if list_file is not None else ()
        opened = open_submission(maps, board, given, order=order)
        looked = of_passes(progress, 0, passes, count)
        findings = find(
            opened, kind=given, strip=strip, prefix=prefix, convert=True, progress=looked
        )
        warnings += _refuse(findings, recipe)
        source = {"source": opened.source.describe(), "stored_as": findings.stored_as}

        def reference(image: str) -> Reference:
            return findings.matched.entries[image][1]

    jobs = make_jobs(pictures, reference, recipe, model)
    try:
        with written_beside(out) as temporary:
            encoded = of_passes(progress, passes - 2, passes, count)
            members, proofs = _write(temporary, jobs, recipe, count, workers, encoded)
            seen = of_passes(progress, passes - 1, passes, count)
            read_back(temporary, board, kind, recipe.store, proofs, workers=workers, progress=seen)
            if model_given or recipe.method is not None:
                # nobody has looked at these pixels yet: they were made on the way
                order = [one.name for one in proofs]
                made = find(open_submission(temporary, board, kind, order=order), kind=kind)
                warnings += _refuse(made, recipe, known=warnings)
    except OSError as error:
        raise cannot_write(
            out, f"cannot be written ({error})", "make room, or another path"
        ) from None
    warnings += [*closed_warnings(board), *file_warnings(out, board)]
    warnings += _crowded(proofs, board, recipe)
    workers = number_of_workers(workers)
    cut = {"prefix": prefix} if prefix else {}
    manifest = make_manifest(
        out,
        board,
        kind=kind,
        store=recipe.store,
        model=model,
        images=count,
        maps={**source, **recipe.describe(), "stripped": strip, **cut},
        members=members,
        largest_error=largest_error(proofs),
        warnings=[plain_problem(problem) for problem in warnings],
        made=provenance("pool", workers, time.perf_counter() - began, (), False),
    )
    write_text(manifest_path(out), manifest_text(manifest))
    return Package(out, manifest, tuple(warnings))


def _refuse(findings: Findings, recipe: Recipe, known: Sequence[Problem] = ()) -> list[Problem]:
    """Refuse what the recipe does not mend.

    Args:
        findings: what was found.
        recipe: what is done to the maps.
        known: warnings that were given already.

    Returns:
        further warnings.

    Raises:
        InputError: what does not pass.
    """
    problems = [p for p in findings.problems if not recipe.mends(p)]
    warnings = [p for p in findings.warnings if not recipe.mends(p)]
    # boards still take these; it costs nothing to send better ones
    loose = [p for p in warnings if p.code == "W402"]
    problems += [Problem("E403", p.where, p.found, f"less than {OURS:g}", p.fix) for p in loose]
    if problems:
        raise InputError("the maps cannot be packaged; nothing was written", problems)
    codes = {p.code for p in known}
    return [p for p in warnings if p.code not in codes]


def _write(
    path: Path,
    jobs: Iterable[Job],
    recipe: Recipe,
    count: int,
    workers: int | None,
    progress: Progress | None,
) -> tuple[dict[str, str], list[Encoded]]:
    """Encode and write.

    Returns:
        member -> digest; and what was encoded, without its bytes.
    """
    proofs: list[Encoded] = []

    def stream(outcomes: Iterable[Encoded | Problem]) -> Iterator[Encoded]:
        for outcome in outcomes:
            if isinstance(outcome, Problem):
                raise InputError("a map cannot be packaged; nothing was written", [outcome])
            proofs.append(replace(outcome, data=b""))
            if progress is not None:
                progress(len(proofs), count)
            yield outcome

    with closing(in_order(encode_job, jobs, count, workers)) as outcomes:
        members = get_store(recipe.store).write(path, stream(outcomes))
    return members, proofs


def _crowded(proofs: Sequence[Encoded], board: Board, recipe: Recipe) -> list[Problem]:
    """W314: 8 bits put most pixels together where the board takes 16."""
    deeper = get_store(recipe.store).deeper
    if deeper is None or deeper not in board.stores[recipe.kind]:
        return []
    share = sum(one.crowded for one in proofs) / len(proofs)
    if share <= CROWDED:
        return []
    where = tuple(one.name for one in proofs if one.crowded > CROWDED)
    text = f"8 bits put {100 * share:.0f} % of the pixels on one level, which costs AUC"
    return [Problem("W314", where, text, fix=f"--depth {get_store(deeper).depth}")]
