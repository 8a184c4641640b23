"""Recipes: how a model was trained, as data of its card.

A recipe sets everything that training needs together: the options that the network is built with,
how its weights start, labels, frame, loss, optimizer, schedule, decay, batch and stages. It says of
every constant where it comes from (`from`), or that the source leaves it open and what is done then
(`open`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from benchmark_kit.errors import ConfigError

ALL = "all"  # in `from` and `open`: every constant that is not named there
KEEP = ("best", "last")


@dataclass(frozen=True)
class Recipe:
    """How a model was trained, as one source says; of a stage, what holds in that stage.

    Args:
        source: `"paper"`, `"code"`, or a word for another source.
        loss: what was minimised, as a call: `"SAMLoss(kl=10, cc=-2, nss=-1)"`, of this package or
            of Keras.
        optimizer: with its constants, as a call of Keras or of this package; empty where the source
            states none.
        batch: images a step, or None where it is not known.
        epochs: how many, or None.
        data: what it was trained on, in order.
        note: what else matters.
        base: another recipe of the card, whose fields hold where this one states none. Of the same
            source it stands for its base where options are asked for that the base does not have.
        name: of a stage.
        options: keyword arguments of the builder.
        start: how weights begin: `layers` (initialisers), `trunk` (what the trunk was trained on),
            `weights` (the recipe whose network it goes on from), in words.
        labels: `range` [low, high] that maps of 0..1 are scaled to; `sigma_deg` or `sigma_px` of
            the Gaussian that fixations are blurred by, where it is not the data set's own.
        frame: (height, width), where it is not the card's.
        schedule: of the learning rate over the epochs, as a call: `"Steps(factor=0.1, every=5)"`.
        decay: weight decay in the gradient: decay times the weight is added to it.
        spared: patterns of the paths of weights that do not decay.
        faster: pattern of paths -> factor of the learning rate.
        steps: batches, where the source counts them instead of epochs.
        validation_every: epochs from one validation to the next.
        patience: validations without a better one after which training stops, or None.
        keep: whether the `"best"` weights by validation are kept or the `"last"`; empty: not said.
        mirrored: share of the pictures that are mirrored, with their maps.
        folds: of cross-validation, each trained on all others, or None.
        train: patterns of the layers that train, of those that the builder leaves trainable;
            `"trunk"` is all of the trunks. Empty: all of them.
        freeze: patterns of layers that do not train.
        game: where a discriminator is trained against the network: its `form` and `alpha`, the
            weight of the loss beside it.
        stages: what follows one another, each with what differs from the recipe.
        origins: field -> where it is stated; in a card the key is `from`.
        open: field -> what the source leaves open, and what is done here.
    """

    source: str
    loss: str = ""
    optimizer: str = ""
    batch: int | None = None
    epochs: int | None = None
    data: str = ""
    note: str = ""
    base: str = ""
    name: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    start: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, Any] = field(default_factory=dict)
    frame: tuple[int, int] | None = None
    schedule: str = ""
    decay: float = 0.0
    spared: tuple[str, ...] = ()
    faster: Mapping[str, float] = field(default_factory=dict)
    steps: int | None = None
    validation_every: int = 1
    patience: int | None = None
    keep: str = ""
    mirrored: float = 0.0
    folds: int | None = None
    train: tuple[str, ...] = ()
    freeze: tuple[str, ...] = ()
    game: Mapping[str, Any] = field(default_factory=dict)
    stages: tuple[Recipe, ...] = ()
    origins: Mapping[str, str] = field(default_factory=dict)
    open: Mapping[str, str] = field(default_factory=dict)

    def stated(self) -> tuple[str, ...]:
        """Names of the fields that hold constants of training, in order."""
        quiet = {"source", "base", "name", "note", "stages", "origins", "open"}
        plain = {f.name: f.default for f in fields(Recipe)}
        return tuple(
            f.name
            for f in fields(Recipe)
            if f.name not in quiet
            and (value := getattr(self, f.name)) != plain[f.name]
            and value not in ((), {}, None)
        )


def _text(value: Any) -> bool:
    return isinstance(value, str) and value.strip() != ""


def _texts(value: Any) -> bool:
    return isinstance(value, list) and len(value) > 0 and all(map(_text, value))


def _count(value: Any) -> bool:
    return type(value) is int and value > 0


def _number(value: Any) -> bool:
    return type(value) in (int, float) and value >= 0


def _table(keys: tuple[str, ...] | None, check: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: (
        isinstance(value, dict)
        and len(value) > 0
        and (keys is None or set(value) <= set(keys))
        and all(map(check, value.values()))
    )


def _labels(value: Any) -> bool:
    if not _table(("range", "sigma_deg", "sigma_px"), lambda _: True)(value):
        return False
    span = value.get("range", [0, 1])
    widths = [value[key] for key in ("sigma_deg", "sigma_px") if key in value]
    numbers = (
        isinstance(span, list) and len(span) == 2 and all(type(v) in (int, float) for v in span)
    )
    return numbers and span[0] < span[1] and all(map(_number, widths))


_WORDS = _table(tuple({f.name for f in fields(Recipe)} | {ALL}), _text)
# key: (what it must be, check)
RULES: dict[str, tuple[str, Callable[[Any], bool]]] = {
    **dict.fromkeys(("source", "loss", "optimizer", "data", "note", "base"), ("a text", _text)),
    **dict.fromkeys(("name", "schedule"), ("a text", _text)),
    **dict.fromkeys(
        ("batch", "epochs", "steps", "validation_every", "patience", "folds"),
        ("a number above 0", _count),
    ),
    "options": ("a table of the builder's options", _table(None, lambda _: True)),
    "start": (
        "a table of layers, trunk, weights",
        _table(("layers", "trunk", "weights"), _text),
    ),
    "labels": ("a table of range = [low, high], sigma_deg, sigma_px", _labels),
    "frame": (
        "[height, width]",
        lambda value: isinstance(value, list) and len(value) == 2 and all(map(_count, value)),
    ),
    "decay": ("a number", _number),
    "spared": ("a list of patterns", _texts),
    "faster": ("a table of pattern = factor", _table(None, _number)),
    "keep": (f"one of {', '.join(KEEP)}", lambda value: value in KEEP),
    "mirrored": ("a share in 0..1", lambda value: _number(value) and value <= 1),
    "train": ("a list of patterns", _texts),
    "freeze": ("a list of patterns", _texts),
    "game": ("a table of form, alpha", _table(("form", "alpha"), lambda _: True)),
    "from": ("a table of field = where it is stated", _WORDS),
    "open": ("a table of field = what is left open", _WORDS),
}


def read_recipes(tables: Any) -> tuple[dict[str, Recipe], list[str]]:
    """Recipes of a card from its tables, and what is wrong with them, one line each.

    Args:
        tables: name -> table, as TOML gives them.
    """
    if not isinstance(tables, dict) or not all(isinstance(t, dict) for t in tables.values()):
        return {}, [f"recipes: expected tables [recipes.NAME], found {tables!r}"]
    wrong: list[str] = []
    found: dict[str, Recipe] = {}
    for name, table in tables.items():
        if "source" not in table and "base" not in table:
            wrong.append(f"recipes.{name}: source is missing")
        base = table.get("base")
        if base is not None and base not in found:
            wrong.append(f"recipes.{name}: base {base!r} is no recipe before it")
            continue
        stages = table.get("stages", [])
        if not isinstance(stages, list) or not all(isinstance(stage, dict) for stage in stages):
            wrong.append(f"recipes.{name}: stages: expected tables [[recipes.{name}.stages]]")
            continue
        own = {key: value for key, value in table.items() if key != "stages"}
        problems = _problems(own, f"recipes.{name}")
        for k, stage in enumerate(stages):
            problems += _problems(stage, f"recipes.{name}.stages[{k}]")
            if "name" not in stage:
                problems.append(f"recipes.{name}.stages[{k}]: name is missing")
        wrong += problems
        if not problems:
            start = found[base] if base else Recipe("")
            whole = _merged(start, own)
            if stages:
                parts = tuple(_merged(replace(whole, stages=()), stage) for stage in stages)
                whole = replace(whole, stages=parts)
            found[name] = whole
    return found, wrong


def _problems(table: Mapping[str, Any], where: str) -> list[str]:
    wrong = []
    for key, value in table.items():
        if key not in RULES:
            wrong.append(f"{where}: unknown key {key!r}; known are {', '.join(RULES)}, stages")
        elif not RULES[key][1](value):
            wrong.append(f"{where}: {key}: expected {RULES[key][0]}, found {value!r}")
    return wrong


def _merged(recipe: Recipe, table: Mapping[str, Any]) -> Recipe:
    """The recipe with a table's values; tables inside are joined: a stage states what differs."""
    # a constant that is stated anew no longer comes from where the old one did
    anew = {key for key in table if key in recipe.stated()}
    before = replace(
        recipe,
        origins={key: text for key, text in recipe.origins.items() if key not in anew},
        open={key: text for key, text in recipe.open.items() if key not in anew},
    )
    values: dict[str, Any] = {}
    for key, value in table.items():
        name = "origins" if key == "from" else key
        if isinstance(value, dict):
            values[name] = {**getattr(before, name), **value}
        else:
            values[name] = tuple(value) if isinstance(value, list) else value
    return replace(before, **values)


