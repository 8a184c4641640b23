"""`docs/models.md`, a page a family and the README's table, made from the cards, in place.

`python -m keras_saliency.registry.models_page` in the project's folder. What stands between the
marks of `MEASURED` in a family's page is kept: it was measured, and is written by hand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from keras_saliency.base.card import Card
from keras_saliency.registry.card_section import card_section
from keras_saliency.registry.families import FAMILIES, family_of

HEAD = """\
# Models

`saliency_lite` is the default: it comes trained, in the wheel, and runs without Keras
([saliency_lite.md](saliency_lite.md)). `salbench list models` lists all, `-v` prints their cards.

```python
from keras_saliency import build_model, list_models, model_card

list_models("spectral*")  # names
model_card("spectral_residual")  # everything that the pages below say, as data
model = build_model("spectral_residual")
saliency = model.predict_map("photo.jpg")  # float64 (height, width) of the photo
```

Packages of your own join by an entry point of the group `keras_saliency.models` whose object is the
path of a card or a `keras_saliency.base.card.Card`.

These pages are made from the models' cards; to change them, change a card and run
`python -m keras_saliency.registry.models_page`.
"""

LEADS = """\
[All models](../models.md). What a [dialect](../glossary.md#dialect) and a \
[tap](../glossary.md#tap) are is in the glossary."""
MEASURED = ("<!-- measured -->", "<!-- end of measured -->")
TABLE = ("<!-- models: python -m keras_saliency.registry.models_page -->", "<!-- end of models -->")

# Named in the source documents beside the entries.
TAIL = """\
## Other names in the documents

| name | what it is |
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


def models_page(cards: Sequence[Card]) -> str:
    """The page of all models: their families, then a line a model that links to its section."""
    lines = [
        "| name | | year | parameters | output | family |",
        "|---|---|---|---|---|---|",
    ]
    for card in cards:
        key = family_of(card)
        cells = (
            f"[`{card.name}`](models/{key}.md#{card.name})",
            card.title,
            str(card.year or "-"),
            "-" if card.parameters is None else f"{card.parameters:,}",
            card.output,
            FAMILIES[key].title,
        )
        lines.append(f"| {' | '.join(cells)} |")
    families = _families(cards, "models/")
    return "\n".join([HEAD, "## Families", "", *families, "", "## All", "", *lines, "", TAIL])


def family_pages(cards: Sequence[Card], kept: Mapping[str, str]) -> dict[str, str]:
    """The pages of the families, one section a model and then what was measured.

    Args:
        cards: of all models.
        kept: family -> the text between the marks of its present page.

    Returns:
        family -> text, of those that have models.
    """
    pages = {}
    for key, family in FAMILIES.items():
        mine = [card for card in cards if family_of(card) == key]
        if not mine:
            continue
        named = ", ".join(f"[`{card.name}`](#{card.name})" for card in mine)
        parts = [
            f"# {family.title}\n\nThey {family.line}. {LEADS}\n\n{named}\n",
            *map(card_section, mine),
        ]
        if kept.get(key):
            parts.append(f"{MEASURED[0]}{kept[key]}{MEASURED[1]}\n")
        pages[key] = "\n".join(parts)
    return pages


def measured_part(page: str) -> str:
    """What stands in a page between the marks of `MEASURED`."""
    return _between(page, MEASURED)[1]


def with_table(readme: str, cards: Sequence[Card]) -> str:
    """The README with its table of families made anew, between its two marks."""
    before, _, after = _between(readme, TABLE)
    return "\n".join(
        [f"{before}{TABLE[0]}", *_families(cards, "docs/models/"), f"{TABLE[1]}{after}"]
    )


def _families(cards: Sequence[Card], folder: str) -> list[str]:
    """A table of the families that have models."""
    lines = ["| family | models | they |", "|---|---:|---|"]
    for key, family in FAMILIES.items():
        if count := sum(family_of(card) == key for card in cards):
            lines.append(f"| [{family.title}]({folder}{key}.md) | {count} | {family.line} |")
    return lines


def _between(text: str, marks: tuple[str, str]) -> tuple[str, str, str]:
    """What stands before, between and after two marks."""
    before, _, rest = text.partition(marks[0])
    inside, _, after = rest.partition(marks[1])
    return before, inside, after


if __name__ == "__main__":
    from pathlib import Path

    from keras_saliency.registry.cards import FOLDERS, collect_cards

    found = collect_cards(FOLDERS, ())
    ordered = [found[name] for name in sorted(found)]
    page, readme = Path("docs/models.md"), Path("README.md")
    folder = page.with_suffix("")
    folder.mkdir(exist_ok=True)
    old = {path.stem: path.read_text(encoding="utf-8") for path in folder.glob("*.md")}
    made = family_pages(ordered, {key: measured_part(text) for key, text in old.items()})
    for key, text in made.items():
        (folder / f"{key}.md").write_text(text, encoding="utf-8")
    for key in old.keys() - made.keys():
        (folder / f"{key}.md").unlink()
    page.write_text(models_page(ordered), encoding="utf-8")
    readme.write_text(with_table(readme.read_text(encoding="utf-8"), ordered), encoding="utf-8")
