"""Which change of names would explain maps that belong to no image.

Names are paths without extension. A change is one thing done to all of them: a suffix, a prefix,
case, an underscore where a folder begins. The order of a counter proves nothing and is no change.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from benchmark_kit.errors import Problem

LEAST = 0.1  # share of what is left that a change has to explain; less is chance
SAMPLE = 200  # unknown names that are compared with every image to find a suffix or prefix


@dataclass(frozen=True)
class Change:
    """A change of names that would make unknown maps known.

    Args:
        what: in words: `"the suffix '_smap'"`.
        fix: options of a command (`"--strip _smap"`), or an instruction.
        renames: present name -> the image's name.
    """

    what: str
    fix: str
    renames: dict[str, str]

    @property
    def is_option(self) -> bool:
        """Whether the fix is options of a command."""
        return self.fix.startswith("--")


def find_changes(missing: Sequence[str], unknown: Sequence[str]) -> list[Change]:
    """Changes that explain unknown names, the one that explains most first; none twice.

    Args:
        missing: images without a map.
        unknown: names of maps that belong to no image.
    """
    left, wanted = list(unknown), set(missing)
    found = []
    while left and wanted:
        changes = [_explained(change, left, wanted) for change in _candidates(wanted, left)]
        best = max(changes, key=lambda change: len(change.renames))
        if len(best.renames) < max(1, LEAST * min(len(left), len(wanted))):
            break
        found.append(best)
        left = [name for name in left if name not in best.renames]
        wanted -= set(best.renames.values())
    return found


def renaming_problems(
    changes: Sequence[Change], unknown: Sequence[str], *, code: str = "E105", command: str = ""
) -> list[Problem]:
    """One problem a change.

    Args:
        changes: as `find_changes` gives them.
        unknown: names of maps that belong to no image.
        code: of the problems.
        command: which has the options of the fix, with a space at its end, where it is not the one
            that is running.
    """
    what, otherwise = "names", ""
    if code == "E406":
        what, otherwise = "HDF5 keys", "store each map under its stimulus' path with extension"
    return [
        Problem(
            code,
            tuple(f"{old} (image {new})" for old, new in change.renames.items()),
            f"{what} differ by {change.what}, which explains {len(change.renames)} of "
            f"{len(unknown)} unknown maps",
            fix=f"{command}{change.fix}" if change.is_option else otherwise or change.fix,
        )
        for change in changes
    ]


def unnamed_problems(
    names: Iterable[str], unknown: Sequence[str], images: Sequence[str], shown: str = ""
) -> list[Problem]:
    """E105 of maps that are counted in a row, or lie in no folder, instead of named as the images.

    Args:
        names: of all maps.
        unknown: of those that belong to no image.
        images: names of the images.
        shown: how these look, in words.
    """
    names = list(names)
    if is_counter(names, images):
        found = "maps are numbered in a row instead of named as the stimuli"
        fix = "predict again under the stimuli's names: the order of a counter proves nothing"
        return [Problem("E105", tuple(names[:5]), found, shown, fix)]
    if several := serve_several(unknown, images):
        found = f"{len(several)} maps without a folder would serve several folders each"
        return [Problem("E105", tuple(several), found, shown, "one map an image, in its folder")]
    return []


def is_counter(names: Iterable[str], images: Iterable[str]) -> bool:
    """Whether maps are numbered from 0 or 1 in every folder instead of named as the images."""
    counted, wanted = _by_folder(names), _by_folder(images)
    if set(counted) != set(wanted) or counted == wanted:
        return False
    for folder, lasts in counted.items():
        if not all(last.isdecimal() for last in lasts):
            return False
        numbers = sorted(map(int, lasts))
        if numbers[0] > 1 or numbers != list(range(numbers[0], numbers[0] + len(numbers))):
            return False
        if len(numbers) != len(wanted[folder]):
            return False
    return True


def serve_several(names: Iterable[str], images: Iterable[str]) -> list[str]:
    """Names without a folder that several folders have an image of."""
    lasts = Counter(image.rpartition("/")[2] for image in images)
    return [name for name in names if "/" not in name and lasts[name] > 1]


def _by_folder(names: Iterable[str]) -> dict[str, set[str]]:
    folders: dict[str, set[str]] = {}
    for name in names:
        folder, _, last = name.rpartition("/")
        folders.setdefault(folder, set()).add(last)
    return folders


Candidate = tuple[str, str, Callable[[str], str]]


def _candidates(wanted: set[str], unknown: Sequence[str]) -> list[Candidate]:
    folded = {name.casefold(): name for name in wanted}
    lasts = Counter(name.rpartition("/")[2] for name in wanted)
    by_last = {name.rpartition("/")[2]: name for name in wanted}
    folders = "put the maps into folders as the stimuli are"
    return [
        *_affixes(wanted, unknown),
        ("upper and lower case", "rename the maps", lambda s: folded.get(s.casefold(), "")),
        ("an underscore for the folder's slash", folders, lambda s: s.replace("_", "/", 1)),
        ("a backslash for the folder's slash", folders, lambda s: s.replace("\\", "/")),
        (
            "the folder's missing name",
            folders,
            lambda s: by_last[s] if lasts[s] == 1 else "",
        ),
        (
            "'Satellite' for the data set's 'Satelite'",
            "rename the folder to Satelite",
            lambda s: s.replace("Satellite", "Satelite"),
        ),
    ]


def _affixes(wanted: set[str], unknown: Sequence[str]) -> list[Candidate]:
    """The commonest suffix, prefix, pair of both, and missing prefix, in the last part of names."""
    added: Counter[tuple[str, str]] = Counter()
    lacking: Counter[str] = Counter()
    images = _by_folder(wanted)
    for name in unknown[:SAMPLE]:
        folder, _, last = name.rpartition("/")
        for image in images.get(folder, ()):
            places = _occurrences(last, image)
            for at in places:
                added[last[:at], last[at + len(image) :]] += 1
            if not places and image.endswith(last):
                lacking[image.removesuffix(last)] += 1
    changes: list[Candidate] = []
    if added:
        (head, tail), _ = added.most_common(1)[0]
        named = " and ".join(
            f"the {kind} {text!r}" for kind, text in (("prefix", head), ("suffix", tail)) if text
        )
        options = " ".join(
            f"{option} {text}" for option, text in (("--prefix", head), ("--strip", tail)) if text
        )
        changes.append((named, options, lambda s: _in_last(s, lambda last: _cut(last, head, tail))))
    if lacking:
        lost = lacking.most_common(1)[0][0]
        named = f"the missing prefix {lost!r}"
        changes.append((named, "rename the maps", lambda s: _in_last(s, lambda last: lost + last)))
    return changes


def _occurrences(text: str, part: str) -> list[int]:
    """All places of a part: `a` is in `sal_a` twice, and only one of them is the image's name."""
    found, at = [], text.find(part)
    while at >= 0:
        found.append(at)
        at = text.find(part, at + 1)
    return found


def _cut(last: str, head: str, tail: str) -> str:
    fits = last.startswith(head) and last.endswith(tail)
    return last.removeprefix(head).removesuffix(tail) if fits else last


def _in_last(name: str, change: Callable[[str], str]) -> str:
    folder, slash, last = name.rpartition("/")
    return f"{folder}{slash}{change(last)}"


def _explained(candidate: Candidate, unknown: Sequence[str], wanted: set[str]) -> Change:
    what, fix, change = candidate
    renames: dict[str, str] = {}
    taken: set[str] = set()
    for name in unknown:
        new = change(name)
        if new in wanted and new not in taken:
            renames[name] = new
            taken.add(new)
    return Change(what, fix, renames)