def choose_recipe(
    recipes: Mapping[str, Recipe], name: str | None, options: Mapping[str, Any], model: str
) -> str:
    """Name of the recipe that is meant.

    Options that a user gives win over those of the recipe, unless the same source has a recipe that
    is based on it and made for them: then that one is meant. So `recipe="thesis", direct=True` is
    the thesis' recipe for `direct=True`.

    Args:
        recipes: of a card.
        name: the one asked for; None: the first.
        options: that the builder is given, or was given.
        model: the card's name, for the message.

    Raises:
        ConfigError: no such recipe.
    """
    name = name or next(iter(recipes), "")
    if name not in recipes:
        known = ", ".join(recipes) or "none"
        raise ConfigError(f"{model} has no recipe {name!r}; its card has: {known}")
    if _agrees(recipes[name], options):
        return name
    for other, recipe in recipes.items():
        same = recipe.source == recipes[name].source and name in _bases(recipes, recipe)
        if same and _agrees(recipe, options):
            return other
    return name


def _agrees(recipe: Recipe, options: Mapping[str, Any]) -> bool:
    return all(recipe.options.get(key, value) == value for key, value in options.items())


def _bases(recipes: Mapping[str, Recipe], recipe: Recipe) -> list[str]:
    found = []
    while recipe.base:
        found.append(recipe.base)
        recipe = recipes[recipe.base]
    return found
