"""What a loss compares a network's output with, at the output's size, made of fixations.

`MapLoss.truth` names the channels: `"map"` and `"density"` are the density, its maximum 1 (Keras'
own losses are taken to ask for `"map"`); `"fixations"` is how many fixations fall on each cell.
Densities for a network that has a `label_range` are scaled to it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import keras
import numpy as np

from benchmark_kit.errors import ConfigError
from benchmark_kit.imaging.density import blur_matrix, default_sigma
from benchmark_kit.types import Fixations
from keras_saliency.data.view import Size, View

DENSITY, FIXATIONS = ("map", "density"), ("fixations",)
RANGES = {"unit": (0.0, 1.0), "signed": (-1.0, 1.0)}


class Targets:
    """The targets of a network and its loss.

    Args:
        model: a network of the registry.
        loss: a loss, or several in the structure of the outputs; None: what it is compiled with.

    Raises:
        ConfigError: no loss, or one whose truth cannot be made of fixations.
    """

    def __init__(self, model: Any, loss: Any = None):
        self.model = model
        flat = keras.tree.flatten(model.output)
        self.names = [self._names(each) for each in _losses(model, loss, len(flat))]
        channels = {tensor.shape[-1] for tensor in flat}
        if channels != {1}:
            names = getattr(model, "map_names", ())
            known = f" ({', '.join(names)})" if names else ""
            raise ConfigError(
                f"{model.name} gives {max(channels)} maps{known}, of which fixations tell "
                "none. Fix: its own training set, or an option that gives one map "
                "(transfer=True of the inpainting networks)"
            )
        self.low, self.high = RANGES[getattr(model, "label_range", "unit")]
        self._grids: dict[Size, list[Size]] = {}

    @property
    def needs_fixations(self) -> bool:
        """Whether a density alone does not do."""
        return any(set(FIXATIONS) & set(names) for names in self.names)

    @property
    def needs_density(self) -> bool:
        """Whether fixations alone do not do."""
        return any(set(DENSITY) & set(names) for names in self.names)

    def _names(self, loss: Any) -> tuple[str, ...]:
        called = getattr(loss, "name", None) or loss
        if hasattr(loss, "features"):
            raise ConfigError(
                f"the loss {called} compares pictures, not maps: no target can be made of "
                "fixations. Fix: pairs of pictures and masks"
            )
        names = tuple(getattr(loss, "truth", ("map",)))
        if unknown := [name for name in names if name not in (*DENSITY, *FIXATIONS)]:
            raise ConfigError(
                f"the loss {called} asks for {unknown[0]!r}; what can be made of fixations: "
                f"{', '.join((*DENSITY, *FIXATIONS))}"
            )
        return names

    def grids(self, frame: Size) -> list[Size]:
        """(rows, columns) of every output for pictures of a frame."""
        if frame not in self._grids:
            model = self.model
            outputs = keras.tree.flatten(model.output)
            if any(None in tensor.shape[1:3] for tensor in outputs):
                given = [
                    keras.KerasTensor(_filled(tensor.shape, frame), name=tensor.name)
                    for tensor in model.inputs
                ]
                found = model.compute_output_spec(given if len(given) > 1 else given[0])
                outputs = keras.tree.flatten(found)
            self._grids[frame] = [(int(t.shape[1]), int(t.shape[2])) for t in outputs]
        return self._grids[frame]

    def of(
        self, view: View, fixations: Fixations | None, density: Callable[[Size], np.ndarray]
    ) -> list[np.ndarray]:
        """One sample's target for each output.

        Args:
            view: of its picture.
            fixations: of the whole picture.
            density: `grid -> density` of the view.

        Returns:
            float32 (rows, columns, channels) each; zero density and no fixation in the padding.
        """
        made: dict[tuple[Size, str], np.ndarray] = {}

        def channel(grid: Size, name: str) -> np.ndarray:
            name = "density" if name in DENSITY else name
            if (grid, name) not in made:
                if name == "density":
                    values = over_maximum(density(grid))
                    values = self.low + (self.high - self.low) * values
                else:
                    assert fixations is not None
                    values = view.counts(fixations, grid)
                made[grid, name] = values.astype(np.float32)
            return made[grid, name]

        return [
            np.stack([channel(grid, name) for name in names], axis=-1)
            for grid, names in zip(self.grids(view.plan.frame), self.names, strict=True)
        ]

    def packed(self, flat: list[Any]) -> Any:
        """One value an output in the structure that `fit` takes."""
        found = keras.tree.pack_sequence_as(self.model.output, flat)
        return tuple(found) if isinstance(found, list) else found


def _losses(model: Any, loss: Any, outputs: int) -> list[Any]:
    found = getattr(model, "loss", None) if loss is None else loss
    if found is None:
        raise ConfigError(
            f"{model.name} is not compiled, so nothing says what its targets are. "
            "Fix: build_model(name, recipe=…), or loss="
        )
    if isinstance(found, dict):
        return [found.get(name) for name in model.output]
    if isinstance(found, list | tuple):
        return list(found)
    return [found] * outputs


def _filled(shape: tuple[int | None, ...], frame: Size) -> tuple[int | None, ...]:
    """A shape of pictures or maps with the frame in place of open sides."""
    if len(shape) != 4:
        return shape
    sides = (frame[k] if side is None else side for k, side in enumerate(shape[1:3]))
    return (shape[0], *sides, shape[3])


def over_maximum(density: np.ndarray) -> np.ndarray:
    """A density scaled to the maximum 1; zeros stay."""
    top = density.max()
    return density / top if top > 0 else density


def blurred(view: View, fixations: Fixations, grid: Size, sigma_px: float | None) -> np.ndarray:
    """The kit's density of a picture's fixations, seen on a grid.

    Blur and view are matrices on both sides of the counts: only their products meet the fixations,
    and no map of the picture's size is made.

    Args:
        view: of the picture.
        fixations: of the whole picture.
        grid: (rows, columns) over the frame.
        sigma_px: of the Gaussian, in pixels of the picture; None: 24/1024 of the longer side.
    """
    size = fixations.size
    sigma = float(default_sigma(size) if sigma_px is None else sigma_px)
    index, counts = np.unique(fixations.flat_index, return_counts=True)
    rows, columns = (
        _whole_blurred(view, grid, sigma) if _is_whole(view) else _blurred(view, grid, sigma)
    )
    at_rows, at_columns = rows[:, index // size[1]] * counts, columns[:, index % size[1]]
    return np.einsum("ik,jk->ij", at_rows, at_columns)  # without BLAS, see `view`


def _is_whole(view: View) -> bool:
    return (view.height, view.width) == view.plan.image


def _blurred(view: View, grid: Size, sigma: float) -> tuple[np.ndarray, np.ndarray]:
    rows, columns = view.weights(view.plan.image, grid)
    height, width = view.plan.image
    return rows @ blur_matrix(height, sigma), columns @ blur_matrix(width, sigma)


_whole_blurred = lru_cache(maxsize=32)(_blurred)  # what pictures of one size share


def seen(view: View, density: np.ndarray, grid: Size) -> np.ndarray:
    """A density of the picture's size, or of any other over the whole picture, on a grid."""
    rows, columns = view.weights(density.shape, grid)  # type: ignore[arg-type]
    return rows @ density.astype(np.float64) @ columns.T
