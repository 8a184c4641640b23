"""The ONNX graph of a network of ours, without weights: what its file of weights is run through.

`python weights/graph.py` writes that of `saliency_lite` anew, `python weights/graph.py WEIGHTS.npz
FILE.onnx` another (extra `onnx`). Every weight is an initializer `layer/number`, as in the `.npz`
file, whose values the session is given.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from keras_saliency.backbones.adapters import colours_of
from keras_saliency.backbones.efficientnet_lite import STAGES, STAGES_2
from keras_saliency.backbones.mobilenet import BLOCKS
from keras_saliency.lite.layout import DILATIONS, READOUT, SCORES_STRIDE, TAPS
from keras_saliency.lite.weights import (
    GRAPH,
    LiteWeights,
    in_graph_order,
    is_depthwise,
    read_weights,
    shipped,
)

OPSET, IR = 17, 8


class _Graph:
    """Nodes one after the other; each returns the name of its output."""

    def __init__(self, weights: Mapping[str, np.ndarray]):
        self.weights = weights
        self.nodes: list[Any] = []
        self.used: list[str] = []

    def add(self, kind: str, inputs: list[str], **attributes: Any) -> str:
        from onnx import helper

        name = f"{kind.lower()}{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], **attributes))
        return name

    def array(self, name: str) -> str:
        if name not in self.used:
            self.used.append(name)
        return name

    def convolution(self, x: str, layer: str, stride: int = 1, dilation: int = 1) -> str:
        kernel = self.weights[f"{layer}/0"]
        rows, _, channels, filters = kernel.shape
        depthwise = filters == 1 and is_depthwise(layer)
        inputs = [x, self.array(f"{layer}/0")]
        if f"{layer}/1" in self.weights:
            inputs.append(self.array(f"{layer}/1"))
        if stride > 1:  # TensorFlow's "same": the larger half of the padding below and right
            place: dict[str, Any] = {"auto_pad": "SAME_UPPER"}
        else:
            place = {"pads": [dilation * (rows // 2)] * 4}
        return self.add(
            "Conv",
            inputs,
            group=channels if depthwise else 1,
            strides=[stride, stride],
            dilations=[dilation, dilation],
            **place,
        )

    def capped(self, x: str) -> str:
        return self.add("Clip", [x, "zero", "six"])

    def resized(self, x: str, factor: int) -> str:
        return self.add(
            "Resize",
            [x, "", f"by{factor}"],
            mode="linear",
            coordinate_transformation_mode="half_pixel",
        )


def make_graph(encoder: str, weights: Mapping[str, np.ndarray]) -> Any:
    """The graph: `picture` float32 (n, h, w, 3), RGB in 0..255, to `scores` (n, 1, h/16, w/16).

    Args:
        encoder: the trunk, a key of `layout.TAPS`.
        weights: the network's arrays, whose shapes are taken.
    """
    from onnx import TensorProto, helper

    graph = _Graph(weights)
    centred = graph.add("Sub", ["picture", "centre"])
    x = graph.add("Transpose", [graph.add("Div", [centred, "spread"])], perm=[0, 3, 1, 2])
    layers = TRUNKS[encoder](graph, x)
    taps = []
    for name, stride in TAPS[encoder]:
        tap = layers[name]
        if stride < SCORES_STRIDE:
            step = [SCORES_STRIDE // stride] * 2
            tap = graph.add("AveragePool", [tap], kernel_shape=step, strides=step)
        elif stride > SCORES_STRIDE:
            tap = graph.resized(tap, stride // SCORES_STRIDE)
        taps.append(tap)
    x = graph.add("Sub", [graph.add("Concat", taps, axis=1), graph.array("standardized/0")])
    x = graph.add("Div", [x, graph.array("standardized/1")])
    x = graph.add("Softplus", [graph.convolution(x, "squeezed")])
    for k, dilation in enumerate(DILATIONS):
        near = graph.convolution(x, f"context{k}_depthwise", dilation=dilation)
        x = graph.add("Add", [x, graph.add("Softplus", [graph.convolution(near, f"context{k}")])])
    for k in range(len(READOUT)):
        x = graph.convolution(x, f"readout{k}")
        x = x if k + 1 == len(READOUT) else graph.add("Softplus", [x])
    graph.nodes[-1].output[0] = "scores"
    sides = ["n", "h", "w", 3]
    proto = helper.make_graph(
        graph.nodes,
        "saliency_lite",
        [helper.make_tensor_value_info("picture", TensorProto.FLOAT, sides)],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["n", 1, "rows", "columns"])],
        [*_constants(encoder), *(_outside(name, weights[name]) for name in graph.used)],
    )
    return helper.make_model(
        proto,
        producer_name="keras-saliency",
        ir_version=IR,
        opset_imports=[helper.make_opsetid("", OPSET)],
    )


def _lite(graph: _Graph, x: str, stages: Any) -> dict[str, str]:
    """Outputs of the blocks of an EfficientNet-Lite."""
    x = graph.capped(graph.convolution(x, "stem_conv", 2))
    blocks: dict[str, str] = {}
    for repeats, _, stride, _, expansion in stages:
        for repeat in range(repeats):
            passed, name = x, f"block{len(blocks) + 1}"
            if expansion > 1:
                x = graph.capped(graph.convolution(x, f"{name}_expand"))
            x = graph.convolution(x, f"{name}_depthwise", stride if repeat == 0 else 1)
            x = graph.convolution(graph.capped(x), f"{name}_project")
            if repeat > 0:
                x = graph.add("Add", [passed, x])
            blocks[name] = x
    return blocks


def _mobilenet(graph: _Graph, x: str) -> dict[str, str]:
    """Outputs of the blocks of MobileNet up to the last tap."""
    x = graph.capped(graph.convolution(x, "conv1", 2))
    blocks: dict[str, str] = {}
    for k, (_, stride) in enumerate(BLOCKS[:12], start=1):
        x = graph.capped(graph.convolution(x, f"conv_dw_{k}", stride))
        x = graph.capped(graph.convolution(x, f"conv_pw_{k}"))
        blocks[f"conv_pw_{k}_relu"] = x
    return blocks


TRUNKS = {
    "efficientnet_lite0": partial(_lite, stages=STAGES),
    "efficientnet_lite2": partial(_lite, stages=STAGES_2),
    "mobilenet": _mobilenet,
}


def _constants(encoder: str) -> list[Any]:
    from onnx import numpy_helper

    colours = colours_of(encoder)  # of RGB, the same for the three channels

    values = {
        "centre": np.float32(colours.mean[0] / colours.scale),
        "spread": np.float32(colours.deviation[0] / colours.scale),
        "zero": np.float32(0),
        "six": np.float32(6),
        "by2": np.array([1, 1, 2, 2], np.float32),
    }
    return [numpy_helper.from_array(np.asarray(value), name) for name, value in values.items()]


def _outside(name: str, array: np.ndarray) -> Any:
    """An initializer whose values the session gets from elsewhere."""
    from onnx import TensorProto

    tensor = TensorProto(name=name, data_type=TensorProto.FLOAT)
    tensor.dims.extend(in_graph_order(name, array).shape)
    tensor.data_location = TensorProto.EXTERNAL
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", "weights.npz"
    return tensor


def write_graph(path: Path, file: LiteWeights) -> None:
    """Write a network's graph."""
    path.write_bytes(make_graph(file.encoder, file.arrays).SerializeToString(deterministic=True))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        write_graph(Path(sys.argv[2]), read_weights(Path(sys.argv[1])))
    else:
        write_graph(GRAPH, shipped())
