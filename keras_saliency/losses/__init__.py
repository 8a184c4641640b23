"""Losses of the saliency models, one paper a file. Names load on first use, and with them Keras.

from keras_saliency.losses import SAMLoss

Mean squared error is Keras' own, `keras.losses.MeanSquaredError`.
"""

from benchmark_kit.faces import face

HOMES = {
    "DSCLRCNLoss": "dsclrcn",
    "DVALoss": "dva",
    "EMLLoss": "eml",
    "LogLikelihood": "likelihood",
    "MLNetLoss": "ml_net",
    "MSILoss": "msi",
    "MSSSIMLoss": "ms_ssim",
    "OyamaKL": "oyama",
    "PConvLoss": "inpainting",
    "PDPLoss": "pdp",
    "RegressionLoss": "pdp",
    "SAMLoss": "sam",
    "SalGANContentLoss": "adversarial",
    "ScaledLabels": "scaled_labels",
    "WeightedMSE": "weighted_mse",
    "discriminator_loss": "adversarial",
    "generator_loss": "adversarial",
}

__all__ = sorted(HOMES)
__getattr__, __dir__ = face(__name__, HOMES)
