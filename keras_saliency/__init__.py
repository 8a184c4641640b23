"""Saliency models behind one call, each described by a card.

    from keras_saliency import build_model
    saliency = build_model("spectral_residual").predict_map("photo.jpg")

Public names load on first use: importing this package costs no Keras and no numpy. It is enough,
though, for `keras.saving.load_model` to know the classes of this package.
"""

from benchmark_kit.faces import face
from keras_saliency.saved_names import tell_keras_once_imported

HOMES = {
    "__version__": "version",
    "build_model": "registry.build",
    "list_models": "registry.cards",
    "load_model": "load",
    "model_card": "registry.cards",
    "train": "training.run",
}

__all__ = ["build_model", "list_models", "load_model", "model_card", "train"]
__getattr__, __dir__ = face(__name__, HOMES)

tell_keras_once_imported()
