"""DeepGaze's readouts: the parameters of matthias-k/DeepGaze in our layers.

The released checkpoints are state dicts of torch whose trunk lies in them, too; only the readouts,
the blur and the weight of the centre bias are taken, as trunks have files of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmark_kit.errors import ConfigError
from keras_saliency.backbones.weights import assign
from keras_saliency.convert._layouts import Array, Layout, as_they_are, caffe_convolution
from keras_saliency.convert._original import Original, Plan, read_file, take
from keras_saliency.convert._state_dict import read_state

Add = Callable[..., None]


def load_readouts(model: Any, path: str | Path) -> Original:
    """Give a network the readouts of a checkpoint; its trunk stays as it is.

    Args:
        model: `deepgaze3` or `deepgaze1_torch`, built with `backbone_weights` or its predictions
            keep their warning.
        path: the checkpoint.

    Returns:
        which arrays of the file each layer took, and which are left: those of the trunk.

    Raises:
        ConfigError: another model, or no such file.
        InputError: not a state dict, not whole, with anything but tensors in it, or of another
            number of components.
    """
    if model.name not in ("deepgaze1_torch", "deepgaze3"):
        raise ConfigError(f"{model.name}: readouts are known of deepgaze1_torch and deepgaze3")
    path = Path(path).expanduser()
    arrays = read_file(path, read_state, "a state dict of torch.save")
    own = {layer for trunk in model.trunks for layer in trunk.layers}
    layers = {layer.name: layer for layer in model.layers if layer.weights and layer not in own}
    components = sum(name.endswith("_saliency_conv0") for name in layers)
    scanpath = "component0_scanpath_encoding" in layers
    original = take(arrays, plan(components, scanpath) if components else linear_plan())
    assign(layers, original.layers, path)
    model.random_weights = not model.trained_trunks
    return original


def linear_plan() -> Plan:
    """Arrays of DeepGaze I."""
    return {
        "readout": (("readout_network.0.weight",), caffe_convolution),
        "blur": (("finalizer.gauss.sigma",), _scalar),
        "with_bias": (("finalizer.center_bias_weight",), _scalar),
    }


def plan(components: int, scanpath: bool = True, prefix: str = "") -> Plan:
    """Arrays of a mixture of components.

    Args:
        components: their number.
        scanpath: whether earlier fixations are an input.
        prefix: what our layers' names begin with.
    """
    found: dict[str, tuple[tuple[str, ...], Layout]] = {}
    for k in range(components):
        ours = f"{prefix}component{k}_"

        def add(layer: str, layout: Layout, *names: str, ours: str = ours) -> None:
            found[f"{ours}{layer}"] = (names, layout)

        _saliency(add, f"saliency_networks.{k}.")
        if scanpath:
            _scanpath(add, f"scanpath_networks.{k}.")
        _selection(add, f"fixation_selection_networks.{k}.", scanpath)
        add("blur", _scalar, f"finalizers.{k}.gauss.sigma")
        add("with_bias", _scalar, f"finalizers.{k}.center_bias_weight")
    return found


def _saliency(add: Add, net: str) -> None:
    for j in range(3):
        add(f"saliency_norm{j}", as_they_are, *_affine(f"{net}layernorm{j}"))
        add(f"saliency_conv{j}", caffe_convolution, f"{net}conv{j}.weight", f"{net}bias{j}.bias")


def _scanpath(add: Add, net: str) -> None:
    parts = ("weight", "bias")
    names = [f"{net}encoding0.convolutions.{i}.{part}" for part in parts for i in range(4)]
    add("scanpath_encoding", _encoding, *names)
    add("scanpath_norm1", as_they_are, *_affine(f"{net}layernorm1"))
    add("scanpath_conv1", caffe_convolution, f"{net}conv1.weight", f"{net}bias1.bias")


def _selection(add: Add, net: str, scanpath: bool) -> None:
    inputs = ("", "_scanpath") if scanpath else ("",)
    for part, name in enumerate(inputs):
        add(
            f"selection_norm0{name}", as_they_are, *_affine(f"{net}layernorm0.layernorm_part{part}")
        )
    kernels = [f"{net}conv0.conv_part{part}.weight" for part in range(len(inputs))]
    add("selection_conv0", _several, *kernels, f"{net}bias0.bias")
    add("selection_norm1", as_they_are, *_affine(f"{net}layernorm1"))
    add("selection_conv1", caffe_convolution, f"{net}conv1.weight", f"{net}bias1.bias")
    add("selection_conv2", caffe_convolution, f"{net}conv2.weight")


def _affine(name: str) -> tuple[str, str]:
    return f"{name}.weight", f"{name}.bias"


def _scalar(value: Array) -> list[Array]:
    return [value.reshape(())]


def _several(*arrays: Array) -> list[Array]:
    """A kernel for each input and one bias: one kernel for the inputs side by side."""
    *kernels, bias = arrays
    return caffe_convolution(np.concatenate(kernels, axis=1), bias)


def _encoding(*arrays: Array) -> list[Array]:
    """Four kernels (filters, 3, 1, 1) and four biases as (4, 3, filters) and (4, filters)."""
    kernels, biases = arrays[:4], arrays[4:]
    return [np.stack([kernel[:, :, 0, 0].T for kernel in kernels]), np.stack(biases)]
