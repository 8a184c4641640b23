"""What the Keras network, the ONNX graph and the file of `saliency_lite` agree on."""

from __future__ import annotations

from keras_saliency.base.geometry import Geometry

FRAME = (384, 512)
GEOMETRY = Geometry("area", "antialiased", multiple=32, least=64)
STRIDE = 8  # of the grid on which maps are blurred and trained
SCORES_STRIDE = 16  # of what the network gives
# trunk -> its tapped layers and their strides: the last block of every stage from stride 4 on
TAPS = {
    "efficientnet_lite0": (
        ("block3", 4),
        ("block5", 8),
        ("block8", 16),
        ("block11", 16),
        ("block15", 32),
        ("block16", 32),
    ),
    "efficientnet_lite2": (
        ("block4", 4),
        ("block7", 8),
        ("block11", 16),
        ("block15", 16),
        ("block20", 32),
        ("block21", 32),
    ),
    "mobilenet": (
        ("conv_pw_3_relu", 4),
        ("conv_pw_5_relu", 8),
        ("conv_pw_11_relu", 16),
        ("conv_pw_12_relu", 32),
    ),
}
WIDTH = 48  # channels of the context blocks
DILATIONS = (1, 2)  # of their 5x5 kernels
READOUT = (32, 4, 1)
DATASETS = ("osie", "mit1003", "pascal_s", "eyecrowd")  # that it learned from
