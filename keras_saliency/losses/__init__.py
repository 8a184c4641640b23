"""Losses of the saliency models, one paper a file. Names load on first use, and with them Keras.

from keras_saliency.losses import SAMLoss

Mean squared error is Keras' own, `keras.losses.MeanSquaredError`.
"""

from __future__ import annotations

import importlib
from typing import Any

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
    "SigmoidFocalCrossEntropy": "focal",
    "WeightedMSE": "weighted_mse",
    "discriminator_loss": "adversarial",
    "generator_loss": "adversarial",
}

__all__ = sorted(HOMES)


def __getattr__(name: str) -> Any:
    if name not in HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
