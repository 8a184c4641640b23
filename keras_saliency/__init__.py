"""Saliency models behind one call, each described by a card.

    from keras_saliency import build_model
    saliency = build_model("spectral_residual").predict_map("photo.jpg")

Public names load on first use: importing this package costs no Keras and no numpy. It is enough,
though, for `keras.saving.load_model` to know the classes of this package.
"""

from __future__ import annotations

import importlib
from typing import Any

from keras_saliency.saved_names import tell_keras_once_imported

_HOMES = {
    "build_model": "keras_saliency.registry",
    "load_model": "keras_saliency.model_files",
    "list_models": "keras_saliency.registry",
    "model_card": "keras_saliency.registry",
    "train": "keras_saliency.training.run",
}

__all__ = ["build_model", "list_models", "load_model", "model_card", "train"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)


tell_keras_once_imported()
