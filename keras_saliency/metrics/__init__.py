"""Keras metrics of the scoring kit. Names load on first use, and with them Keras.

from keras_saliency.metrics import CC, NSS, ExactAUC
"""

from benchmark_kit.faces import face

HOMES = dict.fromkeys(("CC", "IG", "KL", "NSS", "SIM", "ExactAUC"), "saliency_metrics")

__all__ = sorted(HOMES)
__getattr__, __dir__ = face(__name__, HOMES)
