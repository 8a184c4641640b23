"""Tables of results as text, JSON, CSV, Markdown and LaTeX; the text form parses back."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmark_kit.errors import ResultsError
from benchmark_kit.escaping import csv_cell, latex_cell, markdown_cell, visible
from benchmark_kit.html_table import html_table
from benchmark_kit.results.statistics import explained_share
from benchmark_kit.types import dropped_text

FORMATS = ("text", "json", "csv", "markdown", "latex")
ARROWS = {"higher": "↑", "lower": "↓"}
LAST_LATIN = "\u017f"  # letters up to here are in every LaTeX
BOLD = {"markdown": ("**", "**"), "latex": (r"\textbf{", "}")}
YARDSTICK_HEADS = {
    "chance": "chance",
    "centre_gaussian": "centre Gaussian",
    "centre_bias": "centre bias",
    "permutation": "permutation",
    "one_human": "one human",
    "inter_observer": "inter-observer",
}


class Strong(str):
    """A cell whose first `length` characters are set bold where that can be.

    Args:
        text: the cell.
        length: characters.
    """

    def __new__(cls, text: str, length: int) -> Strong:
        """A text that knows how much of it is bold."""
        cell = super().__new__(cls, text)
        cell.length = length  # type: ignore[attr-defined]
        return cell


@dataclass(frozen=True)
class Table:
    """A head of named facts and rows of cells; each form escapes what stands in them.

    Args:
        facts: what the numbers belong to, shown above the rows.
        columns: names of the columns.
        rows: cells as text, empty where there is no value.
        notes: lines below the rows.
    """

    facts: tuple[tuple[str, str], ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()

    def text(self) -> str:
        """Plain text that survives copy and paste: `parse` reads it back."""
        columns, *rows = ([*map(visible, row)] for row in (self.columns, *self.rows))
        widths = [max(len(row[k]) for row in (columns, *rows)) for k in range(len(columns))]
        facts = [(visible(name), visible(value)) for name, value in self.facts]
        wide = max((len(name) for name, _ in facts), default=0)
        lines = [f"{name:{wide}}  {value}" for name, value in facts]
        lines += ["", _line(columns, widths), "-+-".join("-" * width for width in widths)]
        lines += [_line(row, widths) for row in rows]
        if self.notes:
            lines += ["", *map(visible, self.notes)]
        return "\n".join(lines)

    @staticmethod
    def parse(text: str) -> Table:
        """Read back what `text` wrote.

        Raises:
            ResultsError: no table in the text.
        """
        lines = [line.rstrip() for line in text.splitlines()]
        rule = next((k for k, line in enumerate(lines) if line and not line.strip("-+")), None)
        if not rule:
            raise ResultsError("no table in this text: its rule of dashes is missing")
        end = next((k for k in range(rule, len(lines)) if not lines[k]), len(lines))
        facts = []
        for line in lines[: rule - 1]:
            if line:
                name, _, value = line.partition("  ")
                facts.append((name.strip(), value.strip()))
        return Table(
            tuple(facts),
            _cells(lines[rule - 1]),
            tuple(_cells(line) for line in lines[rule + 1 : end]),
            tuple(lines[end + 1 :]),
        )

    def markdown(self) -> str:
        """GitHub's table form, facts above."""
        head = [f"{markdown_cell(name)}: {markdown_cell(value)}  " for name, value in self.facts]
        rows = [[_set(cell, markdown_cell, "markdown") for cell in row] for row in self._lines()]
        rows.insert(1, ["---"] * len(self.columns))
        body = [f"| {' | '.join(row)} |" for row in rows]
        notes = [markdown_cell(note) for note in self.notes]
        return "\n".join([*head, "", *body, *(["", *notes] if notes else [])])

    def _lines(self) -> tuple[tuple[str, ...], ...]:
        return (self.columns, *self.rows)

    def latex(self) -> str:
        """A `tabular` for booktabs, facts as comments."""
        head = [f"% {visible(name)}: {visible(value)}" for name, value in self.facts]
        head.append(r"% needs: \usepackage{booktabs}")
        cells = "".join(cell for row in self._lines() for cell in row)
        if any(letter > LAST_LATIN and letter not in ARROWS.values() for letter in cells):
            head.append("% holds letters that pdfLaTeX may lack: compile by LuaLaTeX or XeLaTeX")
        first, *body = (
            " & ".join(_set(cell, latex_cell, "latex") for cell in row) + r" \\"
            for row in self._lines()
        )
        return "\n".join(
            [
                *head,
                rf"\begin{{tabular}}{{l{'r' * (len(self.columns) - 1)}}}",
                r"\toprule",
                first,
                r"\midrule",
                *body,
                r"\bottomrule",
                r"\end{tabular}",
            ]
        )

    def html(self) -> str:
        """What a notebook shows."""
        return html_table(self.columns, self.rows, self.facts, self.notes)

    def csv(self) -> str:
        """The rows alone, with a header line."""
        buffer = io.StringIO(newline="")
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerows([csv_cell(cell, numbers=True) for cell in row] for row in self._lines())
        return buffer.getvalue().rstrip("\n")


