"""The layers of a network, those of networks inside it among them."""

from __future__ import annotations

from typing import Any


def leaves(model: Any) -> list[Any]:
    """The layers of a model and of models inside it, which are no layers themselves here."""
    return [
        leaf
        for layer in model.layers
        for leaf in (leaves(layer) if hasattr(layer, "layers") else [layer])
    ]
