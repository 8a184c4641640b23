"""Keras metrics of the scoring kit. Names load on first use, and with them Keras.

from keras_saliency.metrics import CC, NSS, ExactAUC
"""

from __future__ import annotations

import importlib
from typing import Any

HOMES = {
    **dict.fromkeys(("CC", "IG", "KL", "NSS", "SIM", "ExactAUC"), "saliency_metrics"),
    "PearsonsCorrelation": "pearsons",
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
