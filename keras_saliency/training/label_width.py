"""How wide the Gaussian is that makes densities of fixations, to learn from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from benchmark_kit.errors import ConfigError
from benchmark_kit.types import Truths
from keras_saliency.data.targets import Targets


def label_width(
    given: str | float | None, labels: Mapping[str, Any], truths: Iterable[Truths]
) -> str | float | None:
    """What the caller gives, else the recipe, else None for each data set's own.

    Args:
        given: as for `keras_saliency.data.batches`.
        labels: of the recipe: `sigma_px`, or `sigma_deg`, which counts where every data set states
            its pixels per degree.
        truths: the data sets.
    """
    if given is not None or "sigma_deg" not in labels:
        return labels.get("sigma_px") if given is None else given
    known = all(each.pixels_per_degree is not None for each in truths)
    return f"{labels['sigma_deg']:g}deg" if known else None


def refuse_width(given: str | float | None, targets: Targets) -> None:
    """Refuse a width that nothing asks for.

    Raises:
        ConfigError: the loss learns from fixations alone.
    """
    if given is not None and not targets.needs_density:
        raise ConfigError(
            f"sigma {given}: the loss of {targets.model.name} learns from fixations as they are, "
            "no density is made. Fix: leave sigma out"
        )
