"""A network's passes under ONNX Runtime, for who asks for it.

The network is exported once, which takes 10 to 25 s, and its file stays in the user's cache, one of
an entry: what runs it next with the same weights, workers of the same command among them, finds it.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import keras
import numpy as np

from benchmark_kit.datasets.reading.cache import cache_directory
from benchmark_kit.errors import ConfigError, RunFailed
from benchmark_kit.systems import rename_over
from keras_saliency.base.free_memory import free_bytes
from keras_saliency.base.many_pictures import Weights
from keras_saliency.base.saliency_model import SaliencyModel
from keras_saliency.export import TOLERANCE, difference, export_network, listed
from keras_saliency.version import __version__

MEMORY = 70  # times the weights' bytes that an export takes, as measured
log = logging.getLogger(__name__)


def run_under_onnx(model: SaliencyModel, on_note: Callable[[str], None] | None = None) -> None:
    """Let ONNX Runtime predict in place of Keras; it trains and saves as before.

    On the first batch both predict. Where they differ by more than 1e-4 of the output's range a
    warning says so, and Keras goes on. Weights that change are exported anew.

    Args:
        model: a network of `build_model`, in float32 under the TensorFlow backend.
        on_note: called with a sentence before an export.

    Raises:
        ConfigError: another backend than TensorFlow.
        MissingExtra: the libraries that export are not installed.
        RunFailed: the network cannot be exported, or memory is short.
    """
    if keras.config.backend() != "tensorflow":
        raise ConfigError(
            f"--engine onnx exports under TensorFlow, the backend is {keras.config.backend()}. "
            "Fix: --engine keras, or KERAS_BACKEND=tensorflow"
        )
    runs = _OnnxPasses(model, on_note)
    ordinary = model.engine

    def engine(network: Any) -> Callable[[Any], Any]:
        return ordinary(network) if runs.differs else runs

    model.engine = engine


class _OnnxPasses:
    """As `many_pictures.Passes`, over all calls."""

    def __init__(self, model: SaliencyModel, on_note: Callable[[str], None] | None):
        assert model.front is not None
        self.model, self.network, self.on_note = model, model.passed(), on_note
        self._frame = model.front.frame
        self.differs = False
        self._like: Any = None  # an output of Keras, once the two were compared
        self._open()

    def __call__(self, inputs: np.ndarray | Sequence[np.ndarray]) -> Any:
        if self.differs:
            return self.network.predict_on_batch(inputs)
        if not self._weights.hold():
            self._open()
        arrays = [inputs] if isinstance(inputs, np.ndarray) else inputs
        found = self._session.run(None, dict(zip(self._names, arrays, strict=True)))
        if self._like is None:
            self._like = expected = self.network.predict_on_batch(inputs)
            apart = difference(found, listed(expected))
            if not apart <= TOLERANCE:
                self.differs = True
                warnings.warn(
                    f"{self.model.name}: ONNX Runtime and Keras differ by {apart:.1e} of the "
                    f"output's range, more than {TOLERANCE:g}, so that Keras goes on",
                    stacklevel=2,
                )
                return expected
        return keras.tree.pack_sequence_as(self._like, found)

    def _open(self) -> None:
        """Of the weights as they are: the file that is kept, or a new one."""
        # not `variables`: dropout's seeds among them are others in each network that is made
        weights = Weights([weight.value for weight in self.network.weights])
        name = self.model.entry["name"]
        place = _folder() / f"{name}-{self._digest(weights)}.onnx"
        try:
            self._session = _session(place)
        except Exception:  # not there, or damaged
            self._refuse_without_memory()
            if self.on_note is not None:
                self.on_note(f"exporting {name} for ONNX Runtime, once for these weights")
            with _workplace(place.parent) as work:
                made = work / place.name
                export_network(self.network, made, size=self._frame)
                self._session = _session(made)
                _keep(made, place, name)
        self._names = [entry.name for entry in self._session.get_inputs()]
        self._weights, self._like = weights, None

    def _digest(self, weights: Weights) -> str:
        """Of all that the file is made from."""
        entry = keras.saving.serialize_keras_object(self.model.entry)
        about = [__version__, keras.__version__, entry]
        found = hashlib.sha256(json.dumps(about, sort_keys=True, default=str).encode())
        for values in weights.values:
            found.update(f"{values.dtype}{values.shape}".encode())
            found.update(np.ascontiguousarray(values).tobytes())
        return found.hexdigest()[:32]

    def _refuse_without_memory(self) -> None:
        needed, free = MEMORY * 4 * self.network.count_params(), free_bytes()
        if free is not None and needed > free:
            raise RunFailed(
                f"exporting {self.model.name} takes about {needed / 1e9:.0f} GB of memory, "
                f"{free / 1e9:.0f} GB are free. Fix: --engine keras, or a larger machine"
            )


def _folder() -> Path:
    return cache_directory().parent / "networks"


def _session(path: Path) -> Any:
    import onnxruntime
    import tensorflow as tf

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # as many as TensorFlow would take; 0: one for each core, for both
    threads = tf.config.threading.get_intra_op_parallelism_threads()
    options.intra_op_num_threads = threads or int(os.environ.get("TF_NUM_INTRAOP_THREADS", 0))
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


@contextmanager
def _workplace(folder: Path) -> Iterator[Path]:
    """A folder of one's own in the cache, or elsewhere where that cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        opened = tempfile.TemporaryDirectory(dir=folder)
    except OSError:
        opened = tempfile.TemporaryDirectory()
    with opened as name:
        yield Path(name)


def _keep(made: Path, place: Path, name: str) -> None:
    """Put a file into the cache, in place of the entry's other ones."""
    if made.parent.parent != place.parent:
        return
    try:
        for before in place.parent.glob(f"{name}-*.onnx"):
            with suppress(OSError):  # in use, on Windows
                before.unlink()
        rename_over(made, place)
    except OSError as error:
        log.debug("an exported network is not kept: %s", error)
