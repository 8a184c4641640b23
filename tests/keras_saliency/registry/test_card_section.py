from keras_saliency.base.card import Card, Option, Scores
from keras_saliency.registry.card_section import card_section


def test_a_section_says_what_a_card_holds():
    card = Card(
        "net",
        "A net",
        "network",
        "a:b",
        year=2016,
        input_size=(480, 640),
        smallest_size=(32, 32),
        input_range="RGB",
        options={"freeze": Option("none", "What stays.", ("none", "all"))},
        scores=(Scores("paper, table 1", "MIT300", "legacy", "test", "mit", {"nss": 2.0}),),
        uncertain=("Bias.",),
    )
    text = card_section(card)
    assert text.startswith("## `net`\n\nA net, 2016.\n")
    assert "- input: size 480 x 640 (at least 32 x 32); RGB" in text
    assert "- option `freeze='none'`: What stays.; one of 'none', 'all'" in text
    assert "- uncertain: Bias." in text
    assert "| paper, table 1 | MIT300 | legacy | test | mit | nss 2 |" in text


def test_what_a_card_does_not_say_is_left_out():
    lines = card_section(Card("net", "A net", "network", "a:b")).split("\n")
    assert lines == [
        *("## `net`", "", "A net.", ""),
        *("- kind: network", "- input: size any", "- output: map", ""),
    ]