def render(data: Mapping[str, Any], form: str) -> str:
    """Results in one of `FORMATS`; JSON is the whole results file."""
    if form == "json":
        return json.dumps(data, indent=1, sort_keys=True, allow_nan=False)
    return getattr(evaluation_table(data), form)()


def evaluation_table(data: Mapping[str, Any]) -> Table:
    """The table of an evaluation: one row a metric."""
    yardsticks = [kind for kind in YARDSTICK_HEADS if kind in data["yardsticks"]]
    level = data["bootstrap"]["level"] if data["bootstrap"]["n"] else None
    columns = ["key", "metric", "dialect", "better", "value"]
    if level is not None:
        columns += [f"{100 * level:g} % low", "high"]
    columns += ["n", *(YARDSTICK_HEADS[kind] for kind in yardsticks)]
    explained = "inter_observer" in yardsticks and "chance" in yardsticks
    if explained:
        columns.append("explained")
    rows = []
    for key in data["metrics"]:
        entry = data["metrics"][key]
        row = [
            key,
            entry["label"],
            entry["dialect"],
            ARROWS[entry["better"]],
            _number(entry["value"]),
        ]
        if level is not None:
            row += [_number(entry["low"]), _number(entry["high"])]
        row.append(str(entry["n"]))
        marks = [data["yardsticks"][kind][key]["value"] for kind in yardsticks]
        row += [_number(mark) for mark in marks]
        if explained:
            chance = data["yardsticks"]["chance"][key]["value"]
            top = data["yardsticks"]["inter_observer"][key]["value"]
            row.append(_share(entry["value"], chance, top))
        rows.append(tuple(row))
    notes = [warning_line(warning) for warning in data["warnings"]]
    if explained:
        notes.append("explained = (value - chance) / (inter-observer - chance)")
    return Table(_facts(data), tuple(columns), tuple(rows), tuple(notes))


def _dropped(data: Mapping[str, Any]) -> list[tuple[str, str]]:
    """How many points the data set's reader left out and why, if it did."""
    fixations = data.get("fixations", {})
    if not any(fixations.get("dropped", {}).values()):
        return []
    return [("dropped", f"fixations: {dropped_text(fixations['dropped'], fixations['kept'])}")]


def warning_line(warning: Mapping[str, Any]) -> str:
    """A warning of the results in one line."""
    places = f" ({warning['count']}: {', '.join(warning['examples'])})" if warning["count"] else ""
    fix = f" Fix: {warning['fix']}" if warning["fix"] else ""
    return f"{warning['code']} {warning['text']}{places}{fix}"


def maps_fact(data: Mapping[str, Any]) -> str:
    """Which maps were scored, in words."""
    maps = data["maps"]
    return f"{maps['source']}, {maps['stored_as']}, {maps['fingerprint'][:23]}"


def _facts(data: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    dataset, maps = data["dataset"], data["maps"]
    name = " ".join(filter(None, [dataset["name"], dataset["edition"], dataset["split"]]))
    facts = [
        (
            "data set",
            f"{name}, {dataset['points']}, {dataset['scored']} of {dataset['images']} images",
        ),
        ("truth", dataset["fingerprint"][:23]),
        *_dropped(data),
        ("maps", maps_fact(data)),
    ]
    if maps["resized"]:
        facts.append(("resized", f"{maps['resized']['count']} maps by {maps['resized']['kernel']}"))
    facts += [(f"density {d}", text) for d, text in sorted(dataset["density"].items())]
    if data["ig_baseline"]:
        facts.append(("IG baseline", data["ig_baseline"]))
    for key, entry in sorted(data["negatives"].items()):
        facts.append((f"negatives {key}", f"{entry['images']} images of the data set"))
    software = data["made"]["software"]["keras-saliency"]
    facts.append(
        ("version", f"{software}, numbers {data['made']['numbers_version']}, seed {data['seed']}")
    )
    facts += [("note", note) for note in dataset["notes"]]
    return tuple(facts)


def _number(value: float | None) -> str:
    if value is None:
        return ""
    shown = f"{value:.4f}"
    return "0.0000" if shown == "-0.0000" else shown


def _share(value: float | None, chance: float | None, top: float | None) -> str:
    share = explained_share(value, chance, top)
    return "" if share is None else f"{100 * share:.0f} %"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return " | ".join(
        f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True)
    ).rstrip()


def _cells(line: str) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in (line + " ").split(" | "))  # the last may be empty


def _set(cell: str, escape: Callable[[str], str], form: str) -> str:
    """A cell in a form, with its bold part."""
    if not isinstance(cell, Strong):
        return escape(cell)
    length: int = cell.length  # type: ignore[attr-defined]
    before, after = BOLD[form]
    return f"{before}{escape(cell[:length])}{after}{escape(cell[length:])}"
