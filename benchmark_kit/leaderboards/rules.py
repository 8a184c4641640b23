"""What a leaderboard wants, as data; one record a board."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

KINDS = ("maps", "densities")


@dataclass(frozen=True)
class Split:
    """One set of images that a board scores.

    Args:
        name: `"test"`, `"val"`.
        count: number of images.
        pattern: regular expression of an image's name (path below the stimuli folder without its
            extension, `/` between folder and file).
        size: (width, height) of every image in pixels; None where sizes differ.
        folders: names of the folders, empty for a flat set; every folder holds the same number.
        shown: how the names look, for messages: `"i1 to i300"`.
        extension: of the images' files, with the dot; HDF5 keys carry it.
        named: names follow a rule; without one an image list has to tell them.
    """

    name: str
    count: int
    pattern: str
    size: tuple[int, int] | None
    folders: tuple[str, ...] = ()
    shown: str = ""
    extension: str = ".jpg"
    named: bool = True

    def names(self, name: str) -> bool:
        """Whether `name` may be an image of this split."""
        return re.fullmatch(self.pattern, name) is not None


@dataclass(frozen=True)
class Published:
    """Which of the published scores are a board's.

    Args:
        datasets: as the documents print them.
        editions: of the scores; empty: all.
    """

    datasets: tuple[str, ...]
    editions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Board:
    """A leaderboard's rules.

    Args:
        name: as on the command line.
        title: as people call it.
        splits: the sets of images; all are wanted in one submission.
        stores: kind -> ways to store the submission that the board takes, the default first. Known
            ways: `png8`, `png16`, `npy` (members of a zip), `jpeg` (members below one folder named
            after the model), `hdf5` (one file), `json2015` (two JSON files in a zip), `mat73`.
        members: extensions of single files that the board reads, lower case with the dot.
        containers: extensions of the file that is sent, lower case with the dot.
        state: `"open"` or `"closed"`.
        state_date: date of the evidence, year and month.
        state_source: how we know.
        metrics: what the board computes, as it calls them; empty where that is not documented.
        ranked_by: what orders its table; empty where that is not documented.
        blur: kind-of-truth Gaussian, sigma in pixels; None where the board says nothing.
        resizes: what the board does silently with a map of another size, for messages.
        source: where the rules were read.
        notes: what a sender should know.
        one_of: a submission holds one of the splits instead of all; an image list decides which.
        key_folder: folder that may stand before every HDF5 key, because it is part of the board's
            own paths; empty if none is known.
        strangers: (regular expression of names, what they are), for names that belong elsewhere,
            for instance to the training set.
    """

    name: str
    title: str
    splits: tuple[Split, ...]
    stores: Mapping[str, tuple[str, ...]]
    members: tuple[str, ...]
    containers: tuple[str, ...]
    state: str
    state_date: str
    state_source: str
    metrics: tuple[str, ...]
    ranked_by: str
    blur: float | None
    resizes: str
    source: str
    notes: tuple[str, ...] = field(default=())
    one_of: bool = False
    key_folder: str = ""
    strangers: tuple[tuple[str, str], ...] = ()
    scores: Published | None = None

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of prediction that the board takes."""
        return tuple(self.stores)

    @property
    def count(self) -> int:
        """Number of images of a whole submission; of the largest split where one is chosen."""
        counts = [split.count for split in self.splits]
        return max(counts) if self.one_of else sum(counts)

    def only(self, split: Split) -> Board:
        """The same board with one split, after the choice has been made."""
        return replace(self, splits=(split,), one_of=False)

    def stranger(self, name: str) -> str | None:
        """What a name that is no image of the board belongs to, or None if that is not known."""
        return next((what for form, what in self.strangers if re.fullmatch(form, name)), None)

    def split_of(self, name: str) -> Split | None:
        """The split an image's name belongs to, or None."""
        return next((split for split in self.splits if split.names(name)), None)

    def lines(self) -> tuple[str, ...]:
        """The rules in words, for `salbench list leaderboards -v`."""
        splits = (
            f"{split.name}: {split.count:,} images"
            + (f" of {split.size[0]}x{split.size[1]}" if split.size else "")
            + f", {split.shown}"
            for split in self.splits
        )
        stores = (f"{kind}: {', '.join(ways)}" for kind, ways in self.stores.items())
        return (
            *splits,
            *stores,
            f"files: {', '.join(self.containers)}",
            f"metrics: {', '.join(self.metrics) or 'not documented'}"
            + (f"; ranked by {self.ranked_by}" if self.ranked_by else ""),
            f"state: {self.state}, {self.state_source}",
            *((f"beware: {self.resizes}",) if self.resizes else ()),
            *self.notes,
            f"source: {self.source}",
        )
