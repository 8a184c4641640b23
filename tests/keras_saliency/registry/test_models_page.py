from pathlib import Path

from keras_saliency.base.card import Card, Option
from keras_saliency.registry.cards import FOLDERS, collect_cards
from keras_saliency.registry.models_page import measured_part, models_page, with_table

PAGE = Path(__file__).parents[2] / "docs" / "models.md"
FIX = "run python -m keras_saliency.registry.models_page"


def test_the_page_is_made_from_todays_cards():
    cards = collect_cards(FOLDERS, ())
    text = PAGE.read_text(encoding="utf-8")
    made = models_page([cards[name] for name in sorted(cards)], measured_part(text))
    assert text == made, FIX


def test_what_was_measured_stays_in_the_page():
    page = models_page([], "\n## Measured\n")
    assert measured_part(page) == "\n## Measured\n"
    assert "Named, not built" in page.partition("Measured")[2]


def test_the_readme_has_todays_table():
    cards = collect_cards(FOLDERS, ())
    text = (PAGE.parents[1] / "README.md").read_text(encoding="utf-8")
    assert text == with_table(text, [cards[name] for name in sorted(cards)]), FIX
    assert with_table(text, []).count("| `") == text.count("| `") - len(cards)


def test_a_section_says_what_a_card_holds():
    options = {"freeze": Option("none", "What stays.", ("none", "all"))}
    card = Card(
        "net", "A net", "network", "a:b", parameters=1234567, options=options, uncertain=("Bias.",)
    )
    text = models_page([card])
    assert "## Network" in text
    assert "| `net` | A net | - | 1,234,567 | map |" in text
    assert "- option `freeze='none'`: What stays.; one of 'none', 'all'" in text
    assert "- uncertain: Bias." in text
    assert "Baseline" not in text
