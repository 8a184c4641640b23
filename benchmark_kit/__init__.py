"""Score saliency maps against eye tracking exactly as a named benchmark does.

Public names load on first use: importing this package costs nothing.
"""

from benchmark_kit.faces import face

HOMES = {
    "__version__": "version",
    **dict.fromkeys(
        ("MapOptions", "OutputOptions", "RunOptions", "ScoringOptions"), "calls.options"
    ),
    "compare": "results.comparison",
    "evaluate": "calls.evaluate",
    "figure": "reporting.figure",
    "get_dataset": "datasets",
    "list_datasets": "datasets",
    "list_dialects": "dialects",
    "load_results": "results.record",
    "metrics": "metrics",
    "overlay_sheet": "reporting.overlay",
    "package": "packaging.package",
    "progress_bar": "console.progress",
    "report": "reporting.page",
    "validate": "packaging.validate",
    "write_pysaliency": "calls.write_pysaliency",
}

__all__ = [
    "MapOptions",
    "OutputOptions",
    "RunOptions",
    "ScoringOptions",
    "compare",
    "evaluate",
    "figure",
    "get_dataset",
    "list_datasets",
    "list_dialects",
    "load_results",
    "metrics",
    "overlay_sheet",
    "package",
    "progress_bar",
    "report",
    "validate",
    "write_pysaliency",
]
__getattr__, __dir__ = face(__name__, HOMES)
