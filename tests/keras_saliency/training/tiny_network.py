"""A network of some hundred weights in the registry: `join_registry()` adds it as `tiny`.

It has what a run must keep: batch normalisation, dropout, an optimizer with moments.
"""

import sys
import types

from keras_saliency.base.card import Card, Option, Recipe

SIDE, GRID = 32, 8  # of its frame and of its map
RECIPES = {
    "quick": Recipe("tests", "MSILoss()", "Adam(learning_rate=0.01)", batch=4, epochs=2),
    "slow": Recipe("tests", "MSILoss()", "SGD(learning_rate=1e-6)"),
    "staged": Recipe(
        "tests",
        batch=4,
        mirrored=0.5,
        stages=(
            Recipe(
                "tests",
                "MSILoss()",
                "SGD(learning_rate=0.01)",
                name="last alone",
                epochs=2,
                train=("last",),
                schedule="Listed(rates=[0.01, 0.004])",
            ),
            Recipe(
                "tests",
                "OyamaKL()",
                "Adam(learning_rate=0.01)",
                name="all",
                batch=3,
                epochs=3,
                schedule="Steps(factor=0.5, every=1)",
            ),
        ),
    ),
    "game": Recipe(
        "tests",
        "SalGANContentLoss()",
        "Adam(learning_rate=0.01)",
        batch=3,
        stages=(
            Recipe(
                "tests",
                "SalGANContentLoss()",
                "Adam(learning_rate=0.01)",
                name="bootstrap",
                batch=3,
                epochs=1,
            ),
            Recipe(
                "tests",
                "SalGANContentLoss()",
                "Adam(learning_rate=0.001)",
                name="game",
                batch=3,
                epochs=3,
                game={"form": "paper", "alpha": 1},
            ),
        ),
    ),
}
CARD = Card(
    "tiny",
    "Tiny",
    "network",
    "tiny_network_of_tests:tiny",
    options={
        "width": Option(8, "channels"),
        "dropout": Option(0.25, "share"),
        "whole": Option(False, "whether its map has the frame's size and lies in 0..1"),
    },
    recipes=RECIPES,
)


def tiny(input_shape=(SIDE, SIDE), width=8, dropout=0.25, whole=False):
    from keras import layers

    from keras_saliency.base.colours import SIGNED
    from keras_saliency.base.geometry import Geometry
    from keras_saliency.base.saliency_model import Front
    from keras_saliency.models._assemble import assemble, picture_input

    picture = picture_input(input_shape, multiple=4, model="tiny")
    x = picture
    for k in (1, 2):
        x = layers.Conv2D(width, 3, 2, "same", use_bias=False, name=f"conv{k}")(x)
        x = layers.BatchNormalization(name=f"norm{k}")(x)
        x = layers.Activation("relu", name=f"relu{k}")(x)
    x = layers.Dropout(dropout, name="dropout")(x)
    x = layers.Conv2D(1, 3, padding="same", name="last")(x)
    if whole:
        x = layers.UpSampling2D(4, interpolation="bilinear", name="whole")(x)
    kind = "sigmoid" if whole else "softplus"
    x = layers.Activation(kind, dtype="float32", name="map")(x)
    return assemble("tiny", picture, x, Front(input_shape, Geometry("pad"), SIGNED))


def join_registry():
    """Make `build_model("tiny")` work in this process; the cards as they were."""
    from keras_saliency.registry import cards as registry

    module = types.ModuleType("tiny_network_of_tests")
    module.tiny = tiny
    sys.modules[module.__name__] = module
    before = registry._cards
    registry._cards = lambda: {**before(), "tiny": CARD}
    return before
