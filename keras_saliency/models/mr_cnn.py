"""Mr-CNN: a patch of the picture at three scales, each through a stream, judged as fixated or not.

Liu, Han, Zhang, Wen, Liu, "Predicting eye fixations using convolutional neural networks", CVPR
2015. No code is public: what the paper leaves open is our choice.

    42x42 patches around one point of the picture at 400x400, 250x250 and 150x150
    -> three streams (7x7, 3x3, 3x3, a pool after each, dense) -> dense -> probability of a fixation

The map of a picture is the network on a grid of points. On a fine grid patches overlap so much that
the convolutions run over the whole picture once; a pool halves the picture from its patch's own
corner, so that patches go on in up to four groups behind each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
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
LEAST_SHARED = 20  # grid from which a whole picture costs less than its patches
DEPTH = 3  # convolutions and pools of a stream
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
            if self.grid < LEAST_SHARED:
                found = [
                    network(_cut(scales, points[k : k + PASS])) for k in range(0, len(points), PASS)
                ]
            else:
                found = [self._judged(scales, places)]
            maps.append(np.concatenate(found).reshape(self.grid, self.grid))
        return np.stack(maps)

    def _judged(self, scales: Sequence[np.ndarray], places: np.ndarray) -> np.ndarray:
        """What the network makes of the patches at a grid, each convolution run once a place.

        Args:
            scales: the padded pictures.
            places: rows, and columns alike, relative to the sides, ascending.

        Returns:
            float32 (grid^2, 1).
        """
        streams = []
        for name, padded in zip(SCALES, scales, strict=True):
            first = _corners(places, len(padded) - SIDE)
            units = self.get_layer(f"{name}_dense").units
            dense = np.empty((len(places), len(places), units), np.float32)
            whole = keras.ops.convert_to_tensor(padded[None])
            for rows, columns, found in self._groups(name, whole, first, first):
                dense[np.ix_(rows, columns)] = found
            streams.append(dense.reshape(-1, dense.shape[2]))
        x = self.get_layer("fusion")(np.concatenate(streams, axis=1, dtype=np.float32))
        return keras.ops.convert_to_numpy(self.get_layer("fixated")(x))

    def _groups(
        self, name: str, x: Any, rows: np.ndarray, columns: np.ndarray, depth: int = 1
    ) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """A stream's answers to patches, group by group.

        Args:
            name: of the scale.
            x: what the stream has made of the picture so far, (1, height, width, channels).
            rows: where the patches begin in it, ascending.
            columns: the same.
            depth: of the convolution that is next.

        Yields:
            numbers of rows and of columns, and the answers (rows, columns, units).
        """
        if depth > DEPTH:
            window = np.arange(3)
            x = keras.ops.take(x[0], (rows[:, None] + window).ravel(), axis=0)
            x = keras.ops.take(x, (columns[:, None] + window).ravel(), axis=1)
            x = keras.ops.reshape(x, (len(rows), 3, len(columns), 3, x.shape[2]))
            x = keras.ops.transpose(x, (0, 2, 1, 3, 4))
            x = keras.ops.reshape(x, (len(rows) * len(columns), -1))
            found = keras.ops.convert_to_numpy(self.get_layer(f"{name}_dense")(x))
            yield (
                np.arange(len(rows)),
                np.arange(len(columns)),
                found.reshape(len(rows), len(columns), -1),
            )
            return
        x = self.get_layer(f"{name}_conv{depth}")(x)
        pool = self.get_layer(f"{name}_pool{depth}")
        for down, across in np.ndindex(2, 2):
            own = [np.flatnonzero(part % 2 == k) for part, k in ((rows, down), (columns, across))]
            if not own[0].size or not own[1].size:
                continue
            below, beside = rows[own[0][0]], columns[own[1][0]]
            halved = pool(x[:, below:, beside:])
            inner = ((rows[own[0]] - below) // 2, (columns[own[1]] - beside) // 2)
            for some, others, found in self._groups(name, halved, *inner, depth + 1):
                yield own[0][some], own[1][others], found


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
        first = _corners(points, side)
        rows, columns = (first[:, k, None] + window for k in (0, 1))
        found.append(padded[rows[:, :, None], columns[:, None, :]])
    return found


def _corners(places: np.ndarray, side: int) -> np.ndarray:
    """Where patches begin: half their side before a point, which the padding makes its place."""
    return np.minimum((places * side).astype(np.int64), side - 1)


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
