"""What the Keras network, the ONNX graph and the file of `saliency_lite` agree on."""

from __future__ import annotations

from keras_saliency.geometry import Geometry

FRAME = (384, 512)
GEOMETRY = Geometry("area", "antialiased", multiple=32, least=64)
STRIDE = 8  # of the grid on which maps are blurred and trained
SCORES_STRIDE = 16  # of what the network gives
CENTRE, SPREAD = 127.0, 128.0  # of the trunk's colours: (x - 127)/128
# trunk -> its tapped blocks and their strides: the last block of every stage from stride 4 on
TAPS = {
    "efficientnet_lite0": ((3, 4), (5, 8), (8, 16), (11, 16), (15, 32), (16, 32)),
    "efficientnet_lite2": ((4, 4), (7, 8), (11, 16), (15, 16), (20, 32), (21, 32)),
}
WIDTH = 48  # channels of the context blocks
DILATIONS = (1, 2)  # of their 5x5 kernels
READOUT = (32, 4, 1)
DATASETS = ("osie", "mit1003", "pascal_s", "eyecrowd")  # that it learned from
