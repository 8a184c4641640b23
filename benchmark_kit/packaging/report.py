"""The verdict on a submission, for people and as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benchmark_kit.errors import Problem

NOT_CHECKED = (
    "the scores: the fixations are secret",
    "maps that are upside down, mirrored, or of another image of the same size",
    "whether the model has seen the test images",
    "changes of the board's program after the date of the evidence",
)


@dataclass(frozen=True)
class Report:
    """What a check found.

    Args:
        board: name of the leaderboard.
        kind: `"maps"` or `"densities"`.
        problems: why it is refused; with `strict` warnings too, under their own codes.
        warnings: what passes and should be looked at.
        notes: what was left out or read differently, in words.
        facts: number of images and predictions, how they are stored, the board's state.
        not_checked: what cannot be told before the board has scored it.
    """

    board: str
    kind: str
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    notes: tuple[str, ...]
    facts: Mapping[str, Any]
    not_checked: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing stands against sending it."""
        return not self.problems

    def text(self) -> str:
        """The report for people: errors first, five examples each."""
        facts = self.facts
        lines = [
            f"{facts['title']} ({self.board}), {self.kind}: {facts['predictions']} of "
            f"{facts['images']} images have one"
            + (f", {facts['stored_as']}" if facts["stored_as"] else "")
        ]
        for title, found in (("refused", self.problems), ("warnings", self.warnings)):
            if found:
                lines += [f"{title}:", *(f"  {problem}" for problem in found)]
        if self.notes:
            lines += ["notes:", *(f"  {note}" for note in self.notes)]
        lines += ["not checked, because it cannot be:", *(f"  {one}" for one in self.not_checked)]
        counted = f"{len(self.problems)} problems, {len(self.warnings)} warnings"
        lines.append(f"refused: {counted}" if self.problems else f"passed: {counted}")
        return "\n".join(lines)

    def to_json(self) -> dict[str, Any]:
        """The report as plain data, with all places."""
        return {
            "kind": "validation",
            "leaderboard": self.board,
            "predictions": self.kind,
            "ok": self.ok,
            "problems": [_plain(problem) for problem in self.problems],
            "warnings": [_plain(problem) for problem in self.warnings],
            "notes": list(self.notes),
            "facts": dict(self.facts),
            "not_checked": list(self.not_checked),
        }


def _plain(problem: Problem) -> dict[str, Any]:
    return {
        "code": problem.code,
        "count": len(problem.where),
        "where": list(problem.where),
        "found": problem.found,
        "expected": problem.expected,
        "fix": problem.fix,
    }
