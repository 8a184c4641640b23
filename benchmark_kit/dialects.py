"""Dialects: every constant in which the named benchmarks differ, as data.

A dialect is the convention of one benchmark program. A metric's formula never hides a constant: it
comes from here. One metric of another dialect is written `kl@mit`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from benchmark_kit.errors import ConfigError

EPS = 2.0**-52  # MATLAB's eps
EPS_FIVE_DIGITS = 2.2204e-16  # pysaliency and the board's code write it with five digits
NAN = float("nan")


@dataclass(frozen=True)
class Dialect:
    """The convention of one benchmark.

    Args:
        name: how users ask for it.
        title: what it is, in a few words.
        reference: the program that defines its numbers.
        binary: repeated fixations on a pixel collapse.
        unit: 8- and 16-bit maps are divided by 255 or 65535 first.
        resize: kernel (`imaging.resize`) for maps of another size, where resizing is asked for.
        negatives: what the negatives of shuffled AUC count: `"fixations"` (repeats kept) or
            `"images"` (an image counts once a pixel).
        filter_duplicates: keep, of an image's sorted points, those that equal their successor.
        density: overrides of how a computed density is made (`imaging.density.DensitySpec`).
        baseline_sigma_px: blur of the other images' fixated pixels that information gain is
            measured against; None: the centre bias.
        constants: metric name -> keyword constants of its function; a metric not named here does
            not exist in this dialect, unless its constants have defaults.
        extra: metrics that exist but are scored only when asked for by name.
        instead: metric name -> what to ask for instead, where people expect a metric that does not
            exist here.
    """

    name: str
    title: str
    reference: str
    binary: bool
    unit: bool
    resize: str
    negatives: str
    constants: Mapping[str, Mapping[str, Any]]
    filter_duplicates: bool = False
    density: Mapping[str, Any] | None = None
    baseline_sigma_px: float | None = None
    extra: tuple[str, ...] = ()
    instead: Mapping[str, str] | None = None

    @property
    def default_metrics(self) -> tuple[str, ...]:
        """Metrics scored when the user names none."""
        return tuple(name for name in self.constants if name not in self.extra)

    def has(self, metric: str, required: Sequence[str]) -> bool:
        """Whether this dialect has a metric.

        Args:
            metric: its name.
            required: its constants that have no default.
        """
        if metric in self.constants:
            return True
        return not required and metric not in (self.instead or {})

    def constants_of(self, metric: str, required: Sequence[str]) -> Mapping[str, Any]:
        """The constants that this dialect fixes of a metric; the others keep their defaults.

        Args:
            metric: its name.
            required: its constants that have no default.

        Raises:
            ConfigError: this dialect does not have it; the message says what does.
        """
        if self.has(metric, required):
            return self.constants.get(metric, {})
        instead = (self.instead or {}).get(metric)
        having = [d.name for d in DIALECTS.values() if metric in d.constants]
        if instead:
            fix = f"ask for {instead}"
        elif having:
            fix = f"write {metric}@{having[0]}"
        else:
            fix = f"give its constants defaults: {', '.join(required)}"
        raise ConfigError(f"dialect {self.name!r} has no metric {metric!r}. Fix: {fix}")


TUEBINGEN = Dialect(
    name="tuebingen",
    title="MIT/Tuebingen board",
    reference="pysaliency 0.2.22 and the board's code",
    binary=False,
    unit=False,
    resize="bilinear",
    negatives="fixations",
    constants={
        "auc": {"negatives": "all"},
        "sauc": {"kind": "exact"},
        "nss": {"ddof": 0, "constant": 0.0},
        "ig": {"form": "map", "eps": EPS},
        "cc": {"constant": 0.0},
        "kl": {"eps": EPS_FIVE_DIGITS, "rule": "shifted sum"},
        "sim": {"rule": "shifted sum"},
        "auc_judd": {"jitter": "normal", "form": "fixation thresholds"},
    },
    extra=("auc_judd",),
)

_MIT_CONSTANTS: dict[str, Mapping[str, Any]] = {
    "auc_judd": {"jitter": "uniform", "form": "matlab"},
    "auc_borji": {"splits": 100, "step": 0.1, "colon": "matlab"},
    "sauc": {"kind": "splits", "splits": 100, "step": 0.1, "colon": "matlab"},
    "nss": {"ddof": 1, "constant": NAN},
    "ig": {"form": "min-max", "eps": EPS},
    "cc": {"constant": NAN},
    "kl": {"eps": EPS, "rule": "sum"},
    "sim": {"rule": "min-max sum"},
    "emd": {"downsize": 32},
}
_ASK_JUDD = {"auc": "auc_judd (the headline) or auc_borji"}

MIT = Dialect(
    name="mit",
    title="MIT saliency benchmark, MATLAB code",
    reference="cvzoya/saliency code_forMetrics",
    binary=True,
    unit=True,
    resize="matlab-bicubic-symmetric",
    negatives="images",
    constants=_MIT_CONSTANTS,
    extra=("emd",),
    instead=_ASK_JUDD,
)

SALICON2015 = Dialect(
    name="salicon2015",
    title="SALICON challenge 2015 (LSUN), its Python evaluator",
    reference="NUS-VIP/salicon-evaluation",
    binary=False,
    unit=True,
    resize="spline3",
    negatives="images",
    filter_duplicates=True,
    density={"source": "computed", "sigma_px": 19.0, "points": "binary", "minmax": True},
    constants={
        "auc": {"negatives": "sampled", "samples": 100_000, "step": 0.01},
        "sauc": {"kind": "weighted", "step": 0.01, "colon": "arange"},
        "nss": {"ddof": 0, "constant": 0.0},
        "cc": {"constant": NAN},
    },
)

SALICON2017 = Dialect(
    name="salicon2017",
    title="SALICON challenge 2017 (LSUN), MIT code with our choices where it is silent",
    reference="none can be run; challenge page and MIT code",
    binary=True,
    unit=True,
    resize="matlab-bicubic-symmetric",
    negatives="images",
    constants={
        **{k: v for k, v in _MIT_CONSTANTS.items() if k not in ("sauc", "emd")},
        "sauc": {"kind": "weighted", "step": 0.1, "colon": "matlab"},
    },
    baseline_sigma_px=19.0,
    instead=_ASK_JUDD,
)

DIALECTS: Mapping[str, Dialect] = {d.name: d for d in (TUEBINGEN, MIT, SALICON2015, SALICON2017)}


def list_dialects() -> tuple[str, ...]:
    """Names of the dialects (docs/metrics.md).

    Example:
        >>> list_dialects()
        ('tuebingen', 'mit', 'salicon2015', 'salicon2017')
    """
    return tuple(DIALECTS)


def get_dialect(name: str) -> Dialect:
    """The dialect of that name.

    Raises:
        ConfigError: unknown name; the message lists the known ones.
    """
    if name not in DIALECTS:
        near = get_close_matches(name, DIALECTS, n=1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise ConfigError(f"unknown dialect {name!r}: {hint}known are {', '.join(DIALECTS)}")
    return DIALECTS[name]
