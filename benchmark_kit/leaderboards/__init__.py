"""Leaderboards by name: what each wants, as data.

    board = get_board("mit300")

`list_boards()` names them. Closed boards stay: their formats serve archives and comparisons. Every
file of `boards/` holds those of one host.
"""

from __future__ import annotations

import difflib
import importlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark_kit.errors import ConfigError

if TYPE_CHECKING:
    from benchmark_kit.leaderboards.rules import Board

__all__ = ["get_board", "list_boards"]

HOSTS = Path(__file__).parent / "boards"


@cache
def _boards() -> dict[str, Board]:
    hosts = sorted(path.stem for path in HOSTS.glob("*.py") if path.stem[0] != "_")
    modules = (importlib.import_module(f"benchmark_kit.leaderboards.boards.{h}") for h in hosts)
    found = {board.name: board for module in modules for board in module.BOARDS}
    return dict(sorted(found.items()))


def list_boards() -> tuple[str, ...]:
    """Canonical names of all leaderboards, sorted."""
    return tuple(_boards())


def get_board(name: str | Board) -> Board:
    """A leaderboard's rules.

    Args:
        name: canonical name, one of `list_boards()`; a `Board` comes back as it is.

    Raises:
        ConfigError: no leaderboard of this name; the nearest ones are named.
    """
    if not isinstance(name, str):
        return name
    known = _boards()
    if name not in known:
        near = difflib.get_close_matches(name.lower().replace("-", "_"), known, 3, 0.4)
        hint = f"; nearest: {', '.join(near)}" if near else ""
        raise ConfigError(f"unknown leaderboard {name!r}{hint}. Known: {', '.join(known)}")
    return known[name]
