"""ML-Net and SAM: HDF5 as `save_weights` of Keras 1 writes it, under Theano.

(marcellacornia/mlnet and marcellacornia/sam, Keras 1.1.0; the files are named `.pkl` and are HDF5.)
Layers that their code does not name carry the name of their class and a number that counts all
layers of that class, those inside the ConvLSTM too: they are known by class, in rising order.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

from keras_saliency.backbones.weights import Arrays, read_layers
from keras_saliency.convert._layouts import (
    Array,
    Layout,
    as_they_are,
    theano_convolution,
)
from keras_saliency.convert._original import VGG16, Original, read_file, take

VGG16_NAMES = tuple(f"block{block}_conv{k}" for block, k in VGG16)
RESNET50_BLOCKS = (3, 4, 6, 3)
BRANCHES = {"1": 0, "2a": 1, "2b": 2, "2c": 3}
LSTM_ATTENTION = 5  # W_a and U_a with their biases, and V_a, stand before the gates

Names = dict[str, tuple[str, Layout]]


def read(name: str, path: Path) -> Original:
    """A file for `ml_net`, `sam_vgg` or `sam_resnet`; links in it are not followed.

    Raises:
        ConfigError: no such file.
        InputError: not HDF5 with layer names, or not whole.
    """

    def original(path: Path) -> Original:
        found = read_layers(path)
        arrays = {f"{layer}/{k}": each for layer in found for k, each in enumerate(found[layer])}
        plan = {
            ours: (tuple(f"{theirs}/{k}" for k in range(len(found[theirs]))), layout)
            for ours, (theirs, layout) in PLANS[name](found).items()
            if theirs in found
        }
        return take(arrays, plan)

    return read_file(path, original, "HDF5 of Keras 1")


def _ml_net(found: Arrays) -> Names:
    kinds = _kinds(found)
    ours = (*VGG16_NAMES, "int_conv", "pre_final_conv")
    return {
        **_in_order(ours, kinds.get("convolution2d", ()), theano_convolution),
        **_in_order(("prior",), kinds.get("eltwiseproduct", ()), as_they_are),
    }


def _sam_vgg(found: Arrays) -> Names:
    trunk = {name: (name, theano_convolution) for name in VGG16_NAMES}
    return {**trunk, **_sam(found, ("readout",))}


def _sam_resnet(found: Arrays) -> Names:
    return {**_resnet50(), **_sam(found, ("features", "readout"))}


def _sam(found: Arrays, convolutions: tuple[str, ...]) -> Names:
    kinds = _kinds(found)
    ours: dict[str, tuple[tuple[str, ...], Layout]] = {
        "attentiveconvlstm": (("attentive_convlstm",), _attentive_convlstm),
        "learningprior": (("priors1", "priors2"), as_they_are),
        "atrousconvolution2d": (("conv_priors1", "conv_priors2"), theano_convolution),
        "convolution2d": (convolutions, theano_convolution),
    }
    plan: Names = {}
    for kind, (names, layout) in ours.items():
        plan.update(_in_order(names, kinds.get(kind, ()), layout))
    return plan


def _resnet50() -> Names:
    """Our names and those of early Keras: res2a_branch2a is the first convolution of a block."""
    plan: Names = {
        "conv1_conv": ("conv1", theano_convolution),
        "conv1_bn": ("bn_conv1", as_they_are),
    }
    for stage, blocks in enumerate(RESNET50_BLOCKS, start=2):
        for block in range(blocks):
            theirs = f"{stage}{'abcdef'[block]}_branch"
            for branch, k in BRANCHES.items():
                if k == 0 and block > 0:
                    continue  # only a stage's first block has a convolution on its shortcut
                ours = f"conv{stage}_block{block + 1}_{k}"
                plan[f"{ours}_conv"] = (f"res{theirs}{branch}", theano_convolution)
                plan[f"{ours}_bn"] = (f"bn{theirs}{branch}", as_they_are)
    return plan


def _attentive_convlstm(*arrays: Array) -> list[Array]:
    """The gates i, f, c, o (each W, U and their biases), then attention; the file has it first."""
    ordered = (*arrays[LSTM_ATTENTION:], *arrays[:LSTM_ATTENTION])
    return [theano_convolution(each)[0] if each.ndim == 4 else each for each in ordered]


def _in_order(ours: Iterable[str], theirs: Iterable[str], layout: Layout) -> Names:
    # a file of another network has another number of them
    return {name: (there, layout) for name, there in zip(ours, theirs, strict=False)}


def _kinds(found: Arrays) -> dict[str, list[str]]:
    """Layers that Keras named itself, by class, in the order in which they were made."""
    kinds: dict[str, list[tuple[int, str]]] = {}
    for name in found:
        if match := re.fullmatch(r"([a-z0-9]+)_(\d{1,9})", name):
            kinds.setdefault(match[1], []).append((int(match[2]), name))
    return {kind: [name for _, name in sorted(numbered)] for kind, numbered in kinds.items()}


PLANS: dict[str, Callable[[Arrays], Names]] = {
    "ml_net": _ml_net,
    "sam_vgg": _sam_vgg,
    "sam_resnet": _sam_resnet,
}
