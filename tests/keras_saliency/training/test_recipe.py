import numpy as np
import pytest

pytest.importorskip("keras")

import keras

from benchmark_kit.errors import ConfigError
from keras_saliency import build_model, list_models, model_card
from keras_saliency.base.card import Card, Recipe
from keras_saliency.base.saliency_model import SaliencyModel
from keras_saliency.losses import MLNetLoss, SAMLoss
from keras_saliency.training._calls import loss_class, optimizer_class, read_call
from keras_saliency.training.recipe import compile_recipe, stages

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
    loss = read_call(found.loss, loss_class, "", more)
    assert isinstance(loss, keras.losses.Loss)
    if found.optimizer:
        made = read_call(found.optimizer, optimizer_class, "")
        assert isinstance(made, keras.optimizers.Optimizer)


def test_constants_of_a_call_arrive():
    loss = read_call("SAMLoss(kl=3, cc=-1.5, nss=0)", loss_class, "")
    assert isinstance(loss, SAMLoss)
    assert (loss.kl, loss.cc, loss.nss) == (3, -1.5, 0)


def test_the_decay_of_keras_1_divides_by_one_plus_batches():
    text = model_card("ml_net").recipes["code"].optimizer
    rate = read_call(text, optimizer_class, "")._learning_rate
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
        read_call(text, loss_class, "card, loss")
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


def test_juntingnets_paper_sets_start_labels_loss_and_rates():
    model = build_model("juntingnet_paper", recipe="paper")
    kernel, bias = model.get_layer("hidden4").get_weights()
    assert kernel.std() == pytest.approx(0.01, rel=0.05)
    assert (bias == np.float32(0.1)).all()
    (stage,) = stages(model)
    assert stage.recipe.mirrored == 0.5
    stage.apply(model)
    assert isinstance(stage.loss, keras.losses.MeanSquaredError), "labels as they are given"
    (rates,) = stage.callbacks()
    assert (rates.rate(0), rates.rate(999)) == pytest.approx((0.03, 0.0001))
    (rates,) = stage.callbacks(epochs=11)
    assert rates.rate(5) == pytest.approx((0.03 + 0.0001) / 2)


def test_juntingnets_code_scales_labels_and_moves_the_momentum():
    model = build_model("juntingnet_paper", recipe="code")
    loss = model.loss
    assert (loss.low, loss.high) == (-1, 1)
    y = np.full((1, 48, 48, 1), 0.25, np.float32)
    assert float(loss(y, np.zeros_like(y))) == pytest.approx(0.25), "(2 * .25 - 1)^2"
    assert float(model.optimizer.moving_momentum) == pytest.approx(0.9)
    unit = build_model("juntingnet_paper", label_range="unit", recipe="code")
    assert isinstance(unit.loss, keras.losses.MeanSquaredError), "the option wins"
    assert unit.recipe == "code"


def test_options_of_a_recipe_are_kept_with_the_network():
    model = build_model("ml_net_report", input_shape=(80, 80), recipe="notebook")
    assert model.entry["options"]["freeze"] == "notebook"
    assert not model.get_layer("prior").trainable
    assert type(model.optimizer).__name__ == "CoupledAdam"
    assert (model.optimizer.decay, model.loss.power) == (1e-4, 1)
    report = build_model("ml_net_report", input_shape=(80, 80), recipe="report")
    assert report.get_layer("prior").trainable
    assert type(report.optimizer).__name__ == "CoupledSGD"
    assert (report.optimizer.decay, report.loss.power) == (5e-4, 2)


def test_stages_set_what_trains_and_give_it_back():
    first = Recipe("a", "MeanSquaredError()", "SGD()", name="head", train=("new",))
    second = Recipe("a", "MeanSquaredError()", "Adam()", name="all", freeze=("frozen_bn",))
    inputs = keras.Input((4, 4, 1))
    x = keras.layers.Conv2D(1, 1, name="old")(inputs)
    x = keras.layers.BatchNormalization(name="frozen_bn")(x)
    never = keras.layers.Conv2D(1, 1, name="never", trainable=False)
    model = keras.Model(inputs, keras.layers.Conv2D(1, 1, name="new")(never(x)))
    recipes = {"paper": Recipe("a", stages=(first, second))}
    model.card = Card("small", "Small", "network", "a:b", recipes=recipes)
    told = []
    for stage in stages(model):
        assert stage.apply(model) is model
        told.append({layer.name for layer in model.layers if layer.weights and layer.trainable})
    assert told == [{"new"}, {"old", "new"}]
    assert isinstance(model.optimizer, keras.optimizers.Adam)


def test_a_network_that_build_model_did_not_make_has_no_recipes():
    picture = keras.Input((8, 8, 3))
    with pytest.raises(ConfigError, match=r"mine has no card.*build_model"):
        stages(SaliencyModel(picture, picture, name="mine"))


def test_layers_that_a_network_lacks_are_named():
    recipes = {"paper": Recipe("a", "MeanSquaredError()", "SGD()", freeze=("block1_*",))}
    with pytest.raises(ConfigError, match=r"recipe paper: .* no layer 'block1_\*'"):
        stages(small(recipes))


def test_patience_and_plateaus_become_callbacks():
    recipe = Recipe(
        "a",
        "MeanSquaredError()",
        "SGD()",
        schedule="Plateau(factor=0.5, patience=2)",
        patience=7,
        keep="best",
    )
    (stage,) = stages(small({"paper": recipe}))
    plateau, stop = stage.callbacks()
    assert (plateau.factor, plateau.patience) == (0.5, 2)
    assert (stop.patience, stop.restore_best_weights) == (7, True)


def test_salgans_game_is_a_stage_that_fits():
    model = build_model("salgan", input_shape=(64, 64), recipe="code")
    bootstrap, game = stages(model)
    assert bootstrap.apply(model) is model
    assert model.optimizer.momentum == 0.5
    learner = game.apply(model)
    assert learner.alpha == 0.05
    x = np.random.default_rng(0).random((2, 64, 64, 3)).astype("float32")
    y = np.random.default_rng(1).random((2, 64, 64, 1)).astype("float32")
    before = model.get_layer("map").get_weights()
    told = learner.fit(x, y, batch_size=1, epochs=1).history
    assert set(told) == {"discriminator", "generator"}
    assert (model.get_layer("map").get_weights()[1] != before[1]).any()
    assert not model.get_layer("block1_conv1").trainable
    for player in (learner.against, learner.discriminator):
        assert float(player.optimizer.learning_rate) == pytest.approx(3e-4)
    assert learner.against.optimizer is not learner.discriminator.optimizer
