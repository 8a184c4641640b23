"""A network in a file of another runtime, checked against Keras before it is kept.

Keras' own export makes the file; some networks export without complaint into files that no runtime
takes, so the file is loaded and one batch compared, and it is deleted where they differ.
"""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from benchmark_kit.errors import ConfigError, MissingExtra, RunFailed
from benchmark_kit.files import refuse_full_folder
from benchmark_kit.systems import rename_over

if TYPE_CHECKING:
    import keras

Batch = list[np.ndarray]
TOLERANCE = 1e-4


def _run_onnx(path: Path, batch: Batch, names: list[str]) -> Batch:
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    inputs = [entry.name for entry in session.get_inputs()]
    return session.run(None, dict(zip(inputs, batch, strict=True)))


def _run_litert(path: Path, batch: Batch, names: list[str]) -> Batch:
    import tensorflow as tf

    run = tf.lite.Interpreter(str(path)).get_signature_runner()
    found = run(**dict(zip(names, batch, strict=True)))
    return [found[key] for key in sorted(found)]


def _run_saved_model(path: Path, batch: Batch, names: list[str]) -> Batch:
    import tensorflow as tf

    tensors = [tf.constant(values) for values in batch]
    loaded = tf.saved_model.load(str(path))  # whose variables live as long as it does
    return listed(loaded.serve(tensors if len(tensors) > 1 else tensors[0]))


class Form(NamedTuple):
    """A kind of file.

    Args:
        title: what its runtime is called.
        suffix: of the file; empty: a folder.
        keras_format: what `keras.Model.export` calls it.
        fixed: its runtime computes no sizes, so that sides that a network leaves open are fixed.
        run: outputs of a file for a batch, by the runtime itself; also told the inputs' names.
        needs: modules that must be there besides TensorFlow, of the extra `onnx`.
    """

    title: str
    suffix: str
    keras_format: str
    run: Callable[[Path, Batch, list[str]], Batch]
    fixed: bool = False
    needs: tuple[str, ...] = ()


FORMS = {
    "onnx": Form("ONNX Runtime", ".onnx", "onnx", _run_onnx, needs=("onnxruntime", "tf2onnx")),
    "litert": Form("LiteRT", ".tflite", "litert", _run_litert, fixed=True),
    "savedmodel": Form("TensorFlow", "", "tf_saved_model", _run_saved_model),
}


def form_of(path: Path, form: str | None = None) -> str:
    """The kind of file that a name asks for.

    Args:
        path: the file to write.
        form: the kind, where it was said; it must fit the name.

    Raises:
        ConfigError: an unknown kind, or a name that is of no kind or of another.
    """
    if form is not None and form not in FORMS:
        raise ConfigError(f"form must be one of {', '.join(FORMS)}, got {form!r}")
    found = next((name for name, one in FORMS.items() if one.suffix == path.suffix.lower()), None)
    if found is None or form not in (None, found):
        names = [f"{one.suffix or 'no suffix'} ({name})" for name, one in FORMS.items()]
        if form is not None:
            raise ConfigError(
                f"{path} is no name for {form}. Fix: {FORMS[form].suffix or 'no suffix'} at its end"
            )
        raise ConfigError(f"{path} ends in no suffix that is written. Fix: {', '.join(names)}")
    return found


def check_libraries(kind: Form) -> None:
    """See that a form's libraries are there, before a network is built.

    Raises:
        MissingExtra: they are not.
    """
    if not all(_is_there(module) for module in kind.needs):
        raise MissingExtra("onnx", f"export for {kind.title}")


