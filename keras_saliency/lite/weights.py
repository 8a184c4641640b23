"""The file of a network of ours: arrays in float16, calibrations, priors. No pickle.

layer/number            weights in Keras' order
calibration/<data set>  sigma, weight of the prior, gain
prior/<name>            log density on a grid of 48x64
encoder                 name of the trunk
frame                   (height, width) whose area pictures are scaled to
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from benchmark_kit.errors import InputError
from keras_saliency.base.array_file import read_arrays, write_arrays
from keras_saliency.lite.calibration import Calibration
from keras_saliency.lite.layout import FRAME

FILE = Path(__file__).with_name("saliency_lite.npz")
GRAPH = Path(__file__).with_name("saliency_lite.onnx")
PRIOR_GRID = (48, 64)
UNKNOWN = "photo"  # the prior of pictures of no known data set


@dataclass(frozen=True)
class LiteWeights:
    """What the model knows.

    Args:
        encoder: name of its trunk.
        arrays: `layer/number` -> weights in Keras' order, float32.
        calibrations: data set -> what was learned for it.
        priors: name -> log density, float32 of `PRIOR_GRID`.
        frame: (height, width) whose area pictures are scaled to.
    """

    encoder: str
    arrays: Mapping[str, np.ndarray]
    calibrations: Mapping[str, Calibration]
    priors: Mapping[str, np.ndarray]
    frame: tuple[int, int] = FRAME

    def write(self, path: Path) -> None:
        """Write the file; weights of layers are rounded to float16."""
        held: dict[str, np.ndarray] = {
            "encoder": np.array(self.encoder),
            "frame": np.array(self.frame, np.int32),
        }
        held |= {name: array.astype(np.float16) for name, array in self.arrays.items()}
        held |= {
            f"calibration/{name}": np.array([one.sigma, one.prior_weight, one.gain], np.float32)
            for name, one in self.calibrations.items()
        }
        held |= {f"prior/{name}": grid.astype(np.float16) for name, grid in self.priors.items()}
        write_arrays(path, held)


def read_weights(path: Path) -> LiteWeights:
    """The file of a network.

    Raises:
        ConfigError: no such file.
        InputError: a damaged file, or another.
    """
    held = read_arrays(path)
    if "encoder" not in held:
        raise InputError(f"{path} holds no weights of ours. Fix: install its package anew")
    parts: dict[str, dict[str, np.ndarray]] = {"calibration": {}, "prior": {}, "": {}}
    for name, array in held.items():
        kind, _, rest = name.partition("/")
        if name not in ("encoder", "frame"):
            known = kind in ("calibration", "prior")
            parts[kind if known else ""][rest if known else name] = array.astype(np.float32)
    return LiteWeights(
        str(held["encoder"]),
        parts[""],
        {name: Calibration(*map(float, array)) for name, array in parts["calibration"].items()},
        parts["prior"],
        tuple(map(int, held["frame"])) if "frame" in held else FRAME,  # type: ignore[arg-type]
    )


@lru_cache(maxsize=1)
def shipped() -> LiteWeights:
    """The network of this package."""
    return read_weights(FILE)


def is_depthwise(layer: str) -> bool:
    """Whether a layer of one of our networks is a depthwise convolution, by its name."""
    return layer.endswith("depthwise") or layer.startswith("conv_dw_")


def in_graph_order(name: str, array: np.ndarray) -> np.ndarray:
    """An array of a layer as ONNX has it: kernels (out, in, rows, columns), channels first."""
    if name.startswith("standardized/"):
        return array.reshape(1, -1, 1, 1)
    if array.ndim == 4:
        layer = name.partition("/")[0]
        order = (2, 3, 0, 1) if is_depthwise(layer) else (3, 2, 0, 1)
        return np.ascontiguousarray(array.transpose(order))
    return array
