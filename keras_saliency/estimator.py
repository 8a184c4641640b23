"""Base of the models without Keras that learn from a data set in one go."""

from __future__ import annotations

import os
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np

from benchmark_kit.errors import ConfigError, InputError, RunFailed, name_some
from benchmark_kit.types import GroundTruth
from keras_saliency.array_model import ArrayModel


class Estimator(ArrayModel):
    """A model that answers once it has been fitted; what it learned are a few arrays.

    Args:
        fitted: a file that `save` wrote.

    Attributes:
        kind: the model's name, written into its files.
        shapes: name and shape of every array that it learns.
        learned: these arrays; None before `fit`.
    """

    kind: ClassVar[str]
    shapes: ClassVar[dict[str, tuple[int, ...]]]

    def __init__(self, fitted: str | os.PathLike[str] | None = None):
        self.learned = None if fitted is None else self._read(Path(fitted).expanduser())

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """A fitted model from its file.

        Raises:
            ConfigError: no such file.
            InputError: a file of another kind; everything wrong with it is named.
        """
        return cls(fitted=path)

    def fit(self, dataset: Iterable[GroundTruth]) -> Self:
        """Learn from a data set.

        Args:
            dataset: `benchmark_kit.types.Truths`, or any ground truths with `stimulus` files.

        Returns:
            the model itself.

        Raises:
            ConfigError: no images.
            InputError: images without what is needed to learn; all of them are named.
        """
        truths = list(dataset)
        if not truths:
            raise ConfigError(f"{self.kind} is fitted to images, got none")
        without = [t.name for t in truths if t.stimulus is None or not t.stimulus.is_file()]
        if without:
            raise InputError(
                f"{self.kind}: no stimulus file for {name_some(without)} ({len(without)} of "
                f"{len(truths)} images). Fix: put the pictures where the data set keeps them"
            )
        self.learned = self._learn(truths)
        return self

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write what was learned as `.npz`, beside and renamed; `load` reads it.

        Raises:
            ConfigError: not fitted yet.
            RunFailed: the folder cannot be written.
        """
        contents: dict[str, Any] = {"model": np.array(self.kind), **self._known()}
        path = Path(path).expanduser()
        try:
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
            try:
                with os.fdopen(handle, "wb") as file:
                    np.savez(file, **contents)
                os.chmod(name, 0o644)
                os.replace(name, path)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
        except OSError as error:
            raise RunFailed(f"cannot write {path}: {error.strerror}. Fix: another folder") from None

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
        if not path.is_file():
            raise ConfigError(
                f"there is no fitted {self.kind} {path}. Fix: fit(dataset), then save('{path}')"
            )
        try:
            with open(path, "rb") as file, np.load(file, allow_pickle=False) as archive:
                found = {name: archive[name] for name in archive.files}
        except (OSError, ValueError, AttributeError, EOFError, zipfile.BadZipFile) as error:
            raise InputError(
                f"{path} is no .npz archive of plain arrays: {error}. Fix: save() again"
            ) from None
        wrong = []
        if (model := str(found.pop("model", "nothing"))) != self.kind:
            wrong.append(f"it was written by {model}, expected {self.kind}")
        for name, shape in self.shapes.items():
            array = found.get(name)
            if array is None:
                wrong.append(f"{name}: missing, expected {shape}")
            elif array.shape != shape or array.dtype.kind != "f" or not np.isfinite(array).all():
                wrong.append(
                    f"{name}: expected finite floats {shape}, found {array.dtype} {array.shape}"
                )
        if wrong:
            raise InputError(
                "\n  ".join([f"{path} is no fitted {self.kind}. Fix: save() again", *wrong])
            )
        return {name: found[name] for name in self.shapes}