def export_network(
    model: keras.Model,
    path: str | Path,
    *,
    form: str | None = None,
    size: tuple[int, int] | None = None,
    seed: int = 0,
) -> float:
    """Write a network for another runtime: prepared pictures in, its outputs out.

    Args:
        model: a Keras model; built in float32 under the TensorFlow backend.
        path: the file (`.onnx`, `.tflite`), replaced only when the new one is right; or the folder
            of a SavedModel, which must not hold anything.
        form: one of `FORMS`; None: as the name says.
        size: (height, width) of the batch that is compared where the network leaves them open, and
            of all that a LiteRT file then takes; None: the frame of its paper.
        seed: of the batch that is compared.

    Returns:
        the largest difference between the runtime and Keras on a random batch, relative to the
        outputs' largest value.

    Raises:
        ConfigError: no network, another backend than TensorFlow, another suffix, or a folder that
            is there.
        MissingExtra: the ONNX libraries are not installed.
        RunFailed: the file cannot be made, or its outputs differ by more than 1e-4; none is left.
    """
    import keras

    path = Path(path)
    kind = FORMS[form_of(path, form)]
    if not isinstance(model, keras.Model):
        raise ConfigError("this model is no network: there is no graph to export. Fix: a network")
    if keras.config.backend() != "tensorflow":
        raise ConfigError(
            f"networks are exported under TensorFlow, the backend is {keras.config.backend()}. "
            "Fix: save the weights, and export with KERAS_BACKEND=tensorflow"
        )
    check_libraries(kind)
    if not kind.suffix:
        refuse_full_folder(path, "the folder", "another name, or delete it")
    front = getattr(model, "front", None)
    batch = random_batch(model, size or ((64, 64) if front is None else front.frame), seed)
    options = {}
    if kind.fixed and _is_open(model):
        options["input_signature"] = _signature(model, batch)
    expected = listed(model.predict_on_batch(batch if len(batch) > 1 else batch[0]))
    with _beside(path) as beside:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # the libraries warn of each other's futures
                model.export(beside, format=kind.keras_format, verbose=False, **options)
                found = kind.run(beside, batch, [tensor.name for tensor in model.inputs])
        except Exception as error:  # several libraries, each with errors of its own
            reason = " ".join(str(error).split())[:200]
            raise RunFailed(f"{model.name} cannot be exported for {kind.title}: {reason}") from None
        apart = difference(found, expected)
        if not apart <= TOLERANCE:
            raise RunFailed(
                f"{model.name}: {kind.title} and Keras differ by {apart:.1e} of the output's "
                f"range, more than {TOLERANCE:g}; no file was written"
            )
        rename_over(beside, path)
    return apart


def _is_open(model: keras.Model) -> bool:
    """Whether pictures of several sizes go in."""
    return any(side is None for tensor in model.inputs for side in tensor.shape[1:])


def _signature(model: keras.Model, batch: Batch) -> Any:
    """What goes in, in the sizes of a batch."""
    import keras

    tensors = [
        keras.InputSpec(shape=values.shape, dtype=tensor.dtype)
        for tensor, values in zip(model.inputs, batch, strict=True)
    ]
    for tensor, spec in zip(model.inputs, tensors, strict=True):
        spec.name = tensor.name
    return [tensors] if len(tensors) > 1 else tensors


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ValueError:  # hidden by None in sys.modules
        return False


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """A place for the file or folder beside its own, which is empty again in the end."""
    place = path.with_name(f".{path.stem}.part{path.suffix}")
    try:
        yield place
    finally:
        if place.is_dir():
            shutil.rmtree(place)
        else:
            place.unlink(missing_ok=True)


def random_batch(model: keras.Model, size: tuple[int, int], seed: int = 0) -> list[np.ndarray]:
    """One random entry for each input of a model; sides that it leaves open are `size`."""
    rng = np.random.default_rng(seed)
    shapes = [(1, *tensor.shape[1:]) for tensor in model.inputs]
    filled = [
        [side if side is not None else size[k - 1] for k, side in enumerate(shape)]
        for shape in shapes
    ]
    return [rng.normal(0, 1, shape).astype(np.float32) for shape in filled]


def listed(outputs: Any) -> list[np.ndarray]:
    """Outputs of a Keras model in the order in which files give them."""
    if isinstance(outputs, dict):
        outputs = [outputs[key] for key in sorted(outputs)]  # as Keras flattens it
    return [np.asarray(v) for v in (outputs if isinstance(outputs, list | tuple) else [outputs])]


def difference(found: list[np.ndarray], expected: list[np.ndarray]) -> float:
    """Largest difference over outputs matched by shape and order, relative to the largest value.

    Args:
        found: of a runtime.
        expected: of Keras, as `listed`.

    Returns:
        0 or more; infinite where shapes differ.
    """
    if [f.shape for f in found] != [e.shape for e in expected]:
        return float("inf")
    return max(
        float(np.abs(f - e).max() / max(np.abs(e).max(), 1e-12))
        for f, e in zip(found, expected, strict=True)
    )
