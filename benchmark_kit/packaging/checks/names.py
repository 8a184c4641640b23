"""Matching predictions to the benchmark's pictures, and what is wrong with their names.

The stimuli are the only source of names. Matching itself is the one that scoring uses; here come
the rules of a submission: all of them, nothing else, in the board's own spelling.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from benchmark_kit.errors import Problem, name_some
from benchmark_kit.maps.names import (
    are_stimuli,
    by_stem,
    nothing_found,
    one_each,
    plain,
    without_top_folder,
)
from benchmark_kit.maps.renames import find_changes, renaming_problems, unnamed_problems
from benchmark_kit.maps.sources import FileReference, Reference
from benchmark_kit.packaging.checks.stimuli import BoardStimuli
from benchmark_kit.packaging.stores import get_store
from benchmark_kit.packaging.stores.store import Form
from benchmark_kit.packaging.submission import Submission

PACKAGE = "salbench package "  # which has the options: validate changes nothing
REKEY = "salbench package writes the maps under the stimuli's keys"
Stems = dict[str, list[tuple[str, Reference]]]


@dataclass(frozen=True, eq=False)
class NameCheck:
    """What the names of a submission say.

    Args:
        matched: the predictions that belong to a picture, by the picture's name, in its order.
        problems: E102 to E107, E307, E406, E503.
        warnings: W103, W105.
        notes: what was left out, in words.
        renames: path inside the source -> path that the board would find.
    """

    matched: Submission
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    notes: tuple[str, ...]
    renames: Mapping[str, str]


def match_names(
    submission: Submission,
    stimuli: BoardStimuli,
    *,
    strip: str = "",
    prefix: str = "",
    convert: bool = False,
) -> NameCheck:
    """Match predictions to pictures by relative path without extension and check all names.

    Args:
        submission: the predictions.
        stimuli: the benchmark's pictures.
        strip: suffix to take off the predictions' names.
        prefix: prefix to take off the last part of the predictions' names.
        convert: the predictions will be written anew: kinds of files and keys that a board does not
            read pass.
    """
    names = {plain(image.name): image.name for image in stimuli.images}
    problems, entries = _without_stimuli(submission, stimuli)
    source = replace(submission.source, entries=tuple(entries))
    stems, output = by_stem(source, strip, prefix)
    problems += output
    whole = stems
    stems, top = without_top_folder(stems, names)
    found, doubled = one_each(stems, names)
    missing = [name for name in names.values() if name not in found]
    unknown = [stem for stem in stems if plain(stem) not in names]
    if not entries:
        problems.append(nothing_found(submission.source))
    problems += doubled
    form = submission.form
    if form.files and (clash := _same_tail(stems, names)):
        problems.append(clash)
    changes = find_changes(missing, unknown)
    keyed = form.keyed and not convert
    code = "E406" if keyed else "E105"
    problems += renaming_problems(changes, unknown, code=code, command=PACKAGE)
    if not changes and missing:
        shown = "; ".join(split.shown for split in stimuli.board.splits)
        problems += unnamed_problems(stems, unknown, list(names.values()), shown)
    if keyed:
        problems += _keys(found, stimuli)
    # the old MIT archives have such a folder, and of HDF5 keys more is said above
    ways = stimuli.board.stores["maps"]
    wanted_top = keyed or any(get_store(way).top_folder for way in ways)
    warnings = [top] if top is not None and not wanted_top else []
    problems += _missing(missing, form)
    if strangers := _unknown(unknown, form, stimuli):
        (warnings if strangers.code.startswith("W") else problems).append(strangers)
    problems += are_stimuli(found, stimuli.truths)
    if form.files and not convert:
        problems += _kinds(whole, stimuli)
    notes = []
    if submission.source.ignored:
        ignored = submission.source.ignored
        notes.append(f"{len(ignored)} files that are no maps are left out: {name_some(ignored)}")
    matched = replace(
        submission, entries={name: found[name] for name in names.values() if name in found}
    )
    renames = {
        path: new + PurePosixPath(path).suffix
        for change in changes
        for old, new in change.renames.items()
        for path, _ in stems[old][:1]
    }
    return NameCheck(matched, tuple(problems), tuple(warnings), tuple(notes), renames)


def _without_stimuli(
    submission: Submission, stimuli: BoardStimuli
) -> tuple[list[Problem], list[tuple[str, Reference]]]:
    """Take the stimuli themselves out, where maps lie among them."""
    pictures = {image.path.resolve() for image in stimuli.images}
    kept, same = [], []
    for path, reference in submission.source.entries:
        if isinstance(reference, FileReference) and reference.path.resolve() in pictures:
            same.append(path)
        else:
            kept.append((path, reference))
    if not same:
        return [], kept
    found = f"{len(same)} of the stimuli themselves lie in the folder of the maps"
    fix = "give a folder that holds the maps alone"
    return [Problem("E107", tuple(same), found, fix=fix)], kept


def _same_tail(stems: Stems, names: Mapping[str, str]) -> Problem | None:
    """Names that end like one image's: the board looks a prediction up by the end of its name."""
    lengths = sorted({len(name) for name in names})
    tails: dict[str, list[str]] = {}
    for stem in stems:
        name = plain(stem)
        for tail in (name[-length:] for length in lengths if length <= len(name)):
            if tail in names:
                tails.setdefault(tail, []).append(stem)
    # an image's own name may end like another's: that is the board's affair
    clashes = {
        tail: found
        for tail, found in tails.items()
        if len(found) > 1 and any(plain(stem) not in names for stem in found)
    }
    if not clashes:
        return None
    shown = tuple(
        " = ".join(sorted(path for stem in found for path, _ in stems[stem]))
        for found in clashes.values()
    )
    found = "several maps end like one image's name: boards that search by the end find them all"
    return Problem("E104", shown, found, fix="delete all but one")


