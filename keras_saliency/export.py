"""A network as an ONNX file, checked against Keras before it is kept.

Keras' own export makes the file (extra `onnx`); some networks export without complaint into files
that no runtime takes, so the file is loaded and one batch compared, and it is deleted where they
differ.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmark_kit.errors import ConfigError, MissingExtra, RunFailed

if TYPE_CHECKING:
    import keras

TOLERANCE = 1e-4


def check_suffix(path: Path) -> None:
    """Refuse another name than `.onnx`.

    Raises:
        ConfigError: another suffix.
    """
    if path.suffix != ".onnx":
        raise ConfigError(f"{path}: the file must end in .onnx")


def export_onnx(model: keras.Model, path: str | Path, *, seed: int = 0) -> float:
    """Write a network as ONNX: prepared pictures in, its outputs out.

    Args:
        model: a Keras model; built in float32 under the TensorFlow backend.
        path: the file, `.onnx`; replaced only when the new one is right.
        seed: of the batch that is compared.

    Returns:
        the largest difference between ONNX Runtime and Keras on a random batch, relative to the
        outputs' largest value.

    Raises:
        ConfigError: no network, another backend than TensorFlow, or another suffix.
        MissingExtra: the ONNX libraries are not installed.
        RunFailed: the file cannot be made, or its outputs differ by more than 1e-4; none is left.
    """
    import keras

    path = Path(path)
    check_suffix(path)
    if not isinstance(model, keras.Model):
        raise ConfigError("this model is no network: there is no graph to export. Fix: a network")
    if keras.config.backend() != "tensorflow":
        raise ConfigError(
            f"ONNX is exported under TensorFlow, the backend is {keras.config.backend()}. Fix: "
            "save the weights, and export with KERAS_BACKEND=tensorflow"
        )
    try:
        import onnxruntime
        import tf2onnx  # noqa: F401 (Keras asks for it later, in words of its own)
    except ImportError:
        raise MissingExtra("onnx", "export to ONNX") from None
    front = getattr(model, "front", None)
    batch = random_batch(model, (64, 64) if front is None else front.frame, seed)
    expected = _listed(model.predict_on_batch(batch if len(batch) > 1 else batch[0]))
    beside = path.with_name(f".{path.stem}.part.onnx")
    try:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # both libraries warn of each other's futures
                model.export(beside, format="onnx", verbose=False)
            session = onnxruntime.InferenceSession(beside, providers=["CPUExecutionProvider"])
            names = [entry.name for entry in session.get_inputs()]
            found = session.run(None, dict(zip(names, batch, strict=True)))
        except Exception as error:  # two libraries, each with errors of its own
            reason = " ".join(str(error).split())[:200]
            raise RunFailed(f"{model.name} cannot be exported to ONNX: {reason}") from None
        apart = _difference(found, expected)
        if not apart <= TOLERANCE:
            raise RunFailed(
                f"{model.name}: ONNX Runtime and Keras differ by {apart:.1e} of the output's "
                f"range, more than {TOLERANCE:g}; no file was written"
            )
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    return apart


def random_batch(model: keras.Model, size: tuple[int, int], seed: int = 0) -> list[np.ndarray]:
    """One random entry for each input of a model; sides that it leaves open are `size`."""
    rng = np.random.default_rng(seed)
    shapes = [(1, *tensor.shape[1:]) for tensor in model.inputs]
    filled = [
        [side if side is not None else size[k - 1] for k, side in enumerate(shape)]
        for shape in shapes
    ]
    return [rng.normal(0, 1, shape).astype(np.float32) for shape in filled]


def _listed(outputs: Any) -> list[np.ndarray]:
    if isinstance(outputs, dict):
        outputs = [outputs[key] for key in sorted(outputs)]  # as Keras flattens it
    return [np.asarray(v) for v in (outputs if isinstance(outputs, list | tuple) else [outputs])]


def _difference(found: list[np.ndarray], expected: list[np.ndarray]) -> float:
    """Largest difference over outputs matched by shape and order, relative to the largest value."""
    if [f.shape for f in found] != [e.shape for e in expected]:
        return float("inf")
    return max(
        float(np.abs(f - e).max() / max(np.abs(e).max(), 1e-12))
        for f, e in zip(found, expected, strict=True)
    )
