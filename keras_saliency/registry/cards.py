"""Models by name: the cards of this package and of others that register theirs.

A package adds a model by an entry point of the group `keras_saliency.models`, whose object is the
path of a card file or a `Card`. Where two share a name ours wins and a line on stderr shows both;
an entry that cannot be loaded costs one line on stderr and nothing else.
"""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterable
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import lru_cache, partial
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

from benchmark_kit.errors import ConfigError
from benchmark_kit.html_table import html_table
from benchmark_kit.plugins import use_plugin
from keras_saliency.base.card import KINDS, TRAINING_STATES, Card, read_card

GROUP = "keras_saliency.models"
FOLDERS = tuple(Path(__file__).parents[1] / name for name in ("models", "classical"))
COLUMNS = ("model", "kind", "parameters", "weights", "frame", "a picture", "year", "title")
HOW_TO_LIST = "salbench list models, or keras_saliency.list_models()"


class ModelNames(tuple[str, ...]):
    """Names of models; a notebook shows what is known of each."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        return html_table(COLUMNS, model_rows(self))


def list_models(
    pattern: str = "*",
    kind: str | None = None,
    *,
    trained: bool | None = None,
    max_parameters: int | None = None,
) -> ModelNames:
    """Names of the models, sorted.

    Args:
        pattern: shell pattern that the names match, for instance `"spectral*"`.
        kind: only this kind, one of `card.KINDS`; None: all.
        trained: True: only those that come with learned weights; False: only those that could learn
            and come without; None: all, those too that have nothing to learn.
        max_parameters: only those whose number of parameters is known and at most this.

    Raises:
        ConfigError: unknown kind.

    Example:
        >>> list_models("spectral_res*")
        ('spectral_residual', 'spectral_residual_opencv')
        >>> list_models(trained=True)
        ('saliency_best', 'saliency_lite')
        >>> list_models(max_parameters=3_000_000)
        ('deepgaze1', 'deepgaze1_torch', 'edn', 'icf', 'icf_color')
    """
    if kind is not None and kind not in KINDS:
        raise ConfigError(f"unknown kind {kind!r}: known are {', '.join(KINDS)}")
    cards = _cards()
    wanted = {None: TRAINING_STATES, True: ("trained",), False: ("untrained",)}[trained]

    def fits(card: Card) -> bool:
        if kind not in (None, card.kind) or card.training_state not in wanted:
            return False
        if max_parameters is None:
            return True
        return card.parameters is not None and card.parameters <= max_parameters

    return ModelNames(
        name for name in sorted(cards) if fnmatchcase(name, pattern) and fits(cards[name])
    )


def model_rows(names: Iterable[str]) -> list[tuple[str, ...]]:
    """What a list says of each model, under `COLUMNS`."""
    rows: list[tuple[str, ...]] = []
    for card in map(model_card, names):
        count = "-" if card.parameters is None else f"{card.parameters:,}"
        size = "any" if card.input_size is None else "x".join(map(str, card.input_size))
        seconds = "-" if card.seconds is None else f"{card.seconds:.2g} s"
        year = str(card.year or "")
        rows.append(
            (card.name, card.kind, count, card.training_state, size, seconds, year, card.title)
        )
    return rows


def model_card(name: str) -> Card:
    """What is known of a model.

    Raises:
        ConfigError: unknown name; the message holds the nearest three.

    Example:
        >>> model_card("sam_resnet").parameters
        70146561
    """
    cards = _cards()
    if name not in cards:
        near = difflib.get_close_matches(
            str(name).lower().replace("-", "_"), cards, n=3, cutoff=0.0
        )
        hint = f"nearest: {', '.join(near)}. " if near else ""
        raise ConfigError(f"unknown model {name!r}; {hint}All of them: {HOW_TO_LIST}")
    return cards[name]


@lru_cache(maxsize=1)
def _cards() -> dict[str, Card]:
    return collect_cards(FOLDERS, entry_points(group=GROUP))


def collect_cards(folders: Iterable[Path], entries: Iterable[EntryPoint]) -> dict[str, Card]:
    """Cards by name.

    Args:
        folders: our folders of cards; one that does not exist holds none.
        entries: other packages' entry points.

    Raises:
        ConfigError: a card of ours that cannot be used, or two of one name.
    """
    cards: dict[str, Card] = {}
    for path in (path for folder in folders for path in sorted(folder.glob("*.toml"))):
        card = read_card(path)
        if card.name in cards:
            raise ConfigError(
                f"two cards of the name {card.name!r}: {cards[card.name].origin} and {path}"
            )
        cards[card.name] = card
    for entry in sorted(entries, key=lambda entry: (entry.name, entry.value)):
        found = use_plugin(entry, "keras-saliency: model", partial(_card_of, entry))
        if found is None:
            continue
        if found.name in cards:
            kept = cards[found.name].origin
            _warn(f"model {entry.name!r} of {entry.value} is left out: the name belongs to {kept}")
            continue
        cards[found.name] = found
    return cards


def _card_of(entry: EntryPoint, found: Any) -> Card:
    if isinstance(found, Card):
        return replace(found, name=entry.name, origin=entry.value)
    if isinstance(found, str | Path):
        return replace(read_card(Path(found), entry.name), origin=entry.value)
    raise ConfigError(f"expected a Card or the path of one, found {type(found).__name__}")


def _warn(line: str) -> None:
    print(f"keras-saliency: {line}", file=sys.stderr)
