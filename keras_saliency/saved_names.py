"""The names under which saved files know our classes, told to Keras when Keras is imported.

Keras finds a class of a file by the name that it was registered with, and ours register when their
module is imported, which nobody has done in a process that only loads. So every name gets a
stand-in that imports the class when a file asks for it. Nothing heavy happens before that.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from benchmark_kit.importing import around_import

PACKAGE = "keras_saliency"
FACES = ("addons", "base", "layers", "losses", "metrics", "training")  # their classes are public
FUNCTIONS = "addons.activations"  # Keras hands functions on as they are: no stand-in can be one


class _StandIn:
    """A registered class that has not been imported yet."""

    def __init__(self, module: str, name: str):
        self.module, self.name = module, name

    def from_config(self, config: dict[str, Any]) -> Any:
        """The object of a saved description, by the class itself."""
        return getattr(importlib.import_module(self.module), self.name).from_config(config)


def class_homes() -> Iterator[tuple[str, str]]:
    """Name and module of every class of ours that a file may hold: of faces and of cards."""
    from keras_saliency.registry.cards import FOLDERS, collect_cards

    for part in FACES:
        package = importlib.import_module(f"{PACKAGE}.{part}")
        for name, module in package.HOMES.items():
            if name[0].isupper():  # a class
                yield name, f"{package.__name__}.{module}"
    for card in collect_cards(FOLDERS, ()).values():
        for name in card.classes:
            yield name, card.builder.partition(":")[0]


def tell_keras() -> None:
    """Register a stand-in for every class that is not registered yet; costs no import of it."""
    import keras

    known = keras.saving.get_custom_objects()
    for name, module in class_homes():
        known.setdefault(f"{PACKAGE}>{name}", _StandIn(module, name))
    importlib.import_module(f"{PACKAGE}.{FUNCTIONS}")


def tell_keras_once_imported() -> None:
    """Do so now if Keras is imported already, and else right after it will have been."""
    if "keras" in sys.modules:
        tell_keras()
    else:
        around_import("keras", _told_afterwards)


@contextmanager
def _told_afterwards() -> Iterator[None]:
    yield
    tell_keras()
