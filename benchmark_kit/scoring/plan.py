"""What a run scores and with which constants: everything a worker needs besides the images."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from benchmark_kit.errors import ConfigError
from benchmark_kit.imaging.centre_bias import CentreBias
from benchmark_kit.imaging.density import DensitySpec, default_spec
from benchmark_kit.metrics import Form, Needs
from benchmark_kit.scoring.pooled import PooledFixations
from benchmark_kit.scoring.variants import Variant, choose_variants
from benchmark_kit.types import Truths

BASELINES = ("centre-bias", "uniform")


@dataclass(frozen=True, eq=False)
class ScoringPlan:
    """A run's columns, constants and what it knows of the whole data set (picklable).

    Args:
        variants: columns, in order.
        constants: column key -> constants of its metric.
        densities: dialect name -> how its ground-truth density is made.
        pools: dialect name -> all images' fixations, for dialects whose columns need them.
        bias: leave-one-out centre bias, where a column needs it.
        pooled_baselines: names of the dialects whose baseline is the other images' blurred
            fixations instead.
        baseline: what gains are measured against, in words.
        log_density: the maps are natural-log densities.
        seed: the user's seed.
    """

    variants: tuple[Variant, ...]
    constants: Mapping[str, Mapping[str, Any]]
    densities: Mapping[str, DensitySpec]
    pools: Mapping[str, PooledFixations]
    bias: CentreBias | None
    pooled_baselines: frozenset[str]
    baseline: str
    uniform_baseline: bool
    log_density: bool
    seed: int

    @property
    def keys(self) -> tuple[str, ...]:
        """Column keys, in order."""
        return tuple(variant.key for variant in self.variants)

    @cached_property
    def _forms(self) -> dict[str, Form]:
        return {v.key: v.function.form(self.constants[v.key]) for v in self.variants}

    def comparing_with(self, needs: Needs) -> list[Variant]:
        """The columns that compare maps with something."""
        return [variant for variant in self.variants if variant.facts.needs is needs]

    def form(self, variant: Variant) -> Form:
        """The kind of its metric that a column is."""
        return self._forms[variant.key]

    def label(self, key: str) -> str:
        """What people read over a column."""
        variant = next(v for v in self.variants if v.key == key)
        return self.form(variant).label or variant.facts.label

    def describe(self) -> dict[str, Any]:
        """The plan as plain data, for fingerprints and results."""
        return {
            "variants": {variant.key: str(variant) for variant in self.variants},
            "constants": {key: dict(value) for key, value in self.constants.items()},
            "densities": {name: spec.describe() for name, spec in self.densities.items()},
            "baseline": self.baseline,
            "log_density": self.log_density,
            "seed": self.seed,
        }

    def fingerprint(self) -> str:
        """`sha256:…` over `describe()`."""
        text = json.dumps(self.describe(), sort_keys=True, default=str)
        return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def make_plan(
    truths: Truths,
    dialects: Sequence[str],
    metrics: Sequence[str] | None = None,
    *,
    density: str | None = None,
    sigma_px: float | None = None,
    ig_baseline: str | None = None,
    bias_sigma_px: float = 35.0,
    bias_uniform: float = 0.01,
    log_density: bool = False,
    seed: int = 0,
) -> ScoringPlan:
    """Decide a run's columns and gather what they need of the whole data set.

    Args:
        truths: the whole data set: negatives and centre bias come from all its images, also when
            only part of them is scored.
        dialects: names; the first one's columns have plain keys.
        metrics: names or variants (`"kl@mit"`); None takes each dialect's own.
        density: `"shipped"` or `"computed"`; None takes the data set's own way.
        sigma_px: blur of computed densities; None takes the data set's.
        ig_baseline: `"centre-bias"` or `"uniform"`; None takes the dialect's own.
        bias_sigma_px: blur of the centre bias.
        bias_uniform: uniform share of the centre bias.
        log_density: the maps are natural-log densities.
        seed: seed of the randomised metrics.

    Raises:
        ConfigError: unknown names, or choices that the data set cannot meet.
        MissingExtra: a metric's library is not installed.
    """
    if ig_baseline not in (None, *BASELINES):
        raise ConfigError(
            f"--ig-baseline must be one of {', '.join(BASELINES)}, got {ig_baseline!r}"
        )
    if density not in (None, "shipped", "computed"):
        raise ConfigError(f"--density must be shipped or computed, got {density!r}")
    variants, constants = [], {}
    for variant in choose_variants(dialects, metrics):
        variant.facts.check_library()
        values = dict(variant.constants)
        if log_density:
            values |= variant.function.form(values).for_logs
        if key := variant.function.form(values).key:
            variant = replace(variant, key=key + variant.key.removeprefix(variant.metric))
        variants.append(variant)
        constants[variant.key] = values
    own = default_spec(truths)
    if density == "shipped" and sigma_px is not None:
        raise ConfigError(
            "shipped densities are blurred already. Fix: leave --sigma out, or --density computed"
        )
    if density == "shipped" and not any(truth.density_file for truth in truths):
        raise ConfigError(f"{truths.name} ships no densities. Fix: --density computed")
    if density == "computed" or sigma_px is not None:
        own = DensitySpec(sigma_px=sigma_px or truths.sigma_px)
    elif density == "shipped":
        own = DensitySpec(source="shipped")
    measured = {v.dialect.name: v.dialect for v in variants if v.facts.needs is Needs.BASELINE}
    pooled = {name for name, d in measured.items() if d.baseline_sigma_px and ig_baseline is None}
    densities, pools = {}, {}
    for dialect in {v.dialect.name: v.dialect for v in variants}.values():
        fixed = dialect.density if density is None and sigma_px is None else None
        columns = [v for v in variants if v.dialect is dialect]
        if any(v.facts.needs is Needs.DENSITY for v in columns):
            densities[dialect.name] = DensitySpec(**fixed) if fixed else own
        wants = [v for v in columns if v.facts.needs is Needs.OTHERS]
        if wants or dialect.name in pooled:
            drawn = any(v.function.form(constants[v.key]).few_others for v in wants)
            pools[dialect.name] = PooledFixations(truths, dialect, keep_points=drawn)
    bias = None
    if ig_baseline != "uniform" and set(measured) - pooled:
        bias = CentreBias(truths, bias_sigma_px, bias_uniform)
    words = {}
    for name, dialect in measured.items():
        if name in pooled:
            words[name] = f"other images' fixated pixels, Gaussian {dialect.baseline_sigma_px:g} px"
        else:
            words[name] = "uniform density" if bias is None else bias.describe()
    return ScoringPlan(
        variants=tuple(variants),
        constants=constants,
        densities=densities,
        pools=pools,
        bias=bias,
        pooled_baselines=frozenset(pooled),
        baseline=_of_all(words),
        uniform_baseline=ig_baseline == "uniform",
        log_density=log_density,
        seed=seed,
    )


def _of_all(words: Mapping[str, str]) -> str:
    """One text where all dialects agree, else one a dialect."""
    if len(set(words.values())) <= 1:
        return next(iter(words.values()), "")
    return "; ".join(f"{name}: {text}" for name, text in words.items())
