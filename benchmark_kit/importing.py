"""Something that is to happen around the import of a library, whoever imports it."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any


def around_import(name: str, context: Callable[[], AbstractContextManager[Any]]) -> None:
    """Execute a module that has not been imported yet inside a context, once.

    Args:
        name: of the module.
        context: makes the context manager.
    """
    sys.meta_path.insert(0, _Around(name, context))


class _Around(MetaPathFinder):
    """Finds nothing itself: has what finds the module execute it inside the context."""

    def __init__(self, name: str, context: Callable[[], AbstractContextManager[Any]]):
        self.name, self.context, self.looking = name, context, False

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if fullname != self.name or self.looking:
            return None
        self.looking = True
        try:
            spec = importlib.util.find_spec(fullname)
        finally:
            self.looking = False
        if spec is None or spec.loader is None:
            return spec
        loader, execute = spec.loader, spec.loader.exec_module

        def inside(module: ModuleType) -> None:
            loader.exec_module = execute  # type: ignore[method-assign]  # it may serve others, too
            with self.context():
                execute(module)
            if self in sys.meta_path:  # not before: an import that failed may be tried again
                sys.meta_path.remove(self)

        spec.loader.exec_module = inside  # type: ignore[method-assign]
        return spec
