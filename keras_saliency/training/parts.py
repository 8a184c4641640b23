"""Data sets in their parts: what learns, and what judges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmark_kit.errors import ConfigError
from benchmark_kit.types import Truths
from keras_saliency.data import split

SPLIT = "90/10"
LEARN, JUDGE = "train", "validate"  # parts of a split


@dataclass(frozen=True)
class Parts:
    """Several data sets, each in two parts.

    Args:
        sets: the data sets, whole.
        splits: of each how it was parted.
    """

    sets: tuple[Truths, ...]
    splits: tuple[Any, ...]

    @property
    def train(self) -> tuple[Truths, ...]:
        """Of each what learns."""
        return tuple(each[LEARN] for each in self.splits)

    @property
    def validate(self) -> tuple[Truths, ...]:
        """Of each what judges."""
        return tuple(each[JUDGE] for each in self.splits)

    def describe(self) -> str:
        """Rules and numbers, line by line."""
        return "\n".join(each.describe() for each in self.splits)

    def files(self, folder: Path, name: str) -> dict[str, Path]:
        """A file for each set by its label: `NAME`, or `STEM-LABEL` where there are several.

        Args:
            folder: where they are.
            name: of the one file, for instance `"results.json"`.
        """
        path = folder / name
        if len(self.sets) == 1:
            return {self.sets[0].name: path}
        labels = []
        for k, one in enumerate(self.sets):
            number = sum(before.name == one.name for before in self.sets[: k + 1])
            labels.append(one.name if number == 1 else f"{one.name}{number}")
        return {label: path.with_stem(f"{path.stem}-{label}") for label in labels}

    def save(self, folder: Path) -> None:
        """Write the splits; `--split file:FILE` reads such a file.

        Raises:
            RunFailed: the folder cannot be written.
        """
        for path, each in zip(self.files(folder, "split.json").values(), self.splits, strict=True):
            each.save(path)


def divide(truths: Truths | Sequence[Truths], rule: str) -> Parts:
    """Part every data set by one rule; pictures without fixations stand in neither part.

    Args:
        truths: one data set or several.
        rule: as for `keras_saliency.data.split`.

    Raises:
        ConfigError: no fixations at all, or a part that would be empty.
        InputError: pictures that cannot be read.
    """
    sets = (truths,) if isinstance(truths, Truths) else tuple(truths)
    if not sets:
        raise ConfigError("there is nothing to learn from. Fix: give a data set")
    return Parts(sets, tuple(_split(one, rule) for one in sets))


def _split(one: Truths, rule: str) -> Any:
    seen = [t.name for t in one if t.fixations is not None and len(t.fixations)]
    if not seen:
        raise ConfigError(
            f"{one.name} has no public fixations: there is nothing to learn from. "
            "Fix: a data set with fixations, or its training split"
        )
    found = split(one.subset(seen), rule)
    for part, what in ((LEARN, "learn from"), (JUDGE, "judge by")):
        if part not in found or not len(found[part]):
            number = "1 picture" if len(seen) == 1 else f"{len(seen)} pictures"
            most = max((len(group) for group in found.together), default=0)
            alike = f" ({most} look alike, and such stay on one side)" if most else ""
            raise ConfigError(
                f"{one.name}: {number} with fixations, parted by {rule!r}, leave none to {what}"
                f"{alike}. Fix: more pictures, or another --split (docs/training.md)"
            )
    return found
