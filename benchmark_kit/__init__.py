"""Score saliency maps against eye tracking exactly as a named benchmark does.

Public names load on first use: importing this package costs nothing.
"""

from __future__ import annotations

import importlib
from typing import Any

_HOMES = {
    "compare": "benchmark_kit.results.comparison",
    "evaluate": "benchmark_kit.api",
    "load_results": "benchmark_kit.results.record",
    "get_dataset": "benchmark_kit.datasets",
    "list_datasets": "benchmark_kit.datasets",
    "list_dialects": "benchmark_kit.api",
    "metrics": "benchmark_kit.metrics",
    "package": "benchmark_kit.packaging.submit",
    "report": "benchmark_kit.reporting.page",
    "validate": "benchmark_kit.packaging.validation",
}

__all__ = [
    "compare",
    "evaluate",
    "get_dataset",
    "list_datasets",
    "list_dialects",
    "load_results",
    "metrics",
    "package",
    "report",
    "validate",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(_HOMES[name])
    value = module if name == "metrics" else getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
