"""iSEEL: similar pictures are looked up, and what was learned from each of them is averaged.

Tavakoli, Borji, Laaksonen, Rahtu, "Exploiting inter-image similarity and ensemble of extreme
learners for fixation prediction using deep features", Neurocomputing 2017, arXiv:1610.06449. Its
code could not be had: the frame is the paper's, what fills it is our choice.

    picture -> VGG-16 -> mean of its last block      -> the k most similar pictures learned from
                      -> five taps, x, y on a grid   -> the extreme learner of each of them
    -> mean of their maps, times the mean fixation map, to a power -> blur
"""

from __future__ import annotations

import hashlib
import os
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import keras
import numpy as np

from benchmark_kit.errors import ConfigError, InputError
from benchmark_kit.types import GroundTruth
from keras_saliency.backbones.adapters import encode
from keras_saliency.backbones.weights import load_trunk
from keras_saliency.base.array_model import rgb_pixels
from keras_saliency.base.estimator import Estimator
from keras_saliency.base.geometry import Geometry
from keras_saliency.base.resample import resample
from keras_saliency.models._elm import hidden, nearest, random_layer, scaled, solve

FRAME = (480, 640)
STRIDE = 8
UNITS = 100
PRIOR = (48, 64)
BLUR = 0.02  # relative to the longer side
POWERS = (0.5, 1.0, 2.0, 3.0)
Learned = dict[str, np.ndarray]
SHRUNK = Geometry("shrink", "antialiased", least=32, turn=True)


