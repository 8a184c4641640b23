"""`docs/models.md` and the README's table, made from the cards, in place.

`python -m keras_saliency.registry.models_page` in the project's folder. What stands between the
marks of `MEASURED` in the page is kept: it was measured, and is written by hand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from keras_saliency.base.card import KINDS, Card
from keras_saliency.base.recipe_record import ALL, Recipe

HEAD = """\
# Models

Made from the models' cards; to change it, change a card and run
`python -m keras_saliency.registry.models_page`. What the training-free ones score is measured at
the end.

```python
from keras_saliency import build_model, list_models, model_card

list_models("spectral*")  # names
model_card("spectral_residual")  # everything below, as data
model = build_model("spectral_residual")
saliency = model.predict_map("photo.jpg")  # float64 (height, width) of the photo
```

`salbench list models -v` prints the same. Packages of your own join by an entry point of the group
`keras_saliency.models` whose object is the path of a card or a `keras_saliency.base.card.Card`.
"""

MEASURED = ("<!-- measured -->", "<!-- end of measured -->")
TABLE = ("<!-- models: python -m keras_saliency.registry.models_page -->", "<!-- end of models -->")

# Named in the source documents and not entries, with the reason.
TAIL = """\
## Named, not built

| model | why |
|---|---|
| DSSNet | finds salient objects, not where people look |
| Xidian, WHU IIP, LCYLab | challenge entries whose methods were never described |
| Koch and Ullman; Treisman's feature integration | theories that `itti` made into a program |
| Valenti; Kootstra; Liang and Hu; Borji; Oliva et al.; Cerf et al.; Hou et al. | named in \
passing, without a method to follow |
| MixNet; Kruthiventi et al. (eye fixation and salient objects together) | named in passing; other \
networks of their kind are entries |

Their published scores, where a document prints any, are in `salbench leaderboard`.
"""


def models_page(cards: Sequence[Card], measured: str = "") -> str:
    """The page's text: a table a kind, then one section a model, then what was measured."""
    parts = [HEAD]
    for kind in KINDS:
        mine = [card for card in cards if card.kind == kind]
        if mine:
            parts.append(f"## {kind.capitalize()}\n\n{_table(mine)}")
            parts += [_section(card) for card in mine]
    return "\n".join([*parts, f"{MEASURED[0]}{measured}{MEASURED[1]}\n", TAIL])


def _between(text: str, marks: tuple[str, str]) -> tuple[str, str, str]:
    """What stands before, between and after two marks."""
    before, _, rest = text.partition(marks[0])
    inside, _, after = rest.partition(marks[1])
    return before, inside, after


def measured_part(page: str) -> str:
    """What stands in a page between the marks of `MEASURED`."""
    return _between(page, MEASURED)[1]


def _table(cards: Sequence[Card]) -> str:
    lines = ["| name | title | year | parameters | output |", "|---|---|---|---|---|"]
    for card in cards:
        parameters = "-" if card.parameters is None else f"{card.parameters:,}"
        lines.append(
            f"| `{card.name}` | {card.title} | {card.year or '-'} | {parameters} | {card.output} |"
        )
    return "\n".join([*lines, ""])


def _section(card: Card) -> str:
    size = "any" if card.input_size is None else f"{card.input_size[0]} x {card.input_size[1]}"
    facts = {
        "authors": ", ".join(card.authors),
        "paper": card.paper,
        "named in": ", ".join(card.documents),
        "input": f"size {size}; {card.input_range}" if card.input_range else f"size {size}",
        "output stride": "" if card.output_stride is None else str(card.output_stride),
        "trainable parameters": "" if card.trainable is None else f"{card.trainable:,}",
        "exports to": ", ".join(card.exports),
        "cost": card.cost,
    }
    lines = [f"### `{card.name}`", ""]
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


def with_table(readme: str, cards: Sequence[Card]) -> str:
    """The README with its table of models made anew, between its two marks."""
    before, _, after = _between(readme, TABLE)
    lines = ["| model | | year | parameters |", "|---|---|---|---|"]
    for card in cards:
        count = "-" if card.parameters is None else f"{card.parameters:,}"
        lines.append(f"| `{card.name}` | {card.title} | {card.year or '-'} | {count} |")
    return "\n".join([f"{before}{TABLE[0]}", *lines, f"{TABLE[1]}{after}"])


if __name__ == "__main__":
    from pathlib import Path

    from keras_saliency.registry.cards import FOLDERS, collect_cards

    found = collect_cards(FOLDERS, ())
    ordered = [found[name] for name in sorted(found)]
    page, readme = Path("docs/models.md"), Path("README.md")
    measured = measured_part(page.read_text(encoding="utf-8"))
    page.write_text(models_page(ordered, measured), encoding="utf-8")
    readme.write_text(with_table(readme.read_text(encoding="utf-8"), ordered), encoding="utf-8")
