"""SalGAN: npz of the parameters of a Lasagne network, `arr_0`, `arr_1`, ... (imatge-upc/salgan).

The encoder was built with `flip_filters=False` on Caffe's VGG16, the decoder and the discriminator
with Lasagne's default, which flips.
"""

from __future__ import annotations

from pathlib import Path

from benchmark_kit.containers.npy import read_npz
from benchmark_kit.errors import InputError
from keras_saliency.convert._layouts import (
    Array,
    Layout,
    caffe_convolution,
    theano_convolution,
    theano_dense,
)
from keras_saliency.convert._original import VGG16, Original, Plan, read_file, take

GAINS = ("arr_10", "arr_13")  # of the discriminator's weight normalisation
KIND = "npz with arr_0, arr_1, ..."
ENCODER = tuple(f"block{block}_conv{k}" for block, k in VGG16)
DECODER = (
    *(
        f"decoder{group}_conv{k}"
        for group, count in enumerate((3, 3, 3, 2, 2), start=1)
        for k in range(1, count + 1)
    ),
    "map",
)


def read(name: str, path: Path) -> Original:
    """A file of the generator, `salgan`: 13 pairs of the encoder, then 14 of the decoder.

    Raises:
        ConfigError: no such file.
        InputError: not such an archive, or not whole.
    """
    pairs = [(f"arr_{2 * k}", f"arr_{2 * k + 1}") for k in range(len(ENCODER) + len(DECODER))]
    layouts = [caffe_convolution] * len(ENCODER) + [theano_convolution] * len(DECODER)
    plan: Plan = dict(zip((*ENCODER, *DECODER), zip(pairs, layouts, strict=True), strict=True))
    return take(read_file(path, read_npz, KIND), plan)


def read_discriminator(path: Path, grid: tuple[int, int] = (12, 16)) -> Original:
    """A file of the discriminator, for `models.salgan.discriminator`.

    Its twenty arrays: kernel and bias of merge, conv1, conv2_1 and conv2_2; kernel, bias and gain
    of conv3_1 and conv3_2; kernel and bias of fc4, fc5 and the output.

    Args:
        path: the file.
        grid: (rows, columns) of the last pool: a sixteenth of the picture, an eighth of it in the
            paper's form.

    Raises:
        ConfigError: no such file.
        InputError: not such an archive, not whole, or with gains other than 1.
    """

    def flattened(kernel: Array, bias: Array) -> list[Array]:
        return theano_dense(kernel, bias, grid=grid)

    arrays = read_file(path, read_npz, KIND)
    gains = [arrays[name] for name in GAINS if name in arrays and arrays[name].ndim == 1]
    if any((gain != 1).any() for gain in gains):
        raise InputError(
            f"{path}: expected gains of 1 in {' and '.join(GAINS)}, as the released code leaves "
            "them, found others; our layer has none. Fix: a file of the released code"
        )
    layouts: dict[str, tuple[int, Layout]] = {
        **dict.fromkeys(("merge", "conv1", "conv2_1", "conv2_2"), (2, theano_convolution)),
        **dict.fromkeys(("conv3_1", "conv3_2"), (3, _normalised_convolution)),
        "fc4": (2, flattened),
        "fc5": (2, theano_dense),
        "probability": (2, theano_dense),
    }
    plan: dict[str, tuple[tuple[str, ...], Layout]] = {}
    at = 0
    for layer, (count, layout) in layouts.items():
        plan[layer] = (tuple(f"arr_{k}" for k in range(at, at + count)), layout)
        at += count
    return take(arrays, plan)


def _normalised_convolution(kernel: Array, bias: Array, gain: Array) -> list[Array]:
    return theano_convolution(kernel, bias)
