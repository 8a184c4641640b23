"""The ways to store a submission, one kind of file a module: its record, its writer, its reader.

Every module lists its stores in `STORES` and is found by its place; `get_store(name)` finds one.
"""

from __future__ import annotations

import importlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmark_kit.packaging.stores.store import Store

__all__ = ["get_store", "list_stores"]


@cache
def _stores() -> dict[str, Store]:
    names = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if path.stem[0] != "_")
    modules = (importlib.import_module(f"{__name__}.{name}") for name in names)
    return {s.name: s for module in modules for s in getattr(module, "STORES", ())}


def list_stores() -> tuple[str, ...]:
    """Names of all stores, sorted."""
    return tuple(sorted(_stores()))


def get_store(name: str) -> Store:
    """A store by its name.

    Raises:
        KeyError: there is none; names that users give are checked against the board's first.
    """
    return _stores()[name]
