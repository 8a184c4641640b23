"""What is done to one map between its source and the file that is sent; runs in workers."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmark_kit.errors import ConfigError, Problem
from benchmark_kit.imaging.images import DecodeError
from benchmark_kit.imaging.resize import check_kernel, resize
from benchmark_kit.leaderboards.rules import Board
from benchmark_kit.maps.pixels import most_pixels
from benchmark_kit.maps.sources import Reference
from benchmark_kit.packaging.checks.values import RENORMALISE
from benchmark_kit.packaging.fitted_density import FittedDensity
from benchmark_kit.packaging.stores import get_store, list_stores
from benchmark_kit.packaging.stores.store import Encoded, encode_map
from benchmark_kit.packaging.to_density import (
    FLOOR,
    METHODS,
    OURS,
    NotNormalised,
    farthest_sum,
    floored,
    log_density,
    log_sum,
    normalised,
    stored_density,
)


@dataclass(frozen=True)
class Recipe:
    """The choices that hold for all maps of a package.

    Args:
        kind: `"maps"` or `"densities"`.
        store: one of `packaging.stores.list_stores()`.
        transpose: swap the axes of maps that are stored transposed.
        kernel: resizes maps of another size (`imaging.resize.KERNELS`).
        method: makes densities of maps (`packaging.to_density`); None: they are log densities.
        floor: share of the uniform density mixed in; None: the usual share into densities made of
            maps, none into densities that came as such.
        grid: round log densities to multiples of this.
        renormalise: subtract the logsumexp of densities that do not sum to one.
    """

    kind: str
    store: str
    transpose: bool = False
    kernel: str | None = None
    method: str | FittedDensity | None = None
    floor: float | None = None
    grid: float | None = None
    renormalise: bool = False

    def density(self, values: np.ndarray) -> np.ndarray:
        """The log density that is stored: float32, sum one.

        Raises:
            NotNormalised: it does not sum to one, and `renormalise` was not asked for.
        """
        if self.method is not None:
            share = FLOOR if self.floor is None else self.floor
            return stored_density(log_density(values, self.method, floor=share), grid=self.grid)
        if not self.renormalise and abs(total := log_sum(values)) >= OURS:
            found = f"logsumexp is {total:.2g}, we send less than {OURS:g}"
            raise NotNormalised(found, "--renormalise")
        untouched = values.dtype == np.float32 and self.grid is None and self.floor is None
        if untouched and abs(farthest_sum(values)) < OURS:
            return values
        return stored_density(floored(normalised(values), self.floor or 0.0), grid=self.grid)

    def mends(self, problem: Problem) -> bool:
        """Whether a finding is gone once the recipe has been followed."""
        mended = {
            "E201": self.transpose,
            "E202": self.kernel is not None,
            "E203": self.kernel is not None,
            "E403": self.renormalise and problem.mended_by == RENORMALISE,
            "W402": self.renormalise,
            "E404": self.floor is not None,
            "W404": self.floor is not None,
            "W105": True,  # the folder around all maps is not written
            "W311": self.method is not None,
        }
        return mended.get(problem.code, False)

    def describe(self) -> dict[str, Any]:
        """What is done to the maps, for the manifest."""
        made = self.method is not None
        method = asdict(self.method) if isinstance(self.method, FittedDensity) else self.method
        return {
            "transposed": self.transpose,
            "resized": self.kernel,
            "to_density": method,
            "floor": FLOOR if made and self.floor is None else self.floor,
            "grid": self.grid,
            "renormalised": self.renormalise,
        }


@dataclass(frozen=True)
class Job:
    """One map to encode.

    Args:
        name: the image's name.
        member: path or key in the file.
        size: the image's (height, width).
        reference: the map.
        recipe: what to do to it.
    """

    name: str
    member: str
    size: tuple[int, int]
    reference: Reference
    recipe: Recipe


def encode_job(job: Job) -> Encoded | Problem:
    """Read, prepare and encode one map; a map that cannot be sent comes back as its problem."""
    recipe = job.recipe
    try:
        pixels = job.reference.read(most_pixels(job.size))
    except DecodeError as error:
        return Problem(error.code, (job.name,), error.found, fix=error.fix)
    if recipe.transpose and pixels.shape == job.size[::-1] != job.size:
        pixels = np.ascontiguousarray(pixels.T)
    if pixels.shape != job.size and recipe.kernel is not None:
        pixels = resize(pixels, job.size, recipe.kernel)
    if pixels.shape != job.size:
        found = f"{job.name} {pixels.shape[1]}x{pixels.shape[0]}"
        expected = f"{job.size[1]}x{job.size[0]}, as the image"
        return Problem("E203", (found,), "a map of another size", expected, "--resize KERNEL")
    if recipe.kind == "densities":
        if recipe.method is not None and not np.isfinite(pixels).all():
            return _not_finite(job.name)
        try:
            pixels = recipe.density(pixels)
        except NotNormalised as error:
            return Problem("E403", (job.name,), error.found, fix=error.fix)
        if np.isneginf(pixels).any():
            return Problem("E404", (job.name,), "-inf in a log density", fix="--floor 1e-4")
    try:
        return encode_map(job.name, job.member, pixels, get_store(recipe.store))
    except ValueError:
        return _not_finite(job.name)


def choose_recipe(
    board: Board,
    kind: str,
    *,
    store: str | None = None,
    depth: int | None = None,
    to_density: str | FittedDensity | None = None,
    resize: str | None = None,
    **options: Any,
) -> Recipe:
    """The recipe that a request means.

    Args:
        board: the leaderboard.
        kind: `"maps"` or `"densities"`.
        store: one of the board's ways to store; None: its first.
        depth: 8 or 16 bits of PNG, in place of `store`.
        to_density: `"softmax"`, `"sum"`, a file of fitted parameters, or these.
        resize: kernel for maps of another size.
        **options: further fields of `Recipe`.

    Raises:
        ConfigError: what the board does not take, or options that do not go together.
    """
    recipe = Recipe(
        kind,
        _store(board, kind, store, depth),
        kernel=None if resize is None else check_kernel(resize),
        method=_method(to_density),
        **options,
    )
    _check_density_options(recipe)
    return recipe


def _store(board: Board, kind: str, store: str | None, depth: int | None) -> str:
    """The way to store, checked against the board's."""
    if kind not in board.kinds:
        raise ConfigError(f"{board.name} takes {' or '.join(board.kinds)}, not {kind!r}")
    known = board.stores[kind]
    if store is not None and depth is not None:
        raise ConfigError("--store and --depth say the same twice. Fix: give one of them")
    if depth is not None:
        deep = [one for one in list_stores() if get_store(one).depth == depth]
        store = deep[0] if deep else f"{depth} bits"
    if store is not None and store not in known:
        raise ConfigError(f"{board.name} takes {kind} as {', '.join(known)}, not as {store}")
    return store or known[0]


def _method(given: str | FittedDensity | None) -> str | FittedDensity | None:
    if given is None or isinstance(given, FittedDensity) or given in METHODS:
        return given
    if not Path(given).is_file():
        raise ConfigError(
            f"--to-density {given}: neither {' nor '.join(METHODS)} nor a file of fitted parameters"
        )
    return FittedDensity.load(given)


def _check_density_options(recipe: Recipe) -> None:
    if recipe.floor is not None:
        floored(np.zeros(1), recipe.floor)  # refuses a share out of range
    asked = {
        "--to-density": recipe.method is not None,
        "--floor": recipe.floor is not None,
        "--grid": recipe.grid is not None,
        "--renormalise": recipe.renormalise,
    }
    named = [option for option, given in asked.items() if given]
    if recipe.kind == "maps" and named:
        raise ConfigError(f"{named[0]} is for densities. Fix: add --kind densities")


def _not_finite(name: str) -> Problem:
    found = "NaN, Inf, or values beyond float32"
    return Problem("E304", (name,), found, fix="mask them before saving")
