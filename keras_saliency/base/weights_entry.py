"""Which network a `.weights.h5` file belongs to: its entry's name and options, as an attribute.

Keras writes arrays alone; with this a file of weights is enough to build its network again.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import h5py

ATTRIBUTE = "keras_saliency"
OPTIONAL = {"frozen", "centre_bias", "adapted"}
MOST = 60_000  # bytes; HDF5 keeps attributes below 64 KB


def write_entry(path: Path, config: dict[str, Any]) -> None:
    """Add a network's `get_config()` to a file of its weights.

    A description that does not fit (an encoder of the user's own) is left out: the file then holds
    weights alone, as Keras' do.
    """
    text = json.dumps(config)
    if len(text) <= MOST:
        with h5py.File(path, "r+") as file:
            file.attrs[ATTRIBUTE] = text


def read_entry(file: h5py.File) -> dict[str, Any] | None:
    """The network's `get_config()`, or None where the file does not hold one.

    Raises:
        ValueError: something else stands there.
    """
    text = file.attrs.get(ATTRIBUTE)
    if text is None:
        return None
    found = json.loads(text)
    # files of earlier versions do not say what was frozen, and not all have a centre bias
    if not isinstance(found, dict) or set(found) - OPTIONAL != {"entry", "random_weights"}:
        raise ValueError("its description of the network is not one")
    return found
