"""Layers of the saliency models. Names load on first use: importing this package costs no Keras.

from keras_saliency.layers import GaussianPrior
"""

from benchmark_kit.faces import face

HOMES = {
    "AddCentreBias": "log_density",
    "AlignedAveragePooling2D": "aligned_pool",
    "AlignedMaxPooling2D": "aligned_pool",
    "AttentiveConvLSTM2D": "attentive_convlstm",
    "BilinearUpsampling2D": "upsample",
    "BroadcastLike": "like",
    "CentreWeight": "centre_weight",
    "Conv2D": "dilated_conv",
    "CropLike": "like",
    "DatasetCalibration": "calibration",
    "DensityMixture": "log_density",
    "FilterResponseNormalization": "normalization",
    "FixedBatchNormalization": "fixed_batch_norm",
    "GaussianBlur2D": "gaussian_blur",
    "GaussianPrior": "gaussian_prior",
    "IntensityContrast": "intensity_contrast",
    "L2Normalization": "l2_normalization",
    "LocalResponseNormalization": "lrn",
    "LocationBiasedConv2D": "location_bias",
    "LogDensity": "log_density",
    "MapNormalization": "map_normalization",
    "Maxout": "maxout",
    "MinMax": "min_max",
    "PartialConv2D": "partial_conv",
    "PixelShuffle": "pixel_shuffle",
    "PrepareColours": "prepare",
    "PriorMap": "prior_map",
    "ResizeLike": "upsample",
    "ResizeTo": "upsample",
    "ResizeToGrid": "subsample",
    "ScanpathEncoding": "scanpath",
    "ScanpathFeatures": "scanpath",
    "SpatialLSTM": "spatial_lstm",
    "SpatialPyramidPooling2D": "pyramid_pooling",
    "Standardize": "standardize",
    "StochasticDepth": "stochastic_depth",
    "Subsample": "subsample",
    "SubtractMinimum": "min_max",
    "WeightNormConv2D": "weight_norm_conv",
    "WeightNormalization": "normalization",
}

__all__ = sorted(HOMES)
__getattr__, __dir__ = face(__name__, HOMES)
