"""`docs/models.md` and the README's table, made from the cards, in place.

`python -m keras_saliency.models_page` in the project's folder. What stands between the marks of
`MEASURED` in the page is kept: it was measured, and is written by hand.
"""

from __future__ import annotations

from collections.abc import Sequence

from keras_saliency.card import KINDS, Card, Recipe

HEAD = """\
# Models

Made from the models' cards; to change it, change a card and run
`python -m keras_saliency.models_page`. What the training-free ones score is measured at the end.

```python
from keras_saliency import build_model, list_models, model_card

list_models("spectral*")  # names
model_card("spectral_residual")  # everything below, as data
model = build_model("spectral_residual")
saliency = model.predict_map("photo.jpg")  # float64 (height, width) of the photo
```

`salbench list models -v` prints the same. Packages of your own join by an entry point of the group
`keras_saliency.models` whose object is the path of a card or a `keras_saliency.card.Card`.
"""

MEASURED = ("<!-- measured -->", "<!-- end of measured -->")
TABLE = ("<!-- models: python -m keras_saliency.models_page -->", "<!-- end of models -->")

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
    lines += [f"- recipe `{name}`: {_recipe(recipe)}" for name, recipe in card.recipes.items()]
    lines += [f"- uncertain: {text}" for text in card.uncertain]
    return "\n".join([*lines, "", *_scores(card)])


def _recipe(recipe: Recipe) -> str:
    facts = [recipe.loss, recipe.optimizer, recipe.data, recipe.note]
    if recipe.batch is not None:
        facts.insert(2, f"batch {recipe.batch}")
    if recipe.epochs is not None:
        facts.insert(-2, f"{recipe.epochs} epochs")
    return "; ".join(fact for fact in facts if fact)


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

    from keras_saliency.registry import FOLDERS, collect_cards

    found = collect_cards(FOLDERS, ())
    ordered = [found[name] for name in sorted(found)]
    page, readme = Path("docs/models.md"), Path("README.md")
    measured = measured_part(page.read_text(encoding="utf-8"))
    page.write_text(models_page(ordered, measured), encoding="utf-8")
    readme.write_text(with_table(readme.read_text(encoding="utf-8"), ordered), encoding="utf-8")
