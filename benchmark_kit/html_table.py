"""A table as HTML, the form in which notebooks show our records."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from benchmark_kit.escaping import visible

STRONG = "font-weight:bold;text-align:left"


def html_table(
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    facts: Iterable[tuple[str, str]] = (),
    notes: Iterable[str] = (),
    title: str = "",
) -> str:
    """Rows under their heads, with facts above them and notes below; everything is escaped.

    Args:
        columns: heads; none: no row of heads.
        rows: cells as text.
        facts: name and value, a line each, folded away where there are rows.
        notes: a line each.
        title: above it all.
    """
    shown = [[_text(cell) for cell in row] for row in rows]
    parts = [f"<p><strong>{_text(title)}</strong></p>"] if title else []
    named = "".join(
        f'<tr><th style="{STRONG}">{_text(name)}</th>'
        f'<td style="text-align:left">{_text(value)}</td></tr>'
        for name, value in facts
    )
    if named and shown:
        parts.append(f"<details><summary>facts</summary><table>{named}</table></details>")
    elif named:
        parts.append(f"<table>{named}</table>")
    if shown or not named:
        heads = "".join(f"<th>{_text(column)}</th>" for column in columns)
        head = f"<thead><tr>{heads}</tr></thead>" if heads else ""
        body = "".join("<tr>" + "".join(f"<td>{c}</td>" for c in row) + "</tr>" for row in shown)
        parts.append(f"<table>{head}<tbody>{body}</tbody></table>")
    parts += [f"<p>{_text(note)}</p>" for note in notes]
    return "".join(parts)


def _text(text: str) -> str:
    return escape(visible(str(text)))
