"""Published scores of models, and where a result would stand among those it may be compared with.

Scores are compared only with scores of the same data set, edition, split and dialect, and never
with one whose flags say that it cannot be trusted. Boards keep their fixations secret, so most
results can be compared with no published score at all; that is then said.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark_kit.errors import ConfigError
from benchmark_kit.leaderboards import get_board, list_boards
from benchmark_kit.leaderboards._saved_page import read_saved_page
from benchmark_kit.leaderboards._score_tables import score_tables
from benchmark_kit.leaderboards.rules import Published
from benchmark_kit.leaderboards.scores import Score, all_flags, all_scores

if TYPE_CHECKING:
    from benchmark_kit.results.record import Results
    from benchmark_kit.results.tables import Table

# editions of a board, not of the data: the data set itself has none
BOARD_EDITIONS = ("mit_legacy", "tuebingen", "lsun_2015")


@dataclass(frozen=True)
class Standing:
    """Where one column's value would stand in one printed table.

    Args:
        key: the column.
        label: its label.
        value: the result's mean.
        place: 1 for the best; equal scores share the better place.
        scores: the table's scores that may be compared, best first.
    """

    key: str
    label: str
    value: float
    place: int
    scores: tuple[Score, ...]

    def __str__(self) -> str:
        best = self.scores[0]
        partial = ", a partial table" if "partial_table" in best.flags else ""
        return (
            f"{self.label} {self.value:.4f}: place {self.place} beside {len(self.scores)} scores "
            f"of {best.table}{partial} (best {best.model} {best.value})"
        )


def published_rows(name: str, *, dialect: str | None = None) -> tuple[Score, ...]:
    """Published scores of a data set or board.

    Args:
        name: a data set (`"mit300"`, `"salicon"`) or a board (`"salicon2017"`).
        dialect: only scores of this dialect.

    Raises:
        ConfigError: nothing is known of this name.
    """
    plain = name.casefold()
    sets = {score.dataset.casefold() for score in all_scores()}
    boards = {board.name: board for board in map(get_board, list_boards())}
    known = sorted(sets | {name for name, board in boards.items() if board.scores})
    if plain not in {*sets, *boards}:
        near = get_close_matches(plain, known, n=1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise ConfigError(f"no published scores of {name!r}: {hint}known are {', '.join(known)}")
    wanted = Published((plain,))
    if plain not in sets:
        found = boards[plain].scores
        if found is None:
            raise ConfigError(f"no published scores of {boards[plain].title} are known here")
        wanted = found
    return tuple(
        score
        for score in all_scores()
        if score.dataset.casefold() in map(str.casefold, wanted.datasets)
        and (not wanted.editions or score.edition in wanted.editions)
        and (dialect is None or score.dialect == dialect)
    )


def published_tables(name: str) -> list[Table]:
    """The same as tables, flags explained.

    Raises:
        ConfigError: nothing is known of this name.
    """
    return score_tables(published_rows(name))


def saved_page_tables(path: str | Path, board: str | None = None) -> list[Table]:
    """Tables of a saved page of the MIT/Tuebingen board (`data.json`).

    Raises:
        InputError: not such a file.
    """
    return read_saved_page(Path(path), board)


def may_be_reference(score: Score) -> bool:
    """Whether a score has a number and no flag that forbids comparing with it."""
    flags = all_flags()
    return bool(score.value) and all(flags[flag].reference for flag in score.flags)


def standing(results: Results) -> list[Standing]:
    """Where a result's columns would stand; empty where no published score may be compared."""
    found = []
    for key, variant in results.data["variants"].items():
        value = results.metrics[key]["value"]
        metric, dialect = variant.split("@")
        if value is None or key.partition("@")[0] == "ig_map":  # not the boards' IG
            continue
        tables: dict[str, list[Score]] = {}
        for score in all_scores():
            if (score.metric, score.dialect) == (metric, dialect) and _same_data(score, results):
                tables.setdefault(score.table, []).append(score)
        if tables:
            # documents repeat each other's cells under other names: one table, the longest
            scores = max(tables.values(), key=len)
            sign = -1 if results.metrics[key]["better"] == "higher" else 1
            ordered = sorted(scores, key=lambda score: sign * float(score.value))
            place = 1 + sum(sign * float(score.value) < sign * value for score in scores)
            label = results.metrics[key]["label"]
            found.append(Standing(key, label, value, place, tuple(ordered)))
    return found


def standing_note(results: Results) -> str:
    """The standing in words, or that there is no score to compare with."""
    found = standing(results)
    if found:
        return "published: " + "; ".join(map(str, found))
    dataset = results.data["dataset"]
    name = " ".join(filter(None, [dataset["name"], dataset["edition"], dataset["split"]]))
    same = [s for s in all_scores() if s.dataset.casefold() == dataset["name"].casefold()]
    others = f"; {len(same)} of other editions, splits or dialects" if same else ""
    return f"no published scores of {name} in dialect {results.data['dialect']}{others}"


def _same_data(score: Score, results: Results) -> bool:
    """Whether a score may be a reference and is of the same data set, edition and split."""
    dataset = results.data["dataset"]
    editions = BOARD_EDITIONS if dataset["edition"] is None else (dataset["edition"],)
    return (
        may_be_reference(score)
        and score.dataset.casefold() == dataset["name"].casefold()
        and score.split == dataset["split"]
        and score.edition in editions
    )
