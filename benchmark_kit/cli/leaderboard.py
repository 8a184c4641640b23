"""`salbench leaderboard`."""

from __future__ import annotations

from pathlib import Path

import click

from benchmark_kit.console.options import TABLES, format_option


@click.command(
    epilog="""\b
Examples:
  salbench leaderboard mit300
  salbench leaderboard salicon2017 --format csv
  salbench leaderboard --import data.json
"""
)
@click.argument("name", required=False)
@click.option(
    "--import",
    "page",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Print a saved data.json of the MIT/Tuebingen board instead.",
)
@format_option(*TABLES)
def command(name: str | None, page: Path | None, form: str) -> None:
    """Print published scores of a data set or board NAME, flags explained.

    Scores of different tables, editions and dialects stand apart, because they do not compare. The
    scores are those of a few documents and saved pages, digits as printed: not a board's present
    ranking.
    """
    import json

    from benchmark_kit.errors import ConfigError
    from benchmark_kit.files import refuse_missing
    from benchmark_kit.leaderboards.published import (
        published_rows,
        published_tables,
        saved_page_tables,
    )

    if page is None and name is None:
        raise ConfigError("whose scores? Fix: salbench leaderboard mit300, or --import FILE")
    if page is not None:
        refuse_missing([page])
        tables = saved_page_tables(page, name)
    else:
        assert name is not None
        tables = published_tables(name)
        if form in ("json", "csv"):
            rows = [score.plain() for score in published_rows(name)]
            click.echo(json.dumps(rows, indent=1) if form == "json" else _csv(rows))
            return
    if form == "json":
        found = [
            {
                "facts": dict(table.facts),
                "rows": [dict(zip(table.columns, row, strict=True)) for row in table.rows],
            }
            for table in tables
        ]
        click.echo(json.dumps(found, indent=1))
    else:
        click.echo("\n\n".join(getattr(table, form)() for table in tables))


def _csv(rows: list[dict]) -> str:
    import csv
    import io

    from benchmark_kit.escaping import csv_cell

    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(buffer, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    for row in rows:
        texts = {**row, "flags": ";".join(row["flags"])}
        writer.writerow(
            {key: csv_cell(cell) if isinstance(cell, str) else cell for key, cell in texts.items()}
        )
    return buffer.getvalue().rstrip("\n")