class ISEEL(Estimator):
    """The estimator: a frozen trunk, and one extreme learner for every picture learned from.

    `fit` is closed form: one machine a picture. The power is the one whose maps of the pictures
    learned from, each predicted by the others, correlate best with their own fixation maps; every
    picture is gone through twice. The trunk is not in the file that `save` writes.

    Args:
        encoder: the trunk: a backbone's name, or a Keras model with named taps.
        encoder_weights: of the trunk: `"imagenet"`, a file, or None: random, or a model's own.
        neighbours: how many similar pictures predict.
        strength: C of ridge regression for the output weights; None: the Moore-Penrose inverse.
        fitted: a file that `save` wrote, with the same trunk and its weights.

    Raises:
        ConfigError: an unknown trunk, no such file, or no neighbour; `predict_map` before `fit`.
        InputError: a file of another kind, or one that was learned with another trunk.
    """

    kind = "iseel"
    shapes: ClassVar = dict.fromkeys(
        ("descriptors", "low", "high", "output", "prior", "power", "trunk")
    )
    least = 2

    def __init__(
        self,
        encoder: Any = "vgg16",
        encoder_weights: str | Path | None = None,
        neighbours: int = 10,
        strength: float | None = None,
        fitted: str | os.PathLike[str] | None = None,
    ):
        if neighbours < 1:
            raise ConfigError(f"iseel needs 1 neighbour or more, got {neighbours}")
        picture = keras.Input((None, None, 3), name="picture")
        self.trunk = encode(encoder, picture)
        load_trunk(self.trunk, encoder_weights)
        names = self.trunk.backbone.taps
        self.network = keras.Model(picture, [self.trunk.taps[name] for name in names])
        self.random_trunk = isinstance(encoder, str) and encoder_weights is None
        self.neighbours = neighbours
        self.strength = strength
        super().__init__(fitted)

    def _learn(self, truths: list[GroundTruth]) -> dict[str, np.ndarray]:
        self._warn_of_random_trunk()
        descriptors, lows, highs, outputs, priors = [], [], [], [], []
        for k, truth in enumerate(truths):
            rows, grid, descriptor = self._described(rgb_pixels(truth.stimulus, turned=False))  # type: ignore[arg-type]
            density = _density(truth)
            target = resample(density, grid, "area").reshape(-1, 1).astype(np.float64)
            low, high = rows.min(axis=0), rows.max(axis=0)
            layer = random_layer(UNITS, rows.shape[1], seed=k)
            activations = hidden(scaled(rows, low, high), *layer)
            descriptors.append(descriptor)
            lows.append(low)
            highs.append(high)
            outputs.append(solve(activations, target, self.strength)[:, 0])
            priors.append(resample(density, PRIOR, "area"))
        learned = {
            "descriptors": np.array(descriptors),
            "low": np.array(lows, np.float32),
            "high": np.array(highs, np.float32),
            "output": np.array(outputs),
            "prior": np.mean(priors, axis=0),
            "power": np.array(1.0),
            "trunk": np.array(self._fingerprint()),
        }
        learned["power"] = np.array(self._best_power(learned, truths, priors))
        return learned

    def _read(self, path: Path) -> dict[str, np.ndarray]:
        learned = super()._read(path)
        if str(learned["trunk"]) != self._fingerprint():
            raise InputError(
                f"{path} was learned with another trunk or other weights of it. "
                "Fix: the same encoder and encoder_weights"
            )
        return learned

    def _saliency(self, image: np.ndarray) -> np.ndarray:
        learned = self._known()
        self._warn_of_random_trunk()
        rows, grid, descriptor = self._described(image)
        order, _ = nearest(learned["descriptors"], descriptor)
        raw = _mean_map(learned, rows, grid, order[: self.neighbours])
        found = _finished(raw, learned["prior"], float(learned["power"]))
        return resample(found.astype(np.float32), image.shape[:2], "bilinear").astype(np.float64)

    def _described(self, image: np.ndarray) -> tuple[np.ndarray, tuple[int, int], np.ndarray]:
        """Features of all cells (cells, channels), the grid, and the scene's descriptor."""
        plan = SHRUNK.plan(image.shape[:2], FRAME)  # type: ignore[arg-type]
        pixels = self.trunk.backbone.colours(plan.into_frame(image))
        found = self.network.predict_on_batch(pixels[None])
        taps = [np.asarray(tap, np.float32)[0] for tap in found]
        grid = (-(-plan.inner[0] // STRIDE), -(-plan.inner[1] // STRIDE))
        places = np.meshgrid(*(np.linspace(-1, 1, n) for n in grid), indexing="ij")
        maps = [*(resample(tap, grid, "bilinear") for tap in taps), np.stack(places[::-1], axis=-1)]
        rows = np.concatenate(maps, axis=-1, dtype=np.float64)
        descriptor = taps[-1].mean(axis=(0, 1), dtype=np.float64)
        length = np.linalg.norm(descriptor)
        return rows.reshape(-1, rows.shape[-1]), grid, descriptor / (length if length > 0 else 1.0)

    def _best_power(
        self, learned: Learned, truths: list[GroundTruth], priors: list[np.ndarray]
    ) -> float:
        scores = [list(self._left_out(learned, k, truths[k], priors)) for k in range(len(truths))]
        return POWERS[int(np.argmax(np.mean(scores, axis=0)))]

    def _left_out(
        self, learned: Learned, k: int, truth: GroundTruth, priors: list[np.ndarray]
    ) -> Iterator[float]:
        """Correlation for each power of a picture's map that it had no part in."""
        picture = rgb_pixels(truth.stimulus, turned=False)  # type: ignore[arg-type]
        rows, grid, descriptor = self._described(picture)
        order, _ = nearest(learned["descriptors"], descriptor)
        raw = _mean_map(learned, rows, grid, order[order != k][: self.neighbours])
        others = np.mean([prior for j, prior in enumerate(priors) if j != k], axis=0)
        wanted = resample(_density(truth), grid, "area")
        for power in POWERS:
            found = _finished(raw, others, power)
            flat = np.ptp(found) == 0
            yield 0.0 if flat else float(np.corrcoef(found.ravel(), wanted.ravel())[0, 1])

    def _fingerprint(self) -> str:
        digest = hashlib.sha256()
        for layer in self.trunk.layers:
            for weight in layer.weights:
                digest.update(np.asarray(weight.value).tobytes())
        return digest.hexdigest()

    def _warn_of_random_trunk(self) -> None:
        if self.random_trunk:
            warnings.warn(
                "iseel's trunk has random weights: its features say little. "
                "Fix: encoder_weights='imagenet' or a file",
                stacklevel=3,
            )


def _mean_map(
    learned: Learned, rows: np.ndarray, grid: tuple[int, int], neighbours: Iterable[int]
) -> np.ndarray:
    """Mean of the neighbours' maps, each cut off at 0."""
    maps = []
    for k in neighbours:
        low, high, output = (learned[name][k] for name in ("low", "high", "output"))
        layer = random_layer(len(output), rows.shape[1], seed=int(k))
        maps.append(np.clip(hidden(scaled(rows, low, high), *layer) @ output, 0, None))
    return np.mean(maps, axis=0).reshape(grid)


def _density(truth: GroundTruth) -> np.ndarray:
    """Blurred fixations with the maximum 1, float32 (height, width)."""
    from benchmark_kit.imaging.density import blur_points, default_sigma

    assert truth.fixations is not None
    found = blur_points(truth.fixations.flat_index, truth.size, default_sigma(truth.size))
    return (found / found.max()).astype(np.float32)


def _finished(raw: np.ndarray, prior: np.ndarray, power: float) -> np.ndarray:
    from scipy.ndimage import gaussian_filter

    weighted = raw * resample(prior.astype(np.float32), raw.shape, "bilinear")  # type: ignore[arg-type]
    return gaussian_filter(weighted**power, BLUR * max(raw.shape))
