"""The networks of `saliency_best`, which the distribution keras-saliency-weights brings.

Its package `keras_saliency_weights` holds data alone: `networks.toml` lists the networks and the
frames that each sees a picture in, `NAME.npz` are the weights of one (`lite.weights`) and
`TRUNK.onnx` is the graph of all with that trunk. `saliency_lite` in the list is the default model's
network, which lies in this package.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.resources import as_file, files
from typing import Any

import numpy as np

from benchmark_kit.containers.damage import DamagedFile
from benchmark_kit.containers.text import parse_toml
from benchmark_kit.errors import ConfigError, InputError
from keras_saliency.base.resample import Size
from keras_saliency.lite.calibration import Calibration
from keras_saliency.lite.session import OnnxNetwork
from keras_saliency.lite.weights import GRAPH, LiteWeights, read_weights, shipped

PACKAGE = "keras_saliency_weights"
LIST = "networks.toml"
DEFAULT = "saliency_lite"
AGAIN = "Fix: install keras-saliency-weights anew"


@dataclass(frozen=True)
class Member:
    """A network that sees pictures in one frame.

    Args:
        weights: its file.
        network: which may be that of several members.
        frame: (height, width) whose area pictures are scaled to.
    """

    weights: LiteWeights
    network: OnnxNetwork
    frame: Size

    def log_density(
        self, pixels: np.ndarray, calibration: Calibration, log_prior: np.ndarray
    ) -> np.ndarray:
        """Natural-log density of one picture.

        Args:
            pixels: uint8 (height, width, 3), RGB.
            calibration: as it is in the frame that the network was trained in.
            log_prior: float64 (height, width).

        Returns:
            float64 (height, width); its exponentials sum to one.
        """
        # the blur's width is in cells: as wide on the picture in every frame
        finer = math.sqrt(math.prod(self.frame) / math.prod(self.weights.frame))
        own = replace(calibration, sigma=calibration.sigma * finer)
        return own.log_density(self.network.scores(pixels, self.frame), log_prior)


def members() -> Iterator[Member]:
    """All of them, in the order of the list.

    Raises:
        ConfigError: the distribution is not installed.
        InputError: a damaged file.
    """
    try:
        folder = files(PACKAGE)
    except ModuleNotFoundError:
        raise ConfigError(
            "saliency_best needs the networks of the distribution keras-saliency-weights (20 MB).\n"
            "  Fix: pip install ./keras-saliency-weights in a clone of this repository, or take\n"
            "  saliency_lite, which needs nothing more"
        ) from None
    for name, frames in _listed(folder):
        weights, graph = _own() if name == DEFAULT else _brought(folder, name)
        network = OnnxNetwork(weights, graph)
        for frame in frames:
            yield Member(weights, network, frame)


def _listed(folder: Any) -> list[tuple[str, list[Size]]]:
    try:
        rows = parse_toml((folder / LIST).read_text(), LIST)["networks"]
        found = [(str(row["name"]), [_size(frame) for frame in row["frames"]]) for row in rows]
    except (DamagedFile, OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{folder / LIST} cannot be read ({error}). {AGAIN}") from None
    wrong = [name for name, frames in found if not name.isidentifier() or not frames]
    if wrong or not found:
        raise InputError(f"{folder / LIST} lists no networks, or {wrong}. {AGAIN}")
    return found


def _size(frame: Any) -> Size:
    height, width = map(int, frame)
    if min(height, width) < 64 or max(height, width) > 4096:
        raise ValueError(f"a frame of {height} x {width}")
    return height, width


def _own() -> tuple[LiteWeights, bytes]:
    return shipped(), GRAPH.read_bytes()


def _brought(folder: Any, name: str) -> tuple[LiteWeights, bytes]:
    entry = folder / f"{name}.npz"
    with as_file(entry) as path:
        weights = read_weights(path)
    graph = folder / f"{weights.encoder}.onnx"
    if not graph.is_file():
        raise InputError(f"there is no graph {graph}. {AGAIN}")
    return weights, graph.read_bytes()
