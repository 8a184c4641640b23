"""Facts of the benchmark's pictures, and what keeps others from being taken for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from benchmark_kit.errors import Problem, name_some
from benchmark_kit.leaderboards import get_board, list_boards
from benchmark_kit.leaderboards.rules import Board, Split
from benchmark_kit.packaging.checks.pixels import pixel_sha1


@dataclass(frozen=True)
class StimulusFacts:
    """One picture of the benchmark.

    Args:
        name: path below the stimuli folder, `/` between parts, without extension.
        extension: as the file has it, with the dot.
        width: pixels.
        height: pixels.
        path: the file.
        split: name of the split it belongs to; empty if to none.
    """

    name: str
    extension: str
    width: int
    height: int
    path: Path
    split: str

    @property
    def size(self) -> tuple[int, int]:
        """(height, width)."""
        return self.height, self.width

    @cached_property
    def pixel_sha1(self) -> str:
        """SHA-1 of the decoded pixels (rows, columns, channels), in hexadecimal; decodes them."""
        return pixel_sha1(self.path)

    @property
    def key(self) -> str:
        """The image's key in an HDF5 submission: its path with extension."""
        return self.name + self.extension


def differences(
    board: Board, images: Sequence[StimulusFacts], listed: Sequence[str] | None
) -> list[Problem]:
    """E101: what keeps these pictures from being the benchmark's, all in one problem.

    Args:
        board: the leaderboard.
        images: the pictures found.
        listed: names of the image list, where there is one.
    """
    notes: list[str] = []
    for split in board.splits:
        own = [image for image in images if image.split == split.name]
        notes += _split_differences(split, own)
    if strange := [image.name for image in images if not image.split]:
        notes.append(f"{len(strange)} names that are not the board's ({name_some(strange)})")
    if listed is not None:
        absent = sorted(set(listed) - {image.name for image in images})
        if absent:
            notes.append(f"{len(absent)} images of the list are absent ({name_some(absent)})")
    if not notes:
        return []
    expected = "; ".join(
        f"{split.count:,} images {split.shown}" + (f" of {_size(split.size)}" if split.size else "")
        for split in board.splits
    )
    found = f"the stimuli are not {board.title}'s: {'; '.join(notes)}"
    other = _resembles(images)
    fix = "--stimuli DIR with the benchmark's images"
    if other is not None and other.name != board.name:
        found += f"; they resemble {other.name} most"
        fix += f", or --leaderboard {other.name}"
    return [Problem("E101", (), found, expected, fix)]


def _split_differences(split: Split, own: Sequence[StimulusFacts]) -> list[str]:
    notes = []
    if len(own) != split.count:
        notes.append(f"{len(own):,} images of the {split.name} split instead of {split.count:,}")
    if split.folders and own:
        each = split.count // len(split.folders)
        counts = Counter(image.name.partition("/")[0] for image in own)
        uneven = [f"{name} {counts[name]}" for name in split.folders if counts[name] != each]
        if uneven:
            notes.append(f"folders without {each} images: {name_some(uneven)}")
    if split.size is not None:
        other = [i for i in own if (i.width, i.height) != split.size]
        shown = [f"{image.name} {image.width}x{image.height}" for image in other]
        if shown:
            notes.append(f"{len(shown)} images are not {_size(split.size)} ({name_some(shown)})")
    other_kind = [image.key for image in own if image.extension != split.extension]
    if other_kind:
        notes.append(
            f"{len(other_kind)} files are not {split.extension}, which HDF5 keys and the board's "
            f"pixels depend on ({name_some(other_kind)})"
        )
    return notes


def _size(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"


def _resembles(images: Sequence[StimulusFacts]) -> Board | None:
    """The board whose names and sizes fit most of these pictures, the closest count first."""

    def fit(board: Board) -> tuple[int, int]:
        hits = 0
        for image in images:
            split = board.split_of(image.name)
            if split is not None:
                # a picture of another size speaks for the board only half as much
                hits += 2 if split.size in (None, (image.width, image.height)) else 1
        return hits, -abs(board.count - len(images))

    # a set whose names follow no rule would take everything
    known = map(get_board, list_boards())
    boards = [board for board in known if all(split.named for split in board.splits)]
    best = max(boards, key=fit)
    return best if fit(best)[0] else None
