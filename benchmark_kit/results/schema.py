"""What a results file must hold (docs/results.md), told by the name of the key where it does not.

A form is a `Leaf`, a dict of keys (a `?` at the end: may be absent; keys that are not named here
pass), `Each` for a dict of any keys, a list of one form, or `Maybe` for null.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

from benchmark_kit.errors import ResultsError
from benchmark_kit.escaping import visible
from benchmark_kit.metrics import METRICS

MOST_TOLD = 5
LARGEST_COUNT = 2**53
LARGEST_NUMBER = 1e100  # sums of any number of such are finite
MOST_SHOWN = 40  # characters of what was found


@dataclass(frozen=True)
class Leaf:
    """A plain value: what it should be, in words, and the test."""

    words: str
    fits: Callable[[Any], bool]


@dataclass(frozen=True)
class Each:
    """An object of any keys and one form."""

    form: Any
    some: bool = False


@dataclass(frozen=True)
class Maybe:
    """The form, or null."""

    form: Any


def _whole(value: Any) -> bool:
    return type(value) is int and 0 <= value < LARGEST_COUNT


def _number(value: Any) -> bool:
    return type(value) in (int, float) and abs(value) < LARGEST_NUMBER and isfinite(value)


TEXT = Leaf("a text", lambda value: isinstance(value, str))
COUNT = Leaf("a whole number from 0", _whole)
NUMBER = Leaf("a finite number", _number)
LEVEL = Leaf("a number between 0 and 1", lambda value: _number(value) and 0 < value < 1)
BETTER = Leaf("higher or lower", lambda value: value in ("higher", "lower"))
VARIANT = Leaf(
    "metric@dialect with a known metric",
    lambda value: isinstance(value, str) and value.partition("@")[0] in METRICS,
)
MEAN = {"value": Maybe(NUMBER), "n": COUNT}
METRIC = {
    **MEAN,
    "label": TEXT,
    "dialect": TEXT,
    "better": BETTER,
    "unit": TEXT,
    "low": Maybe(NUMBER),
    "high": Maybe(NUMBER),
    "missing?": Each(COUNT),
}
MADE = {
    "software": {"keras-saliency": TEXT, "...": TEXT},
    "numbers_version": COUNT,
    "engine?": TEXT,
    "notes?": [TEXT],
    "command?": [TEXT],
    "utc?": TEXT,
    "seconds?": NUMBER,
    "workers?": COUNT,
}
DATASET = {
    "name": TEXT,
    "edition": Maybe(TEXT),
    "split": Maybe(TEXT),
    "points": TEXT,
    "images": COUNT,
    "scored": COUNT,
    "without_fixations": [TEXT],
    "missing_maps": [TEXT],
    "dropped?": Each(COUNT),
    "density": Each(TEXT),
    "fingerprint": TEXT,
    "notes": [TEXT],
}
MAPS = {
    "source": TEXT,
    "count": COUNT,
    "fingerprint": TEXT,
    "stored_as": TEXT,
    "resized": Maybe({"count": COUNT, "kernel": TEXT}),
    "transposed": COUNT,
    "kind?": TEXT,
}
WARNING = {"code": TEXT, "count": COUNT, "examples": [TEXT], "text": TEXT, "fix": TEXT}
RESULTS = {
    "schema": COUNT,
    "kind?": TEXT,
    "made": MADE,
    "dataset": DATASET,
    "maps": MAPS,
    "dialect": TEXT,
    "variants": Each(VARIANT),
    "ig_baseline": Maybe(TEXT),
    "seed": COUNT,
    "bootstrap": {"n": COUNT, "level": LEVEL},
    "fixations?": {"kept": COUNT, "dropped": Each(COUNT)},
    "metrics": Each(METRIC, some=True),
    "groups": {"category": Each(Each(MEAN))},
    "yardsticks": Each(Each(MEAN)),
    "negatives": Each({"images": COUNT}),
    "warnings": [WARNING],
    "images": [{"name": TEXT, "category": Maybe(TEXT), "fixations": COUNT, "flags": [TEXT]}],
}


def check_layout(data: Any, name: str) -> None:
    """Refuse results that are not laid out as documented.

    Args:
        data: what a results file holds, of the present schema.
        name: what messages call it.

    Raises:
        ResultsError: some key is missing or holds something else; the first few are named.
    """
    wrong = [place for place, _ in zip(_wrong(data), range(MOST_TOLD), strict=False)]
    if wrong:
        raise ResultsError(
            f"{name} is not laid out as docs/results.md says: {'; '.join(wrong)}. "
            "Fix: salbench evaluate --out"
        )


def _wrong(data: Any) -> Iterator[str]:
    sound = True
    for place in _unlike(data, RESULTS, ""):
        sound = False
        yield place
    if sound:
        yield from _not_of_all_columns(data)


def _unlike(value: Any, form: Any, at: str) -> Iterator[str]:
    """Places that are not of the form."""
    if isinstance(form, Maybe):
        if value is not None:
            yield from _unlike(value, form.form, at)
    elif isinstance(form, Leaf):
        if not form.fits(value):
            yield _told(at, value, form.words)
    elif isinstance(form, list):
        if not isinstance(value, list):
            yield _told(at, value, "a list")
        else:
            for k, one in enumerate(value):
                yield from _unlike(one, form[0], f"{at}[{k}]")
    elif not isinstance(value, dict):
        yield _told(at, value, "an object")
    elif isinstance(form, Each):
        if form.some and not value:
            yield f"{at} is empty"
        for key, one in value.items():
            yield from _unlike(one, form.form, _below(at, key))
    else:
        yield from _unlike_object(value, form, at)


def _unlike_object(value: Mapping[str, Any], form: Mapping[str, Any], at: str) -> Iterator[str]:
    named = {key.removesuffix("?"): key for key in form if key != "..."}
    for key, full in named.items():
        if key in value:
            yield from _unlike(value[key], form[full], _below(at, key))
        elif key == full:
            yield f"{_below(at, key)} is missing"
    if "..." in form:
        for key in value.keys() - named.keys():
            yield from _unlike(value[key], form["..."], _below(at, key))


def _not_of_all_columns(data: Mapping[str, Any]) -> Iterator[str]:
    """Places that lack a column of `metrics`."""
    for key in data["metrics"]:
        tables = [("variants", data["variants"])]
        tables += [(f"yardsticks.{kind}", table) for kind, table in data["yardsticks"].items()]
        groups = data["groups"]["category"]
        tables += [(f"groups.category.{name}", table) for name, table in groups.items()]
        for at, table in tables:
            if key not in table:
                yield f"{_below(at, key)} is missing"
        for k, row in enumerate(data["images"]):
            if key not in row:
                yield f"{_below(f'images[{k}]', key)} is missing"
            else:
                yield from _unlike(row[key], Maybe(NUMBER), _below(f"images[{k}]", key))


def _below(at: str, key: str) -> str:
    return f"{at}.{visible(str(key))[:MOST_SHOWN]}".lstrip(".")


def _told(at: str, value: Any, words: str) -> str:
    kinds = {dict: "an object", list: "a list", type(None): "null"}
    found = kinds.get(type(value)) or visible(repr(value))[:MOST_SHOWN]
    return f"{at or 'the whole'} is {found}, expected {words}"
