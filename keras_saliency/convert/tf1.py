"""MSI-Net: a frozen TensorFlow graph, a SavedModel or a checkpoint (alexanderkroner/saliency).

A graph is a protocol buffer of nodes; freezing has made every variable a node `Const` of its name.
A SavedModel keeps its variables in a checkpoint, whose tensors TensorFlow reads without running the
graph. Kernels are in Keras' order already, in the files for a CPU and for a GPU alike.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from benchmark_kit.errors import MissingExtra
from keras_saliency.convert._layouts import Array, as_they_are
from keras_saliency.convert._original import VGG16, Original, read_file, take
from keras_saliency.convert._wire import floats, message_in, messages, text, whole_numbers

# GraphDef, NodeDef, the map of its attributes, AttrValue
NODE, NAME, OP, ATTRIBUTE, KEY, VALUE, TENSOR = 1, 1, 2, 5, 1, 2, 8
# TensorProto and TensorShapeProto
DTYPE, SHAPE, CONTENT, FLOATS, DIMENSION, SIZE = 1, 2, 4, 5, 2, 1
FLOAT32 = 1
MOST_AXES = 32
MOST_REPEATED = 2**26  # bytes that stand for one number
SAVED = Path("variables", "variables.index")  # inside the folder of a SavedModel

NAMES = {
    **{f"block{block}_conv{k}": f"conv{block}/conv{block}_{k}" for block, k in VGG16},
    **{f"aspp_conv{k}": f"aspp/conv1_{k}" for k in range(1, 6)},
    "aspp_fuse": "aspp/conv2",
    **{f"decoder_conv{k}": f"decoder/conv{k}" for k in range(1, 5)},
}


def read(name: str, path: Path) -> Original:
    """A file for `msi_net`.

    Args:
        name: of the network.
        path: a frozen graph `.pb`, the folder of a SavedModel, or the `.index` of a checkpoint.

    Raises:
        ConfigError: no such file.
        InputError: none of these, or not whole.
        MissingExtra: a SavedModel or checkpoint, and TensorFlow is not installed.
    """
    plan = {
        ours: ((f"{theirs}/kernel", f"{theirs}/bias"), as_they_are)
        for ours, theirs in NAMES.items()
    }
    if path.is_dir():
        path = path / SAVED
    if path.suffix == ".index":
        return take(read_file(path, read_variables, "the index of a TensorFlow checkpoint"), plan)
    return take(read_file(path, read_constants, "a frozen TensorFlow graph"), plan)


def read_variables(index: Path) -> dict[str, Array]:
    """The float32 tensors of a checkpoint, by the names of their variables.

    Raises:
        MissingExtra: TensorFlow is not installed.
        ValueError: without such tensors.
    """
    try:
        import tensorflow as tf
    except ImportError:
        raise MissingExtra("tensorflow", "reading a TensorFlow checkpoint") from None
    tensors = tf.train.load_checkpoint(str(index.with_suffix("")))
    kinds = tensors.get_variable_to_dtype_map()
    found = {name: tensors.get_tensor(name) for name in kinds if kinds[name] == tf.float32}
    if not found:
        raise ValueError("no variable holds float32 numbers")
    return found


def read_constants(path: Path) -> dict[str, Array]:
    """The float32 constants of a graph, by the names of their nodes.

    Raises:
        ValueError: not a graph, not whole, or without such constants.
    """
    found = {}
    for node in messages(message_in(path), NODE):
        if text(node, OP) != "Const":
            continue
        name = text(node, NAME)
        for attribute in messages(node, ATTRIBUTE):
            if text(attribute, KEY) != "value":
                continue
            for value in messages(attribute, VALUE):
                for tensor in messages(value, TENSOR):
                    if whole_numbers(tensor, DTYPE)[-1:] == [FLOAT32]:
                        found[name] = _tensor(tensor, name)
    if not found:
        raise ValueError("no node holds float32 constants")
    return found


def _tensor(tensor: memoryview, name: str) -> Array:
    shape = [
        (whole_numbers(dimension, SIZE) or [0])[-1]
        for part in messages(tensor, SHAPE)
        for dimension in messages(part, DIMENSION)
    ]
    if len(shape) > MOST_AXES:
        raise ValueError(f"{name} has {len(shape)} axes")
    count = math.prod(shape)
    contents = list(messages(tensor, CONTENT))
    values = np.frombuffer(contents[-1], "<f4") if contents else floats(tensor, FLOATS)
    if not contents and 0 < len(values) < count and 4 * count < MOST_REPEATED:
        # TensorFlow leaves out repetitions of the last value
        values = np.pad(values, (0, count - len(values)), mode="edge")
    if count != len(values):
        raise ValueError(f"{name} has {len(values)} values for the shape {tuple(shape)}")
    return values.reshape(shape)
