"""How networks are trained: recipes of their cards, and where `fit` alone is not the way.

from keras_saliency.training import CoupledSGD
"""

from benchmark_kit.faces import face

HOMES = dict.fromkeys(
    ("CoupledAdagrad", "CoupledAdam", "CoupledRMSprop", "CoupledSGD"), "coupled_decay"
)

__all__ = sorted(HOMES)
__getattr__, __dir__ = face(__name__, HOMES)
