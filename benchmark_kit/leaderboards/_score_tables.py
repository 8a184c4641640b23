"""Published scores as tables: one for each printed table, edition and dialect, flags explained."""

from __future__ import annotations

from collections.abc import Sequence

from benchmark_kit.leaderboards.scores import Score, about_tables, all_flags
from benchmark_kit.metrics import METRICS
from benchmark_kit.results.tables import ARROWS, Table

SEEN = ("not_reported", "bracketed")  # the cell itself shows it
MARKS = "abcdefghijklmnopqrstuvwxyz"


def score_tables(scores: Sequence[Score]) -> list[Table]:
    """Tables of scores; those of another printed table, edition or dialect stand apart."""
    groups: dict[tuple[str, str, str, str], list[Score]] = {}
    for score in scores:
        key = (score.dataset, score.edition, score.dialect, score.table)
        groups.setdefault(key, []).append(score)
    return [_table(group) for group in groups.values()]


def metric_head(metric: str) -> str:
    """A metric as the head of a column: its label and which way is better."""
    if metric == "auc_unspecified":
        return "ROC area, kind not named ↑"
    facts = METRICS[metric].facts
    return f"{facts.label} {ARROWS[facts.better]}"


def _table(group: Sequence[Score]) -> Table:
    first = group[0]
    splits = list(dict.fromkeys(score.split for score in group))
    metrics = list(dict.fromkeys(score.metric for score in group))
    used = list(dict.fromkeys(flag for score in group for flag in score.flags))
    everywhere = [flag for flag in used if all(flag in score.flags for score in group)]
    marks = dict(zip((f for f in used if f not in (*everywhere, *SEEN)), MARKS, strict=False))
    cells: dict[tuple[str, str], dict[str, str]] = {}
    for score in group:
        row = cells.setdefault((score.model, score.split), {})
        mark = "".join(marks[flag] for flag in score.flags if flag in marks)
        row[score.metric] = f"{score.as_printed or '-'} {mark}".strip()
    head = ("model", "split") if len(splits) > 1 else ("model",)
    rows = [
        (*((model, split) if len(splits) > 1 else (model,)), *(row.get(m, "") for m in metrics))
        for (model, split), row in cells.items()
    ]
    facts = [
        ("data set", f"{first.dataset}, edition {first.edition}, {'/'.join(splits[:2])}"),
        ("dialect", first.dialect),
        ("table", f"{first.table} of {first.document}"),
    ]
    if len(splits) > 2:
        facts[0] = ("data set", f"{first.dataset}, edition {first.edition}")
    if first.table in about_tables():
        facts.append(("about", about_tables()[first.table]))
    notes = [f"every cell: {flag}: {all_flags()[flag].meaning}" for flag in everywhere]
    notes += [f"{mark} {flag}: {all_flags()[flag].meaning}" for flag, mark in marks.items()]
    if "bracketed" in used and "bracketed" not in everywhere:
        notes.append(f"(…) bracketed: {all_flags()['bracketed'].meaning}")
    remarks = dict.fromkeys(score.note for score in group if score.note)
    notes += [f"note: {remark}" for remark in remarks]
    return Table(tuple(facts), (*head, *map(metric_head, metrics)), tuple(rows), tuple(notes))
