"""The network of the best epoch as a `.keras` file: weights alone, without the optimizer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmark_kit.errors import RunFailed
from benchmark_kit.files import written_beside


class BestNetwork:
    """Writes a network as it is now; the former file stands until the new one is whole.

    Args:
        path: the file, `.keras`.

    A twin of the network is what is saved: a compiled one would carry the optimizer's moments,
    which are as large as the weights or twice that.
    """

    def __init__(self, path: Path):
        self.path = path
        self._twin: Any = None

    def write(self, model: Any) -> None:
        """Write the file.

        Args:
            model: a network of the registry.

        Raises:
            RunFailed: the folder cannot be written or is full.
        """
        if self._twin is None:
            self._twin = type(model).from_config(model.get_config())
            self._twin.random_weights = False
        self._twin.set_weights(model.get_weights())
        try:
            with written_beside(self.path) as temporary:
                self._twin.save(temporary)
        except (OSError, RuntimeError) as error:  # h5py has the second for a full disk
            said = getattr(error, "strerror", None) or " ".join(str(error).split())
            raise RunFailed(
                f"cannot write {self.path}: {said}. Fix: make room; the former file stands"
            ) from None
