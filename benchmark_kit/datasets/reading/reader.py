"""What every ground-truth reader shares: its facts, its options and the refusal of a wrong root.

Each reader of this folder is one module with

    FACTS    a `DatasetFacts`: what a user must know before pointing at a folder
    VERSION  an integer that rises when the reader's result can change (it invalidates the cache)
    read(root, **options) -> Truths

Problems found in ground truth carry these codes:

    E104  two files for one name
    E301  a picture that cannot be opened
    E701  the folder is not laid out as the data set is documented
    E702  a ground-truth file that cannot be read, or lacks the documented variable
    E703  a ground-truth file that contradicts its stimulus or another file
    E704  a table of fixations, or `dataset.toml`, with defects
    E705  a density where points are due
    E706  data of another edition, split or data set

Nothing here imports numpy, so that facts can be listed quickly.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmark_kit.errors import ConfigError, InputError, Problem, name_some
from benchmark_kit.leftovers import is_leftover

Choice = str | int | bool
LONGEST_SHOWN = 60
FOLDERS_ABOVE = 3  # how far up a mistaken root is looked for (our choice)


@dataclass(frozen=True)
class Option:
    """One option of a reader.

    Args:
        name: keyword of `get_dataset` (`"index_base"`).
        choices: all values it takes.
        meaning: what the choices are for, one sentence.
        default: value when left out; None means that it follows from another option.
        required: True if leaving it out is an error.
    """

    name: str
    choices: tuple[Choice, ...]
    meaning: str
    default: Choice | None = None
    required: bool = False

    def __str__(self) -> str:
        return f"{self.name} ({' | '.join(str(choice) for choice in self.choices)})"


@dataclass(frozen=True)
class DatasetFacts:
    """What is known of a data set before any file is read.

    Args:
        name: canonical name, also the reader's module.
        title: name in full.
        images: number of images in words, by split where there are several.
        sizes: image sizes in words, width x height.
        subjects: observers in words.
        viewing: viewing time in words.
        dialect: default dialect.
        tree: how the folder looks, several lines.
        terms: licence or terms of use as far as known.
        source: publication.
        parts: glob patterns below the root of everything the reader may look at.
        options: options the reader takes.
        sigma_px: default blur of its densities in pixels; None: 24/1024 of the longer side.
        pixels_per_degree: pixels of one degree of visual angle, or None if unknown.
    """

    name: str
    title: str
    images: str
    sizes: str
    subjects: str
    viewing: str
    dialect: str
    tree: str
    terms: str
    source: str
    parts: tuple[str, ...]
    options: tuple[Option, ...] = ()
    sigma_px: float | None = None
    pixels_per_degree: float | None = None

    def lines(self) -> list[str]:
        """What `salbench list datasets -v` shows below the name."""
        shown = [
            f"images      {self.images}; {self.sizes}; {self.subjects}; {self.viewing}",
            *(
                f"salbench evaluate --{option.name.replace('_', '-')}: {option.meaning}"
                for option in self.options
            ),
            f"terms       {self.terms}",
            "the folder looks like",
            *(f"  {line}" for line in self.tree.splitlines()),
        ]
        return shown


INDEX_BASE = Option(
    "index_base",
    (0, 1),
    "index of the first pixel in the file: 0 takes the values unshifted, 1 subtracts 1",
    default=0,
)


def check_options(facts: DatasetFacts, given: Mapping[str, Any]) -> dict[str, Choice | None]:
    """Every option of the reader with its canonical value; None stands for "left out".

    Raises:
        ConfigError: an option the reader does not have, a value that is no choice, or a required
            option left out.
    """
    allowed = {option.name: option for option in facts.options}
    if unknown := sorted(set(given) - set(allowed)):
        options = ", ".join(str(option) for option in facts.options) or "none"
        raise ConfigError(
            f"data set {facts.name} has no option {unknown[0]!r}; its options: {options}"
        )
    values: dict[str, Choice | None] = {}
    for option in facts.options:
        value = given.get(option.name)
        if value is None:
            if option.required:
                flag = option.name.replace("_", "-")
                raise ConfigError(
                    f"data set {facts.name} needs the option {option.name!r}, which has no "
                    f"default: {option.meaning}. Fix: for instance "
                    f"{option.name}={option.choices[-1]!r} (--{flag} {option.choices[-1]})"
                )
            values[option.name] = option.default
            continue
        by_text = {str(choice).lower(): choice for choice in option.choices}
        if str(value).lower() not in by_text:
            choices = ", ".join(str(choice) for choice in option.choices)
            raise ConfigError(
                f"data set {facts.name}: {option.name} = {value!r} is not among {choices} "
                f"({option.meaning})"
            )
        values[option.name] = by_text[str(value).lower()]
    return values


def check_root(facts: DatasetFacts, root: Path) -> None:
    """Refuse a root that is not a folder.

    Raises:
        ConfigError: it does not exist, or is a file.
    """
    if not root.exists():
        raise ConfigError(f"{facts.title}: the folder {root} does not exist. Fix: --root DIR")
    if not root.is_dir():
        raise ConfigError(
            f"{facts.title}: {root} is a file, a folder is expected (an archive must be unpacked "
            "first). Fix: --root DIR"
        )


def tree_error(
    facts: DatasetFacts, root: Path, looked_for: Sequence[str], fix: str = ""
) -> InputError:
    """The error for a folder that is not laid out as documented, ready to be raised.

    Args:
        facts: of the data set.
        root: the folder the user gave.
        looked_for: paths below the root, or patterns, that were not there.
        fix: what mends it if the reader knows; else the folders above and below are tried.
    """
    nearest = root
    for part in Path(looked_for[0]).parts:
        if not (nearest / part).is_dir():
            break
        nearest = nearest / part
    problem = Problem(
        "E701",
        (),
        f"looked for {' or '.join(looked_for)}; found in {nearest}: {_contents(nearest)}",
        fix=fix
        or _misplaced_root(facts, root)
        or "complete the folder, or give the one that looks like the tree above",
    )
    return InputError(
        f"{facts.title}: {root} is not laid out as documented. It should look like\n"
        f"{_indent(facts.tree)}",
        [problem],
    )


def _misplaced_root(facts: DatasetFacts, root: Path) -> str:
    """A sentence if a folder above or one below is the root that was meant, else an empty one."""

    def holds_a_part(folder: Path) -> bool:
        return any(os.path.exists(folder / part) for part in facts.parts if "*" not in part)

    if holds_a_part(root):
        return ""
    for above in root.absolute().parents[:FOLDERS_ABOVE]:
        if holds_a_part(above):
            return f"give {above}, of which this folder is a part"
    for name in sorted(entry.name for entry in os.scandir(root) if entry.is_dir()):
        if holds_a_part(root / name):
            return f"give {root / name}, where the data set lies"
    return ""


def _contents(folder: Path) -> str:
    entries = sorted(
        (entry for entry in os.scandir(folder) if not is_leftover(entry.name)),
        key=lambda entry: entry.name,
    )
    if not entries:
        return "nothing"
    kinds = Counter(
        "folders"
        if entry.is_dir()
        else Path(entry.name).suffix.lower() or "files without extension"
        for entry in entries
    )
    counts = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    return f"{name_some([entry.name for entry in entries])} ({counts})"


def _indent(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())


def shown(value: Any) -> str:
    """A value from a file for a message; the longest numbers cannot even be written."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):
        text = f"a value of type {type(value).__name__}"
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}..."


