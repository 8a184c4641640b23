"""What people looked for in TensorFlow Addons and Keras 3 has not. Names load on first use.

from keras_saliency.addons import LAMB, sparsemax

`docs/migrate.md` says which name of theirs is which of Keras or ours.
"""

from benchmark_kit.faces import face

HOMES = {
    **dict.fromkeys(("LAMB", "Lookahead", "MovingAverage"), "optimizers"),
    "CyclicalLearningRate": "schedules",
    "PearsonsCorrelation": "pearsons",
    "SigmoidFocalCrossEntropy": "focal",
    **dict.fromkeys(("lisht", "snake", "sparsemax"), "activations"),
    **dict.fromkeys(("dense_image_warp", "interpolate_bilinear", "resampler"), "warp"),
    **dict.fromkeys(("rotate", "transform", "translate"), "warp"),
    **dict.fromkeys(("gaussian_filter2d", "mean_filter2d", "median_filter2d"), "filters"),
    "euclidean_dist_transform": "distance",
}

__all__ = sorted(HOMES)
__getattr__, __dir__ = face(__name__, HOMES)
