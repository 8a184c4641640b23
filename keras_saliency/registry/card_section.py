"""A card as text: facts, options, recipes with the source of every constant, published scores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from keras_saliency.base.card import Card
from keras_saliency.base.recipe_record import ALL, Recipe


def card_section(card: Card) -> str:
    """What a card holds, under its name."""
    size = "any" if card.input_size is None else _size(card.input_size)
    least = card.smallest_size and f" (at least {_size(card.smallest_size)})"
    size = f"size {size}{least or ''}"
    facts = {
        "kind": card.kind,
        "authors": ", ".join(card.authors),
        "paper": card.paper,
        "named in": ", ".join(card.documents),
        "input": f"{size}; {card.input_range}" if card.input_range else size,
        "output": card.output,
        "output stride": "" if card.output_stride is None else str(card.output_stride),
        "trainable parameters": "" if card.trainable is None else f"{card.trainable:,}",
        "exports to": ", ".join(card.exports),
        "cost": card.cost,
    }
    title = f"{card.title}, {card.year}" if card.year else card.title
    lines = [f"## `{card.name}`", "", f"{title}.", ""]
    lines += [f"- {label}: {text}" for label, text in facts.items() if text]
    for name, option in card.options.items():
        choices = f"; one of {', '.join(map(repr, option.choices))}" if option.choices else ""
        lines.append(f"- option `{name}={option.default!r}`: {option.help}{choices}")
    lines += [
        f"- weights `{name}`: {weights.source} {weights.terms}".rstrip()
        for name, weights in card.weights.items()
    ]
    for name, recipe in card.recipes.items():
        lines += _recipe(card, name, recipe)
    lines += [f"- uncertain: {text}" for text in card.uncertain]
    return "\n".join([*lines, "", *_scores(card)])


def _size(size: tuple[int, int]) -> str:
    return f"{size[0]} x {size[1]}"


def _recipe(card: Card, name: str, recipe: Recipe) -> list[str]:
    """What a recipe is, and below it its constants by where they come from."""
    base = card.recipes.get(recipe.base)
    head = f"- recipe `{name}` ({recipe.source})"
    parts = [head, recipe.note if base is None or recipe.note != base.note else ""]
    parts.append(f"as `{recipe.base}`, but:" if base else "")
    lines = ["; ".join(part for part in parts if part), *_constants(recipe, base, "  ")]
    for stage in recipe.stages:
        told = f"; {stage.note}" if stage.note != recipe.note else ""
        lines.append(f"  - stage `{stage.name}`{told}")
        lines += _constants(stage, replace(recipe, stages=()), "    ")
    return lines


def _constants(recipe: Recipe, known: Recipe | None, indent: str) -> list[str]:
    """The constants that a known recipe does not state already, one line for each source."""
    sources: dict[str, list[str]] = {}
    for key in recipe.stated():
        if known is None or getattr(known, key) != getattr(recipe, key):
            told = f"{key} {_words(getattr(recipe, key))}"
            sources.setdefault(_where(recipe, key), []).append(told)
    lines = [f"{indent}- {where}: {'; '.join(told)}" for where, told in sources.items()]
    stated = {*recipe.stated(), *(key for stage in recipe.stages for key in stage.stated()), ALL}
    return lines + [
        f"{indent}- left open ({text}): {key}"
        for key, text in recipe.open.items()
        if key not in stated and (known is None or known.open.get(key) != text)
    ]


def _where(recipe: Recipe, key: str) -> str:
    """Where a constant is stated, and what is left open of it."""
    source = recipe.origins.get(key)
    if source is None and key not in recipe.open:
        source = recipe.origins.get(ALL)
    opened = recipe.open.get(key, recipe.open.get(ALL) if source is None else None)
    parts = [f"from {source}"] if source else []
    return "; ".join([*parts, *([f"left open ({opened})"] if opened else [])])


def _words(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(
            f"{k} {v}" if isinstance(v, str) else f"`{k}={v!r}`" for k, v in value.items()
        )
    if isinstance(value, str):
        return f"`{value}`" if value.endswith(")") and "(" in value.split(" ")[0] else value
    return f"`{list(value) if isinstance(value, tuple) else value}`"


def _scores(card: Card) -> list[str]:
    """Published rows; what a number means depends on edition and dialect, so both stand there."""
    if not card.scores:
        return []
    lines = [
        "| published | data set | edition | split | dialect | values |",
        "|---|---|---|---|---|---|",
    ]
    for row in card.scores:
        values = ", ".join(f"{metric} {value:g}" for metric, value in row.values.items())
        cells = (row.document, row.dataset, row.edition, row.split, row.dialect, values)
        lines.append(f"| {' | '.join(cells)} |")
    return [*lines, ""]