class Defects:
    """Collects everything wrong with a data set, so that it is reported together."""

    def __init__(self) -> None:
        self._places: dict[tuple[str, str, str, str], list[str]] = {}

    def add(self, code: str, where: str, found: str, expected: str = "", fix: str = "") -> None:
        """Note one defect; equal ones are reported as one `Problem` with all its places."""
        self._places.setdefault((code, found, expected, fix), []).append(where)

    def __bool__(self) -> bool:
        return bool(self._places)

    def raise_if_any(self, title: str) -> None:
        """End the reading if anything was found.

        Raises:
            InputError: with one problem per kind of defect.
        """
        if self._places:
            problems = [
                Problem(code, tuple(where), found, expected, fix)
                for (code, found, expected, fix), where in self._places.items()
            ]
            raise InputError(f"{title}: the ground truth cannot be used.", problems)


def report_unmatched(
    notes: list[str], *, without_stimulus: Sequence[str], without_fixations: Sequence[str]
) -> None:
    """Add notes on ground truth that has no picture and on pictures that have no ground truth."""
    if without_stimulus:
        notes.append(
            f"images without a stimulus, left out: {len(without_stimulus)} "
            f"({name_some(without_stimulus)})"
        )
    if without_fixations:
        notes.append(
            f"stimuli without fixations: {len(without_fixations)} ({name_some(without_fixations)})"
        )
