"""The ground truth that a call names: read, or taken as it was given."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmark_kit.datasets import get_dataset
from benchmark_kit.errors import ConfigError, InputError, Problem
from benchmark_kit.imaging.density import parse_sigma
from benchmark_kit.types import Truths, dropped_text


def read_truths(
    dataset: str | Truths, root: str | Path | None, cache: bool, options: Mapping[str, Any]
) -> Truths:
    """A data set by its name and folder, or `Truths` as they are.

    Args:
        dataset: a data set's name, or ground truth already read.
        root: its folder.
        cache: keep the parsed ground truth in the user's cache directory.
        options: the reader's options.

    Raises:
        ConfigError: no folder, unknown options.
        InputError: nothing to compare with is left (E707), or a folder that cannot be read.
    """
    if isinstance(dataset, Truths):
        if options:
            raise ConfigError(
                f"unknown option {next(iter(options))!r}: the data set is read already"
            )
        return dataset
    if root is None:
        raise ConfigError(
            f"data set {dataset!r} needs its folder. Fix: --root DIR (docs/datasets.md)"
        )
    truths = get_dataset(dataset, Path(root), cache=cache, **options)
    if any(truths.dropped.values()) and not truths.points_kept:
        raise InputError(
            f"The data set in {root}: nothing is left to compare with; fixations dropped: "
            f"{dropped_text(truths.dropped, 0)}.",
            [Problem("E707", (), "no fixation is left", fix=_fix_of_dropped(truths.dropped))],
        )
    return truths


def _fix_of_dropped(dropped: Mapping[str, int]) -> str:
    if dropped.get("first fixation"):
        return "keep the first fixations (drop_first = false, --keep-first)"
    return "say in dataset.toml how the values become pixels (docs/datasets.md)"


def sigma_in_pixels(sigma: str | float | None, truths: Truths) -> float | None:
    """A blur in pixels (`"24px"`, `"1deg"`, a number), or None where none is given."""
    return None if sigma is None else parse_sigma(str(sigma), truths.pixels_per_degree)
