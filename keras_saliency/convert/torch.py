"""EML-NET's ResNet-50: a state dict of torch (SenJia/EML-NET-Saliency)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from keras_saliency.convert._layouts import as_they_are, caffe_convolution
from keras_saliency.convert._original import Original, Plan, read_file, take
from keras_saliency.convert._state_dict import read_state

BLOCKS = (3, 4, 6, 3)


def read(name: str, path: Path) -> Original:
    """A file for `eml_net_resnet50`.

    Raises:
        ConfigError: no such file.
        InputError: not a state dict, not whole, or with anything but tensors in it.
    """
    return take(read_file(path, read_state, "a state dict of torch.save"), _plan())


def _plan() -> Plan:
    plan: dict[str, tuple[tuple[str, ...], Any]] = {}

    def add(ours: str, convolution: str, norm: str, *arrays: str) -> None:
        names = tuple(f"{convolution}.{array}" for array in arrays)
        plan[f"{ours}_conv"] = (names, caffe_convolution)
        parts = ("weight", "bias", "running_mean", "running_var")
        plan[f"{ours}_bn"] = (tuple(f"{norm}.{part}" for part in parts), as_they_are)

    add("conv1", "conv1", "bn1", "weight")
    for stage, blocks in enumerate(BLOCKS, start=1):
        for block in range(blocks):
            ours, theirs = f"conv{stage + 1}_block{block + 1}", f"layer{stage}.{block}"
            if block == 0:
                add(f"{ours}_0", f"{theirs}.downsample.0", f"{theirs}.downsample.1", "weight")
            for k in (1, 2, 3):
                add(f"{ours}_{k}", f"{theirs}.conv{k}", f"{theirs}.bn{k}", "weight")
    for head in (*(f"output{k}" for k in range(5)), "combined"):
        add(head, f"{head}.0", f"{head}.1", "weight", "bias")
    return plan