def _keys(found: Mapping[str, tuple[str, Reference]], stimuli: BoardStimuli) -> list[Problem]:
    """HDF5 keys that are not the stimulus' path with its extension."""
    above = stimuli.board.key_folder
    wrong = []
    for name, (path, _) in found.items():
        key = stimuli.by_name[name].key
        if path not in (key, f"{above}/{key}"):
            wrong.append(f"{path} (expected {key})")
    if not wrong:
        return []
    text = f"{len(wrong)} HDF5 keys are not the stimulus' path with its extension"
    return [Problem("E406", tuple(wrong), text, stimuli.images[0].key, REKEY)]


def _missing(missing: Sequence[str], form: Form) -> list[Problem]:
    if not missing:
        return []
    fix = "predict these images: a submission holds all of them"
    if form.numbered:
        found = f"{len(missing)} ids are missing, on which the evaluator breaks"
        return [Problem("E503", tuple(missing), found, fix=fix)]
    return [Problem("E102", tuple(missing), f"{len(missing)} images have no map", fix=fix)]


def _unknown(unknown: Sequence[str], form: Form, stimuli: BoardStimuli) -> Problem | None:
    if not unknown:
        return None
    found = f"{len(unknown)} maps belong to no image"
    whose = Counter(filter(None, map(stimuli.board.stranger, unknown)))
    if form.numbered:
        found = f"{len(unknown)} ids belong to no image of their split"
        numbers = {image.name.rpartition("_")[2] for image in stimuli.images}
        other = sum(name.rpartition("_")[2] in numbers for name in unknown)
        if other:
            whose["the other split"] = other
    if whose:
        found += "; " + ", ".join(f"{n} are named like {what}" for what, n in whose.items())
    if form.keyed:
        found += ", which the board ignores"
        return Problem("W103", tuple(unknown), found, fix="leave these keys out")
    code = "E503" if form.numbered else "E103"
    return Problem(code, tuple(unknown), found, fix="remove them, or another --leaderboard")


def _kinds(stems: Stems, stimuli: BoardStimuli) -> list[Problem]:
    """Files of kinds that the kit reads and the board does not."""
    paths = [path for entries in stems.values() for path, _ in entries]
    taken = stimuli.board.members
    wrong = [path for path in paths if PurePosixPath(path).suffix.lower() not in taken]
    if not wrong:
        return []
    counts = Counter(PurePosixPath(path).suffix.lower() for path in wrong)
    kinds = ", ".join(f"{count} {kind}" for kind, count in counts.most_common())
    fix = "salbench package writes a kind that the board reads"
    found = f"files of kinds that {stimuli.board.name} does not read ({kinds})"
    return [Problem("E307", tuple(wrong), found, ", ".join(taken), fix)]
