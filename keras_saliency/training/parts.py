"""Data sets in their parts: what learns, and what judges."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmark_kit.errors import ConfigError
from benchmark_kit.files import write_text
from benchmark_kit.types import Truths

SPLIT = "hash"  # nine of ten pictures learn


@dataclass(frozen=True)
class Parts:
    """Several data sets, each in two parts.

    Args:
        sets: the data sets, whole.
        train: of each what learns.
        validate: of each what judges.
        described: of each how it was parted.
    """

    sets: tuple[Truths, ...]
    train: tuple[Truths, ...]
    validate: tuple[Truths, ...]
    described: tuple[Any, ...]

    def write(self, path: Path) -> None:
        """Write how they were parted, as JSON.

        Raises:
            RunFailed: the folder cannot be written.
        """
        write_text(path, json.dumps(list(self.described), indent=1, default=str) + "\n")


def divide(truths: Truths | Sequence[Truths], rule: str, seed: int) -> Parts:
    """Part every data set by one rule; pictures without fixations stand in neither part.

    Args:
        truths: one data set or several.
        rule: as for `keras_saliency.data.split`.
        seed: of the rule, where it draws.

    Raises:
        ConfigError: no fixations at all, or a part that would be empty.
    """
    from keras_saliency.data import split

    sets = (truths,) if isinstance(truths, Truths) else tuple(truths)
    if not sets:
        raise ConfigError("there is nothing to learn from. Fix: give a data set")
    found = []
    for one in sets:
        seen = [t.name for t in one if t.fixations is not None and len(t.fixations)]
        if not seen:
            raise ConfigError(
                f"{one.name} has no public fixations: there is nothing to learn from. "
                "Fix: a data set with fixations, or its training split"
            )
        parted = split(one.subset(seen), rule, seed)
        for part, what in ((parted.train, "learn from"), (parted.validate, "judge by")):
            if not len(part):
                raise ConfigError(
                    f"{one.name}: {len(seen)} pictures with fixations, parted by {rule!r}, leave "
                    f"none to {what}. Fix: more pictures, or another --split"
                )
        found.append(parted)
    return Parts(
        sets,
        tuple(parted.train for parted in found),
        tuple(parted.validate for parted in found),
        tuple(parted.describe() for parted in found),
    )
