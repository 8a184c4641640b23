"""Leaderboards by name: what each wants, as data; one file a board, found lazily.

    board = get_board("mit300")

`list_boards()` names them. Closed boards stay: their formats serve archives and comparisons.
"""

from __future__ import annotations

import difflib
import importlib
from typing import TYPE_CHECKING

from benchmark_kit.errors import ConfigError

if TYPE_CHECKING:
    from benchmark_kit.leaderboards.rules import Board

__all__ = ["get_board", "list_boards"]

NAMES = (
    "cat2000",
    "cat2000_jpg",
    "coco_freeview",
    "lsun",
    "mit300",
    "mit300_jpg",
    "salicon2015",
    "salicon2017",
)


def list_boards() -> tuple[str, ...]:
    """Canonical names of all leaderboards, sorted."""
    return NAMES


def get_board(name: str | Board) -> Board:
    """A leaderboard's rules.

    Args:
        name: canonical name, one of `list_boards()`; a `Board` comes back as it is.

    Raises:
        ConfigError: no leaderboard of this name; the nearest ones are named.
    """
    if not isinstance(name, str):
        return name
    if name not in NAMES:
        near = difflib.get_close_matches(name.lower().replace("-", "_"), NAMES, 3, 0.4)
        hint = f"; nearest: {', '.join(near)}" if near else ""
        raise ConfigError(f"unknown leaderboard {name!r}{hint}. Known: {', '.join(NAMES)}")
    return importlib.import_module(f"benchmark_kit.leaderboards.{name}").BOARD
