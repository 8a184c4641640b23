from pathlib import Path

from keras_saliency.base.card import Card
from keras_saliency.registry.cards import FOLDERS, collect_cards
from keras_saliency.registry.models_page import (
    family_pages,
    measured_part,
    models_page,
    with_table,
)

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "models.md"
FIX = "run python -m keras_saliency.registry.models_page"
CARDS = [card for _, card in sorted(collect_cards(FOLDERS, ()).items())]


def test_the_page_of_all_is_made_from_todays_cards():
    assert PAGE.read_text(encoding="utf-8") == models_page(CARDS), FIX


def test_the_families_pages_are_made_from_todays_cards():
    files = {path.stem: path.read_text(encoding="utf-8") for path in PAGE.with_suffix("").iterdir()}
    made = family_pages(CARDS, {key: measured_part(text) for key, text in files.items()})
    assert files == made, FIX
    assert sum(text.count("\n## `") for text in made.values()) == len(CARDS)


def test_what_was_measured_stays_in_its_page():
    card = Card("net", "A net", "training-free", "a:b")
    pages = family_pages([card], {"training_free": "\n## Measured\n"})
    assert measured_part(pages["training_free"]) == "\n## Measured\n"
    assert list(pages) == ["training_free"]


def test_the_readme_has_todays_families():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert text == with_table(text, CARDS), FIX
    assert "docs/models/" not in with_table(text, []).partition("<!-- models")[2]


def test_a_line_links_to_the_models_section():
    card = Card("net", "A net", "network", "a:b", parameters=1234567, family="recurrent")
    line = "| [`net`](models/recurrent.md#net) | A net | - | 1,234,567 | map | Recurrent networks |"
    assert line in models_page([card])
    assert "\n## `net`\n" in family_pages([card], {})["recurrent"]
