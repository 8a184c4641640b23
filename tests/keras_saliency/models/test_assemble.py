"""Sizes that networks cannot take, and the model that is put together."""

import keras
import pytest

from benchmark_kit.errors import ConfigError
from keras_saliency.models._assemble import assemble, picture_input


@pytest.mark.parametrize(
    ("size", "rules", "message"),
    [
        ((8, 64), {"multiple": 8, "least": 16}, r"multiples of 8, 16 or more.*\(16, 64\)"),
        ((100, 90), {"multiple": 32, "least": 32}, r"multiples of 32, 32 or more.*\(96, 96\)"),
        ((3, 90), {"least": 16}, r"sides, 16 or more; got 3x90.*\(16, 90\)"),
        ((90, 20), {"multiple": 32, "least": 50}, r"\(96, 64\)"),
    ],
)
def test_a_size_that_does_not_fit_gets_the_nearest_that_does(size, rules, message):
    with pytest.raises(ConfigError, match=message):
        picture_input(size, model="some_net", **rules)


def test_the_advice_is_a_size_that_is_taken():
    with pytest.raises(ConfigError) as caught:
        picture_input((7, 1001), multiple=16, least=48, model="some_net")
    advice = str(caught.value).split("input_shape=")[1]
    sides = tuple(int(side) for side in advice.strip("()").split(","))
    assert picture_input(sides, multiple=16, least=48, model="some_net").shape == (None, *sides, 3)


def test_a_model_carries_its_front_and_trunks():
    picture = picture_input((4, 6), model="some_net")
    model = assemble("some_net", picture, keras.layers.ReLU()(picture), None, ["trunk"])
    assert (model.name, model.front, model.trunks) == ("some_net", None, ["trunk"])
    assert model.random_weights
