"""Base of the models that learn from a data set in one go, and answer once they have."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np

from benchmark_kit.errors import ConfigError, InputError, name_some
from benchmark_kit.types import GroundTruth
from keras_saliency.base.array_file import read_arrays, write_arrays
from keras_saliency.base.array_model import ArrayModel


class Estimator(ArrayModel):
    """A model that answers once it has been fitted; what it learned are a few arrays.

    Args:
        fitted: a file that `save` wrote.

    Attributes:
        kind: the model's name, written into its files.
        shapes: name and shape of every array that it learns; None where the shape varies.
        least: how many images it needs to learn.
        sources: options that name what it has learned, in place of which its file stands.
        needs_fixations: whether it learns from where people looked, or from pictures alone.
        learned: these arrays; None before `fit`.
        options: what `build_model` was given, which `save` writes for `load_model`.
    """

    kind: ClassVar[str]
    shapes: ClassVar[dict[str, tuple[int, ...] | None]]
    least: ClassVar[int] = 1
    needs_fixations: ClassVar[bool] = True
    sources: ClassVar[tuple[str, ...]] = ("fitted",)

    options: dict[str, Any]

    def __init__(self, fitted: str | os.PathLike[str] | None = None):
        self.options = {}
        self.learned = None if fitted is None else self._read(Path(fitted).expanduser())

    @classmethod
    def load(cls, path: str | os.PathLike[str], **options: Any) -> Self:
        """A fitted model from its file.

        Args:
            path: the file.
            **options: of the class, as when it learned.

        Raises:
            ConfigError: no such file.
            InputError: a file of another kind; everything wrong with it is named.
        """
        return cls(fitted=path, **options)

    @property
    def training_state(self) -> str:
        """Whether it was fitted."""
        return "untrained" if self.learned is None else "trained"

    def fit(self, dataset: Iterable[GroundTruth]) -> Self:
        """Learn from a data set.

        Args:
            dataset: `benchmark_kit.types.Truths`, or any ground truths with `stimulus` files.

        Returns:
            the model itself.

        Raises:
            ConfigError: fewer images than it needs.
            InputError: images without what is needed to learn; all of them are named.
        """
        truths = list(dataset)
        if len(truths) < self.least:
            images = "1 image" if self.least == 1 else f"{self.least} images"
            raise ConfigError(f"{self.kind} learns from {images} or more, got {len(truths)}")
        without = [t.name for t in truths if t.stimulus is None or not t.stimulus.is_file()]
        if without:
            raise InputError(
                f"{self.kind}: no stimulus file for {name_some(without)} ({len(without)} of "
                f"{len(truths)} images). Fix: put the pictures where the data set keeps them"
            )
        without = [t.name for t in truths if t.fixations is None or not len(t.fixations)]
        if without and self.needs_fixations:
            raise InputError(
                f"{self.kind}: no fixations of {name_some(without)} ({len(without)} of "
                f"{len(truths)} images). Fix: leave them out (dataset.subset), or a training split"
            )
        self.learned = self._learn(truths)
        return self

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write what was learned as `.npz`, beside and renamed; `load` reads it.

        Raises:
            ConfigError: not fitted yet.
            RunFailed: the folder cannot be written.
        """
        texts = {"model": self.kind, "options": json.dumps(self.options, default=_not_written)}
        write_arrays(
            Path(path), {**{k: np.array(text) for k, text in texts.items()}, **self._known()}
        )

    def _learn(self, truths: list[GroundTruth]) -> dict[str, np.ndarray]:
        raise NotImplementedError

    def _known(self) -> dict[str, np.ndarray]:
        if self.learned is None:
            raise ConfigError(
                f"{self.kind} has learned nothing yet. Fix: fit(dataset), or "
                f"build_model({self.kind!r}, fitted=FILE) with a file that save wrote"
            )
        return self.learned

    def _read(self, path: Path) -> dict[str, np.ndarray]:
        found = read_arrays(path)
        wrong = []
        if (model := str(found.pop("model", "nothing"))) != self.kind:
            wrong.append(f"it was written by {model}, expected {self.kind}")
        for name, shape in self.shapes.items():
            array = found.get(name)
            if array is None:
                wrong.append(f"{name}: missing" + (f", expected {shape}" if shape else ""))
            elif shape is not None and not _finite_floats(array, shape):
                wrong.append(
                    f"{name}: expected finite floats {shape}, found {array.dtype} {array.shape}"
                )
        if wrong:
            raise InputError(
                "\n  ".join([f"{path} is no fitted {self.kind}. Fix: save() again", *wrong])
            )
        return {name: found[name] for name in self.shapes}


def _not_written(value: Any) -> Any:
    """A path as text; of an object that only this process knows, what it is."""
    return str(value) if isinstance(value, os.PathLike) else {"object": type(value).__name__}


def _finite_floats(array: np.ndarray, shape: tuple[int, ...]) -> bool:
    return array.shape == shape and array.dtype.kind == "f" and bool(np.isfinite(array).all())
