"""A network of ours under ONNX Runtime."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_saliency.base.resample import Size
from keras_saliency.lite.layout import FRAME, GEOMETRY
from keras_saliency.lite.weights import LiteWeights, in_graph_order


class OnnxNetwork:
    """Pictures to scores.

    Args:
        weights: of the network.
        graph: the ONNX graph of its trunk, whose weights lie outside.
    """

    def __init__(self, weights: LiteWeights, graph: bytes):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        # threads that wait without work would take cores from decoding and from other programs
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        arrays = {name: in_graph_order(name, array) for name, array in weights.arrays.items()}
        values = [onnxruntime.OrtValue.ortvalue_from_numpy(array) for array in arrays.values()]
        options.add_external_initializers(list(arrays), values)
        self._session: Any = onnxruntime.InferenceSession(
            graph, options, providers=["CPUExecutionProvider"]
        )

    def __call__(self, pictures: np.ndarray) -> np.ndarray:
        """Scores of framed pictures.

        Args:
            pictures: float32 (n, height, width, 3), RGB in 0..255, sides multiples of 32.

        Returns:
            float32 (n, height/16, width/16).
        """
        (found,) = self._session.run(None, {"picture": pictures})
        return found[:, 0]

    def scores(self, pixels: np.ndarray, frame: Size = FRAME) -> np.ndarray:
        """Scores of one picture of any size.

        Args:
            pixels: uint8 (height, width, 3), RGB.
            frame: (height, width) whose area it is scaled to.

        Returns:
            float32 (rows, columns) on the grid of stride 16 of the framed picture.
        """
        plan = GEOMETRY.plan(pixels.shape[:2], frame)  # type: ignore[arg-type]
        return self(plan.into_frame(pixels)[None])[0]
