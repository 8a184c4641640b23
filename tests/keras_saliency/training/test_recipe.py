import numpy as np
import pytest

pytest.importorskip("keras")

import keras

from benchmark_kit.errors import ConfigError
from keras_saliency import build_model, list_models, model_card
from keras_saliency.card import Card, Recipe
from keras_saliency.losses import MLNetLoss, SAMLoss
from keras_saliency.training.recipe import (
    _loss_class,
    _optimizer_class,
    compile_recipe,
    read_call,
)

RECIPES = [  # those of estimators say how fit learns
    (name, recipe)
    for name in list_models()
    if model_card(name).kind != "estimator"
    for recipe in model_card(name).recipes
]


def small(recipes):
    inputs = keras.Input((4, 4, 1))
    model = keras.Model(inputs, keras.layers.Conv2D(1, 1, activation="sigmoid")(inputs))
    model.card = Card("small", "Small", "network", "a:b", recipes=recipes)
    return model


@pytest.mark.parametrize(("name", "recipe"), RECIPES)
def test_loss_and_optimizer_of_every_card_can_be_made(name, recipe):
    found = model_card(name).recipes[recipe]
    more = {"features": lambda x: [x]} if "PConv" in found.loss else {}
    loss = read_call(found.loss, _loss_class, "", more)
    assert isinstance(loss, keras.losses.Loss)
    if found.optimizer:
        made = read_call(found.optimizer, _optimizer_class, "")
        assert isinstance(made, keras.optimizers.Optimizer)


def test_constants_of_a_call_arrive():
    loss = read_call("SAMLoss(kl=3, cc=-1.5, nss=0)", _loss_class, "")
    assert isinstance(loss, SAMLoss)
    assert (loss.kl, loss.cc, loss.nss) == (3, -1.5, 0)


def test_the_decay_of_keras_1_divides_by_one_plus_batches():
    text = model_card("ml_net").recipes["code"].optimizer
    rate = read_call(text, _optimizer_class, "")._learning_rate
    assert float(rate(0)) == pytest.approx(1e-3)
    assert float(rate(3000)) == pytest.approx(1e-3 / (1 + 5e-4 * 3000))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("NoSuchLoss()", "unknown name 'NoSuchLoss'"),
        ("__import__('os').system('true')", "cannot be made"),
        ("SAMLoss(3)", "keyword"),
        ("SAMLoss(kl=open('x'))", "keyword"),
        ("SAMLoss(kl=x)", "cannot be made"),
        ("SAMLoss(weight=1)", "weight"),
        ("SAMLoss(", "cannot be made"),
        ("SAMLoss", "cannot be made"),
        ("PConvLoss()", "features"),
    ],
)
def test_anything_but_a_known_call_with_constants_is_refused(text, says):
    with pytest.raises(ConfigError, match="card, loss") as refused:
        read_call(text, _loss_class, "card, loss")
    assert says in str(refused.value)


def test_a_recipe_is_compiled_and_learns():
    model = small({"paper": Recipe("paper", "MLNetLoss(alpha=1.2, power=2)", "Adam()")})
    loss = compile_recipe(model)
    assert isinstance(loss, MLNetLoss)
    assert (loss.alpha, loss.power) == (1.2, 2)
    x = np.random.default_rng(0).random((2, 4, 4, 1)).astype("float32")
    wanted = float(np.mean(np.asarray(loss(x, model(x)))))
    assert float(model.train_on_batch(x, x)) == pytest.approx(wanted, rel=1e-5)


def test_the_first_recipe_is_the_default_and_another_can_be_named():
    recipes = {
        "code": Recipe("code", "MLNetLoss(power=1)", "SGD()"),
        "paper": Recipe("paper", "MLNetLoss(power=2)", "SGD()"),
    }
    assert compile_recipe(small(recipes)).power == 1
    assert compile_recipe(small(recipes), "paper").power == 2
    with pytest.raises(ConfigError, match="no recipe 'thesis'; its card has: code, paper"):
        compile_recipe(small(recipes), "thesis")


def test_what_a_recipe_does_not_state_must_be_given():
    model = small({"paper": Recipe("paper", "MLNetLoss()")})
    with pytest.raises(ConfigError, match="states no optimizer"):
        compile_recipe(model)
    compile_recipe(model, optimizer="adam")
    assert isinstance(model.optimizer, keras.optimizers.Adam)
    with pytest.raises(ConfigError, match="states no loss"):
        compile_recipe(small({"paper": Recipe("paper")}))
    with pytest.raises(ConfigError, match="its card has: none"):
        compile_recipe(small({}))


def test_build_model_compiles_the_recipe_it_is_asked_for():
    model = build_model("ml_net", input_shape=(80, 80), recipe="paper")
    assert model.loss.power == 2
    assert float(model.optimizer.momentum) == 0.9
    assert "recipe" not in model.entry["options"]
    with pytest.raises(ConfigError, match="recipe"):
        build_model("spectral_residual", recipe="paper")
    with pytest.raises(ConfigError, match="code, paper"):
        build_model("ml_net", input_shape=(80, 80), recipe="mine")


def test_every_output_gets_the_loss():
    model = build_model("dva", input_shape=(32, 32))
    compile_recipe(model, optimizer="sgd")
    assert set(model.loss) == {"side1", "side2", "side3", "map"}
