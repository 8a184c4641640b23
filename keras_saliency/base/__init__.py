"""What every model is: card, geometry, arrays in, maps out, files. Names load on first use.

from keras_saliency.base import SaliencyModel
"""

from benchmark_kit.faces import face

HOMES = {
    "ProbabilisticModel": "probabilistic_model",
    "SaliencyModel": "saliency_model",
}

__all__ = sorted(HOMES)
__getattr__, __dir__ = face(__name__, HOMES)
