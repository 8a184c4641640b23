"""Rules that say which pictures train, which validate and which test, written as text.

    hash:500/50/150    numbers of pictures, in the order of their names' digests
    80/20, 80/10/10    percent, in the same order
    kfold:5/0          fold 0 of 5 validates
    category:0.9       that share of every category trains, the rest validates
    mit1003:903/100    the 100 pictures of MIT1003 in `mit1003_100.toml` test (also 853/50/100)
    file:LIST          a table `name,part`, or a split that was saved

The key of a name is the hexadecimal SHA-256 of its text, and names are sorted by (key, name).
Near-duplicates share the key of the last of them by name; where a part has no room for all of them
they go to the next one, so that they are never parted.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmark_kit.containers.damage import DamagedFile
from benchmark_kit.containers.text import read_json, read_toml
from benchmark_kit.errors import ConfigError, InputError, Problem
from benchmark_kit.types import Truths

PARTS = ("train", "validate", "test")
FORMS = "hash:500/50, 80/20, kfold:5/0, category:0.9, mit1003:903/100, file:LIST"
ICCV = Path(__file__).with_name("mit1003_100.toml")
Group = tuple[str, ...]
Assigned = dict[str, list[str]]


def assign(rule: str, truths: Truths, groups: Sequence[Group], seed: int) -> Assigned:
    """Names of every part.

    Args:
        rule: its text.
        truths: the data set.
        groups: all its names in groups that must not be parted.
        seed: another one sorts otherwise; 0 is the plain rule.

    Raises:
        ConfigError: no such rule, or one that does not fit the data set.
        InputError: a list that cannot be read.
    """
    kind, colon, rest = rule.strip().partition(":")
    if not colon:
        kind, rest = "percent", kind
    rules: dict[str, Callable[[], Assigned]] = {
        "hash": lambda: _by_numbers(rest, _sorted(groups, seed)),
        "percent": lambda: _by_percent(rest, _sorted(groups, seed)),
        "kfold": lambda: _by_fold(rest, _sorted(groups, seed)),
        "category": lambda: _by_category(rest, truths, _sorted(groups, seed)),
        "mit1003": lambda: _mit1003(rest, truths, groups, seed),
        "file": lambda: _by_file(Path(rest).expanduser(), truths),
    }
    if kind not in rules:
        raise ConfigError(f"unknown rule {rule!r} of a split. Fix: one of {FORMS}")
    return rules[kind]()


def key_of(group: Group, seed: int) -> str:
    """What a group is sorted by."""
    text = group[-1] if seed == 0 else f"{group[-1]}\n{seed}"
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def _sorted(groups: Sequence[Group], seed: int) -> list[Group]:
    return sorted(groups, key=lambda group: (key_of(group, seed), group))


def _filled(groups: Sequence[Group], rooms: Sequence[int]) -> list[list[str]]:
    """Groups into parts of so many names, in order; one that finds no room waits for the next."""
    waiting, parts = list(groups), []
    for k, room in enumerate(rooms):
        part: list[str] = []
        left = []
        for group in waiting:
            if len(part) + len(group) <= room or k == len(rooms) - 1:
                part += group
            else:
                left.append(group)
        waiting = left
        parts.append(part)
    return parts


def _by_numbers(text: str, groups: list[Group]) -> Assigned:
    rooms = _numbers(text, "hash:500/50")
    total = sum(map(len, groups))
    if len(rooms) < len(PARTS) and sum(rooms) < total:
        rooms.append(total - sum(rooms))
    if sum(rooms) != total:
        raise ConfigError(
            f"the rule hash:{text} is for {sum(rooms)} pictures, the data set has {total}. "
            "Fix: numbers that add up; of two numbers the rest tests"
        )
    return dict(zip(PARTS, _filled(groups, rooms), strict=False))


def _by_percent(text: str, groups: list[Group]) -> Assigned:
    if not re.fullmatch(r"\d+(/\d+){1,2}", text):
        raise ConfigError(f"unknown rule {text!r} of a split. Fix: one of {FORMS}")
    shares = _numbers(text, "80/20")
    if sum(shares) != 100:
        raise ConfigError(f"the rule {text} is percent, which add up to {sum(shares)}, not 100")
    total = sum(map(len, groups))
    ends = [round(total * sum(shares[: k + 1]) / 100) for k in range(len(shares))]
    rooms = [end - begin for begin, end in zip([0, *ends], ends, strict=False)]
    return dict(zip(PARTS, _filled(groups, rooms), strict=False))


def _by_fold(text: str, groups: list[Group]) -> Assigned:
    folds, fold = [*_numbers(text, "kfold:5/0", least=0), -1][:2]
    total = sum(map(len, groups))
    if not 2 <= folds <= total or not 0 <= fold < folds:
        raise ConfigError(
            f"kfold:{text}: expected N/K with 2 to {total} folds and K from 0 to N - 1"
        )
    rooms = [total // folds + (k < total % folds) for k in range(folds)]
    parts = _filled(groups, rooms)
    validate = parts.pop(fold)
    return {"train": [name for part in parts for name in part], "validate": validate}


def _by_category(text: str, truths: Truths, groups: list[Group]) -> Assigned:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 < share < 1:
        raise ConfigError(f"category:{text}: expected a share between 0 and 1, as category:0.9")
    by_category: dict[str, list[Group]] = {}
    for group in groups:
        category = truths[group[-1]].category
        if category is None:
            raise ConfigError(
                f"{truths.name} has no categories ({group[-1]} is in none). Fix: another rule, "
                "for instance 80/20"
            )
        by_category.setdefault(category, []).append(group)
    found: Assigned = {"train": [], "validate": []}
    for members in by_category.values():
        size = sum(map(len, members))
        room = round(share * size)
        for part, names in zip(found, _filled(members, [room, size - room]), strict=True):
            found[part] += names
    return found


def _mit1003(text: str, truths: Truths, groups: Sequence[Group], seed: int) -> Assigned:
    tested = set(read_toml(ICCV)["names"])
    known = {Path(name).name: name for name in truths.names}
    if missing := sorted(tested - set(known)):
        raise ConfigError(
            f"mit1003:{text}: {truths.name} lacks {len(missing)} of the 100 test pictures "
            f"({missing[0]}, …). Fix: the whole MIT1003, or another rule"
        )
    test = {known[stem] for stem in tested}
    others = [group for group in groups if not test & set(group)]
    twins = {name for group in groups if test & set(group) for name in group} - test
    rooms = _numbers(text, "mit1003:903/100")
    total = sum(map(len, others)) + len(twins)
    if len(rooms) not in (2, 3) or sum(rooms[:-1]) != total or rooms[-1] != len(test):
        raise ConfigError(
            f"mit1003:{text}: {truths.name} has {total} pictures beside the {len(test)} test "
            f"pictures. Fix: mit1003:{total}/{len(test)}, or three numbers to validate too"
        )
    parts = dict(zip(PARTS, _filled(_sorted(others, seed), rooms[:-1]), strict=False))
    return {**parts, "test": sorted(test | twins)}


def _by_file(path: Path, truths: Truths) -> Assigned:
    if not path.is_file():
        raise ConfigError(f"there is no list {path}. Fix: a table `name,part`, a line a picture")
    found = _from_json(path) if path.suffix == ".json" else _from_table(path)
    listed = [name for names in found.values() for name in names]
    unknown = sorted(set(listed) - set(truths.names))
    twice = sorted({name for name in listed if listed.count(name) > 1}) if listed else []
    problems = [
        Problem("E704", tuple(names), what, fix=fix)
        for names, what, fix in (
            (
                unknown,
                f"names that {truths.name} has not",
                "names without extension",
            ),
            (twice, "names in the list twice", "one line a picture"),
        )
        if names
    ]
    if problems or not listed:
        raise InputError(f"{path} is no split of {truths.name}", problems)
    return found


def _from_table(path: Path) -> Assigned:
    found: Assigned = {}
    try:
        rows = list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines()))
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path} is no table `name,part`: {error}") from None
    for number, row in enumerate(rows, start=1):
        if not row or (number == 1 and row == ["name", "part"]):
            continue
        if len(row) != 2:
            raise InputError(
                f"{path}, line {number}: expected `name,part`, found {','.join(row)!r}"
            )
        found.setdefault(row[1].strip(), []).append(row[0].strip())
    return found


def _from_json(path: Path) -> Assigned:
    try:
        content = read_json(path)
        return {
            str(part): [str(name) for name in names] for part, names in content["parts"].items()
        }
    except (DamagedFile, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path} is no split that was saved ({error})") from None


def _numbers(text: str, like: str, least: int = 1) -> list[int]:
    if not re.fullmatch(r"\d+(/\d+)*", text):
        raise ConfigError(f"{text!r}: expected whole numbers, as in {like}")
    found = [int(number) for number in text.split("/")]
    if min(found) < least or len(found) > len(PARTS):
        raise ConfigError(f"{text!r}: expected up to three numbers above 0, as in {like}")
    return found
