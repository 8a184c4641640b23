"""The benchmark's own pictures: the only source of names and sizes of a submission.

Sizes come from the headers. The MIT/Tuebingen boards know an image by the SHA-1 of its decoded
pixels; equal pictures share it, and with it one map.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from benchmark_kit.datasets.reading.reader import Defects
from benchmark_kit.datasets.reading.stimuli import Stimulus, read_stimuli
from benchmark_kit.errors import ConfigError, InputError, Problem
from benchmark_kit.leaderboards import get_board
from benchmark_kit.leaderboards.rules import Board
from benchmark_kit.packaging.checks.image_list import read_image_list
from benchmark_kit.packaging.checks.pixels import equal_pictures, picture_sketch
from benchmark_kit.packaging.checks.stimulus_facts import StimulusFacts, differences
from benchmark_kit.parallel import default_workers
from benchmark_kit.progress import Progress
from benchmark_kit.types import GroundTruth, Truths


@dataclass(frozen=True, eq=False)
class BoardStimuli:
    """The pictures that a submission has to answer.

    Args:
        board: the leaderboard, with one split where a list has chosen it.
        images: in natural order of the names, or in the list's order.
        problems: why these are not the benchmark's pictures (E101 and others); empty if they are.
        warnings: W101, pictures that are equal to each other.
    """

    board: Board
    images: tuple[StimulusFacts, ...]
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()

    def __len__(self) -> int:
        return len(self.images)

    @cached_property
    def by_name(self) -> dict[str, StimulusFacts]:
        """Name -> picture."""
        return {image.name: image for image in self.images}

    @cached_property
    def truths(self) -> Truths:
        """The pictures as a data set without fixations, for the checks that scoring shares."""
        return Truths(
            self.board.name,
            tuple(GroundTruth(i.name, i.size, stimulus=i.path) for i in self.images),
        )


def read_board_stimuli(
    board: str | Board,
    folders: str | Path | Sequence[str | Path],
    list_file: str | Path | None = None,
    *,
    progress: Progress | None = None,
) -> BoardStimuli:
    """Read the pictures of a leaderboard and check that they are the benchmark's.

    Args:
        board: name or rules.
        folders: the stimuli folder; SALICON 2015 has one for each split.
        list_file: image list of `lsun`.
        progress: called with (pictures decoded, pictures in all).

    Returns:
        the pictures; `problems` says what differs from the benchmark's.

    Raises:
        ConfigError: a folder or list that is not there, or a list for a board that has none.
        InputError: a list that cannot be read.
    """
    board = get_board(board)
    folders = [folders] if isinstance(folders, (str, Path)) else list(folders)
    listed = None
    if list_file is not None:
        if not board.one_of:
            raise ConfigError(f"{board.name} has no image list. Fix: leave --list out")
        listed = read_image_list(Path(list_file))
    defects = Defects()
    found: dict[str, Stimulus] = {}
    for folder in map(Path, folders):
        if not folder.is_dir():
            raise ConfigError(f"no such folder: {folder}. Fix: --stimuli DIR, the images' folder")
        for name, stimulus in _pictures(board, folder, listed, defects).items():
            if name in found:
                defects.add("E104", name, "a picture that lies in two of the folders")
            found[name] = stimulus
    problems = _collected(defects)
    if board.one_of:
        board, unproven = _choose_split(board, list(found) if listed is None else listed, listed)
        problems += unproven
    names = list(found) if listed is None else [name for name in listed if name in found]
    images = tuple(_facts(board, found[name]) for name in names)
    problems += differences(board, images, listed)
    if problems:
        return BoardStimuli(board, images, tuple(problems))
    sketches = _sketched(images, progress)
    if broken := tuple(name for name, sketch in sketches.items() if not sketch):
        problems.append(Problem("E301", broken, "pictures that cannot be decoded"))
    return BoardStimuli(board, images, tuple(problems), tuple(_equal_pictures(sketches, images)))


def _collected(defects: Defects) -> list[Problem]:
    try:
        defects.raise_if_any("stimuli")
    except InputError as error:
        return list(error.problems)
    return []


def _pictures(
    board: Board, folder: Path, listed: Sequence[str] | None, defects: Defects
) -> dict[str, Stimulus]:
    """Pictures below a folder by name, without folders around all of them."""
    # CAT2000 comes with folders `Output` beside the images
    found = read_stimuli(folder, defects, wanted=lambda path: "Output" not in path.split("/"))
    wanted = set(listed or ())

    def known(name: str) -> bool:
        return name in wanted if wanted else board.split_of(name) is not None

    while found and not any(map(known, found)):
        tops = {name.partition("/")[0] for name in found}
        if len(tops) != 1 or not all("/" in name for name in found):
            break
        found = {name.partition("/")[2]: stimulus for name, stimulus in found.items()}
    own = [name for name in found if known(name)]
    if own and not any("/" in name for name in own):
        # MIT300 comes with folders below the images
        found = {name: stimulus for name, stimulus in found.items() if "/" not in name}
    kept = {name: s for name, s in found.items() if name in wanted} if wanted else found
    return {name: replace(stimulus, name=name) for name, stimulus in kept.items()}


def _choose_split(
    board: Board, names: Sequence[str], listed: Sequence[str] | None
) -> tuple[Board, list[Problem]]:
    """The split that these names belong to, and E504 where a list is missing or does not fit."""
    split = max(
        board.splits,
        key=lambda one: (sum(map(one.names, names)), -abs(one.count - len(names))),
    )
    problems = []
    if listed is None:
        found = "no image list: the order of the maps cannot be proven"
        problems.append(
            Problem("E504", (), found, "the challenge's testing.mat", "--list testing.mat")
        )
    elif len(listed) != split.count:
        found = f"the image list has {len(listed)} names"
        expected = " or ".join(f"{one.count:,} ({one.name})" for one in board.splits)
        problems.append(Problem("E504", (), found, expected, "--list FILE of the test set"))
    return board.only(split), problems


def _facts(board: Board, stimulus: Stimulus) -> StimulusFacts:
    split = board.split_of(stimulus.name)
    height, width = stimulus.size
    extension = stimulus.path.suffix
    name = "" if split is None else split.name
    return StimulusFacts(stimulus.name, extension, width, height, stimulus.path, name)


def _sketched(images: Sequence[StimulusFacts], progress: Progress | None) -> dict[str, str]:
    """Name -> what equal pictures share; decoding leaves the interpreter free."""
    found = {}
    with ThreadPoolExecutor(default_workers()) as pool:
        for image, sketch in zip(
            images, pool.map(picture_sketch, [i.path for i in images]), strict=True
        ):
            found[image.name] = sketch
            if progress is not None:
                progress(len(found), len(images))
    return found


def _equal_pictures(sketches: Mapping[str, str], images: Sequence[StimulusFacts]) -> list[Problem]:
    groups = equal_pictures(sketches, {image.name: image.path for image in images})
    if not groups:
        return []
    found = "pictures of the stimuli folder are equal to each other: one map will serve them all"
    return [Problem("W101", tuple(" = ".join(names) for names in groups), found)]
