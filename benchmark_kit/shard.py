"""A part of a run that several machines share: `3/8` is every eighth item from the third on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

from benchmark_kit.errors import ConfigError

Item = TypeVar("Item")
MOST = 100_000


class Shard(NamedTuple):
    """The part `number` (from 1) of `total` parts."""

    number: int
    total: int

    @classmethod
    def parse(cls, text: str) -> Shard:
        """A part from `K/N`.

        Raises:
            ConfigError: no such part.
        """
        found = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text.strip())
        if not found or not 1 <= int(found[1]) <= int(found[2]) <= MOST:
            raise ConfigError(f"{text!r} is no part: K/N with 1 <= K <= N, for instance 3/8")
        return cls(int(found[1]), int(found[2]))

    def of(self, items: Sequence[Item]) -> list[Item]:
        """The items of this part, in order: neighbours, which are alike, are spread."""
        return list(items[self.number - 1 :: self.total])

    def __str__(self) -> str:
        return f"{self.number}/{self.total}"


def refuse_done(shard: Shard, files: Iterable[Path]) -> None:
    """Refuse a part of which something is there: other parts' files are no business of it.

    Raises:
        ConfigError: it is.
    """
    there = next((path for path in files if path.exists()), None)
    if there is not None:
        raise ConfigError(f"{there} of part {shard} is there. Fix: --resume, or another --out")
