"""What train.py wrote: a network with its weights, and what it says of pictures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
from pictures import Picture, centre_bias

from keras_saliency.base.resample import resample
from keras_saliency.lite.layout import DATASETS, FRAME
from keras_saliency.models.saliency_lite import CALIBRATION, saliency_lite

BASELINE = (0.05, 0.01)  # bandwidth and uniform share of the centre bias that IG is over


def load_run(model: keras.Model, run: Path) -> tuple[int, int]:
    """Set a network's weights to those of a run.

    Returns:
        the frame that it was trained in.
    """
    with np.load(run) as held:
        for layer in model.layers:
            for k, weight in enumerate(layer.weights):
                weight.assign(held[f"{layer.name}/{k}"])
        return tuple(map(int, held["frame"])) if "frame" in held else FRAME


def widen_blurs(model: keras.Model, before: tuple[int, int], now: tuple[int, int]) -> None:
    """Let blurs, whose widths are in cells, be as wide on the picture in another frame."""
    log_sigma = model.get_layer(CALIBRATION).triples[0]
    log_sigma.assign(log_sigma.value + 0.5 * np.log(np.prod(now) / np.prod(before)))


def on_grid(model: keras.Model) -> keras.Model:
    """The network with a centre bias on the grid of its output: finer ones say no more there."""
    prior = keras.Input((None, None, 1))
    picture, _, dataset = model.inputs
    calibrated = model.get_layer(CALIBRATION)([model.get_layer("fine").output, prior, dataset])
    return keras.Model([picture, prior, dataset], model.get_layer("log_density")(calibrated))


class Run:
    """A network that has learned, in the frame that it was trained in or in another.

    Args:
        text: `ENCODER=FILE` or `ENCODER=FILE@HEIGHTxWIDTH`.
    """

    def __init__(self, text: str):
        text, _, frame = text.partition("@")
        self.encoder, _, file = text.partition("=")
        model = saliency_lite(encoder=self.encoder, pretrained=False)
        self.frame = load_run(model, Path(file))
        if frame:
            height, width = map(int, frame.split("x"))
            widen_blurs(model, self.frame, (height, width))
            self.frame = height, width
        self.colours = model.front.colours
        self.network = on_grid(model)

    def density(self, one: Picture, prior: np.ndarray, dataset: int) -> np.ndarray:
        """The mean of the densities of a picture and of its mirror image, on the grid of stride 8.

        Args:
            one: framed as this run wants it.
            prior: log centre bias on that grid.
            dataset: whose calibration is taken; -1: of unknown pictures.
        """
        pixels = self.colours(one.pixels.astype(np.float32))
        number = np.array([[dataset]], np.float32)
        found = []
        for turn in (slice(None), slice(None, None, -1)):
            inputs = [pixels[None, :, turn], prior[None, :, turn, None], number]
            found.append(np.exp(np.asarray(self.network.predict_on_batch(inputs))[0, :, turn, 0]))
        return np.mean(found, axis=0)


def regridded(density: np.ndarray, grid: tuple[int, int]) -> np.ndarray:
    """A density on another grid."""
    moved = resample(density.astype(np.float32), grid, "bilinear").astype(np.float64)
    return moved / moved.sum()


def bits_over(density: np.ndarray, baseline: np.ndarray, one: Picture) -> float:
    """Mean bits a fixation of a picture that a log density is above another, both of its grid."""
    gain = density - baseline
    return float(gain[one.y.astype(int), one.x.astype(int)].mean() / np.log(2))


def information_gain(
    pictures: list[Picture], log_density: Callable[[Picture], np.ndarray]
) -> dict[str, float]:
    """Bits a fixation over the leave-one-out centre bias of the pictures, of every data set."""
    found: dict[str, float] = {}
    for dataset in sorted({one.dataset for one in pictures}):
        part = [one for one in pictures if one.dataset == dataset]
        baseline = centre_bias(part, *BASELINE)
        gains = []
        for k, one in enumerate(part):
            above = baseline.log_density(one.grid, without=k)
            gains.append(bits_over(log_density(one), above, one))
        found[DATASETS[dataset]] = float(np.mean(gains))
    return found
