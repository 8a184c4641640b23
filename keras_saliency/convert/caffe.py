"""SalNet and DVA: Caffe models (imatge-upc/saliency-2016-cvpr, wenguanwang/deepattention).

A Caffe model is a protocol buffer: a network of layers, each with a name and blobs. Both forms of
layers are read (`layer`, and `layers` of 2014), and both ways to state a blob's shape.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from keras_saliency.convert._layouts import Array, caffe_convolution
from keras_saliency.convert._original import VGG16, Original, read_file, take
from keras_saliency.convert._wire import floats, message_in, messages, text, whole_numbers

# NetParameter: field of the layers -> fields of a layer's name and blobs
LAYERS = {100: (1, 7), 2: (4, 6)}
# BlobProto; the first four are num, channels, height and width
LEGACY_SHAPE, DATA, SHAPE, DOUBLES = (1, 2, 3, 4), 5, 7, 8

SALNET = {name: name for name in (*(f"conv{k}" for k in range(1, 10)), "deconv1")}
DVA = {
    **{f"block{block}_conv{k}": f"conv{block}_{k}" for block, k in VGG16},
    **{
        f"branch{branch}_deconv{k}": f"deconv{level}_{k}"
        for branch, level, count in ((1, 5, 4), (2, 4, 3), (3, 3, 2))
        for k in range(1, count + 1)
    },
    **{f"branch{k}_score": f"attention{k}_pred" for k in (1, 2, 3)},
    "fuse": "final_attention_pred",
}
MOST_AXES = 32
NAMES = {"salnet": SALNET, "dva": DVA}


def read(name: str, path: Path) -> Original:
    """A file for `salnet` or `dva`.

    Raises:
        ConfigError: no such file.
        InputError: not a Caffe model, or not whole.
    """
    found = read_file(path, read_blobs, "a Caffe model")
    arrays = {f"{layer}/{k}": blob for layer in found for k, blob in enumerate(found[layer])}
    plan = {
        ours: (tuple(f"{theirs}/{k}" for k in range(len(found[theirs]))), caffe_convolution)
        for ours, theirs in NAMES[name].items()
        if theirs in found
    }
    return take(arrays, plan)


def read_blobs(path: Path) -> dict[str, list[Array]]:
    """The blobs of every layer that has some, by its name.

    Raises:
        ValueError: not a Caffe model, or not whole.
    """
    network = message_in(path)
    found: dict[str, list[Array]] = {}
    for name, blobs in _layers(network):
        if blobs:
            found[name] = [_blob(blob, f"{name}, blob {k}") for k, blob in enumerate(blobs)]
    if not found:
        raise ValueError("no layer has weights")
    return found


def _layers(network: memoryview) -> Iterator[tuple[str, list[memoryview]]]:
    for number, (name, blobs) in LAYERS.items():
        for layer in messages(network, number):
            yield text(layer, name), list(messages(layer, blobs))


def _blob(blob: memoryview, where: str) -> Array:
    values = floats(blob, DATA)
    if not len(values):
        values = floats(blob, DOUBLES, "<f8").astype(np.float32)
    shapes = list(messages(blob, SHAPE))
    if shapes:
        shape = whole_numbers(shapes[-1], 1)
    else:
        shape = [(whole_numbers(blob, number) or [0])[-1] for number in LEGACY_SHAPE]
    if len(shape) > MOST_AXES or math.prod(shape) != len(values):
        raise ValueError(
            f"{where} has {len(values)} values for the shape {tuple(shape[:MOST_AXES])}"
        )
    return values.reshape(shape)
