"""Keras metrics of the scoring kit. Names load on first use, and with them Keras.

from keras_saliency.metrics import CC, NSS, ExactAUC
"""

from __future__ import annotations

import importlib
from typing import Any

__all__ = ["CC", "IG", "KL", "NSS", "SIM", "ExactAUC"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.saliency_metrics"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
