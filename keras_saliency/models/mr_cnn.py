"""Mr-CNN: a patch of the picture at three scales, each through a stream, judged as fixated or not.

Liu, Han, Zhang, Wen, Liu, "Predicting eye fixations using convolutional neural networks", CVPR
2015. No code is public: what the paper leaves open is our choice.

    42x42 patches around one point of the picture at 400x400, 250x250 and 150x150
    -> three streams (7x7, 3x3, 3x3, a pool after each, dense) -> dense -> probability of a fixation

The map of a picture is the network on a grid of points. The streams are not run over the whole
picture at once: patch by patch costs more time and gives the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
from keras import constraints, layers

from benchmark_kit.errors import ConfigError
from keras_saliency.base.colours import TORCH
from keras_saliency.base.geometry import Geometry, Plan
from keras_saliency.base.resample import resample
from keras_saliency.base.saliency_model import Front, SaliencyModel

SIDE = 42
SCALES = {"fine": 400, "middle": 250, "coarse": 150}
GRID = 50
PASS = 100  # points in one pass of the network
BLUR = 0.025  # of the map, relative to the picture's longer side


def mr_cnn(input_shape: tuple[int, int] = (SIDE, SIDE), grid: int = GRID) -> PatchModel:
    """The network: inputs `fine`, `middle`, `coarse`, output (b, 1, 1, 1), a probability.

    Args:
        input_shape: 42x42 only: the dense layers fix it.
        grid: points along each side at which a picture is judged.

    Raises:
        ConfigError: another size, or fewer than two points.
    """
    if input_shape != (SIDE, SIDE) or grid < 2:
        raise ConfigError(
            f"mr_cnn takes patches of {SIDE}x{SIDE} and grids of 2 points a side or more; got "
            f"{input_shape[0]}x{input_shape[1]} and {grid}. Fix: leave input_shape and grid out"
        )
    patches = [keras.Input((SIDE, SIDE, 3), name=name) for name in SCALES]
    x = layers.Concatenate(name="streams")([_stream(patch) for patch in patches])
    x = layers.Dense(512, activation="relu", name="fusion")(x)
    x = layers.Dropout(0.5, name="fusion_dropout")(x)
    x = layers.Dense(1, activation="sigmoid", dtype="float32", name="fixated")(x)
    output = layers.Reshape((1, 1, 1), dtype="float32", name="map")(x)
    model = PatchModel(patches, output, name="mr_cnn")
    model.front = Front(
        (SCALES["fine"],) * 2, Geometry("squeeze", "antialiased", back="bicubic"), TORCH, _blurred
    )
    model.grid = grid
    return model


def _stream(x: Any) -> Any:
    scale = x.name
    for k, (filters, size) in enumerate(((96, 7), (160, 3), (288, 3)), start=1):
        if k > 1:
            x = layers.Dropout(0.3, name=f"{scale}_dropout{k}")(x)
        x = layers.Conv2D(
            filters,
            size,
            activation="relu",
            kernel_constraint=constraints.MaxNorm(0.1, axis=(0, 1, 2)) if k == 1 else None,
            data_format="channels_last",
            name=f"{scale}_conv{k}",
        )(x)
        x = layers.MaxPooling2D(2, data_format="channels_last", name=f"{scale}_pool{k}")(x)
    x = layers.Flatten(data_format="channels_last", name=f"{scale}_flat")(x)
    x = layers.Dense(512, activation="relu", name=f"{scale}_dense")(x)
    return layers.Dropout(0.5, name=f"{scale}_dropout")(x)


@keras.saving.register_keras_serializable(package="keras_saliency")
class PatchModel(SaliencyModel):
    """A network of patches; its map of a picture is its output on a grid of points.

    Attributes:
        grid: points along each side.
    """

    grid = GRID

    def _raw_maps(self, pictures: np.ndarray, network: Callable[[Any], Any]) -> np.ndarray:
        places = (np.arange(self.grid) + 0.5) / self.grid
        points = np.stack(np.meshgrid(places, places, indexing="ij"), axis=-1).reshape(-1, 2)
        maps = []
        for picture in pictures:
            scales = _scaled(picture)
            found = [
                network(_cut(scales, points[k : k + PASS])) for k in range(0, len(points), PASS)
            ]
            maps.append(np.concatenate(found).reshape(self.grid, self.grid))
        return np.stack(maps)


def patches_at(picture: np.ndarray, points: np.ndarray) -> list[np.ndarray]:
    """What the network takes for points of a picture; beyond the border the edge is repeated.

    Args:
        picture: as `preprocess` gives it, float32 (400, 400, 3).
        points: rows and columns relative to the picture's sides, in 0..1, (n, 2).

    Returns:
        patches float32 (n, 42, 42, 3), of the picture at 400x400, 250x250 and 150x150.
    """
    return _cut(_scaled(picture), points)


def _scaled(picture: np.ndarray) -> list[np.ndarray]:
    """The three scales, each with its edge repeated around it."""
    half = SIDE // 2
    around = ((half, half), (half, half), (0, 0))
    sized = (resample(picture, (side, side), "antialiased") for side in SCALES.values())
    return [np.pad(values, around, mode="edge") for values in sized]


def _cut(scales: Sequence[np.ndarray], points: np.ndarray) -> list[np.ndarray]:
    window = np.arange(SIDE)
    found = []
    for padded in scales:
        side = len(padded) - SIDE
        # a patch begins half its side before its point, which the padding makes its own place
        first = np.minimum((points * side).astype(np.int64), side - 1)
        rows, columns = (first[:, k, None] + window for k in (0, 1))
        found.append(padded[rows[:, :, None], columns[:, None, :]])
    return found


def labelled_points(density: np.ndarray, fixated: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Random points of a picture to learn from: where many looked, and twice as many where few did.

    Args:
        density: blurred fixations (height, width).
        fixated: how many points from above 0.9 of its maximum; fewer where there are fewer pixels.
        seed: of the choice.

    Returns:
        points (n, 2), rows and columns relative to the sides, for `patches_at`; and labels float32
        (n, 1, 1, 1), 1 above 0.9 and 0 below 0.1 of the maximum.
    """
    rng = np.random.default_rng(seed)
    top = density.max()
    high, low = np.flatnonzero(density > 0.9 * top), np.flatnonzero(density < 0.1 * top)
    chosen = [
        rng.choice(pixels, min(count, len(pixels)), replace=False)
        for pixels, count in ((high, fixated), (low, 2 * fixated))
    ]
    pixels = np.concatenate(chosen)
    points = np.stack(np.unravel_index(pixels, density.shape), axis=-1) + 0.5
    labels = np.repeat([1.0, 0.0], [len(part) for part in chosen]).astype(np.float32)
    return points / density.shape, labels.reshape(-1, 1, 1, 1)


def _blurred(raw: np.ndarray, plan: Plan) -> np.ndarray:
    from scipy.ndimage import gaussian_filter

    return gaussian_filter(plan.onto_image(raw), BLUR * max(plan.image))
