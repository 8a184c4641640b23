import pytest

from benchmark_kit.errors import ConfigError
from keras_saliency.base.card import Option, Weights, parse_card, read_card

LEAST = 'title = "A"\nkind = "network"\nbuilder = "package.module:build"\n'


def test_least_card():
    card = parse_card(LEAST, "a", "a.toml")
    assert (card.name, card.title, card.kind, card.output) == ("a", "A", "network", "map")
    assert card.year is None
    assert card.options == {}


def test_full_card_has_its_types():
    card = parse_card(
        LEAST
        + 'authors = ["B", "C"]\nyear = 2007\ninput_size = [240, 320]\nparameters = 7\n'
        + '[options.freeze]\ndefault = "none"\nhelp = "What stays."\nchoices = ["none", "all"]\n'
        + '[weights.ours]\nsource = "made by us"\n',
        "a",
        "a.toml",
    )
    assert card.authors == ("B", "C")
    assert card.input_size == (240, 320)
    assert card.options["freeze"] == Option("none", "What stays.", ("none", "all"))
    assert card.weights["ours"] == Weights("made by us")


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ('colour = "red"', "colour: unknown key"),
        ("year = 7", "year: expected a year, found 7"),
        ("year = true", "year: expected"),
        ("authors = 'one'", "authors: expected a list of texts"),
        ("input_size = [1, 2, 3]", r"input_size: expected \[height, width\]"),
        ("parameters = -1", "parameters: expected"),
        ('output = "picturesque"', "output: expected one of map"),
        ("[options.freeze]\ndefault = 1", "options: expected"),
        ("[options.freeze]\nhelp = 'a'\nhint = 'b'", "options: expected"),
        ("[weights.ours]\nurl = 'a'", "weights: expected"),
    ],
)
def test_a_wrong_key_is_named(line, found):
    with pytest.raises(ConfigError, match=found):
        parse_card(f"{LEAST}{line}\n", "a", "a.toml")


def test_everything_wrong_is_said_at_once():
    with pytest.raises(ConfigError) as caught:
        parse_card('kind = "oracle"\nbuilder = "no colon"\ncolour = 1\n', "a", "there/a.toml")
    text = str(caught.value)
    for part in ("there/a.toml", "title: is missing", "kind: expected", "builder: ", "colour: "):
        assert part in text


def test_files_that_are_no_cards(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        read_card(tmp_path / "absent.toml")
    path = tmp_path / "broken.toml"
    for content in ("title = ", "year = " + "9" * 5000, "authors = " + "[" * 100_000):
        path.write_text(content)
        with pytest.raises(ConfigError, match=r"broken\.toml cannot be used: not a readable TOML"):
            read_card(path)
