"""Cards: what is known of a model, as data beside its code.

A card is a TOML file named after its model. Listing models reads cards only; the builder that a
card names as `module:function` is imported when the model is built. A key that is not in `RULES` is
refused, so a misspelt one cannot pass unnoticed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmark_kit.containers.damage import DamagedFile
from benchmark_kit.containers.text import parse_toml
from benchmark_kit.errors import ConfigError
from benchmark_kit.html_table import html_table
from keras_saliency.base.recipe_record import Recipe, read_recipes

KINDS = (
    "network",
    "probabilistic network",
    "ensemble",
    "inpainter",
    "estimator",
    "training-free",
    "baseline",
)
TRAINING_STATES = ("trained", "untrained", "nothing to learn")
OUTPUTS = ("map", "log density", "error maps", "picture")


@dataclass(frozen=True)
class Option:
    """A keyword argument of a model's builder.

    Args:
        default: its default; None where the card states none.
        help: one line for people.
        choices: the values it may have; empty: any.
    """

    default: Any = None
    help: str = ""
    choices: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Weights:
    """A set of weights that `weights=` knows by name.

    Args:
        source: where the file comes from.
        sha256: its checksum in hexadecimal digits.
        terms: licence or terms of use.
    """

    source: str
    sha256: str = ""
    terms: str = ""


@dataclass(frozen=True)
class Scores:
    """One row of a published table.

    Args:
        document: where it is printed, with the table.
        dataset: the data set.
        edition: of the data or of the board.
        split: part of the data set.
        dialect: the convention that the numbers most probably belong to, or `"unknown"`.
        values: metric -> value as printed.
    """

    document: str
    dataset: str
    edition: str
    split: str
    dialect: str
    values: Mapping[str, float]


@dataclass(frozen=True)
class Card:
    """What is known of one model.

    Args:
        name: what `build_model` takes; the stem of the card's file.
        title: name for people.
        kind: one of `KINDS`; says which calls the model has.
        family: page of the documents that it stands on, one of `registry.families.FAMILIES`; empty:
            that of its kind.
        builder: `module:function` that returns the model.
        without_keras: the same for the plain installation, or empty.
        classes: Keras classes in the builder's module that saved files may hold.
        authors: of the paper.
        paper: title, place and identifier of the publication.
        year: of the publication.
        documents: texts of this project's field that name the model.
        input_size: (height, width) that a network works at, or None: any size.
        smallest_size: smallest (height, width) that a network is built for; None: 16 x 16 or less.
        input_range: values the model takes, in words.
        output: one of `OUTPUTS`.
        output_stride: input pixels per pixel of the raw output, or None.
        parameters: number of weights with default options, or None.
        trainable: how many of them training changes, or None.
        options: keyword arguments of the builder by name.
        weights: sets of weights by name.
        starts_anew: layers that a file of its weights may lack, because a recipe puts them on a
            network that was trained before.
        recipes: how it was trained, by name; where paper and code differ, both.
        scores: what was published for it.
        comes_trained: where weights that it learned come from, in words; empty: it comes without.
        exports: formats that it was exported to and compared in, such as `"onnx"`.
        seconds: of one processor core for the map of a picture of 640x480, or None.
        cost: time or memory of one prediction, in words, as measured.
        uncertain: what could not be verified against the original, one sentence each.
        origin: where the card was read, for messages.
    """

    name: str
    title: str
    kind: str
    builder: str
    family: str = ""
    without_keras: str = ""
    classes: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    paper: str = ""
    year: int | None = None
    documents: tuple[str, ...] = ()
    input_size: tuple[int, int] | None = None
    smallest_size: tuple[int, int] | None = None
    input_range: str = ""
    output: str = "map"
    output_stride: int | None = None
    parameters: int | None = None
    trainable: int | None = None
    options: Mapping[str, Option] = field(default_factory=dict)
    weights: Mapping[str, Weights] = field(default_factory=dict)
    starts_anew: tuple[str, ...] = ()
    recipes: Mapping[str, Recipe] = field(default_factory=dict)
    scores: tuple[Scores, ...] = ()
    comes_trained: str = ""
    exports: tuple[str, ...] = ()
    seconds: float | None = None
    cost: str = ""
    uncertain: tuple[str, ...] = ()
    origin: str = ""

    @property
    def training_state(self) -> str:
        """Whether the model has learned what it can, in a word or two: one of
        `TRAINING_STATES`.
        """
        if self.kind in ("training-free", "baseline"):
            return "nothing to learn"
        return "trained" if self.comes_trained else "untrained"

    def _repr_html_(self) -> str:
        facts = {
            "kind": self.kind,
            "parameters": "" if self.parameters is None else f"{self.parameters:,}",
            "weights": f"{self.training_state} {self.comes_trained}".strip(),
            "authors": ", ".join(self.authors),
            "paper": self.paper,
            "input": self.input_range,
            "output": self.output,
            "cost": self.cost,
        }
        options = [
            (name, "" if option.default is None else str(option.default), option.help)
            for name, option in self.options.items()
        ]
        return html_table(
            ("option", "default", "") if options else (),
            options,
            [(label, text) for label, text in facts.items() if text],
            [f"uncertain: {text}" for text in self.uncertain],
            f"{self.title} ({self.name})",
        )


def _text(value: Any) -> bool:
    return isinstance(value, str) and value.strip() != ""


def _count(value: Any) -> bool:
    return type(value) is int and value >= 0


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(_text, value))


def _size(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 2
        and all(_count(side) and side > 0 for side in value)
    )


def _builder(value: Any) -> bool:
    return _text(value) and value.count(":") == 1 and all(value.split(":"))


def _records(
    keys: Mapping[str, Callable[[Any], bool]], needed: tuple[str, ...]
) -> Callable[[Any], bool]:
    def holds(value: Any) -> bool:
        return isinstance(value, dict) and all(
            isinstance(record, dict)
            and set(needed) <= set(record) <= set(keys)
            and all(keys[key](record[key]) for key in record)
            for record in value.values()
        )

    return holds


_OPTION_KEYS: dict[str, Callable[[Any], bool]] = {
    "default": lambda value: True,
    "help": _text,
    "choices": lambda value: isinstance(value, list) and len(value) > 0,
}
_WEIGHTS_KEYS: dict[str, Callable[[Any], bool]] = {"source": _text, "sha256": _text, "terms": _text}

_SCORES_KEYS = ("document", "dataset", "edition", "split", "dialect")


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _scores(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(row, dict)
        and set(row) == {*_SCORES_KEYS, "values"}
        and all(_text(row[key]) for key in _SCORES_KEYS)
        and isinstance(row["values"], dict)
        and all(isinstance(number, int | float) for number in row["values"].values())
        for row in value
    )


# key: (what it must be, check, cast)
RULES: dict[str, tuple[str, Callable[[Any], bool], Callable[[Any], Any]]] = {
    "title": ("a text", _text, str),
    "kind": (f"one of {', '.join(KINDS)}", lambda value: value in KINDS, str),
    "family": ("a family", _text, str),
    "builder": ("'module:function'", _builder, str),
    "without_keras": ("'module:function'", _builder, str),
    "classes": ("a list of names", _texts, tuple),
    "authors": ("a list of texts", _texts, tuple),
    "paper": ("a text", _text, str),
    "year": ("a year", lambda value: _count(value) and 1900 < value < 2200, int),
    "documents": ("a list of texts", _texts, tuple),
    "input_size": ("[height, width]", _size, tuple),
    "smallest_size": ("[height, width]", _size, tuple),
    "input_range": ("a text", _text, str),
    "output": (f"one of {', '.join(OUTPUTS)}", lambda value: value in OUTPUTS, str),
    "output_stride": ("a number above 0", lambda value: _count(value) and value > 0, int),
    "parameters": ("a number of weights", _count, int),
    "trainable": ("a number of weights", _count, int),
    "options": (
        "tables [options.NAME] of default, help (needed), choices",
        _records(_OPTION_KEYS, ("help",)),
        lambda value: {
            name: Option(**{key: _frozen(value) for key, value in record.items()})
            for name, record in value.items()
        },
    ),
    "weights": (
        "tables [weights.NAME] of source (needed), sha256, terms",
        _records(_WEIGHTS_KEYS, ("source",)),
        lambda value: {name: Weights(**record) for name, record in value.items()},
    ),
    "starts_anew": ("a list of layers' names", _texts, tuple),
    "scores": (
        "a list of tables [[scores]] of document, dataset, edition, split, dialect, values",
        _scores,
        lambda value: tuple(Scores(**row) for row in value),
    ),
    "comes_trained": ("a text", _text, str),
    "exports": ("a list of texts", _texts, tuple),
    "seconds": (
        "a number above 0",
        lambda value: type(value) in (int, float) and value > 0,
        float,
    ),
    "cost": ("a text", _text, str),
    "uncertain": ("a list of texts", _texts, tuple),
}
NEEDED = ("title", "kind", "builder")


def parse_card(text: str, name: str, origin: str) -> Card:
    """A card from its TOML text.

    Args:
        text: content of the file.
        name: the model's name.
        origin: where the text comes from, for messages.

    Raises:
        ConfigError: no TOML, or keys unknown, missing or of the wrong kind; all of them are named.
    """
    try:
        content = parse_toml(text, origin)
    except DamagedFile as error:
        raise ConfigError(f"card {origin} cannot be used: {error.reason}") from None
    wrong = [f"{key}: is missing, expected {RULES[key][0]}" for key in NEEDED if key not in content]
    values: dict[str, Any] = {}
    if "recipes" in content:
        values["recipes"], problems = read_recipes(content.pop("recipes"))
        wrong += problems
    for key, value in content.items():
        if key not in RULES:
            wrong.append(f"{key}: unknown key; known are {', '.join(RULES)}, recipes")
            continue
        expected, holds, cast = RULES[key]
        if holds(value):
            values[key] = cast(value)
        else:
            wrong.append(f"{key}: expected {expected}, found {value!r}")
    if wrong:
        raise ConfigError("\n  ".join([f"card {origin} cannot be used:", *wrong]))
    return Card(name=name, origin=origin, **values)


def read_card(path: Path, name: str | None = None) -> Card:
    """A card from its file; the model's name is the file's stem unless given.

    Raises:
        ConfigError: no such file, or not a card.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"card {path} cannot be read: {error}") from None
    return parse_card(text, name or path.stem, str(path))
