"""Recipes as data: what a base and stages state, what is refused, which one is meant."""

import pytest

from benchmark_kit.errors import ConfigError
from keras_saliency import list_models, model_card
from keras_saliency.base.card import parse_card
from keras_saliency.base.recipe_record import ALL, Recipe, choose_recipe

LEAST = 'title = "A"\nkind = "network"\nbuilder = "package.module:build"\n'
OURS = [
    (name, recipe) for name in list_models() for recipe in model_card(name).recipes
]  # of every card
TWO = """
[recipes.code]
source = "code"
loss = "A()"
optimizer = "SGD()"
batch = 4
epochs = 9
start = { trunk = "imagenet" }
from = { all = "main.py", batch = "config.py" }
open = { epochs = "not stated: ours" }

[recipes.paper]
base = "code"
source = "paper"
batch = 8
epochs = 3
start = { weights = "recipe code" }
from = { all = "paper" }

[[recipes.paper.stages]]
name = "first"
freeze = ["trunk"]

[[recipes.paper.stages]]
name = "second"
epochs = 5
"""


def recipes(text=TWO):
    return parse_card(LEAST + text, "a", "a.toml").recipes


def test_a_recipe_states_what_differs_from_its_base():
    paper = recipes()["paper"]
    assert (paper.source, paper.loss, paper.batch, paper.epochs) == ("paper", "A()", 8, 3)
    assert paper.start == {"trunk": "imagenet", "weights": "recipe code"}


def test_a_stage_states_what_differs_from_its_recipe():
    first, second = recipes()["paper"].stages
    assert (first.name, first.epochs, first.freeze, first.batch) == ("first", 3, ("trunk",), 8)
    assert (second.name, second.epochs, second.freeze) == ("second", 5, ())
    assert first.stages == ()


def test_what_is_stated_anew_comes_from_elsewhere():
    paper = recipes()["paper"]
    assert paper.origins == {ALL: "paper"}, "its batch is not config.py's"
    assert paper.open == {}, "its epochs are stated"
    code = recipes()["code"]
    assert code.origins["batch"] == "config.py"
    assert code.open == {"epochs": "not stated: ours"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[recipes.a]\nloss = 'A()'", "recipes.a: source is missing"),
        ("[recipes.a]\nsource = 'b'\nrate = 1", "recipes.a: unknown key 'rate'; known are source"),
        ("[recipes.a]\nsource = 'b'\nbatch = 0", "recipes.a: batch: expected a number above 0"),
        ("[recipes.a]\nbase = 'b'", "recipes.a: base 'b' is no recipe before it"),
        ("[recipes.a]\nsource = 'b'\nmirrored = 2", "mirrored: expected a share in 0..1"),
        ("[recipes.a]\nsource = 'b'\nframe = [1]", r"frame: expected \[height, width\]"),
        ("[recipes.a]\nsource = 'b'\nlabels = { range = [1, 0] }", "labels: expected a table"),
        ("[recipes.a]\nsource = 'b'\nlabels = { sigma = 3 }", "labels: expected a table"),
        ("[recipes.a]\nsource = 'b'\nkeep = 'all'", "keep: expected one of best, last"),
        ("[recipes.a]\nsource = 'b'\nfrom = { loses = 'x' }", "from: expected a table of field"),
        ("[recipes.a]\nsource = 'b'\n[[recipes.a.stages]]\nbatch = 1", r"stages\[0\]: name is"),
        (
            "[recipes.a]\nsource = 'b'\n[[recipes.a.stages]]\nname = 'c'\ndecay = 'x'",
            r"recipes.a.stages\[0\]: decay: expected a number",
        ),
        ("[recipes]\na = 3", "recipes: expected tables"),
    ],
)
def test_what_is_wrong_is_named_with_its_recipe(text, says):
    with pytest.raises(ConfigError, match=says):
        recipes(text)


def options(**given):
    return Recipe("a", options=given)


CARD = {
    "step1": options(transfer=False, direct=False),
    "step2": Recipe("a", base="step1", options={"transfer": True, "direct": False}),
    "direct": Recipe("a", base="step1", options={"transfer": False, "direct": True}),
    "longer": Recipe("a", base="direct", options={"transfer": False, "direct": True}),
    "code": Recipe("b", base="direct", options={"transfer": True, "direct": True}),
}


@pytest.mark.parametrize(
    ("name", "given", "wanted"),
    [
        (None, {}, "step1"),
        ("step1", {}, "step1"),
        ("step1", {"transfer": True}, "step2"),
        ("step1", {"direct": True}, "direct"),
        ("longer", {"direct": True}, "longer"),
        ("step1", {"encoder": "vgg16"}, "step1"),
        ("step1", {"transfer": True, "direct": True}, "step1"),  # the code is another source
        ("step2", {"direct": True}, "step2"),
    ],
)
def test_options_choose_among_the_recipes_that_stand_on_one(name, given, wanted):
    assert choose_recipe(CARD, name, given, "net") == wanted


def test_an_unknown_recipe_is_told():
    with pytest.raises(ConfigError, match="net has no recipe 'mine'; its card has: step1, step2"):
        choose_recipe(CARD, "mine", {}, "net")


@pytest.mark.parametrize(("name", "recipe"), OURS)
def test_every_constant_of_every_card_says_where_it_comes_from(name, recipe):
    whole = model_card(name).recipes[recipe]
    for part in whole.stages or (whole,):
        told = {*part.origins, *part.open}
        untold = [] if ALL in told else [key for key in part.stated() if key not in told]
        assert not untold, (part.name, untold)


@pytest.mark.parametrize(("name", "recipe"), OURS)
def test_every_recipe_builds_with_options_that_its_card_has(name, recipe):
    card = model_card(name)
    for option, value in card.recipes[recipe].options.items():
        assert option in card.options, option
        choices = card.options[option].choices
        assert not choices or value in choices, (option, value)
