"""The metrics, each written once: `metrics.nss(map, fixations)`, `metrics.kl.in_dialect("mit")`.

`METRICS` maps a name to its public function, which carries its facts. The functions are bound over
the modules of the same names. A further file of this folder is a metric without being listed here.
"""

import importlib
import pkgutil

from benchmark_kit.metrics._facts import Form, Graph, MetricFacts, Needs
from benchmark_kit.metrics.auc import auc
from benchmark_kit.metrics.auc_borji import auc_borji
from benchmark_kit.metrics.auc_judd import auc_judd
from benchmark_kit.metrics.cc import cc
from benchmark_kit.metrics.emd import emd
from benchmark_kit.metrics.ig import ig
from benchmark_kit.metrics.kl import kl
from benchmark_kit.metrics.nss import nss
from benchmark_kit.metrics.sauc import sauc
from benchmark_kit.metrics.sim import sim

METRICS = {
    function.facts.name: function
    for function in (auc, auc_judd, auc_borji, sauc, nss, ig, cc, kl, sim, emd)
}
for found in pkgutil.iter_modules(__path__):
    if not found.name.startswith("_") and found.name not in METRICS:
        module = importlib.import_module(f"{__name__}.{found.name}")
        METRICS[found.name] = globals()[found.name] = getattr(module, found.name)

__all__ = [
    "METRICS",
    "Form",
    "Graph",
    "MetricFacts",
    "Needs",
    "auc",
    "auc_borji",
    "auc_judd",
    "cc",
    "emd",
    "ig",
    "kl",
    "nss",
    "sauc",
    "sim",
]
