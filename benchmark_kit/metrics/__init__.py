"""The metrics, each written once: `metrics.nss(map, fixations)`, `metrics.kl.in_dialect("mit")`.

`METRICS` maps a name to its public function, which carries its facts. The functions are bound over
the modules of the same names.
"""

from benchmark_kit.metrics._facts import MetricFacts
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

__all__ = [
    "METRICS",
    "MetricFacts",
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
