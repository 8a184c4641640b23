"""The thesis in small: a network that first learns how badly holes can be filled in.

Error maps are made at 96x96, so that holes of 16 to 128 pixels of the thesis' 512 and the Gaussian
of 20 shrink to 3 to 24 and 3.75; holes are filled by the harmonic inpainter in place of the thesis'
learned one. The network is MobileNet's first seven blocks, all of them trained.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers
from training import Budget, arrays, limited, onto_pictures, predict, train
from trunks import MOBILENET_75, load_imagenet
from work import Work, every_second

from benchmark_kit.imaging.images import write_npy
from benchmark_kit.types import GroundTruth, Truths
from keras_saliency.backbones.adapters import encode
from keras_saliency.backbones.mobilenet import mobilenet
from keras_saliency.base.array_model import rgb_pixels
from keras_saliency.base.geometry import Geometry
from keras_saliency.base.leaves import leaves
from keras_saliency.base.resample import resample
from keras_saliency.base.saliency_model import Front
from keras_saliency.inpainting.error_maps import SIGMA, error_cells, heat_map
from keras_saliency.inpainting.harmonic import HarmonicInpainter
from keras_saliency.inpainting.masks import SCALES, SIDE
from keras_saliency.layers import ResizeLike
from keras_saliency.models._assemble import assemble, picture_input
from keras_saliency.models._convolution import convolution

FRAME = (96, 96)
SHRUNK = FRAME[0] / SIDE
STEPS = {16: 2, 32: 2, 64: 1, 128: 1}  # of the small holes every second one
TRUNK = replace(
    MOBILENET_75,
    build=partial(mobilenet, alpha=0.75, blocks=7),
    taps=("conv_pw_5_relu", "conv_pw_7_relu"),
    strides=(8, 16),
)
FIRST = Budget(epochs=3, rate=1e-3)
SECOND = Budget(epochs=3, rate=1e-3)
MOMENTUM = 0.9  # of moving statistics: 0.99 would still hold much of the start after so few steps


def network(outputs: int, transfer: bool = False) -> Any:
    """Maps at stride 8 from two taps; with `transfer` the thesis' head of five parameters."""
    picture = picture_input(FRAME, multiple=16, model="inpainting")
    trunk = encode(TRUNK, picture)
    fine, coarse = trunk.tap(8), trunk.tap(16)
    x = layers.Concatenate(name="taps")([fine, ResizeLike("half_pixel", name="up")(coarse, fine)])
    x = convolution(x, 64, 1, "mix", kernel_initializer="he_normal")
    x = layers.ReLU(name="mix_relu")(layers.BatchNormalization(name="mix_bn")(x))
    x = convolution(x, outputs, 1, "scores")
    x = layers.Activation("sigmoid", dtype="float32", name="errors")(x)
    if transfer:
        x = layers.Conv2D(1, 1, activation="sigmoid", data_format="channels_last", name="transfer")(
            x
        )
    geometry = Geometry("squeeze", "antialiased")
    model = assemble("inpainting", picture, x, Front(FRAME, geometry, TRUNK.colours), [trunk])
    for layer in leaves(model):
        if isinstance(layer, layers.BatchNormalization):
            layer.momentum = MOMENTUM
    return model


def pretrained(imagenet: bool, work: Work, seed: int) -> Any:
    """The network that has learned the errors of four sizes of holes; kept as a file."""
    keras.utils.set_random_seed(seed)
    model = network(len(SCALES))
    start = "imagenet" if imagenet else "random"
    file = work.out / "inpainting" / f"{start}-{seed}.weights.h5"
    if file.is_file():
        model.load_weights(file)
        return model
    if imagenet:
        load_imagenet(model, work)
    part = every_second(work.learn)
    loss = keras.losses.MeanSquaredError()
    # the targets of fixations are not used: the model has four outputs
    pictures = arrays(part, network(1), loss)[0]
    grid = tuple(model.output.shape[1:3])
    errors = np.stack([on_grid(maps, grid) for maps in error_maps_of(part, work)])
    train(model, [pictures], errors, loss, seed, limited(FIRST, work))
    file.parent.mkdir(parents=True, exist_ok=True)
    model.save_weights(file)
    return model


def fine_tuned(model: Any, work: Work, seed: int) -> dict[str, np.ndarray]:
    """Train all of a network with one output on saliency, and predict."""
    loss = keras.losses.MeanSquaredError()
    pictures, targets = arrays(every_second(work.learn), model, loss)
    train(model, [pictures], targets, loss, seed, limited(SECOND, work))
    return onto_pictures(work.judge, model, predict(model, [arrays(work.judge, model, loss)[0]]))


def error_maps_of(truths: Truths, work: Work) -> np.ndarray:
    """float32 (pictures, 96, 96, 4) in the order of the pictures; kept as a file."""
    file = work.out / "inpainting" / f"errors-{truths.fingerprint[:12]}.npy"
    if not file.is_file():
        found = [_error_maps(truth) for truth in truths]
        file.parent.mkdir(parents=True, exist_ok=True)
        write_npy(file, np.stack(found).astype(np.float16))
    return np.load(Path(file), mmap_mode="r")


def _error_maps(truth: GroundTruth) -> np.ndarray:
    pixels = resample(rgb_pixels(truth.stimulus).astype(np.float32), FRAME, "antialiased")
    picture = np.clip(np.rint(pixels), 0, 255).astype(np.uint8)
    inpainter = HarmonicInpainter()
    maps = []
    for scale in SCALES:
        hole = round(scale * SHRUNK)
        cells = error_cells(picture, hole, inpainter, step=STEPS[scale])
        maps.append(heat_map(cells, hole, SIGMA * SHRUNK))
    return np.stack(maps, axis=-1)


def on_grid(maps: np.ndarray, grid: tuple[int, ...]) -> np.ndarray:
    """Means over the cells of the network's output, float32."""
    return resample(np.asarray(maps, np.float32), (grid[0], grid[1]), "area")
