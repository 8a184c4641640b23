"""A data set in parts, by a rule that is printed and stored with them."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmark_kit.containers.damage import DamagedFile
from benchmark_kit.containers.text import read_json
from benchmark_kit.errors import ConfigError, InputError
from benchmark_kit.files import write_text
from benchmark_kit.types import Truths
from keras_saliency.data.duplicates import groups_of, near_duplicates
from keras_saliency.data.rules import assign

SCHEMA = 1


@dataclass(frozen=True, eq=False)
class Split:
    """The parts of a data set; `parts["train"]` is `Truths` again.

    Args:
        truths: the whole data set.
        rule: text that `split` was given.
        seed: of the rule.
        names: part -> names of its pictures, sorted.
        together: groups of near-duplicates.
    """

    truths: Truths
    rule: str
    seed: int
    names: Mapping[str, tuple[str, ...]]
    together: tuple[tuple[str, ...], ...] = ()

    def __getitem__(self, part: str) -> Truths:
        """The part's ground truth, in the data set's order.

        Raises:
            ConfigError: no such part.
        """
        if part not in self.names:
            raise ConfigError(f"the split has the parts {', '.join(self.names)}, not {part!r}")
        return self.truths.subset(self.names[part])

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)

    def __contains__(self, part: object) -> bool:
        return part in self.names

    @property
    def parted(self) -> tuple[tuple[str, ...], ...]:
        """Near-duplicates that stand in several parts: only a list in a file does that."""
        of = {name: part for part, names in self.names.items() for name in names}
        return tuple(group for group in self.together if len({of[n] for n in group if n in of}) > 1)

    def describe(self) -> str:
        """Rule, numbers and digests, line by line, as they are printed."""
        width = max(map(len, self.names))
        lines = [f"{self.truths.name}: {len(self.truths)} pictures, {self.rule}, seed {self.seed}"]
        lines += [
            f"  {part:{width}}  {len(names):>6}  {names_digest(names)[:16]}"
            for part, names in self.names.items()
        ]
        if left_out := len(self.truths) - sum(map(len, self.names.values())):
            lines.append(f"  in no part: {left_out}")
        lines += [
            f"  near-duplicates {'in several parts' if group in self.parted else 'kept together'}: "
            f"{', '.join(group)}"
            for group in self.together
        ]
        return "\n".join(lines)

    def record(self) -> dict[str, Any]:
        """What is stored of the split, for JSON."""
        return {
            "schema": SCHEMA,
            "dataset": self.truths.name,
            "fingerprint": self.truths.fingerprint,
            "rule": self.rule,
            "seed": self.seed,
            "digests": {part: names_digest(names) for part, names in self.names.items()},
            "together": [list(group) for group in self.together],
            "parts": {part: list(names) for part, names in self.names.items()},
        }

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the record as JSON, whole or not at all.

        Raises:
            RunFailed: the folder cannot be written.
        """
        text = json.dumps(self.record(), indent=1, ensure_ascii=False)
        write_text(Path(path).expanduser(), f"{text}\n")

    @classmethod
    def read(cls, path: str | os.PathLike[str], truths: Truths) -> Split:
        """A split that was saved, of the same data set.

        Raises:
            ConfigError: no such file, or a data set that lacks its pictures.
            InputError: a file that is no split, or was changed.
        """
        path = Path(path).expanduser()
        if not path.is_file():
            raise ConfigError(f"there is no split {path}")
        try:
            found = read_json(path)
            names = {part: tuple(map(str, some)) for part, some in found["parts"].items()}
            together = tuple(tuple(map(str, group)) for group in found["together"])
            rule, seed, digests = str(found["rule"]), int(found["seed"]), dict(found["digests"])
        except (DamagedFile, KeyError, TypeError, ValueError, AttributeError) as error:
            raise InputError(f"{path} is no split that was saved ({error})") from None
        if {part: names_digest(some) for part, some in names.items()} != digests:
            raise InputError(f"{path}: its names are not those that were saved")
        for some in names.values():
            truths.subset(some)
        return cls(truths, rule, seed, names, together)


def names_digest(names: Iterable[str]) -> str:
    """Hexadecimal SHA-256 of the sorted names joined by line ends."""
    text = "\n".join(sorted(names))
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def split(truths: Truths, rule: str, seed: int = 0) -> Split:
    """A data set in parts named `train`, `validate` and `test`.

    Near-duplicates stand on one side; they are found by comparing thumbnails, so all pictures that
    are there are decoded once.

    Args:
        truths: the data set.
        rule: as text, see `rules`: `"hash:500/50/150"`, `"80/20"`, `"kfold:5/0"`,
            `"category:0.9"`, `"mit1003:903/100"`, `"file:LIST"`.
        seed: 0 is the plain rule, by which papers can be compared.

    Raises:
        ConfigError: no such rule, or one that does not fit the data set.
        InputError: pictures or a list that cannot be read.
    """
    groups = groups_of(truths.names, near_duplicates(truths))
    found = assign(rule, truths, groups, seed)
    return Split(
        truths,
        rule,
        seed,
        {part: tuple(sorted(names)) for part, names in found.items()},
        tuple(group for group in groups if len(group) > 1),
    )
